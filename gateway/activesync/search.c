/*
 * Search (MS-ASCMD 2.2.1.16): mails by what is in them, and people by name. The answer is made anew for each range: what
 * the phone asked before is not kept, since asking the index again costs less than keeping it.
 */
#include <gateway/activesync/search.h>

#include <gateway/activesync/insert.h>
#include <gateway/activesync/item_class.h>
#include <gateway/activesync/server_id.h>

struct search_job {
	struct eas_request *rq;
	const struct eas_search_request *asked;
	struct wbxml_writer w;
	struct eas_inserts inserts;
	struct arena scratch; /* of one mail */
	uint64_t given;
};

static void job_release(struct search_job *job)
{
	eas_inserts_release(&job->inserts);
	arena_release(&job->scratch);
}

/* ---- what Find shares ---- */

void eas_search_put_range(struct wbxml_writer *w, enum wbxml_tag tag, uint64_t from, uint64_t n)
{
	CLEANUP(buf_release) struct buf range = BUF_INIT(64);

	buf_u64(&range, from);
	buf_char(&range, '-');
	buf_u64(&range, from + n - 1);
	wbxml_put_text(w, tag, buf_view(&range));
}

/* ---- items ---- */

static enum err put_properties(struct search_job *job, const struct eas_place *place, struct store_tx *tx,
			       const struct item_class *class, const struct item *item)
{
	const struct eas_options allowed = eas_policy_options(&job->rq->limits, class->folder, &job->asked->options);
	const struct item_view view = { .tx = tx,
					.arena = &job->scratch,
					.owner = place->owner,
					.mount = place->shared ? place->collection : 0,
					.guest = place->shared,
					.version = job->rq->version,
					.options = &allowed,
					.inserts = &job->inserts,
					.container = TAG_SEARCH_PROPERTIES,
					.no_body = !job->asked->has_body };

	return class->put(&job->w, &view, item);
}

/* A LongId is the item's number; of one behind a mount its ServerId. */
static void put_long_id(struct search_job *job, const struct eas_place *place, int64_t item)
{
	CLEANUP(buf_release) struct buf number = BUF_INIT(64);

	buf_i64(&number, item);
	wbxml_put_text(&job->w, TAG_SEARCH_LONGID,
		       place->shared ? str_of(server_id_item(place->collection, item).text) : buf_view(&number));
}

static enum err put_item(struct search_job *job, const struct eas_hit *hit, struct store_tx *tx,
			 const struct item *item)
{
	const struct item_class *class;

	TRY(item_class_of_item(&job->scratch, tx, item, job->rq->version, &class));
	wbxml_open(&job->w, TAG_SEARCH_RESULT);
	wbxml_put_text(&job->w, TAG_AIRSYNC_CLASS, class->name);
	put_long_id(job, hit->place, item->id);
	wbxml_put_text(&job->w, TAG_AIRSYNC_COLLECTIONID, str_of(eas_hit_collection(hit, item).text));
	TRY(put_properties(job, hit->place, tx, class, item));
	wbxml_close(&job->w, TAG_SEARCH_RESULT);
	return buf_status(job->w.out);
}

/* The answer is cut where it is long; Range tells. */
static bool is_full(const struct search_job *job)
{
	return job->w.out->n + job->inserts.bytes >= EAS_MAX_PAGE_BYTES;
}

/* One that has gone meanwhile is passed over, so that a range is of what there is. */
static enum err put_items(struct search_job *job, const struct eas_hits *found)
{
	CLEANUP(eas_hit_views_end) struct eas_hit_views views = { 0 };

	for (size_t i = 0; i < found->n && !is_full(job); i++) {
		const struct eas_hit *hit = &found->list[i];
		struct store_tx *tx;
		struct item item;
		enum err e;

		arena_reset(&job->scratch);
		e = eas_hit_open(job->rq, &job->scratch, job->asked, hit, &views, &tx, &item);
		if (!e)
			e = put_item(job, hit, tx, &item);
		if (e && e != ERR_NOT_FOUND)
			return e;
		job->given += !e;
	}
	return ERR_OK;
}

static void put_end(struct search_job *job, uint64_t total)
{
	if (job->given)
		eas_search_put_range(&job->w, TAG_SEARCH_RANGE, job->asked->from, job->given);
	wbxml_put_u64(&job->w, TAG_SEARCH_TOTAL, total);
}

static enum search_status search_mailbox(struct search_job *job)
{
	struct eas_hits found;
	enum err e = eas_search_items(job->rq, job->asked, &found);

	if (e)
		return eas_search_status(e);
	if (found.total && job->asked->from >= found.total)
		return SEARCH_END_OF_RANGE; /* MS-ASCMD_R4361 */
	wbxml_put_u64(&job->w, TAG_SEARCH_STATUS, SEARCH_DONE);
	e = put_items(job, &found);
	if (e)
		return eas_search_status(e);
	if (job->given == 0)
		wbxml_empty(&job->w, TAG_SEARCH_RESULT); /* MS-ASCMD_R3850 */
	put_end(job, found.total);
	return SEARCH_DONE;
}

/* ---- people ---- */

static enum search_status search_people(struct search_job *job)
{
	static const struct eas_search_people_tags tags = { TAG_SEARCH_RESULT, TAG_SEARCH_PROPERTIES };
	const struct eas_search_request *asked = job->asked;
	struct people found;
	enum err e = people_find(job->rq->arena, job->rq->eas->store, job->rq->account, asked->text, &found);

	if (e)
		return eas_search_status(e);
	if (found.total && asked->from >= found.total)
		return SEARCH_END_OF_RANGE;
	wbxml_put_u64(&job->w, TAG_SEARCH_STATUS, SEARCH_DONE);
	e = eas_search_put_people(job->rq, asked, &found, &job->w, &tags, &job->given);
	if (e)
		return eas_search_status(e);
	put_end(job, found.total);
	return SEARCH_DONE;
}

/* ---- the answer ---- */

static enum search_status search(struct search_job *job)
{
	if (job->asked->status != SEARCH_DONE)
		return job->asked->status;
	return job->asked->store == SEARCH_STORE_GAL ? search_people(job) : search_mailbox(job);
}

static void run(struct eas_request *rq, const struct eas_search_request *asked)
{
	CLEANUP(job_release)
	struct search_job job = { .rq = rq, .asked = asked, .scratch = ARENA_INIT(EAS_MAX_ITEM_ARENA_BYTES) };
	enum search_status status;
	struct wbxml_mark mark;

	eas_writer_begin(rq, &job.w);
	wbxml_open(&job.w, TAG_SEARCH_SEARCH);
	wbxml_put_u64(&job.w, TAG_SEARCH_STATUS, EAS_STATUS_OK); /* MS-ASCMD_R4327 */
	wbxml_open(&job.w, TAG_SEARCH_RESPONSE);
	wbxml_open(&job.w, TAG_SEARCH_STORE);
	mark = wbxml_mark(&job.w);
	status = search(&job);
	if (status != SEARCH_DONE) {
		wbxml_rewind(&job.w, mark);
		eas_inserts_rewind(&job.inserts, mark.n);
		wbxml_put_u64(&job.w, TAG_SEARCH_STATUS, status);
		eas_log_status(rq, status);
	}
	wbxml_close(&job.w, TAG_SEARCH_STORE);
	wbxml_close(&job.w, TAG_SEARCH_RESPONSE);
	wbxml_close(&job.w, TAG_SEARCH_SEARCH);
	eas_respond_inserted(rq, &job.w, &job.inserts);
}

void eas_search(struct eas_request *rq)
{
	struct eas_search_request asked;
	enum err e = eas_search_parse(rq, &asked);

	if (e)
		eas_respond_malformed(rq, EAS_STATUS_INVALID_XML);
	else
		run(rq, &asked);
}
