/* ServerIds and CollectionIds. */
#include <gateway/activesync/server_id.h>

#include <assert.h>

static void put_number(char *to, size_t *n, int64_t v)
{
	char digits[20];
	size_t at = sizeof(digits);

	assert(v > 0);
	do
		digits[--at] = (char)('0' + v % 10);
	while (v /= 10);
	memcpy(to + *n, digits + at, sizeof(digits) - at);
	*n += sizeof(digits) - at;
}

struct server_id server_id_folder(int64_t folder)
{
	struct server_id id;
	size_t n = 0;

	put_number(id.text, &n, folder);
	id.text[n] = '\0';
	return id;
}

struct server_id server_id_item(int64_t folder, int64_t item)
{
	struct server_id id;
	size_t n = 0;

	put_number(id.text, &n, folder);
	id.text[n++] = ':';
	put_number(id.text, &n, item);
	id.text[n] = '\0';
	return id;
}

/* A number as we write it: no sign, no leading zero, so that a name has one spelling. */
static enum err parse_number(struct str text, int64_t *ret)
{
	uint64_t v;

	if (text.n == 0 || text.p[0] == '0' || str_to_u64(text, INT64_MAX, &v))
		return ERR_NOT_FOUND;
	*ret = (int64_t)v;
	return ERR_OK;
}

enum err server_id_parse_folder(struct str text, int64_t *ret)
{
	return parse_number(text, ret);
}

enum err server_id_parse_long(struct str text, int64_t *ret_item)
{
	return parse_number(text, ret_item);
}

enum err server_id_parse_item(struct str text, int64_t *ret_folder, int64_t *ret_item)
{
	size_t colon = str_index(text, ':');
	int64_t folder, item;

	if (colon == text.n)
		return ERR_NOT_FOUND;
	TRY(parse_number(str_slice(text, 0, colon), &folder));
	TRY(parse_number(str_slice(text, colon + 1, text.n), &item));
	*ret_folder = folder;
	*ret_item = item;
	return ERR_OK;
}
