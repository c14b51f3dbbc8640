/*
 * The replay matrix: every command that is the phone's or the server's to lose, in every version, with the connection
 * cut before, at half of and after its answer, and asked again with the same body, a changed one, with less and with
 * more; in the end the phone, another phone and the store are equal. And lives that once ended otherwise, by name.
 *
 *	test_replay           each row and version with one of the cuts
 *	test_replay --all     with each
 */
#include "matrix.h"

#include <base/log.h>

static const enum eas_version versions[] = { EAS_2_5, EAS_12_0, EAS_12_1, EAS_14_0, EAS_14_1, EAS_16_0, EAS_16_1 };
static const char *const again_names[AGAIN_MAX_] = { "the same", "changed", "with less", "with more" };

static struct world w;
static unsigned long scenes;
static bool all;

static void sync_all(struct phone *p, unsigned window)
{
	int64_t folders[FOLDERS_MAX];
	struct sync_wish wish = { .folders = folders, .window = window };

	for (wish.n = 0; wish.n < p->boxes_n; wish.n++)
		folders[wish.n] = p->boxes[wish.n].id;
	phone_sync(p, &wish, LOSS_NONE);
}

/* Two phones that hold four mails; of the news since, the first has heard nothing. */
static void begin(struct scene *s, enum eas_version version)
{
	struct rnd rnd = { 0 };
	struct mail *mails;

	world_begin_life(&w, ++scenes, &rnd, 2);
	*s = (struct scene){ .w = &w,
			     .inbox = fixture_role(&w.f, FOLDER_INBOX),
			     .sent = fixture_role(&w.f, FOLDER_SENT),
			     .deleted = fixture_role(&w.f, FOLDER_DELETED),
			     .window = 50,
			     .pings = 1 };
	phone_set_version(&w.phones[0], version);
	for (size_t i = 0; i < SCENE_MAILS; i++)
		world_deliver(&w, s->inbox, 0);
	assert_int_equal(world_mails(&w, s->inbox, &mails), SCENE_MAILS);
	for (size_t i = 0; i < SCENE_MAILS; i++) {
		s->mails[i] = mails[i].id;
		s->received_ms[i] = mails[i].received_ms;
	}
	for (size_t i = 0; i < w.phones_n; i++) {
		phone_foldersync(&w.phones[i], LOSS_NONE, NULL);
		for (int round = 0; round < 3; round++)
			sync_all(&w.phones[i], 50);
	}
	world_deliver(&w, s->inbox, 0);
	world_deliver(&w, s->inbox, 0);
	world_deliver(&w, s->sent, 0);
	mails[3].is.categories = 1;
	world_edit(&w, s->inbox, s->mails[3], &mails[3].is);
	world_expunge(&w, s->inbox, s->mails[2]);
	s->mails[2] = s->mails[3];
	s->received_ms[2] = s->received_ms[3];
}

static void one_cell(const struct row *row, enum eas_version version, enum loss loss, enum again again)
{
	struct scene s;

	begin(&s, version);
	world_log(&w, "---- %s, version " STR_FMT "%s, asked again %s", row->what, STR_ARG(eas_version_text(version)),
		  loss_names[loss], again_names[again]);
	row->prepare(&s);
	must(&w, !row->ask(&s, loss), "the answer was to be lost");
	/* The other phone has heard of it, and everybody goes on, before the first asks again. */
	sync_all(&w.phones[1], 50);
	world_deliver(&w, s.inbox, 0);
	s.repeats = true;
	row->again[again](&s);
	row->ask(&s, LOSS_NONE);
	life_settle(&w);
	world_end_life(&w);
	arena_reset(&w.f.arena);
}

static void cells_of(const struct row *row, enum eas_version version, enum loss loss)
{
	for (enum again again = 0; again < AGAIN_MAX_; again++)
		if (row->again[again])
			one_cell(row, version, loss, again);
}

/* Without --all one cut for each row and version, another one for the next. */
static void cells_of_all(const struct row *list, size_t n)
{
	enum { CUTS = LOSS_MAX_ - LOSS_BEFORE };

	for (size_t r = 0; r < n; r++)
		for (size_t v = 0; v < countof(versions); v++)
			for (unsigned cut = 0; cut < CUTS; cut++)
				if (versions[v] >= list[r].from && (all || (r + v) % CUTS == cut))
					cells_of(&list[r], versions[v], (enum loss)(LOSS_BEFORE + cut));
}

static void whatever_is_lost_and_said_again_all_end_equal(void **unused)
{
	(void)unused;
	cells_of_all(rows, rows_n);
	print_message("%lu cells\n", scenes);
}

/* What changes no mail may be asked for as often as a phone likes: the answer is right, and nothing else comes of it. */
static void what_changes_no_mail_is_answered_as_often_as_it_is_asked(void **unused)
{
	unsigned long before = scenes;

	(void)unused;
	w.attaches = true;
	cells_of_all(read_rows, read_rows_n);
	w.attaches = false;
	print_message("%lu cells\n", scenes - before);
}

/* ---- lives that once ended otherwise ---- */

/*
 * A window left an old mail for later, a day went by, and it is outside the filter now: Sync brings it no more, so that
 * Ping must not tell of it.
 */
static void what_has_aged_out_of_the_filter_is_no_news(void **unused)
{
	struct scene s;
	struct sync_wish wish = { .folders = &s.inbox, .n = 1, .window = 1 };
	struct phone *p;

	(void)unused;
	begin(&s, EAS_14_1);
	p = &w.phones[0];
	for (int i = 0; i < 3; i++)
		sync_all(p, 50);
	world_deliver(&w, s.inbox, INT64_C(48) * 3600 * 1000);
	memcpy(phone_box(p, s.inbox)->key, "0", 2);
	phone_box(p, s.inbox)->filter = 2;
	phone_sync(p, &wish, LOSS_NONE);
	phone_sync(p, &wish, LOSS_NONE);
	assert_true(phone_box(p, s.inbox)->more);
	world_advance(&w, INT64_C(10) * 24 * 3600 * 1000);
	assert_int_equal(life_ping(p, &s.inbox, 1, false), 0);
	life_settle(&w);
	world_end_life(&w);
}

/*
 * A phone that begins again holds nothing: everything is news to it, though the line that it had before, which stands
 * until the new key is used, knows of none.
 */
static void a_ping_after_key_0_tells_of_all_that_is_to_come(void **unused)
{
	struct scene s;
	struct sync_wish wish = { .folders = &s.inbox, .n = 1, .window = 50 };
	struct phone *p;

	(void)unused;
	begin(&s, EAS_16_0);
	p = &w.phones[0];
	for (int i = 0; i < 3; i++)
		sync_all(p, 50);
	assert_int_equal(life_ping(p, &s.inbox, 1, false), 0);
	memcpy(phone_box(p, s.inbox)->key, "0", 2);
	phone_sync(p, &wish, LOSS_NONE);
	assert_int_equal(life_ping(p, &s.inbox, 1, false), 2);
	assert_int_equal(life_ping(p, &s.inbox, 1, false), 0);
	life_settle(&w);
	world_end_life(&w);
}

/* The filter that came with key 0 is asked by from the beginning. */
static void a_ping_before_the_first_page_keeps_to_the_filter(void **unused)
{
	struct scene s;
	struct sync_wish wish = { .folders = &s.sent, .n = 1, .no_changes = true };
	struct phone *p;

	(void)unused;
	begin(&s, EAS_12_1);
	p = &w.phones[0];
	memcpy(phone_box(p, s.sent)->key, "0", 2);
	phone_box(p, s.sent)->filter = 1;
	world_advance(&w, INT64_C(2) * 24 * 3600 * 1000);
	phone_sync(p, &wish, LOSS_NONE);
	phone_sync(p, &wish, LOSS_NONE);
	assert_int_equal(life_ping(p, &s.sent, 1, false), 0);
	life_settle(&w);
	world_end_life(&w);
}

/* Another filter may come with a request that wants no changes. */
static void a_filter_that_came_without_changes_is_kept_to(void **unused)
{
	struct scene s;
	struct sync_wish wish = { .folders = &s.sent, .n = 1, .no_changes = true };
	struct phone *p;

	(void)unused;
	begin(&s, EAS_16_1);
	p = &w.phones[0];
	memcpy(phone_box(p, s.sent)->key, "0", 2);
	phone_sync(p, &wish, LOSS_NONE);
	phone_box(p, s.sent)->filter = 1;
	world_advance(&w, INT64_C(2) * 24 * 3600 * 1000);
	phone_sync(p, &wish, LOSS_NONE);
	assert_int_equal(life_ping(p, &s.sent, 1, false), 0);
	life_settle(&w);
	world_end_life(&w);
}

/*
 * Folders that share a place of the table of answers push each other out with every request. One Sync for nothing is
 * what that may cost, not one after each Ping for ever.
 */
static void what_was_forgotten_wakes_a_phone_once(void **unused)
{
	struct scene s;
	struct phone *p;

	(void)unused;
	begin(&s, EAS_14_0);
	p = &w.phones[0];
	sync_all(p, 50);
	fixture_add_folder(&w.f, "Folder", FOLDER_MAIL, FOLDER_ROOT);
	phone_foldersync(p, LOSS_NONE, NULL);
	world_forgets(&w, p->device, s.inbox);
	world_forgets(&w, p->device, FOLDER_ROOT);
	assert_int_equal(life_ping(p, &s.inbox, 1, false), 7);
	world_forgets(&w, p->device, FOLDER_ROOT);
	assert_int_equal(life_ping(p, &s.inbox, 1, false), 2);
	world_forgets(&w, p->device, s.inbox);
	assert_int_equal(life_ping(p, &s.inbox, 1, false), 0);
	life_settle(&w);
	world_end_life(&w);
}

/*
 * A process that has just begun does not know whether its predecessor's last answer arrived. What that answer brought and
 * what has gone since is none for a phone that never got it, and a Delete for the one that did.
 */
static void what_came_and_went_is_told_after_a_restart(void **unused)
{
	struct scene s;
	struct mail *mails;
	struct phone *p;
	size_t n;

	(void)unused;
	begin(&s, EAS_16_1);
	p = &w.phones[0];
	for (int i = 0; i < 3; i++)
		sync_all(p, 50);
	world_deliver(&w, s.inbox, 0);
	n = world_mails(&w, s.inbox, &mails);
	sync_all(p, 50);
	world_expunge(&w, s.inbox, mails[n - 1].id);
	world_restart(&w);
	assert_int_equal(life_ping(p, &s.inbox, 1, false), 2);
	assert_int_equal(life_ping(p, &s.inbox, 1, false), 0);
	life_settle(&w);
	world_end_life(&w);
}

static int open_world(void **unused)
{
	(void)unused;
	world_open(&w);
	return 0;
}

static int close_world(void **unused)
{
	(void)unused;
	world_close(&w);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_is_lost_and_said_again_all_end_equal),
		cmocka_unit_test(what_changes_no_mail_is_answered_as_often_as_it_is_asked),
		cmocka_unit_test(what_has_aged_out_of_the_filter_is_no_news),
		cmocka_unit_test(a_ping_after_key_0_tells_of_all_that_is_to_come),
		cmocka_unit_test(a_ping_before_the_first_page_keeps_to_the_filter),
		cmocka_unit_test(a_filter_that_came_without_changes_is_kept_to),
		cmocka_unit_test(what_was_forgotten_wakes_a_phone_once),
		cmocka_unit_test(what_came_and_went_is_told_after_a_restart),
	};

	all = argc > 1 && strcmp(argv[1], "--all") == 0;
	log_set_level(LOG_LEVEL_WARN);
	return cmocka_run_group_tests(tests, open_world, close_world);
}
