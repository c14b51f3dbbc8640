/*
 * Meetings that phones of 16.0 and later make, change and delete: the server tells their attendees (MS-ASCAL 2.2.2.35). What is
 * told is written with the change, in its transaction; behind the commit it goes into the queue (mailbox/outbox.h).
 */
#include <gateway/activesync/sync_work.h>

#include <base/log.h>
#include <gateway/mailbox/entry.h>
#include <gateway/mailbox/meeting.h>
#include <gateway/mailbox/outbox.h>

static bool is_told(const struct sync_job *job, const struct sync_work *c)
{
	return job->rq->version >= EAS_16_0 && c->class->folder == FOLDER_CALENDAR;
}

/* The octets as they are; empty: there is no such item. */
static enum err read_octets(struct arena *a, struct store_tx *tx, const struct sync_work *c, int64_t id,
			    struct str *ret)
{
	struct item item;
	enum err e;

	*ret = STR_EMPTY;
	if (!id)
		return ERR_OK;
	e = item_get(a, tx, c->folder, id, &item);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	return entry_read(a, tx, &item, ret);
}

/* Whose calendar it is, he tells. */
static enum err load_author(struct sync_job *job, struct sync_work *c)
{
	if (c->author)
		return ERR_OK;
	c->author = arena_new(job->rq->arena, struct send_author);
	if (!c->author)
		return ERR_BUSY;
	return eas_place_author(job->rq, &c->place, c->author);
}

/* Nothing has been written yet: what not all would hear of is refused. */
enum err sync_meeting_before(struct sync_job *job, struct sync_work *c, struct arena *a, struct store_tx *tx,
			     int64_t item, struct str *ret)
{
	*ret = STR_EMPTY;
	if (!is_told(job, c))
		return ERR_OK;
	TRY(read_octets(a, tx, c, item, ret));
	if (!ret->n)
		return ERR_OK;
	TRY(load_author(job, c));
	return meeting_may_tell(a, c->author, *ret);
}

/* What can't be said in mail would not be by a repeat either: the change holds, and nobody is told. */
static enum err settle(const struct sync_work *c, enum err e)
{
	if (e != ERR_NOT_FOUND && e != ERR_INVALID && e != ERR_LIMIT)
		return e;
	log_warn("meeting_untold", "mailbox=%lld error=%s", (long long)c->place.mailbox,
		 log_quote(str_of(err_text(e))).text);
	return ERR_OK;
}

enum err sync_meeting_tell(struct sync_job *job, struct sync_work *c, struct arena *a, struct store_tx *tx,
			   struct str before, int64_t item)
{
	struct meeting_change change = { .before = before, .item = item, .now_ms = clock_wall_ms(job->rq->eas->clock) };

	if (!is_told(job, c))
		return ERR_OK;
	TRY(read_octets(a, tx, c, item, &change.after));
	TRY(load_author(job, c));
	return settle(c, meeting_tell(a, tx, c->author, &change, &c->posted));
}

void sync_meetings_send(const struct sync_job *job)
{
	for (size_t i = 0; i < job->n; i++)
		if (job->work[i].posted)
			outbox_move(job->rq->eas->sender, job->work[i].place.mailbox);
}
