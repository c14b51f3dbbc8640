/*
 * Adds and Changes of items that phones write as a whole. The new octets are made in the transaction, of those that are
 * there: they are small, and nothing can come between.
 */
#include <gateway/activesync/sync_class.h>

#include <gateway/activesync/sync_work.h>
#include <gateway/mailbox/entry.h>
#include <store/item_part.h>
#include <store/quota.h>
#include <store/sync.h>

#include <sys/random.h>

static uint64_t random_number(void)
{
	uint64_t r;

	while (getrandom(&r, sizeof(r), 0) != sizeof(r))
		;
	return r;
}

static void written_release(struct item_written *w)
{
	buf_release(&w->octets);
}

/* Before anything is written: what has no room is the command's own failure. */
static enum err check_room(struct store_tx *tx, const struct item_written *written)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < written->parts_n; i++)
		bytes += written->parts[i].octets.n;
	return written->parts_n ? quota_room_beside(tx, bytes) : ERR_OK;
}

static enum err write(const struct sync_job *job, const struct sync_work *c, struct arena *a, size_t i,
		      struct str before, struct str uid, struct item_written *ret)
{
	const struct item_write asked = { .arena = a,
					  .version = job->rq->version,
					  .before = before,
					  .uid = uid,
					  .data = c->asked->commands[i].data,
					  .owner = c->place.owner,
					  .instance = c->asked->commands[i].instance,
					  .deletes = c->asked->commands[i].kind == EAS_SYNC_DELETE,
					  .supported = &c->options.supported,
					  .profile = job->rq->profile,
					  .now_ms = clock_wall_ms(job->rq->eas->clock),
					  .unique = random_number() };

	ret->octets.max = ENTRY_MAX_BYTES;
	TRY(c->class->write(&asked, ret));
	return buf_status(&ret->octets);
}

/* What is stored beside the octets. */
static enum err keep_beside(const struct sync_work *c, struct arena *a, struct store_tx *tx, int64_t item,
			    const struct item_written *written)
{
	TRY(entry_parts_put(tx, item, written->parts, written->parts_n));
	return c->class->index ? c->class->index(a, tx, item, buf_view(&written->octets)) : ERR_OK;
}

/*
 * A new item of the phone's, and what is kept beside it, with what lies beside `same` (NULL: nothing); an earlier Add that it
 * repeats is settled.
 */
static enum err make(const struct sync_job *job, struct sync_work *c, struct arena *a, struct store_tx *tx,
		     const struct sync_command *command, const struct item *same, const struct item_written *written,
		     bool normalised, struct sync_result *result)
{
	struct entry entry = { .folder = c->folder,
			       .octets = buf_view(&written->octets),
			       .key = written->key,
			       .now_ms = clock_wall_ms(job->rq->eas->clock),
			       .by = sync_line_author(&c->line) };
	struct item made;

	entry.by.normalised = normalised;
	TRY(entry_add(tx, &entry, &made));
	result->folder = c->folder;
	result->item = made.id;
	result->created = made.created;
	if (same)
		TRY(item_parts_copy(tx, same->id, made.id));
	TRY(keep_beside(c, a, tx, made.id, written));
	return sync_add_settle(tx, &c->line, command, &made);
}

/*
 * The phone adds what is there already (MS-ASCAL R2062: it knows it by a ClientUid, or a UID): what it says goes into that
 * one, and nothing is there twice. For the phone it is one more item, beside the one that it may have been told of: so that one
 * goes, and the new one has what it had.
 */
static enum err join(const struct sync_job *job, struct sync_work *c, struct arena *a, struct store_tx *tx, size_t i,
		     const struct sync_command *command, const struct item *same, struct sync_result *result)
{
	CLEANUP(written_release) struct item_written written = { 0 };
	const struct author nobody = AUTHOR_NOBODY;
	struct item made;
	bool may;
	enum err e;

	TRY(sync_work_may_change(c, a, tx, same->id, &may));
	if (!may)
		return ERR_DENIED;
	TRY(entry_read(job->rq->arena, tx, same, &c->joined));
	TRY(write(job, c, a, i, c->joined, STR_EMPTY, &written));
	TRY(check_room(tx, &written));
	/* What the phone did not know of it is told. */
	TRY(make(job, c, a, tx, command, same, &written, true, result));
	if (item_find(a, tx, result->item, &made) == ERR_NOT_FOUND)
		return ERR_OK; /* its user had deleted it since */
	e = item_expunge(tx, same->folder, same->id, &nobody);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* What an Add whose answer was lost has made, as it is now: who was told of it knows it by its UID. */
static enum err read_former(const struct sync_job *job, struct sync_work *c, struct arena *a, struct store_tx *tx,
			    const struct sync_command *command, struct item *ret, struct str *ret_uid)
{
	struct item_summary kept;
	enum err e;

	*ret = (struct item){ 0 };
	*ret_uid = STR_EMPTY;
	if (!c->class->find_same)
		return ERR_OK;
	e = sync_add_former(a, tx, &c->line, command, ret);
	if (!e)
		e = item_summary_get(a, tx, ret->id, &kept);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	*ret_uid = kept.structure;
	return entry_read(job->rq->arena, tx, ret, &c->joined);
}

static enum err find_same(const struct sync_work *c, struct arena *a, struct store_tx *tx, struct str octets,
			  struct item *ret)
{
	return c->class->find_same ? c->class->find_same(a, tx, c->folder, octets, ret) : ERR_NOT_FOUND;
}

enum err sync_written_add(struct sync_job *job, struct sync_work *c, struct store_tx *tx, size_t i,
			  const struct sync_command *command, struct sync_result *result)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(EAS_MAX_ITEM_ARENA_BYTES);
	CLEANUP(written_release) struct item_written written = { 0 };
	struct item former, same;
	struct str uid;
	enum err e;

	c->joined = STR_EMPTY;
	TRY(read_former(job, c, &a, tx, command, &former, &uid));
	TRY(write(job, c, &a, i, STR_EMPTY, uid, &written));
	TRY(check_room(tx, &written));
	e = find_same(c, &a, tx, buf_view(&written.octets), &same);
	if (e && e != ERR_NOT_FOUND)
		return e;
	if (!e && same.id != former.id)
		return join(job, c, &a, tx, i, command, &same, result);
	return make(job, c, &a, tx, command, NULL, &written, written.normalised, result);
}

enum err sync_written_change(struct sync_job *job, struct sync_work *c, struct store_tx *tx, size_t i,
			     const struct sync_command *command, struct sync_result *result)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(EAS_MAX_ITEM_ARENA_BYTES);
	CLEANUP(written_release) struct item_written written = { 0 };
	struct author by = sync_line_author(&c->line);
	struct str before;
	struct item item;

	(void)command;
	TRY(item_get(&a, tx, c->folder, result->item, &item));
	TRY(entry_read(&a, tx, &item, &before));
	TRY(write(job, c, &a, i, before, STR_EMPTY, &written));
	TRY(check_room(tx, &written));
	if (item_conflicts(&item, &by) && c->options.conflict) {
		result->status = EAS_SYNC_CONFLICT;
		return item_refuse(tx, c->folder, item.id);
	}
	by.normalised = written.normalised;
	TRY(entry_edit(tx, &item, buf_view(&written.octets), written.key, &by));
	return keep_beside(c, &a, tx, item.id, &written);
}

/* ---- the answer ---- */

struct sync_answered {
	struct wbxml_writer w; /* fragment: ApplicationData */
	struct buf bytes;
};

static enum err answer_one(struct sync_job *job, struct sync_work *c, struct store_tx *tx, struct arena *scratch,
			   size_t i, const struct sync_result *result)
{
	const struct item_answer asked = { .arena = scratch,
					   .tx = tx,
					   .version = job->rq->version,
					   .folder = c->folder,
					   .item = result->item,
					   .collection = c->place.collection,
					   .is_new = c->asked->commands[i].kind == EAS_SYNC_ADD,
					   .data = c->asked->commands[i].data };
	struct sync_answered *to = &c->answered[i];
	enum err e;

	arena_reset(scratch);
	to->bytes.max = EAS_MAX_RESPONSE_BYTES;
	wbxml_fragment_init(&to->w, &to->bytes);
	e = c->class->answer(&to->w, &asked);
	if (e == ERR_NOT_FOUND) { /* it has gone again */
		buf_clear(&to->bytes);
		return ERR_OK;
	}
	return e;
}

enum err sync_answered_read(struct sync_job *job, struct sync_work *c, struct store_tx *tx, struct arena *scratch)
{
	if (!c->class->answer || c->commands_n == 0)
		return ERR_OK;
	c->answered = arena_array(job->rq->arena, c->asked->commands_n, sizeof(*c->answered));
	if (!c->answered)
		return ERR_BUSY;
	for (size_t i = 0, n = 0; i < c->asked->commands_n; i++) {
		const enum eas_sync_command_kind kind = c->asked->commands[i].kind;
		const struct sync_result *result;

		if (kind == EAS_SYNC_FETCH)
			continue;
		result = &c->results[n++];
		if (kind != EAS_SYNC_DELETE && result->status == EAS_SYNC_DONE && result->item)
			TRY(answer_one(job, c, tx, scratch, i, result));
	}
	return ERR_OK;
}

void sync_answered_release(struct sync_job *job)
{
	for (size_t i = 0; i < job->n; i++)
		for (size_t k = 0; job->work[i].answered && k < job->work[i].asked->commands_n; k++)
			buf_release(&job->work[i].answered[k].bytes);
}

bool sync_answered_speaks(const struct sync_work *c, size_t i)
{
	return c->answered && c->answered[i].bytes.n;
}

void sync_answered_put(struct wbxml_writer *w, const struct sync_work *c, size_t i)
{
	if (sync_answered_speaks(c, i))
		wbxml_put_fragment(w, &c->answered[i].w);
}
