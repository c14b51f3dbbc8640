/* NOTIFY's words (RFC 5465 section 8). */
#include <gateway/imap/notify_internal.h>

#include <gateway/imap/commands.h>
#include <gateway/imap/tree.h>

#define MESSAGE_EVENTS (IMAP_EVENT_NEW | IMAP_EVENT_EXPUNGE | IMAP_EVENT_FLAGS)

static const struct {
	const char *name;
	unsigned bit;
} events[] = {
	{ "MessageNew", IMAP_EVENT_NEW },
	{ "MessageExpunge", IMAP_EVENT_EXPUNGE },
	{ "FlagChange", IMAP_EVENT_FLAGS },
	{ "MailboxName", IMAP_EVENT_NAME },
	{ "SubscriptionChange", IMAP_EVENT_SUBSCRIPTION },
};

static const struct {
	const char *name;
	enum imap_notify_where where;
	bool named;
} places[] = {
	{ "inboxes", IMAP_NOTIFY_INBOXES, false },       { "personal", IMAP_NOTIFY_PERSONAL, false },
	{ "subscribed", IMAP_NOTIFY_SUBSCRIBED, false }, { "subtree", IMAP_NOTIFY_SUBTREE, true },
	{ "mailboxes", IMAP_NOTIFY_MAILBOXES, true },
};

static unsigned event_of(struct str name)
{
	for (size_t i = 0; i < countof(events); i++)
		if (str_ieq(name, str_of(events[i].name)))
			return events[i].bit;
	return 0;
}

static void read_event(struct imap_in *in, struct imap_notify_args *args, bool selected, unsigned *ret)
{
	unsigned event = event_of(in_atom(in));
	size_t from;

	if (!event)
		args->unknown_event = true;
	if (selected && event & ~(unsigned)MESSAGE_EVENTS)
		in_fail(in, "only what happens to messages is told of the selected mailbox");
	*ret |= event;
	if (event != IMAP_EVENT_NEW || !in_try(in, ' '))
		return;
	if (in_peek(in) != '(') {
		in->at--; /* the blank is before the next event */
		return;
	}
	if (!selected)
		in_fail(in, "messages are fetched of the selected mailbox alone");
	from = in->at;
	in_skip_fetch_items(in);
	args->fetch = str_slice(in->text, from, in->at);
}

static void check_events(struct imap_in *in, unsigned got)
{
	if (!(got & IMAP_EVENT_NEW) != !(got & IMAP_EVENT_EXPUNGE))
		in_fail(in, "MessageNew and MessageExpunge go together");
	if (got & IMAP_EVENT_FLAGS && !(got & IMAP_EVENT_NEW))
		in_fail(in, "FlagChange wants MessageNew and MessageExpunge");
}

static unsigned read_events(struct imap_in *in, struct imap_notify_args *args, bool selected)
{
	unsigned got = 0;

	if (in_try_word(in, "NONE"))
		return 0;
	in_open(in);
	do
		read_event(in, args, selected, &got);
	while (in_more(in));
	if (!args->unknown_event) /* which is told first */
		check_events(in, got);
	return got;
}

static void read_name(struct imap_in *in, struct imap_notify_args *args, struct imap_notify_group *g)
{
	struct str name = in_astring(in);

	if (args->names_n == IMAP_MAX_NOTIFY_NAMES) {
		args->too_many = true;
		return;
	}
	g->names[g->names_n++] = name;
	args->names_n++;
}

static void read_names(struct imap_in *in, struct imap_notify_args *args, struct imap_notify_group *g)
{
	g->names = arena_array(in->arena, IMAP_MAX_NOTIFY_NAMES - args->names_n + 1, sizeof(*g->names));
	if (!g->names) {
		in_fail(in, "too much to keep");
		return;
	}
	in_sp(in);
	if (!in_try_open(in)) {
		read_name(in, args, g);
		return;
	}
	do
		read_name(in, args, g);
	while (in_more(in));
}

static void read_selected(struct imap_in *in, struct imap_notify_args *args, bool delayed)
{
	if (args->has_selected)
		in_fail(in, "the selected mailbox is named once");
	args->has_selected = true;
	args->delayed = delayed;
	in_sp(in);
	args->selected = read_events(in, args, true);
}

static void read_other(struct imap_in *in, struct imap_notify_args *args)
{
	struct imap_notify_group dropped = { 0 }, *g = args->groups_n < IMAP_MAX_NOTIFY_GROUPS
							       ? &args->groups[args->groups_n++]
							       : &dropped;
	size_t i = 0;

	args->too_many = args->too_many || g == &dropped;
	while (i < countof(places) && !in_try_word(in, places[i].name))
		i++;
	if (i == countof(places)) {
		in_fail(in, "no such kind of mailboxes");
		return;
	}
	g->where = places[i].where;
	if (places[i].named)
		read_names(in, args, g);
	in_sp(in);
	g->events = read_events(in, args, false);
}

static void read_group(struct imap_in *in, struct imap_notify_args *args)
{
	in_open(in);
	if (in_try_word(in, "selected-delayed"))
		read_selected(in, args, true);
	else if (in_try_word(in, "selected"))
		read_selected(in, args, false);
	else
		read_other(in, args);
	in_close(in);
}

void imap_notify_parse(struct imap_in *in, struct imap_command *c)
{
	struct imap_notify_args *args = arena_new(&c->arena, struct imap_notify_args);

	c->args = args;
	if (!args) {
		in_fail(in, "too much to keep");
		return;
	}
	in_sp(in);
	if (in_try_word(in, "NONE"))
		return;
	if (!in_try_word(in, "SET"))
		in_fail(in, "SET or NONE is expected");
	args->set = true;
	in_sp(in);
	if (in_try_word(in, "STATUS")) {
		args->status = true;
		in_sp(in);
	}
	do
		read_group(in, args);
	while (in_ok(in) && in_try(in, ' '));
}

enum imap_next imap_notify_refuse_events(struct imap_command *c)
{
	buf_clear(&c->text);
	buf_cstr(&c->text, "[BADEVENT (");
	for (size_t i = 0; i < countof(events); i++)
		buf_fmt(&c->text, "%s%s", i ? " " : "", events[i].name);
	buf_cstr(&c->text, ")] these are the events that there are");
	c->status = IMAP_NO;
	return IMAP_FINISHED;
}
