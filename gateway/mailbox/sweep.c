/* Housekeeping. */
#include <gateway/mailbox/sweep.h>

#include <base/log.h>
#include <gateway/mailbox/conversation.h>
#include <gateway/mailbox/search.h>
#include <store/access.h>
#include <store/account.h>
#include <store/blob.h>
#include <store/device.h>
#include <store/folder.h>
#include <store/queue.h>
#include <store/sync.h>

enum {
	ROWS_A_STEP = 500, /* of one transaction */
	CONVERSATIONS_A_STEP = 50,
	ACCOUNTS_A_STEP = 100,
	ARENA_BYTES = 4 * 1024 * 1024,
	MS_A_DAY = 24 * 3600 * 1000,
};

typedef enum err step_fn(struct store_tx *tx, unsigned limit, bool *ret_more);

static enum err run_step(struct store *s, int64_t mailbox, step_fn *step, bool *ret_more)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(s, mailbox, STORE_WRITE, &tx));
	TRY(step(tx, ROWS_A_STEP, ret_more));
	return store_commit(&tx);
}

/* Each of them is read: fewer at once. What is left is done the next time. */
static enum err fill_conversations(struct store *s, int64_t mailbox, const struct mail_search_bounds *bounds)
{
	for (bool more = true; more && !(bounds->stop && bounds->stop(bounds->ctx));)
		TRY(conversation_fill(s, mailbox, CONVERSATIONS_A_STEP, &more));
	return ERR_OK;
}

static enum err sweep_mailbox(struct store *s, int64_t mailbox, const struct mail_search_bounds *bounds, size_t *files)
{
	static step_fn *const steps[] = { folder_sweep, sync_purge };
	size_t removed = 0;
	bool head;

	for (size_t i = 0; i < countof(steps); i++)
		for (bool more = true; more;)
			TRY(run_step(s, mailbox, steps[i], &more));
	TRY(fill_conversations(s, mailbox, bounds));
	TRY(queue_steps_forget(s, mailbox));
	TRY(store_blob_sweep(s, mailbox, &removed));
	*files += removed;
	return mail_search_update(s, mailbox, bounds, &head);
}

/* The directory first forgets what was sent, so that the mailboxes behind it can. */
static enum err sweep_queue(struct store *s, size_t *files)
{
	size_t removed = 0;

	for (bool more = true; more;)
		TRY(run_step(s, STORE_DIRECTORY, queue_forget, &more));
	TRY(store_blob_sweep(s, STORE_DIRECTORY, &removed));
	*files += removed;
	return ERR_OK;
}

static enum err next_accounts(struct arena *a, struct store *s, int64_t after, struct account **ret, size_t *ret_n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(s, STORE_DIRECTORY, STORE_READ, &tx));
	return account_list(a, tx, after, ACCOUNTS_A_STEP, ret, ret_n);
}

/* Another process has removed it since it was listed. */
static bool is_gone(struct store *s, struct arena *a, int64_t id)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct account account;

	return store_begin(s, STORE_DIRECTORY, STORE_READ, &tx) == ERR_OK &&
	       account_get(a, tx, id, &account) == ERR_NOT_FOUND;
}

static void sweep_one(struct store *s, struct arena *a, const struct account *account,
		      const struct mail_search_bounds *bounds, struct sweep_counts *counts)
{
	enum err e = sweep_mailbox(s, account->mailbox, bounds, &counts->files);

	if (e && is_gone(s, a, account->id))
		return;
	counts->mailboxes++;
	if (e == ERR_BUSY)
		counts->busy++;
	if (!e || e == ERR_BUSY)
		return;
	counts->damaged++;
	log_error("sweep", "mailbox=%lld account=%s error=%s", (long long)account->mailbox,
		  log_quote(account->address).text, log_quote(str_of(err_text(e))).text);
}

/* ---- devices that are gone ---- */

static enum err reap(struct store *s, int64_t days, bool only_unsynced)
{
	const int64_t before_ms = clock_wall_ms(store_clock(s)) - days * MS_A_DAY;
	unsigned n = ROWS_A_STEP;

	while (n == ROWS_A_STEP) {
		CLEANUP(store_tx_end) struct store_tx *tx = NULL;

		TRY(store_begin(s, STORE_DIRECTORY, STORE_WRITE, &tx));
		TRY(device_reap(tx, before_ms, only_unsynced, ROWS_A_STEP, &n));
		TRY(store_commit(&tx));
	}
	return ERR_OK;
}

/* 0: devices that have synced are kept for ever. */
static enum err reap_days(struct store *s, struct arena *a, uint64_t *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct str text;

	TRY(store_begin(s, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(access_setting_get(a, tx, ACCESS_REAP_DAYS, &text));
	if (str_to_u64(text, INT32_MAX, ret))
		*ret = 0;
	return ERR_OK;
}

static enum err sweep_devices(struct store *s, struct arena *a)
{
	uint64_t days;

	TRY(reap(s, SWEEP_UNSYNCED_DAYS, true));
	TRY(reap_days(s, a, &days));
	return days ? reap(s, (int64_t)days, false) : ERR_OK;
}

enum err sweep_all(struct store *s, bool (*stop)(void *ctx), void *ctx, struct sweep_counts *ret)
{
	const struct mail_search_bounds bounds = { .stop = stop, .ctx = ctx };
	struct arena arena = ARENA_INIT(ARENA_BYTES);
	struct account *accounts;
	int64_t after = 0;
	size_t n = 0, leftovers = 0;
	enum err e;

	*ret = (struct sweep_counts){ 0 };
	e = sweep_devices(s, &arena); /* first: what was kept for them goes with the mailboxes below */
	if (!e)
		e = sweep_queue(s, &ret->files);
	while (!e) {
		arena_reset(&arena);
		e = next_accounts(&arena, s, after, &accounts, &n);
		for (size_t i = 0; !e && i < n; i++) {
			if (stop && stop(ctx))
				goto out;
			sweep_one(s, &arena, &accounts[i], &bounds, ret);
			after = accounts[i].id;
		}
		if (n == 0)
			break;
	}
	if (!e)
		e = account_sweep(s, &leftovers);
	ret->files += leftovers;
out:
	arena_release(&arena);
	return e;
}
