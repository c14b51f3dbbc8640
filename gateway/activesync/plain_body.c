#include <gateway/activesync/plain_body.h>

#include <base/buf.h>
#include <gateway/content/html_text.h>

enum { TYPE_PLAIN = 1, TYPE_HTML = 2, TYPE_MIME = 4 };
enum { GROWTH_MAX = 4 }; /* of HTML that becomes plain text */

enum err plain_body_parse(struct wbxml_reader *r, struct arena *a, size_t max, struct str *ret)
{
	struct wbxml_scope scope = wbxml_enter(r);
	CLEANUP(buf_release) struct buf text = BUF_INIT(max * GROWTH_MAX);
	struct html_text h;
	uint64_t type = TYPE_PLAIN;
	enum err bad = ERR_OK;

	while (wbxml_child(r, &scope, &bad))
		if (r->tag == TAG_AIRSYNCBASE_TYPE)
			TRY(wbxml_u64(r, TYPE_PLAIN, TYPE_MIME, &type));
		else if (r->tag == TAG_AIRSYNCBASE_DATA)
			TRY(wbxml_text(r, ret));
		else
			TRY(wbxml_skip(r));
	TRY(bad);
	if (ret->n > max)
		return ERR_LIMIT;
	if (type != TYPE_HTML)
		return ERR_OK;
	html_text_init(&h, true);
	html_text_put(&h, &text, *ret);
	html_text_finish(&h, &text);
	TRY(buf_status(&text));
	return arena_str(a, buf_view(&text), ret);
}
