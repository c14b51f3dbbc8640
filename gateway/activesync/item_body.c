/* Changes with the form in which bodies of contacts, tasks and notes are told and taken. */
#include <gateway/activesync/item_body.h>

#include <gateway/activesync/multipart.h>
#include <gateway/content/html_text.h>
#include <gateway/content/text_html.h>

#include <base/utf8.h>

/* Line ends as phones want them. */
static void put_crlf(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\n' && (i == 0 || text.p[i - 1] != '\r'))
			buf_char(out, '\r');
		buf_char(out, text.p[i]);
	}
}

enum body_type item_body_type(const struct item_view *v, bool has_html)
{
	const struct eas_options *o = v->options;

	if (v->version < EAS_12_0 || !o->body[BODY_HTML].asked)
		return BODY_PLAIN;
	return !o->body[BODY_PLAIN].asked || has_html ? BODY_HTML : BODY_PLAIN;
}

struct str item_body_cut(const struct item_view *v, enum body_type type, struct str whole)
{
	const struct body_preference *p = &v->options->body[type];

	if (!p->asked || whole.n <= p->truncation)
		return whole;
	return p->all_or_none ? STR_EMPTY : utf8_prefix(whole, p->truncation);
}

static void put_flat(struct wbxml_writer *w, const struct item_body_flat *flat, struct str whole, struct str given)
{
	if (whole.n == 0)
		return;
	if (flat->truncated && given.n < whole.n)
		wbxml_put_bool(w, flat->truncated, true);
	if (flat->size)
		wbxml_put_u64(w, flat->size, whole.n);
	wbxml_put_text(w, flat->body, given);
}

void item_body_put_base(struct wbxml_writer *w, const struct item_view *v, enum body_type type, struct str whole,
			struct str given)
{
	wbxml_open(w, TAG_AIRSYNCBASE_BODY);
	wbxml_put_u64(w, TAG_AIRSYNCBASE_TYPE, type);
	wbxml_put_u64(w, TAG_AIRSYNCBASE_ESTIMATEDDATASIZE, whole.n);
	if (given.n < whole.n)
		wbxml_put_bool(w, TAG_AIRSYNCBASE_TRUNCATED, true);
	if (v->parts) { /* MS-ASCMD_R3631 */
		buf_str(&v->parts->octets, given);
		wbxml_put_u64(w, TAG_ITEMOPERATIONS_PART, eas_parts_close(v->parts));
	} else if (given.n) {
		wbxml_put_text(w, TAG_AIRSYNCBASE_DATA, given);
	}
	wbxml_close(w, TAG_AIRSYNCBASE_BODY);
}

enum err item_body_put(struct wbxml_writer *w, const struct item_view *v, const struct item_body_flat *flat,
		       const struct item_body *body)
{
	CLEANUP(buf_release) struct buf whole = BUF_INIT(ITEM_BODY_MAX_BYTES * 6u);
	const enum body_type type = item_body_type(v, body->html.n > 0);
	struct text_html html = { 0 };
	struct str given;

	if (v->no_body)
		return ERR_OK;
	if (type == BODY_PLAIN)
		put_crlf(&whole, body->text);
	else if (body->html.n)
		put_crlf(&whole, body->html);
	else if (body->text.n)
		text_html_put(&html, &whole, body->text);
	TRY(buf_status(&whole));
	given = item_body_cut(v, type, buf_view(&whole));
	if (v->version < EAS_12_0)
		put_flat(w, flat, buf_view(&whole), given);
	else
		item_body_put_base(w, v, type, buf_view(&whole), given);
	return buf_status(w->out);
}

enum err item_body_parse(struct wbxml_reader *r, struct arena *a, struct item_body *ret, bool *ret_has)
{
	struct wbxml_scope scope = wbxml_enter(r);
	struct str data = STR_EMPTY;
	uint64_t type = BODY_PLAIN;
	enum err bad = ERR_OK;

	*ret = (struct item_body){ .text = STR_EMPTY };
	*ret_has = false;
	while (wbxml_child(r, &scope, &bad))
		switch ((unsigned)r->tag) {
		case TAG_AIRSYNCBASE_TYPE:
			TRY(wbxml_u64(r, BODY_PLAIN, BODY_MIME, &type));
			break;
		case TAG_AIRSYNCBASE_DATA:
			TRY(wbxml_text(r, &data));
			*ret_has = true;
			break;
		case TAG_AIRSYNCBASE_ESTIMATEDDATASIZE:
		case TAG_AIRSYNCBASE_TRUNCATED:
		case TAG_AIRSYNCBASE_PREVIEW:
			TRY(wbxml_skip(r));
			break;
		default:
			return ERR_INVALID;
		}
	TRY(bad);
	if (data.n > ITEM_BODY_MAX_BYTES)
		return ERR_LIMIT;
	if (type != BODY_PLAIN && type != BODY_HTML && data.n)
		return ERR_UNSUPPORTED; /* compressed RTF; MIME is mail's */
	ret->text = data;
	if (type != BODY_HTML)
		return ERR_OK;
	ret->html = data;
	return html_text_of(a, data, ITEM_BODY_MAX_BYTES, &ret->text);
}
