/* roostctl account app-password: passwords for single programs and phones. */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/listing.h>
#include <tools/roostctl/runs.h>

#include <gateway/auth/app_secret.h>
#include <gateway/control/announce.h>
#include <store/app_password.h>

#include <stdio.h>

static enum err add_row(struct ctl *c, int64_t account, const struct app_password *p, struct str secret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	unsigned char digest[APP_SECRET_DIGEST_SIZE];

	TRY(app_secret_digest(secret, digest));
	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(app_password_add(tx, account, p, digest));
	return store_commit(&tx);
}

static enum status explain(enum err e, const char *name)
{
	static const char *const texts[ERR_MAX_] = {
		[ERR_EXISTS] = "the account has one of that name already",
		[ERR_INVALID] = "not a name, or not a device id",
		[ERR_LIMIT] = "the name is too long, or the account has too many of them",
	};

	if (!texts[e])
		return ctl_fail(e, "%s", name);
	ctl_say("%s: %s", name, texts[e]);
	return STATUS_FAILED;
}

/* What it is for. One that is bound to a phone is for ActiveSync. */
static enum status read_services(const struct args *args, unsigned *ret)
{
	const char *list = args->option[OPTION_SERVICES];
	struct str wrong;

	if (!list)
		list = args->option[OPTION_DEVICE] ? service_name(SERVICE_ACTIVESYNC) : "all";
	if (services_parse(str_of(list), ret, &wrong)) {
		ctl_say("--services: \"" STR_FMT "\": expected activesync, imap, pop3, smtp, autodiscover, ews or all",
			STR_ARG(wrong));
		return STATUS_MISUSED;
	}
	if (args->option[OPTION_DEVICE] && *ret & ~(1u << SERVICE_ACTIVESYNC | 1u << SERVICE_AUTODISCOVER)) {
		ctl_say("--device: only ActiveSync knows which phone it is; leave --services out");
		return STATUS_MISUSED;
	}
	return STATUS_DONE;
}

enum status app_password_run_add(struct ctl *c, const struct args *args)
{
	CLEANUP(buf_release) struct buf secret = BUF_INIT(APP_SECRET_TEXT_MAX);
	struct app_password p = { .name = str_of(args->word[1]), .device_id = str_of(args->option[OPTION_DEVICE]) };
	struct account account;
	enum status status = read_services(args, &p.services);
	enum err e;

	if (status)
		return status;
	if (ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	e = app_secret_draw(&secret);
	if (!e)
		e = add_row(c, account.id, &p, buf_view(&secret));
	if (!e)
		printf(STR_FMT "\n", STR_ARG(buf_view(&secret)));
	if (secret.p)
		explicit_bzero(secret.p, secret.cap);
	return e ? explain(e, args->word[1]) : ctl_flush();
}

static enum err read_rows(struct ctl *c, int64_t account, struct app_password **ret, size_t *ret_n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx));
	return app_password_list(&c->arena, tx, account, ret, ret_n);
}

static void put_row(struct listing *l, const struct app_password *p)
{
	CLEANUP(buf_release) struct buf services = BUF_INIT(SERVICES_TEXT_MAX);

	services_put(&services, p->services);
	listing_text(l, p->name);
	listing_text(l, buf_view(&services));
	listing_text(l, p->device_id);
	listing_time(l, p->created_ms);
	listing_time(l, p->used_ms);
	listing_text(l, p->used_ms ? str_of(service_name(p->used_service)) : S(""));
	listing_text(l, p->used_peer);
}

enum status app_password_run_list(struct ctl *c, const struct args *args)
{
	static const struct column columns[] = {
		{ "name", "NAME", 20 },       { "services", "SERVICES", 24 },   { "device_id", "DEVICEID", 12 },
		{ "created", "CREATED", 20 }, { "last_used", "LAST USED", 20 }, { "last_service", "FOR", 12 },
		{ "last_peer", "FROM", 0 },
	};
	struct app_password *rows;
	struct account account;
	struct listing l;
	size_t n;
	enum err e;

	if (ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	e = read_rows(c, account.id, &rows, &n);
	if (e)
		return ctl_fail(e, "%s", args->word[0]);
	listing_begin(&l, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_TABLE));
	for (size_t i = 0; i < n; i++)
		put_row(&l, &rows[i]);
	listing_end(&l);
	return ctl_flush();
}

static enum err remove_row(struct ctl *c, int64_t account, struct str name)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(app_password_remove(tx, account, name));
	return store_commit(&tx);
}

enum status app_password_run_remove(struct ctl *c, const struct args *args)
{
	struct account account;
	enum err e;

	if (ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	e = remove_row(c, account.id, str_of(args->word[1]));
	if (e == ERR_NOT_FOUND) {
		ctl_say("%s: %s has no such password", args->word[1], args->word[0]);
		return STATUS_FAILED;
	}
	if (e)
		return ctl_fail(e, "%s", args->word[1]);
	announce_account(c->announcer, account.id);
	return STATUS_DONE;
}
