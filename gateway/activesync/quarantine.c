#include <gateway/activesync/quarantine.h>

#include <gateway/activesync/device_notice.h>
#include <gateway/activesync/hierarchy.h>
#include <gateway/activesync/hold.h>
#include <gateway/activesync/ping_request.h>
#include <gateway/activesync/server_id.h>
#include <gateway/activesync/sync_request.h>
#include <gateway/activesync/time_text.h>
#include <gateway/mailbox/notice.h>
#include <store/folder.h>

#define KEY_BEGUN S("Q1") /* the phone knows the folder, and has nothing of it */
#define KEY_TOLD S("Q2")  /* it has the mail */

enum {
	NOTICE_ITEM = 1,
	NOTICE_MAX_TEXT = 8 * 1024,
	HEARTBEAT_S = 480, /* where a Ping leaves it to us */
	FOLDERSYNC_OK = 1,
	FOLDERSYNC_BAD_KEY = 9,
	FOLDERSYNC_MALFORMED = 10,
	PING_EXPIRED = 1,
	PING_MALFORMED = 4,
	SYNC_OK = 1,
	SYNC_BAD_KEY = 3,
	SYNC_PROTOCOL = 4,
	SYNC_NOT_TAKEN = 6,
	SYNC_NOT_FOUND = 8,
	SYNC_INCOMPLETE = 13,
};

/* ---- waiting ---- */

static void on_wake(struct eas_request *rq, enum eas_wake reason)
{
	(void)reason; /* allowed now, or the deadline: it comes again, and hears */
	if (rq->command->root == TAG_PING_PING)
		eas_respond_status(rq, PING_EXPIRED);
	else
		eas_respond_empty(rq);
}

static void wait(struct eas_request *rq, unsigned seconds)
{
	unsigned max_s = eas_hold_max_s(rq->eas);
	struct eas_hold *hold;
	enum err e;

	if (seconds < EAS_MIN_HEARTBEAT_S)
		seconds = EAS_MIN_HEARTBEAT_S;
	e = eas_hold_watch(
		rq,
		&(struct eas_hold_args){ .deadline_ms = eas_hold_deadline(rq, seconds < max_s ? seconds : max_s),
					 .on_wake = on_wake },
		&hold);
	if (e)
		eas_respond_err(rq, e);
	else
		eas_hold_park(&hold);
}

/* ---- FolderSync ---- */

static enum err read_key(struct eas_request *rq, struct str *ret)
{
	enum err e = ERR_OK;

	while (wbxml_child(&rq->reader, &rq->root, &e))
		e = rq->reader.tag == TAG_FOLDERHIERARCHY_SYNCKEY ? wbxml_text(&rq->reader, ret)
								  : wbxml_skip(&rq->reader);
	return e;
}

static bool is_shown(const struct folder *f)
{
	return f->role >= FOLDER_INBOX && f->role <= FOLDER_OUTBOX;
}

static enum err read_folders(struct eas_request *rq, struct folder **ret, size_t *ret_n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct folder *all;
	size_t n, shown = 0;

	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_READ, &tx));
	TRY(folder_list(rq->arena, tx, &all, &n));
	for (size_t i = 0; i < n; i++)
		if (is_shown(&all[i]))
			all[shown++] = all[i];
	*ret = all;
	*ret_n = shown;
	return ERR_OK;
}

static void put_folder(struct wbxml_writer *w, const struct folder *f)
{
	wbxml_open(w, TAG_FOLDERHIERARCHY_ADD);
	wbxml_put_i64(w, TAG_FOLDERHIERARCHY_SERVERID, f->id);
	wbxml_put_u64(w, TAG_FOLDERHIERARCHY_PARENTID, FOLDER_ROOT);
	wbxml_put_text(w, TAG_FOLDERHIERARCHY_DISPLAYNAME, f->name);
	wbxml_put_u64(w, TAG_FOLDERHIERARCHY_TYPE, eas_folder_type(f));
	wbxml_close(w, TAG_FOLDERHIERARCHY_ADD);
}

static void foldersync(struct eas_request *rq)
{
	struct folder *folders = NULL;
	struct wbxml_writer w;
	struct str key = S("");
	size_t n = 0;
	enum err e;

	if (read_key(rq, &key)) {
		eas_respond_malformed(rq, FOLDERSYNC_MALFORMED);
		return;
	}
	if (!str_eq(key, S("0")) && !str_eq(key, KEY_BEGUN)) {
		eas_respond_status(rq, FOLDERSYNC_BAD_KEY);
		return;
	}
	e = str_eq(key, S("0")) ? read_folders(rq, &folders, &n) : ERR_OK;
	if (e) {
		eas_respond_err(rq, e);
		return;
	}
	eas_writer_begin(rq, &w);
	wbxml_open(&w, TAG_FOLDERHIERARCHY_FOLDERSYNC);
	wbxml_put_u64(&w, TAG_FOLDERHIERARCHY_STATUS, FOLDERSYNC_OK);
	wbxml_put_text(&w, TAG_FOLDERHIERARCHY_SYNCKEY, KEY_BEGUN);
	wbxml_open(&w, TAG_FOLDERHIERARCHY_CHANGES);
	wbxml_put_u64(&w, TAG_FOLDERHIERARCHY_COUNT, n);
	for (size_t i = 0; i < n; i++)
		put_folder(&w, &folders[i]);
	wbxml_close(&w, TAG_FOLDERHIERARCHY_CHANGES);
	wbxml_close(&w, TAG_FOLDERHIERARCHY_FOLDERSYNC);
	eas_respond_wbxml(rq, &w);
}

/* ---- the mail ---- */

struct view {
	struct eas_request *rq;
	int64_t inbox;
	struct str text, mime; /* of the notice, in both forms */
};

/* As the phone asks for it, as far as there is a choice: plain text unless it takes nothing but MIME. */
static enum body_type form_of(const struct eas_sync_collection *c)
{
	const struct eas_options *o = &c->options;

	return c->has_options && o->body[BODY_MIME].asked && !o->body[BODY_PLAIN].asked && !o->body[BODY_HTML].asked
		       ? BODY_MIME
		       : BODY_PLAIN;
}

static void put_notice(const struct view *v, struct wbxml_writer *w, enum body_type form)
{
	struct str text = form == BODY_MIME ? v->mime : v->text;
	struct eas_request *rq = v->rq;

	wbxml_open(w, TAG_AIRSYNC_APPLICATIONDATA);
	wbxml_put_text(w, TAG_EMAIL_TO, rq->address);
	wbxml_put_text(w, TAG_EMAIL_FROM, rq->address);
	wbxml_put_text(w, TAG_EMAIL_SUBJECT, EAS_QUARANTINE_SUBJECT);
	wbxml_put_text(w, TAG_EMAIL_DATERECEIVED, str_of(time_text(clock_wall_ms(rq->eas->clock)).text));
	wbxml_put_text(w, TAG_EMAIL_DISPLAYTO, rq->address);
	wbxml_put_text(w, TAG_EMAIL_THREADTOPIC, EAS_QUARANTINE_SUBJECT);
	wbxml_put_u64(w, TAG_EMAIL_IMPORTANCE, 2);
	wbxml_put_u64(w, TAG_EMAIL_READ, 0);
	wbxml_open(w, TAG_AIRSYNCBASE_BODY);
	wbxml_put_u64(w, TAG_AIRSYNCBASE_TYPE, form);
	wbxml_put_u64(w, TAG_AIRSYNCBASE_ESTIMATEDDATASIZE, text.n);
	wbxml_put_text(w, TAG_AIRSYNCBASE_DATA, text);
	wbxml_close(w, TAG_AIRSYNCBASE_BODY);
	wbxml_put_text(w, TAG_EMAIL_MESSAGECLASS, S("IPM.Note"));
	wbxml_put_text(w, TAG_EMAIL_INTERNETCPID, S("65001"));
	wbxml_put_text(w, TAG_EMAIL_CONTENTCLASS, S("urn:content-classes:message"));
	wbxml_put_u64(w, TAG_AIRSYNCBASE_NATIVEBODYTYPE, BODY_PLAIN);
	wbxml_close(w, TAG_AIRSYNC_APPLICATIONDATA);
}

/* ---- Sync ---- */

static enum err write_notice(struct eas_request *rq, struct view *v)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(NOTICE_MAX_TEXT);
	CLEANUP(buf_release) struct buf mime = BUF_INIT(NOTICE_MAX_BYTES);

	TRY(eas_notice_waiting(rq, &text));
	TRY(notice_write(
		&mime,
		&(struct notice){ .to = rq->address, .subject = EAS_QUARANTINE_SUBJECT, .text = buf_view(&text) },
		clock_wall_ms(rq->eas->clock)));
	TRY(arena_str(rq->arena, buf_view(&text), &v->text));
	return arena_str(rq->arena, buf_view(&mime), &v->mime);
}

static enum err look(struct eas_request *rq, struct view *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	ret->rq = rq;
	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_READ, &tx));
	TRY(folder_by_role(tx, FOLDER_INBOX, &ret->inbox));
	TRY(store_commit(&tx));
	return write_notice(rq, ret);
}

static bool is_inbox(const struct view *v, const struct eas_sync_collection *c)
{
	int64_t id;

	return v->rq->access == ACCESS_QUARANTINE && server_id_parse_folder(c->id, &id) == ERR_OK && id == v->inbox;
}

static bool brings_notice(const struct view *v, const struct eas_sync_collection *c)
{
	return is_inbox(v, c) && c->get_changes && str_eq(c->key, KEY_BEGUN);
}

static bool key_known(struct str key)
{
	return str_eq(key, S("0")) || str_eq(key, KEY_BEGUN) || str_eq(key, KEY_TOLD);
}

/* Changes and Deletes are let go by: there is nothing but the notice that they can be of. */
static bool is_answered(const struct eas_sync_command *c)
{
	return c->kind == EAS_SYNC_ADD || c->kind == EAS_SYNC_FETCH;
}

static bool speaks(const struct view *v, const struct eas_sync_collection *c)
{
	for (size_t i = 0; i < c->commands_n; i++)
		if (is_answered(&c->commands[i]))
			return true;
	return !key_known(c->key) || str_eq(c->key, S("0")) || brings_notice(v, c);
}

static void put_response(const struct view *v, struct wbxml_writer *w, const struct eas_sync_collection *of,
			 const struct eas_sync_command *c)
{
	bool is_notice = is_inbox(v, of) && str_eq(c->id, str_of(server_id_item(v->inbox, NOTICE_ITEM).text));

	if (c->kind == EAS_SYNC_ADD) {
		wbxml_open(w, TAG_AIRSYNC_ADD);
		wbxml_put_text(w, TAG_AIRSYNC_CLIENTID, c->id);
		wbxml_put_u64(w, TAG_AIRSYNC_STATUS, SYNC_NOT_TAKEN);
		wbxml_close(w, TAG_AIRSYNC_ADD);
		return;
	}
	wbxml_open(w, TAG_AIRSYNC_FETCH);
	wbxml_put_text(w, TAG_AIRSYNC_SERVERID, c->id);
	wbxml_put_u64(w, TAG_AIRSYNC_STATUS, is_notice ? SYNC_OK : SYNC_NOT_FOUND);
	if (is_notice)
		put_notice(v, w, form_of(of));
	wbxml_close(w, TAG_AIRSYNC_FETCH);
}

static void put_responses(const struct view *v, struct wbxml_writer *w, const struct eas_sync_collection *c)
{
	bool open = false;

	for (size_t i = 0; i < c->commands_n; i++) {
		if (!is_answered(&c->commands[i]))
			continue;
		if (!open)
			wbxml_open(w, TAG_AIRSYNC_RESPONSES);
		open = true;
		put_response(v, w, c, &c->commands[i]);
	}
	if (open)
		wbxml_close(w, TAG_AIRSYNC_RESPONSES);
}

static void put_commands(const struct view *v, struct wbxml_writer *w, const struct eas_sync_collection *c)
{
	wbxml_open(w, TAG_AIRSYNC_COMMANDS);
	wbxml_open(w, TAG_AIRSYNC_ADD);
	wbxml_put_text(w, TAG_AIRSYNC_SERVERID, str_of(server_id_item(v->inbox, NOTICE_ITEM).text));
	put_notice(v, w, form_of(c));
	wbxml_close(w, TAG_AIRSYNC_ADD);
	wbxml_close(w, TAG_AIRSYNC_COMMANDS);
}

static struct str next_key(const struct view *v, const struct eas_sync_collection *c)
{
	if (!key_known(c->key))
		return S("0");
	if (str_eq(c->key, S("0")))
		return KEY_BEGUN;
	return brings_notice(v, c) ? KEY_TOLD : c->key;
}

static void put_collection(const struct view *v, struct wbxml_writer *w, const struct eas_sync_collection *c)
{
	bool known = key_known(c->key);

	wbxml_open(w, TAG_AIRSYNC_COLLECTION);
	if (v->rq->version <= EAS_12_1)
		wbxml_put_text(w, TAG_AIRSYNC_CLASS, S("Email"));
	wbxml_put_text(w, TAG_AIRSYNC_SYNCKEY, next_key(v, c));
	wbxml_put_text(w, TAG_AIRSYNC_COLLECTIONID, c->id);
	wbxml_put_u64(w, TAG_AIRSYNC_STATUS, known ? SYNC_OK : SYNC_BAD_KEY);
	if (known)
		put_responses(v, w, c);
	if (brings_notice(v, c))
		put_commands(v, w, c);
	wbxml_close(w, TAG_AIRSYNC_COLLECTION);
}

static void respond_sync(const struct view *v, const struct eas_sync_request *q)
{
	struct wbxml_writer w;

	eas_writer_begin(v->rq, &w);
	wbxml_open(&w, TAG_AIRSYNC_SYNC);
	wbxml_open(&w, TAG_AIRSYNC_COLLECTIONS);
	for (size_t i = 0; i < q->collections_n; i++)
		if (v->rq->version < EAS_12_1 || speaks(v, &q->collections[i]))
			put_collection(v, &w, &q->collections[i]);
	wbxml_close(&w, TAG_AIRSYNC_COLLECTIONS);
	wbxml_close(&w, TAG_AIRSYNC_SYNC);
	eas_respond_wbxml(v->rq, &w);
}

static bool any_speaks(const struct view *v, const struct eas_sync_request *q)
{
	for (size_t i = 0; i < q->collections_n; i++)
		if (speaks(v, &q->collections[i]))
			return true;
	return v->rq->version < EAS_12_1; /* an empty answer has no meaning there */
}

/* Nothing is remembered, so a request that leaves things out is asked for as a whole. */
static void sync(struct eas_request *rq)
{
	enum eas_sync_status status = EAS_SYNC_OK;
	struct eas_sync_request q = { 0 };
	struct view v;
	enum err e;

	e = rq->body.n ? eas_sync_parse(&rq->reader, &rq->root, rq->arena, rq->version, &q, &status) : ERR_OK;
	if (e == ERR_BUSY) {
		eas_respond_err(rq, e);
		return;
	}
	if (e || status) {
		eas_respond_malformed(rq, SYNC_PROTOCOL);
		return;
	}
	if (rq->body.n == 0 || q.partial) {
		eas_respond_status(rq, SYNC_INCOMPLETE);
		return;
	}
	e = look(rq, &v);
	if (e)
		eas_respond_err(rq, e);
	else if (any_speaks(&v, &q))
		respond_sync(&v, &q);
	else if (q.has_hold)
		wait(rq, q.hold_s);
	else
		eas_respond_empty(rq);
}

static void ping(struct eas_request *rq)
{
	struct eas_ping p = { 0 };

	if (rq->body.n && eas_ping_parse(&rq->reader, &rq->root, &p))
		eas_respond_malformed(rq, PING_MALFORMED);
	else
		wait(rq, p.has_heartbeat ? p.heartbeat_s : HEARTBEAT_S);
}

void eas_quarantine(struct eas_request *rq)
{
	switch ((unsigned)rq->command->root) {
	case TAG_FOLDERHIERARCHY_FOLDERSYNC:
		foldersync(rq);
		break;
	case TAG_AIRSYNC_SYNC:
		sync(rq);
		break;
	case TAG_PING_PING:
		ping(rq);
		break;
	default:
		eas_respond_status(rq, EAS_STATUS_DEVICE_BLOCKED);
	}
}
