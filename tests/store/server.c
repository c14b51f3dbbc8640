/* The server's side of a request, in the transactions that store/sync.h prescribes. */
#include "phones.h"

#include <base/buf.h>

void must(const struct world *w, bool ok, const char *text)
{
	if (!ok)
		fail_msg("seed %lu: %s", w->seed, text);
}

/* A content's new author, where this item got one in the open transaction. */
static void note_written(struct world *w, struct store_tx *tx, int64_t folder, int64_t id)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 16);
	struct item item;

	if (item_get(&a, tx, folder, id, &item) != ERR_OK)
		return;
	for (size_t i = 0; i < w->written_n; i++)
		if (w->written[i].id == id && w->written[i].change == item.content &&
		    w->written[i].who == item.content_by)
			return;
	must(w, w->written_n < countof(w->written), "the life is too long");
	w->written[w->written_n++] = (struct written){ id, item.content_by, item.content };
}

static bool somebody_else_wrote(const struct world *w, int64_t id, const struct author *by)
{
	for (size_t i = 0; i < w->written_n; i++)
		if (w->written[i].id == id && w->written[i].change > by->seen && w->written[i].who != by->device)
			return true;
	return false;
}

static void buf_name(struct buf *b, const struct world *w, const struct command *c)
{
	if (c->kind == SYNC_ADD)
		buf_cstr(b, c->client_id);
	else
		buf_fmt(b, "%lld:%lld", (long long)w->folder[c->sid.f], (long long)c->sid.id);
}

static void buf_body(struct buf *b, const struct command *c)
{
	const struct body *o = &c->body;

	buf_fmt(b, "%d%d%d %lld %lld %lld %lld", o->has_v, o->has_r, o->has_k, (long long)o->is.v, (long long)o->is.r,
		(long long)o->is.k, (long long)c->tag);
}

struct request {
	struct world *w;
	struct exchange *x;
	struct store_tx *tx;
	struct sync_line line;
	struct buf names[COMMANDS_MAX];
	struct sync_command commands[COMMANDS_MAX];
	struct sync_result results[COMMANDS_MAX];
};

static void apply_add(struct request *r, size_t n)
{
	const struct command *c = &r->x->commands[n];
	bool normalised = !r->w->calm && rnd_percent(&r->w->rnd, 20);
	struct lives_item item = { .folder = r->w->folder[r->x->f],
				   .key = c->body.is.k,
				   .content = c->body.is.v * 2 + normalised,
				   .tag = c->tag,
				   .by = sync_line_author(&r->line) };

	item.by.normalised = normalised;
	struct item made = lives_add(r->tx, &item);
	assert_ok(sync_add_settle(r->tx, &r->line, &r->commands[n], &made));
	note_written(r->w, r->tx, item.folder, made.id);
	r->results[n] =
		(struct sync_result){ .status = 1, .folder = made.folder, .item = made.id, .created = made.created };
}

static int apply_change(struct request *r, const struct command *c, const struct item *is)
{
	const struct body *o = &c->body;
	struct author by = sync_line_author(&r->line);
	struct item_edit edit = { .key = o->is.k, .verb = 1, .verb_ms = o->is.r };

	if (o->has_v && r->x->server_wins && item_conflicts(is, &by)) {
		must(r->w, r->w->calm || somebody_else_wrote(r->w, is->id, &by), "a conflict of a device with itself");
		assert_ok(item_refuse(r->tx, is->folder, is->id));
		return 7;
	}
	by.normalised = o->has_v && !r->w->calm && rnd_percent(&r->w->rnd, 20);
	edit.size = (uint64_t)o->is.v * 2 + by.normalised;
	edit.what =
		(o->has_v ? ITEM_EDIT_CONTENT : 0) | (o->has_k ? ITEM_EDIT_KEY : 0) | (o->has_r ? ITEM_EDIT_VERB : 0);
	assert_ok(item_update(r->tx, is->folder, is->id, &edit, &by));
	note_written(r->w, r->tx, is->folder, is->id);
	return 1;
}

static void apply_other(struct request *r, size_t n)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 16);
	const struct command *c = &r->x->commands[n];
	struct author by = sync_line_author(&r->line);
	int64_t folder = r->w->folder[c->sid.f];
	struct sync_result *result = &r->results[n];
	struct item is;

	*result = (struct sync_result){ .status = 8, .folder = folder, .item = c->sid.id };
	if (item_get(&a, r->tx, folder, c->sid.id, &is) != ERR_OK)
		return;
	if (c->kind == SYNC_CHANGE) {
		result->status = apply_change(r, c, &is);
		return;
	}
	r->w->dead[r->w->dead_n++] = is.received_ms;
	assert_ok(item_expunge(r->tx, folder, is.id, &by));
	result->status = 1;
}

static void names_make(struct request *r)
{
	for (size_t i = 0; i < r->x->commands_n; i++) {
		CLEANUP(buf_release) struct buf body = BUF_INIT(1024);

		r->names[i] = BUF_INIT(SYNC_NAME_MAX);
		buf_name(&r->names[i], r->w, &r->x->commands[i]);
		buf_body(&body, &r->x->commands[i]);
		r->commands[i].kind = r->x->commands[i].kind;
		r->commands[i].name = buf_view(&r->names[i]);
		sync_command_hash(&r->commands[i], buf_view(&body));
	}
}

static void phase_a(struct request *r)
{
	size_t n = r->x->commands_n;

	names_make(r);
	assert_ok(sync_commands_begin(r->tx, &r->line, r->commands, n, r->results));
	for (size_t i = 0; i < n; i++) {
		if (r->results[i].answered)
			continue;
		if (r->commands[i].kind == SYNC_ADD)
			apply_add(r, i);
		else
			apply_other(r, i);
	}
	assert_ok(sync_commands_end(r->tx, &r->line, r->commands, n, r->results));
	if (n)
		assert_ok(sync_line_issue(&r->line, sync_line_state(&r->line), STR_EMPTY));
	assert_ok(sync_line_store(r->tx, &r->line));
	for (size_t i = 0; i < n; i++) {
		int f = r->results[i].folder == r->w->folder[0] ? 0 : 1;

		r->x->responses[i] =
			(struct response){ &r->x->commands[i], r->results[i].status, { f, r->results[i].item } };
		buf_release(&r->names[i]);
	}
	r->x->responses_n = n;
}

static void phase_b(struct request *r, struct feed_state *ret)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 20);
	struct exchange *x = r->x;
	struct feed feed;

	*ret = *sync_line_state(&r->line);
	if (!x->get)
		return;
	feed_state_filter(ret, FEED_ITEMS, x->filter, x->goal);
	assert_ok(feed_open(&feed, r->tx, r->w->folder[x->f], x->device, ret));
	while (x->page_n < x->window) {
		struct feed_entry e;

		assert_ok(feed_next(&a, &feed, &e));
		if (e.kind == FEED_END)
			break;
		x->page[x->page_n++] = (struct entry){ e.kind,
						       { x->f, e.item.id },
						       { (int64_t)e.item.size, e.item.verb_ms, e.item.key } };
	}
	x->more = x->page_n >= x->window;
	*ret = feed.state;
}

/* Loads the line and presents the key; false: it is foreign. */
static bool enter(struct request *r, enum store_mode mode)
{
	r->tx = lives_begin(r->w->lives, mode);
	assert_ok(sync_line_load(r->tx, r->x->device, r->w->folder[r->x->f], &r->line));
	return sync_line_present(&r->line, str_of(r->x->key)) != SYNC_FOREIGN;
}

static void key_zero(struct request *r)
{
	uint64_t head;
	struct str key;

	r->tx = lives_begin(r->w->lives, STORE_WRITE);
	assert_ok(sync_line_load(r->tx, r->x->device, r->w->folder[r->x->f], &r->line));
	assert_ok(folder_head(r->tx, r->w->folder[r->x->f], &head));
	struct feed_state st = feed_state_fresh(head);
	assert_ok(sync_line_restart(r->tx, &r->line, &st, STR_EMPTY, &key));
	memcpy(r->x->new_key, key.p, key.n + 1);
	lives_commit(&r->tx);
	r->x->status = 1;
	r->x->more = true;
}

static void phase_c(struct request *r, const struct feed_state *st)
{
	bool answers = r->x->page_n > 0 || r->x->commands_n > 0, due = true;

	if (answers)
		assert_ok(sync_line_issue(&r->line, st, STR_EMPTY));
	else
		assert_ok(sync_line_advance(&r->line, st, STR_EMPTY, LIVES_NOW_MS, &due));
	if (due || (!r->w->calm && rnd_percent(&r->w->rnd, 30))) { /* else lazily: not at all */
		r->tx = lives_begin(r->w->lives, STORE_WRITE);
		assert_ok(sync_line_store(r->tx, &r->line));
		lives_commit(&r->tx);
	}
	r->w->keys_issued += answers;
}

void server_sync(struct world *w, struct exchange *x)
{
	static struct request r;
	struct feed_state st;
	bool known, written = x->commands_n > 0;

	r = (struct request){ .w = w, .x = x };
	if (strcmp(x->key, "0") == 0) {
		key_zero(&r);
		return;
	}
	known = enter(&r, written ? STORE_WRITE : STORE_READ);
	if (known && !written && sync_line_must_write(&r.line)) {
		store_tx_end(&r.tx);
		known = enter(&r, STORE_WRITE);
		written = true;
	}
	x->status = known ? 1 : 3;
	if (!known) {
		store_tx_end(&r.tx);
		return;
	}
	if (written) {
		phase_a(&r);
		lives_commit(&r.tx);
		if (!w->calm && !w->settling && rnd_percent(&w->rnd, 10))
			desktop(w); /* between the transactions */
		r.tx = lives_begin(w->lives, STORE_READ);
	}
	phase_b(&r, &st);
	lives_commit(&r.tx);
	if (!w->calm && !w->settling && rnd_percent(&w->rnd, 10))
		desktop(w);
	phase_c(&r, &st);
	struct str key = sync_line_key(&r.line);
	memcpy(x->new_key, key.p, key.n + 1);
}

int server_move(struct world *w, int64_t device, struct sid from, int to, struct sid *ret)
{
	struct item_move move = { .from = w->folder[from.f], .id = from.id, .to = w->folder[to], .mover = device };
	CLEANUP(store_tx_end) struct store_tx *tx = lives_begin(w->lives, STORE_WRITE);
	enum item_moved moved;
	enum err e = item_move(tx, &move, &moved);

	if (e == ERR_NOT_FOUND)
		return 1;
	assert_ok(e);
	lives_commit(&tx);
	*ret = (struct sid){ to, from.id };
	return 3;
}

bool server_ping(struct world *w, int64_t device, int f, int64_t goal, int32_t filter)
{
	struct store_tx *tx = lives_begin(w->lives, STORE_READ);
	struct sync_line line;
	bool visible;

	assert_ok(sync_line_load(tx, device, w->folder[f], &line));
	struct feed_state st = line.slot[line.slot[SYNC_UNCOMMITTED].used ? SYNC_UNCOMMITTED
					 : line.slot[SYNC_CONFIRMED].used ? SYNC_CONFIRMED
									  : SYNC_FRESH]
				       .state;
	feed_state_filter(&st, FEED_ITEMS, filter, goal);
	assert_ok(feed_visible(tx, w->folder[f], device, &st, &visible));
	lives_commit(&tx);
	return visible;
}

static void desktop_edit(struct world *w, struct store_tx *tx, const struct item *is)
{
	const struct author nobody = AUTHOR_NOBODY;
	size_t what = rnd_below(&w->rnd, 3);
	struct item_edit edit = { .what = what == 1 ? ITEM_EDIT_VERB : ITEM_EDIT_CONTENT,
				  .verb = 1,
				  .verb_ms = ++w->last_token,
				  .size = (uint64_t)++w->last_token * 2,
				  .key = (int64_t)rnd_below(&w->rnd, 100) };

	if (what == 2)
		edit.what |= ITEM_EDIT_KEY;
	assert_ok(item_update(tx, is->folder, is->id, &edit, &nobody));
	note_written(w, tx, is->folder, is->id);
}

void desktop(struct world *w)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 22);
	struct store_tx *tx = lives_begin(w->lives, STORE_WRITE);
	const struct author nobody = AUTHOR_NOBODY;
	size_t chance = rnd_below(&w->rnd, 100), n;
	int f = (int)rnd_below(&w->rnd, 2);
	struct item *items;

	assert_ok(item_list(&a, tx, w->folder[f], 0, HELD_MAX, &items, &n));
	if (chance < 40 || n == 0) {
		struct lives_item item = { .folder = w->folder[f],
					   .key = (int64_t)rnd_below(&w->rnd, 100),
					   .content = ++w->last_token * 2 };
		note_written(w, tx, item.folder, lives_add(tx, &item).id);
	} else {
		const struct item *is = &items[rnd_below(&w->rnd, n)];
		struct item_move move = { .from = is->folder, .id = is->id, .to = w->folder[1 - f] };
		enum item_moved moved;

		if (chance < 75) {
			desktop_edit(w, tx, is);
		} else if (chance < 88) {
			assert_ok(item_move(tx, &move, &moved));
		} else {
			w->dead[w->dead_n++] = is->received_ms;
			assert_ok(item_expunge(tx, is->folder, is->id, &nobody));
		}
	}
	lives_commit(&tx);
}
