/* Folding of texts, on the tables of utf8proc. */
#include <gateway/content/fold.h>

#include <base/utf8.h>

#include <utf8proc.h>

enum {
	EXPANSION_MAX = 32, /* characters that one becomes; Unicode's longest has 18 */
	VOICED_SOUND_MARK = 0x3099,
	SEMI_VOICED_SOUND_MARK = 0x309a,
};

static void put_code(struct fold *f, struct buf *out, uint32_t code)
{
	if (f->blank && f->any)
		buf_char(out, ' ');
	f->blank = false;
	f->any = true;
	utf8_put(out, code);
}

static bool is_blank(utf8proc_category_t category)
{
	return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
	       category == UTF8PROC_CATEGORY_ZP || category == UTF8PROC_CATEGORY_CC;
}

static bool is_mark(utf8proc_category_t category)
{
	return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME;
}

static void put_decomposed(struct fold *f, struct buf *out, utf8proc_int32_t code)
{
	utf8proc_category_t category = utf8proc_category(code);

	if (is_blank(category))
		f->blank = true;
	else if (!is_mark(category) || code == VOICED_SOUND_MARK || code == SEMI_VOICED_SOUND_MARK)
		put_code(f, out, (uint32_t)code);
}

static void put_any(struct fold *f, struct buf *out, uint32_t code)
{
	static const utf8proc_option_t options =
		UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
	utf8proc_int32_t codes[EXPANSION_MAX];
	int last_boundclass = UTF8PROC_BOUNDCLASS_START;
	utf8proc_ssize_t n =
		utf8proc_decompose_char((utf8proc_int32_t)code, codes, EXPANSION_MAX, options, &last_boundclass);

	if (n < 0 || n > EXPANSION_MAX) /* no character: not assigned, or a surrogate */
		f->blank = true;
	else
		for (utf8proc_ssize_t i = 0; i < n; i++)
			put_decomposed(f, out, codes[i]);
}

static void put_ascii(struct fold *f, struct buf *out, char c)
{
	if (c <= ' ' || c == 0x7f)
		f->blank = true;
	else
		put_code(f, out, (unsigned char)ascii_lower(c));
}

void fold_put(struct fold *f, struct buf *out, struct str s)
{
	for (size_t at = 0; at < s.n;) {
		uint32_t code;
		size_t n;

		if ((unsigned char)s.p[at] < 0x80) {
			put_ascii(f, out, s.p[at++]);
			continue;
		}
		n = utf8_decode(str_slice(s, at, s.n), &code);
		if (n)
			put_any(f, out, code);
		else
			f->blank = true;
		at += n ? n : 1;
	}
}

void fold_text(struct buf *out, struct str s)
{
	struct fold f = { 0 };

	fold_put(&f, out, s);
}
