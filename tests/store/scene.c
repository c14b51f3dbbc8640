#include "scene.h"

void scene_open(struct scene *s)
{
	char *no_arguments[] = { "" };

	lives_open(&s->lives, 1, no_arguments, 1);
	s->w = (struct world){ .lives = &s->lives, .calm = true };
	for (int f = 0; f < 2; f++)
		s->w.folder[f] = lives_folder(&s->lives);
}

void scene_close(struct scene *s)
{
	lives_close(&s->lives);
}

struct client client_new(struct scene *s, int64_t device)
{
	return (struct client){ .s = s, .device = device, .key = { "0", "0" }, .window = 20, .goal = FEED_GOAL_ALL };
}

void ask(struct client *c, int f, struct command *commands, size_t n)
{
	c->s->x = (struct exchange){ .device = c->device,
				     .f = f,
				     .key = c->key[f],
				     .commands = commands,
				     .commands_n = n,
				     .get = true,
				     .window = c->window,
				     .goal = c->goal,
				     .filter = c->filter,
				     .server_wins = c->server_wins };
	server_sync(&c->s->w, &c->s->x);
}

void take(struct client *c, int f)
{
	assert_int_equal(c->s->x.status, 1);
	memcpy(c->key[f], c->s->x.new_key, sizeof(c->key[f]));
}

void client_begin(struct client *c, int f)
{
	memcpy(c->key[f], "0", 2);
	do {
		ASK_NOTHING(c, f);
		take(c, f);
	} while (c->s->x.more);
}

struct command add(const char *client_id, int64_t v)
{
	struct command c = { .kind = SYNC_ADD, .body.is = { .v = v, .k = 50 }, .tag = 1 };

	memcpy(c.client_id, client_id, strlen(client_id) + 1);
	return c;
}

struct command change(struct sid sid, int64_t v)
{
	return (struct command){ .kind = SYNC_CHANGE, .sid = sid, .body = { .has_v = true, .is.v = v } };
}

struct command change_read(struct sid sid, int64_t r)
{
	return (struct command){ .kind = SYNC_CHANGE, .sid = sid, .body = { .has_r = true, .is.r = r } };
}

struct command removal(struct sid sid)
{
	return (struct command){ .kind = SYNC_DELETE, .sid = sid };
}

struct sid make(struct scene *s, int f, int64_t key)
{
	struct store_tx *tx = lives_begin(&s->lives, STORE_WRITE);
	struct lives_item item = { .folder = s->w.folder[f], .key = key, .content = ++s->w.last_token };
	struct item made = lives_add(tx, &item);

	lives_commit(&tx);
	return (struct sid){ f, made.id };
}

static void update(struct scene *s, struct sid sid, const struct item_edit *e)
{
	struct store_tx *tx = lives_begin(&s->lives, STORE_WRITE);
	const struct author nobody = AUTHOR_NOBODY;

	assert_ok(item_update(tx, s->w.folder[sid.f], sid.id, e, &nobody));
	lives_commit(&tx);
}

void edit(struct scene *s, struct sid sid)
{
	update(s, sid, &(struct item_edit){ .what = ITEM_EDIT_CONTENT, .size = (uint64_t)++s->w.last_token });
}

void rekey(struct scene *s, struct sid sid, int64_t key)
{
	update(s, sid, &(struct item_edit){ .what = ITEM_EDIT_KEY, .key = key });
}

void expunge(struct scene *s, struct sid sid)
{
	struct store_tx *tx = lives_begin(&s->lives, STORE_WRITE);
	const struct author nobody = AUTHOR_NOBODY;

	assert_ok(item_expunge(tx, s->w.folder[sid.f], sid.id, &nobody));
	lives_commit(&tx);
}

struct sid move(struct scene *s, struct sid sid, int64_t device)
{
	struct sid to;

	assert_int_equal(server_move(&s->w, device, sid, 1 - sid.f, &to), 3);
	return to;
}

size_t count_items(struct scene *s, int f)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 22);
	struct store_tx *tx = lives_begin(&s->lives, STORE_READ);
	struct item *items;
	size_t n;

	assert_ok(item_list(&a, tx, s->w.folder[f], 0, 1000, &items, &n));
	lives_commit(&tx);
	return n;
}

static const char *const kinds[] = {
	[FEED_END] = "end",       [FEED_ADD] = "Add",       [FEED_READD] = "Delete+Add",
	[FEED_CHANGE] = "Change", [FEED_DELETE] = "Delete", [FEED_SOFTDELETE] = "SoftDelete",
};

void assert_page(const struct scene *s, const struct expected *e, size_t n)
{
	for (size_t i = 0; i < s->x.page_n || i < n; i++) {
		if (i >= n)
			fail_msg("entry %zu: %s too many", i, kinds[s->x.page[i].kind]);
		if (i >= s->x.page_n)
			fail_msg("entry %zu: %s is missing", i, kinds[e[i].kind]);
		assert_string_equal(kinds[s->x.page[i].kind], kinds[e[i].kind]);
		assert_true(sid_eq(s->x.page[i].sid, e[i].sid));
	}
}
