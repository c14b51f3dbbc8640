/* roostctl folder add, rename, remove. */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/folder_path.h>
#include <tools/roostctl/runs.h>

typedef enum err folder_edit(struct store_tx *tx, const struct args *args);

static const struct {
	enum err e;
	const char *text;
} refusals[] = {
	{ ERR_NOT_FOUND, "no such folder" },
	{ ERR_EXISTS, "there is a folder of that name" },
	{ ERR_DENIED, "every mailbox has this folder where it is, or it would lie in itself" },
	{ ERR_UNSUPPORTED, "not a folder of mail" },
	{ ERR_INVALID, "not a name for a folder" },
	{ ERR_LIMIT, "too long, too deep, or one folder too many" },
};

static enum status refuse(enum err e, const char *folder)
{
	for (size_t i = 0; i < countof(refusals); i++)
		if (refusals[i].e == e) {
			ctl_say("%s: %s", folder, refusals[i].text);
			return STATUS_FAILED;
		}
	return ctl_fail(e, "%s", folder);
}

static enum status change(struct ctl *c, const struct args *args, folder_edit *f)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct account account;
	enum err e;

	if (ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	e = store_begin(c->store, account.mailbox, STORE_WRITE, &tx);
	if (e)
		return ctl_fail(e, "%s", args->word[0]);
	e = f(tx, args);
	if (!e)
		e = store_commit(&tx);
	return e ? refuse(e, args->word[args->words_n - 1]) : STATUS_DONE;
}

/* Parts the last name of a path from those above it, which are found, or made as folders of mail. */
static enum err find_place(struct store_tx *tx, const char *path, bool makes, int64_t *ret_parent, struct str *ret_name)
{
	struct str rest = str_of(path), name = STR_EMPTY;
	int64_t parent = FOLDER_ROOT;

	while (str_cut(&rest, '/', &name) && rest.p)
		TRY(makes ? folder_path_step(tx, parent, name, &parent) : folder_by_name(tx, parent, 0, name, &parent));
	*ret_parent = parent;
	*ret_name = name;
	return ERR_OK;
}

/* That --class names, mail without it; FOLDER_CLASS_MAX_: there is none of that name. */
static enum folder_class class_of(const struct args *args)
{
	const char *named = args->option[OPTION_CLASS];
	enum folder_class class = FOLDER_MAIL;

	while (named && class < FOLDER_CLASS_MAX_ && strcmp(named, folder_class_names[class]) != 0)
		class ++;
	return class;
}

static enum err add(struct store_tx *tx, const struct args *args)
{
	struct folder_new f = { .class = class_of(args), .by = AUTHOR_NOBODY };
	int64_t id;

	TRY(find_place(tx, args->word[1], f.class == FOLDER_MAIL, &f.parent, &f.name));
	return folder_create(tx, &f, &id);
}

static enum err rename_one(struct store_tx *tx, const struct args *args)
{
	int64_t id, parent;
	struct str name;

	TRY(folder_path_find(tx, args->word[1], &id));
	TRY(find_place(tx, args->word[2], false, &parent, &name));
	return folder_update(tx, id, parent, name, &AUTHOR_NOBODY);
}

static enum err remove_one(struct store_tx *tx, const struct args *args)
{
	int64_t id;

	TRY(folder_path_find(tx, args->word[1], &id));
	return folder_delete(tx, id, &AUTHOR_NOBODY);
}

enum status folder_run_add(struct ctl *c, const struct args *args)
{
	if (class_of(args) == FOLDER_CLASS_MAX_) {
		ctl_say("%s: no class; there are mail, calendar, contacts, tasks and notes",
			args->option[OPTION_CLASS]);
		return STATUS_MISUSED;
	}
	return change(c, args, add);
}

enum status folder_run_rename(struct ctl *c, const struct args *args)
{
	return change(c, args, rename_one);
}

enum status folder_run_remove(struct ctl *c, const struct args *args)
{
	if (!args->option[OPTION_YES]) {
		ctl_say("%s: with all that is in it, for good? Then say --yes", args->word[1]);
		return STATUS_FAILED;
	}
	return change(c, args, remove_one);
}
