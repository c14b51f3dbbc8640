/* GetServerTimeZones (MS-OXWSGTZ): zones by their Windows names, with the rules of zoneinfo. */
#include <gateway/ews/operation.h>

#include <gateway/content/timezone.h>

enum { TEXT_MAX = 512, PERIODS_MAX = 2 };
enum { TO_PERIOD, TO_DAY }; /* the choices of a group, in the order of types_zones.c */

static const char *const weekdays[] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" };

static enum err keep(struct ews_call *c, struct str *ret, const char *fmt, ...) PRINTF_LIKE(3, 4);
static enum err keep(struct ews_call *c, struct str *ret, const char *fmt, ...)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(TEXT_MAX);
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(&b, fmt, ap);
	va_end(ap);
	TRY(buf_status(&b));
	return arena_str(c->arena, buf_view(&b), ret);
}

/* A duration of ISO 8601, with its sign; minutes west of UTC. */
static enum err put_bias(struct ews_call *c, int offset, struct str *ret)
{
	return keep(c, ret, "%sPT%dM", offset > 0 ? "-" : "", offset > 0 ? offset : -offset);
}

static enum err put_period(struct ews_call *c, struct str zone, const char *kind, int offset, struct ews_period *to)
{
	to->Name = str_of(kind);
	TRY(put_bias(c, offset, &to->Bias));
	return keep(c, &to->Id, "trule:Microsoft/Registry/" STR_FMT "/1-%s", STR_ARG(zone), kind);
}

static bool changes(const struct zone_rules *rules)
{
	return rules->to_daylight.month != 0 && rules->to_standard.month != 0;
}

static enum err put_periods(struct ews_call *c, const struct zone_rules *rules, const struct ews_type *type,
			    struct ews_zone *to)
{
	const struct ews_type *periods = ews_type_of(type, "Periods");
	size_t n = changes(rules) ? 2 : 1;
	void *at = ews_make(c->arena, type, to, "Periods", 1);
	struct ews_period *list = at ? ews_make(c->arena, periods, at, "Period", n) : NULL;

	if (!list)
		return ERR_LIMIT;
	TRY(put_period(c, to->Id, "Standard", rules->offset, &list[0]));
	return n > 1 ? put_period(c, to->Id, "Daylight", rules->daylight, &list[1]) : ERR_OK;
}

static enum err new_transition(struct ews_call *c, const struct ews_type *kinds, size_t which, const char *kind,
			       struct str id, struct ews_choice *ret)
{
	const struct ews_type *type = kinds->fields[which].type;
	struct ews_transition *t = ews_new_struct(c->arena, type);
	struct ews_transition_to *to = t ? ews_make(c->arena, type, t, "To", 1) : NULL;

	if (!to)
		return ERR_LIMIT;
	*to = (struct ews_transition_to){ str_of(kind), id };
	*ret = (struct ews_choice){ which, t };
	return ERR_OK;
}

static enum err put_change(struct ews_call *c, const struct ews_type *kinds, const struct zone_change *change,
			   struct str id, struct ews_choice *ret)
{
	const struct zone_change on = zone_change_carried(change);
	struct ews_transition *t;

	TRY(new_transition(c, kinds, TO_DAY, "Period", id, ret));
	t = ret->value;
	TRY(keep(c, &t->TimeOffset, "PT%dM", on.minutes));
	t->Month = on.month;
	t->DayOfWeek = str_of(weekdays[on.weekday]);
	t->Occurrence = on.week == 5 ? -1 : on.week;
	return ERR_OK;
}

static enum err put_group(struct ews_call *c, const struct zone_rules *rules, const struct ews_type *type,
			  struct ews_zone *to)
{
	const struct ews_type *groups = ews_type_of(type, "TransitionsGroups");
	const struct ews_type *group_type = ews_type_of(groups, "TransitionsGroup");
	const struct ews_type *kinds = ews_type_of(group_type, "choices");
	const struct ews_period *periods = to->Periods->Period.items;
	void *at = ews_make(c->arena, type, to, "TransitionsGroups", 1);
	struct ews_transitions *group = at ? ews_make(c->arena, groups, at, "TransitionsGroup", 1) : NULL;
	struct ews_choice *list =
		group ? ews_make(c->arena, group_type, group, "choices", to->Periods->Period.n) : NULL;

	if (!list)
		return ERR_LIMIT;
	group->Id = S("0");
	if (!changes(rules))
		return new_transition(c, kinds, TO_PERIOD, "Period", periods[0].Id, &list[0]);
	TRY(put_change(c, kinds, &rules->to_standard, periods[0].Id, &list[0]));
	return put_change(c, kinds, &rules->to_daylight, periods[1].Id, &list[1]);
}

/* One group for all years. */
static enum err put_transitions(struct ews_call *c, const struct ews_type *type, struct ews_zone *to)
{
	const struct ews_type *transitions = ews_type_of(type, "Transitions");
	void *at = ews_make(c->arena, type, to, "Transitions", 1);
	struct ews_choice *list = at ? ews_make(c->arena, transitions, at, "choices", 1) : NULL;

	if (!list)
		return ERR_LIMIT;
	return new_transition(c, ews_type_of(transitions, "choices"), TO_PERIOD, "Group", S("0"), list);
}

static enum err put_zone(struct ews_call *c, struct str name, const struct zone_rules *rules, bool full,
			 const struct ews_type *type, struct ews_zone *to)
{
	int minutes = rules->offset < 0 ? -rules->offset : rules->offset;

	to->Id = name;
	TRY(keep(c, &to->Name, "(UTC%c%02d:%02d) " STR_FMT, rules->offset < 0 ? '-' : '+', minutes / 60, minutes % 60,
		 STR_ARG(name)));
	if (!full)
		return ERR_OK;
	TRY(put_periods(c, rules, type, to));
	TRY(put_group(c, rules, type, to));
	return put_transitions(c, type, to);
}

static bool is_asked(const struct ews_get_zones *asked, struct str name)
{
	const struct ews_list *ids = asked->Ids ? &asked->Ids->Id : NULL;
	const struct ews_zone_id *id = ids ? ids->items : NULL;

	for (size_t i = 0; ids && i < ids->n; i++)
		if (str_ieq(id[i].id, name))
			return true;
	return !ids;
}

enum err ews_get_zones_run(struct ews_call *c, const void *request, void *answer)
{
	const struct ews_get_zones *asked = request;
	struct ews_zones_message *m;
	const struct ews_type *type, *zones;
	struct ews_zone *list;
	size_t n = 0, known = 0;
	void *at;

	if (asked->Ids && asked->Ids->Id.n > EWS_MAX_MESSAGES)
		return ERR_LIMIT;
	TRY(ews_messages(c, &ews_get_zones_answer_type, answer, 1, &m, &type));
	ews_succeed(&m->response);
	while (zone_windows_name(known).p)
		known++;
	zones = ews_type_of(type, "TimeZoneDefinitions");
	at = ews_make(c->arena, type, m, "TimeZoneDefinitions", 1);
	list = at ? ews_make(c->arena, zones, at, "TimeZoneDefinition", known) : NULL;
	if (!list)
		return ERR_LIMIT;
	for (size_t i = 0; i < known; i++) {
		struct str name = zone_windows_name(i);
		struct zone_rules rules;

		/* A name that several zones have means the first. */
		if (name.n == 0 || !is_asked(asked, name) || zone_by_name(zone_of_windows(name), &rules) ||
		    (n > 0 && str_eq(list[n - 1].Id, name)))
			continue;
		TRY(put_zone(c, name, &rules, asked->ReturnFullTimeZoneData != 0,
			     ews_type_of(zones, "TimeZoneDefinition"), &list[n++]));
	}
	m->TimeZoneDefinitions->TimeZoneDefinition.n = n;
	return ERR_OK;
}
