/* roostctl device: the phones of the accounts. */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/listing.h>
#include <tools/roostctl/runs.h>

#include <gateway/control/announce.h>
#include <store/device.h>
#include <store/sync.h>

enum { PAGE = 100, PROTOCOL_MAX = 16 };

static const struct column columns[] = {
	{ "account", "ACCOUNT", 24 },
	{ "device_id", "DEVICEID", 32 },
	{ "type", "TYPE", 12 },
	{ "protocol", "PROTOCOL", 8 },
	{ "last_seen", "LAST SEEN", 20 },
	{ "first_seen", NULL, 0 },
	{ "model", "MODEL", 0 },
	{ "os", NULL, 0 },
	{ "friendly_name", NULL, 0 },
	{ "user_agent", NULL, 0 },
	{ "policy_acknowledged", NULL, 0 },
};

/* The same, all of them for people. */
static const struct column block[countof(columns)] = {
	{ "account", "account", 0 },
	{ "device_id", "device id", 0 },
	{ "type", "type", 0 },
	{ "protocol", "protocol", 0 },
	{ "last_seen", "last seen", 0 },
	{ "first_seen", "first seen", 0 },
	{ "model", "model", 0 },
	{ "os", "system", 0 },
	{ "friendly_name", "name", 0 },
	{ "user_agent", "user agent", 0 },
	{ "policy_acknowledged", "policy accepted", 0 },
};

static void list_row(struct listing *l, struct str account, const struct device *d)
{
	struct buf protocol = BUF_INIT(PROTOCOL_MAX);

	if (d->protocol)
		buf_fmt(&protocol, "%u.%u", d->protocol / 10, d->protocol % 10);
	listing_text(l, account);
	listing_text(l, d->device_id);
	listing_text(l, d->type);
	listing_text(l, buf_view(&protocol));
	listing_time(l, d->last_seen_ms);
	listing_time(l, d->first_seen_ms);
	listing_text(l, d->info.model);
	listing_text(l, d->info.os);
	listing_text(l, d->info.friendly_name);
	listing_text(l, d->info.user_agent);
	listing_time(l, d->policy_acknowledged_ms);
	buf_release(&protocol);
}

static enum err list_account(struct ctl *c, struct store_tx *tx, const struct account *account, struct listing *l)
{
	struct device *devices;
	size_t n;

	TRY(device_list(&c->arena, tx, account->id, &devices, &n));
	for (size_t i = 0; i < n; i++)
		list_row(l, account->address, &devices[i]);
	return ERR_OK;
}

static enum err list_all(struct ctl *c, struct store_tx *tx, struct listing *l)
{
	struct account *accounts;
	size_t n = PAGE;

	for (int64_t after = 0; n == PAGE;) {
		arena_reset(&c->arena);
		TRY(account_list(&c->arena, tx, after, PAGE, &accounts, &n));
		for (size_t i = 0; i < n; i++) {
			after = accounts[i].id;
			TRY(list_account(c, tx, &accounts[i], l));
		}
	}
	return ERR_OK;
}

enum status device_run_list(struct ctl *c, const struct args *args)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct account account;
	struct listing l;
	enum err e;

	if (args->words_n && ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	e = store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx);
	if (e)
		return ctl_fail(e, "the devices cannot be read");
	listing_begin(&l, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_TABLE));
	e = args->words_n ? list_account(c, tx, &account, &l) : list_all(c, tx, &l);
	listing_end(&l);
	return e ? ctl_fail(e, "the list is not complete") : ctl_flush();
}

static enum status find(struct ctl *c, const struct args *args, struct account *ret_account, struct device *ret)
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

enum status device_run_show(struct ctl *c, const struct args *args)
{
	struct account account;
	struct device device;
	struct listing l;

	if (find(c, args, &account, &device))
		return STATUS_FAILED;
	listing_begin(&l, block, countof(block), listing_form(args->option[OPTION_JSON], LISTING_BLOCKS));
	list_row(&l, account.address, &device);
	listing_end(&l);
	return ctl_flush();
}

/* The row first: what is kept for a device that has none is foreign to whoever comes back under its name. */
static enum err remove_device(struct ctl *c, int64_t mailbox, int64_t device)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(device_remove(tx, device));
	TRY(store_commit(&tx));
	TRY(store_begin(c->store, mailbox, STORE_WRITE, &tx));
	TRY(sync_forget(tx, device));
	return store_commit(&tx);
}

enum status device_run_remove(struct ctl *c, const struct args *args)
{
	struct account account;
	struct device device;
	enum err e;

	if (find(c, args, &account, &device))
		return STATUS_FAILED;
	e = remove_device(c, account.mailbox, device.id);
	if (e)
		return ctl_fail(e, "%s", args->word[1]);
	announce_device(c->announcer, device.id); /* what is held for it ends */
	return STATUS_DONE;
}
