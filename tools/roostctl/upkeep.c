/* roostctl check-config, search rebuild, sweep and account renew-uids. */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/runs.h>

#include <gateway/mailbox/search.h>
#include <gateway/control/announce.h>
#include <gateway/mailbox/sweep.h>
#include <store/folder.h>
#include <store/sync.h>

#include <stdio.h>

enum status check_config_run(struct ctl *c, const struct args *args)
{
	(void)args;
	printf("%s: nothing is wrong with it\n", c->config_path);
	return ctl_flush();
}

enum status search_run_rebuild(struct ctl *c, const struct args *args)
{
	struct account account;
	enum err e;

	if (ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	e = mail_search_rebuild(c->store, account.mailbox);
	return e ? ctl_fail(e, "%s", args->word[0]) : STATUS_DONE;
}

/* A restored mailbox: whoever knows its lost future, by UIDs or by what it has moved there, begins anew. */
static enum err renew(struct store *s, int64_t mailbox)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(s, mailbox, STORE_WRITE, &tx));
	TRY(folder_renew_uids(tx));
	TRY(sync_forget_all(tx));
	return store_commit(&tx);
}

enum status account_run_renew_uids(struct ctl *c, const struct args *args)
{
	struct account account;
	enum err e;

	if (ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	e = renew(c->store, account.mailbox);
	if (e)
		return ctl_fail(e, "%s", args->word[0]);
	announce_account(c->announcer, account.id); /* sessions have the former numbers */
	return STATUS_DONE;
}

enum status sweep_run(struct ctl *c, const struct args *args)
{
	struct sweep_counts n = { 0 };
	enum err e = sweep_all(c->store, NULL, NULL, &n);

	(void)args;
	if (e)
		return ctl_fail(e, "the sweep stopped");
	printf("%zu mailboxes swept, %zu files removed\n", n.mailboxes - n.damaged - n.busy, n.files);
	if (n.busy)
		ctl_say("%zu mailboxes are busy, and left to the next sweep", n.busy);
	if (n.damaged) {
		ctl_say("%zu mailboxes are damaged", n.damaged);
		return STATUS_FAILED;
	}
	return ctl_flush();
}
