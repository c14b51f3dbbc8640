#include <tools/roostctl/folder_path.h>

enum { FOLDER_ARENA_MAX = 64 * 1024 }; /* of one folder */

const char *const folder_class_names[FOLDER_CLASS_MAX_] = {
	[FOLDER_MAIL] = "mail",   [FOLDER_CALENDAR] = "calendar", [FOLDER_CONTACTS] = "contacts",
	[FOLDER_TASKS] = "tasks", [FOLDER_NOTES] = "notes",
};

/* What others call the folders that every mailbox has. */
static const struct {
	struct str name;
	enum folder_role role;
} others[] = {
	{ STR_INIT("Inbox"), FOLDER_INBOX },
	{ STR_INIT("Drafts"), FOLDER_DRAFTS },
	{ STR_INIT("Draft"), FOLDER_DRAFTS },
	{ STR_INIT("Sent"), FOLDER_SENT },
	{ STR_INIT("Sent Items"), FOLDER_SENT },
	{ STR_INIT("Sent Messages"), FOLDER_SENT },
	{ STR_INIT("Sent Mail"), FOLDER_SENT },
	{ STR_INIT("sent-mail"), FOLDER_SENT },
	{ STR_INIT("Trash"), FOLDER_DELETED },
	{ STR_INIT("Deleted"), FOLDER_DELETED },
	{ STR_INIT("Deleted Items"), FOLDER_DELETED },
	{ STR_INIT("Deleted Messages"), FOLDER_DELETED },
	{ STR_INIT("Junk"), FOLDER_JUNK },
	{ STR_INIT("Junk E-mail"), FOLDER_JUNK },
	{ STR_INIT("Junk Email"), FOLDER_JUNK },
	{ STR_INIT("Junk Mail"), FOLDER_JUNK },
	{ STR_INIT("Spam"), FOLDER_JUNK },
	{ STR_INIT("Bulk Mail"), FOLDER_JUNK },
	{ STR_INIT("Outbox"), FOLDER_OUTBOX },
};

static enum folder_role role_of(struct str name)
{
	for (size_t i = 0; i < countof(others); i++)
		if (str_ieq(name, others[i].name))
			return others[i].role;
	return FOLDER_ROLE_NONE;
}

/* By name, else at the top level by what others call it; class 0: of any. */
static enum err find_child(struct store_tx *tx, int64_t parent, enum folder_class class, struct str name,
			   int64_t *ret_id)
{
	enum err e = folder_by_name(tx, parent, class, name, ret_id);
	enum folder_role role = parent == FOLDER_ROOT ? role_of(name) : FOLDER_ROLE_NONE;

	if (e == ERR_NOT_FOUND && role != FOLDER_ROLE_NONE)
		e = folder_by_role(tx, role, ret_id);
	return e;
}

enum err folder_path_find(struct store_tx *tx, const char *path, int64_t *ret_id)
{
	struct str rest = str_of(path), name;
	int64_t id = FOLDER_ROOT;

	if (!path)
		return folder_by_role(tx, FOLDER_INBOX, ret_id);
	while (str_cut(&rest, '/', &name))
		TRY(find_child(tx, id, 0, name, &id));
	if (id == FOLDER_ROOT)
		return ERR_NOT_FOUND;
	*ret_id = id;
	return ERR_OK;
}

static enum err class_of(struct store_tx *tx, int64_t id, enum folder_class *ret)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(FOLDER_ARENA_MAX);
	struct folder folder;

	TRY(folder_get(&a, tx, id, &folder));
	*ret = folder.class;
	return ERR_OK;
}

enum err folder_path_find_class(struct store_tx *tx, const char *path, enum folder_class class, int64_t *ret_id)
{
	struct str rest = str_of(path), name;
	enum folder_class found;
	int64_t id = FOLDER_ROOT;

	while (str_cut(&rest, '/', &name))
		TRY(find_child(tx, id, rest.p ? 0 : class, name, &id));
	if (id == FOLDER_ROOT)
		return ERR_NOT_FOUND;
	TRY(class_of(tx, id, &found));
	if (found != class)
		return ERR_NOT_FOUND;
	*ret_id = id;
	return ERR_OK;
}

enum err folder_path_is_mail(struct store_tx *tx, int64_t id)
{
	enum folder_class class;

	TRY(class_of(tx, id, &class));
	return class == FOLDER_MAIL ? ERR_OK : ERR_UNSUPPORTED;
}

enum err folder_path_step(struct store_tx *tx, int64_t parent, struct str name, int64_t *ret_id)
{
	const struct folder_new f = { .parent = parent, .name = name, .class = FOLDER_MAIL, .by = AUTHOR_NOBODY };
	enum err e = find_child(tx, parent, FOLDER_MAIL, name, ret_id);

	if (e == ERR_NOT_FOUND)
		return folder_create(tx, &f, ret_id);
	return e ? e : folder_path_is_mail(tx, *ret_id);
}

void folder_path_put(struct buf *b, const struct folder *folders, size_t n, size_t i)
{
	for (size_t p = 0; p < n && folders[i].parent != FOLDER_ROOT; p++)
		if (folders[p].id == folders[i].parent) {
			folder_path_put(b, folders, n, p);
			buf_char(b, '/');
			break;
		}
	buf_str(b, folders[i].name);
}
