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

static enum err parse_field(struct wbxml_reader *r, enum eas_version version, struct email_change *c)
{
	if (!wbxml_tag_in(r->tag, version))
		return ERR_INVALID;
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

enum err email_change_parse(struct wbxml_reader *r, enum eas_version version, struct email_change *ret)
{
	struct wbxml_scope scope = wbxml_enter(r);
	enum err bad = ERR_OK;

	*ret = (struct email_change){ .flag = BUF_INIT(EMAIL_FLAG_MAX_BYTES),
				      .categories = BUF_INIT(CATEGORIES_MAX_BYTES) };
	while (wbxml_child(r, &scope, &bad))
		TRY(parse_field(r, version, ret));
	return bad;
}

void email_change_release(struct email_change *c)
{
	buf_release(&c->flag);
	buf_release(&c->categories);
}
