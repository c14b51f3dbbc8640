/* What LMTP asks of the store, on a worker: who is this, and take this message. */
#include <gateway/lmtp/session.h>

#include <base/log.h>
#include <store/account.h>

#include <time.h>

enum { TRACE_MAX_BYTES = 4096 };

static enum err find(struct arena *a, struct store_tx *tx, struct str address, struct lmtp_recipient *ret)
{
	struct account account;

	TRY(account_find(a, tx, address, &account));
	*ret = (struct lmtp_recipient){ .account = account.id, .mailbox = account.mailbox };
	return ERR_OK;
}

/* ann+tag@example.test is ann, unless somebody has that very address. */
static enum err find_without_tag(struct arena *a, struct store_tx *tx, struct str address, struct lmtp_recipient *ret)
{
	struct buf plain = BUF_INIT(LMTP_MAX_PATH);
	size_t plus = str_index(address, '+'), at = str_index(address, '@');
	enum err e;

	if (plus == 0 || plus >= at)
		return ERR_NOT_FOUND;
	buf_str(&plain, str_slice(address, 0, plus));
	buf_str(&plain, str_slice(address, at, address.n));
	e = buf_status(&plain);
	if (!e)
		e = find(a, tx, buf_view(&plain), ret);
	buf_release(&plain);
	return e;
}

static enum err look_up(struct lmtp_session *se, struct arena *a)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct str address = str_of(se->wanted);
	enum err e;

	TRY(store_begin(se->server->store, STORE_DIRECTORY, STORE_READ, &tx));
	e = find(a, tx, address, &se->candidate);
	return e == ERR_NOT_FOUND ? find_without_tag(a, tx, address, &se->candidate) : e;
}

/* RFC 5322 3.3, in UTC. */
static void put_date(struct buf *b, int64_t ms)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;

	if (!gmtime_r(&seconds, &tm))
		return;
	buf_fmt(b, "%s, %02d %s %d %02d:%02d:%02d +0000", days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
		tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* Return-Path and Received (RFC 5321 4.4) before the message's own header. */
static enum err put_trace(struct lmtp_session *se)
{
	struct buf b = BUF_INIT(TRACE_MAX_BYTES);
	enum err e;

	buf_fmt(&b, "Return-Path: <%s>\r\n", se->sender);
	buf_fmt(&b, "Received: from %s (%.*s)\r\n\tby %s with %s id %llx;\r\n\t", se->client, STR_ARG(se->peer),
		se->server->hostname, se->utf8 ? "UTF8LMTP" : "LMTP", (unsigned long long)se->id);
	put_date(&b, clock_wall_ms(se->server->clock));
	buf_cstr(&b, "\r\n");
	e = buf_status(&b);
	if (!e)
		e = intake_put(se->intake, buf_view(&b));
	buf_release(&b);
	return e;
}

static enum err take_text(struct lmtp_session *se)
{
	if (!se->intake) {
		TRY(intake_new(se->server->state_dir, se->server->max_message + TRACE_MAX_BYTES, &se->intake));
		TRY(put_trace(se));
	}
	TRY(intake_put(se->intake, buf_view(&se->text)));
	return se->text_ends ? intake_finish(se->intake) : ERR_OK;
}

/* Two addresses of one account get one copy, and the same answer. */
static const struct lmtp_recipient *same_before(const struct lmtp_session *se, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (se->recipients[j].mailbox == se->recipients[i].mailbox)
			return &se->recipients[j];
	return NULL;
}

static void deliver(struct lmtp_session *se)
{
	int64_t now = clock_wall_ms(se->server->clock);

	for (size_t i = 0; i < se->recipients_n; i++) {
		struct lmtp_recipient *r = &se->recipients[i];
		const struct lmtp_recipient *same = same_before(se, i);

		r->result = same ? same->result : intake_deliver(se->intake, se->server->store, r->mailbox, now);
		log_event(r->result ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, "deliver",
			  "id=%llx from=%s account=%lld bytes=%llu result=%s", (unsigned long long)se->id,
			  log_quote(str_of(se->sender)).text, (long long)r->account,
			  (unsigned long long)intake_size(se->intake), log_quote(str_of(err_text(r->result))).text);
	}
}

void lmtp_work(struct lmtp_session *se, struct worker *w)
{
	switch (se->task) {
	case LMTP_TASK_RECIPIENT:
		se->found = look_up(se, w->arena);
		break;
	case LMTP_TASK_TEXT:
		if (!se->text_err)
			se->text_err = take_text(se);
		buf_clear(&se->text);
		if (se->text_ends && !se->text_err)
			deliver(se);
		break;
	}
}
