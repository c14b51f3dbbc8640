/* Ping (MS-ASCMD 2.2.1.13, 3.1.5.8): answers as soon as one of some folders has something to tell this device. */
#include <gateway/activesync/baseline.h>
#include <gateway/activesync/hierarchy.h>
#include <gateway/activesync/hold.h>
#include <gateway/activesync/outbound.h>
#include <gateway/activesync/ping_request.h>
#include <gateway/activesync/place.h>
#include <gateway/activesync/sync_options.h>

#include <base/mem.h>

#include <stdlib.h>

enum ping_status { /* MS-ASCMD 2.2.3.177.11 */
		   PING_EXPIRED = 1,
		   PING_CHANGES = 2,
		   PING_MISSING = 3,
		   PING_MALFORMED = 4,
		   PING_HEARTBEAT = 5,
		   PING_TOO_MANY = 6,
		   PING_HIERARCHY = 7,
		   PING_SERVER_ERROR = 8,
};

/* What outlives the job of a held Ping. */
struct held {
	int64_t deadline_ms;
	struct push_place *elsewhere; /* NULL: none of them is a mount */
	size_t elsewhere_n;
	int64_t cache; /* the folder that the phone calls "RI"; 0: none */
	size_t n;
	int64_t folders[];
};

static void on_finish(struct eas_request *rq, bool written)
{
	struct held *held = rq->state;

	(void)written;
	free(held->elsewhere);
	free(held);
}

/* ---- answers ---- */

struct found {
	enum ping_status status;
	int64_t cache; /* as in struct held */
	int64_t folders[EAS_MAX_PING_FOLDERS];
	size_t n;
};

/* By the name that it was asked for. */
static void put_folder(struct wbxml_writer *w, const struct found *f, int64_t folder)
{
	if (folder == f->cache)
		wbxml_put_text(w, TAG_PING_FOLDER, S("RI"));
	else
		wbxml_put_i64(w, TAG_PING_FOLDER, folder);
}

static void respond_found(struct eas_request *rq, const struct found *f)
{
	struct wbxml_writer w;

	if (f->status != PING_CHANGES) {
		eas_respond_status(rq, f->status);
		return;
	}
	eas_log_status(rq, PING_CHANGES);
	eas_writer_begin(rq, &w);
	wbxml_open(&w, TAG_PING_PING);
	wbxml_put_u64(&w, TAG_PING_STATUS, PING_CHANGES);
	wbxml_open(&w, TAG_PING_FOLDERS);
	for (size_t i = 0; i < f->n; i++)
		put_folder(&w, f, f->folders[i]);
	wbxml_close(&w, TAG_PING_FOLDERS);
	wbxml_close(&w, TAG_PING_PING);
	eas_respond_wbxml(rq, &w);
}

/* Status 5 names the nearest heartbeat (MS-ASCMD_R4247, R4248), status 6 the number of folders (R4253). */
static void respond_bound(struct eas_request *rq, enum ping_status status, enum wbxml_tag tag, unsigned bound)
{
	struct wbxml_writer w;

	eas_log_status(rq, status);
	eas_writer_begin(rq, &w);
	wbxml_open(&w, TAG_PING_PING);
	wbxml_put_u64(&w, TAG_PING_STATUS, status);
	wbxml_put_u64(&w, tag, bound);
	wbxml_close(&w, TAG_PING_PING);
	eas_respond_wbxml(rq, &w);
}

/* ---- the check ---- */

/* What has aged out of the filter since the last Sync, the next one will not bring. */
static enum err look(struct eas_request *rq, struct store_tx *tx, int64_t folder, const struct sync_generation *held,
		     bool *visible)
{
	struct feed_state st = held->state;
	enum err e;

	eas_filters_age(&st, clock_wall_ms(rq->eas->clock));
	TRY(eas_outbound_look(rq, tx, folder, held, &st, visible));
	if (*visible)
		return ERR_OK;
	e = feed_visible(tx, folder, rq->device.id, &st, visible);
	if (e != ERR_STALE)
		return e;
	*visible = true; /* Sync will say that its key is too old */
	return ERR_OK;
}

static enum err check_line(struct eas_request *rq, struct store_tx *tx, int64_t folder, struct found *f, bool *synced,
			   bool *visible)
{
	struct eas_baseline baseline;
	struct sync_line line;

	*visible = false;
	TRY(sync_line_load(tx, rq->device.id, folder, &line));
	eas_baseline(rq, &line, &baseline);
	*synced = baseline.n > 0;
	for (size_t i = 0; i < baseline.n && !*visible; i++) {
		enum err e = look(rq, tx, folder, baseline.is[i], visible);

		if (e == ERR_NOT_FOUND) {
			f->status = PING_HIERARCHY;
			return ERR_OK;
		}
		TRY(e);
	}
	return ERR_OK;
}

/* Behind a mount: this phone's line is in the other mailbox. What is not shared any more asks for the hierarchy. */
static enum err check_shared(struct eas_request *rq, const struct folder *mount, struct found *f, bool *visible)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct eas_place place;
	bool synced;
	enum err e = eas_place_of(rq, mount, &place);

	if (!e)
		e = store_begin(rq->eas->store, place.mailbox, STORE_READ, &tx);
	if (e == ERR_NOT_FOUND) {
		f->status = PING_HIERARCHY;
		return ERR_OK;
	}
	return e ? e : check_line(rq, tx, place.folder, f, &synced, visible);
}

/*
 * One folder: changes, or nothing. A folder that the device never synced is passed over, since phones ping before their
 * first Sync; one that it did and that is gone asks for the hierarchy.
 */
static enum err check_folder(struct eas_request *rq, struct store_tx *tx, int64_t id, struct found *f)
{
	struct folder folder;
	bool synced, visible;
	enum err e;

	TRY(check_line(rq, tx, id, f, &synced, &visible));
	if (!synced) {
		e = folder_get(rq->arena, tx, id, &folder);
		if (e != ERR_NOT_FOUND)
			TRY(e);
		if (!e && folder.mount_mailbox)
			TRY(check_shared(rq, &folder, f, &visible));
	}
	if (visible)
		f->folders[f->n++] = id;
	return ERR_OK;
}

static enum err check_all(struct eas_request *rq, struct store_tx *tx, const struct held *held, struct found *f)
{
	bool news;

	TRY(eas_hierarchy_news(rq, tx, &news));
	if (news) {
		f->status = PING_HIERARCHY;
		return ERR_OK;
	}
	for (size_t i = 0; i < held->n && f->status != PING_HIERARCHY; i++)
		TRY(check_folder(rq, tx, held->folders[i], f));
	if (f->status != PING_HIERARCHY && f->n > 0)
		f->status = PING_CHANGES;
	return ERR_OK;
}

/* PING_EXPIRED while there is nothing to tell. */
static enum err check(struct eas_request *rq, const struct held *held, struct found *f)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	f->status = PING_EXPIRED;
	f->cache = held->cache;
	f->n = 0;
	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_READ, &tx));
	TRY(check_all(rq, tx, held, f));
	return store_commit(&tx);
}

/* ---- the hold: register, check, hold ---- */

static eas_wake_handler on_wake;

static void wait(struct eas_request *rq)
{
	const struct held *held = rq->state;
	const struct eas_hold_args args = {
		.folders = held->folders,
		.folders_n = held->n,
		.hierarchy = true,
		.elsewhere = held->elsewhere,
		.elsewhere_n = held->elsewhere_n,
		.deadline_ms = held->deadline_ms,
		.on_wake = on_wake,
	};
	struct eas_hold *hold = NULL;
	struct found found;

	if (eas_hold_watch(rq, &args, &hold) != ERR_OK || check(rq, held, &found) != ERR_OK)
		found.status = PING_SERVER_ERROR;
	if (found.status == PING_EXPIRED) {
		eas_hold_park(&hold);
		return;
	}
	eas_hold_cancel(&hold);
	respond_found(rq, &found);
}

static void on_wake(struct eas_request *rq, enum eas_wake reason)
{
	if (reason == EAS_WAKE_CHANGE)
		wait(rq);
	else
		eas_respond_status(rq, PING_EXPIRED);
}

/* ---- the request ---- */

static enum err recall(struct eas_request *rq, struct eas_ping *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct str cached;
	enum err e;

	*ret = (struct eas_ping){ 0 };
	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_READ, &tx));
	e = sync_cache_get(rq->arena, tx, rq->device.id, SYNC_CACHE_PING, &cached);
	if (e == ERR_OK)
		e = eas_ping_recall(cached, ret);
	if (e != ERR_NOT_FOUND && e != ERR_INVALID) /* nothing yet, or what another version of ours wrote */
		TRY(e);
	return store_commit(&tx);
}

/* MS-ASCMD_R5632, R5634: kept for the requests that leave it out. */
static enum err remember(struct eas_request *rq, const struct eas_ping *p)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(buf_release) struct buf text = BUF_INIT(SYNC_CACHE_MAX);

	eas_ping_remember(&text, p);
	TRY(buf_status(&text));
	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_WRITE, &tx));
	TRY(sync_cache_put(tx, rq->device.id, SYNC_CACHE_PING, buf_view(&text)));
	return store_commit(&tx);
}

/*
 * The recipient cache under its number; a mailbox or a version without it asks for nothing by that name.
 */
static enum err resolve_cache(struct eas_request *rq, struct eas_ping *p, int64_t *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct folder folder;
	size_t n = 0;
	enum err e;

	*ret = 0;
	for (size_t i = 0; i < p->n; i++) {
		if (p->folders[i] != EAS_PING_RI) {
			p->folders[n++] = p->folders[i];
			continue;
		}
		if (*ret)
			continue;
		if (!tx)
			TRY(store_begin(rq->eas->store, rq->mailbox, STORE_READ, &tx));
		e = eas_folder_of(rq, tx, S("RI"), &folder);
		if (e == ERR_NOT_FOUND)
			continue;
		TRY(e);
		*ret = p->folders[n++] = folder.id;
	}
	p->n = n;
	return ERR_OK;
}

static void begin(struct eas_request *rq, struct eas_ping *p)
{
	struct held *held;
	struct push_place *elsewhere;
	int64_t cache;
	size_t n;

	if (resolve_cache(rq, p, &cache) != ERR_OK) {
		eas_respond_status(rq, PING_SERVER_ERROR);
		return;
	}
	if (eas_places_watched(rq, rq->arena, p->folders, p->n, &elsewhere, &n) != ERR_OK) {
		eas_respond_status(rq, PING_SERVER_ERROR);
		return;
	}
	held = mem_alloc(sizeof(*held) + p->n * sizeof(*held->folders));
	if (n) {
		held->elsewhere = mem_array(n, sizeof(*elsewhere));
		held->elsewhere_n = n;
		memcpy(held->elsewhere, elsewhere, n * sizeof(*elsewhere));
	}
	held->deadline_ms = eas_hold_deadline(rq, p->heartbeat_s);
	held->n = p->n;
	held->cache = cache;
	memcpy(held->folders, p->folders, p->n * sizeof(*held->folders));
	rq->state = held;
	rq->finish = on_finish;
	wait(rq);
}

static void run(struct eas_request *rq, struct eas_ping *p)
{
	unsigned max = eas_hold_max_s(rq->eas);
	struct eas_ping former;
	enum err e = recall(rq, &former);

	eas_ping_complete(p, &former); /* MS-ASCMD_R5831, R5832: what is left out is as it was */
	if (e != ERR_OK)
		eas_respond_status(rq, PING_SERVER_ERROR);
	else if (!eas_ping_is_complete(p))
		eas_respond_status(rq, PING_MISSING); /* MS-ASCMD_R4241 */
	else if (p->heartbeat_s < EAS_MIN_HEARTBEAT_S)
		respond_bound(rq, PING_HEARTBEAT, TAG_PING_HEARTBEATINTERVAL, EAS_MIN_HEARTBEAT_S);
	else if (p->heartbeat_s > max)
		respond_bound(rq, PING_HEARTBEAT, TAG_PING_HEARTBEATINTERVAL, max);
	else if (!eas_ping_equal(p, &former) && remember(rq, p) != ERR_OK)
		eas_respond_status(rq, PING_SERVER_ERROR);
	else
		begin(rq, p);
}

void eas_ping(struct eas_request *rq)
{
	struct eas_ping p = { 0 };
	enum err e = rq->body.n > 0 ? eas_ping_parse(&rq->reader, &rq->root, &p) : ERR_OK;

	if (e == ERR_LIMIT)
		respond_bound(rq, PING_TOO_MANY, TAG_PING_MAXFOLDERS, EAS_MAX_PING_FOLDERS);
	else if (e != ERR_OK)
		eas_respond_malformed(rq, PING_MALFORMED);
	else
		run(rq, &p);
}
