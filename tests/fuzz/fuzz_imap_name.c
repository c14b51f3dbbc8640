/*
 * Mailbox names: a name that can be decoded has this one form; a level survives its escapes; a pattern that is the name
 * matches it, and so does the name with a part of it put as '*'.
 */
#include <gateway/imap/name.h>

#include <base/utf8.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_utf7(struct str coded)
{
	struct buf name = BUF_INIT(1 << 16), back = BUF_INIT(1 << 16);

	if (imap_utf7_decode(&name, coded) == ERR_OK) {
		check(utf8_valid(buf_view(&name)));
		imap_utf7_encode(&back, buf_view(&name));
		check(str_eq(buf_view(&back), coded));
	}
	buf_release(&name);
	buf_release(&back);
}

static void check_level(struct str level)
{
	struct buf shown = BUF_INIT(1 << 16), back = BUF_INIT(1 << 16);

	imap_level_put(&shown, level);
	check(str_index(buf_view(&shown), IMAP_DELIMITER) == shown.n);
	imap_level_read(&back, buf_view(&shown));
	check(str_eq(buf_view(&back), level));
	buf_release(&shown);
	buf_release(&back);
}

static void check_pattern(struct str name)
{
	unsigned long steps = 1 << 20;
	struct buf pattern = BUF_INIT(1 << 16);
	size_t cut = name.n ? (unsigned char)name.p[0] % name.n : 0;

	check(imap_pattern_matches(name, name, &steps) || str_index(name, '*') < name.n ||
	      str_index(name, '%') < name.n);
	buf_char(&pattern, '*');
	buf_str(&pattern, str_slice(name, cut, name.n));
	if (str_index(name, '*') == name.n && str_index(name, '%') == name.n)
		check(imap_pattern_matches(buf_view(&pattern), name, &steps));
	buf_release(&pattern);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str s = str_from(data, size);

	if (size > 1000)
		return 0;
	check_utf7(s);
	if (size)
		check_level(s);
	check_pattern(s);
	return 0;
}
