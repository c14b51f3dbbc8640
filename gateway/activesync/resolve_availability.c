/* When people are busy, in digits of half an hour. */
#include <gateway/activesync/resolve_availability.h>

#include <gateway/activesync/time_text.h>
#include <gateway/mailbox/visible.h>
#include <store/working_hours.h>

enum {
	SLOT_MINUTES = 30, /* MS-ASCMD R3319 */
	SLOT_MS = SLOT_MINUTES * 60 * 1000,
	DAY_MS = 24 * 60 * 60 * 1000,
	DIGITS_MAX = AVAILABILITY_MAX_DAYS * 24 * 2, /* far below the 32 KB of R3317 */
	ONE_ARENA_BYTES = 8 * 1024 * 1024,           /* of a recipient */
};

/* MS-ASCMD R4290. Of 100 names each may be asked about; what is too much can only be the people of groups. */
enum availability_status {
	AVAILABILITY_DONE = 1,
	AVAILABILITY_TOO_MUCH = 160,
	AVAILABILITY_TOO_LARGE = 161,
	AVAILABILITY_FAILED_NOW = 162,
	AVAILABILITY_NONE = 163,
};

static enum err parse_time(struct wbxml_reader *r, int64_t *ret)
{
	struct str text;

	TRY(wbxml_text(r, &text));
	return time_text_parse(text, ret);
}

enum err availability_parse(struct wbxml_reader *r, struct busy_window *ret)
{
	const int64_t unset = INT64_MIN;
	struct wbxml_scope in = wbxml_enter(r);
	int64_t from = unset, to = unset;
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		if (r->tag != TAG_RESOLVERECIPIENTS_STARTTIME && r->tag != TAG_RESOLVERECIPIENTS_ENDTIME)
			return ERR_INVALID;
		TRY(parse_time(r, r->tag == TAG_RESOLVERECIPIENTS_STARTTIME ? &from : &to));
	}
	TRY(e);
	if (from == unset)
		return ERR_INVALID;
	if (to == unset)
		to = from + (int64_t)AVAILABILITY_DEFAULT_DAYS * DAY_MS;
	if (to < from + SLOT_MS || to - from > (int64_t)AVAILABILITY_MAX_DAYS * DAY_MS)
		return ERR_INVALID;
	ret->from_ms = from;
	ret->to_ms = to;
	return ERR_OK;
}

enum err availability_zone(struct eas_request *rq, struct zone_rules *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct working_hours hours;
	struct account asker;

	TRY(store_begin(rq->eas->store, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(account_get(rq->arena, tx, rq->account, &asker));
	TRY(working_hours_of(tx, asker.id, account_domain(asker.address), &hours));
	if (!hours.zone[0] || zone_by_name(str_of(hours.zone), ret))
		*ret = (struct zone_rules){ 0 };
	return ERR_OK;
}

static enum err find(struct arena *a, struct eas_request *rq, struct str address, struct visible_calendar *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(rq->eas->store, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(visible_calendar_find(a, tx, rq->account, address, ret));
	return ret->sees == VISIBILITY_NONE ? ERR_DENIED : ERR_OK;
}

/* ERR_LIMIT: more busy times than can be read; digits of some of them would call him free when he is not. */
static enum err read_digits(struct eas_request *rq, const struct busy_window *asked, struct str address,
			    struct buf *digits)
{
	struct busy_window window = *asked;
	CLEANUP(arena_release) struct arena one = ARENA_INIT(ONE_ARENA_BYTES);
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct visible_calendar calendar;
	struct busy_list busy;

	TRY(find(&one, rq, address, &calendar));
	TRY(store_begin(rq->eas->store, calendar.owner.mailbox, STORE_READ, &tx));
	window.all_calendars = calendar.owner.kind != ACCOUNT_PERSON;
	TRY(freebusy_read(&one, tx, &window, &busy));
	if (busy.cut)
		return ERR_LIMIT;
	freebusy_merge(&busy, &window, SLOT_MINUTES, digits);
	return buf_status(digits);
}

static enum availability_status status_of(enum err e)
{
	return e == ERR_BUSY ? AVAILABILITY_FAILED_NOW : e ? AVAILABILITY_NONE : AVAILABILITY_DONE;
}

static void put(struct wbxml_writer *w, enum availability_status status, struct str digits)
{
	wbxml_open(w, TAG_RESOLVERECIPIENTS_AVAILABILITY);
	wbxml_put_u64(w, TAG_RESOLVERECIPIENTS_STATUS, status);
	if (status == AVAILABILITY_DONE)
		wbxml_put_text(w, TAG_RESOLVERECIPIENTS_MERGEDFREEBUSY, digits);
	wbxml_close(w, TAG_RESOLVERECIPIENTS_AVAILABILITY);
}

void availability_put(struct eas_request *rq, struct wbxml_writer *w, const struct busy_window *window,
		      struct str address)
{
	CLEANUP(buf_release) struct buf digits = BUF_INIT(DIGITS_MAX);
	enum err e = read_digits(rq, window, address, &digits);

	put(w, status_of(e), buf_view(&digits));
}

/* ---- groups ---- */

/* Whose calendar may not be seen, or is elsewhere, is unknown. */
static enum err join_one(struct eas_request *rq, const struct busy_window *window, const struct group_member *one,
			 struct buf *digits, bool *known)
{
	CLEANUP(buf_release) struct buf his = BUF_INIT(DIGITS_MAX);
	enum err e = one->kind == GROUP_MEMBER_ACCOUNT ? read_digits(rq, window, one->address, &his) : ERR_NOT_FOUND;

	if (e == ERR_BUSY)
		return e;
	*known |= !e;
	if (e) {
		buf_clear(&his);
		freebusy_unknown(window, SLOT_MINUTES, &his);
	}
	TRY(buf_status(&his));
	freebusy_join(digits, buf_view(&his));
	return buf_status(digits);
}

static enum err join_all(struct eas_request *rq, const struct busy_window *window, const struct group_member *people,
			 size_t n, struct buf *digits)
{
	bool known = false;

	for (size_t i = 0; i < n; i++)
		TRY(join_one(rq, window, &people[i], digits, &known));
	return known ? ERR_OK : ERR_DENIED;
}

void availability_put_group(struct eas_request *rq, struct wbxml_writer *w, const struct busy_window *window,
			    const struct group_member *people, size_t n, size_t *left)
{
	CLEANUP(buf_release) struct buf digits = BUF_INIT(DIGITS_MAX);

	if (n > AVAILABILITY_MAX_GROUP) {
		put(w, AVAILABILITY_TOO_LARGE, STR_EMPTY);
	} else if (n > *left) {
		put(w, AVAILABILITY_TOO_MUCH, STR_EMPTY);
	} else {
		*left -= n;
		enum err e = join_all(rq, window, people, n, &digits);
		put(w, status_of(e), buf_view(&digits));
	}
}
