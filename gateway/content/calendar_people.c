/* Those who take part in a stored event, line by line. */
#include <gateway/content/calendar_writing.h>

/* ---- parameters ---- */

/* Where the name and parameters of a line end: its ':'. */
size_t cal_line_head(struct str line)
{
	return line.n - ical_value(line).n - 1;
}

/* "X-*" names all that begin so. */
static bool is_named(struct str param, struct str name)
{
	if (name.n && name.p[name.n - 1] == '*')
		return str_istarts(param, str_slice(name, 0, name.n - 1));
	return str_ieq(param, name);
}

/* Without that parameter; *head is what stands before ':'. */
static void put_without(struct buf *b, struct str head, struct str name)
{
	size_t from = 0;
	bool quoted = false;

	for (size_t i = 0; i <= head.n; i++) {
		struct str part;

		if (i < head.n && head.p[i] == '"')
			quoted = !quoted;
		if (i < head.n && (head.p[i] != ';' || quoted))
			continue;
		part = str_slice(head, from, i);
		if (from == 0)
			buf_str(b, part);
		else if (!is_named(str_slice(part, 0, str_index(part, '=')), name))
			buf_fmt(b, ";" STR_FMT, STR_ARG(part));
		from = i + 1;
	}
}

static enum err put_param(struct arena *a, struct str *line, struct str name, struct str value)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(line->n + value.n + name.n + 8);

	put_without(&b, str_slice(*line, 0, cal_line_head(*line)), name);
	if (value.n)
		buf_fmt(&b, ";" STR_FMT "=" STR_FMT, STR_ARG(name), STR_ARG(value));
	buf_fmt(&b, ":" STR_FMT, STR_ARG(ical_value(*line)));
	TRY(buf_status(&b));
	return arena_str(a, buf_view(&b), line);
}

static enum err set_param(struct writing *w, struct str *line, struct str name, struct str value)
{
	return put_param(w->arena, line, name, value);
}

enum err cal_drop_param(struct arena *a, struct str *line, struct str name)
{
	return put_param(a, line, name, STR_EMPTY);
}

enum err cal_drop_params(struct arena *a, struct ical_part *part, struct str name, const struct str *names, size_t n)
{
	for (struct ical_entry *e = part->first; e; e = e->next) {
		struct str was, line;

		if (e->part || (name.n && !str_ieq(e->name, name)))
			continue;
		TRY(ical_unfold(a, e->raw, &was));
		line = was;
		for (size_t i = 0; i < n && line.p[e->name.n] == ';'; i++)
			TRY(cal_drop_param(a, &line, names[i]));
		if (line.n != was.n)
			TRY(ical_set(a, e, line));
	}
	return ERR_OK;
}

/* ---- people ---- */

static const struct str answers[] = {
	[CAL_ANSWER_UNKNOWN] = { NULL, 0 },
	[CAL_ANSWER_ORGANIZER] = STR_INIT("ACCEPTED"),
	[CAL_ANSWER_TENTATIVE] = STR_INIT("TENTATIVE"),
	[CAL_ANSWER_ACCEPTED] = STR_INIT("ACCEPTED"),
	[CAL_ANSWER_DECLINED] = STR_INIT("DECLINED"),
	[CAL_ANSWER_NONE] = STR_INIT("NEEDS-ACTION"),
};

static struct str address_of(struct str line)
{
	struct str value = str_trim(ical_value(line));

	return str_istarts(value, S("mailto:")) ? str_slice(value, 7, value.n) : value;
}

static enum err set_role(struct writing *w, struct str *line, enum cal_role role)
{
	TRY(set_param(w, line, S("CUTYPE"), role == CAL_RESOURCE ? S("RESOURCE") : STR_EMPTY));
	return set_param(w, line, S("ROLE"),
			 role == CAL_OPTIONAL   ? S("OPT-PARTICIPANT")
			 : role == CAL_RESOURCE ? S("NON-PARTICIPANT")
						: S("REQ-PARTICIPANT"));
}

static enum err set_name(struct writing *w, struct str *line, struct str name)
{
	CLEANUP(buf_release) struct buf quoted = BUF_INIT(CAL_TEXT_MAX + 8);

	if (name.n == 0)
		return ERR_OK;
	ical_quoted_put(&quoted, name);
	TRY(buf_status(&quoted));
	return set_param(w, line, S("CN"), buf_view(&quoted));
}

static enum err set_address(struct writing *w, struct str *line, struct str param, struct str address)
{
	CLEANUP(buf_release) struct buf both = BUF_INIT(CAL_TEXT_MAX), quoted = BUF_INIT(CAL_TEXT_MAX);

	if (address.n) {
		buf_fmt(&both, "mailto:" STR_FMT, STR_ARG(address));
		TRY(buf_status(&both));
		ical_quoted_put(&quoted, buf_view(&both));
	}
	TRY(buf_status(&quoted));
	return set_param(w, line, param, buf_view(&quoted));
}

static enum err set_said(struct writing *w, struct str *line, const struct cal_said *said)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(64);

	if (!said->given)
		return ERR_OK;
	buf_fmt(&b, "%d-%lld-%d", said->sequence, (long long)said->stamp_ms, (int)said->answer);
	TRY(buf_status(&b));
	return set_param(w, line, S(CAL_ANSWERED), buf_view(&b));
}

/* What the line says already stays as it says it; `was` is that, or NULL for a new line. */
static enum err set_attendee(struct writing *w, struct str *line, const struct cal_attendee *was,
			     const struct cal_attendee *to)
{
	if (!was || (to->name.n && !str_eq(was->name, to->name)))
		TRY(set_name(w, line, to->name));
	if (!was || was->role != to->role)
		TRY(set_role(w, line, to->role));
	if (!was || was->answer != to->answer)
		TRY(set_param(w, line, S("PARTSTAT"), answers[to->answer]));
	if (!was || was->rsvp != to->rsvp)
		TRY(set_param(w, line, S("RSVP"), to->rsvp ? S("TRUE") : STR_EMPTY));
	if (was)
		return ERR_OK;
	if (to->delegated_from.n)
		TRY(set_address(w, line, S("DELEGATED-FROM"), to->delegated_from));
	return set_said(w, line, &to->said);
}

static const struct cal_attendee *find_attendee(const struct cal_event *e, struct str address)
{
	for (size_t i = 0; i < e->attendees_n; i++)
		if (str_ieq(e->attendees[i].address, address))
			return &e->attendees[i];
	return NULL;
}

/* As libical reads one line of it. */
static enum err read_attendee(struct writing *w, struct str line, struct cal_attendee *ret)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(line.n + 256);
	struct cal_event e;
	size_t n;

	buf_fmt(&text, "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" STR_FMT "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
		STR_ARG(line));
	TRY(buf_status(&text));
	TRY(cal_event_read(w->arena, buf_view(&text), &e, &n));
	*ret = e.attendees_n ? e.attendees[0] : (struct cal_attendee){ 0 };
	return ERR_OK;
}

enum err cal_put_attendees(struct writing *w, struct ical_part *part, const struct cal_event *to)
{
	bool *done = arena_array(w->arena, to->attendees_n + 1, sizeof(*done));
	struct ical_entry *e = ical_line_find(part->first, S("ATTENDEE")), *next;

	if (!done)
		return ERR_LIMIT;
	for (size_t n = 0; e; e = next, n++) {
		const struct cal_attendee *a;
		struct cal_attendee was;
		struct str line;

		next = ical_line_find(e->next, S("ATTENDEE"));
		TRY(ical_unfold(w->arena, e->raw, &line));
		a = find_attendee(to, address_of(line));
		if (!a && n >= CAL_ATTENDEES_MAX) /* nobody has seen him (cal_event_read) */
			continue;
		if (!a || done[a - to->attendees]) {
			ical_remove_entry(part, e);
			continue;
		}
		done[a - to->attendees] = true;
		TRY(read_attendee(w, line, &was));
		TRY(set_attendee(w, &line, &was, a));
		TRY(ical_set(w->arena, e, line));
	}
	for (size_t i = 0; i < to->attendees_n; i++) {
		CLEANUP(buf_release) struct buf line = BUF_INIT(CAL_TEXT_MAX);
		struct str text;

		if (done[i] || find_attendee(to, to->attendees[i].address) != &to->attendees[i])
			continue;
		buf_cstr(&line, "ATTENDEE:mailto:");
		buf_str(&line, to->attendees[i].address);
		TRY(buf_status(&line));
		TRY(arena_str(w->arena, buf_view(&line), &text));
		TRY(set_attendee(w, &text, NULL, &to->attendees[i]));
		TRY(ical_add(w->arena, part, text));
	}
	return ERR_OK;
}

static bool same_proposal(const struct cal_attendee *a, const struct cal_attendee *b)
{
	return a->proposes == b->proposes && (!a->proposes || (a->proposed_start_ms == b->proposed_start_ms &&
							       a->proposed_end_ms == b->proposed_end_ms));
}

static enum err set_proposal(struct writing *w, struct str *line, const struct cal_attendee *a)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(64);

	if (a->proposes)
		buf_fmt(&b, "%lld-%lld", (long long)a->proposed_start_ms, (long long)a->proposed_end_ms);
	TRY(buf_status(&b));
	return set_param(w, line, S(CAL_PROPOSED), buf_view(&b));
}

static bool same_said(const struct cal_said *a, const struct cal_said *b)
{
	return a->given == b->given && a->sequence == b->sequence && a->stamp_ms == b->stamp_ms &&
	       a->answer == b->answer;
}

bool cal_answer_same(const struct cal_attendee *was, const struct cal_attendee *to)
{
	return was->answer == to->answer && was->delegated == to->delegated && same_proposal(was, to) &&
	       (!to->said.given || same_said(&was->said, &to->said)) &&
	       (!to->delegated || str_ieq(was->delegated_to, to->delegated_to));
}

static enum err set_answer(struct writing *w, struct str *line, const struct cal_attendee *to)
{
	TRY(set_param(w, line, S("PARTSTAT"), to->delegated ? S("DELEGATED") : answers[to->answer]));
	TRY(set_address(w, line, S("DELEGATED-TO"), to->delegated ? to->delegated_to : STR_EMPTY));
	TRY(set_proposal(w, line, to));
	return set_said(w, line, &to->said);
}

enum err cal_put_answers(struct writing *w, struct ical_part *part, const struct cal_event *to)
{
	bool changes = false;

	for (struct ical_entry *e = ical_line_find(part->first, S("ATTENDEE")); e;
	     e = ical_line_find(e->next, S("ATTENDEE"))) {
		const struct cal_attendee *a;
		struct cal_attendee was;
		struct str line;

		TRY(ical_unfold(w->arena, e->raw, &line));
		a = find_attendee(to, address_of(line));
		if (!a)
			continue;
		TRY(read_attendee(w, line, &was));
		if (cal_answer_same(&was, a))
			continue;
		TRY(set_answer(w, &line, a));
		TRY(ical_set(w->arena, e, line));
		changes = true;
	}
	return changes ? ERR_OK : ERR_NOT_FOUND;
}

enum err cal_put_rsvp(struct writing *w, struct ical_part *part, const struct cal_event *to)
{
	for (struct ical_entry *e = ical_line_find(part->first, S("ATTENDEE")); e;
	     e = ical_line_find(e->next, S("ATTENDEE"))) {
		struct str line;

		TRY(ical_unfold(w->arena, e->raw, &line));
		TRY(set_param(w, &line, S("RSVP"), to->response_requested ? S("TRUE") : S("FALSE")));
		TRY(ical_set(w->arena, e, line));
	}
	return ERR_OK;
}

enum err cal_put_organizer(struct writing *w, struct ical_part *part, const struct cal_event *to)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(2 * CAL_TEXT_MAX);

	ical_remove(part, S("ORGANIZER"));
	if (to->organizer.n == 0)
		return ERR_OK;
	buf_cstr(&line, "ORGANIZER");
	if (to->organizer_name.n) {
		buf_cstr(&line, ";CN=");
		ical_quoted_put(&line, to->organizer_name);
	}
	buf_fmt(&line, ":mailto:" STR_FMT, STR_ARG(to->organizer));
	TRY(buf_status(&line));
	return ical_add(w->arena, part, buf_view(&line));
}
