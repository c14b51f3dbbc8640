/* Changes of a mail by a phone. */
#include <gateway/activesync/email_change.h>

#include <gateway/activesync/email_flag.h>

enum { CATEGORIES_MAX_BYTES = 4096 };

static enum err parse_category(struct wbxml_reader *r, struct buf *out, unsigned *n)
{
	struct str name;

	if (r->tag != TAG_EMAIL_CATEGORY)
		return ERR_INVALID;
	if (++*n > EMAIL_MAX_CATEGORIES)
		return ERR_LIMIT;
	TRY(wbxml_text(r, &name));
	if (name.n > EMAIL_MAX_CATEGORY_BYTES)
		return ERR_LIMIT;
	/* The kept form is one category a line. */
	if (str_index(name, '\n') < name.n || str_index(name, '\0') < name.n)
		return ERR_INVALID;
	if (name.n) {
		buf_str(out, name);
		buf_char(out, '\n');
	}
	return buf_status(out);
}

static enum err parse_categories(struct wbxml_reader *r, struct buf *out)
{
	struct wbxml_scope scope = wbxml_enter(r);
	enum err bad = ERR_OK;
	unsigned n = 0;

	buf_clear(out);
	while (wbxml_child(r, &scope, &bad))
		TRY(parse_category(r, out, &n));
	return bad;
}

static enum err parse_flag(struct wbxml_reader *r, struct email_change *c)
{
	enum email_flag_status status;

	buf_clear(&c->flag);
	TRY(email_flag_parse(r, &c->flag, &status));
	c->flagged = status == EMAIL_FLAG_ACTIVE;
	c->has_flag = true;
	return ERR_OK;
}

enum err email_change_field(struct wbxml_reader *r, struct email_change *c)
{
	switch ((unsigned)r->tag) {
	case TAG_EMAIL_READ:
		c->has_read = true;
		return wbxml_bool(r, &c->read); /* R643: Status 6 for what is no boolean */
	case TAG_EMAIL_FLAG:
		return parse_flag(r, c);
	case TAG_EMAIL_CATEGORIES:
		c->has_categories = true;
		return parse_categories(r, &c->categories);
	default:
		return ERR_INVALID; /* R347, R648, R723, …: what only the server sets */
	}
}

void email_change_init(struct email_change *c)
{
	*c = (struct email_change){ .flag = BUF_INIT(EMAIL_FLAG_MAX_BYTES),
				    .categories = BUF_INIT(CATEGORIES_MAX_BYTES) };
}

/*
 * Of a mail that is no draft nothing else can change: a phone that says the rest again beside one of the three wastes octets and
 * hears of no error (MS-ASCMD_R875), but for those of which the document wants one (MS-ASEMAIL R347, R648, R723, R817, R835).
 */
static bool may_be_said_again(uint16_t tag)
{
	switch ((unsigned)tag) {
	case TAG_EMAIL_READ:
	case TAG_EMAIL_FLAG:
	case TAG_EMAIL_CATEGORIES:
	case TAG_EMAIL2_CONVERSATIONID:
	case TAG_EMAIL2_RECEIVEDASBCC:
	case TAG_EMAIL2_SENDER:
	case TAG_EMAIL2_UMCALLERID:
	case TAG_EMAIL2_UMUSERNOTES:
		return false;
	default:
		return tag >> 8 == TAG_EMAIL_SUBJECT >> 8 || tag >> 8 == TAG_EMAIL2_SENDER >> 8 ||
		       tag >> 8 == TAG_AIRSYNCBASE_BODY >> 8;
	}
}

enum err email_change_parse(struct wbxml_reader *r, enum eas_version version, struct email_change *ret)
{
	struct wbxml_scope scope = wbxml_enter(r);
	bool said_again = false;
	enum err bad = ERR_OK;

	email_change_init(ret);
	while (wbxml_child(r, &scope, &bad)) {
		bool again = may_be_said_again(r->tag);

		if (!wbxml_tag_in(r->tag, version))
			return ERR_INVALID;
		TRY(again ? wbxml_skip(r) : email_change_field(r, ret));
		said_again |= again;
	}
	TRY(bad);
	return said_again && !ret->has_read && !ret->has_flag && !ret->has_categories ? ERR_INVALID : ERR_OK;
}

void email_change_edit(const struct email_change *c, struct item_edit *ret)
{
	*ret = (struct item_edit){ 0 };
	if (c->has_read) {
		ret->what |= ITEM_EDIT_FLAGS;
		*(c->read ? &ret->set : &ret->clear) |= ITEM_SEEN;
	}
	if (c->has_flag) {
		ret->what |= ITEM_EDIT_FLAGS | ITEM_EDIT_FOLLOWUP;
		*(c->flagged ? &ret->set : &ret->clear) |= ITEM_FLAGGED;
		ret->followup = buf_view(&c->flag);
	}
	if (c->has_categories) {
		ret->what |= ITEM_EDIT_KEYWORDS;
		ret->keywords = buf_view(&c->categories);
	}
}

void email_change_release(struct email_change *c)
{
	buf_release(&c->flag);
	buf_release(&c->categories);
}
