/*
 * HTTP's text and packed bodies. A head is found at the same place whole and byte by byte; decoding only shortens and
 * yields no NUL; what unpacks, packs and unpacks to itself, and never passes its ceiling.
 */
#include <gateway/http/http_priv.h>
#include <gateway/http/wire.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CEILING = 64 * 1024 };

static void head(struct str in)
{
	size_t whole = 0, by_byte = 0, length = wire_head_length(in, &whole), got = 0;

	for (size_t n = 0; n <= in.n && !got; n++)
		got = wire_head_length(str_slice(in, 0, n), &by_byte);
	if (got != length || length > in.n)
		abort();
}

static void target(struct str in)
{
	struct str value = wire_query_value(in, S("user"));
	char *copy = malloc(in.n + 1);
	size_t n = in.n;

	if (!copy)
		return;
	if (in.n)
		memcpy(copy, in.p, in.n);
	if (!wire_percent_decode(copy, &n) && (n > in.n || memchr(copy, '\0', n)))
		abort();
	if (value.p && (value.p < in.p || value.p + value.n > in.p + in.n))
		abort();
	if (wire_list_has(in, S("gzip")) && str_ifind(in, S("gzip")) == in.n)
		abort();
	free(copy);
}

static void packed(struct str in)
{
	struct buf plain = BUF_INIT(CEILING), gz = BUF_INIT(2 * CEILING), back = BUF_INIT(CEILING);

	if (!gzip_unpack(in, &plain)) {
		if (plain.n > CEILING || gzip_pack(buf_view(&plain), &gz) || gzip_unpack(buf_view(&gz), &back) ||
		    !str_eq(buf_view(&plain), buf_view(&back)))
			abort();
	}
	buf_release(&plain);
	buf_release(&gz);
	buf_release(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = str_from(data, size);

	head(in);
	target(in);
	packed(in);
	return 0;
}
