/* roostctl device: looking at the phones of the accounts, and ending partnerships. */
#include <tools/roostctl/device.h>

#include <tools/roostctl/listing.h>
#include <tools/roostctl/runs.h>

#include <gateway/control/announce.h>
#include <store/access.h>
#include <store/sync.h>
#include <store/sync_overview.h>

enum { PROTOCOL_MAX = 16, WIPE_TEXT_MAX = 64, ROW_ARENA_MAX = 256 * 1024 };

static const struct column columns[] = {
	{ "account", "ACCOUNT", 24 },
	{ "device_id", "DEVICEID", 32 },
	{ "type", "TYPE", 12 },
	{ "protocol", "PROTOCOL", 8 },
	{ "access", "ACCESS", 10 },
	{ "last_seen", "LAST SEEN", 20 },
	{ "last_sync", NULL, 0 },
	{ "first_seen", NULL, 0 },
	{ "model", "MODEL", 0 },
	{ "os", NULL, 0 },
	{ "os_language", NULL, 0 },
	{ "friendly_name", NULL, 0 },
	{ "imei", NULL, 0 },
	{ "phone_number", NULL, 0 },
	{ "mobile_operator", NULL, 0 },
	{ "user_agent", NULL, 0 },
	{ "access_decided_by", NULL, 0 },
	{ "access_since", NULL, 0 },
	{ "policy", NULL, 0 },
	{ "policy_acknowledged", NULL, 0 },
	{ "policy_status", NULL, 0 },
	{ "wipe", NULL, 0 },
	{ "wipe_requested", NULL, 0 },
	{ "wipe_sent", NULL, 0 },
	{ "wipe_acknowledged", NULL, 0 },
	{ "last_command", NULL, 0 },
	{ "last_command_at", NULL, 0 },
	{ "error_command", NULL, 0 },
	{ "error_status", NULL, 0 },
	{ "error_at", NULL, 0 },
};

/* The same, all of them for people, and what a look at the account's other devices tells. */
static const struct column block[countof(columns) + 1] = {
	{ "account", "account", 0 },
	{ "device_id", "device id", 0 },
	{ "type", "type", 0 },
	{ "protocol", "protocol", 0 },
	{ "access", "access", 0 },
	{ "last_seen", "last seen", 0 },
	{ "last_sync", "last sync", 0 },
	{ "first_seen", "first seen", 0 },
	{ "model", "model", 0 },
	{ "os", "system", 0 },
	{ "os_language", "language", 0 },
	{ "friendly_name", "name", 0 },
	{ "imei", "IMEI", 0 },
	{ "phone_number", "phone number", 0 },
	{ "mobile_operator", "operator", 0 },
	{ "user_agent", "user agent", 0 },
	{ "access_decided_by", "decided by", 0 },
	{ "access_since", "decided at", 0 },
	{ "policy", "policy", 0 },
	{ "policy_acknowledged", "policy accepted", 0 },
	{ "policy_status", "it says of it", 0 },
	{ "wipe", "wipe", 0 },
	{ "wipe_requested", "wipe requested", 0 },
	{ "wipe_sent", "wipe sent", 0 },
	{ "wipe_acknowledged", "wipe done", 0 },
	{ "last_command", "last command", 0 },
	{ "last_command_at", "at", 0 },
	{ "error_command", "last error in", 0 },
	{ "error_status", "status", 0 },
	{ "error_at", "at", 0 },
	{ "texts_sent_by", "texts sent by", 0 },
};

static void put_protocol(struct listing *l, unsigned protocol)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(PROTOCOL_MAX);

	if (protocol)
		buf_fmt(&text, "%u.%u", protocol / 10, protocol % 10);
	listing_text(l, buf_view(&text));
}

static void put_policy_status(struct listing *l, unsigned status)
{
	static const char *const texts[] = { "", "applied", "applied in part", "not applied",
					     "managed by somebody else" };

	listing_text(l, str_of(status < countof(texts) ? texts[status] : "unknown"));
}

/* "account, failed". */
static void put_wipe(struct listing *l, const struct device *d)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(WIPE_TEXT_MAX);

	if (d->wipe != DEVICE_WIPE_NONE) {
		buf_cstr(&text, d->wipe == DEVICE_WIPE_FULL ? "full" : "account");
		buf_cstr(&text, d->wipe_done_ms                                             ? ", done"
				: d->wipe_status && d->wipe_status != DEVICE_WIPE_SUCCEEDED ? ", failed"
				: d->wipe_sent_ms                                           ? ", sent"
											    : ", requested");
	}
	listing_text(l, buf_view(&text));
}

static void put_row(struct listing *l, struct str account, const struct device *d)
{
	listing_text(l, account);
	listing_text(l, d->device_id);
	listing_text(l, d->type);
	put_protocol(l, d->protocol);
	listing_text(l, str_of(access_level_text((enum access_level)d->access)));
	listing_time(l, d->last_seen_ms);
	listing_time(l, d->last_sync_ms);
	listing_time(l, d->first_seen_ms);
	listing_text(l, d->info.model);
	listing_text(l, d->info.os);
	listing_text(l, d->info.os_language);
	listing_text(l, d->info.friendly_name);
	listing_text(l, d->info.imei);
	listing_text(l, d->info.phone_number);
	listing_text(l, d->info.mobile_operator);
	listing_text(l, d->info.user_agent);
	listing_text(l, d->access_reason);
	listing_time(l, d->access_ms);
	listing_text(l, d->policy.name);
	listing_time(l, d->policy_acknowledged_ms);
	put_policy_status(l, d->policy_status);
	put_wipe(l, d);
	listing_time(l, d->wipe_requested_ms);
	listing_time(l, d->wipe_sent_ms);
	listing_time(l, d->wipe_done_ms);
	listing_text(l, d->last_command);
	listing_time(l, d->last_command_ms);
	listing_text(l, d->error_command);
	listing_number(l, d->error_status);
	listing_time(l, d->error_ms);
}

struct walk {
	struct listing listing;
	bool waiting; /* those in quarantine alone */
};

static enum err list_one(void *ctx, struct str address, const struct device *d)
{
	struct walk *w = ctx;

	if (!w->waiting || d->access == ACCESS_QUARANTINE || d->access == ACCESS_DISCOVERY)
		put_row(&w->listing, address, d);
	return ERR_OK;
}

static enum err walk_devices(struct ctl *c, int64_t account, struct walk *w)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(arena_release) struct arena row = ARENA_INIT(ROW_ARENA_MAX);

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx));
	return device_each(&row, tx, account, list_one, w);
}

static enum status list_devices(struct ctl *c, const struct args *args, bool waiting)
{
	struct walk w = { .waiting = waiting };
	struct account account = { 0 };
	enum err e;

	if (args->words_n && ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	listing_begin(&w.listing, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_TABLE));
	e = walk_devices(c, account.id, &w);
	listing_end(&w.listing);
	return e ? ctl_fail(e, "the list is not complete") : ctl_flush();
}

enum status device_run_list(struct ctl *c, const struct args *args)
{
	return list_devices(c, args, false);
}

enum status quarantine_run_list(struct ctl *c, const struct args *args)
{
	return list_devices(c, args, true);
}

enum status ctl_device(struct ctl *c, const struct args *args, struct account *ret_account, struct device *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	enum err e;

	if (ctl_account(c, args->word[0], ret_account))
		return STATUS_FAILED;
	e = store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx);
	if (!e)
		e = device_find(&c->arena, tx, ret_account->id, str_of(args->word[1]), ret);
	if (e == ERR_NOT_FOUND || e == ERR_INVALID) {
		ctl_say("%s: %s has no such device", args->word[1], args->word[0]);
		return STATUS_FAILED;
	}
	return e ? ctl_fail(e, "%s", args->word[1]) : STATUS_DONE;
}

/* The device that the account's text messages are sent through; empty: none. */
static enum err find_text_sender(struct ctl *c, int64_t account, struct str *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	const struct device *sender;
	struct device *list;
	size_t n;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(device_list(&c->arena, tx, account, &list, &n));
	sender = device_text_sender(list, n);
	*ret = sender ? sender->device_id : STR_EMPTY;
	return ERR_OK;
}

enum status device_run_show(struct ctl *c, const struct args *args)
{
	struct account account;
	struct device device;
	struct listing l;
	struct str sender;
	enum err e;

	if (ctl_device(c, args, &account, &device))
		return STATUS_FAILED;
	e = find_text_sender(c, account.id, &sender);
	if (e)
		return ctl_fail(e, "%s", args->word[1]);
	listing_begin(&l, block, countof(block), listing_form(args->option[OPTION_JSON], LISTING_BLOCKS));
	put_row(&l, account.address, &device);
	listing_text(&l, sender);
	listing_end(&l);
	return ctl_flush();
}

/* What the device has of each folder, by its sync lines. */
enum status device_run_folders(struct ctl *c, const struct args *args)
{
	static const struct column shown[] = {
		{ "folder", "FOLDER", 32 }, { "items", "ITEMS", 8 },      { "behind", "BEHIND", 6 },
		{ "filter", "FILTER", 6 },  { "written", "WRITTEN", 20 },
	};
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct sync_overview *rows;
	struct account account;
	struct device device;
	struct listing l;
	size_t n = 0;
	enum err e;

	if (ctl_device(c, args, &account, &device))
		return STATUS_FAILED;
	e = store_begin(c->store, account.mailbox, STORE_READ, &tx);
	if (!e)
		e = sync_overview(&c->arena, tx, device.id, &rows, &n);
	if (e)
		return ctl_fail(e, "%s", args->word[1]);
	listing_begin(&l, shown, countof(shown), listing_form(args->option[OPTION_JSON], LISTING_TABLE));
	for (size_t i = 0; i < n; i++) {
		listing_text(&l, rows[i].folder ? rows[i].name : S("(the folders themselves)"));
		listing_number(&l, rows[i].items);
		listing_bool(&l, rows[i].behind);
		listing_number(&l, rows[i].filter);
		listing_time(&l, rows[i].written_ms);
	}
	listing_end(&l);
	return ctl_flush();
}

/* The row first: what is kept for a device that has none is foreign to whoever comes back under its name. */
static enum err remove_device(struct ctl *c, const struct account *account, const struct device *d)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(device_remove(tx, d->id));
	if (d->wipe_done_ms) /* it was its wipe that put it on the list */
		TRY(access_exempt(tx, account->id, d->device_id, ACCESS_UNDECIDED));
	TRY(store_commit(&tx));
	TRY(store_begin(c->store, account->mailbox, STORE_WRITE, &tx));
	TRY(sync_forget(tx, d->id));
	return store_commit(&tx);
}

enum status device_run_remove(struct ctl *c, const struct args *args)
{
	struct account account;
	struct device device;
	enum err e;

	if (ctl_device(c, args, &account, &device))
		return STATUS_FAILED;
	if (device_wipe_pending(&device) && !args->option[OPTION_YES]) {
		ctl_say("%s: its wipe is not done, and would be given up; say --yes to do so", args->word[1]);
		return STATUS_FAILED;
	}
	e = remove_device(c, &account, &device);
	if (e)
		return ctl_fail(e, "%s", args->word[1]);
	announce_device(c->announcer, device.id); /* what is held for it ends */
	return STATUS_DONE;
}

static enum err forget(struct ctl *c, int64_t mailbox, int64_t device)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, mailbox, STORE_WRITE, &tx));
	TRY(sync_forget(tx, device));
	return store_commit(&tx);
}

enum status device_run_resync(struct ctl *c, const struct args *args)
{
	struct account account;
	struct device device;
	enum err e;

	if (ctl_device(c, args, &account, &device))
		return STATUS_FAILED;
	e = forget(c, account.mailbox, device.id);
	if (e)
		return ctl_fail(e, "%s", args->word[1]);
	announce_device(c->announcer, device.id);
	return STATUS_DONE;
}
