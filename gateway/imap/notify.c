/* NOTIFY: what is watched, and what is told (RFC 5465 sections 3 to 6). */
#include <gateway/imap/notify_internal.h>

#include <base/mem.h>
#include <gateway/imap/commands.h>
#include <gateway/imap/name.h>
#include <gateway/imap/special.h>
#include <gateway/imap/tree.h>
#include <push/push.h>
#include <store/subscription.h>

#include <assert.h>
#include <stdlib.h>

enum {
	WATCH_MS = 24 * 60 * 60 * 1000,
	KEPT_MAX_BYTES = 1024 * 1024, /* of what was asked for, and of what was told */
	KEPT_BLOCK_BYTES = 512,
	FETCH_TEXT_BYTES = 64 * 1024,
};

/* What the client knows of a folder. */
struct known {
	int64_t id, parent;
	uint32_t uid_next, uid_validity;
	uint64_t total, unread, head;
	unsigned events;
	bool subscribed, has_children, found;
	struct str path;
};

struct waker {
	struct task task;
	struct loop *loop;
	struct push *push;
	struct push_watch *watch;
	struct push_watch_args args;
	int64_t *folders; /* of args */
	int64_t selected; /* among them; 0: none */
	bool in_flight;
	bool pending;            /* something has changed that has not been looked at */
	struct imap_session *se; /* NULL: it has ended */
};

enum stage { TELL_OTHERS, TELL_SELECTED, TELL_NEW };

struct imap_notify {
	struct arena kept; /* what was asked for */
	struct imap_notify_group *groups;
	size_t groups_n;
	unsigned selected;
	bool delayed;
	struct str fetch;

	struct arena told; /* what was told */
	struct known *known;
	size_t known_n;
	struct folder_generation names; /* as of which the folders are known */
	uint64_t seen;                  /* the highest head of any folder then */
	bool stale;                     /* other folders are to be watched */

	enum stage stage;
	uint32_t uid_from;             /* mails from here on are new to the client */
	struct imap_command *fetching; /* of them */

	struct waker *waker; /* NULL: nothing has been waited for yet */
};

/* ---- what is asked for ---- */

static enum err keep_group(struct imap_notify *n, const struct imap_session *se, const struct imap_notify_group *from,
			   struct imap_notify_group *to)
{
	*to = *from;
	to->names_n = 0;
	to->names = arena_array(&n->kept, from->names_n + 1, sizeof(*to->names));
	if (!to->names)
		return ERR_LIMIT;
	for (size_t i = 0; i < from->names_n; i++)
		if (!imap_path_read(&n->kept, se, from->names[i], &to->names[to->names_n]))
			to->names_n++; /* another one can't be a mailbox: it is passed over */
	for (size_t i = 0; i < to->names_n; i++)
		TRY(arena_str(&n->kept, to->names[i], &to->names[i]));
	return ERR_OK;
}

static enum err keep(struct imap_notify *n, const struct imap_session *se, const struct imap_notify_args *args)
{
	n->selected = args->selected;
	n->delayed = args->delayed;
	TRY(arena_str(&n->kept, args->fetch, &n->fetch));
	n->groups = arena_array(&n->kept, args->groups_n + 1, sizeof(*n->groups));
	if (!n->groups)
		return ERR_LIMIT;
	for (; n->groups_n < args->groups_n; n->groups_n++)
		TRY(keep_group(n, se, &args->groups[n->groups_n], &n->groups[n->groups_n]));
	return ERR_OK;
}

static bool is_below(struct str path, struct str top)
{
	return str_eq(path, top) || (path.n > top.n && path.p[top.n] == '/' && str_eq(str_slice(path, 0, top.n), top));
}

static bool is_named(const struct imap_notify_group *g, struct str path)
{
	for (size_t i = 0; i < g->names_n; i++)
		if (g->where == IMAP_NOTIFY_SUBTREE ? is_below(path, g->names[i]) : str_eq(path, g->names[i]))
			return true;
	return false;
}

static bool covers(const struct imap_notify_group *g, const struct known *k, enum folder_role role)
{
	switch (g->where) {
	case IMAP_NOTIFY_INBOXES:
		return role == FOLDER_INBOX;
	case IMAP_NOTIFY_PERSONAL:
		return true;
	case IMAP_NOTIFY_SUBSCRIBED:
		return k->subscribed;
	case IMAP_NOTIFY_SUBTREE:
	case IMAP_NOTIFY_MAILBOXES:
		return is_named(g, k->path);
	}
	return false;
}

static unsigned events_of(const struct imap_notify *n, const struct known *k, enum folder_role role)
{
	unsigned events = 0;

	for (size_t i = 0; i < n->groups_n; i++)
		if (covers(&n->groups[i], k, role))
			events |= n->groups[i].events;
	return events;
}

/* ---- what is there ---- */

struct look {
	struct imap_session *se;
	struct imap_tree tree;
	struct subscription *said;
	size_t said_n;
	struct arena arena; /* of what it finds */
	struct known *known;
	size_t known_n;
	struct folder_generation names;
	uint64_t seen;
};

static bool is_subscribed(const struct look *l, struct str path)
{
	for (size_t i = 0; i < l->said_n; i++)
		if (str_eq(l->said[i].name, path))
			return l->said[i].subscribed;
	return true;
}

static struct known known_of(const struct look *l, const struct imap_notify *n, const struct imap_node *node)
{
	struct known k = { .id = node->folder.id,
			   .parent = node->folder.parent,
			   .uid_next = node->folder.uid_next,
			   .uid_validity = node->folder.uid_validity,
			   .total = node->folder.total,
			   .unread = node->folder.unread,
			   .head = node->folder.head,
			   .subscribed = is_subscribed(l, node->path),
			   .has_children = node->has_children,
			   .path = node->path };

	k.events = events_of(n, &k, node->folder.role);
	return k;
}

/* Into memory of its own, and no more of it than is needed: it is kept for long. */
static enum err keep_known(struct look *l, const struct known *found, size_t n)
{
	l->known = arena_array(&l->arena, n + 1, sizeof(*l->known));
	if (!l->known)
		return ERR_LIMIT;
	for (; l->known_n < n; l->known_n++) {
		struct known *k = &l->known[l->known_n];

		*k = found[l->known_n];
		TRY(arena_str(&l->arena, k->path, &k->path));
	}
	return ERR_OK;
}

/* All folders. ERR_LIMIT: more than are watched. */
static enum err take_look(struct look *l, struct arena *a, struct store_tx *tx, const struct imap_notify *n)
{
	struct known *found;
	size_t found_n = 0;

	TRY(folder_generation(tx, &l->names));
	TRY(imap_tree_read(a, tx, &l->tree));
	TRY(subscription_list(a, tx, &l->said, &l->said_n));
	found = arena_array(a, l->tree.n + 1, sizeof(*found));
	if (!found)
		return ERR_LIMIT;
	for (size_t i = 0; i < l->tree.n; i++) {
		const struct known k = known_of(l, n, &l->tree.nodes[i]);

		if (k.head > l->seen)
			l->seen = k.head;
		if (k.events && found_n == IMAP_MAX_NOTIFY_FOLDERS)
			return ERR_LIMIT;
		if (k.events)
			found[found_n++] = k;
	}
	return keep_known(l, found, found_n);
}

/* ---- what is told of it ---- */

static void put_status(struct imap_session *se, const struct known *k, bool modseq, bool unseen)
{
	buf_cstr(&se->out, "* STATUS ");
	imap_put_name(se, &se->out, k->path);
	buf_fmt(&se->out, " (MESSAGES %llu UIDNEXT %u UIDVALIDITY %u", (unsigned long long)k->total, k->uid_next,
		k->uid_validity);
	if (unseen)
		buf_fmt(&se->out, " UNSEEN %llu", (unsigned long long)k->unread);
	if (modseq)
		buf_fmt(&se->out, " HIGHESTMODSEQ %llu", (unsigned long long)(k->head ? k->head : 1));
	buf_cstr(&se->out, ")\r\n");
}

static void put_list(struct imap_session *se, const struct known *k, const struct imap_node *node, struct str old)
{
	const char *special = node ? imap_special_name(node->folder.role) : NULL;

	buf_fmt(&se->out, "* LIST (%s",
		!node             ? "\\NonExistent"
		: k->has_children ? "\\HasChildren"
				  : "\\HasNoChildren");
	if (node && k->subscribed)
		buf_cstr(&se->out, " \\Subscribed");
	if (special)
		buf_fmt(&se->out, " %s", special);
	buf_cstr(&se->out, ") \"/\" ");
	imap_put_name(se, &se->out, k->path);
	if (old.n) {
		buf_cstr(&se->out, " (\"OLDNAME\" (");
		imap_put_name(se, &se->out, old);
		buf_cstr(&se->out, "))");
	}
	buf_cstr(&se->out, "\r\n");
}

static bool is_selected(const struct imap_session *se, int64_t folder)
{
	return se->state == IMAP_SELECTED && se->selected.view.folder == folder;
}

static void tell_messages(struct imap_session *se, const struct known *was, const struct known *is)
{
	bool modseq = imap_has(se, IMAP_CONDSTORE | IMAP_QRESYNC);
	bool came_or_went = is->uid_next != was->uid_next || is->total != was->total;

	if (is->head == was->head || is_selected(se, is->id))
		return;
	if (came_or_went ? is->events & (IMAP_EVENT_NEW | IMAP_EVENT_EXPUNGE)
			 : is->events & IMAP_EVENT_FLAGS && (modseq || is->unread != was->unread))
		put_status(se, is, modseq, is->events & IMAP_EVENT_FLAGS);
}

/* Its own name, as it is shown. */
static struct str last_level(struct str path)
{
	size_t at = path.n;

	while (at > 0 && path.p[at - 1] != IMAP_DELIMITER)
		at--;
	return str_slice(path, at, path.n);
}

static void tell_name(struct imap_session *se, const struct known *was, const struct known *is,
		      const struct imap_node *node)
{
	/* Those below what was renamed are not told of (section 5.4). */
	bool renamed = was->parent != is->parent || !str_eq(last_level(was->path), last_level(is->path));

	if (is->events & IMAP_EVENT_NAME && (renamed || was->has_children != is->has_children))
		put_list(se, is, node, renamed ? was->path : STR_EMPTY);
	else if (is->events & IMAP_EVENT_SUBSCRIPTION && was->subscribed != is->subscribed)
		put_list(se, is, node, STR_EMPTY);
}

static struct known *find(struct known *list, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].id == id)
			return &list[i];
	return NULL;
}

static const struct imap_node *node_of(const struct look *l, int64_t id)
{
	for (size_t i = 0; i < l->tree.n; i++)
		if (l->tree.nodes[i].folder.id == id)
			return &l->tree.nodes[i];
	return NULL;
}

static void tell_differences(struct look *l, struct imap_notify *n)
{
	for (size_t i = 0; i < l->known_n; i++) {
		struct known *is = &l->known[i], *was = find(n->known, n->known_n, is->id);
		const struct imap_node *node = node_of(l, is->id);

		if (was) {
			was->found = true;
			tell_name(l->se, was, is, node);
			tell_messages(l->se, was, is);
		} else {
			n->stale = true;
			if (is->events & IMAP_EVENT_NAME)
				put_list(l->se, is, node, STR_EMPTY);
		}
	}
	for (size_t i = 0; i < n->known_n; i++) {
		const struct known *was = &n->known[i];

		if (was->found)
			continue;
		n->stale = true;
		if (was->events & IMAP_EVENT_NAME && !node_of(l, was->id))
			put_list(l->se, was, NULL, STR_EMPTY);
	}
}

static void keep_look(struct look *l, struct imap_notify *n)
{
	arena_release(&n->told);
	n->told = l->arena;
	n->known = l->known;
	n->known_n = l->known_n;
	n->names = l->names;
	n->seen = l->seen;
	for (size_t i = 0; i < n->known_n; i++)
		n->known[i].found = false;
}

static enum err take_moved(void *ctx, const struct folder_numbers *f)
{
	struct imap_session *se = ctx;
	struct imap_notify *n = se->notify;
	struct known *k = find(n->known, n->known_n, f->id);

	if (f->head > n->seen)
		n->seen = f->head;
	if (k) {
		const struct known was = *k;

		k->uid_next = f->uid_next;
		k->total = f->total;
		k->unread = f->unread;
		k->head = f->head;
		tell_messages(se, &was, k);
	}
	return ERR_OK;
}

/* Mostly mails came or went, and no folder: then the rows of those folders alone are read. */
static enum err tell_others(struct imap_session *se, struct arena *a)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct look l = { .se = se, .arena = ARENA_SMALL(KEPT_MAX_BYTES, KEPT_BLOCK_BYTES) };
	struct imap_notify *n = se->notify;
	struct folder_generation names;
	enum err e;

	TRY(store_begin(se->server->args.store, se->mailbox, STORE_READ, &tx));
	TRY(folder_generation(tx, &names));
	if (names.hierarchy == n->names.hierarchy && names.subscriptions == n->names.subscriptions)
		return folder_list_moved(tx, n->seen, take_moved, se);
	e = take_look(&l, a, tx, n);
	if (e) {
		arena_release(&l.arena);
		return e;
	}
	tell_differences(&l, n);
	keep_look(&l, n);
	return ERR_OK;
}

/* As NOTIFY NONE, and its client is told so (section 5.8): it has to look by itself. */
static void overflow(struct imap_session *se, enum err why)
{
	struct imap_notify *n = se->notify;

	imap_line(se, "* OK [NOTIFICATIONOVERFLOW] %s",
		  why == ERR_LIMIT ? "more mailboxes than are watched" : "the mailboxes can't be read");
	n->groups_n = n->known_n = 0;
	n->selected = 0;
	n->stale = true;
}

/* ---- the selected mailbox ---- */

bool imap_notify_wants_flags(const struct imap_command *c)
{
	const struct imap_notify *n = c->se->notify;

	return !n || n->selected & IMAP_EVENT_FLAGS || c->verb->work == imap_select || c->verb->work == imap_examine;
}

/* What a command's own work has begun to tell is told to its end; so is what it did itself to the numbers. */
static bool tells_selected(const struct imap_command *c)
{
	const struct imap_notify *n = c->se->notify;

	if (c->se->state != IMAP_SELECTED)
		return false;
	if (c->announcing || c->verb->flags & IMAP_V_WRITE)
		return true;
	return n->selected && !(n->delayed && imap_notify_is_look(c));
}

static void fetching_drop(struct imap_notify *n)
{
	if (!n->fetching)
		return;
	imap_fetch_release(n->fetching);
	buf_release(&n->fetching->text);
	arena_release(&n->fetching->arena);
	free(n->fetching);
	n->fetching = NULL;
}

static bool fetching_begin(struct imap_session *se)
{
	static const struct imap_verb verb = { .name = "NOTIFY", .flags = IMAP_V_UID };
	struct imap_notify *n = se->notify;
	struct imap_command *c = mem_alloc(sizeof(*c));
	struct buf text = BUF_INIT(FETCH_TEXT_BYTES * 2);
	struct imap_in in;
	struct str words;

	*c = (struct imap_command){ .se = se, .verb = &verb, .arena = ARENA_INIT(IMAP_ARENA_BYTES) };
	c->text = BUF_INIT(FETCH_TEXT_BYTES);
	n->fetching = c;
	buf_fmt(&text, " %u:%u ", n->uid_from, se->selected.view.uid_next - 1);
	buf_str(&text, n->fetch);
	if (!buf_status(&text) && !arena_str(&c->arena, buf_view(&text), &words)) {
		in = imap_in_of(&c->arena, words);
		imap_fetch_parse(&in, c);
		in_end(&in);
		buf_release(&text);
		if (in_ok(&in))
			return true;
	}
	buf_release(&text);
	fetching_drop(n);
	return false;
}

static enum imap_next tell_new(struct imap_session *se, struct worker *w)
{
	struct imap_notify *n = se->notify;

	if (!n->fetching && (n->fetch.n == 0 || n->uid_from == 0 || se->state != IMAP_SELECTED ||
			     se->selected.view.uid_next <= n->uid_from || !fetching_begin(se)))
		return IMAP_FINISHED;
	if (imap_fetch(n->fetching, w) == IMAP_AGAIN)
		return IMAP_AGAIN;
	fetching_drop(n);
	return IMAP_FINISHED;
}

enum imap_next imap_notify_tell(struct imap_command *c, struct worker *w)
{
	struct imap_session *se = c->se;
	struct imap_notify *n = se->notify;
	enum imap_next next = IMAP_FINISHED;

	if (n->stage == TELL_OTHERS) {
		enum err e = n->groups_n ? tell_others(se, w->arena) : ERR_OK;

		if (e)
			overflow(se, e);
		n->uid_from = n->selected && tells_selected(c) ? se->selected.view.uid_next : 0;
		n->stage = TELL_SELECTED;
		arena_reset(w->arena);
	}
	if (n->stage == TELL_SELECTED) {
		if (tells_selected(c))
			next = imap_announce(c, w);
		if (next != IMAP_FINISHED)
			return next;
		n->stage = TELL_NEW;
	}
	if (!c->bye)
		next = tell_new(se, w);
	if (next == IMAP_FINISHED)
		n->stage = TELL_OTHERS;
	return next;
}

/* ---- the command ---- */

static void put_first_statuses(struct look *l)
{
	for (size_t i = 0; i < l->known_n; i++) {
		const struct known *k = &l->known[i];

		if (k->events & IMAP_EVENT_NEW && !is_selected(l->se, k->id))
			put_status(l->se, k, k->events & IMAP_EVENT_FLAGS, false);
	}
}

static enum err notify_new(struct imap_command *c, struct arena *a, struct imap_notify *n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	const struct imap_notify_args *args = c->args;
	struct look l = { .se = c->se, .arena = ARENA_SMALL(KEPT_MAX_BYTES, KEPT_BLOCK_BYTES) };
	enum err e = keep(n, c->se, args);

	if (!e && n->groups_n)
		e = store_begin(c->se->server->args.store, c->se->mailbox, STORE_READ, &tx);
	if (!e && n->groups_n)
		e = take_look(&l, a, tx, n);
	if (e) {
		arena_release(&l.arena);
		return e;
	}
	if (args->status)
		put_first_statuses(&l);
	keep_look(&l, n);
	n->stale = true;
	return ERR_OK;
}

static void release_kept(struct imap_notify *n)
{
	fetching_drop(n);
	arena_release(&n->kept);
	arena_release(&n->told);
}

/* The new one takes the place of the old one, and goes on with its waker, which is the loop's. */
static void replace(struct imap_session *se, struct imap_notify *n)
{
	struct imap_notify *old = se->notify;

	if (old) {
		n->waker = old->waker;
		release_kept(old);
		free(old);
	}
	se->notify = n;
}

enum imap_next imap_notify(struct imap_command *c, struct worker *w)
{
	const struct imap_notify_args *args = c->args;
	struct imap_notify *n;
	enum err e;

	if (args->unknown_event)
		return imap_notify_refuse_events(c);
	if (args->too_many)
		return imap_no(c, "[NOTIFICATIONOVERFLOW] too many groups or names");
	n = mem_alloc(sizeof(*n));
	*n = (struct imap_notify){ .kept = ARENA_SMALL(KEPT_MAX_BYTES, KEPT_BLOCK_BYTES),
				   .told = ARENA_SMALL(KEPT_MAX_BYTES, KEPT_BLOCK_BYTES) };
	e = notify_new(c, w->arena, n);
	if (e) {
		release_kept(n);
		free(n);
		return e == ERR_LIMIT ? imap_no(c, "[NOTIFICATIONOVERFLOW] more mailboxes than are watched")
				      : imap_result(c, e, "");
	}
	replace(c->se, n);
	return imap_ok(c, "noted");
}

/* ---- on the loop ---- */

static enum imap_next work(struct imap_command *c, struct worker *w)
{
	enum imap_next next = imap_notify_tell(c, w);

	return next == IMAP_FINISHED ? IMAP_SAID : next;
}

static const struct imap_verb look_verb = { .name = "NOTIFY", .work = work };

bool imap_notify_is_look(const struct imap_command *c)
{
	return c->verb == &look_verb;
}

static void fire(void *ctx, enum push_reason reason)
{
	struct waker *k = ctx;

	(void)reason;
	loop_post(k->loop, &k->task);
}

static void arm(struct waker *k)
{
	enum err e;

	_Static_assert(IMAP_MAX_NOTIFY_FOLDERS + 2 <= PUSH_MAX_FOLDERS, "with the selected one and the hierarchy");
	k->args.deadline_ms = loop_now_ms(k->loop) + WATCH_MS;
	e = push_watch(k->push, &k->args, &k->watch);
	assert(!e);
	(void)e;
}

static void waker_free(struct waker *k)
{
	free(k->folders);
	free(k);
}

static void woken(struct task *t)
{
	struct waker *k = container_of(t, struct waker, task);

	k->in_flight = false;
	if (!k->se) {
		waker_free(k);
		return;
	}
	(void)push_drop(k->push, &k->watch);
	arm(k);
	/* A command may be at work: what is the session's is a worker's then, and is looked at when it has come home. */
	k->pending = true;
	imap_notify_settle(k->se);
}

static struct waker *waker_new(struct imap_session *se)
{
	struct waker *k = mem_alloc(sizeof(*k));

	*k = (struct waker){ .task.run = woken,
			     .loop = stream_loop(se->stream),
			     .push = se->server->args.push,
			     .se = se,
			     .args = { .mailbox = se->mailbox, .account = se->account, .fire = fire, .ctx = k } };
	return k;
}

/* The folders that are to be watched now. */
static void rearm(struct imap_notify *n, int64_t selected)
{
	struct waker *k = n->waker;
	int64_t *folders = mem_alloc((n->known_n + 1) * sizeof(*folders));
	size_t folders_n = 0;

	for (size_t i = 0; i < n->known_n; i++)
		folders[folders_n++] = n->known[i].id;
	if (selected)
		folders[folders_n++] = selected;
	k->in_flight = k->in_flight || !push_drop(k->push, &k->watch);
	free(k->folders);
	k->folders = folders;
	k->selected = selected;
	k->args.folders = folders;
	k->args.folders_n = folders_n;
	k->args.hierarchy = n->groups_n > 0;
	if (!k->in_flight) /* else woken() does it */
		arm(k);
}

static void look(struct imap_session *se)
{
	struct buf nothing = BUF_INIT(0);

	if (se->command)
		imap_idle_look(se->command);
	else
		imap_command_insist(imap_command_new(se, &look_verb, &nothing));
}

void imap_notify_settle(struct imap_session *se)
{
	struct imap_notify *n;
	int64_t selected;

	if ((se->command && !imap_idle_rests(se->command)) || se->state == IMAP_LOGOUT || !se->notify)
		return;
	n = se->notify;
	selected = n->selected && se->state == IMAP_SELECTED ? se->selected.view.folder : 0;
	if (!n->waker)
		n->waker = waker_new(se);
	if (n->stale || n->waker->selected != selected) {
		rearm(n, selected);
		n->stale = false;
		n->waker->pending = true; /* register, then look */
	}
	if (!n->waker->pending)
		return;
	n->waker->pending = false;
	look(se);
}

void imap_notify_free(struct imap_notify **np)
{
	struct imap_notify *n = *np;
	struct waker *k;

	if (!n)
		return;
	k = n->waker;
	if (k) {
		k->se = NULL;
		if (!k->in_flight && push_drop(k->push, &k->watch))
			waker_free(k);
	}
	release_kept(n);
	free(n);
	*np = NULL;
}
