/* roostctl account alias, account rename: the addresses of an account. */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/listing.h>
#include <tools/roostctl/runs.h>

#include <gateway/control/announce.h>

typedef enum err alias_edit(struct store_tx *tx, int64_t account, struct str address);

static enum err edit(struct ctl *c, int64_t account, const char *alias, alias_edit *f)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(f(tx, account, str_of(alias)));
	return store_commit(&tx);
}

static enum status run_edit(struct ctl *c, const struct args *args, alias_edit *f)
{
	static const char *const texts[ERR_MAX_] = {
		[ERR_EXISTS] = "somebody has that address already",
		[ERR_INVALID] = "not an address",
		[ERR_LIMIT] = "too long, or the account has as many addresses as it can",
		[ERR_NOT_FOUND] = "the account has no such address",
		[ERR_DENIED] = "this is the account's own address and stays",
	};
	const char *alias = args->word[1];
	struct account account;
	enum status status = ctl_account(c, args->word[0], &account);
	enum err e;

	if (status)
		return status;
	e = edit(c, account.id, alias, f);
	if (!e) {
		announce_account(c->announcer, account.id);
		return STATUS_DONE;
	}
	if (!texts[e])
		return ctl_fail(e, "%s", alias);
	ctl_say("%s: %s", alias, texts[e]);
	return STATUS_FAILED;
}

/* Another address becomes the first one; it may be one that he has, or a new one. The former stays his. */
static enum err rename_to(struct store_tx *tx, int64_t account, struct str address)
{
	enum err e = account_address_promote(tx, account, address);

	if (e != ERR_NOT_FOUND)
		return e;
	TRY(account_address_add(tx, account, address));
	return account_address_promote(tx, account, address);
}

enum status account_run_rename(struct ctl *c, const struct args *args)
{
	return run_edit(c, args, rename_to);
}

enum status alias_run_add(struct ctl *c, const struct args *args)
{
	return run_edit(c, args, account_address_add);
}

enum status alias_run_remove(struct ctl *c, const struct args *args)
{
	return run_edit(c, args, account_address_remove);
}

static enum err read_addresses(struct ctl *c, int64_t account, struct str **ret, size_t *ret_n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx));
	return account_addresses(&c->arena, tx, account, ret, ret_n);
}

enum status alias_run_list(struct ctl *c, const struct args *args)
{
	static const struct column columns[] = { { "address", "ADDRESS", 32 }, { "primary", "PRIMARY", 7 } };
	struct account account;
	enum status status = ctl_account(c, args->word[0], &account);
	struct listing l;
	struct str *addresses;
	size_t n;
	enum err e;

	if (status)
		return status;
	e = read_addresses(c, account.id, &addresses, &n);
	if (e)
		return ctl_fail(e, "%s", args->word[0]);
	listing_begin(&l, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_TABLE));
	for (size_t i = 0; i < n; i++) {
		listing_text(&l, addresses[i]);
		listing_bool(&l, i == 0);
	}
	listing_end(&l);
	return ctl_flush();
}
