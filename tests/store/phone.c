/* A model of a client: what it shows, what its user did that the server has not taken yet, what it makes of answers. */
#include "phones.h"

#include <base/buf.h>

enum { KEYS = 100 };

static struct held *held_find(struct phone *p, struct sid sid)
{
	for (size_t i = 0; i < p->held_n; i++)
		if (sid_eq(p->held[i].sid, sid))
			return &p->held[i];
	return NULL;
}

const struct held *phone_find(const struct phone *p, struct sid sid)
{
	for (size_t i = 0; i < p->held_n; i++)
		if (sid_eq(p->held[i].sid, sid))
			return &p->held[i];
	return NULL;
}

static void held_put(struct phone *p, struct sid sid, struct shown is)
{
	struct held *h = held_find(p, sid);

	must(p->w, h || p->held_n < HELD_MAX, "the life is too long");
	*(h ? h : &p->held[p->held_n++]) = (struct held){ sid, is };
}

static void held_drop(struct phone *p, struct sid sid)
{
	struct held *h = held_find(p, sid);

	if (h)
		*h = p->held[--p->held_n];
}

static struct pending *pending_find(struct phone *p, struct sid sid)
{
	for (size_t i = 0; i < p->pending_n; i++)
		if (sid_eq(p->pending[i].sid, sid))
			return &p->pending[i];
	return NULL;
}

static void pending_drop(struct phone *p, struct sid sid)
{
	struct pending *c = pending_find(p, sid);

	if (c)
		*c = p->pending[--p->pending_n];
}

static int64_t token(struct phone *p)
{
	return ++p->w->last_token;
}

static void client_id(struct phone *p, char ret[NAME_MAX_])
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(NAME_MAX_ - 1);

	buf_fmt(&b, "c%lld", (long long)token(p));
	memcpy(ret, b.p, b.n);
	ret[b.n] = '\0';
}

void phone_init(struct phone *p, struct world *w, int64_t device)
{
	struct rnd *r = &w->rnd;

	*p = (struct phone){ .w = w,
			     .device = device,
			     .key = { "0", "0" },
			     .goal = { 0, (int64_t)rnd_below(r, KEYS) },
			     .keeps = rnd_percent(r, 50),
			     .new_ids = rnd_percent(r, 30),
			     .defers = rnd_percent(r, 30),
			     .remaps = rnd_percent(r, 70),
			     .server_wins = rnd_percent(r, 50) };
}

/* What the user does. */

static void show(struct held *h, const struct body *b)
{
	if (b->has_v)
		h->is.v = b->is.v * 2;
	if (b->has_r)
		h->is.r = b->is.r;
	if (b->has_k)
		h->is.k = b->is.k;
}

static void user_adds(struct phone *p, int f)
{
	struct wish *wish = &p->wishes[f][p->wishes_n[f]++];

	must(p->w, p->wishes_n[f] < COMMANDS_MAX / 2, "the life is too long");
	client_id(p, wish->client_id);
	wish->tag = token(p);
	wish->is = (struct shown){ .v = wish->tag, .k = (int64_t)rnd_below(&p->w->rnd, KEYS) };
	p->w->added[p->w->added_n++] = wish->tag;
}

static void user_thinks_again(struct phone *p, int f)
{
	struct wish *wish = &p->wishes[f][rnd_below(&p->w->rnd, p->wishes_n[f])];

	if (rnd_percent(&p->w->rnd, 50)) {
		p->w->undone[p->w->undone_n++] = wish->tag;
		*wish = p->wishes[f][--p->wishes_n[f]];
	} else if (!p->new_ids) { /* by a new ClientId and a new content nothing could recognise it */
		wish->is.v = token(p);
	}
}

static void user_changes_mind(struct phone *p)
{
	struct pending *c = &p->pending[rnd_below(&p->w->rnd, p->pending_n)];

	if (c->kind == SYNC_DELETE || rnd_percent(&p->w->rnd, 50)) {
		held_put(p, c->sid, c->base);
		pending_drop(p, c->sid);
	} else if (c->body.has_v) {
		c->body.is.v = token(p);
		show(held_find(p, c->sid), &c->body);
	}
}

static void user_edits(struct phone *p, struct held *h)
{
	struct pending *c = &p->pending[p->pending_n++];
	size_t what = rnd_below(&p->w->rnd, 3);

	*c = (struct pending){ .sid = h->sid, .kind = SYNC_CHANGE, .base = h->is };
	c->body.has_r = what == 2;
	c->body.has_v = what != 2;
	c->body.has_k = what == 1;
	c->body.is = (struct shown){ token(p), token(p), (int64_t)rnd_below(&p->w->rnd, KEYS) };
	show(h, &c->body);
}

/* Any item without a command under way; NULL: there is none. */
static struct held *any_free(struct phone *p)
{
	size_t at = p->held_n ? rnd_below(&p->w->rnd, p->held_n) : 0;

	for (size_t i = 0; i < p->held_n; i++) {
		struct held *h = &p->held[(at + i) % p->held_n];

		if (!pending_find(p, h->sid) && !(p->moving && sid_eq(p->move_from, h->sid)))
			return h;
	}
	return NULL;
}

void phone_user(struct phone *p)
{
	size_t chance = rnd_below(&p->w->rnd, 100);
	int f = (int)rnd_below(&p->w->rnd, 2);
	struct held *some = any_free(p);

	if (chance < 25) {
		user_adds(p, f);
	} else if (chance < 35 && p->wishes_n[f]) {
		user_thinks_again(p, f);
	} else if (chance < 50 && p->pending_n) {
		user_changes_mind(p);
	} else if (!some || p->pending_n + 1 >= COMMANDS_MAX / 4) {
		return;
	} else if (chance < 75) {
		user_edits(p, some);
	} else if (chance < 85) {
		p->pending[p->pending_n++] =
			(struct pending){ .sid = some->sid, .kind = SYNC_DELETE, .base = some->is };
	} else if (!p->moving) {
		p->moving = true;
		p->move_from = some->sid;
		p->move_to = 1 - some->sid.f;
	}
}

/* Requests. */

static size_t gather(struct phone *p, int f, struct command *ret)
{
	bool some_later = p->defers && rnd_percent(&p->w->rnd, 40);
	size_t n = 0;

	for (size_t i = 0; i < p->wishes_n[f]; i++) {
		struct wish *wish = &p->wishes[f][i];

		if (p->new_ids)
			client_id(p, wish->client_id);
		if (some_later && rnd_percent(&p->w->rnd, 50))
			continue;
		ret[n] = (struct command){ .kind = SYNC_ADD, .body.is = wish->is, .tag = wish->tag };
		memcpy(ret[n++].client_id, wish->client_id, NAME_MAX_);
	}
	for (size_t i = 0; i < p->pending_n; i++)
		if (p->pending[i].sid.f == f && !(some_later && rnd_percent(&p->w->rnd, 50)))
			ret[n++] = (struct command){ .kind = p->pending[i].kind,
						     .sid = p->pending[i].sid,
						     .body = p->pending[i].body };
	return n;
}

static void begin_again(struct phone *p, int f)
{
	for (size_t i = p->held_n; i-- > 0;)
		if (p->held[i].sid.f == f)
			held_drop(p, p->held[i].sid);
	for (size_t i = p->pending_n; i-- > 0;)
		if (p->pending[i].sid.f == f)
			pending_drop(p, p->pending[i].sid);
}

static void take_response(struct phone *p, int f, const struct response *r)
{
	if (r->command->kind == SYNC_DELETE)
		held_drop(p, r->command->sid);
	if (r->command->kind != SYNC_ADD) {
		pending_drop(p, r->command->sid);
		return;
	}
	must(p->w, !held_find(p, r->sid), "Responses give a ServerId the phone has already");
	for (size_t i = 0; i < p->wishes_n[f]; i++)
		if (strcmp(p->wishes[f][i].client_id, r->command->client_id) == 0) {
			struct shown is = p->wishes[f][i].is;

			is.v *= 2;
			held_put(p, r->sid, is);
			p->wishes[f][i] = p->wishes[f][--p->wishes_n[f]];
			return;
		}
	must(p->w, false, "a response to no command");
}

static void take_change(struct phone *p, const struct entry *e)
{
	struct pending *c = pending_find(p, e->sid);
	struct held *h = held_find(p, e->sid);

	must(p->w, h, "Change of an item the phone has not");
	h->is = e->is;
	if (c && p->keeps) {
		c->base = e->is;
		show(h, &c->body);
	} else {
		pending_drop(p, e->sid);
	}
}

static void take_entry(struct phone *p, const struct entry *e)
{
	switch (e->kind) {
	case FEED_READD: /* a Delete, then an Add */
		pending_drop(p, e->sid);
		held_put(p, e->sid, e->is);
		break;
	case FEED_ADD:
		must(p->w, !held_find(p, e->sid), "Add of an item the phone has");
		held_put(p, e->sid, e->is);
		break;
	case FEED_CHANGE:
		take_change(p, e);
		break;
	case FEED_SOFTDELETE:
		must(p->w, held_find(p, e->sid), "SoftDelete of an item the phone has not");
		/* fallthrough */
	case FEED_DELETE:
		held_drop(p, e->sid);
		pending_drop(p, e->sid);
		break;
	case FEED_END:
		break;
	}
}

/* False: as many are on their way as may be. */
static bool leave_on_its_way(struct phone *p, const struct exchange *x)
{
	for (size_t i = 0; i < countof(p->late); i++) {
		struct late *late = &p->late[i];

		if (late->used)
			continue;
		*late = (struct late){ .used = true, .x = *x };
		memcpy(late->key, x->key, sizeof(late->key));
		memcpy(late->commands, x->commands, x->commands_n * sizeof(*x->commands));
		late->x.key = late->key;
		late->x.commands = late->commands;
		return true;
	}
	return false;
}

void phone_late_arrives(struct phone *p, size_t which)
{
	struct late *late = &p->late[which];

	if (late->used)
		server_sync(p->w, &late->x);
	late->used = false;
}

bool phone_sync(struct phone *p, int f, enum lost lost, bool get, size_t window)
{
	static struct command commands[COMMANDS_MAX];
	static struct exchange x;
	bool begins = strcmp(p->key[f], "0") == 0;

	if (lost == LOST_REQUEST)
		return true;
	x = (struct exchange){ .device = p->device,
			       .f = f,
			       .key = p->key[f],
			       .commands = commands,
			       .commands_n = begins ? 0 : gather(p, f, commands),
			       .get = get,
			       .window = window,
			       .goal = p->goal[f],
			       .filter = p->filter[f],
			       .server_wins = p->server_wins };
	if (lost == LOST_LATE && leave_on_its_way(p, &x))
		return true;
	server_sync(p->w, &x);
	if (lost == LOST_RESPONSE)
		return true;
	must(p->w, x.status != 3, "a phone has to begin again");
	if (begins)
		begin_again(p, f);
	memcpy(p->key[f], x.new_key, sizeof(p->key[f]));
	for (size_t i = 0; i < x.responses_n; i++)
		take_response(p, f, &x.responses[i]);
	for (size_t i = 0; i < x.page_n; i++)
		take_entry(p, &x.page[i]);
	return x.more;
}

void phone_move(struct phone *p, enum lost lost)
{
	struct sid to;
	struct held *h;

	if (!p->moving || lost == LOST_REQUEST || lost == LOST_LATE)
		return;
	int status = server_move(p->w, p->device, p->move_from, p->move_to, &to);
	if (lost == LOST_RESPONSE) {
		p->moving = rnd_percent(&p->w->rnd, 50); /* else it is never retried */
		return;
	}
	p->moving = false;
	h = held_find(p, p->move_from);
	if (status != 3 || !h)
		return;
	struct shown is = h->is;
	held_drop(p, p->move_from);
	pending_drop(p, p->move_from);
	if (p->remaps && !held_find(p, to))
		held_put(p, to, is);
}
