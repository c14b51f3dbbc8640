/* FolderSync. */
#include "hierarchy.h"

#include "fault.h"

/* Types without a row, and the recipient cache, are synchronised only where somebody names the folder. */
static const struct {
	bool listed;
	enum item_class class;
	enum eas_version since;
} types[FOLDER_TYPE_MAX + 1] = {
	[FOLDER_INBOX] = { true, CLASS_MAIL, EAS_12_1 },
	[FOLDER_DRAFTS] = { true, CLASS_MAIL, EAS_16_0 },
	[FOLDER_DELETED] = { true, CLASS_MAIL, EAS_12_1 },
	[FOLDER_SENT] = { true, CLASS_MAIL, EAS_12_1 },
	[FOLDER_TASKS] = { true, CLASS_TASKS, EAS_12_1 },
	[FOLDER_CALENDAR] = { true, CLASS_CALENDAR, EAS_12_1 },
	[FOLDER_CONTACTS] = { true, CLASS_CONTACTS, EAS_12_1 },
	[FOLDER_NOTES] = { true, CLASS_NOTES, EAS_14_0 },
	[FOLDER_USER_MAIL] = { true, CLASS_MAIL, EAS_12_1 },
	[FOLDER_USER_CALENDAR] = { true, CLASS_CALENDAR, EAS_12_1 },
	[FOLDER_USER_CONTACTS] = { true, CLASS_CONTACTS, EAS_12_1 },
	[FOLDER_USER_TASKS] = { true, CLASS_TASKS, EAS_12_1 },
	[FOLDER_USER_NOTES] = { true, CLASS_NOTES, EAS_14_0 },
	[FOLDER_RECIPIENTS] = { false, CLASS_CONTACTS, EAS_14_0 },
};

struct str class_name(enum item_class class)
{
	static const char *const names[] = { [CLASS_MAIL] = "Email",
					     [CLASS_CALENDAR] = "Calendar",
					     [CLASS_CONTACTS] = "Contacts",
					     [CLASS_TASKS] = "Tasks",
					     [CLASS_NOTES] = "Notes" };

	return str_of(names[class]);
}

enum item_class folder_class(uint32_t type)
{
	return type <= FOLDER_TYPE_MAX ? types[type].class : CLASS_MAIL;
}

bool folder_takes_part(uint32_t type, unsigned classes, enum eas_version v)
{
	return type <= FOLDER_TYPE_MAX && types[type].listed && v >= types[type].since &&
	       (classes >> types[type].class & 1);
}

void hierarchy_ask(struct buf *out, struct str key)
{
	struct wbxml_writer w;

	wbxml_writer_init(&w, out);
	wbxml_open(&w, TAG_FOLDERHIERARCHY_FOLDERSYNC);
	wbxml_put_text(&w, TAG_FOLDERHIERARCHY_SYNCKEY, key);
	wbxml_close(&w, TAG_FOLDERHIERARCHY_FOLDERSYNC);
	doc_finish(&w);
}

static enum err read_change(struct doc *d, struct hierarchy_reply *r, enum folder_change_kind kind,
			    const struct doc_rule *rules, size_t n)
{
	struct folder_change *c = arena_new(d->arena, struct folder_change);

	if (!c)
		return fault(d->why, "too many folders");
	c->kind = kind;
	*r->tail = c;
	r->tail = &c->next;
	TRY(doc_children(d, rules, n, c));
	if (kind != FOLDER_DELETE && (c->type == 0 || c->type > FOLDER_TYPE_MAX))
		return fault(d->why, "folder " STR_FMT " has the unknown type %u", STR_ARG(c->id), c->type);
	return c->id.n ? ERR_OK : fault(d->why, "a folder without a ServerId");
}

#define FIELD(name) offsetof(struct folder_change, name)

static const struct doc_rule folder_rules[] = {
	{ TAG_FOLDERHIERARCHY_SERVERID, DOC_REQUIRED | DOC_ORDERED, doc_text, FIELD(id) },
	{ TAG_FOLDERHIERARCHY_PARENTID, DOC_REQUIRED | DOC_ORDERED, doc_text, FIELD(parent) },
	{ TAG_FOLDERHIERARCHY_DISPLAYNAME, DOC_REQUIRED | DOC_ORDERED, doc_text, FIELD(name) },
	{ TAG_FOLDERHIERARCHY_TYPE, DOC_REQUIRED | DOC_ORDERED, doc_u32, FIELD(type) },
};

static enum err read_update(struct doc *d, void *into)
{
	return read_change(d, into, FOLDER_UPDATE, folder_rules, countof(folder_rules));
}

static enum err read_add(struct doc *d, void *into)
{
	return read_change(d, into, FOLDER_ADD, folder_rules, countof(folder_rules));
}

/* A Delete names the folder alone: the first of the rules. */
static enum err read_delete(struct doc *d, void *into)
{
	return read_change(d, into, FOLDER_DELETE, folder_rules, 1);
}

#undef FIELD
#define FIELD(name) offsetof(struct hierarchy_reply, name)

static enum err read_changes(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = {
		{ TAG_FOLDERHIERARCHY_COUNT, DOC_ORDERED, doc_u32, FIELD(count) },
		{ TAG_FOLDERHIERARCHY_UPDATE, DOC_MANY | DOC_ORDERED, read_update, 0 },
		{ TAG_FOLDERHIERARCHY_DELETE, DOC_MANY | DOC_ORDERED, read_delete, 0 },
		{ TAG_FOLDERHIERARCHY_ADD, DOC_MANY | DOC_ORDERED, read_add, 0 },
	};
	struct hierarchy_reply *r = into;
	uint32_t n = 0;

	r->has_changes = true;
	TRY(doc_children(d, rules, countof(rules), into));
	for (const struct folder_change *c = r->changes; c; c = c->next)
		n++;
	return n == r->count ? ERR_OK : fault(d->why, "FolderSync counts %u changes and has %u", r->count, n);
}

enum err hierarchy_parse(struct doc *d, struct str bytes, struct hierarchy_reply *ret)
{
	static const struct doc_rule rules[] = {
		{ TAG_FOLDERHIERARCHY_STATUS, DOC_REQUIRED | DOC_ORDERED, doc_u32, FIELD(status) },
		{ TAG_FOLDERHIERARCHY_SYNCKEY, DOC_ORDERED, doc_text, FIELD(key) },
		{ TAG_FOLDERHIERARCHY_CHANGES, DOC_ORDERED, read_changes, 0 },
	};

	*ret = (struct hierarchy_reply){ 0 };
	ret->tail = &ret->changes;
	TRY(doc_parse(d, bytes, TAG_FOLDERHIERARCHY_FOLDERSYNC, rules, countof(rules), ret));
	if (ret->status == 1 && (ret->key.n == 0 || !ret->has_changes))
		return fault(d->why, "FolderSync succeeds without %s", ret->key.n ? "Changes" : "a SyncKey");
	return ERR_OK;
}
