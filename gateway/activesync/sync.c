/*
 * Sync (MS-ASCMD 2.2.1.21): a collection's changes both ways, and the wait for the next one.
 *
 * A request that leaves things out (an empty one, a Partial) is first made whole from the former one. Then it runs in the
 * steps of sync_work.h. Where it may wait and nothing is to be said, it is held; when it wakes, the request runs once
 * more, from the form in which it is kept, so that a hold keeps nothing of a run but that and its deadline. What waits
 * has no commands (they are always answered at once), so running again does nothing twice.
 */
#include <gateway/activesync/sync_work.h>

#include <gateway/activesync/hierarchy.h>
#include <gateway/activesync/hold.h>
#include <gateway/activesync/issued.h>
#include <gateway/activesync/place.h>
#include <gateway/activesync/server_id.h>
#include <gateway/activesync/sync_kept.h>

#include <base/mem.h>

#include <stdlib.h>

enum { STALE_RUNS = 3 };
enum { HOLD_MIN_S = 60, HOLD_MAX_S = 3540 }; /* MS-ASCMD 2.2.3.97, 2.2.3.198: 1 to 59 minutes, 60 to 3540 seconds */

struct issued_key {
	int64_t mailbox, folder;
	char key[SYNC_KEY_MAX + 1];
};

/* What outlives a run of the request. */
struct sync_state {
	int64_t deadline_ms;
	struct buf kept;           /* the request, once it is held */
	struct issued_key *issued; /* keys that the answer carries, for Ping's baseline */
	size_t issued_n;
};

static void on_finish(struct eas_request *rq, bool written)
{
	struct sync_state *state = rq->state;

	for (size_t i = 0; written && i < state->issued_n; i++)
		eas_issued_note(rq->eas->issued, state->issued[i].mailbox, rq->device.id, state->issued[i].folder,
				str_of(state->issued[i].key));
	free(state->issued);
	buf_release(&state->kept);
	free(state);
}

static void note_issued(struct sync_state *state, const struct sync_job *job)
{
	state->issued = mem_array(job->n, sizeof(*state->issued));
	for (size_t i = 0; i < job->n; i++) {
		struct issued_key *k = &state->issued[state->issued_n];
		const struct sync_work *c = &job->work[i];
		struct str key = c->first_key.n ? c->first_key : sync_line_key(&c->line);

		if (c->status != EAS_SYNC_DONE || !(c->first_key.n || c->line.issued))
			continue;
		k->mailbox = c->place.mailbox;
		k->folder = c->folder;
		memcpy(k->key, key.p, key.n);
		k->key[key.n] = '\0';
		state->issued_n++;
	}
}

static void respond_limit(struct eas_request *rq, enum eas_sync_code code, unsigned limit)
{
	struct wbxml_writer w;

	eas_log_status(rq, code);
	eas_writer_begin(rq, &w);
	wbxml_open(&w, TAG_AIRSYNC_SYNC);
	wbxml_put_u64(&w, TAG_AIRSYNC_STATUS, code);
	wbxml_put_u64(&w, TAG_AIRSYNC_LIMIT, limit);
	wbxml_close(&w, TAG_AIRSYNC_SYNC);
	eas_respond_wbxml(rq, &w);
}

static void respond_err(struct eas_request *rq, enum err e)
{
	static const enum eas_sync_code codes[] = {
		[ERR_OK] = EAS_SYNC_DONE,
		[ERR_NOT_FOUND] = EAS_SYNC_SERVER,
		[ERR_EXISTS] = EAS_SYNC_SERVER,
		[ERR_STALE] = EAS_SYNC_RETRY,
		[ERR_INVALID] = EAS_SYNC_PROTOCOL,
		[ERR_DENIED] = EAS_SYNC_SERVER,
		[ERR_UNSUPPORTED] = EAS_SYNC_SERVER,
		[ERR_LIMIT] = EAS_SYNC_SERVER,
		[ERR_BUSY] = EAS_SYNC_RETRY,
		[ERR_FULL] = EAS_SYNC_NO_SPACE,
		[ERR_QUOTA] = EAS_SYNC_NO_SPACE,
		[ERR_CORRUPT] = EAS_SYNC_SERVER,
		[ERR_IO] = EAS_SYNC_SERVER,
	};
	_Static_assert(countof(codes) == ERR_MAX_, "map every error");

	eas_respond_status(rq, codes[e]);
}

/* Reads the request; false once it is answered. */
static bool parse(struct eas_request *rq, struct eas_sync_request *ret)
{
	enum eas_sync_status status = EAS_SYNC_OK;
	struct wbxml_reader r;
	struct wbxml_scope root;
	enum err e;

	wbxml_reader_init(&r, rq->body);
	if (wbxml_root(&r, TAG_AIRSYNC_SYNC)) {
		eas_respond_malformed(rq, EAS_SYNC_PROTOCOL);
		return false;
	}
	root = wbxml_enter(&r);
	e = eas_sync_parse(&r, &root, rq->arena, rq->version, ret, &status);
	if (!e && !status)
		e = wbxml_done(&r);
	rq->reader = r;
	if (e == ERR_BUSY)
		respond_err(rq, e);
	else if (e)
		eas_respond_malformed(rq, EAS_SYNC_PROTOCOL);
	else if (status == EAS_SYNC_TOO_MANY_COLLECTIONS && rq->version < EAS_12_1) /* which has no Limit */
		eas_respond_status(rq, EAS_SYNC_PROTOCOL);
	else if (status == EAS_SYNC_TOO_MANY_COLLECTIONS)
		respond_limit(rq, EAS_SYNC_TOO_MANY, EAS_SYNC_MAX_COLLECTIONS);
	else if (status)
		eas_respond_status(rq, (unsigned)status);
	else
		return true;
	return false;
}

/* What is asked makes sense as a whole; false once it is answered. */
static bool check(struct eas_request *rq, const struct eas_sync_request *q)
{
	unsigned max_s = eas_hold_max_s(rq->eas), unit = q->hold_in_minutes ? 60 : 1;

	if (max_s > HOLD_MAX_S)
		max_s = HOLD_MAX_S;
	if (q->has_hold && (q->hold_s < HOLD_MIN_S || q->hold_s > max_s)) {
		/* MS-ASCMD R4460, R4461: the bound that was passed, in the unit that was asked in. */
		respond_limit(rq, EAS_SYNC_BAD_HOLD, (q->hold_s < HOLD_MIN_S ? HOLD_MIN_S : max_s) / unit);
		return false;
	}
	if (q->collections_n == 0) {
		eas_respond_status(rq, EAS_SYNC_PROTOCOL);
		return false;
	}
	return true;
}

static enum err recall(struct eas_request *rq, struct eas_sync_request *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct str kept;

	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_READ, &tx));
	TRY(sync_cache_get(rq->arena, tx, rq->device.id, SYNC_CACHE_REQUEST, &kept));
	TRY(store_commit(&tx));
	return kept.n ? eas_sync_recall(rq->arena, kept, ret) : ERR_NOT_FOUND;
}

/* What a request that leaves things out stands for; false once it is answered. */
static bool complete(struct eas_request *rq, struct eas_sync_request *q)
{
	struct eas_sync_request former;
	enum err e = recall(rq, &former);

	if (!e)
		e = eas_sync_merge(rq->arena, &former, q, q);
	switch ((int)e) {
	case ERR_OK:
		return true;
	case ERR_NOT_FOUND: /* R4456: the phone sends the whole */
		eas_respond_status(rq, EAS_SYNC_INCOMPLETE);
		break;
	case ERR_CORRUPT: /* 12.1 has no such status; the other makes it do the same */
		eas_respond_status(rq,
				   rq->version < EAS_14_0 ? EAS_SYNC_INCOMPLETE : EAS_STATUS_INVALID_STORED_REQUEST);
		break;
	case ERR_LIMIT:
		respond_limit(rq, EAS_SYNC_TOO_MANY, EAS_SYNC_MAX_COLLECTIONS);
		break;
	default:
		respond_err(rq, e);
	}
	return false;
}

/* The request as it came, made whole; false once it is answered. */
static bool read_request(struct eas_request *rq, struct eas_sync_request *q)
{
	if (rq->body.n == 0) { /* R673: the former one again */
		*q = (struct eas_sync_request){ 0 };
		return complete(rq, q);
	}
	if (!parse(rq, q))
		return false;
	if (q->partial && !q->has_hold && !q->has_window && q->collections_n == 0) { /* R3642 */
		eas_respond_status(rq, EAS_SYNC_PROTOCOL);
		return false;
	}
	return !q->partial || complete(rq, q);
}

static enum err run(struct sync_job *job)
{
	enum err e = sync_commands_run(job);

	if (!e)
		sync_meetings_send(job);
	if (!e)
		e = sync_drafts_send(job);
	if (!e)
		e = sync_pages_read(job);
	if (!e)
		e = sync_keys_store(job);
	return e;
}

static void job_release(struct sync_job *job)
{
	sync_drafts_release(job);
	sync_answered_release(job);
	sync_texts_release(job);
	for (size_t i = 0; i < job->n; i++) {
		buf_release(&job->work[i].page_bytes);
		buf_release(&job->work[i].fetched_bytes);
		eas_inserts_release(&job->work[i].page_inserts);
		eas_inserts_release(&job->work[i].fetched_inserts);
	}
}

static bool has_commands(const struct eas_sync_request *q)
{
	for (size_t i = 0; i < q->collections_n; i++)
		if (q->collections[i].commands_n)
			return true;
	return false;
}

static bool has_edits(const struct eas_sync_request *q)
{
	for (size_t i = 0; i < q->collections_n; i++)
		for (size_t k = 0; k < q->collections[i].commands_n; k++)
			if (q->collections[i].commands[k].kind != EAS_SYNC_FETCH)
				return true;
	return false;
}

/*
 * R666: kept is what has no additions, changes or deletes. One that has them ends what was kept: were the former
 * request answered again, its keys would say that the edits never happened.
 */
static enum err keep(struct sync_job *job)
{
	CLEANUP(buf_release) struct buf kept = BUF_INIT(EAS_SYNC_KEPT_BYTES);

	if (has_edits(&job->request))
		return ERR_OK;
	eas_sync_keep(&kept, &job->request);
	TRY(buf_status(&kept));
	if (kept.n > SYNC_CACHE_MAX) /* hundreds of collections: these phones send the whole each time */
		return ERR_OK;
	return arena_str(job->rq->arena, buf_view(&kept), &job->kept) ? ERR_BUSY : ERR_OK;
}

static enum err hierarchy_news(struct eas_request *rq, bool *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_READ, &tx));
	return eas_hierarchy_news(rq, tx, ret);
}

static eas_wake_handler on_wake;

/* All but one are called by their number. */
static enum err watched_folder(struct eas_request *rq, struct str collection, int64_t *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct folder folder;

	if (!server_id_parse_folder(collection, ret))
		return ERR_OK;
	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_READ, &tx));
	TRY(eas_folder_of(rq, tx, collection, &folder));
	*ret = folder.id;
	return ERR_OK;
}

/* Registers for what the request asks of; before it runs, so that nothing falls between. */
static enum err watch(struct eas_request *rq, const struct eas_sync_request *q, struct eas_hold **ret)
{
	const struct sync_state *state = rq->state;
	int64_t *folders = arena_array(rq->arena, q->collections_n, sizeof(*folders));
	struct push_place *elsewhere;
	size_t n = 0, elsewhere_n;

	if (!folders)
		return ERR_BUSY;
	for (size_t i = 0; i < q->collections_n; i++) {
		enum err e = watched_folder(rq, q->collections[i].id, &folders[n]);

		if (e && e != ERR_NOT_FOUND)
			return e;
		n += !e;
	}
	TRY(eas_places_watched(rq, rq->arena, folders, n, &elsewhere, &elsewhere_n));
	return eas_hold_watch(rq,
			      &(struct eas_hold_args){ .folders = folders,
						       .folders_n = n,
						       .hierarchy = true,
						       .elsewhere = elsewhere,
						       .elsewhere_n = elsewhere_n,
						       .deadline_ms = state->deadline_ms,
						       .on_wake = on_wake },
			      ret);
}

/* Of the collections that were refused, the first stands in the log. */
static void log_refusal(struct eas_request *rq, const struct sync_job *job)
{
	for (size_t i = 0; i < job->n; i++) {
		if (job->work[i].status == EAS_SYNC_DONE)
			continue;
		http_log_field(rq->http, "collection", job->work[i].asked->id);
		eas_log_status(rq, job->work[i].status);
		return;
	}
}

static bool is_gone(const struct sync_job *job)
{
	for (size_t i = 0; i < job->n; i++)
		if (job->work[i].status == EAS_SYNC_HIERARCHY)
			return true;
	return false;
}

/* Gives the request away; it comes back to on_wake(). */
static void hold_on(struct eas_request *rq, const struct eas_sync_request *q, struct eas_hold **hold)
{
	struct sync_state *state = rq->state;

	if (state->kept.n == 0) {
		state->kept = BUF_INIT(EAS_SYNC_KEPT_BYTES);
		eas_sync_keep(&state->kept, q);
	}
	eas_hold_park(hold);
}

static void respond(struct eas_request *rq, struct sync_job *job)
{
	CLEANUP(eas_inserts_release) struct eas_inserts inserts = { 0 };
	struct wbxml_writer w;

	note_issued(rq->state, job);
	log_refusal(rq, job);
	eas_writer_begin(rq, &w);
	sync_answer(job, &w, &inserts);
	eas_respond_inserted(rq, &w, &inserts);
}

/* As it was before it ran; what the loop guard was asked it is not asked again. */
static void reset(struct sync_job *job)
{
	job_release(job);
	for (size_t i = 0; i < job->n; i++) {
		const struct sync_work was = job->work[i];

		job->work[i] = (struct sync_work){
			.asked = was.asked, .looked = was.looked, .again = was.again, .window = was.window
		};
	}
	job->kept_stored = false;
}

/*
 * Another request of the phone was at one of its lines meanwhile: one that it has given up, most likely. What is done a
 * second time finds what was done the first time, as any repeat does.
 */
static enum err run_again_if_stale(struct sync_job *job)
{
	enum err e = run(job);

	for (int i = 0; i < STALE_RUNS && e == ERR_STALE; i++) {
		reset(job);
		e = run(job);
	}
	return e;
}

/* One run, and its end: an answer, or the wait for something to say. */
static void run_and_end(struct eas_request *rq, const struct eas_sync_request *q)
{
	struct sync_job job = { .rq = rq, .request = *q, .n = q->collections_n };
	bool waits = q->has_hold && !has_commands(q), news = false;
	struct eas_hold *hold = NULL;
	enum err e;

	job.work = arena_array(rq->arena, job.n, sizeof(*job.work));
	if (!job.work) {
		respond_err(rq, ERR_BUSY);
		return;
	}
	for (size_t i = 0; i < job.n; i++)
		job.work[i].asked = &q->collections[i];
	e = keep(&job);
	if (!e && waits)
		e = watch(rq, q, &hold);
	if (!e)
		e = run_again_if_stale(&job);
	if (!e && waits && !sync_job_speaks(&job))
		e = hierarchy_news(rq, &news);
	if (!e && waits && !news && !sync_job_speaks(&job)) {
		job_release(&job);
		hold_on(rq, q, &hold);
		return;
	}
	eas_hold_cancel(&hold);
	if (e)
		respond_err(rq, e);
	else if (rq->profile->gone_is_global && is_gone(&job))
		eas_respond_status(rq, EAS_SYNC_HIERARCHY);
	else if (sync_job_speaks(&job))
		respond(rq, &job);
	else if (news)
		eas_respond_status(rq, EAS_SYNC_HIERARCHY);
	else if (sync_is_short(rq->version))
		eas_respond_empty(rq); /* MS-ASCMD 2.2.1.21: nothing new needs no document */
	else
		respond(rq, &job);
	job_release(&job);
}

static void on_wake(struct eas_request *rq, enum eas_wake reason)
{
	const struct sync_state *state = rq->state;
	struct eas_sync_request q;
	enum err e;

	if (reason != EAS_WAKE_CHANGE) {
		eas_respond_empty(rq);
		return;
	}
	e = eas_sync_recall(rq->arena, buf_view(&state->kept), &q);
	if (e)
		respond_err(rq, e);
	else
		run_and_end(rq, &q);
}

/* As long as was asked for, or as the client itself waits for an answer. */
static unsigned hold_s(const struct eas_request *rq, const struct eas_sync_request *q)
{
	unsigned max = rq->profile->sync_hold_s;

	return max && max < q->hold_s ? max : q->hold_s;
}

void eas_sync(struct eas_request *rq)
{
	struct sync_state *state = mem_alloc(sizeof(*state));
	struct eas_sync_request q;

	rq->state = state;
	rq->finish = on_finish;
	if (!read_request(rq, &q) || !check(rq, &q))
		return;
	if (q.has_hold)
		state->deadline_ms = eas_hold_deadline(rq, hold_s(rq, &q));
	run_and_end(rq, &q);
}
