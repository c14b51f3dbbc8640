/*
 * The Sync response. Order within a Collection: Class (up to 12.1), SyncKey, CollectionId, Status, Responses, MoreAvailable,
 * Commands. The schema takes any; Windows Phone wants MoreAvailable before Commands, and the engine wants Responses
 * before Commands. Empty containers are never written: phones break on them.
 */
#include <gateway/activesync/sync_work.h>

#include <gateway/activesync/server_id.h>

/* Is there more to say of a command that was done? */
static bool speaks(const struct sync_work *c, size_t i)
{
	return sync_draft_speaks(c, i) || sync_answered_speaks(c, i);
}

static void put_result(struct wbxml_writer *w, const struct sync_work *c, size_t i, const struct sync_result *result)
{
	const struct eas_sync_command *asked = &c->asked->commands[i];
	static const struct {
		enum wbxml_tag tag, id;
		bool always; /* else only where it failed */
	} forms[] = {
		[EAS_SYNC_ADD] = { TAG_AIRSYNC_ADD, TAG_AIRSYNC_CLIENTID, true },
		[EAS_SYNC_CHANGE] = { TAG_AIRSYNC_CHANGE, TAG_AIRSYNC_SERVERID, false },
		[EAS_SYNC_DELETE] = { TAG_AIRSYNC_DELETE, TAG_AIRSYNC_SERVERID, false },
	};

	if (!forms[asked->kind].always && result->status == EAS_SYNC_DONE && !speaks(c, i))
		return;
	wbxml_open(w, forms[asked->kind].tag);
	if (asked->text && asked->kind == EAS_SYNC_ADD) /* MS-ASCMD_R944: another class than the folder's */
		wbxml_put_text(w, TAG_AIRSYNC_CLASS, item_class_texts()->name);
	wbxml_put_text(w, forms[asked->kind].id, asked->id);
	if (asked->kind == EAS_SYNC_ADD && result->item && result->status == EAS_SYNC_DONE)
		wbxml_put_text(w, TAG_AIRSYNC_SERVERID, str_of(server_id_item(c->place.collection, result->item).text));
	wbxml_put_u64(w, TAG_AIRSYNC_STATUS, (uint64_t)result->status);
	sync_draft_put_answer(w, c, i);
	sync_answered_put(w, c, i);
	wbxml_close(w, forms[asked->kind].tag);
}

static bool has_responses(const struct sync_work *c)
{
	for (size_t i = 0, n = 0; i < c->asked->commands_n; i++) {
		const struct eas_sync_command *asked = &c->asked->commands[i];

		if (asked->kind == EAS_SYNC_FETCH || asked->kind == EAS_SYNC_ADD)
			return true;
		if (c->results[n++].status != EAS_SYNC_DONE || speaks(c, i))
			return true;
	}
	return false;
}

static void put_fragment(struct wbxml_writer *w, struct eas_inserts *inserts, const struct wbxml_writer *fragment,
			 struct eas_inserts *of_fragment)
{
	wbxml_put_fragment(w, fragment);
	if (!w->out->err)
		eas_inserts_move(inserts, of_fragment, w->out->n - fragment->out->n);
}

static void put_responses(struct wbxml_writer *w, struct sync_work *c, struct eas_inserts *inserts)
{
	size_t n = 0;

	wbxml_open(w, TAG_AIRSYNC_RESPONSES);
	for (size_t i = 0; i < c->asked->commands_n; i++)
		if (c->asked->commands[i].kind != EAS_SYNC_FETCH)
			put_result(w, c, i, &c->results[n++]);
	put_fragment(w, inserts, &c->fetched, &c->fetched_inserts);
	wbxml_close(w, TAG_AIRSYNC_RESPONSES);
}

static struct str key_of(const struct sync_work *c)
{
	if (c->status == EAS_SYNC_BAD_KEY)
		return S("0");
	if (c->status != EAS_SYNC_DONE)
		return c->asked->key;
	return c->first_key.n ? c->first_key : sync_line_key(&c->line);
}

static void put_collection(struct wbxml_writer *w, const struct sync_job *job, struct sync_work *c,
			   struct eas_inserts *inserts)
{
	wbxml_open(w, TAG_AIRSYNC_COLLECTION);
	if (job->rq->version <= EAS_12_1)
		wbxml_put_text(w, TAG_AIRSYNC_CLASS,
			       c->class          ? c->class->name
			       : c->asked->class ? c->asked->class->name
						 : S("Email"));
	wbxml_put_text(w, TAG_AIRSYNC_SYNCKEY, key_of(c));
	wbxml_put_text(w, TAG_AIRSYNC_COLLECTIONID, c->asked->id);
	wbxml_put_u64(w, TAG_AIRSYNC_STATUS, c->status);
	if (c->status == EAS_SYNC_DONE) {
		if (has_responses(c))
			put_responses(w, c, inserts);
		if (c->more)
			wbxml_empty(w, TAG_AIRSYNC_MOREAVAILABLE);
		if (c->entries) {
			wbxml_open(w, TAG_AIRSYNC_COMMANDS);
			put_fragment(w, inserts, &c->page, &c->page_inserts);
			wbxml_close(w, TAG_AIRSYNC_COMMANDS);
		}
	}
	wbxml_close(w, TAG_AIRSYNC_COLLECTION);
}

bool sync_is_short(enum eas_version v)
{
	return v >= EAS_12_1;
}

bool sync_work_speaks(const struct sync_work *c)
{
	return c->status != EAS_SYNC_DONE || c->first_key.n || c->asked->commands_n || c->entries || c->line.issued;
}

bool sync_job_speaks(const struct sync_job *job)
{
	for (size_t i = 0; i < job->n; i++)
		if (sync_work_speaks(&job->work[i]))
			return true;
	return false;
}

void sync_answer(struct sync_job *job, struct wbxml_writer *w, struct eas_inserts *inserts)
{
	wbxml_open(w, TAG_AIRSYNC_SYNC);
	wbxml_open(w, TAG_AIRSYNC_COLLECTIONS);
	for (size_t i = 0; i < job->n; i++)
		if (sync_work_speaks(&job->work[i]) || !sync_is_short(job->rq->version))
			put_collection(w, job, &job->work[i], inserts);
	wbxml_close(w, TAG_AIRSYNC_COLLECTIONS);
	wbxml_close(w, TAG_AIRSYNC_SYNC);
}
