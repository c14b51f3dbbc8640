/* Attachments as phones say them. */
#include <gateway/activesync/attachment_parse.h>

#include <base/base64.h>

struct parse {
	struct arena *arena;
	struct wbxml_reader *r;
	struct eas_attachments_said *to;
};

/* A byte array (MS-ASDTYPE 2.7.1) is an opaque; a phone that writes a string means base64. */
static enum err parse_content(struct parse *p, struct str *ret)
{
	CLEANUP(buf_release) struct buf octets = BUF_INIT(0);
	struct wbxml_reader ahead = *p->r;
	bool opaque = !ahead.empty && wbxml_next(&ahead) == WBXML_TEXT && ahead.opaque;
	struct str text;

	TRY(wbxml_text(p->r, &text));
	*ret = text;
	if (opaque || text.n == 0)
		return ERR_OK;
	octets.max = text.n;
	TRY(base64_decode(&octets, text));
	return arena_str(p->arena, buf_view(&octets), ret) ? ERR_BUSY : ERR_OK;
}

static enum err parse_added_field(struct parse *p, struct eas_attachment_added *a, uint64_t *method)
{
	switch ((unsigned)p->r->tag) {
	case TAG_AIRSYNCBASE_CLIENTID:
		return wbxml_text(p->r, &a->client_id);
	case TAG_AIRSYNCBASE_CONTENT:
		return parse_content(p, &a->part.bytes);
	case TAG_AIRSYNCBASE_CONTENTTYPE:
		return wbxml_text(p->r, &a->part.content_type);
	case TAG_AIRSYNCBASE_DISPLAYNAME:
		return wbxml_text(p->r, &a->part.name);
	case TAG_AIRSYNCBASE_CONTENTID:
		return wbxml_text(p->r, &a->part.content_id);
	case TAG_AIRSYNCBASE_CONTENTLOCATION:
		return wbxml_text(p->r, &a->part.location);
	case TAG_AIRSYNCBASE_ISINLINE:
		return wbxml_bool(p->r, &a->part.is_inline);
	case TAG_AIRSYNCBASE_METHOD:
		return wbxml_u64(p->r, 0, UINT8_MAX, method);
	default:
		return wbxml_skip(p->r);
	}
}

static enum err mend_part(struct eas_attachment_added *a)
{
	/* An inline text would be read as text of the mail. */
	if (str_istarts(a->part.content_type, S("text/")))
		a->part.is_inline = false;
	if (str_starts(a->part.content_id, S("<")) && str_ends(a->part.content_id, S(">")))
		a->part.content_id = str_slice(a->part.content_id, 1, a->part.content_id.n - 1);
	if (a->part.content_id.n > MIME_ID_MAX - 2)
		return ERR_LIMIT;
	return ERR_OK;
}

static enum err parse_added(struct parse *p)
{
	struct eas_attachment_added *a = &p->to->added[p->to->added_n];
	struct wbxml_scope scope = wbxml_enter(p->r);
	enum err bad = ERR_OK;
	uint64_t method = 0;

	if (p->to->added_n == EAS_MAX_ATTACHMENTS_SAID)
		return ERR_LIMIT;
	while (wbxml_child(p->r, &scope, &bad))
		TRY(parse_added_field(p, a, &method));
	TRY(bad);
	if (a->client_id.n == 0 || a->part.name.n == 0 ||
	    (method != ATTACHMENT_NORMAL && method != ATTACHMENT_MESSAGE)) /* MS-ASAIRS R1009, R1014, R1390 */
		return ERR_INVALID;
	if (method == ATTACHMENT_MESSAGE)
		a->part.content_type = S("message/rfc822");
	p->to->added_n++;
	return mend_part(a);
}

static enum err parse_deleted(struct parse *p)
{
	struct wbxml_scope scope = wbxml_enter(p->r);
	struct str reference = STR_EMPTY;
	enum err bad = ERR_OK;

	if (p->to->deleted_n == EAS_MAX_ATTACHMENTS_SAID)
		return ERR_LIMIT;
	while (wbxml_child(p->r, &scope, &bad)) {
		if (p->r->tag != TAG_AIRSYNCBASE_FILEREFERENCE)
			return ERR_INVALID;
		TRY(wbxml_text(p->r, &reference));
	}
	TRY(bad);
	if (reference.n == 0)
		return ERR_INVALID; /* MS-ASAIRS R1141 */
	p->to->deleted[p->to->deleted_n++] = reference;
	return ERR_OK;
}

enum err eas_attachments_parse(struct arena *a, struct wbxml_reader *r, struct eas_attachments_said *to)
{
	struct parse p = { a, r, to };
	struct wbxml_scope scope = wbxml_enter(r);
	enum err bad = ERR_OK;

	if (!to->added)
		to->added = arena_array(a, EAS_MAX_ATTACHMENTS_SAID + 1, sizeof(*to->added));
	if (!to->deleted)
		to->deleted = arena_array(a, EAS_MAX_ATTACHMENTS_SAID, sizeof(*to->deleted));
	if (!to->added || !to->deleted)
		return ERR_BUSY;
	while (wbxml_child(r, &scope, &bad)) {
		switch ((unsigned)r->tag) {
		case TAG_AIRSYNCBASE_ADD:
			TRY(parse_added(&p));
			break;
		case TAG_AIRSYNCBASE_DELETE:
			TRY(parse_deleted(&p));
			break;
		default: /* Attachment: what the phone was told, said again */
			TRY(wbxml_skip(r));
		}
	}
	return bad;
}
