/*
 * Property of the client's commands (rules 4-6, 8-10): up to three phones and a desktop share two folders, one of them
 * filtered. Requests and responses are lost, or arrive behind those that were made instead; phones retry, add, change,
 * undo and defer commands, move items, or begin again with key 0. In the end every phone holds exactly what its filter
 * lets through, what a user added stands in the store once, and no phone was told to begin again.
 */
#include "phones.h"

#include <stdlib.h>

enum { STEPS = 150 };

static struct lives lives;
static struct world w;
static struct phone phones[PHONES_MAX];
static size_t phones_n;

static void step(void)
{
	static const size_t windows[] = { 1, 2, 10 };
	struct phone *p = &phones[rnd_below(&w.rnd, phones_n)];
	static const enum lost fates[] = { LOST_NOTHING, LOST_NOTHING,  LOST_NOTHING,  LOST_NOTHING,
					   LOST_REQUEST, LOST_RESPONSE, LOST_RESPONSE, LOST_LATE };
	size_t chance = rnd_below(&w.rnd, 100);
	int f = (int)rnd_below(&w.rnd, 2);
	enum lost lost = fates[rnd_below(&w.rnd, countof(fates))];

	phone_late_arrives(p, rnd_below(&w.rnd, countof(p->late)));
	if (chance < 20) {
		desktop(&w);
	} else if (chance < 50) {
		phone_user(p);
	} else if (chance < 53) {
		p->goal[1] = (int64_t)rnd_below(&w.rnd, 100);
		p->filter[1]++;
	} else if (chance < 55) {
		memcpy(p->key[f], "0", 2);
	} else if (chance < 65) {
		phone_move(p, lost);
	} else {
		bool get = rnd_percent(&w.rnd, 80);

		phone_sync(p, f, lost, get, windows[rnd_below(&w.rnd, 3)]);
	}
}

/* Everything lands: until there is no more, no pending command, and a key. */
static void sync_whole(struct phone *p, int f)
{
	for (unsigned n = 0;; n++) {
		bool more = phone_sync(p, f, LOST_NOTHING, true, 50);

		if (!more && strcmp(p->key[f], "0") != 0 && p->wishes_n[f] == 0)
			return;
		must(&w, n < 60, "a sync without end");
	}
}

static void ping_until_quiet(struct phone *p, int f)
{
	for (unsigned n = 0; server_ping(&w, p->device, f, p->goal[f], p->filter[f]); n++) {
		unsigned before = w.keys_issued;

		must(&w, n < 39, "Ping answers 2 for ever");
		phone_sync(p, f, LOST_NOTHING, true, 50);
		must(&w, w.keys_issued > before, "Ping answers 2 and Sync has nothing");
	}
}

static void compare(struct phone *p, int f, const struct item *items, size_t n)
{
	size_t inside = 0, held = 0;

	for (size_t i = 0; i < n; i++) {
		const struct held *h = phone_find(p, (struct sid){ f, items[i].id });

		if (items[i].key < p->goal[f])
			continue;
		inside++;
		must(&w, h, "an item is missing on a phone");
		must(&w, h->is.v == (int64_t)items[i].size && h->is.r == items[i].verb_ms && h->is.k == items[i].key,
		     "an item differs on a phone");
	}
	for (size_t i = 0; i < p->held_n; i++)
		held += p->held[i].sid.f == f;
	must(&w, held == inside, "a phone holds what it should not");
}

static int by_value(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return (a > b) - (a < b);
}

static bool among(int64_t tag, const int64_t *tags, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (tags[i] == tag)
			return true;
	return false;
}

static void check_added(int64_t *tags, size_t n)
{
	qsort(tags, n, sizeof(*tags), by_value);
	for (size_t i = 1; i < n; i++)
		must(&w, tags[i] != tags[i - 1], "an added item is doubled in the store");
	for (size_t i = 0; i < w.added_n; i++)
		must(&w,
		     among(w.added[i], tags, n) || among(w.added[i], w.undone, w.undone_n) ||
			     among(w.added[i], w.dead, w.dead_n),
		     "an added item is lost from the store");
}

static void check(void)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 22);
	struct store_tx *tx = lives_begin(&lives, STORE_READ);
	static int64_t tags[2 * HELD_MAX];
	size_t tags_n = 0;

	for (int f = 0; f < 2; f++) {
		struct item *items;
		size_t n;

		assert_ok(item_list(&a, tx, w.folder[f], 0, HELD_MAX, &items, &n));
		for (size_t i = 0; i < phones_n; i++)
			compare(&phones[i], f, items, n);
		for (size_t i = 0; i < n; i++)
			if (items[i].received_ms)
				tags[tags_n++] = items[i].received_ms;
	}
	lives_commit(&tx);
	check_added(tags, tags_n);
}

static void settle(void)
{
	w.settling = true;
	for (size_t i = 0; i < phones_n; i++) {
		phones[i].defers = false;
		for (size_t k = 0; k < countof(phones[i].late); k++)
			phone_late_arrives(&phones[i], k);
	}
	for (int round = 0; round < 6; round++)
		for (size_t i = 0; i < phones_n; i++) {
			phone_move(&phones[i], LOST_NOTHING);
			sync_whole(&phones[i], 0);
			sync_whole(&phones[i], 1);
		}
	for (size_t i = 0; i < phones_n; i++) {
		ping_until_quiet(&phones[i], 0);
		ping_until_quiet(&phones[i], 1);
		must(&w, phones[i].pending_n == 0, "commands are still pending");
	}
	check();
}

static void live(unsigned long seed)
{
	w = (struct world){ .lives = &lives, .seed = seed, .rnd = { seed } };
	for (int f = 0; f < 2; f++)
		w.folder[f] = lives_folder(&lives);
	phones_n = 1 + rnd_below(&w.rnd, PHONES_MAX);
	for (size_t i = 0; i < phones_n; i++)
		phone_init(&phones[i], &w, (int64_t)i + 1);
	for (int i = 0; i < STEPS; i++)
		step();
	settle();
	for (int f = 0; f < 2; f++)
		lives_folder_end(&lives, w.folder[f]);
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

	lives_open(&lives, argc, argv, 300);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	lives_close(&lives);
	return failed;
}
