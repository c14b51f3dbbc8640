/*
 * The property of calendars, contacts, tasks and notes: three phones of different versions add, change, delete, fetch and move
 * at random, also single instances of series, in several folders a class that come and go; they answer invitations, wait by Ping
 * and Sync, lose requests and answers, say them again, otherwise, or begin anew, and ask again before the first request is read.
 * Beside them come invitations, updates, cancellations and answers by mail, entries that programs bring or take away, and
 * another user of this server, whom the phones invite and who answers, and a third one, who lends folders to the phones' user. In the end each phone shows what a new phone of its
 * version is shown, each entry is there once, none that was granted is missing, and nobody was told the same twice.
 *
 *	test_class_lives --lives N --first SEED
 */
#include "class_life.h"

#include <base/log.h>

#include <stdio.h>
#include <stdlib.h>

enum { STEPS = 200, BEA = PHONES };

static struct life l;
static unsigned long lives = 6, first = 1;

void life_fail(const struct life *of)
{
	fail_msg(" (the life of seed %lu: --lives 1 --first %lu --trace)", of->seed, of->seed);
	abort();
}

/* ---- a life ---- */

static enum loss any_loss(void)
{
	return rnd_percent(&l.rnd, 75) ? LOSS_NONE : (enum loss)(1 + rnd_below(&l.rnd, LOSS_MAX_ - 1));
}

/* One of cleo's; NULL: none. */
static struct box *any_lent(struct phone *p)
{
	struct box *found = NULL;
	size_t n = 0;

	for (size_t i = 0; i < p->boxes_n; i++)
		if (lent_is_mount(&l, p->boxes[i].folder) && rnd_below(&l.rnd, ++n) == 0)
			found = &p->boxes[i];
	return found;
}

static struct box *any_box(struct phone *p)
{
	/* Of every other life what is lent is the most of it. */
	struct box *lent = l.seed % 2 && p != &l.phones[BEA] && rnd_percent(&l.rnd, 50) ? any_lent(p) : NULL;
	enum class c = rnd_percent(&l.rnd, 40) ? CALENDAR : (enum class)rnd_below(&l.rnd, ENTRY_CLASSES + 1);
	size_t n = phone_boxes_of(p, c);

	if (lent)
		return lent;
	return n ? phone_box_of(p, c, rnd_below(&l.rnd, n)) : NULL;
}

static void a_touch(struct phone *p)
{
	struct box *b = any_box(p);

	if (b)
		user_touches(p, b);
}

static void a_sync(struct phone *p)
{
	static const unsigned windows[] = { 1, 2, 5, 50 };
	struct box *b = any_box(p);

	if (b && !p->stale)
		phone_sync(p, b,
			   (struct sync_how){ .loss = any_loss(),
					      .window = windows[rnd_below(&l.rnd, countof(windows))],
					      .crosses = rnd_percent(&l.rnd, 10) });
	else
		phone_foldersync(p, any_loss());
}

static void a_drag(struct phone *p)
{
	struct box *b;

	for (size_t i = 0; i < 4 && p->moves_n < MOVES_MAX; i++)
		if ((b = any_box(p)))
			user_drags(p, b);
}

static void a_move(struct phone *p)
{
	if (!phone_move(p, any_loss()) && rnd_percent(&l.rnd, 40))
		p->moves_n = 0; /* it is never said again */
}

static void begins_again(struct phone *p)
{
	struct box *b = any_box(p);

	/* What it had not been answered is lost with what it had: it may be there. */
	if (b)
		memcpy(b->key, "0", 2);
}

static void learns_folders(struct phone *p)
{
	phone_foldersync(p, any_loss());
}

static void a_folder(struct phone *p)
{
	if (p->folder_wish.act == FOLDER_ACT_NONE)
		user_wishes_folder(p);
	if (p->folder_wish.act != FOLDER_ACT_NONE && !phone_folder_act(p, any_loss()) && rnd_percent(&l.rnd, 40)) {
		p->folder_wish.act = FOLDER_ACT_NONE;
		phone_foldersync(p, LOSS_NONE);
	}
}

static void an_answer(struct phone *p)
{
	if (!p->meeting_wish.answer)
		user_wishes_answer(p);
	if (p->meeting_wish.answer && !phone_answer(p, any_loss()) && rnd_percent(&l.rnd, 30))
		p->meeting_wish.answer = 0;
}

static void a_fetch(struct phone *p)
{
	struct box *b = any_box(p);

	if (b && b->n && b->c != MAIL)
		phone_fetch(p, b, &b->items[rnd_below(&l.rnd, b->n)]);
}

static void a_wait(struct phone *p)
{
	phone_wait(p, p->version[0] == '2' || rnd_percent(&l.rnd, 50) ? WAITING_PING : WAITING_SYNC);
}

static const struct {
	unsigned weight;
	void (*of_phone)(struct phone *p);
	void (*of_other)(struct life *l);
} kinds[] = {
	{ 60, a_touch, NULL },     { 76, a_sync, NULL },         { 16, a_drag, NULL },       { 16, a_move, NULL },
	{ 3, begins_again, NULL }, { 10, learns_folders, NULL }, { 8, a_folder, NULL },      { 14, an_answer, NULL },
	{ 4, a_fetch, NULL },      { 8, a_wait, NULL },          { 2, phone_hang_up, NULL }, { 10, NULL, other_mail },
	{ 6, NULL, other_import }, { 3, NULL, other_folder },    { 3, NULL, other_removal }, { 8, NULL, post_office },
	{ 7, NULL, other_lends },
};

static void one_step(void)
{
	server_advance(&l.f.server, 1000);
	/* Bea's is one of four, and has less to do. */
	struct phone *p = &l.phones[rnd_percent(&l.rnd, 10) ? BEA : rnd_below(&l.rnd, PHONES)];
	unsigned total = 0;
	size_t at, i = 0;

	for (size_t k = 0; k < countof(kinds); k++)
		total += kinds[k].weight;
	at = rnd_below(&l.rnd, total);
	while (at >= kinds[i].weight)
		at -= kinds[i++].weight;
	if (kinds[i].of_other)
		kinds[i].of_other(&l);
	else if (p != &l.phones[BEA] || i == 1 || i == 7 || i == 5)
		kinds[i].of_phone(p);
	p = &l.phones[rnd_below(&l.rnd, PHONES)];
	if (rnd_percent(&l.rnd, 8))
		phone_checks_wait(p);
	for (size_t k = 0; k < countof(l.phones); k++)
		if (l.phones[k].waiting && phone_is_answered(&l.phones[k]))
			phone_take_held(&l.phones[k], rnd_percent(&l.rnd, 80) ? LOSS_NONE : LOSS_BEFORE);
	arena_reset(&l.f.arena);
	arena_reset(&l.f.phone.arena);
}

/* ---- the whole ---- */

static bool begin_life(void)
{
	static const char *const versions[] = { "2.5", "12.1", "14.1", "16.0", "16.1" };
	bool all_tell = l.seed % 4 == 0; /* phones that let the server tell who is invited */
	size_t at, step;

	l.rnd = (struct rnd){ l.seed };
	memset(l.fates, 0, sizeof(l.fates));
	memset(l.untold, 0, sizeof(l.untold));
	memset(l.kept, 0, sizeof(l.kept));
	l.tokens = 0;
	l.told_n = 0;
	l.posted = 0;
	fixture_start(&l.f);
	for (enum folder_class c = FOLDER_CALENDAR; c < FOLDER_CLASS_MAX_; c++)
		fixture_add_folder(&l.f, "Second", c, FOLDER_ROOT);
	l.bea = server_add_account(&l.f.server, "bea@example.test", "secret");
	lent_begin(&l);
	for (unsigned i = 0; i < 4; i++)
		other_import(&l);
	at = rnd_below(&l.rnd, countof(versions));
	step = 1 + rnd_below(&l.rnd, countof(versions) - 1);
	for (size_t i = 0; i < PHONES; i++) {
		char device[16];

		snprintf(device, sizeof(device), "PHONE%zu", i);
		phone_init(&l.phones[i], &l, versions[all_tell ? 3 + i % 2 : (at + i * step) % countof(versions)],
			   "ann@example.test", device);
		l.phones[i].ghosts = rnd_percent(&l.rnd, 50);
		l.phones[i].remaps = rnd_percent(&l.rnd, 50);
	}
	phone_init(&l.phones[BEA], &l, "16.1", "bea@example.test", "BEA");
	return all_tell;
}

static void live(void)
{
	bool all_tell = begin_life();

	for (unsigned i = 0; i < STEPS; i++)
		one_step();
	life_land(&l);
	for (size_t i = 0; i < countof(l.phones); i++)
		life_compare(&l.phones[i]);
	compare_meetings(&l, all_tell);
	for (size_t i = 0; i < countof(l.phones); i++)
		phone_release(&l.phones[i]);
	fixture_stop(&l.f);
	memset(&l.f, 0, sizeof(l.f));
}

static void all_end_with_the_same_entries(void **unused)
{
	(void)unused;
	for (l.seed = first; l.seed < first + lives; l.seed++)
		live();
	free(l.told);
	l.told = NULL;
	print_message("%lu lives ended equal: %lu Syncs, %lu answers lost, %lu moves, %lu requests that crossed, "
		      "%lu waits, %lu answers to invitations, %lu letters, %lu changes of what is lent, %lu refused\n",
		      lives, l.syncs, l.lost, l.moves, l.crossed, l.waits, l.answers, l.letters, l.lent_changes,
		      l.lent_refusals);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(all_end_with_the_same_entries) };

	log_set_level(LOG_LEVEL_ERROR);
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--trace") == 0)
			l.trace = true;
		else if (i + 1 < argc && strcmp(argv[i], "--lives") == 0)
			lives = strtoul(argv[++i], NULL, 10);
		else if (i + 1 < argc && strcmp(argv[i], "--first") == 0)
			first = strtoul(argv[++i], NULL, 10);
	setvbuf(stdout, NULL, _IONBF, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
