/* UTF-8: what is made valid is valid, valid text is left alone, and the XML filter leaves only what XML can carry. */
#include <base/utf8.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_xml_safe(struct str s)
{
	uint32_t code;

	for (size_t at = 0, n; at < s.n; at += n) {
		n = utf8_decode(str_slice(s, at, s.n), &code);
		check(n > 0 && utf8_is_xml_char(code));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = str_from(data, size);
	struct buf lossy = BUF_INIT(size * 3), xml = BUF_INIT(size * 3); /* U+FFFD for every byte at worst */

	utf8_put_lossy(&lossy, in);
	utf8_put_xml_safe(&xml, in);
	check(buf_status(&lossy) == ERR_OK && buf_status(&xml) == ERR_OK);
	check(utf8_valid(buf_view(&lossy)));
	check(utf8_valid(in) == str_eq(in, buf_view(&lossy)));
	check_xml_safe(buf_view(&xml));
	for (size_t max = 0; max <= lossy.n; max++)
		check(utf8_valid(utf8_prefix(buf_view(&lossy), max)));
	buf_release(&lossy);
	buf_release(&xml);
	return 0;
}
