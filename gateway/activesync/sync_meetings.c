/*
 * Meetings that phones of 16.0 and later make, change and delete: the server tells their attendees (MS-ASCAL 2.2.2.35), after
 * the commit. Each SEQUENCE of an event is told once (mailbox/meeting.h), so that a request that is repeated after a lost answer
 * comes here again and sends what is missing. Of an event that was deleted nothing is left to look at: killed between the commit
 * and the queue, nobody is told.
 */
#include <gateway/activesync/sync_work.h>

#include <base/log.h>
#include <gateway/mailbox/entry.h>
#include <gateway/mailbox/meeting.h>

static bool is_told(const struct sync_job *job, const struct sync_work *c)
{
	return job->rq->version >= EAS_16_0 && c->class && c->class->folder == FOLDER_CALENDAR;
}

enum err sync_meeting_note(struct sync_job *job, struct sync_work *c, struct store_tx *tx, size_t i, int64_t id)
{
	struct item item;
	enum err e;

	if (!is_told(job, c))
		return ERR_OK;
	if (!c->called_off)
		c->called_off = arena_array(job->rq->arena, c->asked->commands_n, sizeof(*c->called_off));
	if (!c->called_off)
		return ERR_BUSY;
	c->called_off[i] = STR_EMPTY;
	e = item_get(job->rq->arena, tx, c->folder, id, &item);
	if (!e)
		e = entry_read(job->rq->arena, tx, &item, &c->called_off[i]);
	return e == ERR_BUSY || e == ERR_IO ? e : ERR_OK;
}

/* What can't be told would not be told by a repeat either. */
static enum err settle(const struct sync_job *job, enum err e)
{
	if (e != ERR_NOT_FOUND && e != ERR_INVALID && e != ERR_LIMIT && e != ERR_CORRUPT)
		return e;
	log_warn("meeting_untold", "mailbox=%lld error=%s", (long long)job->rq->mailbox,
		 log_quote(str_of(err_text(e))).text);
	return ERR_OK;
}

static enum err tell_one(const struct sync_job *job, const struct sync_work *c, const struct send_author *author,
			 size_t i, const struct sync_result *result)
{
	const struct eas_sync_command *asked = &c->asked->commands[i];
	const struct send_service *sender = job->rq->eas->sender;

	if (asked->kind != EAS_SYNC_DELETE || asked->instance.n)
		return meeting_tell(sender, author, result->item, CAL_REQUEST);
	if (!c->called_off || c->called_off[i].n == 0)
		return ERR_OK;
	return meeting_tell_of(sender, author, c->called_off[i], CAL_CANCEL);
}

static enum err tell_collection(const struct sync_job *job, const struct sync_work *c)
{
	struct send_author author;

	TRY(send_author_load(job->rq->arena, job->rq->eas->store, job->rq->account, &author));
	for (size_t i = 0, n = 0; i < c->asked->commands_n; i++) {
		const struct sync_result *result;

		if (c->asked->commands[i].kind == EAS_SYNC_FETCH)
			continue;
		result = &c->results[n++];
		if (result->status == EAS_SYNC_DONE && result->item)
			TRY(settle(job, tell_one(job, c, &author, i, result)));
	}
	return ERR_OK;
}

enum err sync_meetings_tell(const struct sync_job *job)
{
	for (size_t i = 0; i < job->n; i++)
		if (job->work[i].status == EAS_SYNC_DONE && job->work[i].commands_n && is_told(job, &job->work[i]))
			TRY(tell_collection(job, &job->work[i]));
	return ERR_OK;
}
