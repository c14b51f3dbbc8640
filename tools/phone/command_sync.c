/* sync, wait, and the changes that the phone's person makes. */
#include "commands.h"

#include "fault.h"

#include <base/mem.h>
#include <base/siphash.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* A folder that takes part in a sync. */
struct part {
	struct folder *folder;
	struct mailbox mailbox;
	struct sync_collection asked;
	struct apply_counts counts;
	bool pending;    /* there is more to ask for */
	bool answered;   /* in this round */
	struct buf sent; /* the key of the request before */
};

struct run {
	struct phone *p;
	struct part *parts;
	size_t n;
	uint32_t hold_s;
	bool partial; /* the request before was a whole one, so that this one may name less */
	void (*on_add)(const struct sync_item *item);
};

static void close_parts(struct run *r)
{
	for (size_t i = 0; i < r->n; i++) {
		mailbox_close(&r->parts[i].mailbox);
		buf_release(&r->parts[i].sent);
	}
	free(r->parts);
}

static enum err open_parts(struct run *r, struct folder **folders, size_t n)
{
	r->parts = mem_array(n, sizeof(*r->parts));
	for (r->n = 0; r->n < n;) {
		struct part *part = &r->parts[r->n++];

		part->folder = folders[r->n - 1];
		part->asked.id = str_of(part->folder->id);
		part->asked.class = folder_class(part->folder->type);
		part->pending = true;
		part->sent = BUF_INIT(MAILBOX_KEY_MAX_BYTES);
		TRY(mailbox_open(&part->mailbox, r->p->state.dir, part->asked.id, &r->p->why));
	}
	return ERR_OK;
}

static struct part *part_of(const struct run *r, struct str id)
{
	for (size_t i = 0; i < r->n; i++)
		if (str_eq(r->parts[i].asked.id, id))
			return &r->parts[i];
	return NULL;
}

/* A Partial names what has another key than before; all others are asked for by having been. */
static bool is_named(const struct run *r, const struct part *part)
{
	return r->partial ? !str_eq(part->asked.key, buf_view(&part->sent)) : part->pending;
}

static void put_request(struct run *r, struct buf *out)
{
	struct sync_options options = r->p->settings.sync;
	struct sync_collection *asked = mem_array(r->n, sizeof(*asked));
	size_t n = 0;

	options.hold_s = r->hold_s;
	options.partial = r->partial;
	for (size_t i = 0; i < r->n; i++) {
		struct part *part = &r->parts[i];

		part->asked.key = buf_view(&part->mailbox.key);
		if (!is_named(r, part))
			continue;
		asked[n++] = part->asked;
		buf_clear(&part->sent);
		buf_str(&part->sent, part->asked.key);
	}
	if (!r->p->settings.empty)
		sync_ask(out, r->p->identity.version, &options, asked, n);
	free(asked);
}

/* A refused key: begin again, where the person allows it. */
static enum err begin_again(struct run *r, struct part *part)
{
	if (!r->p->settings.resync || str_eq(buf_view(&part->mailbox.key), S("0")))
		return fault(&r->p->why, "the server refuses the SyncKey of %s", part->folder->name);
	fprintf(stderr, "%s: the server refuses the SyncKey; beginning again\n", part->folder->name);
	part->pending = true;
	return mailbox_reset(&part->mailbox, &r->p->why);
}

static enum err take_collection(struct run *r, const struct sync_collection_reply *c)
{
	struct part *part = part_of(r, c->id);
	bool began;

	if (!part || (!part->pending && !r->partial) || part->answered)
		return fault(&r->p->why, "the response has collection " STR_FMT ", which was not asked for",
			     STR_ARG(c->id));
	part->answered = true;
	if (c->status == SYNC_BAD_KEY)
		return begin_again(r, part);
	if (c->status != SYNC_OK)
		return status_fault(r->p, "Sync collection", c->status);
	began = str_eq(buf_view(&part->mailbox.key), S("0"));
	TRY(apply_collection(&part->mailbox, &(struct apply_args){ &part->asked, &r->p->settings.sync, c, r->on_add },
			     &part->counts, &r->p->why));
	part->pending = began || c->more;
	part->asked.commands_n = 0;
	return ERR_OK;
}

/*
 * A collection that is not in the response has no news (MS-ASCMD R4780), or did not fit: so it is asked again as long
 * as others have more. Only key 0 must be answered.
 */
static enum err settle_unanswered(struct run *r)
{
	bool more = false;

	for (size_t i = 0; i < r->n; i++)
		more |= r->parts[i].answered && r->parts[i].pending;
	for (size_t i = 0; i < r->n; i++) {
		struct part *part = &r->parts[i];

		if (!part->pending || part->answered)
			continue;
		if (str_eq(buf_view(&part->mailbox.key), S("0")))
			return fault(&r->p->why, "SyncKey 0 of %s was not answered", part->folder->name);
		part->pending = more;
	}
	return ERR_OK;
}

static enum err check_status(struct phone *p, const struct sync_reply *reply)
{
	if (!reply->status || reply->status == SYNC_OK)
		return ERR_OK;
	if (reply->status == SYNC_HOLD_RANGE && reply->limit)
		return fault(&p->why, "Sync status 14: the hold is out of bounds, the nearest is %u", reply->limit);
	return status_fault(p, "Sync", reply->status);
}

/* An empty response says that nothing has changed (MS-ASCMD R667). */
static enum err take_reply(struct run *r, struct str bytes)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(PHONE_MAX_ARENA_BYTES);
	struct sync_collection *asked = arena_array(&a, r->n, sizeof(*asked));
	struct doc d = phone_doc(r->p);
	struct sync_reply reply = { 0 };

	if (!asked)
		return fault_err(&r->p->why, ERR_LIMIT, "too many folders");
	for (size_t i = 0; i < r->n; i++)
		asked[i] = r->parts[i].asked;
	if (bytes.n)
		TRY(sync_parse(&d, bytes, asked, r->n, &reply));
	TRY(check_status(r->p, &reply));
	for (size_t i = 0; i < r->n; i++)
		r->parts[i].answered = false;
	for (const struct sync_collection_reply *c = reply.collections; c; c = c->next)
		TRY(take_collection(r, c));
	return settle_unanswered(r);
}

static enum err one_round(struct run *r)
{
	CLEANUP(buf_release) struct buf body = BUF_INIT(PHONE_MAX_BODY_BYTES);
	struct str bytes;

	put_request(r, &body);
	TRY(phone_post(r->p, COMMAND_SYNC, &body, r->hold_s, &bytes));
	TRY(take_reply(r, bytes));
	r->partial = r->p->settings.partial && !r->hold_s;
	return ERR_OK;
}

static bool any_pending(const struct run *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->parts[i].pending)
			return true;
	return false;
}

static void report(const struct run *r)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct part *part = &r->parts[i];

		printf("%s: +%u ~%u -%u soft -%u, %zu %s, key " STR_FMT "\n", part->folder->name, part->counts.added,
		       part->counts.changed, part->counts.deleted, part->counts.soft_deleted,
		       table_count(part->mailbox.messages), part->asked.class == CLASS_MAIL ? "messages" : "items",
		       STR_ARG(buf_view(&part->mailbox.key)));
	}
	fflush(stdout);
}

static enum err run_to_end(struct run *r)
{
	while (any_pending(r))
		TRY(one_round(r));
	report(r);
	return ERR_OK;
}

enum err sync_folders(struct phone *p, struct folder **folders, size_t n, void (*on_add)(const struct sync_item *item))
{
	CLEANUP(close_parts) struct run r = { .p = p, .on_add = on_add };

	TRY(open_parts(&r, folders, n));
	return run_to_end(&r);
}

static void print_new_pim(const struct sync_item *item)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(PHONE_MAX_BODY_BYTES);
	CLEANUP(buf_release) struct buf line = BUF_INIT(PHONE_MAX_BODY_BYTES);

	pim_put_text(&text, &item->pim);
	pim_put_summary(&line, item->class, buf_view(&text));
	printf("  new " STR_FMT "  " STR_FMT "\n", STR_ARG(item->server_id), STR_ARG(buf_view(&line)));
}

void sync_print_new(const struct sync_item *item)
{
	if (item->class != CLASS_MAIL) {
		print_new_pim(item);
		return;
	}
	printf("  new " STR_FMT "  " STR_FMT "  " STR_FMT "\n", STR_ARG(item->server_id), STR_ARG(item->mail.from),
	       STR_ARG(item->mail.subject));
}

enum err command_sync(struct phone *p)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(PHONE_MAX_ARENA_BYTES);
	struct folder **folders;
	size_t n;

	TRY(folders_selected(p, &a, &folders, &n));
	return sync_folders(p, folders, n, p->settings.verbose ? sync_print_new : NULL);
}

/* One held Sync; then whatever it announced is fetched without holding. */
enum err command_wait(struct phone *p)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(PHONE_MAX_ARENA_BYTES);
	CLEANUP(close_parts) struct run r = { .p = p, .on_add = sync_print_new, .hold_s = p->settings.heartbeat_s };
	struct folder **folders;
	size_t n;

	TRY(folders_selected(p, &a, &folders, &n));
	TRY(open_parts(&r, folders, n));
	for (size_t i = 0; i < r.n; i++)
		if (str_eq(buf_view(&r.parts[i].mailbox.key), S("0")))
			return fault_err(&p->why, ERR_INVALID, "%s has not been synced yet", r.parts[i].folder->name);
	TRY(one_round(&r));
	r.hold_s = 0;
	return run_to_end(&r);
}

/* The same Add sent again, for a response that was lost, has the same ClientId; every other one has another. */
static void put_client_id(struct buf *out, const struct phone *p, struct str key)
{
	CLEANUP(buf_release) struct buf all = BUF_INIT(PHONE_MAX_BODY_BYTES);
	static const uint64_t no_key[2];

	buf_str(&all, key);
	for (int i = 0; i < p->settings.args_n; i++)
		buf_put(&all, p->settings.args[i], strlen(p->settings.args[i]) + 1);
	buf_fmt(out, "%016" PRIx64, siphash13(no_key, buf_view(&all)));
}

static struct folder *event_folder(struct phone *p)
{
	if (p->settings.folder)
		return state_folder_named(&p->state, str_of(p->settings.folder));
	list_for_each (it, &p->state.folders) {
		struct folder *f = list_entry(it, struct folder, at);

		if (f->type == FOLDER_CALENDAR)
			return f;
	}
	return NULL;
}

enum { EVENT_OWN_ARGS = 3 }; /* START END SUBJECT */

/* Those behind the event's own. */
static enum err take_attendees(struct phone *p, struct arena *a, struct event *e)
{
	struct str *attendees;

	e->attendees_n = (size_t)(p->settings.args_n - EVENT_OWN_ARGS);
	attendees = arena_array(a, e->attendees_n + 1, sizeof(*attendees));
	if (!attendees)
		return fault_err(&p->why, ERR_LIMIT, "too many attendees");
	for (size_t i = 0; i < e->attendees_n; i++)
		attendees[i] = str_of(p->settings.args[EVENT_OWN_ARGS + i]);
	e->attendees = attendees;
	return event_check(e, p->identity.version, &p->why);
}

enum err command_event(struct phone *p)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(PHONE_MAX_ARENA_BYTES);
	CLEANUP(buf_release) struct buf id = BUF_INIT(64);
	CLEANUP(close_parts) struct run r = { .p = p };
	char **args = p->settings.args;
	struct event event = { .start = str_of(args[0]), .end = str_of(args[1]), .subject = str_of(args[2]) };
	struct sync_command add = { .act = SYNC_ADD_EVENT, .event = &event };
	struct folder *f = event_folder(p);

	TRY(take_attendees(p, &a, &event));
	if (!f || folder_class(f->type) != CLASS_CALENDAR)
		return fault_err(&p->why, ERR_NOT_FOUND, "no such calendar (run `folders` first?)");
	TRY(open_parts(&r, &f, 1));
	if (str_eq(buf_view(&r.parts[0].mailbox.key), S("0")))
		return fault_err(&p->why, ERR_INVALID, "%s has not been synced yet", f->name);
	put_client_id(&id, p, buf_view(&r.parts[0].mailbox.key));
	add.server_id = buf_view(&id);
	r.parts[0].asked.commands = &add;
	r.parts[0].asked.commands_n = 1;
	return run_to_end(&r);
}

static enum sync_act act_named(const char *name)
{
	static const char *const names[] = { [SYNC_READ] = "read",
					     [SYNC_UNREAD] = "unread",
					     [SYNC_FLAG] = "flag",
					     [SYNC_UNFLAG] = "unflag",
					     [SYNC_DELETE] = "delete" };
	size_t i = 0;

	while (strcmp(names[i], name) != 0)
		i++;
	return (enum sync_act)i;
}

/* The part whose folder has the message; the run keeps that part alone. */
static enum err keep_part_with(struct run *r, struct str server_id)
{
	for (size_t i = 0; i < r->n; i++) {
		struct part found = r->parts[i];

		if (!mailbox_find(&found.mailbox, server_id))
			continue;
		r->parts[i] = r->parts[0];
		r->parts[0] = found;
		for (; r->n > 1; r->n--)
			mailbox_close(&r->parts[r->n - 1].mailbox);
		return ERR_OK;
	}
	return fault_err(&r->p->why, ERR_NOT_FOUND, "the phone has no message " STR_FMT, STR_ARG(server_id));
}

/* Every message must be of one folder: one request changes them all. */
enum err command_act(struct phone *p)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(PHONE_MAX_ARENA_BYTES);
	CLEANUP(close_parts) struct run r = { .p = p };
	struct sync_command *commands = arena_array(&a, (size_t)p->settings.args_n, sizeof(*commands));
	struct folder **folders;
	size_t n;

	if (!commands || p->settings.args_n > SYNC_MAX_COMMANDS)
		return fault_err(&p->why, ERR_LIMIT, "at most %d messages at once", SYNC_MAX_COMMANDS);
	for (int i = 0; i < p->settings.args_n; i++)
		commands[i] = (struct sync_command){ .act = act_named(p->settings.command),
						     .server_id = str_of(p->settings.args[i]) };
	p->settings.classes = CLASSES_ALL;
	TRY(folders_selected(p, &a, &folders, &n));
	TRY(open_parts(&r, folders, n));
	TRY(keep_part_with(&r, commands[0].server_id));
	for (int i = 0; i < p->settings.args_n; i++)
		if (!mailbox_find(&r.parts[0].mailbox, commands[i].server_id))
			return fault_err(&p->why, ERR_NOT_FOUND, "%s has no message %s", r.parts[0].folder->name,
					 p->settings.args[i]);
	r.parts[0].asked.commands = commands;
	r.parts[0].asked.commands_n = (size_t)p->settings.args_n;
	return run_to_end(&r);
}
