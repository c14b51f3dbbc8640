/*
 * Header readers on any octets: text and names are UTF-8 without line ends; an address that is written reads back; a
 * date that is found is inside its bounds.
 */
#include <base/utf8.h>

#include <gateway/content/header.h>

#include <assert.h>

enum { ARENA_MAX = 64 * 1024 * 1024, TEXT_MAX = 16 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(struct str s)
{
	assert(utf8_valid(s));
	assert(str_index(s, '\n') == s.n && str_index(s, '\r') == s.n && str_index(s, '\0') == s.n);
}

static void check_text(struct str in)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(TEXT_MAX);

	header_text(&out, in);
	assert(buf_status(&out) == ERR_OK);
	check_line(buf_view(&out));
}

/* What was read of an address, written and read again, is the same. */
static void check_address(struct arena *a, const struct header_address *addr)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(TEXT_MAX);
	struct header_address *again;
	enum err e;
	size_t n;

	check_line(addr->name);
	check_line(addr->local);
	check_line(addr->domain);
	check_line(addr->group);
	header_address_put(&text, addr);
	assert(buf_status(&text) == ERR_OK);
	e = header_addresses(a, buf_view(&text), &again, &n);
	assert(e == ERR_OK);
}

static void check_addresses(struct str in)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
	struct header_address *list;
	size_t n;
	enum err e = header_addresses(&a, in, &list, &n);

	assert(e == ERR_OK);
	for (size_t i = 0; i < n && i < 16; i++)
		check_address(&a, &list[i]);
}

static void check_params(struct str in)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
	struct header_param *params;
	struct str value;
	size_t n;
	enum err e = header_params(&a, in, &value, &params, &n);

	assert(e == ERR_OK && n <= HEADER_PARAMS_MAX);
	for (size_t i = 0; i < n; i++) {
		assert(params[i].value.n <= HEADER_PARAM_VALUE_MAX);
		check_line(params[i].value);
	}
}

static void check_date(struct str in)
{
	int64_t ms;

	if (header_date(in, &ms) == ERR_OK)
		assert(ms > -2208988800000 - 86400000 && ms < 253402300800000 + 86400000);
}

static void check_ids_and_fields(struct str in)
{
	struct str rest = in, id;
	struct header_field f;

	while (header_msgid_next(&rest, &id))
		assert(str_starts(id, S("<")) && str_ends(id, S(">")));
	rest = in;
	while (header_next(&rest, &f))
		assert(f.name.n > 0 && str_index(f.name, ':') == f.name.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = str_from(data, size);

	check_text(in);
	check_addresses(in);
	check_params(in);
	check_date(in);
	check_ids_and_fields(in);
	return 0;
}
