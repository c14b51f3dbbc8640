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

enum err meeting_reply_take(struct arena *a, const struct meeting_reply *r, struct cal_change *ret)
{
	const struct cal_attendee *speaker = speaker_of(r), *invited, *delegator;
	const struct cal_said never = { 0 }, *was = &never;
	struct cal_attendee one;

	if (!speaker || r->said->sequence < r->event->sequence) /* to another time */
		return ERR_NOT_FOUND;
	invited = find(r->event, speaker->address);
	delegator = invited ? NULL : delegator_of(r->event, speaker->address);
	if (!invited && !delegator)
		return ERR_NOT_FOUND;
	if (invited && !r->is_inherited)
		was = &invited->said;
	one = *speaker;
	one.said = note_of(r, speaker->answer, was);
	one.proposes = r->proposes && r->said->start.given;
	one.proposed_start_ms = r->said->start.utc_ms;
	one.proposed_end_ms = r->said->end.utc_ms;
	if (invited && !r->is_inherited && cal_answer_same(invited, &one))
		return ERR_NOT_FOUND;
	if (is_late(r, &one.said, was, invited && invited->proposes))
		return ERR_NOT_FOUND;
	if (invited)
		return answer_of(a, &one, ret);
	one.delegated_from = delegator->address;
	one.role = delegator->role;
	return join(a, r->event, &one, ret);
}
