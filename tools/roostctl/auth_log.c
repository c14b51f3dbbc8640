/* roostctl auth log: who logged in, or failed to. */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/listing.h>
#include <tools/roostctl/runs.h>

#include <store/auth_log.h>

enum { LIMIT_DEFAULT = 100 };

static enum err read_rows(struct ctl *c, int64_t account, uint64_t limit, struct auth_log_entry **ret, size_t *ret_n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx));
	return auth_log_list(&c->arena, tx, account, limit, ret, ret_n);
}

static void put_row(struct listing *l, const struct auth_log_entry *e)
{
	listing_time(l, e->last_ms);
	listing_time(l, e->first_ms);
	listing_number(l, e->attempts);
	listing_text(l, str_of(auth_log_result_text(e->result)));
	listing_text(l, str_of(service_name(e->service)));
	listing_text(l, e->peer);
	listing_text(l, e->credential);
	listing_bool(l, e->account != 0);
	listing_text(l, e->login);
}

enum status auth_log_run(struct ctl *c, const struct args *args)
{
	static const struct column columns[] = {
		{ "last", "LAST", 20 },        { "first", NULL, 0 },         { "attempts", "TIMES", 6 },
		{ "result", "RESULT", 9 },     { "service", "FOR", 12 },     { "peer", "FROM", 20 },
		{ "app_password", "WITH", 8 }, { "account_known", NULL, 0 }, { "login", "LOGIN", 0 },
	};
	struct account account = { 0 };
	uint64_t limit = LIMIT_DEFAULT;
	struct auth_log_entry *rows;
	const char *wanted = args->option[OPTION_LIMIT];
	struct listing l;
	size_t n;
	enum err e;

	if (wanted && (str_to_u64(str_of(wanted), AUTH_LOG_ROWS, &limit) || limit == 0)) {
		ctl_say("--limit: expected a number from 1 to %d", AUTH_LOG_ROWS);
		return STATUS_MISUSED;
	}
	if (args->words_n && ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	e = read_rows(c, account.id, limit, &rows, &n);
	if (e)
		return ctl_fail(e, "the log");
	listing_begin(&l, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_TABLE));
	for (size_t i = 0; i < n; i++)
		put_row(&l, &rows[i]);
	listing_end(&l);
	return ctl_flush();
}
