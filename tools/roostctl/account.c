/* roostctl account: who may log in. */
#include <tools/roostctl/listing.h>
#include <tools/roostctl/password_input.h>
#include <tools/roostctl/runs.h>

#include <gateway/auth/password.h>
#include <gateway/control/announce.h>

static enum err add_row(struct ctl *c, const struct account_new *a, int64_t *ret_id)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(account_add(tx, a, ret_id));
	return store_commit(&tx);
}

static enum status explain(enum err e, const char *address)
{
	static const char *const texts[ERR_MAX_] = {
		[ERR_EXISTS] = "somebody has that address already",
		[ERR_INVALID] = "not an address (or a name that is not UTF-8)",
		[ERR_LIMIT] = "the address or the name is too long, or there are too many of them",
	};

	if (!texts[e])
		return ctl_fail(e, "%s", address);
	ctl_say("%s: %s", address, texts[e]);
	return STATUS_FAILED;
}

enum status account_run_add(struct ctl *c, const struct args *args)
{
	CLEANUP(password_made_release) struct password_made made = PASSWORD_MADE_INIT;
	const char *address = args->word[0];
	enum status status = password_input(c, args, str_of(address), &made);
	struct account_new a = { .address = str_of(address),
				 .name = str_of(args->option[OPTION_NAME]),
				 .password = buf_view(&made.hash),
				 .scram = buf_view(&made.scram) };
	int64_t id;
	enum err e = ERR_OK;

	if (status == STATUS_DONE) {
		e = add_row(c, &a, &id);
		if (!e)
			announce_account(c->announcer, id);
	}
	return e ? explain(e, address) : status;
}

static enum err list_row(void *ctx, struct ctl *c, struct store_tx *tx, const struct account *a)
{
	struct listing *l = ctx;

	(void)c, (void)tx;
	listing_number(l, (uint64_t)a->id);
	listing_text(l, a->address);
	listing_bool(l, a->enabled);
	listing_bool(l, a->password.n > 0);
	listing_time(l, a->created_ms);
	listing_text(l, a->name);
	return ERR_OK;
}

enum status account_run_list(struct ctl *c, const struct args *args)
{
	static const struct column columns[] = {
		{ "id", NULL, 0 },
		{ "address", "ADDRESS", 32 },
		{ "enabled", "ENABLED", 7 },
		{ "password", "PASSWORD", 8 },
		{ "created", "CREATED", 20 },
		{ "name", "NAME", 0 },
	};
	struct listing l;
	enum err e;

	listing_begin(&l, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_TABLE));
	e = ctl_each_account(c, list_row, &l);
	listing_end(&l);
	return e ? ctl_fail(e, "the accounts cannot be listed") : ctl_flush();
}

static enum err set_password(struct ctl *c, int64_t id, const struct password_made *made)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct account now;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(account_set_password(tx, id, buf_view(&made->hash)));
	TRY(account_get(&c->arena, tx, id, &now));
	TRY(account_set_scram(tx, id, now.password_version, buf_view(&made->scram)));
	return store_commit(&tx);
}

enum status account_run_passwd(struct ctl *c, const struct args *args)
{
	CLEANUP(password_made_release) struct password_made made = PASSWORD_MADE_INIT;
	struct account account;
	enum status status = ctl_account(c, args->word[0], &account);
	enum err e;

	if (status == STATUS_DONE)
		status = password_input(c, args, account.address, &made);
	if (status == STATUS_DONE) {
		e = set_password(c, account.id, &made);
		if (e)
			status = ctl_fail(e, "%s", args->word[0]);
		else
			announce_account(c->announcer, account.id);
	}
	return status;
}

static enum err set_enabled(struct ctl *c, int64_t id, bool enabled)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(account_set_enabled(tx, id, enabled));
	return store_commit(&tx);
}

static enum status run_enabled(struct ctl *c, const struct args *args, bool enabled)
{
	struct account account;
	enum status status = ctl_account(c, args->word[0], &account);
	enum err e;

	if (status)
		return status;
	e = set_enabled(c, account.id, enabled);
	if (e)
		return ctl_fail(e, "%s", args->word[0]);
	announce_account(c->announcer, account.id);
	return STATUS_DONE;
}

enum status account_run_disable(struct ctl *c, const struct args *args)
{
	return run_enabled(c, args, false);
}

enum status account_run_enable(struct ctl *c, const struct args *args)
{
	return run_enabled(c, args, true);
}

enum status account_run_remove(struct ctl *c, const struct args *args)
{
	struct account account;
	enum status status = ctl_account(c, args->word[0], &account);
	enum err e;

	if (status)
		return status;
	if (!args->option[OPTION_YES]) {
		ctl_say("%s: would be removed with all its mail; say --yes to do so", args->word[0]);
		return STATUS_FAILED;
	}
	e = account_remove(c->store, account.id);
	if (e)
		return ctl_fail(e, "%s", args->word[0]);
	announce_account(c->announcer, account.id);
	return STATUS_DONE;
}
