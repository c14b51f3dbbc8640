/* roostctl session: what is connected to the running server. */
#include <tools/roostctl/live.h>
#include <tools/roostctl/listing.h>
#include <tools/roostctl/runs.h>

static const struct column columns[] = {
	{ "id", "ID", 8 },   { "protocol", "PROTOCOL", 10 }, { "account", "ACCOUNT", 24 }, { "peer", "PEER", 16 },
	{ "tls", "TLS", 4 }, { "age_s", NULL, 0 },           { "age", "AGE", 8 },          { "what", "WHAT", 0 },
};

static void put_row(struct ctl *c, struct store_tx *directory, struct listing *l, const json_t *session)
{
	struct buf age = BUF_INIT(64);
	int64_t age_ms = live_number(session, "age_ms");
	struct str what = live_text(session, "what");

	live_put_age(&age, age_ms);
	listing_number(l, (uint64_t)live_number(session, "id"));
	listing_text(l, live_text(session, "protocol"));
	listing_text(l, live_account(c, directory, live_number(session, "account")));
	listing_text(l, live_text(session, "peer"));
	listing_bool(l, live_flag(session, "tls"));
	listing_number(l, (uint64_t)(age_ms / 1000));
	listing_text(l, buf_view(&age));
	listing_text(l, live_flag(session, "busy") ? S("working") : what);
	buf_release(&age);
}

enum status session_run_list(struct ctl *c, const struct args *args)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(buf_release) struct buf answer = BUF_INIT(ASK_ANSWER_MAX);
	struct listing l;
	struct str rest;
	json_t *session;
	enum err e;

	if (live_ask(c, &(struct ask){ .verb = ASK_SESSIONS }, &answer))
		return STATUS_FAILED;
	e = store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx);
	if (e)
		return ctl_fail(e, "the accounts cannot be read");
	listing_begin(&l, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_TABLE));
	rest = buf_view(&answer);
	while ((session = live_next(&rest))) {
		put_row(c, tx, &l, session);
		json_decref(session);
	}
	listing_end(&l);
	return ctl_flush();
}

static enum status end(struct ctl *c, const struct ask *ask)
{
	CLEANUP(buf_release) struct buf answer = BUF_INIT(ASK_ANSWER_MAX);
	struct str rest;
	json_t *ended;

	if (live_ask(c, ask, &answer))
		return STATUS_FAILED;
	rest = buf_view(&answer);
	ended = live_next(&rest);
	if (ended && ask->verb == ASK_END_SESSION && live_number(ended, "ended") == 0)
		ctl_say("%lld: no such session", (long long)ask->id);
	else if (ended && ask->verb == ASK_END_ACCOUNT)
		ctl_say("what its phones held is answered; %lld other sessions ended",
			(long long)live_number(ended, "ended"));
	json_decref(ended);
	return STATUS_DONE;
}

/* A number is a session's; what has an '@' is an account's address. */
enum status session_run_kick(struct ctl *c, const struct args *args)
{
	enum status status = STATUS_DONE;

	for (int i = 0; i < args->words_n; i++) {
		struct str word = str_of(args->word[i]);
		struct account account;
		uint64_t id;

		if (str_to_u64(word, INT64_MAX, &id) == ERR_OK && id > 0) {
			if (end(c, &(struct ask){ .verb = ASK_END_SESSION, .id = (int64_t)id }))
				status = STATUS_FAILED;
		} else if (ctl_account(c, args->word[i], &account) ||
			   end(c, &(struct ask){ .verb = ASK_END_ACCOUNT, .id = account.id })) {
			status = STATUS_FAILED;
		}
	}
	return status;
}
