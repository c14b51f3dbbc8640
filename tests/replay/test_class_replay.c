/*
 * The replay matrix of calendars, contacts, tasks and notes: what a phone asks, in every version, with the connection cut before, at
 * half of and after its answer, and asked again with the same, with other words, with less, with more, and from key 0; in the
 * end the phone, another one and the store are equal, and nobody was told the same twice.
 *
 *	test_class_replay           each row with one version and cut
 *	test_class_replay --all     with each
 */
#include "class_life.h"

#include <base/log.h>

#include <stdio.h>
#include <stdlib.h>

static const char *const versions[] = { "2.5", "12.0", "12.1", "14.0", "14.1", "16.0", "16.1" };
enum again { AGAIN_SAME, AGAIN_CHANGED, AGAIN_LESS, AGAIN_MORE, AGAIN_KEY_0, AGAIN_MAX_ };
static const char *const again_names[] = { "the same", "changed", "with less", "with more", "from key 0" };

static struct life l;
static unsigned long cells;
static const char *cell;

void life_fail(const struct life *of)
{
	(void)of;
	fail_msg(" (%s)", cell);
	abort();
}

static struct phone *asker(void)
{
	return &l.phones[0];
}

static struct box *first_box(enum class c)
{
	return phone_box_of(asker(), c, 0);
}

/* ---- what is asked ---- */

static bool is_lost(int told)
{
	return told < 0;
}

static bool ask_sync(enum class c, enum loss loss)
{
	return is_lost(phone_sync(asker(), first_box(c), (struct sync_how){ .loss = loss, .window = 50 }));
}

static bool ask_move(enum class c, enum loss loss)
{
	(void)c;
	return !phone_move(asker(), loss);
}

static bool ask_folder(enum class c, enum loss loss)
{
	(void)c;
	return asker()->folder_wish.act != FOLDER_ACT_NONE && !phone_folder_act(asker(), loss);
}

static bool ask_answer(enum class c, enum loss loss)
{
	(void)c;
	return asker()->meeting_wish.answer && !phone_answer(asker(), loss);
}

/* ---- what it is about ---- */

static void add_two(enum class c)
{
	user_adds(asker(), first_box(c));
	user_adds(asker(), first_box(c));
}

static void edit_two(enum class c)
{
	struct box *b = first_box(c);

	user_edits(asker(), b, &b->items[0]);
	user_edits(asker(), b, &b->items[1]);
}

static void delete_two(enum class c)
{
	struct box *b = first_box(c);

	box_pend(b, DELETE, b->items[0].id);
	box_pend(b, DELETE, b->items[1].id);
}

static void fetch_two(enum class c)
{
	struct box *b = first_box(c);

	box_pend(b, FETCH, b->items[0].id);
	box_pend(b, FETCH, b->items[1].id);
}

static void drag(enum class c, size_t nth)
{
	struct box *b = first_box(c);
	struct moving *m = &asker()->moves[asker()->moves_n++];

	*m = (struct moving){ .from = b->folder, .to = phone_box_of(asker(), c, 1)->folder };
	snprintf(m->id, sizeof(m->id), "%s", b->items[nth].id);
}

static void drag_two(enum class c)
{
	drag(c, 0);
	drag(c, 1);
}

static void wish_folder(enum folder_act act, enum class c)
{
	static const unsigned types[ENTRY_CLASSES] = { 13, 14, 15, 17 };
	struct folder_wish *w = &asker()->folder_wish;

	*w = (struct folder_wish){ .act = act, .type = types[c], .id = phone_box_of(asker(), c, 1)->folder };
	snprintf(w->name, sizeof(w->name), "Mine");
}

static void make_folder(enum class c)
{
	wish_folder(FOLDER_ACT_CREATE, c);
}

static void rename_folder(enum class c)
{
	wish_folder(FOLDER_ACT_UPDATE, c);
}

static void delete_folder(enum class c)
{
	wish_folder(FOLDER_ACT_DELETE, c);
}

static void accepts(enum class c)
{
	struct box *b = phone_box_of(asker(), MAIL, 0);
	struct meeting_wish *w = &asker()->meeting_wish;

	(void)c;
	assert_true(b->n > 0);
	*w = (struct meeting_wish){ .folder = b->folder, .answer = 1 };
	snprintf(w->id, sizeof(w->id), "%s", b->items[0].id);
}

/* ---- how it is asked again ---- */

static void other_words(enum class c)
{
	struct box *b = first_box(c);
	struct pending was = b->pending[0];

	b->pending[0] = b->pending[--b->pending_n];
	if (was.kind == ADD)
		user_adds(asker(), b); /* under another ClientId, since the user wrote another one */
	else if (was.kind == CHANGE)
		box_pend(b, DELETE, was.id);
	else
		user_edits(asker(), b, box_find(b, was.id));
}

static void one_less(enum class c)
{
	struct box *b = first_box(c);

	b->pending[0] = b->pending[--b->pending_n];
}

static void one_more(enum class c)
{
	user_adds(asker(), first_box(c));
}

static void from_key_0(enum class c)
{
	memcpy(first_box(c)->key, "0", 2);
}

static void elsewhere(enum class c)
{
	(void)c;
	asker()->moves[0].to = asker()->moves[0].from; /* it stays after all: MS-ASCMD_R4219 */
	asker()->moves[0] = asker()->moves[--asker()->moves_n];
}

static void third_goes_too(enum class c)
{
	drag(c, 2);
}

static void another_name(enum class c)
{
	(void)c;
	snprintf(asker()->folder_wish.name, sizeof(asker()->folder_wish.name), "Other");
}

static void folders_from_key_0(enum class c)
{
	(void)c;
	asker()->folder_wish.act = FOLDER_ACT_NONE;
	memcpy(asker()->hierarchy_key, "0", 2);
}

static void declines(enum class c)
{
	(void)c;
	asker()->meeting_wish.answer = 3;
}

static void nothing(enum class c)
{
	(void)c;
}

static const struct row {
	const char *what;
	void (*prepare)(enum class c);
	bool (*ask)(enum class c, enum loss loss);
	void (*again[AGAIN_MAX_])(enum class c);
	bool once; /* of the calendar alone */
} rows[] = {
	{ "Add", add_two, ask_sync, { nothing, other_words, one_less, one_more, from_key_0 }, false },
	{ "Change", edit_two, ask_sync, { nothing, other_words, one_less, one_more, from_key_0 }, false },
	{ "Delete", delete_two, ask_sync, { nothing, other_words, one_less, one_more, from_key_0 }, false },
	{ "Fetch", fetch_two, ask_sync, { nothing, NULL, one_less, one_more, from_key_0 }, false },
	{ "MoveItems", drag_two, ask_move, { nothing, NULL, elsewhere, third_goes_too, from_key_0 }, false },
	{ "FolderCreate", make_folder, ask_folder, { nothing, another_name, NULL, NULL, folders_from_key_0 }, false },
	{ "FolderUpdate", rename_folder, ask_folder, { nothing, another_name, NULL, NULL, folders_from_key_0 }, false },
	{ "FolderDelete", delete_folder, ask_folder, { nothing, NULL, NULL, NULL, folders_from_key_0 }, false },
	{ "MeetingResponse", accepts, ask_answer, { nothing, declines, NULL, NULL, NULL }, true },
};

/* ---- a cell ---- */

static void begin(const char *version, bool remaps)
{
	memset(l.fates, 0, sizeof(l.fates));
	memset(l.kept, 0, sizeof(l.kept));
	memset(l.untold, 0, sizeof(l.untold));
	l.rnd = (struct rnd){ ++cells };
	l.tokens = 0;
	l.told_n = 0;
	l.posted = 0;
	fixture_start(&l.f);
	l.bea = server_add_account(&l.f.server, "bea@example.test", "secret");
	for (enum folder_class c = FOLDER_CALENDAR; c < FOLDER_CLASS_MAX_; c++)
		fixture_add_folder(&l.f, "Second", c, FOLDER_ROOT);
	phone_init(&l.phones[0], &l, version, "ann@example.test", "PHONE0");
	phone_init(&l.phones[1], &l, "16.1", "ann@example.test", "PHONE1");
	phone_init(&l.phones[2], &l, "14.1", "ann@example.test", "PHONE2");
	phone_init(&l.phones[3], &l, "16.1", "bea@example.test", "BEA");
	l.phones[0].remaps = remaps;
	other_invitation(&l);
	life_land(&l);
	for (enum class c = 0; c < ENTRY_CLASSES; c++)
		for (int i = 0; i < 4; i++)
			user_adds(&l.phones[1], phone_box_of(&l.phones[1], c, 0));
	life_land(&l);
}

static void one_cell(const struct row *row, enum class c, const char *version, enum loss loss, enum again again)
{
	char name[100];

	snprintf(name, sizeof(name), "%s of class %u, %s, cut %u, asked again %s", row->what, c, version, loss,
		 again_names[again]);
	cell = name;
	begin(version, cells % 2);
	note(&l, "---- %s\n", name);
	row->prepare(c);
	must(&l, row->ask(c, loss), "the answer was to be lost");
	/* The others hear of it and go on before it is asked again. */
	phone_sync(&l.phones[1], phone_box_of(&l.phones[1], c, 0), (struct sync_how){ .window = 50 });
	other_import(&l);
	row->again[again](c);
	row->ask(c, LOSS_NONE);
	life_land(&l);
	for (size_t i = 0; i < countof(l.phones); i++)
		life_compare(&l.phones[i]);
	compare_meetings(&l, false);
	for (size_t i = 0; i < countof(l.phones); i++)
		phone_release(&l.phones[i]);
	fixture_stop(&l.f);
	memset(&l.f, 0, sizeof(l.f));
}

static bool all;

static void cells_of(const struct row *row, enum class c, size_t r)
{
	enum { CUTS = LOSS_MAX_ - LOSS_BEFORE };

	for (size_t v = 0; v < countof(versions); v++)
		for (unsigned cut = 0; cut < CUTS; cut++)
			for (enum again again = 0; again < AGAIN_MAX_; again++) {
				bool drawn = (r + c + v + 3 * again) % countof(versions) == 0 &&
					     (r + again) % CUTS == cut && (r + c + again) % 8 == 0;

				if (row->again[again] && version_has_class(versions[v], c) && (all || drawn))
					one_cell(row, c, versions[v], (enum loss)(LOSS_BEFORE + cut), again);
			}
}

static void whatever_is_lost_and_said_again_all_end_equal(void **unused)
{
	(void)unused;
	for (size_t r = 0; r < countof(rows); r++)
		for (enum class c = 0; c < (rows[r].once ? 1 : ENTRY_CLASSES); c++)
			cells_of(&rows[r], c, r);
	free(l.told);
	print_message("%lu cells\n", cells);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(whatever_is_lost_and_said_again_all_end_equal) };

	for (int i = 1; i < argc; i++) {
		all |= strcmp(argv[i], "--all") == 0;
		l.trace |= strcmp(argv[i], "--trace") == 0;
	}
	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
