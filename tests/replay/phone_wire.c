/* The phone's requests, over connections that break where they are told to. */
#include "world.h"
#include "phone_answers.h"

#include <poll.h>

const char *const loss_names[LOSS_MAX_] = { "", ", never arrives", ", cut before", ", cut at half", ", answer lost" };

enum { REQUEST_MAX_BYTES = 64 * 1024, HEARTBEAT_S = 600 };

static bool has_bytes(const struct client *c, int wait_ms)
{
	struct pollfd at = { .fd = c->fd, .events = POLLIN };

	return c->in.n > 0 || poll(&at, 1, wait_ms) > 0;
}

/* The first half of an answer of known length. */
static void read_half(struct phone *p, struct client *c)
{
	struct answer a = { 0 };
	uint64_t length = 0;

	must(p->w, client_read_until(c, S("\r\n\r\n")), "phone %u: the connection ends where an answer is due", p->n);
	a.body_at = str_find(buf_view(&c->in), S("\r\n\r\n")) + 4;
	if (str_to_u64(client_header(c, &a, "Content-Length"), INT32_MAX, &length))
		length = 0;
	client_read(c, a.body_at + length / 2);
}

/* The answer that comes on p->http, or what the loss leaves of it; false: nothing. */
static bool receive(struct phone *p, enum loss loss, struct eas_reply *ret)
{
	struct client *c = &p->http.client;

	must(p->w, has_bytes(c, CLIENT_DEADLINE_MS), "phone %u: no answer comes", p->n);
	if (loss == LOSS_NONE) {
		*ret = eas_phone_receive(&p->http);
		must(p->w, ret->status == 200, "phone %u: HTTP %d", p->n, ret->status);
		return true;
	}
	if (loss == LOSS_HALF)
		read_half(p, c);
	else if (loss == LOSS_AFTER)
		client_answer(c);
	eas_phone_hang_up(&p->http);
	return false;
}

static void send_body(struct phone *p, const char *command, struct buf *body)
{
	must(p->w, buf_status(body) == ERR_OK, "the request is too large");
	arena_reset(&p->http.arena);
	eas_phone_send(&p->http, command, buf_view(body));
}

bool phone_ask(struct phone *p, const char *command, struct buf *body, enum loss loss, struct eas_reply *ret)
{
	world_log(p->w, "phone %u: %s%s", p->n, command, loss_names[loss]);
	if (loss == LOSS_REQUEST)
		return false;
	send_body(p, command, body);
	return receive(p, loss, ret);
}

/* ---- FolderSync ---- */

bool phone_foldersync(struct phone *p, enum loss loss, bool *ret_news)
{
	CLEANUP(buf_release) struct buf body = BUF_INIT(REQUEST_MAX_BYTES);
	struct eas_reply r;
	bool news;

	world_log(p->w, "phone %u: FolderSync key %s%s", p->n, p->hierarchy_key, loss_names[loss]);
	if (loss == LOSS_REQUEST)
		return false;
	ask_foldersync(&body, p->hierarchy_key);
	send_body(p, "FolderSync", &body);
	if (!receive(p, loss, &r)) {
		p->hierarchy_lost = true;
		memcpy(p->hierarchy_torn_key, p->hierarchy_key, sizeof(p->hierarchy_torn_key));
		world_settle(p->w);
		return false;
	}
	news = phone_take_hierarchy(p, r.body);
	if (ret_news)
		*ret_news = news;
	world_settle(p->w);
	return true;
}

/* ---- Sync ---- */

static void gather(struct phone *p, struct box *b, const struct sync_wish *wish, struct rnd *rnd,
		   struct ask_command *to, struct ask_collection *c)
{
	static const enum entry_kind kinds[] = {
		[PENDING_CHANGE] = ENTRY_CHANGE, [PENDING_DELETE] = ENTRY_DELETE, [PENDING_FETCH] = ENTRY_FETCH
	};

	c->commands = to;
	for (size_t i = 0; i < b->pending_n && !wish->no_commands; i++) {
		const struct pending *x = &b->pending[i];

		if (p->defers && rnd_percent(rnd, 40))
			continue;
		to[c->commands_n++] = (struct ask_command){ .kind = kinds[x->kind],
							    .id = x->id,
							    .has_read = x->has_read,
							    .has_flag = x->has_flag,
							    .has_categories = x->has_categories,
							    .is = x->is };
		world_log(p->w, "    its %s %lld:%lld read %d flag %d categories %u",
			  x->kind == PENDING_CHANGE   ? "Change"
			  : x->kind == PENDING_DELETE ? "Delete"
						      : "Fetch",
			  (long long)b->id, (long long)x->id, x->has_read ? x->is.read : -1,
			  x->has_flag ? x->is.flagged : -1, x->has_categories ? x->is.categories : 99);
	}
}

static void compose(struct phone *p, const struct sync_wish *wish)
{
	static const unsigned bodies[] = { 0, 1, 4 };
	struct rnd rnd = { wish->chance };

	p->request.n = wish->n;
	p->request.waits = false;
	for (size_t i = 0; i < wish->n; i++) {
		struct box *b = phone_box(p, wish->folders[i]);
		struct ask_collection *c = &p->request.collections[i];
		bool first = strcmp(b->key, "0") == 0;

		*c = (struct ask_collection){ .folder = b->id,
					      .window = wish->window,
					      .no_changes = wish->no_changes && !first,
					      .keeps_deleted = !wish->moves_deleted,
					      .filter = b->filter,
					      .body_type = bodies[rnd_below(&rnd, 3)] };
		if (p->version < EAS_12_0)
			c->body_type = 0;
		memcpy(p->request.keys[i], b->key, sizeof(b->key));
		c->key = p->request.keys[i];
		c->says_options = b->filter != b->filter_said || rnd_percent(&rnd, 50);
		world_log(p->w, "  %lld: key %s filter %u%s window %u%s", (long long)c->folder, c->key, c->filter,
			  c->says_options ? " said" : "", c->window, c->no_changes ? " without changes" : "");
		if (!first)
			gather(p, b, wish, &rnd, p->request.commands[i], c);
	}
}

/* What the server has heard of is not known, so that the options must be said again. */
static void note_lost(struct phone *p)
{
	for (size_t i = 0; i < p->request.n; i++) {
		const struct ask_collection *c = &p->request.collections[i];
		struct box *b = phone_box(p, c->folder);

		if (!b)
			continue;
		b->lost = true;
		memcpy(b->torn_key, b->key, sizeof(b->torn_key));
		if (c->says_options)
			b->filter_said = NEVER_SAID;
	}
}

bool phone_sync(struct phone *p, const struct sync_wish *wish, enum loss loss)
{
	CLEANUP(buf_release) struct buf body = BUF_INIT(REQUEST_MAX_BYTES);
	enum waiting waited = p->waiting;
	struct eas_reply r;

	world_log(p->w, "phone %u: Sync%s", p->n, loss_names[loss]);
	if (loss == LOSS_REQUEST)
		return false;
	if (waited == WAITING_SYNC) /* the server ends the older one; so does the phone */
		phone_hang_up(p);
	compose(p, wish);
	ask_sync(&body, p->version, p->request.collections, p->request.n, 0);
	send_body(p, "Sync", &body);
	if (!receive(p, loss, &r)) {
		note_lost(p);
		world_settle(p->w);
		return false;
	}
	phone_take_sync(p, r.body);
	world_settle(p->w);
	return true;
}

static void begin_to_wait(struct phone *p, enum waiting waiting);

/* Would the phone say the very same again? */
static bool may_be_repeated(struct phone *p)
{
	for (size_t i = 0; i < p->request.n; i++) {
		const struct ask_collection *c = &p->request.collections[i];
		const struct box *b = phone_box(p, c->folder);

		if (!b || c->commands_n || strcmp(b->key, c->key) != 0 || strcmp(c->key, "0") == 0 ||
		    b->filter != c->filter)
			return false;
	}
	return p->request.n > 0;
}

bool phone_sync_briefly(struct phone *p, enum loss loss)
{
	CLEANUP(buf_release) struct buf none = BUF_INIT(1);
	struct eas_reply r;

	if (!may_be_repeated(p) || loss == LOSS_REQUEST)
		return false;
	if (p->waiting == WAITING_SYNC || p->request.waits)
		phone_hang_up(p);
	world_log(p->w, "phone %u: Sync as before%s", p->n, loss_names[loss]);
	send_body(p, "Sync", &none);
	if (p->request.waits) {
		begin_to_wait(p, WAITING_SYNC);
		return true;
	}
	if (!receive(p, loss, &r)) {
		note_lost(p);
		world_settle(p->w);
		return false;
	}
	phone_take_sync(p, r.body);
	world_settle(p->w);
	return p->sync.status == 0;
}

/* All folders of the request before are there to be asked for, and it did not wait. */
static bool may_be_partial(struct phone *p)
{
	for (size_t i = 0; i < p->request.n; i++) {
		const struct box *b = phone_box(p, p->request.collections[i].folder);

		if (!b || b->gone || strcmp(b->key, "0") == 0)
			return false;
	}
	return p->request.n > 0 && !p->request.waits;
}

static bool says_other(const struct ask_collection *c, const struct ask_collection *former)
{
	return c->commands_n || strcmp(c->key, former->key) != 0 || c->window != former->window ||
	       c->no_changes != former->no_changes || c->keeps_deleted != former->keeps_deleted ||
	       c->filter != former->filter;
}

/*
 * Puts what is to be said into `named` and leaves in p->request what it stands for. Where nothing is other than before
 * the first is named all the same: there is no Partial that says nothing.
 */
static size_t compose_partially(struct phone *p, const struct sync_wish *wish, struct ask_collection *named)
{
	static struct sync_request former;
	int64_t folders[FOLDERS_MAX];
	struct sync_wish whole = *wish;
	size_t n = 0;

	former = p->request;
	whole.folders = folders;
	whole.n = former.n;
	for (size_t i = 0; i < former.n; i++) {
		former.collections[i].key = former.keys[i];
		folders[i] = former.collections[i].folder;
	}
	compose(p, &whole);
	for (size_t i = 0; i < former.n; i++) {
		struct ask_collection *c = &p->request.collections[i];

		if (says_other(c, &former.collections[i]) || (n == 0 && i + 1 == former.n)) {
			named[n++] = *c;
			continue;
		}
		*c = former.collections[i];
		c->key = p->request.keys[i];
		c->commands_n = 0;
	}
	return n;
}

bool phone_sync_partially(struct phone *p, const struct sync_wish *wish, enum loss loss)
{
	CLEANUP(buf_release) struct buf body = BUF_INIT(REQUEST_MAX_BYTES);
	struct ask_collection named[FOLDERS_MAX];
	struct eas_reply r;
	size_t n;

	if (!may_be_partial(p) || loss == LOSS_REQUEST)
		return false;
	if (p->waiting == WAITING_SYNC)
		phone_hang_up(p);
	world_log(p->w, "phone %u: Sync, Partial%s", p->n, loss_names[loss]);
	n = compose_partially(p, wish, named);
	world_log(p->w, "  %zu of %zu are named", n, p->request.n);
	ask_sync_partially(&body, p->version, named, n);
	send_body(p, "Sync", &body);
	if (!receive(p, loss, &r)) {
		note_lost(p);
		world_settle(p->w);
		return false;
	}
	phone_take_sync(p, r.body);
	world_settle(p->w);
	return p->sync.status == 0;
}

bool phone_move(struct phone *p, enum loss loss)
{
	CLEANUP(buf_release) struct buf body = BUF_INIT(REQUEST_MAX_BYTES);
	struct ask_move moves[MOVES_MAX];
	struct eas_reply r;

	if (p->moves_n == 0)
		return true;
	world_log(p->w, "phone %u: MoveItems%s", p->n, loss_names[loss]);
	for (size_t i = 0; i < p->moves_n; i++) {
		moves[i] = (struct ask_move){ p->moves[i].from, p->moves[i].id, p->moves[i].to };
		world_log(p->w, "  %lld:%lld to %lld", (long long)moves[i].from, (long long)moves[i].id,
			  (long long)moves[i].to);
	}
	if (loss == LOSS_REQUEST)
		return false;
	ask_moves(&body, moves, p->moves_n);
	send_body(p, "MoveItems", &body);
	if (receive(p, loss, &r)) {
		phone_take_moves(p, r.body);
		world_settle(p->w);
		return true;
	}
	world_settle(p->w);
	return false;
}

/* ---- requests that wait ---- */

bool phone_is_answered(const struct phone *p)
{
	return has_bytes(&p->held_open, 0);
}

void phone_hang_up(struct phone *p)
{
	if (!p->waiting)
		return;
	world_log(p->w, "phone %u: gives up its %s", p->n, p->waiting == WAITING_PING ? "Ping" : "Sync");
	if (phone_is_answered(p) && p->waiting == WAITING_SYNC)
		note_lost(p);
	client_close(&p->held_open);
	p->waiting = WAITING_NOT;
	world_settle(p->w);
}

/* What was sent on p->http waits there from now on, or is answered. */
static void begin_to_wait(struct phone *p, enum waiting waiting)
{
	p->held_open = p->http.client;
	p->http.client = (struct client){ .fd = -1 };
	p->waiting = waiting;
	world_settle(p->w);
	if (phone_is_answered(p))
		phone_take_held(p, LOSS_NONE);
	else
		world_log(p->w, "  it waits");
}

void phone_take_held(struct phone *p, enum loss loss)
{
	enum waiting waiting = p->waiting;
	struct eas_reply r;

	eas_phone_hang_up(&p->http);
	p->http.client = p->held_open;
	p->held_open = (struct client){ .fd = -1 };
	p->waiting = WAITING_NOT;
	world_log(p->w, "phone %u: what it waited for comes%s", p->n, loss_names[loss]);
	if (!receive(p, loss, &r)) {
		if (waiting == WAITING_SYNC)
			note_lost(p);
		return;
	}
	if (waiting == WAITING_PING)
		phone_take_ping(p, r.body);
	else
		phone_take_sync(p, r.body);
}

/* A Ping may leave out what it would say as before: as long as the phone still has all of those folders. */
static bool may_be_brief(struct phone *p)
{
	for (size_t i = 0; i < p->pinged_n; i++)
		if (!phone_box(p, p->pinged[i]))
			return false;
	return p->pinged_n > 0;
}

static void send_ping(struct phone *p, const int64_t *folders, size_t n, bool brief)
{
	CLEANUP(buf_release) struct buf body = BUF_INIT(REQUEST_MAX_BYTES);

	phone_hang_up(p);
	p->verdict = (struct ping_verdict){ 0 };
	if (!brief || !may_be_brief(p)) {
		memcpy(p->pinged, folders, n * sizeof(*folders));
		p->pinged_n = n;
		ask_ping(&body, HEARTBEAT_S, folders, n);
	}
	memcpy(p->asked, p->pinged, sizeof(p->asked));
	p->asked_n = p->pinged_n;
	world_log(p->w, "phone %u: Ping of %zu folders%s", p->n, p->asked_n, body.n ? "" : ", as before");
	send_body(p, "Ping", &body);
}

void phone_ping(struct phone *p, const int64_t *folders, size_t n, bool brief)
{
	send_ping(p, folders, n, brief);
	begin_to_wait(p, WAITING_PING);
}

void phone_ping_cut(struct phone *p, const int64_t *folders, size_t n, enum loss loss)
{
	struct eas_reply r;

	send_ping(p, folders, n, false);
	must(p->w, !receive(p, loss, &r), "the answer was to be lost");
}

static void send_waiting_sync(struct phone *p, const struct sync_wish *wish)
{
	CLEANUP(buf_release) struct buf body = BUF_INIT(REQUEST_MAX_BYTES);

	phone_hang_up(p);
	world_log(p->w, "phone %u: Sync that may wait", p->n);
	compose(p, wish);
	p->request.waits = true;
	ask_sync(&body, p->version, p->request.collections, p->request.n, HEARTBEAT_S / 60);
	send_body(p, "Sync", &body);
}

void phone_wait_sync(struct phone *p, const struct sync_wish *wish)
{
	send_waiting_sync(p, wish);
	begin_to_wait(p, WAITING_SYNC);
}

void phone_wait_sync_cut(struct phone *p, const struct sync_wish *wish, enum loss loss)
{
	struct eas_reply r;

	send_waiting_sync(p, wish);
	if (receive(p, loss, &r))
		phone_take_sync(p, r.body);
	else
		note_lost(p);
}
