/* Properties of a contact, a row each. */
#include <gateway/activesync/contact.h>

#include <gateway/activesync/item_body.h>
#include <gateway/activesync/profile.h>
#include <gateway/activesync/time_text.h>
#include <gateway/content/contact.h>
#include <gateway/content/header.h>
#include <gateway/mailbox/entry.h>
#include <gateway/mailbox/recipients.h>

#include <base/base64.h>
#include <base/log.h>
#include <base/utf8.h>
#include <store/folder.h>

enum form { FORM_TEXT, FORM_DAY, FORM_ADDRESS };

static const struct property {
	enum wbxml_tag tag;
	enum contact_field field;
	enum form form;
} properties[] = {
	{ TAG_CONTACTS_ANNIVERSARY, CONTACT_ANNIVERSARY, FORM_DAY },
	{ TAG_CONTACTS_ASSISTANTNAME, CONTACT_ASSISTANT, FORM_TEXT },
	{ TAG_CONTACTS_ASSISTANTPHONENUMBER, CONTACT_PHONE_ASSISTANT, FORM_TEXT },
	{ TAG_CONTACTS_BIRTHDAY, CONTACT_BIRTHDAY, FORM_DAY },
	{ TAG_CONTACTS_BUSINESS2PHONENUMBER, CONTACT_PHONE_WORK_2, FORM_TEXT },
	{ TAG_CONTACTS_BUSINESSADDRESSCITY, CONTACT_WORK_CITY, FORM_TEXT },
	{ TAG_CONTACTS_BUSINESSADDRESSCOUNTRY, CONTACT_WORK_COUNTRY, FORM_TEXT },
	{ TAG_CONTACTS_BUSINESSADDRESSPOSTALCODE, CONTACT_WORK_POSTAL_CODE, FORM_TEXT },
	{ TAG_CONTACTS_BUSINESSADDRESSSTATE, CONTACT_WORK_STATE, FORM_TEXT },
	{ TAG_CONTACTS_BUSINESSADDRESSSTREET, CONTACT_WORK_STREET, FORM_TEXT },
	{ TAG_CONTACTS_BUSINESSFAXNUMBER, CONTACT_PHONE_WORK_FAX, FORM_TEXT },
	{ TAG_CONTACTS_BUSINESSPHONENUMBER, CONTACT_PHONE_WORK, FORM_TEXT },
	{ TAG_CONTACTS_CARPHONENUMBER, CONTACT_PHONE_CAR, FORM_TEXT },
	{ TAG_CONTACTS_COMPANYNAME, CONTACT_COMPANY, FORM_TEXT },
	{ TAG_CONTACTS_DEPARTMENT, CONTACT_DEPARTMENT, FORM_TEXT },
	{ TAG_CONTACTS_EMAIL1ADDRESS, CONTACT_EMAIL_1, FORM_ADDRESS },
	{ TAG_CONTACTS_EMAIL2ADDRESS, CONTACT_EMAIL_2, FORM_ADDRESS },
	{ TAG_CONTACTS_EMAIL3ADDRESS, CONTACT_EMAIL_3, FORM_ADDRESS },
	{ TAG_CONTACTS_FILEAS, CONTACT_FILE_AS, FORM_TEXT },
	{ TAG_CONTACTS_FIRSTNAME, CONTACT_FIRST_NAME, FORM_TEXT },
	{ TAG_CONTACTS_HOME2PHONENUMBER, CONTACT_PHONE_HOME_2, FORM_TEXT },
	{ TAG_CONTACTS_HOMEADDRESSCITY, CONTACT_HOME_CITY, FORM_TEXT },
	{ TAG_CONTACTS_HOMEADDRESSCOUNTRY, CONTACT_HOME_COUNTRY, FORM_TEXT },
	{ TAG_CONTACTS_HOMEADDRESSPOSTALCODE, CONTACT_HOME_POSTAL_CODE, FORM_TEXT },
	{ TAG_CONTACTS_HOMEADDRESSSTATE, CONTACT_HOME_STATE, FORM_TEXT },
	{ TAG_CONTACTS_HOMEADDRESSSTREET, CONTACT_HOME_STREET, FORM_TEXT },
	{ TAG_CONTACTS_HOMEFAXNUMBER, CONTACT_PHONE_HOME_FAX, FORM_TEXT },
	{ TAG_CONTACTS_HOMEPHONENUMBER, CONTACT_PHONE_HOME, FORM_TEXT },
	{ TAG_CONTACTS_JOBTITLE, CONTACT_JOB_TITLE, FORM_TEXT },
	{ TAG_CONTACTS_LASTNAME, CONTACT_LAST_NAME, FORM_TEXT },
	{ TAG_CONTACTS_MIDDLENAME, CONTACT_MIDDLE_NAME, FORM_TEXT },
	{ TAG_CONTACTS_MOBILEPHONENUMBER, CONTACT_PHONE_MOBILE, FORM_TEXT },
	{ TAG_CONTACTS_OFFICELOCATION, CONTACT_OFFICE, FORM_TEXT },
	{ TAG_CONTACTS_OTHERADDRESSCITY, CONTACT_OTHER_CITY, FORM_TEXT },
	{ TAG_CONTACTS_OTHERADDRESSCOUNTRY, CONTACT_OTHER_COUNTRY, FORM_TEXT },
	{ TAG_CONTACTS_OTHERADDRESSPOSTALCODE, CONTACT_OTHER_POSTAL_CODE, FORM_TEXT },
	{ TAG_CONTACTS_OTHERADDRESSSTATE, CONTACT_OTHER_STATE, FORM_TEXT },
	{ TAG_CONTACTS_OTHERADDRESSSTREET, CONTACT_OTHER_STREET, FORM_TEXT },
	{ TAG_CONTACTS_PAGERNUMBER, CONTACT_PHONE_PAGER, FORM_TEXT },
	{ TAG_CONTACTS_RADIOPHONENUMBER, CONTACT_PHONE_RADIO, FORM_TEXT },
	{ TAG_CONTACTS_SPOUSE, CONTACT_SPOUSE, FORM_TEXT },
	{ TAG_CONTACTS_SUFFIX, CONTACT_SUFFIX, FORM_TEXT },
	{ TAG_CONTACTS_TITLE, CONTACT_TITLE, FORM_TEXT },
	{ TAG_CONTACTS_WEBPAGE, CONTACT_WEB_PAGE, FORM_TEXT },
	{ TAG_CONTACTS_YOMICOMPANYNAME, CONTACT_YOMI_COMPANY, FORM_TEXT },
	{ TAG_CONTACTS_YOMIFIRSTNAME, CONTACT_YOMI_FIRST_NAME, FORM_TEXT },
	{ TAG_CONTACTS_YOMILASTNAME, CONTACT_YOMI_LAST_NAME, FORM_TEXT },
	{ TAG_CONTACTS2_CUSTOMERID, CONTACT_CUSTOMER_ID, FORM_TEXT },
	{ TAG_CONTACTS2_GOVERNMENTID, CONTACT_GOVERNMENT_ID, FORM_TEXT },
	{ TAG_CONTACTS2_IMADDRESS, CONTACT_IM_1, FORM_TEXT },
	{ TAG_CONTACTS2_IMADDRESS2, CONTACT_IM_2, FORM_TEXT },
	{ TAG_CONTACTS2_IMADDRESS3, CONTACT_IM_3, FORM_TEXT },
	{ TAG_CONTACTS2_MANAGERNAME, CONTACT_MANAGER, FORM_TEXT },
	{ TAG_CONTACTS2_COMPANYMAINPHONE, CONTACT_PHONE_COMPANY, FORM_TEXT },
	{ TAG_CONTACTS2_ACCOUNTNAME, CONTACT_ACCOUNT_NAME, FORM_TEXT },
	{ TAG_CONTACTS2_NICKNAME, CONTACT_NICKNAME, FORM_TEXT },
	{ TAG_CONTACTS2_MMS, CONTACT_MMS, FORM_TEXT },
};

static const struct list {
	enum wbxml_tag tag, child;
	enum contact_list list;
} lists[] = {
	{ TAG_CONTACTS_CATEGORIES, TAG_CONTACTS_CATEGORY, CONTACT_CATEGORIES },
	{ TAG_CONTACTS_CHILDREN, TAG_CONTACTS_CHILD, CONTACT_CHILDREN },
};

static const struct item_body_flat flat_body = { TAG_CONTACTS_BODY, TAG_CONTACTS_BODYSIZE, TAG_CONTACTS_BODYTRUNCATED };

/* ---- to the phone ---- */

/* MS-ASCNTC R999, R109001: at a time that is the same day in every zone. */
static void put_day(struct wbxml_writer *w, enum wbxml_tag tag, struct str day)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(64);

	buf_str(&text, day);
	buf_cstr(&text, "T11:59:00.000Z");
	wbxml_put_text(w, tag, buf_view(&text));
}

static void put_property(struct wbxml_writer *w, const struct property *p, struct str value)
{
	if (value.n == 0)
		return;
	if (p->form == FORM_DAY)
		put_day(w, p->tag, value);
	else
		wbxml_put_text(w, p->tag, value);
}

static void put_list(struct wbxml_writer *w, const struct list *l, const struct contact *c)
{
	if (c->list[l->list].n == 0)
		return;
	wbxml_open(w, l->tag);
	for (size_t i = 0; i < c->list[l->list].n; i++)
		wbxml_put_text(w, l->child, c->list[l->list].v[i]);
	wbxml_close(w, l->tag);
}

static enum err put_all(struct wbxml_writer *w, const struct item_view *v, const struct contact *c)
{
	wbxml_open(w, v->container);
	for (size_t i = 0; i < countof(properties); i++)
		if (wbxml_tag_in(properties[i].tag, v->version))
			put_property(w, &properties[i], c->field[properties[i].field]);
	for (size_t i = 0; i < countof(lists); i++)
		put_list(w, &lists[i], c);
	/* A larger one no phone would take (R381). */
	if (c->field[CONTACT_PICTURE].n && c->field[CONTACT_PICTURE].n <= CONTACT_MAX_PICTURE_BYTES)
		wbxml_put_text(w, TAG_CONTACTS_PICTURE, c->field[CONTACT_PICTURE]);
	TRY(item_body_put(w, v, &flat_body, &(struct item_body){ .text = c->field[CONTACT_NOTE] }));
	wbxml_close(w, v->container);
	return buf_status(w->out);
}

/* Of the recipient cache (MS-ASCNTC R514): these alone. */
static enum err put_recipient(struct wbxml_writer *w, const struct item_view *v, const struct contact *c, uint64_t rank)
{
	const struct str address = c->field[CONTACT_EMAIL_1];

	wbxml_open(w, v->container);
	wbxml_put_text(w, TAG_CONTACTS_EMAIL1ADDRESS, address);
	wbxml_put_text(w, TAG_CONTACTS_FILEAS, c->field[CONTACT_FILE_AS]);
	wbxml_put_text(w, TAG_CONTACTS_ALIAS, str_slice(address, 0, str_index(address, '@')));
	wbxml_put_u64(w, TAG_CONTACTS_WEIGHTEDRANK, rank);
	wbxml_close(w, v->container);
	return buf_status(w->out);
}

static enum err is_in_cache(struct store_tx *tx, const struct item *item, bool *ret)
{
	int64_t cache;
	enum err e = folder_by_role(tx, FOLDER_RECIPIENT_CACHE, &cache);

	*ret = !e && item->folder == cache;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err put_text(struct wbxml_writer *w, const struct item_view *v, const struct item *item, struct str text)
{
	bool cached = false;
	struct vcard card;
	struct contact c;
	uint64_t rank;

	TRY(vcard_parse(v->arena, text, &card));
	TRY(contact_read(v->arena, &card, &c));
	if (recipients_rank(&card, &rank))
		TRY(is_in_cache(v->tx, item, &cached));
	return cached ? put_recipient(w, v, &c, rank) : put_all(w, v, &c);
}

enum err contact_put_placeholder(struct wbxml_writer *w, const struct item_view *v, const struct item *item)
{
	const struct contact unreadable = { .field = { [CONTACT_FILE_AS] = STR_INIT(CONTACT_UNREADABLE) } };

	(void)item;
	return put_all(w, v, &unreadable);
}

enum err contact_put(struct wbxml_writer *w, const struct item_view *v, const struct item *item)
{
	const struct wbxml_mark mark = wbxml_mark(w);
	struct str text;
	enum err e = entry_read(v->arena, v->tx, item, &text);

	if (!e)
		e = put_text(w, v, item, text);
	if (e != ERR_CORRUPT && e != ERR_NOT_FOUND && e != ERR_INVALID)
		return e;
	log_error("unreadable_item", "mailbox=%lld item=%lld error=%s", (long long)store_tx_mailbox(v->tx),
		  (long long)item->id, log_quote(str_of(err_text(e))).text);
	wbxml_rewind(w, mark);
	return contact_put_placeholder(w, v, item);
}

/* ---- from the phone ---- */

/* A day, by the nearest midnight: phones write its beginning where they are, or noon (R999: the time says nothing). */
static enum err parse_day(struct arena *a, struct str text, struct str *ret)
{
	enum { HALF_A_DAY_MS = 12 * 3600 * 1000, DAY = 10 };
	struct time_text day;
	int64_t ms;

	if (text.n == 0) {
		*ret = text;
		return ERR_OK;
	}
	TRY(time_text_parse(text, &ms));
	day = time_text(ms + HALF_A_DAY_MS - 1);
	return arena_str(a, str_slice(str_of(day.text), 0, DAY), ret);
}

/* "Display name" <a@b.c>: the address alone, for whoever writes to it. *ret_changed: more was said. */
static enum err parse_address(struct arena *a, struct str text, struct str *ret, bool *ret_changed)
{
	CLEANUP(buf_release) struct buf address = BUF_INIT(CONTACT_MAX_TEXT_BYTES);
	struct header_address *list;
	size_t n;

	*ret = text;
	if (str_index(text, '<') == text.n)
		return ERR_OK;
	TRY(header_addresses(a, text, &list, &n));
	if (n != 1 || !list[0].local.n || !list[0].domain.n)
		return ERR_OK;
	buf_str(&address, list[0].local);
	buf_char(&address, '@');
	buf_str(&address, list[0].domain);
	TRY(buf_status(&address));
	*ret_changed = true;
	return arena_str(a, buf_view(&address), ret);
}

struct parsed {
	const struct item_write *asked;
	struct contact_edit edit;
	bool normalised;
};

static const struct property *property_of(uint16_t tag)
{
	for (size_t i = 0; i < countof(properties); i++)
		if (properties[i].tag == tag)
			return &properties[i];
	return NULL;
}

static const struct list *list_of(uint16_t tag)
{
	for (size_t i = 0; i < countof(lists); i++)
		if (lists[i].tag == tag)
			return &lists[i];
	return NULL;
}

static enum err parse_property(struct wbxml_reader *r, struct parsed *p, const struct property *which)
{
	struct str *to = &p->edit.to.field[which->field];
	struct str text;

	TRY(wbxml_text(r, &text));
	if (text.n > CONTACT_MAX_TEXT_BYTES)
		return ERR_LIMIT;
	p->edit.has[which->field] = true;
	switch (which->form) {
	case FORM_DAY:
		return parse_day(p->asked->arena, text, to);
	case FORM_ADDRESS:
		return parse_address(p->asked->arena, text, to, &p->normalised);
	case FORM_TEXT:
		break;
	}
	*to = text;
	return ERR_OK;
}

static enum err parse_list(struct wbxml_reader *r, struct parsed *p, const struct list *l)
{
	struct wbxml_scope scope = wbxml_enter(r);
	struct str *v = arena_array(p->asked->arena, CONTACT_MAX_CATEGORIES, sizeof(*v));
	enum err bad = ERR_OK;
	size_t n = 0;

	if (!v)
		return ERR_LIMIT;
	while (wbxml_child(r, &scope, &bad)) {
		if (r->tag != l->child)
			return ERR_INVALID;
		if (n == CONTACT_MAX_CATEGORIES)
			return ERR_LIMIT;
		TRY(wbxml_text(r, &v[n]));
		n += v[n].n > 0;
	}
	p->edit.has_list[l->list] = true;
	p->edit.to.list[l->list].v = v;
	p->edit.to.list[l->list].n = n;
	return bad;
}

/* R384: too large is Status 6. An empty one takes the picture away, but from clients that always send one. */
static enum err parse_picture(struct wbxml_reader *r, struct parsed *p)
{
	CLEANUP(buf_release)
	struct buf octets = BUF_INIT(CONTACT_MAX_PICTURE_BYTES), again = BUF_INIT(2 * CONTACT_MAX_PICTURE_BYTES);
	struct str text;

	TRY(wbxml_text(r, &text));
	if (text.n > CONTACT_MAX_PICTURE_BYTES)
		return ERR_LIMIT;
	p->edit.has[CONTACT_PICTURE] = text.n || !p->asked->profile->empty_picture;
	if (text.n == 0)
		return ERR_OK;
	TRY(base64_decode(&octets, text));
	base64_put(&again, buf_view(&octets));
	TRY(buf_status(&again));
	return arena_str(p->asked->arena, buf_view(&again), &p->edit.to.field[CONTACT_PICTURE]);
}

static enum err parse_note(struct wbxml_reader *r, struct parsed *p, bool flat)
{
	struct item_body body = { .text = STR_EMPTY };
	bool has = true;

	if (flat)
		TRY(wbxml_text(r, &body.text));
	else
		TRY(item_body_parse(r, p->asked->arena, &body, &has));
	p->edit.to.field[CONTACT_NOTE] = body.text; /* cards know no HTML */
	p->edit.has[CONTACT_NOTE] = has;
	p->normalised |= body.html.n > 0;
	return ERR_OK;
}

static enum err parse_field(struct wbxml_reader *r, struct parsed *p)
{
	const struct property *property = property_of(r->tag);
	const struct list *list = list_of(r->tag);

	if (!wbxml_tag_in(r->tag, p->asked->version))
		return ERR_INVALID;
	if (property)
		return parse_property(r, p, property);
	if (list)
		return parse_list(r, p, list);
	switch ((unsigned)r->tag) {
	case TAG_CONTACTS_PICTURE:
		return parse_picture(r, p);
	case TAG_CONTACTS_BODY:
	case TAG_AIRSYNCBASE_BODY:
		return parse_note(r, p, r->tag == TAG_CONTACTS_BODY);
	case TAG_CONTACTS_BODYSIZE:
	case TAG_CONTACTS_BODYTRUNCATED:
	case TAG_CONTACTS_COMPRESSEDRTF: /* beside a Body that says the same */
	case TAG_CONTACTS_ALIAS:
	case TAG_CONTACTS_WEIGHTEDRANK: /* the server's (R105, R415) */
	case TAG_AIRSYNCBASE_NATIVEBODYTYPE:
		return wbxml_skip(r);
	default:
		return ERR_INVALID;
	}
}

/*
 * MS-ASCMD R5911, R5912: what is left out and not ghosted goes. Body and Picture are not among what can be ghosted, and stay
 * where they are left out.
 */
static void ghost(struct parsed *p)
{
	const struct eas_supported *s = p->asked->supported;

	for (size_t i = 0; i < countof(properties); i++)
		p->edit.has[properties[i].field] |= !eas_supported_ghosts(s, properties[i].tag);
	for (size_t i = 0; i < countof(lists); i++)
		p->edit.has_list[lists[i].list] |= !eas_supported_ghosts(s, lists[i].tag);
}

static enum err parse(struct parsed *p)
{
	struct wbxml_reader r = p->asked->data;
	struct wbxml_scope scope = wbxml_enter(&r);
	enum err bad = ERR_OK;

	while (wbxml_child(&r, &scope, &bad))
		TRY(parse_field(&r, p));
	return bad;
}

/* Does the card differ from what it was? What is sent again as it is, is not written again. */
static enum err is_changed(const struct item_write *asked, const struct vcard *card, bool *ret)
{
	CLEANUP(buf_release) struct buf was = BUF_INIT(ENTRY_MAX_BYTES), is = BUF_INIT(ENTRY_MAX_BYTES);
	struct vcard before;

	TRY(vcard_parse(asked->arena, asked->before, &before));
	vcard_write(&was, &before);
	vcard_write(&is, card);
	TRY(buf_status(&was));
	TRY(buf_status(&is));
	*ret = !str_eq(buf_view(&was), buf_view(&is));
	return ERR_OK;
}

enum err contact_write(const struct item_write *asked, struct item_written *ret)
{
	struct parsed p = { .asked = asked };
	bool changed = true;
	struct vcard card;

	TRY(parse(&p));
	ret->key = ITEM_KEY_ALWAYS;
	ret->normalised = p.normalised;
	if (asked->before.n == 0) {
		TRY(vcard_init(asked->arena, &card));
	} else {
		ghost(&p);
		TRY(vcard_parse(asked->arena, asked->before, &card));
	}
	TRY(contact_apply(&card, &p.edit));
	if (asked->before.n)
		TRY(is_changed(asked, &card, &changed));
	if (!changed) {
		buf_str(&ret->octets, asked->before);
		return ERR_OK;
	}
	TRY(contact_stamp(&card, asked->unique, asked->now_ms));
	vcard_write(&ret->octets, &card);
	return ERR_OK;
}
