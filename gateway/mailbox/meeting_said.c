/* Which answers of attendees hold. */
#include <gateway/mailbox/meeting_said.h>

enum { AHEAD_MS = 24 * 60 * 60 * 1000 };

/* ---- who ---- */

static const struct cal_attendee *find(const struct cal_event *e, struct str address)
{
	for (size_t i = 0; i < e->attendees_n; i++)
		if (str_ieq(e->attendees[i].address, address))
			return &e->attendees[i];
	return NULL;
}

/* The sender alone speaks, whomever he names beside him. */
static const struct cal_attendee *speaker_of(const struct meeting_reply *r)
{
	for (size_t i = 0; i < r->said->attendees_n; i++)
		if (meeting_sender_is(r->sender, r->said->attendees[i].address))
			return &r->said->attendees[i];
	return NULL;
}

/* RFC 5546 section 2.1.3: by the word of the one who was invited. */
static const struct cal_attendee *delegator_of(const struct cal_event *e, struct str address)
{
	for (size_t i = 0; i < e->attendees_n; i++)
		if (e->attendees[i].delegated && str_ieq(e->attendees[i].delegated_to, address))
			return &e->attendees[i];
	return NULL;
}

/* ---- when ---- */

/* Of a clock that is days ahead only the order of arrival is known; so it is without a stamp, but what was noted stays. */
static struct cal_said note_of(const struct meeting_reply *r, enum cal_answer answer, const struct cal_said *was)
{
	const struct cal_time *stamp = &r->said->stamp;
	struct cal_said s = { .given = true, .sequence = r->event->sequence, .answer = answer };

	if (stamp->given)
		s.stamp_ms = stamp->utc_ms > r->now_ms + AHEAD_MS ? r->now_ms : stamp->utc_ms;
	else if (was->given && was->sequence == s.sequence)
		s.stamp_ms = was->stamp_ms;
	if (s.stamp_ms < 0)
		s.stamp_ms = 0;
	return s;
}

/* ---- the series, and an instance of it ---- */

/* Nobody has answered to the instance alone. */
static bool is_inherited(const struct meeting_reply *r)
{
	return r->event == r->series;
}

static bool is_to_all(const struct meeting_reply *r)
{
	return r->series && !r->said->recurrence_id.given;
}

static bool is_moved(const struct cal_event *instance, const struct cal_event *series)
{
	return instance->recurrence_id.given &&
	       (instance->start.utc_ms != instance->recurrence_id.utc_ms ||
		instance->end.utc_ms - instance->start.utc_ms != series->end.utc_ms - series->start.utc_ms);
}

/* Of an answer to that revision of the series: is the instance still when it was then? */
static bool holds_for_instance(const struct meeting_reply *r, int sequence)
{
	return sequence >= r->event->sequence || !is_moved(r->event, r->series);
}

/* To the revision that there is now. */
static bool has_declined(const struct meeting_reply *r, const struct cal_said *own)
{
	return own->given && own->sequence >= r->event->sequence && own->answer == CAL_ANSWER_DECLINED;
}

/* Has he said something newer to all since? */
static bool is_overruled(const struct meeting_reply *r, const struct cal_said *said, const struct cal_said *own)
{
	const struct cal_attendee *in_series = r->series ? find(r->series, speaker_of(r)->address) : NULL;
	const struct cal_said *all = in_series ? &in_series->said : NULL;

	return all && all->given && r->said->stamp.given && holds_for_instance(r, all->sequence) &&
	       said->answer != CAL_ANSWER_DECLINED && !has_declined(r, own) && said->stamp_ms < all->stamp_ms;
}

/* ---- late ---- */

/* RFC 5546 section 2.1.5. All that count are to the revision that there is now; two of one second count as they come. */
static bool is_late(const struct meeting_reply *r, const struct cal_said *said, const struct cal_said *was,
		    bool proposed)
{
	if (!was->given || was->sequence < said->sequence || !r->said->stamp.given)
		return false;
	if (said->stamp_ms != was->stamp_ms)
		return said->stamp_ms < was->stamp_ms;
	return said->answer == was->answer && !r->proposes && !proposed;
}

/* Does what he has said to the instance go before what he says to all? Of one second it does, whichever comes first. */
static bool stays_own(const struct meeting_reply *r, const struct cal_said *said, const struct cal_said *own)
{
	if (!own->given || own->sequence < r->event->sequence)
		return false;
	return has_declined(r, own) || (r->said->stamp.given && said->stamp_ms <= own->stamp_ms);
}

/* ---- what ---- */

static enum err answer_of(struct arena *a, const struct cal_attendee *one, struct cal_change *ret)
{
	ret->what = CAL_FIELD_ANSWERS;
	ret->to.attendees = arena_new(a, struct cal_attendee);
	if (!ret->to.attendees)
		return ERR_LIMIT;
	*ret->to.attendees = *one;
	ret->to.attendees_n = 1;
	return ERR_OK;
}

static enum err join(struct arena *a, const struct cal_event *e, const struct cal_attendee *one, struct cal_change *ret)
{
	ret->what = CAL_FIELD_ATTENDEES;
	ret->to.attendees = arena_array(a, e->attendees_n + 1, sizeof(*ret->to.attendees));
	if (!ret->to.attendees)
		return ERR_LIMIT;
	memcpy(ret->to.attendees, e->attendees, e->attendees_n * sizeof(*e->attendees));
	ret->to.attendees[e->attendees_n] = *one;
	ret->to.attendees_n = e->attendees_n + 1;
	return ERR_OK;
}

static bool is_to_another_time(const struct meeting_reply *r)
{
	return is_to_all(r) ? !holds_for_instance(r, r->said->sequence) : r->said->sequence < r->event->sequence;
}

/* Does it change nothing? `invited` is who says it as he stands there, and `was` what he has said of that event before. */
static bool is_passed_over(const struct meeting_reply *r, const struct cal_attendee *invited,
			   const struct cal_attendee *says, const struct cal_said *said, const struct cal_said *was)
{
	if (invited && !is_inherited(r) && cal_answer_same(invited, says))
		return true;
	if (is_to_all(r))
		return stays_own(r, said, was);
	return is_late(r, said, was, invited && invited->proposes) || is_overruled(r, said, was);
}

enum err meeting_reply_take(struct arena *a, const struct meeting_reply *r, struct cal_change *ret)
{
	const struct cal_attendee *speaker = speaker_of(r), *invited, *delegator;
	const struct cal_said never = { 0 }, *was = &never;
	struct cal_attendee one;
	struct cal_said said;

	if (!speaker || is_to_another_time(r))
		return ERR_NOT_FOUND;
	invited = find(r->event, speaker->address);
	delegator = invited ? NULL : delegator_of(r->event, speaker->address);
	if (!invited && !delegator)
		return ERR_NOT_FOUND;
	if (invited && !is_inherited(r))
		was = &invited->said;
	said = note_of(r, speaker->answer, was);
	one = *speaker;
	one.said = is_to_all(r) ? never : said; /* which is noted at the series */
	one.proposes = r->proposes && r->said->start.given;
	one.proposed_start_ms = r->said->start.utc_ms;
	one.proposed_end_ms = r->said->end.utc_ms;
	if (is_passed_over(r, invited, &one, &said, was))
		return ERR_NOT_FOUND;
	if (invited)
		return answer_of(a, &one, ret);
	one.delegated_from = delegator->address;
	one.role = delegator->role;
	return join(a, r->event, &one, ret);
}
