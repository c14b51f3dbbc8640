/* Drafts from a phone. */
#include <gateway/activesync/email_draft.h>

struct parse {
	struct arena *arena;
	struct wbxml_reader *r;
	enum eas_version version;
	struct email_draft *d;
};

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
		return eas_attachments_parse(p->arena, p->r, &p->d->files);
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
