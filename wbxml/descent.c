/* What recursive-descent parsers say to the reader: this root, these children, a text, a number, done. */
#include <wbxml/wbxml.h>

#include <assert.h>

enum err wbxml_root(struct wbxml_reader *r, enum wbxml_tag tag)
{
	return wbxml_next(r) == WBXML_START && r->tag == tag ? ERR_OK : ERR_INVALID;
}

enum err wbxml_done(struct wbxml_reader *r)
{
	return wbxml_next(r) == WBXML_DONE ? ERR_OK : ERR_INVALID;
}

enum err wbxml_skip(struct wbxml_reader *r)
{
	unsigned depth = r->depth;

	if (r->empty)
		return ERR_OK;
	for (;;) {
		enum wbxml_event event = wbxml_next(r);

		if (event == WBXML_BAD)
			return ERR_INVALID;
		if (event == WBXML_END && r->depth == depth)
			return ERR_OK;
	}
}

enum err wbxml_text(struct wbxml_reader *r, struct str *ret)
{
	struct str text = STR_EMPTY;
	enum wbxml_event event;

	if (r->empty) {
		*ret = text;
		return ERR_OK;
	}
	while ((event = wbxml_next(r)) == WBXML_TEXT) {
		if (r->text.n == 0)
			continue;
		if (text.n > 0)
			return ERR_INVALID;
		text = r->text;
	}
	if (event != WBXML_END)
		return ERR_INVALID;
	*ret = text;
	return ERR_OK;
}

enum err wbxml_u64(struct wbxml_reader *r, uint64_t min, uint64_t max, uint64_t *ret)
{
	struct str text;
	uint64_t v;

	TRY(wbxml_text(r, &text));
	TRY(str_to_u64(text, max, &v));
	if (v < min)
		return ERR_LIMIT;
	*ret = v;
	return ERR_OK;
}

enum err wbxml_bool(struct wbxml_reader *r, bool *ret)
{
	struct str text;

	TRY(wbxml_text(r, &text));
	if (text.n > 1 || (text.n == 1 && text.p[0] != '0' && text.p[0] != '1'))
		return ERR_INVALID;
	*ret = text.n == 0 || text.p[0] == '1';
	return ERR_OK;
}

struct wbxml_scope wbxml_enter(const struct wbxml_reader *r)
{
	return (struct wbxml_scope){ .depth = r->depth, .empty = r->empty };
}

bool wbxml_child(struct wbxml_reader *r, const struct wbxml_scope *scope, enum err *err)
{
	enum wbxml_event event;

	if (*err || scope->empty)
		return false;
	event = wbxml_next(r);
	if (event == WBXML_START) {
		assert(r->depth == scope->depth + 1);
		return true;
	}
	if (event != WBXML_END) {
		*err = ERR_INVALID;
		return false;
	}
	assert(r->depth == scope->depth);
	return false;
}
