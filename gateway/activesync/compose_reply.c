/*
 * An answer to a meeting that a phone writes itself (before 16.0, by SendMail), where it is not its user who was invited but
 * somebody who lets him edit his calendar. As the phone wrote it, it would be the answer of one whom nobody has asked, so it
 * goes out as the owner's, with the phone's words; his calendar has it if it did not yet.
 */
#include <gateway/activesync/compose.h>

#include <gateway/activesync/item_class.h>
#include <gateway/activesync/place.h>
#include <gateway/mailbox/entry.h>
#include <gateway/mailbox/meeting.h>
#include <gateway/mailbox/message.h>
#include <gateway/mailbox/outbox.h>
#include <store/folder.h>
#include <store/share.h>

struct reply {
	struct str calendar;
	struct cal_event event;
	struct meeting_answer answer;
};

/* ---- the mail ---- */

static bool is_answer(const struct cal_event *e, size_t n)
{
	return n == 1 && e->method == CAL_REPLY && e->attendees_n == 1 &&
	       (e->attendees[0].answer == CAL_ANSWER_ACCEPTED || e->attendees[0].answer == CAL_ANSWER_TENTATIVE ||
		e->attendees[0].answer == CAL_ANSWER_DECLINED);
}

/* ERR_NOT_FOUND: it is a mail as any other, or the organizer is not the only one who gets it. */
static enum err read_reply(struct eas_request *rq, const struct eas_compose *c, struct reply *ret)
{
	struct eas_compose to = *c;
	const struct mail_source source = mail_source_of_str(&to.mime);
	struct mime_structure structure;
	size_t n;

	if (str_ifind(c->mime, S("text/calendar")) == c->mime.n)
		return ERR_NOT_FOUND;
	TRY(mime_parse(rq->arena, &source, &structure));
	TRY(message_calendar(rq->arena, &source, &structure, &ret->calendar));
	TRY(cal_event_read(rq->arena, ret->calendar, &ret->event, &n));
	TRY(eas_compose_take_message(rq->arena, &to));
	if (!is_answer(&ret->event, n) || to.forwardees_bad || to.to_n != 1 || !str_ieq(to.to[0], ret->event.organizer))
		return ERR_NOT_FOUND;
	ret->answer = (struct meeting_answer){
		.answer = ret->event.attendees[0].answer,
		.instance_ms = ret->event.recurrence_id.given ? ret->event.recurrence_id.utc_ms : INT64_MIN,
		.send = true,
		.body = to.body,
		.now_ms = clock_wall_ms(rq->eas->clock),
	};
	return ERR_OK;
}

/* ---- whose it is ---- */

/* Who has it in his own calendar answers for himself. */
static enum err check_own(struct eas_request *rq, const struct cal_event *e)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct item item;
	enum err found;

	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_READ, &tx));
	found = meeting_find(rq->arena, tx, e, &item);
	return found == ERR_OK ? ERR_NOT_FOUND : found == ERR_NOT_FOUND ? ERR_OK : found;
}

static enum err list_shares(struct eas_request *rq, struct share **ret, size_t *n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(rq->eas->store, STORE_DIRECTORY, STORE_READ, &tx));
	return share_list_of_guest(rq->arena, tx, rq->account, ret, n);
}

/*
 * The event in that folder, which is not private; 0 where it is in no calendar, since it was declined, and this is the calendar in
 * which it was. ERR_NOT_FOUND: it is not for this share to say.
 */
static enum err find_event(struct eas_request *rq, struct store_tx *tx, const struct share *s,
			   const struct cal_event *reply, int64_t *ret)
{
	const struct item_class *class = item_class_of_folder(FOLDER_CALENDAR, rq->version);
	struct str octets;
	struct item item;
	enum err e = meeting_find(rq->arena, tx, reply, &item);

	*ret = 0;
	if (e == ERR_NOT_FOUND && s->calendar)
		return ERR_OK;
	TRY(e);
	if (item.folder != s->folder)
		return ERR_NOT_FOUND;
	TRY(entry_read(rq->arena, tx, &item, &octets));
	*ret = item.id;
	return class->is_private(rq->arena, octets) ? ERR_NOT_FOUND : ERR_OK;
}

static enum err answer_for(struct eas_request *rq, const struct share *s, const struct reply *reply)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	const struct folder mount = { .mount_mailbox = s->owner, .mount_folder = s->folder };
	struct send_author owner;
	struct eas_place place;
	int64_t event;

	TRY(eas_place_of(rq, &mount, &place));
	if (!place.edits)
		return ERR_NOT_FOUND;
	TRY(eas_place_author(rq, &place, &owner));
	TRY(store_begin(rq->eas->store, place.mailbox, STORE_WRITE, &tx));
	TRY(find_event(rq, tx, s, &reply->event, &event));
	TRY(meeting_reply(rq->arena, tx, &owner, event, reply->calendar, &reply->answer));
	TRY(store_commit(&tx));
	outbox_move(rq->eas->sender, place.mailbox);
	return ERR_OK;
}

/* What was none of those is sent as any mail. */
static bool is_none(enum err e)
{
	return e == ERR_NOT_FOUND || e == ERR_INVALID || e == ERR_UNSUPPORTED || e == ERR_DENIED || e == ERR_LIMIT;
}

static enum err answer_any(struct eas_request *rq, const struct eas_compose *c)
{
	struct share *shares;
	struct reply reply;
	enum err e = ERR_NOT_FOUND;
	size_t n;

	TRY(read_reply(rq, c, &reply));
	TRY(list_shares(rq, &shares, &n));
	if (n)
		TRY(check_own(rq, &reply.event));
	for (size_t i = 0; i < n && is_none(e); i++)
		if (shares[i].folder && shares[i].edits)
			e = answer_for(rq, &shares[i], &reply);
	return e;
}

enum err eas_compose_answer(struct eas_request *rq, const struct eas_compose *c, bool *ret)
{
	enum err e = rq->version < EAS_16_0 && c->kind == COMPOSE_NEW ? answer_any(rq, c) : ERR_NOT_FOUND;

	*ret = e == ERR_OK;
	return is_none(e) ? ERR_OK : e;
}
