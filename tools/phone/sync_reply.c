/* What Sync answers: tables from the outside in. */
#include "sync_reply.h"

#include "fault.h"

/* Mail */

#define MAIL(name) offsetof(struct mail, name)

/* MS-ASEMAIL R440: its children; an empty one says that there is no flag (R437). */
static enum err read_flag(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = {
		{ TAG_EMAIL_STATUS, 0, doc_u32, MAIL(flag) },   { TAG_EMAIL_FLAGTYPE, 0, doc_ignore, 0 },
		{ TAG_EMAIL_COMPLETETIME, 0, doc_ignore, 0 },   { TAG_TASKS_SUBJECT, 0, doc_ignore, 0 },
		{ TAG_TASKS_DATECOMPLETED, 0, doc_ignore, 0 },  { TAG_TASKS_STARTDATE, 0, doc_ignore, 0 },
		{ TAG_TASKS_UTCSTARTDATE, 0, doc_ignore, 0 },   { TAG_TASKS_DUEDATE, 0, doc_ignore, 0 },
		{ TAG_TASKS_UTCDUEDATE, 0, doc_ignore, 0 },     { TAG_TASKS_REMINDERSET, 0, doc_ignore, 0 },
		{ TAG_TASKS_REMINDERTIME, 0, doc_ignore, 0 },   { TAG_TASKS_ORDINALDATE, 0, doc_ignore, 0 },
		{ TAG_TASKS_SUBORDINALDATE, 0, doc_ignore, 0 },
	};
	struct mail *m = into;

	m->has_flag = true;
	TRY(doc_children(d, rules, countof(rules), into));
	return m->flag <= FLAG_SET ? ERR_OK : fault(d->why, "flag status %u is none", m->flag);
}

static enum err read_read(struct doc *d, void *into)
{
	struct mail *m = into;

	m->has_read = true;
	return doc_bool(d, &m->read);
}

/* Every property of mail that a response may have (MS-ASEMAIL 2.2.1, MS-ASAIRS 2.2.1). */
static const struct doc_rule mail_rules[] = {
	{ TAG_EMAIL_TO, 0, doc_text, MAIL(to) },
	{ TAG_EMAIL_CC, 0, doc_ignore, 0 },
	{ TAG_EMAIL_FROM, 0, doc_text, MAIL(from) },
	{ TAG_EMAIL_SUBJECT, 0, doc_text, MAIL(subject) },
	{ TAG_EMAIL_REPLYTO, 0, doc_ignore, 0 },
	{ TAG_EMAIL_DATERECEIVED, 0, doc_text, MAIL(received) },
	{ TAG_EMAIL_DISPLAYTO, 0, doc_ignore, 0 },
	{ TAG_EMAIL_THREADTOPIC, 0, doc_ignore, 0 },
	{ TAG_EMAIL_IMPORTANCE, 0, doc_ignore, 0 },
	{ TAG_EMAIL_READ, 0, read_read, 0 },
	{ TAG_EMAIL_MESSAGECLASS, 0, doc_text, MAIL(message_class) },
	{ TAG_EMAIL_MEETINGREQUEST, 0, doc_ignore, 0 },
	{ TAG_EMAIL_INTERNETCPID, 0, doc_ignore, 0 },
	{ TAG_EMAIL_FLAG, 0, read_flag, 0 },
	{ TAG_EMAIL_CONTENTCLASS, 0, doc_ignore, 0 },
	{ TAG_EMAIL_CATEGORIES, 0, doc_ignore, 0 },
	{ TAG_AIRSYNCBASE_BODY, 0, body_read, MAIL(body) },
	{ TAG_AIRSYNCBASE_BODYPART, 0, doc_ignore, 0 },
	{ TAG_AIRSYNCBASE_ATTACHMENTS, 0, doc_ignore, 0 },
	{ TAG_AIRSYNCBASE_NATIVEBODYTYPE, 0, doc_ignore, 0 },
	{ TAG_EMAIL2_UMCALLERID, 0, doc_ignore, 0 },
	{ TAG_EMAIL2_UMUSERNOTES, 0, doc_ignore, 0 },
	{ TAG_EMAIL2_CONVERSATIONID, 0, doc_ignore, 0 },
	{ TAG_EMAIL2_CONVERSATIONINDEX, 0, doc_ignore, 0 },
	{ TAG_EMAIL2_LASTVERBEXECUTED, 0, doc_ignore, 0 },
	{ TAG_EMAIL2_LASTVERBEXECUTIONTIME, 0, doc_ignore, 0 },
	{ TAG_EMAIL2_RECEIVEDASBCC, 0, doc_ignore, 0 },
	{ TAG_EMAIL2_SENDER, 0, doc_ignore, 0 },
	{ TAG_EMAIL2_ACCOUNTID, 0, doc_ignore, 0 },
	{ TAG_EMAIL2_MEETINGMESSAGETYPE, 0, doc_ignore, 0 },
	{ TAG_EMAIL2_ISDRAFT, 0, doc_ignore, 0 },
	{ TAG_EMAIL2_BCC, 0, doc_ignore, 0 },
};

enum err mail_read_properties(struct doc *d, void *into)
{
	return doc_children(d, mail_rules, countof(mail_rules), into);
}

/* YYYY-MM-DDTHH:MM:SS.mmmZ (MS-ASDTYPE 2.3); the digits' places, not their values. */
static bool is_datetime(struct str s)
{
	static const char shape[] = "0000-00-00T00:00:00.000Z";

	if (s.n != sizeof(shape) - 1)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (shape[i] == '0' ? s.p[i] < '0' || s.p[i] > '9' : s.p[i] != shape[i])
			return false;
	return true;
}

/* Items */

#define ITEM(name) offsetof(struct sync_item, name)

static enum err read_properties(struct doc *d, void *into)
{
	struct sync_item *item = into;

	return item->class == CLASS_MAIL ? mail_read_properties(d, &item->mail) : pim_read(d, item->class, &item->pim);
}

static enum err read_item(struct doc *d, struct sync_list *list, enum sync_kind kind, const struct doc_rule *rules,
			  size_t n)
{
	struct sync_item *item = arena_new(d->arena, struct sync_item);

	if (!item)
		return fault(d->why, "the response has more items than the phone's memory takes");
	item->kind = kind;
	item->class = list->class;
	*list->tail = item;
	list->tail = &item->next;
	list->n++;
	return doc_children(d, rules, n, item);
}

static enum err check_id(struct doc *d, const struct sync_list *list)
{
	const struct sync_item *item = container_of(list->tail, struct sync_item, next);

	return item->server_id.n ? ERR_OK : fault(d->why, "an item without a ServerId");
}

static enum err read_add(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = {
		{ TAG_AIRSYNC_SERVERID, DOC_REQUIRED | DOC_ORDERED, doc_text, ITEM(server_id) },
		{ TAG_AIRSYNC_APPLICATIONDATA, DOC_REQUIRED | DOC_ORDERED, read_properties, 0 },
	};
	struct sync_list *list = into;
	const struct sync_item *item;

	TRY(read_item(d, list, SYNC_ADD, rules, countof(rules)));
	item = container_of(list->tail, struct sync_item, next);
	if (item->mail.received.n && !is_datetime(item->mail.received))
		return fault(d->why, "DateReceived \"" STR_FMT "\" is no dateTime", STR_ARG(item->mail.received));
	return check_id(d, list);
}

static enum err read_change(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = {
		{ TAG_AIRSYNC_CLASS, DOC_ORDERED, doc_ignore, 0 },
		{ TAG_AIRSYNC_SERVERID, DOC_REQUIRED | DOC_ORDERED, doc_text, ITEM(server_id) },
		{ TAG_AIRSYNC_APPLICATIONDATA, DOC_REQUIRED | DOC_ORDERED, read_properties, 0 },
	};

	TRY(read_item(d, into, SYNC_CHANGE, rules, countof(rules)));
	return check_id(d, into);
}

static const struct doc_rule gone_rules[] = {
	{ TAG_AIRSYNC_CLASS, DOC_ORDERED, doc_ignore, 0 },
	{ TAG_AIRSYNC_SERVERID, DOC_REQUIRED | DOC_ORDERED, doc_text, ITEM(server_id) },
};

static enum err read_delete(struct doc *d, void *into)
{
	TRY(read_item(d, into, SYNC_GONE, gone_rules, countof(gone_rules)));
	return check_id(d, into);
}

static enum err read_soft_delete(struct doc *d, void *into)
{
	TRY(read_item(d, into, SYNC_SOFT_DELETE, gone_rules, countof(gone_rules)));
	return check_id(d, into);
}

/* The class is that of the folder, which must be known before its items. */
static enum err enter_list(struct doc *d, struct sync_collection_reply *c, struct sync_list *list)
{
	if (c->id.n == 0)
		return fault(d->why, "items before the CollectionId");
	list->class = CLASS_MAIL;
	for (size_t i = 0; i < c->asked_n; i++)
		if (str_eq(c->asked[i].id, c->id))
			list->class = c->asked[i].class;
	return ERR_OK;
}

/* Never empty: phones break on it. */
static enum err read_commands(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = {
		{ TAG_AIRSYNC_ADD, DOC_MANY, read_add, 0 },
		{ TAG_AIRSYNC_CHANGE, DOC_MANY, read_change, 0 },
		{ TAG_AIRSYNC_DELETE, DOC_MANY, read_delete, 0 },
		{ TAG_AIRSYNC_SOFTDELETE, DOC_MANY, read_soft_delete, 0 },
	};
	struct sync_collection_reply *c = into;

	TRY(enter_list(d, c, &c->commands));
	TRY(doc_children(d, rules, countof(rules), &c->commands));
	return c->commands.n ? ERR_OK : fault(d->why, "empty Commands");
}

static const struct doc_rule answer_rules[] = {
	{ TAG_AIRSYNC_CLASS, DOC_ORDERED, doc_ignore, 0 },
	{ TAG_AIRSYNC_SERVERID, DOC_REQUIRED | DOC_ORDERED, doc_text, ITEM(server_id) },
	{ TAG_AIRSYNC_STATUS, DOC_REQUIRED | DOC_ORDERED, doc_u32, ITEM(status) },
};

/* MS-ASCMD 2.2.3.7.2: what was added has an id now; from 16.0 on with what the server gave it. */
static enum err read_add_answer(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = {
		{ TAG_AIRSYNC_CLASS, DOC_ORDERED, doc_ignore, 0 },
		{ TAG_AIRSYNC_CLIENTID, DOC_REQUIRED | DOC_ORDERED, doc_text, ITEM(client_id) },
		{ TAG_AIRSYNC_SERVERID, DOC_ORDERED, doc_text, ITEM(server_id) },
		{ TAG_AIRSYNC_STATUS, DOC_REQUIRED | DOC_ORDERED, doc_u32, ITEM(status) },
		{ TAG_AIRSYNC_APPLICATIONDATA, DOC_ORDERED, read_properties, 0 },
	};
	struct sync_list *list = into;
	const struct sync_item *item;

	TRY(read_item(d, list, SYNC_ADD, rules, countof(rules)));
	item = container_of(list->tail, struct sync_item, next);
	return item->status == 1 ? check_id(d, list) : ERR_OK;
}

static enum err read_change_answer(struct doc *d, void *into)
{
	return read_item(d, into, SYNC_CHANGE, answer_rules, countof(answer_rules));
}

static enum err read_delete_answer(struct doc *d, void *into)
{
	return read_item(d, into, SYNC_GONE, answer_rules, countof(answer_rules));
}

/* To the commands that this phone sends: it fetches nothing. */
static enum err read_responses(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = {
		{ TAG_AIRSYNC_ADD, DOC_MANY, read_add_answer, 0 },
		{ TAG_AIRSYNC_CHANGE, DOC_MANY, read_change_answer, 0 },
		{ TAG_AIRSYNC_DELETE, DOC_MANY, read_delete_answer, 0 },
	};
	struct sync_collection_reply *c = into;

	TRY(enter_list(d, c, &c->responses));
	TRY(doc_children(d, rules, countof(rules), &c->responses));
	return c->responses.n ? ERR_OK : fault(d->why, "empty Responses");
}

/* Collections */

#define COLLECTION(name) offsetof(struct sync_collection_reply, name)

static enum err read_collection(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = {
		{ TAG_AIRSYNC_CLASS, 0, doc_ignore, 0 },
		{ TAG_AIRSYNC_SYNCKEY, DOC_REQUIRED, doc_text, COLLECTION(key) },
		{ TAG_AIRSYNC_COLLECTIONID, DOC_REQUIRED, doc_text, COLLECTION(id) },
		{ TAG_AIRSYNC_STATUS, DOC_REQUIRED, doc_u32, COLLECTION(status) },
		{ TAG_AIRSYNC_RESPONSES, 0, read_responses, 0 },
		{ TAG_AIRSYNC_MOREAVAILABLE, 0, doc_present, COLLECTION(more) },
		{ TAG_AIRSYNC_COMMANDS, 0, read_commands, 0 },
	};
	struct sync_reply *r = into;
	struct sync_collection_reply *c = arena_new(d->arena, struct sync_collection_reply);

	if (!c)
		return fault(d->why, "too many collections");
	c->asked = r->asked;
	c->asked_n = r->asked_n;
	c->commands.tail = &c->commands.first;
	c->responses.tail = &c->responses.first;
	*r->tail = c;
	r->tail = &c->next;
	return doc_children(d, rules, countof(rules), c);
}

static enum err read_collections(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = { { TAG_AIRSYNC_COLLECTION, DOC_MANY, read_collection, 0 } };
	struct sync_reply *r = into;

	TRY(doc_children(d, rules, countof(rules), into));
	return r->collections ? ERR_OK : fault(d->why, "empty Collections");
}

#define REPLY(name) offsetof(struct sync_reply, name)

enum err sync_parse(struct doc *d, struct str bytes, const struct sync_collection *asked, size_t n,
		    struct sync_reply *ret)
{
	static const struct doc_rule rules[] = {
		{ TAG_AIRSYNC_STATUS, DOC_ORDERED, doc_u32, REPLY(status) },
		{ TAG_AIRSYNC_LIMIT, DOC_ORDERED, doc_u32, REPLY(limit) },
		{ TAG_AIRSYNC_COLLECTIONS, DOC_ORDERED, read_collections, 0 },
	};

	*ret = (struct sync_reply){ .asked = asked, .asked_n = n };
	ret->tail = &ret->collections;
	TRY(doc_parse(d, bytes, TAG_AIRSYNC_SYNC, rules, countof(rules), ret));
	return ret->status || ret->collections ? ERR_OK : fault(d->why, "a Sync with neither Status nor Collections");
}
