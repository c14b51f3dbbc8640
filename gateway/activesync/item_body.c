/* Changes with the form in which bodies of contacts, tasks and notes are told and taken. */
#include <gateway/activesync/item_body.h>

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

/* A type that was asked for, plain text first; without any it is that. */
static enum body_type type_of(const struct eas_options *o)
{
	return !o->body[BODY_PLAIN].asked && o->body[BODY_HTML].asked ? BODY_HTML : BODY_PLAIN;
}

static struct str cut(const struct body_preference *p, struct str whole)
{
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

static void put_base(struct wbxml_writer *w, enum body_type type, struct str whole, struct str given)
{
	wbxml_open(w, TAG_AIRSYNCBASE_BODY);
	wbxml_put_u64(w, TAG_AIRSYNCBASE_TYPE, type);
	wbxml_put_u64(w, TAG_AIRSYNCBASE_ESTIMATEDDATASIZE, whole.n);
	if (given.n < whole.n)
		wbxml_put_bool(w, TAG_AIRSYNCBASE_TRUNCATED, true);
	if (given.n)
		wbxml_put_text(w, TAG_AIRSYNCBASE_DATA, given);
	wbxml_close(w, TAG_AIRSYNCBASE_BODY);
}

enum err item_body_put(struct wbxml_writer *w, const struct item_view *v, const struct item_body_flat *flat,
		       struct str text)
{
	CLEANUP(buf_release) struct buf whole = BUF_INIT(ITEM_BODY_MAX_BYTES * 6u);
	enum body_type type = v->version < EAS_12_0 ? BODY_PLAIN : type_of(v->options);
	struct text_html html = { 0 };
	struct str given;

	if (v->no_body)
		return ERR_OK;
	if (type == BODY_HTML && text.n)
		text_html_put(&html, &whole, text);
	else
		put_crlf(&whole, text);
	TRY(buf_status(&whole));
	given = cut(&v->options->body[type], buf_view(&whole));
	if (v->version < EAS_12_0)
		put_flat(w, flat, buf_view(&whole), given);
	else
		put_base(w, type, buf_view(&whole), given);
	return buf_status(w->out);
}

static enum err html_to_text(struct arena *a, struct str html, struct str *ret)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(ITEM_BODY_MAX_BYTES);
	struct html_text h;

	html_text_init(&h, true);
	html_text_put(&h, &text, html);
	html_text_finish(&h, &text);
	TRY(buf_status(&text));
	return arena_str(a, buf_view(&text), ret);
}

enum err item_body_parse(struct wbxml_reader *r, struct arena *a, struct str *ret, bool *ret_has, bool *ret_converted)
{
	struct wbxml_scope scope = wbxml_enter(r);
	struct str data = STR_EMPTY;
	uint64_t type = BODY_PLAIN;
	enum err bad = ERR_OK;

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
	*ret_converted = type == BODY_HTML;
	if (type != BODY_PLAIN && type != BODY_HTML && data.n)
		return ERR_UNSUPPORTED; /* compressed RTF; MIME is mail's */
	*ret = data;
	return type == BODY_HTML ? html_to_text(a, data, ret) : ERR_OK;
}
