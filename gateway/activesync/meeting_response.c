/*
 * MeetingResponse (MS-ASCMD 2.2.1.11): the user's answers. Each is one transaction: the event is found, or made; the mail to the
 * organizer written (16.0 on, where SendResponse says so; before, the phone sends it), the calendar changed, and the request
 * put away. A delegate answers in the owner's mailbox; what he has of the request in his own is put away behind that.
 */
#include <gateway/activesync/command.h>
#include <gateway/activesync/item_class.h>
#include <gateway/activesync/place.h>
#include <gateway/activesync/plain_body.h>
#include <gateway/activesync/respond.h>
#include <gateway/activesync/server_id.h>
#include <gateway/activesync/time_text.h>
#include <gateway/mailbox/event.h>
#include <gateway/mailbox/meeting.h>
#include <gateway/mailbox/message.h>
#include <gateway/mailbox/outbox.h>
#include <gateway/mailbox/substitute.h>
#include <store/folder.h>

enum { ACCEPT = 1, TENTATIVE, DECLINE };
enum response_code {
	DONE = 1,
	INVALID_REQUEST = 2,
	MAILBOX_ERROR = 3,
	SERVER_ERROR = 4,
	BAD_INSTANCE = 104,
	NOT_RECURRING = 146
};
enum { EVENT_NONE = 0 };

struct answer {
	uint64_t response;
	struct str collection, request, long_id, instance;
	struct meeting_answer to;
	unsigned status;
	int64_t event; /* its item; EVENT_NONE */
	int64_t event_folder;
	int64_t mail, mail_folder; /* the request, if it is one by mail */
	bool kept;
};

struct answers {
	struct answer *list;
	size_t n;
};

/* ---- the request ---- */

static enum err parse_time(struct wbxml_reader *r, int64_t *ret)
{
	struct str text;

	TRY(wbxml_text(r, &text));
	return time_text_parse(text, ret);
}

static enum err parse_send(struct wbxml_reader *r, struct arena *a, struct meeting_answer *to)
{
	struct wbxml_scope scope = wbxml_enter(r);
	enum err bad = ERR_OK;
	unsigned times = 0;

	to->send = true;
	while (wbxml_child(r, &scope, &bad))
		switch ((unsigned)r->tag) {
		case TAG_AIRSYNCBASE_BODY:
			TRY(plain_body_parse(r, a, MEETING_BODY_MAX, &to->body));
			break;
		case TAG_MEETINGRESPONSE_PROPOSEDSTARTTIME:
			times |= 1;
			TRY(parse_time(r, &to->start_ms));
			break;
		case TAG_MEETINGRESPONSE_PROPOSEDENDTIME:
			times |= 2;
			TRY(parse_time(r, &to->end_ms));
			break;
		default:
			TRY(wbxml_skip(r));
		}
	TRY(bad);
	to->proposes = times == 3;
	return (times == 0 || times == 3) && (times == 0 || to->end_ms >= to->start_ms) ? ERR_OK : ERR_INVALID;
}

static enum err parse_request(struct eas_request *rq, struct answer *a)
{
	struct wbxml_reader *r = &rq->reader;
	struct wbxml_scope scope = wbxml_enter(r);
	enum err bad = ERR_OK;

	while (wbxml_child(r, &scope, &bad))
		switch ((unsigned)r->tag) {
		case TAG_MEETINGRESPONSE_USERRESPONSE:
			TRY(wbxml_u64(r, ACCEPT, DECLINE, &a->response));
			break;
		case TAG_MEETINGRESPONSE_COLLECTIONID:
			TRY(wbxml_text(r, &a->collection));
			break;
		case TAG_MEETINGRESPONSE_REQUESTID:
			TRY(wbxml_text(r, &a->request));
			break;
		case TAG_SEARCH_LONGID:
			TRY(wbxml_text(r, &a->long_id));
			break;
		case TAG_MEETINGRESPONSE_INSTANCEID: /* R6712 */
			if (!wbxml_tag_in(TAG_MEETINGRESPONSE_INSTANCEID, rq->version))
				return ERR_INVALID;
			TRY(wbxml_text(r, &a->instance));
			break;
		case TAG_MEETINGRESPONSE_SENDRESPONSE:
			if (!wbxml_tag_in(TAG_MEETINGRESPONSE_SENDRESPONSE, rq->version))
				return ERR_INVALID;
			TRY(parse_send(r, rq->arena, &a->to));
			break;
		default:
			TRY(wbxml_skip(r));
		}
	TRY(bad);
	return a->response && (a->request.n || a->long_id.n) ? ERR_OK : ERR_INVALID;
}

static enum err parse(struct eas_request *rq, struct answers *ret)
{
	enum err e = ERR_OK;

	ret->list = arena_array(rq->arena, EAS_MAX_MEETING_RESPONSES, sizeof(*ret->list));
	if (!ret->list)
		return ERR_BUSY;
	while (wbxml_child(&rq->reader, &rq->root, &e)) {
		if (rq->reader.tag != TAG_MEETINGRESPONSE_REQUEST || ret->n == EAS_MAX_MEETING_RESPONSES)
			return ERR_INVALID;
		e = parse_request(rq, &ret->list[ret->n++]);
	}
	TRY(e);
	return ret->n ? wbxml_done(&rq->reader) : ERR_INVALID;
}

/* ---- the event ---- */

/* As the phone names what it answers. */
static struct str name_of(const struct answer *a)
{
	return a->long_id.n ? a->long_id : a->request;
}

static enum err read_calendar(struct arena *a, const struct message *m, struct str *ret)
{
	enum err e;

	if (!(m->summary.flags & MAIL_MEETING))
		return ERR_INVALID;
	e = message_calendar(a, &m->source, &m->structure, ret);
	return e == ERR_NOT_FOUND ? ERR_INVALID : e;
}

static enum err find_item(struct eas_request *rq, struct store_tx *tx, const struct answer *a, struct item *ret)
{
	int64_t folder, named_in, id;

	if (a->long_id.n) {
		TRY(server_id_parse_long(a->long_id, &id));
		return item_find(rq->arena, tx, id, ret);
	}
	TRY(server_id_parse_item(a->request, &named_in, &id));
	if (a->collection.n)
		TRY(server_id_parse_folder(a->collection, &folder));
	/* By its number: a request that was put away by an answer that was lost is found again. */
	return item_find(rq->arena, tx, id, ret);
}

/* The event that a request is about, made where the calendar was not there when it came. */
static enum err event_of_request(struct eas_request *rq, struct store_tx *tx, const struct meeting_received *received,
				 struct answer *a)
{
	struct meeting_applied applied;
	struct cal_event e;
	size_t n;

	TRY(cal_event_read(rq->arena, received->calendar, &e, &n));
	if (e.method != CAL_REQUEST)
		return ERR_INVALID;
	if (!a->instance.n && e.recurrence_id.given)
		a->to.instance_ms = e.recurrence_id.utc_ms;
	TRY(meeting_apply(rq->arena, tx, received, &applied));
	a->event = applied.event;
	return a->event ? ERR_OK : ERR_INVALID;
}

static enum err event_of_mail(struct eas_request *rq, struct store_tx *tx, const struct send_author *owner,
			      const struct item *mail, struct answer *a)
{
	CLEANUP(message_close) struct message m = { 0 };
	struct meeting_received received = { .owner = owner, .now_ms = clock_wall_ms(rq->eas->clock) };
	struct event_mail parts = { &m.source, &m.structure };

	TRY(message_open(rq->arena, tx, mail, &m));
	TRY(read_calendar(rq->arena, &m, &received.calendar));
	received.mail = &parts;
	TRY(meeting_sender_of(rq->arena, &m.summary, &received.sender));
	return event_of_request(rq, tx, &received, a);
}

static enum err locate(struct eas_request *rq, struct store_tx *tx, const struct send_author *owner, struct answer *a)
{
	struct folder folder;
	struct item item;

	TRY(find_item(rq, tx, a, &item));
	TRY(folder_get(rq->arena, tx, item.folder, &folder));
	if (folder.class == FOLDER_CALENDAR) {
		a->event = item.id;
		a->event_folder = item.folder;
		return rq->version >= EAS_14_0 ? ERR_OK : ERR_INVALID;
	}
	if (folder.class != FOLDER_MAIL)
		return ERR_INVALID;
	a->mail = item.id;
	a->mail_folder = item.folder;
	TRY(event_of_mail(rq, tx, owner, &item, a));
	TRY(item_find(rq->arena, tx, a->event, &item));
	a->event_folder = item.folder;
	return ERR_OK;
}

/* The request is done with. */
static enum err put_away(struct store_tx *tx, const struct answer *a)
{
	struct item_move move = { .from = a->mail_folder, .id = a->mail };
	enum item_moved moved;

	if (!a->mail)
		return ERR_OK;
	TRY(folder_by_role(tx, FOLDER_DELETED, &move.to));
	return move.to == move.from ? ERR_OK : item_move(tx, &move, &moved);
}

/* All of it is one step: what was answered is in the calendar, and on its way to the organizer, or nothing is. */
static enum err answer_in(struct eas_request *rq, const struct send_author *owner, struct answer *a)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_WRITE, &tx));
	TRY(locate(rq, tx, owner, a));
	TRY(meeting_respond(rq->arena, tx, owner, a->event, &a->to, &a->kept));
	TRY(put_away(tx, a));
	return store_commit(&tx);
}

/* ---- in a folder of somebody else's ---- */

/* What is private is its owner's to answer. */
static enum err check_right(struct eas_request *rq, struct store_tx *tx, const struct eas_place *place,
			    const struct item *event)
{
	const struct item_class *class = item_class_of_folder(FOLDER_CALENDAR, rq->version);
	struct str octets;

	TRY(entry_read(rq->arena, tx, event, &octets));
	return place->edits && !class->is_private(rq->arena, octets) ? ERR_OK : ERR_DENIED;
}

/* MS-ASCMD 2.2.1.11: of a calendar's item from 14.0 on. */
static enum err locate_shared(struct eas_request *rq, struct store_tx *tx, const struct eas_place *place,
			      struct answer *a)
{
	struct folder folder;
	struct item item;
	int64_t named_in, id;

	TRY(server_id_parse_item(name_of(a), &named_in, &id));
	TRY(folder_get(rq->arena, tx, place->folder, &folder));
	if (folder.class != FOLDER_CALENDAR || rq->version < EAS_14_0)
		return ERR_INVALID;
	TRY(item_get(rq->arena, tx, place->folder, id, &item));
	a->event = id;
	a->event_folder = place->collection;
	return check_right(rq, tx, place, &item);
}

/* The delegate answers for the owner, in whose calendar it is and whose answer goes out. */
static enum err answer_shared(struct eas_request *rq, const struct eas_place *place, struct answer *a)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct send_author owner;

	TRY(eas_place_author(rq, place, &owner));
	TRY(store_begin(rq->eas->store, place->mailbox, STORE_WRITE, &tx));
	TRY(locate_shared(rq, tx, place, a));
	TRY(meeting_respond(rq->arena, tx, &owner, a->event, &a->to, &a->kept));
	return store_commit(&tx);
}

/* ---- a mail that tells of somebody else's request ---- */

/* ERR_NOT_FOUND: it is none. */
static enum err find_substituted(struct eas_request *rq, struct answer *a, struct substituted *ret)
{
	CLEANUP(store_tx_end) struct store_tx *directory = NULL, *tx = NULL;
	struct share *shares;
	struct item item;
	size_t n;

	TRY(store_begin(rq->eas->store, STORE_DIRECTORY, STORE_READ, &directory));
	TRY(share_list_of_guest(rq->arena, directory, rq->account, &shares, &n));
	store_tx_end(&directory);
	if (n == 0)
		return ERR_NOT_FOUND;
	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_READ, &tx));
	TRY(find_item(rq, tx, a, &item));
	TRY(substitute_of(rq->arena, tx, &item, shares, n, ret));
	a->mail = item.id;
	a->mail_folder = item.folder;
	return ERR_OK;
}

/* The calendar of the owner's that the event is in; the one that mail puts it into where it is in none. */
static enum err find_event_folder(struct eas_request *rq, const struct substituted *is, int64_t *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct cal_event request;
	struct item item;
	enum err e;
	size_t n;

	TRY(cal_event_read(rq->arena, is->calendar, &request, &n));
	TRY(store_begin(rq->eas->store, is->owner, STORE_READ, &tx));
	e = meeting_find(rq->arena, tx, &request, &item);
	if (e == ERR_NOT_FOUND)
		return folder_by_role(tx, FOLDER_DEFAULT_CALENDAR, ret);
	*ret = item.folder;
	return e;
}

/* As the phone has it; a calendar that it has not yet is known by its share alone. */
static enum err find_mount(struct eas_request *rq, const struct substituted *is, struct folder *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct folder *mounts;
	size_t n;

	*ret = (struct folder){ .mount_mailbox = is->owner };
	TRY(find_event_folder(rq, is, &ret->mount_folder));
	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_READ, &tx));
	TRY(folder_mounts(rq->arena, tx, &mounts, &n));
	for (size_t i = 0; i < n; i++)
		if (mounts[i].mount_mailbox == ret->mount_mailbox && mounts[i].mount_folder == ret->mount_folder)
			*ret = mounts[i];
	return ERR_OK;
}

static enum err locate_substituted(struct eas_request *rq, struct store_tx *tx, const struct eas_place *place,
				   const struct meeting_received *received, struct answer *a)
{
	struct item item;

	TRY(event_of_request(rq, tx, received, a));
	TRY(item_find(rq->arena, tx, a->event, &item));
	a->event_folder = place->collection;
	return item.folder == place->folder ? check_right(rq, tx, place, &item) : ERR_BUSY; /* moved meanwhile */
}

static enum err put_away_own(struct eas_request *rq, const struct answer *a)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_WRITE, &tx));
	TRY(put_away(tx, a));
	return store_commit(&tx);
}

/*
 * As in the owner's calendar, which the request makes the event in anew where it has gone: so a repeat finds what it answers, and
 * sends nothing twice. Between the two commits the answer is given, and the mail there still. Before 16.0 too the organizer is told by
 * us: a substitute gives the phone no calendar to answer with.
 */
static enum err answer_substituted(struct eas_request *rq, const struct substituted *is, struct answer *a,
				   struct eas_place *place)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct send_author owner;
	const struct meeting_received received = {
		.owner = &owner, .sender = is->sender, .calendar = is->calendar, .now_ms = a->to.now_ms
	};
	struct folder mount;

	TRY(find_mount(rq, is, &mount));
	TRY(eas_place_of(rq, &mount, place));
	TRY(eas_place_author(rq, place, &owner));
	a->to.send |= rq->version < EAS_16_0;
	TRY(store_begin(rq->eas->store, place->mailbox, STORE_WRITE, &tx));
	TRY(locate_substituted(rq, tx, place, &received, a));
	TRY(meeting_respond(rq->arena, tx, &owner, a->event, &a->to, &a->kept));
	TRY(store_commit(&tx));
	return put_away_own(rq, a);
}

/* In the own mailbox, or where its mail sends. */
static enum err answer_here(struct eas_request *rq, const struct send_author *owner, struct answer *a,
			    struct eas_place *place)
{
	struct substituted is;
	enum err e = find_substituted(rq, a, &is);

	if (e == ERR_NOT_FOUND)
		return answer_in(rq, owner, a);
	TRY(e);
	return answer_substituted(rq, &is, a, place);
}

static enum err answer_one(struct eas_request *rq, const struct send_author *owner, struct answer *a)
{
	static const enum cal_answer answers[] = {
		[ACCEPT] = CAL_ANSWER_ACCEPTED, [TENTATIVE] = CAL_ANSWER_TENTATIVE, [DECLINE] = CAL_ANSWER_DECLINED
	};

	struct eas_place place;

	a->to.answer = answers[a->response];
	a->to.instance_ms = INT64_MIN;
	if (a->instance.n && time_text_parse(a->instance, &a->to.instance_ms)) {
		a->status = BAD_INSTANCE; /* R3195 */
		return ERR_OK;
	}
	a->to.now_ms = clock_wall_ms(rq->eas->clock);
	TRY(eas_place_of_item(rq, name_of(a), &place));
	TRY(place.shared ? answer_shared(rq, &place, a) : answer_here(rq, owner, a, &place));
	if (a->to.send)
		outbox_move(rq->eas->sender, place.mailbox);
	return ERR_OK;
}

static unsigned status_of(enum err e)
{
	static const unsigned statuses[] = {
		[ERR_OK] = DONE,
		[ERR_NOT_FOUND] = INVALID_REQUEST,
		[ERR_EXISTS] = SERVER_ERROR,
		[ERR_STALE] = MAILBOX_ERROR,
		[ERR_INVALID] = INVALID_REQUEST,
		[ERR_DENIED] = INVALID_REQUEST,
		[ERR_UNSUPPORTED] = NOT_RECURRING, /* R3196 */
		[ERR_LIMIT] = INVALID_REQUEST,
		[ERR_BUSY] = MAILBOX_ERROR,
		[ERR_FULL] = MAILBOX_ERROR,
		[ERR_QUOTA] = MAILBOX_ERROR,
		[ERR_CORRUPT] = MAILBOX_ERROR,
		[ERR_IO] = SERVER_ERROR,
	};
	_Static_assert(countof(statuses) == ERR_MAX_, "map every error");

	return statuses[e];
}

/* ---- the answer ---- */

static void respond(struct eas_request *rq, const struct answers *answers)
{
	struct wbxml_writer w;

	eas_writer_begin(rq, &w);
	wbxml_open(&w, TAG_MEETINGRESPONSE_MEETINGRESPONSE);
	for (size_t i = 0; i < answers->n; i++) {
		const struct answer *a = &answers->list[i];

		wbxml_open(&w, TAG_MEETINGRESPONSE_RESULT);
		if (a->request.n)
			wbxml_put_text(&w, TAG_MEETINGRESPONSE_REQUESTID, a->request);
		wbxml_put_u64(&w, TAG_MEETINGRESPONSE_STATUS, a->status);
		if (a->status == DONE && a->kept && a->event_folder) /* R830 */
			wbxml_put_text(&w, TAG_MEETINGRESPONSE_CALENDARID,
				       str_of(server_id_item(a->event_folder, a->event).text));
		if (a->instance.n && a->status != BAD_INSTANCE) /* R6708: several answers may be to one request */
			wbxml_put_text(&w, TAG_MEETINGRESPONSE_INSTANCEID, str_of(time_text(a->to.instance_ms).text));
		wbxml_close(&w, TAG_MEETINGRESPONSE_RESULT);
	}
	wbxml_close(&w, TAG_MEETINGRESPONSE_MEETINGRESPONSE);
	eas_respond_wbxml(rq, &w);
}

void eas_meeting_response(struct eas_request *rq)
{
	struct answers answers = { 0 };
	struct send_author owner;
	enum err e = parse(rq, &answers);

	if (e == ERR_INVALID || e == ERR_LIMIT) {
		eas_respond_malformed(rq, EAS_STATUS_INVALID_XML);
		return;
	}
	if (!e)
		e = send_author_load(rq->arena, rq->eas->store, rq->account, &owner);
	if (e) {
		eas_respond_err(rq, e);
		return;
	}
	for (size_t i = 0; i < answers.n; i++) {
		struct answer *a = &answers.list[i];

		e = answer_one(rq, &owner, a);
		if (!a->status)
			a->status = status_of(e);
	}
	respond(rq, &answers);
}
