/* The rows: what a phone asks, and the ways in which it asks again. */
#include "matrix.h"

static struct phone *asker(struct scene *s)
{
	return &s->w->phones[0];
}

static struct box *inbox(struct scene *s)
{
	return phone_box(asker(s), s->inbox);
}

static struct pending *pend(struct scene *s, size_t mail, enum pending_kind kind)
{
	struct box *b = inbox(s);
	struct pending *c = &b->pending[b->pending_n++];

	*c = (struct pending){ .kind = kind, .id = s->mails[mail] };
	return c;
}

static void pend_read(struct scene *s, size_t mail)
{
	struct pending *c = pend(s, mail, PENDING_CHANGE);

	c->has_read = c->is.read = true;
}

static void pend_flag(struct scene *s, size_t mail)
{
	struct pending *c = pend(s, mail, PENDING_CHANGE);

	c->has_flag = c->is.flagged = true;
}

static void drag(struct scene *s, size_t mail, int64_t to)
{
	struct phone *p = asker(s);

	p->moves[p->moves_n++] = (struct moving){ s->inbox, s->mails[mail], to };
}

/* ---- what is asked ---- */

static bool sync_inbox(struct scene *s, enum loss loss)
{
	const struct sync_wish wish = {
		.folders = &s->inbox, .n = 1, .window = s->window, .moves_deleted = s->moves_deleted
	};

	return phone_sync(asker(s), &wish, loss);
}

static bool sync_both(struct scene *s, enum loss loss)
{
	const int64_t folders[] = { s->inbox, s->sent };
	const struct sync_wish wish = { .folders = folders, .n = 2, .window = s->window, .moves_deleted = true };

	return phone_sync(asker(s), &wish, loss);
}

static bool sync_briefly(struct scene *s, enum loss loss)
{
	return s->repeats ? phone_sync_briefly(asker(s), loss) : sync_inbox(s, loss);
}

/* After a whole Sync of the same folders that found all as it is. */
static bool sync_partially(struct scene *s, enum loss loss)
{
	const struct sync_wish wish = { .window = s->window, .moves_deleted = true };

	return phone_sync_partially(asker(s), &wish, loss);
}

static bool foldersync(struct scene *s, enum loss loss)
{
	return phone_foldersync(asker(s), loss, NULL);
}

static bool move(struct scene *s, enum loss loss)
{
	return phone_move(asker(s), loss);
}

/* Answered at once, because there is news. */
static bool ping(struct scene *s, enum loss loss)
{
	const int64_t folders[] = { s->inbox, s->sent };

	if (loss == LOSS_NONE)
		return life_ping(asker(s), folders, s->pings, s->brief) != 0;
	phone_ping_cut(asker(s), folders, s->pings, loss);
	return false;
}

static bool wait_sync(struct scene *s, enum loss loss)
{
	const struct sync_wish wish = { .folders = &s->inbox, .n = 1, .window = s->window };

	phone_wait_sync_cut(asker(s), &wish, loss);
	return loss == LOSS_NONE;
}

/* ---- how it is prepared, and asked otherwise the second time ---- */

static void nothing(struct scene *s)
{
	(void)s;
}

static void a_small_window(struct scene *s)
{
	s->window = 1;
}

static void a_large_window(struct scene *s)
{
	s->window = 100;
}

static void another_filter(struct scene *s)
{
	inbox(s)->filter = 2;
}

static void one_read(struct scene *s)
{
	pend_read(s, 0);
}

static void two_edits(struct scene *s)
{
	pend_read(s, 0);
	pend_flag(s, 1);
}

static void the_first_is_flagged_instead(struct scene *s)
{
	box_forget_pending(inbox(s), s->mails[0]);
	pend_flag(s, 0);
}

static void the_first_is_taken_back(struct scene *s)
{
	box_forget_pending(inbox(s), s->mails[0]);
}

static void a_third_is_edited(struct scene *s)
{
	pend_flag(s, 2);
}

static void a_whole_sync_and_two_edits(struct scene *s)
{
	s->window = 2;
	for (int i = 0; i < 4; i++)
		must(s->w, sync_both(s, LOSS_NONE), "nothing was to be lost");
	world_deliver(s->w, s->sent, 0);
	world_deliver(s->w, s->inbox, 0);
	two_edits(s);
}

static void two_deletes(struct scene *s)
{
	pend(s, 0, PENDING_DELETE);
	pend(s, 1, PENDING_DELETE);
	s->moves_deleted = true;
}

static void two_deletes_for_good(struct scene *s)
{
	two_deletes(s);
	s->moves_deleted = false;
}

static void the_first_is_read_instead(struct scene *s)
{
	box_forget_pending(inbox(s), s->mails[0]);
	pend_read(s, 0);
}

static void a_third_is_deleted(struct scene *s)
{
	pend(s, 2, PENDING_DELETE);
}

static void two_fetches(struct scene *s)
{
	pend(s, 0, PENDING_FETCH);
	pend(s, 1, PENDING_FETCH);
}

static void the_second_is_fetched_only(struct scene *s)
{
	box_forget_pending(inbox(s), s->mails[0]);
}

static void a_third_is_fetched(struct scene *s)
{
	pend(s, 2, PENDING_FETCH);
}

static void it_begins_again(struct scene *s)
{
	memcpy(inbox(s)->key, "0", 2);
	box_forget_pending(inbox(s), s->mails[0]);
	box_forget_pending(inbox(s), s->mails[1]);
}

static void its_folders_begin_again(struct scene *s)
{
	memcpy(asker(s)->hierarchy_key, "0", 2);
}

static void a_folder_is_new(struct scene *s)
{
	fixture_add_folder(&s->w->f, s->repeats ? "Second" : "First", FOLDER_MAIL, FOLDER_ROOT);
}

static void two_drags(struct scene *s)
{
	drag(s, 0, s->sent);
	drag(s, 1, s->sent);
}

/* A phone that shows them in the target at once: so it must be told of them as a Delete and an Add (rule 9). */
static void two_drags_shown(struct scene *s)
{
	two_drags(s);
	asker(s)->remaps = true;
}

static void the_first_goes_elsewhere(struct scene *s)
{
	asker(s)->moves[0].to = s->deleted;
}

static void only_the_second_goes(struct scene *s)
{
	struct phone *p = asker(s);

	p->moves[0] = p->moves[--p->moves_n];
}

static void a_third_goes_too(struct scene *s)
{
	drag(s, 2, s->deleted);
}

static void ping_two(struct scene *s)
{
	s->pings = 2;
}

static void ping_one(struct scene *s)
{
	s->pings = 1;
}

static void ping_as_before(struct scene *s)
{
	s->brief = true;
}

const struct row rows[] = {
	{ "FolderSync",
	  foldersync,
	  a_folder_is_new,
	  { nothing, its_folders_begin_again, NULL, a_folder_is_new },
	  EAS_2_5 },
	{ "FolderSync, key 0", foldersync, its_folders_begin_again, { nothing, NULL, NULL, a_folder_is_new }, EAS_2_5 },
	{ "Sync, a page", sync_inbox, a_small_window, { nothing, a_large_window, NULL, one_read }, EAS_2_5 },
	{ "Sync, the last page", sync_inbox, nothing, { nothing, another_filter, NULL, two_deletes }, EAS_2_5 },
	{ "Sync, two collections",
	  sync_both,
	  one_read,
	  { nothing, another_filter, the_first_is_taken_back, a_third_is_edited },
	  EAS_12_0 },
	{ "Sync, key 0", sync_inbox, it_begins_again, { nothing, another_filter, NULL, NULL }, EAS_2_5 },
	{ "Sync, Change",
	  sync_inbox,
	  two_edits,
	  { nothing, the_first_is_flagged_instead, the_first_is_taken_back, a_third_is_edited },
	  EAS_12_0 },
	{ "Sync, Change, then key 0", sync_inbox, two_edits, { NULL, it_begins_again, NULL, NULL }, EAS_12_0 },
	{ "Sync, Delete",
	  sync_inbox,
	  two_deletes,
	  { nothing, the_first_is_read_instead, the_first_is_taken_back, a_third_is_deleted },
	  EAS_12_0 },
	{ "Sync, Delete for good",
	  sync_inbox,
	  two_deletes_for_good,
	  { nothing, the_first_is_read_instead, the_first_is_taken_back, a_third_is_deleted },
	  EAS_12_0 },
	{ "Sync, Fetch",
	  sync_inbox,
	  two_fetches,
	  { nothing, the_first_is_read_instead, the_second_is_fetched_only, a_third_is_fetched },
	  EAS_12_0 },
	{ "Sync without a body", sync_briefly, nothing, { nothing, NULL, NULL, NULL }, EAS_12_1 },
	{ "Sync, Partial",
	  sync_partially,
	  a_whole_sync_and_two_edits,
	  { nothing, the_first_is_flagged_instead, the_first_is_taken_back, a_third_is_edited },
	  EAS_12_1 },
	{ "Sync, Partial, another window",
	  sync_partially,
	  a_whole_sync_and_two_edits,
	  { a_small_window, another_filter, the_first_is_taken_back, NULL },
	  EAS_12_1 },
	{ "Sync that waits", wait_sync, nothing, { nothing, a_small_window, NULL, NULL }, EAS_12_1 },
	{ "MoveItems",
	  move,
	  two_drags,
	  { nothing, the_first_goes_elsewhere, only_the_second_goes, a_third_goes_too },
	  EAS_2_5 },
	{ "MoveItems, shown at once",
	  move,
	  two_drags_shown,
	  { nothing, the_first_goes_elsewhere, only_the_second_goes, a_third_goes_too },
	  EAS_2_5 },
	{ "Ping", ping, ping_two, { nothing, ping_as_before, ping_one, NULL }, EAS_2_5 },
};
const size_t rows_n = countof(rows);
