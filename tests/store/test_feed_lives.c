/*
 * Property of the change feed (rules 1-3, 11): a mailbox creates, modifies, re-keys, expunges, moves away and back at random,
 * and puts mails into conversations, with text messages (SMS) among them; a phone adds some itself, asks for texts and drops them, reads in small pages, changes its filter, loses responses, and begins
 * again by items or by conversations. In the end it holds exactly what its filter lets through, and on the way there
 * is no Add of an item it has, no Change or SoftDelete of one it has not.
 *
 * MS-ASCMD_R3964, MS-ASCMD_R3967, MS-ASCMD_R3968
 * MS-ASCMD_R2107, MS-ASCMD_R2109, MS-ASCMD_R2110, MS-ASCMD_R2111, MS-ASCMD_R2112, MS-ASCMD_R2113
 */
#include "lives.h"

#include <store/conversation_key.h>

enum { ITEMS_MAX = 1024, KEYS = 100, STEPS = 400, CONVERSATIONS = 60, PHONE = 1 };

struct holding {
	int64_t id, content, key;
	unsigned conversation; /* 0: none */
	bool text;
};
struct holdings {
	struct holding p[ITEMS_MAX];
	size_t n;
};

static struct holding *find(struct holdings *h, int64_t id)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->p[i].id == id)
			return &h->p[i];
	return NULL;
}

static void put(struct holdings *h, struct holding what)
{
	struct holding *there = find(h, what.id);

	assert_true(there || h->n < ITEMS_MAX);
	*(there ? there : &h->p[h->n++]) = what;
}

static void drop(struct holdings *h, struct holding *what)
{
	*what = h->p[--h->n];
}

static struct lives lives;

struct life {
	unsigned long seed;
	struct rnd rnd;
	int64_t folder, elsewhere;
	struct holdings box;  /* what is in the store */
	struct holdings away; /* in the other folder */
	struct holdings phone;
	struct feed_state state;
	int64_t goal, text_goal;
	int64_t filter, text_filter; /* FEED_FILTER_NONE: no texts */
	enum feed_by by;
};

static void modify(struct life *l, struct store_tx *tx, struct holding *item, bool rekey)
{
	struct item_edit edit = { .what = ITEM_EDIT_CONTENT, .size = rnd_next(&l->rnd) >> 1, .key = item->key };
	const struct author nobody = AUTHOR_NOBODY;

	if (rekey) {
		edit.what |= ITEM_EDIT_KEY;
		edit.key = (int64_t)rnd_below(&l->rnd, KEYS);
	}
	assert_ok(item_update(tx, l->folder, item->id, &edit, &nobody));
	item->content = (int64_t)edit.size;
	item->key = edit.key;
}

static struct conversation some_conversation(struct life *l)
{
	return (struct conversation){ .id = { (unsigned char)(1 + rnd_below(&l->rnd, CONVERSATIONS)) } };
}

/* Behind its coming, as mails of an older version. */
static void converse(struct life *l, struct store_tx *tx, struct holding *item)
{
	const struct conversation c = some_conversation(l);

	item->conversation = c.id[0];
	assert_ok(conversation_set(tx, item->id, &c));
}

static void move(struct store_tx *tx, int64_t from, struct holdings *at, int64_t to, struct holdings *there,
		 struct holding *item)
{
	struct item_move m = { .from = from, .id = item->id, .to = to };
	enum item_moved moved;

	assert_ok(item_move(tx, &m, &moved));
	put(there, *item);
	drop(at, item);
}

/* One transaction of somebody's; now and then it does several things to one item. */
static void happen(struct life *l)
{
	const struct author nobody = AUTHOR_NOBODY;
	struct store_tx *tx = lives_begin(&lives, STORE_WRITE);
	size_t chance = rnd_below(&l->rnd, 100), times = rnd_percent(&l->rnd, 30) ? 4 : 1;

	for (size_t i = 0; i < times; i++) {
		struct holding *some = l->box.n ? &l->box.p[rnd_below(&l->rnd, l->box.n)] : NULL;

		if (chance < 45 || !some) {
			struct lives_item item = { .folder = l->folder,
						   .key = (int64_t)rnd_below(&l->rnd, KEYS),
						   .content = (int64_t)(rnd_next(&l->rnd) >> 1) };
			const struct conversation c = some_conversation(l);
			bool own = rnd_percent(&l->rnd, 25), converses = rnd_percent(&l->rnd, 50);

			if (own)
				item.by.device = PHONE;
			if (converses)
				item.conversation = str_from(c.id, sizeof(c.id));
			if (rnd_percent(&l->rnd, 30))
				item.flags = ITEM_TEXT;
			struct item made = lives_add(tx, &item);
			const struct holding is = { made.id, item.content, item.key, 0, item.flags & ITEM_TEXT };

			put(&l->box, is);
			if (own)
				put(&l->phone, is);
			if (converses)
				find(&l->box, made.id)->conversation = c.id[0];
			else if (rnd_percent(&l->rnd, 60))
				converse(l, tx, find(&l->box, made.id));
			if (rnd_percent(&l->rnd, 10))
				modify(l, tx, find(&l->box, made.id), true);
		} else if (chance < 80) {
			modify(l, tx, some, chance >= 70);
		} else if (chance < 83) {
			if (!some->conversation)
				converse(l, tx, some);
		} else if (chance < 88) {
			move(tx, l->folder, &l->box, l->elsewhere, &l->away, some);
		} else if (chance < 92) {
			if (l->away.n)
				move(tx, l->elsewhere, &l->away, l->folder, &l->box,
				     &l->away.p[rnd_below(&l->rnd, l->away.n)]);
		} else {
			assert_ok(item_expunge(tx, l->folder, some->id, &nobody));
			drop(&l->box, some);
			break;
		}
	}
	lives_commit(&tx);
}

static void apply(struct life *l, const struct feed_entry *e)
{
	struct holding what = { e->item.id, (int64_t)e->item.size, e->item.key, 0, false },
		       *had = find(&l->phone, e->item.id);

	switch (e->kind) {
	case FEED_ADD:
		if (had)
			fail_msg("seed %lu: Add of an item the phone has", l->seed);
		put(&l->phone, what);
		break;
	case FEED_CHANGE:
		if (!had)
			fail_msg("seed %lu: Change of an item the phone has not", l->seed);
		*had = what;
		break;
	case FEED_SOFTDELETE:
		if (!had)
			fail_msg("seed %lu: SoftDelete of an item the phone has not", l->seed);
		drop(&l->phone, had);
		break;
	case FEED_DELETE: /* of an unknown item it is harmless */
		if (had)
			drop(&l->phone, had);
		break;
	case FEED_READD:
	case FEED_END:
		fail_msg("seed %lu: nobody moved anything", l->seed);
	}
}

/* One response of at most `window` entries; the last one may turn out not to fit. */
static size_t page(struct life *l, size_t window)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 20);
	struct store_tx *tx = lives_begin(&lives, STORE_READ);
	uint64_t budget = UINT64_MAX, count;
	struct feed feed;
	size_t n = 0;

	feed_state_filter(&l->state, FEED_ITEMS, l->filter, l->goal);
	feed_state_filter(&l->state, FEED_TEXTS, l->text_filter, l->text_goal);
	assert_ok(feed_open(&feed, tx, l->folder, PHONE, &l->state));
	assert_ok(feed_count(&feed, &budget, &count));
	while (n < window) {
		struct feed_state before = feed.state;
		struct feed_entry entry;

		if (n > count)
			fail_msg("seed %lu: more than the %lu entries that were counted", l->seed,
				 (unsigned long)count);
		assert_ok(feed_next(&a, &feed, &entry));
		if (entry.kind == FEED_END && n != count)
			fail_msg("seed %lu: %zu entries, %lu were counted", l->seed, n, (unsigned long)count);
		if (entry.kind == FEED_END)
			break;
		if (n > 0 && rnd_percent(&l->rnd, 10)) {
			feed.state = before;
			break;
		}
		apply(l, &entry);
		n++;
	}
	l->state = feed.state;
	lives_commit(&tx);
	return n;
}

static void check_visible(struct life *l, bool expected)
{
	struct store_tx *tx = lives_begin(&lives, STORE_READ);
	bool visible;

	assert_ok(feed_visible(tx, l->folder, PHONE, &l->state, &visible));
	if (visible && !expected)
		fail_msg("seed %lu: something is visible after the last page", l->seed);
	lives_commit(&tx);
}

static bool is_inside(const struct life *l, const struct holding *is)
{
	int64_t key = is->key;

	for (size_t i = 0; i < l->box.n && l->by == FEED_BY_CONVERSATION && is->conversation; i++)
		if (l->box.p[i].conversation == is->conversation && l->box.p[i].key > key)
			key = l->box.p[i].key;
	if (is->text && l->text_filter == FEED_FILTER_NONE)
		return false;
	return key >= (is->text ? l->text_goal : l->goal);
}

/* From key 0; by conversations where it wants so. */
static void begin(struct life *l)
{
	struct store_tx *tx = lives_begin(&lives, STORE_WRITE);
	uint64_t head;

	assert_ok(folder_head(tx, l->folder, &head));
	l->phone.n = 0;
	l->by = rnd_percent(&l->rnd, 60) ? FEED_BY_CONVERSATION : FEED_BY_ITEM;
	if (l->by == FEED_BY_CONVERSATION)
		assert_ok(conversation_keys_begin(tx, l->folder));
	l->state = feed_state_fresh(head);
	assert_true(feed_state_by(&l->state, l->by));
	lives_commit(&tx);
}

static void settle(struct life *l)
{
	for (unsigned pages = 0; page(l, 50) > 0; pages++)
		if (pages > 600)
			fail_msg("seed %lu: a sync without end", l->seed);
	check_visible(l, false);
	for (size_t i = 0; i < l->box.n; i++) {
		const struct holding *is = &l->box.p[i], *had = find(&l->phone, is->id);
		bool inside = is_inside(l, is);

		if (inside != !!had || (had && had->content != is->content))
			fail_msg("seed %lu: item %lld differs", l->seed, (long long)is->id);
		if (had)
			drop(&l->phone, find(&l->phone, is->id));
	}
	if (l->phone.n)
		fail_msg("seed %lu: the phone holds what is gone", l->seed);
}

/* Asks for other texts than before, or for none. */
static void choose_texts(struct life *l)
{
	l->text_filter = FEED_FILTER_NONE;
	l->text_goal = FEED_GOAL_NONE;
	if (rnd_percent(&l->rnd, 40))
		return;
	l->text_filter = (int64_t)rnd_below(&l->rnd, KEYS);
	l->text_goal = rnd_percent(&l->rnd, 30) ? FEED_GOAL_ALL : l->text_filter;
}

static void live(unsigned long seed)
{
	static struct life l;

	l = (struct life){ .seed = seed, .rnd = { seed }, .folder = lives_folder(&lives) };
	choose_texts(&l);
	l.elsewhere = lives_folder(&lives);
	struct feed_state before;
	static struct holdings phone_before;
	size_t unseen = rnd_below(&l.rnd, 40);

	/* Some mails are there before the phone is: its first sync begins at the head, with low above everything. */
	for (size_t i = 0; i < unseen; i++)
		happen(&l);
	begin(&l);
	for (int i = 0; i < STEPS; i++) {
		size_t chance = rnd_below(&l.rnd, 100);

		if (chance < 70) {
			if (l.box.n < ITEMS_MAX - 8)
				happen(&l);
		} else if (rnd_percent(&l.rnd, 2)) {
			begin(&l);
		} else if (chance < 75) {
			l.goal = (int64_t)rnd_below(&l.rnd, KEYS);
			l.filter++;
		} else if (chance < 78) {
			choose_texts(&l);
		} else {
			static const size_t windows[] = { 1, 3, 10 };

			before = l.state;
			phone_before = l.phone;
			page(&l, windows[rnd_below(&l.rnd, 3)]);
			if (rnd_percent(&l.rnd, 20)) {
				l.state = before;
				l.phone = phone_before;
			}
		}
	}
	settle(&l);
	lives_folder_end(&lives, l.folder);
	lives_folder_end(&lives, l.elsewhere);
}

static void every_life_converges(void **unused)
{
	(void)unused;
	for (unsigned long i = 0; i < lives.n; i++)
		live(lives.first + i);
	print_message("%lu random lives converged\n", lives.n);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_life_converges) };

	lives_open(&lives, argc, argv, 40);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	lives_close(&lives);
	return failed;
}
