/* roostctl folder: the tree of a mailbox. */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/folder_path.h>
#include <tools/roostctl/listing.h>
#include <tools/roostctl/runs.h>

#include <assert.h>

static const char *const role_names[] = {
	[FOLDER_ROLE_NONE] = "",
	[FOLDER_INBOX] = "inbox",
	[FOLDER_DRAFTS] = "drafts",
	[FOLDER_DELETED] = "deleted",
	[FOLDER_SENT] = "sent",
	[FOLDER_OUTBOX] = "outbox",
	[FOLDER_JUNK] = "junk",
	[FOLDER_ARCHIVE] = "archive",
	[FOLDER_DEFAULT_CALENDAR] = "calendar",
	[FOLDER_DEFAULT_CONTACTS] = "contacts",
	[FOLDER_DEFAULT_TASKS] = "tasks",
	[FOLDER_DEFAULT_NOTES] = "notes",
	[FOLDER_RECIPIENT_CACHE] = "recipients",
};
static_assert(countof(role_names) == FOLDER_ROLE_MAX_, "name every role");

static const struct column columns[] = {
	{ "id", "ID", 6 },          { "path", "PATH", 32 },  { "class", "CLASS", 8 },
	{ "role", "ROLE", 8 },      { "total", "TOTAL", 8 }, { "unread", "UNREAD", 8 },
	{ "uidvalidity", NULL, 0 }, { "uidnext", NULL, 0 },  { "head", NULL, 0 },
};

static void list_row(struct listing *l, const struct folder *folders, size_t n, size_t i)
{
	struct buf path = BUF_INIT(FOLDER_PATH_MAX);
	const struct folder *f = &folders[i];

	folder_path_put(&path, folders, n, i);
	listing_number(l, (uint64_t)f->id);
	listing_text(l, buf_view(&path));
	listing_text(l, str_of(folder_class_names[f->class]));
	listing_text(l, str_of(role_names[f->role]));
	listing_number(l, f->total);
	listing_number(l, f->unread);
	listing_number(l, f->uid_validity);
	listing_number(l, f->uid_next);
	listing_number(l, f->head);
	buf_release(&path);
}

static enum err read_folders(struct ctl *c, int64_t mailbox, struct folder **ret, size_t *ret_n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, mailbox, STORE_READ, &tx));
	return folder_list(&c->arena, tx, ret, ret_n);
}

enum status folder_run_list(struct ctl *c, const struct args *args)
{
	struct account account;
	struct folder *folders;
	struct listing l;
	size_t n;
	enum err e;

	if (ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	e = read_folders(c, account.mailbox, &folders, &n);
	if (e)
		return ctl_fail(e, "%s", args->word[0]);
	listing_begin(&l, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_TABLE));
	for (size_t i = 0; i < n; i++)
		list_row(&l, folders, n, i);
	listing_end(&l);
	return ctl_flush();
}
