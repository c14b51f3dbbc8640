/* roostctl device held-back: what a device cannot take. */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/listing.h>
#include <tools/roostctl/runs.h>

#include <store/device.h>
#include <store/held_back.h>

static const struct column columns[] = {
	{ "id", "ID", 10 },
	{ "shown", "SHOWN", 12 },
	{ "since", "SINCE", 20 },
};

static enum err find(struct ctl *c, const struct account *account, const char *device_id, struct device *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx));
	return device_find(&c->arena, tx, account->id, str_of(device_id), ret);
}

static enum err read(struct ctl *c, const struct account *account, const char *device_id, struct held_back **ret,
		     size_t *ret_n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct device device;

	TRY(find(c, account, device_id, &device));
	TRY(store_begin(c->store, account->mailbox, STORE_READ, &tx));
	return held_back_list(&c->arena, tx, device.id, ret, ret_n);
}

enum status held_back_run(struct ctl *c, const struct args *args)
{
	struct held_back *list;
	struct account account;
	struct listing l;
	size_t n;
	enum err e;

	if (ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	e = read(c, &account, args->word[1], &list, &n);
	if (e == ERR_NOT_FOUND || e == ERR_INVALID) {
		ctl_say("%s: %s has no such device", args->word[1], args->word[0]);
		return STATUS_FAILED;
	}
	if (e)
		return ctl_fail(e, "%s", args->word[1]);
	listing_begin(&l, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_TABLE));
	for (size_t i = 0; i < n; i++) {
		listing_number(&l, (uint64_t)list[i].item);
		listing_text(&l, list[i].level == HELD_BACK_SKIPPED ? S("no") : S("placeholder"));
		listing_time(&l, list[i].since_ms);
	}
	listing_end(&l);
	return ctl_flush();
}
