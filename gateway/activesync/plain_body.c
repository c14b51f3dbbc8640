#include <gateway/activesync/plain_body.h>

#include <gateway/content/html_text.h>

enum { TYPE_PLAIN = 1, TYPE_HTML = 2, TYPE_MIME = 4 };
enum { GROWTH_MAX = 4 }; /* of HTML that becomes plain text */

enum err plain_body_parse(struct wbxml_reader *r, struct arena *a, size_t max, struct str *ret)
{
	struct wbxml_scope scope = wbxml_enter(r);
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
	return type == TYPE_HTML ? html_text_of(a, *ret, max * GROWTH_MAX, ret) : ERR_OK;
}
