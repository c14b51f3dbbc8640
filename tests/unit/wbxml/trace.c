#include "trace.h"

#include <base/utf8.h>

#include <stdlib.h>

struct str exact_copy(struct str s)
{
	char *p = malloc(s.n ? s.n : 1);

	if (!p)
		abort();
	if (s.n)
		memcpy(p, s.p, s.n);
	return str_from(p, s.n);
}

void exact_release(struct str *s)
{
	free((void *)(uintptr_t)s->p);
}

static void trace_text(struct buf *out, const struct wbxml_reader *r)
{
	if (r->opaque) {
		buf_char(out, '#');
		buf_hex(out, r->text.p, r->text.n);
		buf_char(out, '#');
	} else {
		buf_char(out, '\'');
		buf_str(out, r->text);
		buf_char(out, '\'');
	}
}

static void trace_tag(struct buf *out, const char *before, const struct wbxml_reader *r, const char *after)
{
	buf_cstr(out, before);
	buf_str(out, wbxml_tag_name(r->tag));
	buf_cstr(out, after);
}

void trace(struct str doc, struct buf *out, struct wbxml_reader *r)
{
	static const char *const reasons[] = {
		[WBXML_OK] = "ok",
		[WBXML_TRUNCATED] = "truncated",
		[WBXML_TOO_DEEP] = "deep",
		[WBXML_TOO_MANY_ELEMENTS] = "many",
		[WBXML_UNKNOWN_TAG] = "unknown",
		[WBXML_UNSUPPORTED] = "unsupported",
		[WBXML_NOT_UTF8] = "utf8",
		[WBXML_MALFORMED] = "malformed",
	};
	CLEANUP(exact_release) struct str copy = exact_copy(doc);
	enum wbxml_event event;

	wbxml_reader_init(r, copy);
	while ((event = wbxml_next(r)) < WBXML_DONE) {
		if (event == WBXML_START)
			trace_tag(out, "<", r, r->empty ? "/>" : ">");
		else if (event == WBXML_END)
			trace_tag(out, "</", r, ">");
		else
			trace_text(out, r);
	}
	buf_cstr(out, reasons[r->why]);
	if (event == WBXML_BAD)
		buf_fmt(out, "@%zu", r->at);
}

/* An element whose START has been read but not written: what follows decides whether it holds text or children. */
struct rewrite {
	struct wbxml_writer w;
	struct buf text;
	uint16_t pending; /* 0: none */
	bool opaque;
};

static bool rewrite_start(struct rewrite *x, const struct wbxml_reader *r)
{
	if (x->text.n > 0)
		return false;
	if (x->pending)
		wbxml_open(&x->w, x->pending);
	x->pending = r->empty ? 0 : r->tag;
	x->opaque = false;
	if (r->empty)
		wbxml_empty(&x->w, r->tag);
	return true;
}

static bool rewrite_end(struct rewrite *x, const struct wbxml_reader *r)
{
	if (!x->pending && x->text.n > 0)
		return false;
	if (!x->pending)
		wbxml_close(&x->w, r->tag);
	else if (x->opaque && x->text.n > 0) /* nothing is an empty element, in XML too */
		wbxml_put_opaque(&x->w, r->tag, buf_view(&x->text));
	else
		wbxml_put_text(&x->w, r->tag, buf_view(&x->text));
	x->pending = 0;
	buf_clear(&x->text);
	return true;
}

static bool rewrite_text(struct rewrite *x, const struct wbxml_reader *r)
{
	/* Mended here already: text of which nothing remains is an empty element, to the writer too. */
	if (r->opaque)
		buf_str(&x->text, r->text);
	else
		utf8_put_xml_safe(&x->text, r->text);
	x->opaque |= r->opaque;
	return true;
}

bool rewrite(struct str doc, struct buf *out)
{
	static bool (*const writers[])(struct rewrite *, const struct wbxml_reader *) = {
		[WBXML_START] = rewrite_start,
		[WBXML_TEXT] = rewrite_text,
		[WBXML_END] = rewrite_end,
	};
	struct rewrite x = { .text = BUF_INIT(doc.n) };
	enum wbxml_event event;
	struct wbxml_reader r;
	bool ok = true;

	wbxml_reader_init(&r, doc);
	wbxml_writer_init(&x.w, out);
	while (ok && (event = wbxml_next(&r)) < WBXML_DONE)
		ok = writers[event](&x, &r);
	buf_release(&x.text);
	return ok && event == WBXML_DONE && wbxml_writer_end(&x.w) == ERR_OK;
}
