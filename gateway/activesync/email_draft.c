/* Drafts from a phone. */
#include <gateway/activesync/email_draft.h>

#include <base/base64.h>

struct parse {
	struct arena *arena;
	struct wbxml_reader *r;
	enum eas_version version;
	struct email_draft *d;
};

/* ---- attachments ---- */

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

static enum err parse_added_field(struct parse *p, struct email_draft_added *a, uint64_t *method)
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

static enum err mend_part(struct email_draft_added *a)
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
	struct email_draft_added *a = &p->d->added[p->d->added_n];
	struct wbxml_scope scope = wbxml_enter(p->r);
	enum err bad = ERR_OK;
	uint64_t method = 0;

	if (p->d->added_n == EMAIL_DRAFT_MAX_ATTACHMENTS)
		return ERR_LIMIT;
	while (wbxml_child(p->r, &scope, &bad))
		TRY(parse_added_field(p, a, &method));
	TRY(bad);
	if (a->client_id.n == 0 || a->part.name.n == 0 ||
	    (method != ATTACHMENT_NORMAL && method != ATTACHMENT_MESSAGE)) /* MS-ASAIRS R1009, R1014, R1390 */
		return ERR_INVALID;
	if (method == ATTACHMENT_MESSAGE)
		a->part.content_type = S("message/rfc822");
	p->d->added_n++;
	return mend_part(a);
}

static enum err parse_deleted(struct parse *p)
{
	struct wbxml_scope scope = wbxml_enter(p->r);
	struct str reference = STR_EMPTY;
	enum err bad = ERR_OK;

	if (p->d->deleted_n == EMAIL_DRAFT_MAX_ATTACHMENTS)
		return ERR_LIMIT;
	while (wbxml_child(p->r, &scope, &bad)) {
		if (p->r->tag != TAG_AIRSYNCBASE_FILEREFERENCE)
			return ERR_INVALID;
		TRY(wbxml_text(p->r, &reference));
	}
	TRY(bad);
	if (reference.n == 0)
		return ERR_INVALID; /* MS-ASAIRS R1141 */
	p->d->deleted[p->d->deleted_n++] = reference;
	return ERR_OK;
}

static enum err parse_attachments(struct parse *p)
{
	struct wbxml_scope scope = wbxml_enter(p->r);
	struct email_draft *d = p->d;
	enum err bad = ERR_OK;

	if (!d->added)
		d->added = arena_array(p->arena, EMAIL_DRAFT_MAX_ATTACHMENTS + 1, sizeof(*d->added));
	if (!d->deleted)
		d->deleted = arena_array(p->arena, EMAIL_DRAFT_MAX_ATTACHMENTS, sizeof(*d->deleted));
	if (!d->added || !d->deleted)
		return ERR_BUSY;
	while (wbxml_child(p->r, &scope, &bad)) {
		switch ((unsigned)p->r->tag) {
		case TAG_AIRSYNCBASE_ADD:
			TRY(parse_added(p));
			break;
		case TAG_AIRSYNCBASE_DELETE:
			TRY(parse_deleted(p));
			break;
		default: /* Attachment: what the phone was told, said again */
			TRY(wbxml_skip(p->r));
		}
	}
	return bad;
}

/* ---- the body ---- */

static enum err parse_body(struct parse *p)
{
	struct wbxml_scope scope = wbxml_enter(p->r);
	struct draft_edit *edit = &p->d->edit;
	enum err bad = ERR_OK;
	uint64_t type = 0;

	while (wbxml_child(p->r, &scope, &bad)) {
		switch ((unsigned)p->r->tag) {
		case TAG_AIRSYNCBASE_TYPE:
			TRY(wbxml_u64(p->r, 0, UINT8_MAX, &type));
			break;
		case TAG_AIRSYNCBASE_DATA:
			TRY(wbxml_text(p->r, &edit->text));
			break;
		default:
			TRY(wbxml_skip(p->r));
		}
	}
	TRY(bad);
	if (type != BODY_PLAIN && type != BODY_HTML && type != BODY_MIME)
		return ERR_INVALID;
	edit->body = (enum body_type)type;
	edit->has_body = true;
	return ERR_OK;
}

/* ---- fields ---- */

static const struct {
	enum wbxml_tag tag;
	size_t field; /* of struct draft_edit */
} text_fields[] = {
	{ TAG_EMAIL_TO, offsetof(struct draft_edit, to) },
	{ TAG_EMAIL_CC, offsetof(struct draft_edit, cc) },
	{ TAG_EMAIL2_BCC, offsetof(struct draft_edit, bcc) },
	{ TAG_EMAIL_REPLYTO, offsetof(struct draft_edit, reply_to) },
	{ TAG_EMAIL_SUBJECT, offsetof(struct draft_edit, subject) },
};

static enum err parse_text_field(struct parse *p, bool *ret_found)
{
	*ret_found = false;
	for (size_t i = 0; i < countof(text_fields); i++) {
		struct draft_field *field = (struct draft_field *)(void *)((char *)&p->d->edit + text_fields[i].field);

		if (text_fields[i].tag != p->r->tag)
			continue;
		*ret_found = field->given = true;
		TRY(wbxml_text(p->r, &field->text));
		return field->text.n <= EMAIL_DRAFT_MAX_FIELD_BYTES ? ERR_OK : ERR_LIMIT;
	}
	return ERR_OK;
}

static enum err parse_importance(struct parse *p)
{
	uint64_t v;

	if (wbxml_u64(p->r, MAIL_IMPORTANCE_LOW, MAIL_IMPORTANCE_HIGH, &v))
		return ERR_INVALID;
	p->d->edit.has_importance = true;
	p->d->edit.importance = (enum mail_importance)v;
	return ERR_OK;
}

static enum err parse_content_field(struct parse *p, bool *ret_found)
{
	*ret_found = true;
	switch ((unsigned)p->r->tag) {
	case TAG_EMAIL_IMPORTANCE:
		return parse_importance(p);
	case TAG_AIRSYNCBASE_BODY:
		return parse_body(p);
	case TAG_AIRSYNCBASE_ATTACHMENTS:
		return parse_attachments(p);
	default:
		return parse_text_field(p, ret_found);
	}
}

static enum err parse_field(struct parse *p)
{
	bool found;

	if (!wbxml_tag_in(p->r->tag, p->version))
		return ERR_INVALID;
	TRY(parse_content_field(p, &found));
	p->d->has_content |= found;
	return found ? ERR_OK : email_change_field(p->r, &p->d->change);
}

/* MS-ASEMAIL R14890, R14900: beside MIME, which says them itself, these fields have no place. */
static bool is_contradiction(const struct draft_edit *edit)
{
	return edit->has_body && edit->body == BODY_MIME &&
	       (edit->to.given || edit->cc.given || edit->bcc.given || edit->reply_to.given || edit->subject.given);
}

enum err email_draft_parse(struct arena *a, struct wbxml_reader *r, enum eas_version version, struct email_draft *ret)
{
	struct parse p = { a, r, version, ret };
	struct wbxml_scope scope = wbxml_enter(r);
	enum err bad = ERR_OK;

	*ret = (struct email_draft){ 0 };
	email_change_init(&ret->change);
	while (wbxml_child(r, &scope, &bad))
		TRY(parse_field(&p));
	TRY(bad);
	return is_contradiction(&ret->edit) ? ERR_INVALID : ERR_OK;
}

void email_draft_release(struct email_draft *d)
{
	email_change_release(&d->change);
}
