/* What LMTP asks of the store, on a worker: who is this, and take this message. */
#include <gateway/lmtp/session.h>

#include <base/log.h>
#include <base/mem.h>
#include <gateway/content/header_write.h>
#include <gateway/mailbox/autoreply.h>
#include <gateway/mailbox/group_mail.h>
#include <gateway/mailbox/recipient.h>
#include <gateway/mailbox/room.h>
#include <gateway/smtp/path.h>
#include <store/account.h>

enum { TRACE_MAX_BYTES = 4096 };

static enum err find_group(struct arena *a, struct store_tx *tx, struct str address, struct lmtp_recipient *ret)
{
	struct mail_group group;

	TRY(recipient_find_group(a, tx, address, &group));
	TRY(group_admits(tx, &group, 0));
	*ret = (struct lmtp_recipient){ .group = mem_cstr_n(group.address.p, group.address.n) };
	return ERR_OK;
}

static enum err find_address(struct arena *a, struct store_tx *tx, struct str address, struct lmtp_recipient *ret)
{
	struct account account;
	enum err e = recipient_find(a, tx, address, &account);

	if (e == ERR_NOT_FOUND)
		return find_group(a, tx, address, ret);
	TRY(e);
	*ret = (struct lmtp_recipient){ .account = account.id, .mailbox = account.mailbox };
	return ERR_OK;
}

/* Of the server's own name, or of a domain above it: mx.example.test's is example.test's. */
static enum err find_postmaster(struct arena *a, struct store_tx *tx, struct str domain, struct lmtp_recipient *ret)
{
	enum err e = ERR_NOT_FOUND;

	while (e == ERR_NOT_FOUND && domain.n) {
		CLEANUP(buf_release) struct buf address = BUF_INIT(SMTP_MAX_PATH);
		struct str label;

		buf_cstr(&address, "postmaster@");
		buf_str(&address, domain);
		TRY(buf_status(&address));
		e = find_address(a, tx, buf_view(&address), ret);
		str_cut(&domain, '.', &label);
	}
	return e;
}

static enum err find_recipient(const struct lmtp_session *se, struct arena *a, struct store_tx *tx, struct str path,
			       struct lmtp_recipient *ret)
{
	CLEANUP(buf_release) struct buf address = BUF_INIT(SMTP_MAX_PATH);

	if (smtp_path_is_postmaster(path))
		return find_postmaster(a, tx, str_of(se->server->hostname), ret);
	TRY(smtp_path_address(path, &address));
	return find_address(a, tx, buf_view(&address), ret);
}

static enum err find_wanted(struct lmtp_session *se, struct arena *a)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(se->server->store, STORE_DIRECTORY, STORE_READ, &tx));
	for (size_t i = 0; i < se->wanted_n; i++) {
		struct lmtp_wanted *w = &se->wanted[i];

		arena_reset(a);
		w->found = find_recipient(se, a, tx, str_of(w->path), &w->recipient);
	}
	return ERR_OK;
}

static void look_up(struct lmtp_session *se, struct arena *a)
{
	enum err e = find_wanted(se, a);

	for (size_t i = 0; e && i < se->wanted_n; i++)
		se->wanted[i].found = e == ERR_NOT_FOUND ? ERR_IO : e; /* the directory itself, not the recipient */
}

/* Return-Path and Received (RFC 5321 4.4) before the message's own header. */
static void put_trace(const struct lmtp_session *se, struct buf *b)
{
	buf_fmt(b, "Return-Path: <%s>\r\n", se->sender);
	buf_fmt(b, "Received: from %s (" STR_FMT ")\r\n\tby %s with %s id %llx;\r\n\t", se->client, STR_ARG(se->peer),
		se->server->hostname, se->utf8 ? "UTF8LMTP" : "LMTP", (unsigned long long)se->id);
	header_date_write(b, clock_wall_ms(se->server->clock));
	buf_cstr(b, "\r\n");
}

/* The trace is ours: it does not count against the sender's limit. */
static enum err begin(struct lmtp_session *se)
{
	struct buf trace = BUF_INIT(TRACE_MAX_BYTES);
	enum err e;

	put_trace(se, &trace);
	e = buf_status(&trace);
	if (!e)
		e = intake_new(se->server->state_dir, se->server->max_message + trace.n, &se->intake);
	if (!e)
		e = intake_put(se->intake, buf_view(&trace));
	se->trace_n = trace.n;
	buf_release(&trace);
	return e;
}

static enum err take_text(struct lmtp_session *se)
{
	TRY(buf_status(&se->text.piece));
	if (!se->intake)
		TRY(begin(se));
	TRY(intake_put(se->intake, buf_view(&se->text.piece)));
	return se->text.ends ? intake_finish(se->intake) : ERR_OK;
}

/* Two addresses of one account get one copy, and the same answer. */
static const struct lmtp_recipient *same_before(const struct lmtp_session *se, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (!se->recipients[j].group && se->recipients[j].mailbox == se->recipients[i].mailbox)
			return &se->recipients[j];
	return NULL;
}

/* ---- accounts ---- */

static bool account_is_there(struct lmtp_session *se, struct arena *a, int64_t id)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct account account;

	return !store_begin(se->server->store, STORE_DIRECTORY, STORE_READ, &tx) && !account_get(a, tx, id, &account);
}

/*
 * The account was there at RCPT. Where it has been removed since, there is no such recipient; where it is there still,
 * its mailbox is lost, and the mail is to come again when that has been mended.
 */
static enum err deliver_to(struct lmtp_session *se, struct arena *a, const struct lmtp_recipient *r, int64_t now)
{
	enum err e = intake_deliver(se->intake, se->server->store, r->mailbox, now);

	if (e != ERR_NOT_FOUND || !account_is_there(se, a, r->account))
		return e;
	log_error("mailbox_missing", "account=%lld mailbox=%lld", (long long)r->account, (long long)r->mailbox);
	return ERR_CORRUPT;
}

static void log_delivery(const struct lmtp_session *se, const struct lmtp_recipient *r)
{
	CLEANUP(buf_release) struct buf whom = BUF_INIT(2 * SMTP_MAX_PATH);

	if (r->group)
		buf_fmt(&whom, "group=%s", log_quote(str_of(r->group)).text);
	else
		buf_fmt(&whom, "account=%lld", (long long)r->account);
	log_event(r->result ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, "deliver",
		  "id=%llx from=%s " STR_FMT " bytes=%llu result=%s", (unsigned long long)se->id,
		  log_quote(str_of(se->sender)).text, STR_ARG(buf_view(&whom)),
		  (unsigned long long)intake_size(se->intake), log_quote(str_of(err_text(r->result))).text);
}

static void deliver_to_accounts(struct lmtp_session *se, struct arena *a)
{
	int64_t now = clock_wall_ms(se->server->clock);

	for (size_t i = 0; i < se->recipients_n; i++) {
		struct lmtp_recipient *r = &se->recipients[i];
		const struct lmtp_recipient *same = same_before(se, i);

		if (r->group)
			continue;
		r->result = same ? same->result : deliver_to(se, a, r, now);
		if (!r->result && !same) {
			autoreply_consider(se->server->sender, r->account, str_of(se->sender), se->intake);
			room_consider(se->server->sender, r->account, 0, se->intake);
		}
		log_delivery(se, r);
	}
}

/* ---- groups ---- */

/* A group, or an account that is answered for by itself: who is in the group too gets no second copy. */
static enum err put_queued(struct arena *a, struct store_tx *tx, const struct lmtp_recipient *r,
			   struct queue_recipient *to)
{
	struct account account;

	if (r->group) {
		/* Where the sender is nobody we know, he is told of failures alone. */
		*to = (struct queue_recipient){ .address = str_of(r->group), .notify = QUEUE_NOTIFY_FAILURE };
		return ERR_OK;
	}
	TRY(account_get(a, tx, r->account, &account));
	*to = (struct queue_recipient){ .address = account.address,
					.notify = QUEUE_NOTIFY_NEVER,
					.state = QUEUE_DROPPED,
					.status = S("2.0.0"),
					.reply = S("answered for when the message came in") };
	return ERR_OK;
}

static enum err list_queued(struct lmtp_session *se, struct arena *a, struct queue_recipient *list, size_t *n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(se->server->store, STORE_DIRECTORY, STORE_READ, &tx));
	for (size_t i = 0; i < se->recipients_n; i++) {
		enum err e = put_queued(a, tx, &se->recipients[i], &list[*n]);

		if (e && e != ERR_NOT_FOUND) /* an account that has gone meanwhile */
			return e;
		*n += !e;
	}
	return ERR_OK;
}

static enum err queue_groups(struct lmtp_session *se, struct arena *a)
{
	CLEANUP(buf_release) struct buf origin = BUF_INIT(2 * QUEUE_MAX_ORIGIN);
	struct group_mail m = { .skip = se->trace_n, .sender = str_of(se->sender), .utf8 = se->utf8 };
	struct queue_recipient *list = arena_array(a, se->recipients_n, sizeof(*list));

	if (!list)
		return ERR_BUSY;
	TRY(list_queued(se, a, list, &m.n));
	m.list = list;
	buf_fmt(&origin, "from %s (" STR_FMT ") with %s", se->client, STR_ARG(se->peer),
		se->utf8 ? "UTF8LMTP" : "LMTP");
	m.origin = buf_view(&origin);
	enum err e = group_mail_queue(a, se->server->sender, se->intake, &m);
	return e == ERR_NOT_FOUND ? ERR_IO : e; /* the queue's folder, not the group */
}

static bool has_groups(const struct lmtp_session *se)
{
	for (size_t i = 0; i < se->recipients_n; i++)
		if (se->recipients[i].group)
			return true;
	return false;
}

static void refuse_all(struct lmtp_session *se, enum err why)
{
	for (size_t i = 0; i < se->recipients_n; i++) {
		se->recipients[i].result = why;
		log_delivery(se, &se->recipients[i]);
	}
}

/*
 * Groups first: what is queued for them names the accounts, who get no second copy. Where the queue can't take it now nobody
 * is given it, or the MTA would bring it again for the groups alone, and who is in them would have it twice.
 */
static void deliver(struct lmtp_session *se, struct arena *a)
{
	enum err e = has_groups(se) ? queue_groups(se, a) : ERR_OK;

	if (e && e != ERR_LIMIT) { /* which is for good */
		refuse_all(se, e);
		return;
	}
	for (size_t i = 0; i < se->recipients_n; i++)
		if (se->recipients[i].group) {
			se->recipients[i].result = e;
			log_delivery(se, &se->recipients[i]);
		}
	deliver_to_accounts(se, a);
}

void lmtp_work(struct lmtp_session *se, struct worker *w)
{
	switch (se->task) {
	case LMTP_TASK_RECIPIENTS:
		look_up(se, w->arena);
		break;
	case LMTP_TASK_TEXT:
		se->text_err = take_text(se);
		buf_clear(&se->text.piece);
		if (se->text.ends && !se->text_err)
			deliver(se, w->arena);
		if (se->text.ends || se->text_err) /* here: giving its file back may wait for the disk */
			intake_free(&se->intake);
		break;
	}
}
