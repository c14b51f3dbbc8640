/* Documents of ItemOperations and Settings. */
#include "operations.h"

#include "fault.h"
#include "provision.h"

/* ---- ItemOperations ---- */

static void put_fetch(struct wbxml_writer *w, const struct sync_options *o, const struct fetch_item *item)
{
	wbxml_open(w, TAG_ITEMOPERATIONS_FETCH);
	wbxml_put_text(w, TAG_ITEMOPERATIONS_STORE, S("Mailbox"));
	wbxml_put_text(w, TAG_AIRSYNC_COLLECTIONID, item->folder);
	wbxml_put_text(w, TAG_AIRSYNC_SERVERID, item->id);
	wbxml_open(w, TAG_ITEMOPERATIONS_OPTIONS);
	if (o->body == BODY_MIME)
		wbxml_put_u64(w, TAG_AIRSYNC_MIMESUPPORT, SYNC_MIME_ALWAYS);
	if (o->body != BODY_NONE) {
		wbxml_open(w, TAG_AIRSYNCBASE_BODYPREFERENCE);
		wbxml_put_u64(w, TAG_AIRSYNCBASE_TYPE, o->body);
		wbxml_close(w, TAG_AIRSYNCBASE_BODYPREFERENCE);
	}
	wbxml_close(w, TAG_ITEMOPERATIONS_OPTIONS);
	wbxml_close(w, TAG_ITEMOPERATIONS_FETCH);
}

void fetch_ask(struct buf *out, const struct sync_options *o, const struct fetch_item *items, size_t n)
{
	struct wbxml_writer w;

	wbxml_writer_init(&w, out);
	wbxml_open(&w, TAG_ITEMOPERATIONS_ITEMOPERATIONS);
	for (size_t i = 0; i < n; i++)
		put_fetch(&w, o, &items[i]);
	wbxml_close(&w, TAG_ITEMOPERATIONS_ITEMOPERATIONS);
	doc_finish(&w);
}

#define RESULT(name) offsetof(struct fetch_result, name)

static enum err read_fetch(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = {
		{ TAG_ITEMOPERATIONS_STATUS, DOC_REQUIRED | DOC_ORDERED, doc_u32, RESULT(status) },
		{ TAG_AIRSYNC_COLLECTIONID, DOC_ORDERED, doc_text, RESULT(folder) },
		{ TAG_AIRSYNC_SERVERID, DOC_ORDERED, doc_text, RESULT(id) },
		{ TAG_AIRSYNC_CLASS, DOC_ORDERED, doc_ignore, 0 },
		{ TAG_ITEMOPERATIONS_PROPERTIES, DOC_ORDERED, mail_read_properties, RESULT(mail) },
	};
	struct fetch_reply *r = into;
	struct fetch_result *f = arena_new(d->arena, struct fetch_result);

	if (!f)
		return fault(d->why, "more answers than the phone's memory takes");
	*r->tail = f;
	r->tail = &f->next;
	return doc_children(d, rules, countof(rules), f);
}

static enum err read_response(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = { { TAG_ITEMOPERATIONS_FETCH, DOC_MANY, read_fetch, 0 } };

	return doc_children(d, rules, countof(rules), into);
}

enum err fetch_parse(struct doc *d, struct str bytes, struct fetch_reply *ret)
{
	static const struct doc_rule rules[] = {
		{ TAG_ITEMOPERATIONS_STATUS, DOC_REQUIRED | DOC_ORDERED, doc_u32,
		  offsetof(struct fetch_reply, status) },
		{ TAG_ITEMOPERATIONS_RESPONSE, DOC_ORDERED, read_response, 0 },
	};

	*ret = (struct fetch_reply){ 0 };
	ret->tail = &ret->results;
	return doc_parse(d, bytes, TAG_ITEMOPERATIONS_ITEMOPERATIONS, rules, countof(rules), ret);
}

static uint32_t u32_at(struct str bytes, size_t at)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < 4; i++)
		v |= (uint32_t)(unsigned char)bytes.p[at + i] << (8 * i);
	return v;
}

enum err parts_get(struct buf *why, struct str bytes, uint32_t n, struct str *ret)
{
	enum { COUNT_BYTES = 4, ROW_BYTES = 8 };
	uint32_t count = bytes.n >= COUNT_BYTES ? u32_at(bytes, 0) : 0, offset, length;
	size_t row = COUNT_BYTES + ROW_BYTES * (size_t)n;

	if (n >= count || (bytes.n - COUNT_BYTES) / ROW_BYTES < count)
		return fault(why, "the response has %u parts in %zu bytes, and not part %u", count, bytes.n, n);
	offset = u32_at(bytes, row);
	length = u32_at(bytes, row + 4);
	if (offset > bytes.n || length > bytes.n - offset)
		return fault(why, "part %u lies outside of the response", n);
	*ret = str_slice(bytes, offset, (size_t)offset + length);
	return ERR_OK;
}

/* ---- Settings ---- */

void settings_ask(struct buf *out)
{
	struct wbxml_writer w;

	wbxml_writer_init(&w, out);
	wbxml_open(&w, TAG_SETTINGS_SETTINGS);
	provision_put_device(&w);
	wbxml_open(&w, TAG_SETTINGS_USERINFORMATION);
	wbxml_empty(&w, TAG_SETTINGS_GET);
	wbxml_close(&w, TAG_SETTINGS_USERINFORMATION);
	wbxml_close(&w, TAG_SETTINGS_SETTINGS);
	doc_finish(&w);
}

#define REPLY(name) offsetof(struct settings_reply, name)

static enum err read_address(struct doc *d, void *into)
{
	struct settings_reply *r = into;
	struct str address;

	TRY(doc_text(d, &address));
	if (r->address.n == 0)
		r->address = address;
	return ERR_OK;
}

static enum err read_addresses(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = {
		{ TAG_SETTINGS_SMTPADDRESS, DOC_MANY, read_address, 0 },
		{ TAG_SETTINGS_PRIMARYSMTPADDRESS, 0, doc_ignore, 0 },
	};

	return doc_children(d, rules, countof(rules), into);
}

static const struct doc_rule account_rules[] = {
	{ TAG_SETTINGS_ACCOUNTID, 0, doc_ignore, 0 },          { TAG_SETTINGS_ACCOUNTNAME, 0, doc_ignore, 0 },
	{ TAG_SETTINGS_USERDISPLAYNAME, 0, doc_ignore, 0 },    { TAG_SETTINGS_SENDDISABLED, 0, doc_ignore, 0 },
	{ TAG_SETTINGS_EMAILADDRESSES, 0, read_addresses, 0 },
};

static enum err read_account(struct doc *d, void *into)
{
	return doc_children(d, account_rules, countof(account_rules), into);
}

static enum err read_accounts(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = { { TAG_SETTINGS_ACCOUNT, DOC_MANY, read_account, 0 } };

	return doc_children(d, rules, countof(rules), into);
}

/* Up to 14.0 the addresses hang from Get, later from an account (MS-ASCMD_R6502 to R6504). */
static enum err read_get(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = {
		{ TAG_SETTINGS_EMAILADDRESSES, 0, read_addresses, 0 },
		{ TAG_SETTINGS_ACCOUNTS, 0, read_accounts, 0 },
	};

	return doc_children(d, rules, countof(rules), into);
}

static enum err read_user(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = {
		{ TAG_SETTINGS_STATUS, DOC_REQUIRED | DOC_ORDERED, doc_u32, REPLY(user_status) },
		{ TAG_SETTINGS_GET, DOC_ORDERED, read_get, 0 },
	};

	return doc_children(d, rules, countof(rules), into);
}

static enum err read_device(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = {
		{ TAG_SETTINGS_STATUS, DOC_REQUIRED, doc_u32, REPLY(device_status) },
	};

	return doc_children(d, rules, countof(rules), into);
}

enum err settings_read(struct doc *d, struct str bytes, struct settings_reply *ret)
{
	static const struct doc_rule rules[] = {
		{ TAG_SETTINGS_STATUS, DOC_REQUIRED | DOC_ORDERED, doc_u32, REPLY(status) },
		{ TAG_SETTINGS_DEVICEINFORMATION, 0, read_device, 0 },
		{ TAG_SETTINGS_USERINFORMATION, 0, read_user, 0 },
	};

	*ret = (struct settings_reply){ 0 };
	return doc_parse(d, bytes, TAG_SETTINGS_SETTINGS, rules, countof(rules), ret);
}
