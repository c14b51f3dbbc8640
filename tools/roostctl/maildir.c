#include <tools/roostctl/maildir.h>

#include <base/base64.h>
#include <base/utf8.h>
#include <store/item.h>

/* Seconds in names: of 1990 to 2100; other numbers are no times. */
#define TIME_MIN_S INT64_C(631152000)
#define TIME_MAX_S INT64_C(4102444800)

enum { MS_PER_S = 1000, ENCODED_MAX = 4096 };

/* T is a mail that is deleted once the folder is expunged: it is kept, with the flag that says the same to IMAP. */
static const struct {
	char letter;
	unsigned flag;
} letters[] = {
	{ 'D', ITEM_DRAFT },    { 'F', ITEM_FLAGGED }, { 'P', ITEM_FORWARDED },
	{ 'R', ITEM_ANSWERED }, { 'S', ITEM_SEEN },    { 'T', ITEM_DELETED },
};

static unsigned flags_of(struct str info)
{
	unsigned flags = 0;

	for (size_t i = 0; i < info.n; i++)
		for (size_t j = 0; j < countof(letters); j++)
			if (info.p[i] == letters[j].letter)
				flags |= letters[j].flag;
	return flags;
}

struct maildir_name maildir_name_parse(struct str name)
{
	struct maildir_name parsed = { 0 };
	size_t info = str_find(name, S(":2,")), digits = 0;
	int64_t seconds;

	if (info < name.n)
		parsed.flags = flags_of(str_slice(name, info + 3, name.n));
	while (digits < name.n && name.p[digits] >= '0' && name.p[digits] <= '9')
		digits++;
	if (str_to_i64(str_slice(name, 0, digits), &seconds) == ERR_OK && seconds >= TIME_MIN_S &&
	    seconds <= TIME_MAX_S)
		parsed.time_ms = seconds * MS_PER_S;
	return parsed;
}

/* UTF-16BE as UTF-8; false where it is none. */
static bool put_utf16(struct buf *b, struct str units)
{
	for (size_t i = 0; i + 1 < units.n; i += 2) {
		const unsigned char *u = (const unsigned char *)units.p + i;
		uint32_t code = (uint32_t)u[0] << 8 | u[1], low;

		if (code >= 0xdc00 && code <= 0xdfff)
			return false;
		if (code >= 0xd800 && code <= 0xdbff) {
			if (i + 3 >= units.n)
				return false;
			low = (uint32_t)u[2] << 8 | u[3];
			if (low < 0xdc00 || low > 0xdfff)
				return false;
			code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
			i += 2;
		}
		utf8_put(b, code);
	}
	return units.n % 2 == 0;
}

/* What stands between '&' and '-': base64 with ',' for '/' and without padding; empty for a '&' itself. */
static bool put_encoded(struct buf *b, struct str text)
{
	struct buf plain = BUF_INIT(ENCODED_MAX), units = BUF_INIT(ENCODED_MAX);
	bool ok;

	if (text.n == 0) {
		buf_char(b, '&');
		return true;
	}
	for (size_t i = 0; i < text.n; i++)
		buf_char(&plain, text.p[i] == ',' ? '/' : text.p[i]);
	while (plain.n % 4)
		buf_char(&plain, '=');
	ok = base64_decode(&units, buf_view(&plain)) == ERR_OK && put_utf16(b, buf_view(&units));
	buf_release(&plain);
	buf_release(&units);
	return ok;
}

static bool put_decoded(struct buf *b, struct str name)
{
	while (name.n > 0) {
		size_t amp = str_index(name, '&'), end;

		buf_str(b, str_slice(name, 0, amp));
		name = str_slice(name, amp + 1, name.n);
		if (name.n == 0)
			break;
		end = str_index(name, '-');
		if (end == name.n || !put_encoded(b, str_slice(name, 0, end)))
			return false;
		name = str_slice(name, end + 1, name.n);
	}
	return true;
}

void maildir_folder_decode(struct buf *b, struct str name)
{
	size_t before = b->n;

	if (str_ends(name, S("&")) || !put_decoded(b, name) || !utf8_valid(str_slice(buf_view(b), before, b->n))) {
		buf_truncate(b, before);
		utf8_put_lossy(b, name);
	}
}
