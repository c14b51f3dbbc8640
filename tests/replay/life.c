/* What may happen, how often, and the end at which all must be equal. */
#include "life.h"

#include <stdio.h>

#define DAY_MS (INT64_C(24) * 3600 * 1000)
#define HOUR_MS (INT64_C(3600) * 1000)

struct step {
	struct world *w;
	struct phone *p; /* whose turn it is, if it is a phone's */
	struct rnd rnd;
};

static const unsigned windows[] = { 0, 1, 2, 5, 50 };
static const int64_t ages_ms[] = { 0,      0,          0,          HOUR_MS,     DAY_MS - 1000,
				   DAY_MS, 2 * DAY_MS, 5 * DAY_MS, 10 * DAY_MS, 40 * DAY_MS };
static const unsigned filters[] = {
	0, 0, 1, 2, 3, 4, 5
}; /* MS-ASCMD 2.2.3.68.2: none, 1 and 3 days, 1, 2 and 4 weeks */

/* ---- the desk and the post ---- */

static int64_t any_folder(struct step *s)
{
	struct world_folder folders[FOLDERS_MAX];
	size_t n = world_folders(s->w, folders), at;

	/* Most of it happens in few places. */
	at = rnd_percent(&s->rnd, 60) ? 0 : rnd_below(&s->rnd, n);
	return folders[at].id;
}

/* False: the folder is empty. */
static bool any_mail(struct step *s, int64_t folder, struct mail *ret)
{
	struct mail *mails;
	size_t n = world_mails(s->w, folder, &mails);

	if (n)
		*ret = mails[rnd_below(&s->rnd, n)];
	return n > 0;
}

static void a_delivery(struct step *s)
{
	int64_t folder = any_folder(s);

	for (size_t n = 1 + rnd_below(&s->rnd, 3); n > 0; n--)
		world_deliver(s->w, folder, ages_ms[rnd_below(&s->rnd, countof(ages_ms))]);
}

static void a_desk_edit(struct step *s)
{
	int64_t folder = any_folder(s);
	struct mail mail;

	if (!any_mail(s, folder, &mail))
		return;
	switch (rnd_below(&s->rnd, 3)) {
	case 0:
		mail.is.read = !mail.is.read;
		break;
	case 1:
		mail.is.flagged = !mail.is.flagged;
		break;
	default:
		mail.is.categories ^= 1u << rnd_below(&s->rnd, CATEGORIES);
	}
	world_edit(s->w, folder, mail.id, &mail.is);
}

static void a_desk_removal(struct step *s)
{
	int64_t folder = any_folder(s), to = any_folder(s);
	struct mail mail;

	if (!any_mail(s, folder, &mail))
		return;
	if (to != folder && rnd_percent(&s->rnd, 60))
		world_move(s->w, folder, mail.id, to);
	else
		world_expunge(s->w, folder, mail.id);
}

/* User folders have names that sort and no role. */
static void a_folder(struct step *s)
{
	struct world_folder folders[FOLDERS_MAX];
	size_t n = world_folders(s->w, folders);
	struct world_folder *last = &folders[n - 1];
	char name[] = "Folder 00";
	uint64_t number = rnd_below(&s->rnd, 100);

	name[7] = (char)('0' + number / 10);
	name[8] = (char)('0' + number % 10);
	for (size_t i = 0; i < n; i++)
		if (strcmp(folders[i].name, name) == 0)
			return;
	if (strncmp(last->name, "Folder ", 7) != 0 || (n < FOLDERS_MAX - 1 && rnd_percent(&s->rnd, 40))) {
		if (n == FOLDERS_MAX - 1)
			return;
		world_log(s->w, "desk: makes the folder %s", name);
		fixture_add_folder(&s->w->f, name, FOLDER_MAIL, rnd_percent(&s->rnd, 30) ? last->id : FOLDER_ROOT);
	} else if (rnd_percent(&s->rnd, 50)) {
		world_log(s->w, "desk: folder %lld is now %s", (long long)last->id, name);
		fixture_rename_folder(&s->w->f, last->id, name, last->parent);
	} else {
		world_log(s->w, "desk: folder %lld goes", (long long)last->id);
		fixture_delete_folder(&s->w->f, last->id);
	}
	world_settle(s->w);
}

static void time_passes(struct step *s)
{
	static const int64_t spans_ms[] = { 1000, 10 * 60 * 1000, HOUR_MS, 12 * HOUR_MS, DAY_MS, 3 * DAY_MS };
	int64_t ms = spans_ms[rnd_below(&s->rnd, countof(spans_ms))];

	world_log(s->w, "time: %lld s go by", (long long)ms / 1000);
	world_advance(s->w, ms);
}

static void a_restart(struct step *s)
{
	world_log(s->w, "the server begins anew");
	world_restart(s->w);
}

/* ---- the phones' users ---- */

static struct box *any_box(struct step *s)
{
	return s->p->boxes_n ? &s->p->boxes[rnd_percent(&s->rnd, 60) ? 0 : rnd_below(&s->rnd, s->p->boxes_n)] : NULL;
}

static void edit_pending(struct step *s, struct pending *c, const struct shown *is)
{
	c->kind = PENDING_CHANGE;
	switch (rnd_below(&s->rnd, s->p->version >= EAS_14_0 ? 3 : 2)) {
	case 0:
		c->has_read = true;
		c->is.read = !is->read;
		break;
	case 1:
		c->has_flag = true;
		c->is.flagged = !is->flagged;
		break;
	default: /* Categories of mail: from 14.0 */
		c->has_categories = true;
		c->is.categories = is->categories ^ 1u << rnd_below(&s->rnd, CATEGORIES);
	}
}

/* The user edits, deletes, opens, or thinks better of it before or after the request was sent. */
static void a_touch(struct step *s)
{
	struct box *b = any_box(s);
	struct held *h;
	struct pending *c;

	if (!b || b->held_n == 0)
		return;
	h = &b->held[rnd_below(&s->rnd, b->held_n)];
	c = box_pending(b, h->id);
	if (c && rnd_percent(&s->rnd, 40)) {
		world_log(s->w, "phone %u: its user takes back what was done to %lld:%lld", s->p->n, (long long)b->id,
			  (long long)h->id);
		box_forget_pending(b, h->id);
		return;
	}
	if (!c && b->pending_n == PENDING_MAX)
		return;
	if (!c)
		c = &b->pending[b->pending_n++];
	*c = (struct pending){ .id = h->id };
	if (rnd_percent(&s->rnd, 70))
		edit_pending(s, c, &h->is);
	else
		c->kind = rnd_percent(&s->rnd, 75) ? PENDING_DELETE : PENDING_FETCH;
	world_log(s->w, "phone %u: its user %s %lld:%lld", s->p->n,
		  c->kind == PENDING_CHANGE   ? "edits"
		  : c->kind == PENDING_DELETE ? "deletes"
					      : "opens",
		  (long long)b->id, (long long)h->id);
}

static void another_filter(struct step *s)
{
	struct box *b = any_box(s);

	if (!b)
		return;
	b->filter = filters[rnd_below(&s->rnd, countof(filters))];
	world_log(s->w, "phone %u: filter of %lld is %u", s->p->n, (long long)b->id, b->filter);
}

static void begins_again(struct step *s)
{
	struct box *b = any_box(s);

	if (rnd_percent(&s->rnd, 25))
		memcpy(s->p->hierarchy_key, "0", 2);
	else if (b)
		memcpy(b->key, "0", 2);
	world_log(s->w, "phone %u: begins again", s->p->n);
}

/* ---- the phones' requests ---- */

static enum loss any_loss(struct step *s)
{
	return rnd_percent(&s->rnd, 70) ? LOSS_NONE : (enum loss)(1 + rnd_below(&s->rnd, LOSS_MAX_ - 1));
}

static struct sync_wish any_wish(struct step *s, int64_t folders[FOLDERS_MAX])
{
	struct sync_wish wish = { .folders = folders,
				  .window = windows[rnd_below(&s->rnd, countof(windows))],
				  .no_changes = rnd_percent(&s->rnd, 10),
				  .moves_deleted = rnd_percent(&s->rnd, 60),
				  .chance = rnd_next(&s->rnd) };

	for (size_t i = 0; i < s->p->boxes_n; i++)
		if (!s->p->boxes[i].gone && rnd_percent(&s->rnd, i == 0 ? 90 : 40))
			folders[wish.n++] = s->p->boxes[i].id;
	return wish;
}

static void learn_folders(struct step *s)
{
	phone_foldersync(s->p, any_loss(s), NULL);
}

static void a_drag(struct step *s)
{
	struct box *from = any_box(s), *to = any_box(s);
	int64_t id;

	if (!from || from == to || from->held_n == 0 || s->p->moves_n == MOVES_MAX)
		return;
	id = from->held[rnd_below(&s->rnd, from->held_n)].id;
	for (size_t i = 0; i < s->p->moves_n; i++)
		if (s->p->moves[i].id == id)
			return;
	world_log(s->w, "phone %u: its user drags %lld:%lld to %lld", s->p->n, (long long)from->id, (long long)id,
		  (long long)to->id);
	s->p->moves[s->p->moves_n++] = (struct moving){ from->id, id, to->id };
}

static void a_move(struct step *s)
{
	if (!phone_move(s->p, any_loss(s)) && rnd_percent(&s->rnd, 40))
		s->p->moves_n = 0; /* it is never said again */
}

static void a_brief_sync(struct step *s)
{
	phone_sync_briefly(s->p, any_loss(s));
}

static void a_partial_sync(struct step *s)
{
	int64_t folders[FOLDERS_MAX];
	struct sync_wish wish = any_wish(s, folders);

	phone_sync_partially(s->p, &wish, any_loss(s));
}

static void a_sync(struct step *s)
{
	int64_t folders[FOLDERS_MAX];
	struct sync_wish wish = any_wish(s, folders);

	if (wish.n)
		phone_sync(s->p, &wish, any_loss(s));
	else
		learn_folders(s);
}

/* A Ping that finds nothing to tell must be right: nothing but what has aged out of the filter comes by a Sync. */
static bool tells_what_it_was_pinged_for(const struct box *b)
{
	return strcmp(b->key, "0") != 0 && !b->lost && !b->gone && b->filter == b->filter_said;
}

static void check_silence(struct phone *p)
{
	int64_t folders[FOLDERS_MAX];
	struct sync_wish wish = { .folders = folders, .window = 512, .no_commands = true };
	size_t soft;

	for (size_t i = 0; i < p->pinged_n; i++) {
		struct box *b = phone_box(p, p->pinged[i]);

		if (b && tells_what_it_was_pinged_for(b))
			folders[wish.n++] = b->id;
	}
	if (wish.n == 0 || !phone_sync(p, &wish, LOSS_NONE))
		return;
	for (size_t i = 0; i < wish.n; i++) {
		size_t n = phone_news(p, folders[i], &soft);

		must(p->w, n == soft, "phone %u: a Ping waits and there is news of %lld", p->n, (long long)folders[i]);
	}
}

/*
 * A Ping that says "changes" must be right as well: a Sync of each folder brings some. Excused is the first time after a
 * lost answer and until the phone has shown which one it got, after a restart, and where the server has forgotten what it answered.
 */
enum excuse { EXCUSED_NOT, EXCUSED, EXCUSED_FORGOTTEN };

static enum excuse excuse_of(struct phone *p, const struct box *b)
{
	if (b->lost || b->torn_key[0] || b->restarted || b->filter != b->filter_said || strcmp(b->key, "0") == 0)
		return EXCUSED;
	return world_remembers(p->w, p->device, b->id, b->key) ? EXCUSED_NOT : EXCUSED_FORGOTTEN;
}

/* `what` told of news and none came. */
static void check_excuse(struct phone *p, enum excuse excuse, const char *what, int64_t folder)
{
	if (excuse == EXCUSED)
		return;
	must(p->w, excuse == EXCUSED_FORGOTTEN, "phone %u: Ping tells of news of %lld and %s has none", p->n,
	     (long long)folder, what);
	world_log(p->w, "the server had forgotten its answer");
	p->w->forgotten++;
}

static void follow_to_folders(struct phone *p)
{
	enum excuse excuse =
		p->hierarchy_lost || p->hierarchy_torn_key[0] || p->hierarchy_restarted ? EXCUSED : EXCUSED_NOT;
	bool news;

	if (excuse == EXCUSED_NOT && !world_remembers(p->w, p->device, FOLDER_ROOT, p->hierarchy_key))
		excuse = EXCUSED_FORGOTTEN;
	if (phone_foldersync(p, LOSS_NONE, &news) && !news)
		check_excuse(p, excuse, "FolderSync", FOLDER_ROOT);
}

static void follow_to_items(struct phone *p, const struct ping_verdict *v, const enum excuse *excuses)
{
	/* No commands: a Delete would take the news away before it is told. */
	const struct sync_wish wish = { .folders = v->folders, .n = v->n, .window = 50, .no_commands = true };
	size_t soft;

	if (phone_sync(p, &wish, LOSS_NONE))
		for (size_t i = 0; i < v->n; i++)
			if (phone_news(p, v->folders[i], &soft) == 0)
				check_excuse(p, excuses[i], "Sync", v->folders[i]);
}

unsigned life_ping(struct phone *p, const int64_t *folders, size_t n, bool brief)
{
	enum excuse excuses[FOLDERS_MAX];
	struct ping_verdict v;

	phone_ping(p, folders, n, brief);
	v = phone_verdict(p);
	for (size_t i = 0; i < v.n; i++) {
		struct box *b = phone_box(p, v.folders[i]);

		if (!b)
			return v.status;
		excuses[i] = excuse_of(p, b);
	}
	if (v.status == 7)
		follow_to_folders(p);
	else if (v.status == 2)
		follow_to_items(p, &v, excuses);
	return v.status;
}

static void a_ping(struct step *s)
{
	int64_t folders[FOLDERS_MAX];
	struct sync_wish wish = any_wish(s, folders);

	if (wish.n == 0)
		return;
	if (life_ping(s->p, folders, wish.n, rnd_percent(&s->rnd, 30)) == 0 && rnd_percent(&s->rnd, 40))
		check_silence(s->p);
}

static void a_waiting_sync(struct step *s)
{
	int64_t folders[FOLDERS_MAX];
	struct sync_wish wish = any_wish(s, folders);

	wish.no_commands = true;
	wish.no_changes = false;
	if (wish.n)
		phone_wait_sync(s->p, &wish);
}

static void gives_up(struct step *s)
{
	phone_hang_up(s->p);
}

/* ---- a life ---- */

static const struct {
	unsigned weight;
	void (*run)(struct step *s);
} kinds[] = {
	{ 14, a_delivery }, { 8, a_desk_edit },  { 5, a_desk_removal }, { 3, a_folder },     { 4, time_passes },
	{ 2, a_restart },   { 18, a_touch },     { 4, another_filter }, { 2, begins_again }, { 5, learn_folders },
	{ 28, a_sync },     { 10, a_ping },      { 5, a_waiting_sync }, { 2, gives_up },     { 5, a_drag },
	{ 5, a_move },      { 6, a_brief_sync }, { 8, a_partial_sync },
};

static void take_answers(struct step *s)
{
	for (size_t i = 0; i < s->w->phones_n; i++)
		if (s->w->phones[i].waiting && phone_is_answered(&s->w->phones[i])) {
			s->p = &s->w->phones[i];
			phone_take_held(s->p, rnd_percent(&s->rnd, 80) ? LOSS_NONE : LOSS_BEFORE);
		}
}

static void one_step(struct world *w, uint64_t chance)
{
	struct step s = { .w = w, .rnd = { chance } };
	unsigned total = 0;
	size_t at, i = 0;

	for (size_t k = 0; k < countof(kinds); k++)
		total += kinds[k].weight;
	at = rnd_below(&s.rnd, total);
	while (at >= kinds[i].weight)
		at -= kinds[i++].weight;
	s.p = &w->phones[rnd_below(&s.rnd, w->phones_n)];
	kinds[i].run(&s);
	take_answers(&s);
}

/* ---- the end ---- */

enum { SYNCS_MAX = 60, PINGS_MAX = 30 };

static size_t all_boxes(const struct phone *p, int64_t folders[FOLDERS_MAX])
{
	for (size_t i = 0; i < p->boxes_n; i++)
		folders[i] = p->boxes[i].id;
	return p->boxes_n;
}

static bool is_done(const struct phone *p)
{
	for (size_t i = 0; i < p->boxes_n; i++) {
		const struct box *b = &p->boxes[i];

		if (b->pending_n || b->more || strcmp(b->key, "0") == 0 || b->filter != b->filter_said || b->gone)
			return false;
	}
	return true;
}

/* Syncs until nothing comes any more. */
static void land(struct phone *p)
{
	int64_t folders[FOLDERS_MAX];
	struct sync_wish wish = { .folders = folders, .window = 50, .moves_deleted = true };
	size_t news, soft;

	phone_hang_up(p);
	p->defers = false;
	phone_move(p, LOSS_NONE);
	phone_foldersync(p, LOSS_NONE, NULL);
	for (unsigned n = 0;; n++) {
		must(p->w, n < SYNCS_MAX, "phone %u: a Sync without end", p->n);
		wish.n = all_boxes(p, folders);
		phone_sync(p, &wish, LOSS_NONE);
		news = 0;
		for (size_t i = 0; i < wish.n; i++)
			news += phone_news(p, folders[i], &soft);
		if (is_done(p) && news == 0)
			return;
	}
}

/* Each Ping that tells of changes is followed by one that brings some, so it falls silent. */
static void ping_until_silent(struct phone *p)
{
	int64_t folders[FOLDERS_MAX];
	unsigned n = 0;

	while (life_ping(p, folders, all_boxes(p, folders), false) != 0)
		must(p->w, ++n < PINGS_MAX, "phone %u: Ping tells of changes for ever", p->n);
	check_silence(p);
	phone_hang_up(p);
}

static int64_t oldest(struct world *w, unsigned filter)
{
	static const int64_t days[] = { 0, 1, 3, 7, 14, 31 };

	return filter ? clock_wall_ms(&w->f.server.clock.clock) - days[filter] * DAY_MS : INT64_MIN;
}

static void compare_mail(struct phone *p, struct box *b, const struct mail *m)
{
	const struct held *h = box_find(b, m->id);

	must(p->w, h, "phone %u: %lld:%lld is missing", p->n, (long long)b->id, (long long)m->id);
	must(p->w, h->received_ms == m->received_ms, "phone %u: %lld:%lld is another mail", p->n, (long long)b->id,
	     (long long)m->id);
	must(p->w,
	     h->is.read == m->is.read && (p->version < EAS_12_0 || h->is.flagged == m->is.flagged) &&
		     (p->version < EAS_14_0 || h->is.categories == m->is.categories),
	     "phone %u: %lld:%lld has read %d flag %d categories %u, the store %d %d %u", p->n, (long long)b->id,
	     (long long)m->id, h->is.read, h->is.flagged, h->is.categories, m->is.read, m->is.flagged,
	     m->is.categories);
}

static void compare_box(struct phone *p, struct box *b)
{
	struct mail *mails;
	size_t n = world_mails(p->w, b->id, &mails), inside = 0;

	for (size_t i = 0; i < n; i++)
		if (mails[i].received_ms >= oldest(p->w, b->filter)) {
			inside++;
			compare_mail(p, b, &mails[i]);
		}
	must(p->w, b->held_n == inside, "phone %u: it holds %zu of %lld and should hold %zu", p->n, b->held_n,
	     (long long)b->id, inside);
}

static void compare(struct phone *p)
{
	struct world_folder folders[FOLDERS_MAX];
	size_t n = world_folders(p->w, folders);

	must(p->w, n == p->boxes_n, "phone %u: it has %zu folders of %zu", p->n, p->boxes_n, n);
	for (size_t i = 0; i < n; i++) {
		struct box *b = phone_box(p, folders[i].id);

		must(p->w, b && b->parent == folders[i].parent && strcmp(b->name, folders[i].name) == 0,
		     "phone %u: folder %lld is not what it should be", p->n, (long long)folders[i].id);
		compare_box(p, b);
	}
}

void life_settle(struct world *w)
{
	world_log(w, "---- all lands");
	for (int round = 0; round < 2;
	     round++) /* what one phone says in its last Sync, the others hear in the second */
		for (size_t i = 0; i < w->phones_n; i++)
			land(&w->phones[i]);
	for (size_t i = 0; i < w->phones_n; i++) {
		ping_until_silent(&w->phones[i]);
		compare(&w->phones[i]);
	}
}

void life_live(struct world *w, const struct life *life)
{
	struct rnd rnd = { life->seed };

	world_begin_life(w, life->seed, &rnd, PHONES_MAX);
	for (size_t i = 0; i < w->phones_n; i++) {
		struct phone *p = &w->phones[i];

		p->keeps = rnd_percent(&rnd, 50);
		p->defers = rnd_percent(&rnd, 50);
		p->remaps = rnd_percent(&rnd, 50);
		world_log(w, "phone %u: version %s%s%s%s", p->n, p->http.version, p->keeps ? ", keeps edits" : "",
			  p->defers ? ", defers" : "", p->remaps ? ", remaps" : "");
		phone_foldersync(p, LOSS_NONE, NULL);
	}
	for (size_t i = 0; i < LIFE_STEPS; i++) {
		uint64_t chance = rnd_next(&rnd);

		if (!life->without || !life->without[i])
			one_step(w, chance);
		arena_reset(&w->f.arena);
	}
	life_settle(w);
	world_end_life(w);
}
