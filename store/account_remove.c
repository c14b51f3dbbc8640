/* The end of accounts: rows first, files after, and what a crash between the two leaves. */
#include <store/account.h>

#include <base/mem.h>
#include <store/address.h>
#include <store/address_book.h>
#include <store/app_password.h>
#include <store/ceiling.h>
#include <store/certificate.h>
#include <store/login_mode.h>
#include <store/mail_group.h>
#include <store/mailbox.h>
#include <store/paths.h>
#include <store/redirect.h>
#include <store/share.h>
#include <store/visibility.h>
#include <store/working_hours.h>
#include <store/sql/sql.h>

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum remove_stmt {
	REMOVE_DEVICES,
	REMOVE_MEMBERSHIPS,
	REMOVE_ASSIGNMENT,
	REMOVE_EXEMPTIONS,
	REMOVE_OFF,
	REMOVE_ADDRESSES,
	REMOVE_ACCOUNT,
	REMOVE_WAS_REMOVED,
	REMOVE_STMT_MAX_
};
static const struct sql_def remove_sql[] = {
	[REMOVE_DEVICES] = { "account_remove_devices", "DELETE FROM device WHERE account_id = $1" },
	[REMOVE_MEMBERSHIPS] = { "account_remove_memberships",
				 "DELETE FROM account_group_member WHERE account_id = $1" },
	[REMOVE_ASSIGNMENT] = { "account_remove_assignment",
				"DELETE FROM policy_assignment WHERE scope = 1 AND target = $1" },
	[REMOVE_EXEMPTIONS] = { "account_remove_exemptions", "DELETE FROM access_exemption WHERE account_id = $1" },
	[REMOVE_OFF] = { "account_remove_off", "DELETE FROM access_off WHERE account_id = $1" },
	[REMOVE_ADDRESSES] = { "account_remove_addresses", "DELETE FROM address WHERE account_id = $1" },
	[REMOVE_ACCOUNT] = { "account_remove", "DELETE FROM account WHERE account_id = $1" },
	/* The engine's catalogue knows the last id given, also where its account has gone. */
	[REMOVE_WAS_REMOVED] = { "account_was_removed",
				 "SELECT 1 FROM sqlite_sequence WHERE name = 'account' AND seq >= $1"
				 " AND NOT EXISTS (SELECT 1 FROM account WHERE account_id = $1)" },
};
static_assert(countof(remove_sql) == REMOVE_STMT_MAX_, "one text per statement");

/* What is left to delete has this at the end of its name, so that it is nobody's before it is gone. */
#define GONE ".gone"

static enum err run(struct store_tx *tx, enum remove_stmt which, int64_t id)
{
	struct sql_stmt *st;

	TRY(sql_use(store_tx_db(tx), &remove_sql[which], &st));
	sql_bind_i64(st, 1, id);
	return sql_run(st);
}

enum err account_remove(struct store *s, int64_t id)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(s, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(run(tx, REMOVE_DEVICES, id));
	TRY(ceiling_forget(tx, id));
	TRY(app_password_drop_all(tx, id));
	TRY(login_mode_drop_all(tx, id));
	TRY(certificate_drop_all(tx, id));
	TRY(redirect_forget(tx, id));
	TRY(visibility_unset(tx, id, STR_EMPTY));
	TRY(share_drop_all(tx, id));
	TRY(working_hours_unset(tx, id, STR_EMPTY));
	TRY(book_forget(tx, id));
	TRY(mail_group_forget_account(tx, id));
	TRY(run(tx, REMOVE_MEMBERSHIPS, id));
	TRY(run(tx, REMOVE_ASSIGNMENT, id));
	TRY(run(tx, REMOVE_EXEMPTIONS, id));
	TRY(run(tx, REMOVE_OFF, id));
	TRY(run(tx, REMOVE_ADDRESSES, id));
	TRY(run(tx, REMOVE_ACCOUNT, id));
	if (sql_changes(store_tx_db(tx)) == 0)
		return ERR_NOT_FOUND;
	TRY(account_changed(tx));
	TRY(store_commit(&tx));
	return store_mailbox_remove(s, id);
}

/*
 * An id that was never given is of an account that did not commit, and harms nobody; or of a newer directory than this
 * one, which was restored: then it is somebody's mail.
 */
static enum err was_removed(struct store_tx *tx, int64_t id, bool *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(sql_use(store_tx_db(tx), &remove_sql[REMOVE_WAS_REMOVED], &st));
	sql_bind_i64(st, 1, id);
	return sql_step(st, ret);
}

static enum err set_aside(const char *folder, const char *name)
{
	CLEANUP(path_free) char *from = path_join(folder, name);
	CLEANUP(path_free) char *to = mem_alloc(strlen(from) + sizeof(GONE));

	memcpy(to, from, strlen(from));
	memcpy(to + strlen(from), GONE, sizeof(GONE));
	TRY(path_remove_tree(to));
	return rename(from, to) == 0 ? ERR_OK : path_errno(errno);
}

/* The directory's write lock is held, so no account is being made whose files are there already. */
static enum err set_aside_removed(struct store_tx *tx, const char *folder, DIR *dir)
{
	const struct dirent *entry;

	while ((entry = readdir(dir))) {
		int64_t id;
		bool removed;

		if (str_to_i64(str_of(entry->d_name), &id) != ERR_OK)
			continue;
		TRY(was_removed(tx, id, &removed));
		if (removed)
			TRY(set_aside(folder, entry->d_name));
	}
	return ERR_OK;
}

static enum err remove_set_aside(const char *folder, DIR *dir, size_t *ret_removed)
{
	const struct dirent *entry;

	while ((entry = readdir(dir))) {
		if (!str_ends(str_of(entry->d_name), S(GONE)))
			continue;
		CLEANUP(path_free) char *path = path_join(folder, entry->d_name);
		TRY(path_remove_tree(path));
		++*ret_removed;
	}
	return ERR_OK;
}

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

enum err account_sweep(struct store *s, size_t *ret_removed)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(path_free) char *folder = path_mailboxes(s);
	CLEANUP(close_dir) DIR *dir = opendir(folder);

	*ret_removed = 0;
	if (!dir)
		return path_errno(errno);
	TRY(store_begin(s, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(set_aside_removed(tx, folder, dir));
	TRY(store_commit(&tx));
	rewinddir(dir);
	return remove_set_aside(folder, dir, ret_removed);
}
