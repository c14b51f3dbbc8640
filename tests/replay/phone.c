/* What the phone holds, and what answers make of it. */
#include "world.h"
#include "phone_answers.h"

void phone_set_version(struct phone *p, enum eas_version v)
{
	p->version = v;
	p->http.version = eas_version_text(v).p;
}

void phone_init(struct phone *p, struct world *w, unsigned n, enum eas_version v)
{
	CLEANUP(buf_release) struct buf device = BUF_INIT(sizeof(p->device));

	memset(p, 0, sizeof(*p));
	p->w = w;
	p->n = n;
	buf_fmt(&device, "PHONE%u", n);
	memcpy(p->device, device.p, device.n);
	p->http = eas_phone_new(w->f.server.port);
	p->http.login = w->login;
	p->http.device_id = p->device;
	phone_set_version(p, v);
	p->held_open.fd = -1;
	memcpy(p->hierarchy_key, "0", 2);
}

void phone_release(struct phone *p)
{
	if (p->waiting)
		client_close(&p->held_open);
	p->waiting = WAITING_NOT;
	eas_phone_release(&p->http);
}

struct box *phone_box(struct phone *p, int64_t folder)
{
	for (size_t i = 0; i < p->boxes_n; i++)
		if (p->boxes[i].id == folder)
			return &p->boxes[i];
	return NULL;
}

struct held *box_find(struct box *b, int64_t id)
{
	for (size_t i = 0; i < b->held_n; i++)
		if (b->held[i].id == id)
			return &b->held[i];
	return NULL;
}

struct pending *box_pending(struct box *b, int64_t id)
{
	for (size_t i = 0; i < b->pending_n; i++)
		if (b->pending[i].id == id)
			return &b->pending[i];
	return NULL;
}

void box_forget_pending(struct box *b, int64_t id)
{
	struct pending *c = box_pending(b, id);

	if (c)
		*c = b->pending[--b->pending_n];
}

static void drop(struct box *b, int64_t id)
{
	struct held *h = box_find(b, id);

	if (h)
		*h = b->held[--b->held_n];
}

static void overlay(struct shown *on, bool has_read, bool has_flag, bool has_categories, const struct shown *is)
{
	if (has_read)
		on->read = is->read;
	if (has_flag)
		on->flagged = is->flagged;
	if (has_categories)
		on->categories = is->categories;
}

/* A mail's own words: it is the one that its time says, whatever is told of it. */
static void check_mail(struct phone *p, const struct entry *e)
{
	uint64_t subject = 0;

	must(p->w,
	     e->mail.has_received && e->mail.has_subject && e->mail.has_read &&
		     (e->mail.has_flag || p->version < EAS_12_0),
	     "phone %u: %lld:%lld comes without what a mail has", p->n, (long long)e->folder, (long long)e->id);
	must(p->w, !str_to_u64(e->mail.subject, INT64_MAX, &subject) && (int64_t)subject == e->mail.received_ms,
	     "phone %u: %lld:%lld has the subject of another mail", p->n, (long long)e->folder, (long long)e->id);
}

static void take_add(struct phone *p, struct box *b, const struct entry *e)
{
	must(p->w, !box_find(b, e->id), "phone %u: Add of %lld:%lld, which it has", p->n, (long long)b->id,
	     (long long)e->id);
	must(p->w, b->held_n < HELD_MAX, "the life is too long");
	check_mail(p, e);
	b->held[b->held_n++] = (struct held){ .id = e->id, .received_ms = e->mail.received_ms, .is = e->mail.is };
}

static void take_change(struct phone *p, struct box *b, const struct entry *e)
{
	struct held *h = box_find(b, e->id);

	must(p->w, h, "phone %u: Change of %lld:%lld, which it has not", p->n, (long long)b->id, (long long)e->id);
	overlay(&h->is, e->mail.has_read, e->mail.has_flag, e->mail.has_categories, &e->mail.is);
	if (!p->keeps)
		box_forget_pending(b, e->id);
}

static const char *const entry_names[] = {
	[ENTRY_ADD] = "Add",       [ENTRY_CHANGE] = "Change",
	[ENTRY_DELETE] = "Delete", [ENTRY_SOFTDELETE] = "SoftDelete",
	[ENTRY_FETCH] = "Fetch",
};

static void take_entry(struct phone *p, struct box *b, const struct entry *e)
{
	world_log(p->w, "    %s %lld:%lld", entry_names[e->kind], (long long)e->folder, (long long)e->id);
	must(p->w, e->folder == b->id, "phone %u: an item of folder %lld in folder %lld", p->n, (long long)e->folder,
	     (long long)b->id);
	switch (e->kind) {
	case ENTRY_ADD:
		take_add(p, b, e);
		break;
	case ENTRY_CHANGE:
		take_change(p, b, e);
		break;
	case ENTRY_SOFTDELETE:
		must(p->w, box_find(b, e->id), "phone %u: SoftDelete of %lld:%lld, which it has not", p->n,
		     (long long)b->id, (long long)e->id);
		/* fallthrough */
	case ENTRY_DELETE:
		drop(b, e->id);
		box_forget_pending(b, e->id);
		break;
	case ENTRY_FETCH:
		must(p->w, false, "phone %u: Fetch among Commands", p->n);
	}
}

/* ---- the answer to its commands ---- */

enum { STATUS_DONE = 1, STATUS_BAD_KEY = 3, STATUS_NOT_FOUND = 8, STATUS_FOLDER_GONE = 12, STATUS_INCOMPLETE = 13 };

static unsigned status_of(const struct answer_collection *c, const struct ask_command *command)
{
	for (size_t i = 0; i < c->responses_n; i++)
		if (c->responses[i].id == command->id && c->responses[i].kind == command->kind)
			return c->responses[i].status;
	return command->kind == ENTRY_FETCH ? 0 : STATUS_DONE; /* no news is good news, but of a Fetch */
}

static void take_done(struct box *b, const struct ask_command *command)
{
	struct held *h = box_find(b, command->id);

	if (command->kind == ENTRY_DELETE)
		drop(b, command->id);
	else if (command->kind == ENTRY_CHANGE && h)
		overlay(&h->is, command->has_read, command->has_flag, command->has_categories, &command->is);
}

static void take_responses(struct phone *p, struct box *b, const struct ask_collection *asked,
			   const struct answer_collection *c)
{
	must(p->w, c->responses_n <= asked->commands_n, "phone %u: more responses than commands", p->n);
	for (size_t i = 0; i < c->responses_n; i++)
		if (c->responses[i].kind == ENTRY_FETCH && c->responses[i].status == STATUS_DONE)
			check_mail(p, &c->responses[i]);
	for (size_t i = 0; i < asked->commands_n; i++) {
		unsigned status = status_of(c, &asked->commands[i]);

		must(p->w, status == STATUS_DONE || status == STATUS_NOT_FOUND,
		     "phone %u: its command on %lld:%lld is answered with status %u", p->n, (long long)b->id,
		     (long long)asked->commands[i].id, status);
		if (status == STATUS_DONE)
			take_done(b, &asked->commands[i]);
		box_forget_pending(b, asked->commands[i].id);
	}
}

/* ---- Sync ---- */

/* A Delete and an Add of one item stand for one piece of news, and are not parted. */
static size_t pieces(const struct answer_collection *c)
{
	size_t n = c->entries_n;

	for (size_t i = 1; i < c->entries_n; i++)
		n -= c->entries[i].kind == ENTRY_ADD && c->entries[i - 1].kind == ENTRY_DELETE &&
		     c->entries[i].id == c->entries[i - 1].id;
	return n;
}

static void begin_again(struct box *b)
{
	b->held_n = 0;
	b->pending_n = 0;
}

/* A Fetch changes nothing, so it needs no new key. */
static bool has_changes(const struct ask_collection *asked)
{
	for (size_t i = 0; i < asked->commands_n; i++)
		if (asked->commands[i].kind != ENTRY_FETCH)
			return true;
	return false;
}

static void take_page(struct phone *p, struct box *b, const struct ask_collection *asked,
		      const struct answer_collection *c)
{
	bool first = strcmp(asked->key, "0") == 0, speaks = c->entries_n || has_changes(asked);

	must(p->w, !speaks || strcmp(c->key, asked->key) != 0, "phone %u: news of %lld and the key is the same", p->n,
	     (long long)b->id);
	must(p->w, !first || (!c->entries_n && !c->more), "phone %u: items in the answer to key 0", p->n);
	must(p->w, pieces(c) <= (asked->window ? asked->window : 100), "phone %u: more news than the window takes",
	     p->n);
	must(p->w, !c->more || c->entries_n || asked->no_changes || first || asked->commands_n,
	     "phone %u: MoreAvailable and nothing comes", p->n);
	if (first)
		begin_again(b);
	take_responses(p, b, asked, c);
	for (size_t i = 0; i < c->entries_n; i++)
		take_entry(p, b, &c->entries[i]);
	memcpy(b->key, c->key, sizeof(b->key));
}

static void take_collection(struct phone *p, const struct ask_collection *asked, const struct answer_collection *c)
{
	struct box *b = phone_box(p, asked->folder);

	world_log(p->w, "  %lld: status %u key %s%s", (long long)c->folder, c->status, c->key, c->more ? " more" : "");
	if (c->status == STATUS_FOLDER_GONE) {
		b->gone = true;
		return;
	}
	must(p->w, c->status == STATUS_DONE, "phone %u: status %u for %lld and the key %s", p->n, c->status,
	     (long long)b->id, asked->key);
	take_page(p, b, asked, c);
	b->more = c->more;
}

/* What has been answered, with news or with silence. */
static void note_said(struct box *b, const struct ask_collection *asked)
{
	/* Options hold until others are said, or key 0 begins without any. */
	if (asked->says_options)
		b->filter_said = asked->filter;
	else if (strcmp(asked->key, "0") == 0)
		b->filter_said = NEVER_SAID;
	b->lost = b->restarted = false;
	if (strcmp(asked->key, b->torn_key) != 0)
		b->torn_key[0] = '\0';
}

static const struct answer_collection *answer_for(const struct phone *p, int64_t folder)
{
	for (size_t i = 0; i < p->sync.n; i++)
		if (p->sync.collections[i].folder == folder)
			return &p->sync.collections[i];
	return NULL;
}

void phone_take_sync(struct phone *p, struct str document)
{
	size_t found = 0;

	p->sync.n = 0;
	p->sync.status = 0;
	if (document.n)
		must(p->w, answer_sync_read(document, &p->sync) == ERR_OK, "phone %u: a Sync answer that none may be",
		     p->n);
	must(p->w, p->sync.status == 0 || p->sync.status == STATUS_FOLDER_GONE || p->sync.status == STATUS_INCOMPLETE,
	     "phone %u: Sync status %u", p->n, p->sync.status);
	for (size_t i = 0; i < p->request.n && !p->sync.status; i++) {
		const struct ask_collection *asked = &p->request.collections[i];
		const struct answer_collection *c = answer_for(p, asked->folder);
		struct box *b = phone_box(p, asked->folder);

		found += c != NULL;
		if (!b) /* it has gone while the request waited */
			continue;
		must(p->w, c || (asked->commands_n == 0 && strcmp(asked->key, "0") != 0),
		     "phone %u: no answer for %lld", p->n, (long long)asked->folder);
		if (c)
			take_collection(p, asked, c);
		else if (!asked->no_changes)
			b->more = false;
		note_said(b, asked);
	}
	must(p->w, found == p->sync.n || p->sync.status, "phone %u: an answer for a folder not asked for", p->n);
}

size_t phone_news(const struct phone *p, int64_t folder, size_t *ret_soft)
{
	const struct answer_collection *c = answer_for(p, folder);

	*ret_soft = 0;
	for (size_t i = 0; c && i < c->entries_n; i++)
		*ret_soft += c->entries[i].kind == ENTRY_SOFTDELETE;
	return c ? c->entries_n : 0;
}

/* ---- FolderSync ---- */

static bool is_mail(unsigned type)
{
	return (type >= 2 && type <= 6) || type == 12; /* MS-ASCMD 2.2.3.186.3 */
}

static void take_folder(struct phone *p, const struct answer_folder *f)
{
	struct box *b = phone_box(p, f->id);

	world_log(p->w, "    folder %lld %s", (long long)f->id, f->kind == ENTRY_DELETE ? "goes" : "is told");
	if (f->kind == ENTRY_DELETE) {
		must(p->w, b, "phone %u: a folder goes that it has not", p->n);
		*b = p->boxes[--p->boxes_n];
		return;
	}
	must(p->w, (b != NULL) == (f->kind == ENTRY_CHANGE), "phone %u: folder %lld: %s", p->n, (long long)f->id,
	     b ? "an Add of one it has" : "an Update of one it has not");
	if (!b) {
		must(p->w, p->boxes_n < FOLDERS_MAX, "too many folders");
		b = &p->boxes[p->boxes_n++];
		memset(b, 0, sizeof(*b));
		b->id = f->id;
		b->filter_said = NEVER_SAID;
		memcpy(b->key, "0", 2);
	}
	b->parent = f->parent;
	must(p->w, f->name.n < sizeof(b->name), "phone %u: a folder's name that nobody gave", p->n);
	memset(b->name, 0, sizeof(b->name));
	memcpy(b->name, f->name.p, f->name.n);
}

/* Key 0 tells all folders; what the phone has of those that are still there stays good. */
static void take_all_folders(struct phone *p, const struct answer_hierarchy *h)
{
	static struct box former[FOLDERS_MAX];
	size_t former_n = p->boxes_n;

	memcpy(former, p->boxes, sizeof(former));
	p->boxes_n = 0;
	for (size_t i = 0; i < h->n; i++) {
		if (!is_mail(h->changes[i].type))
			continue;
		must(p->w, h->changes[i].kind == ENTRY_ADD, "phone %u: other than Adds under key 0", p->n);
		take_folder(p, &h->changes[i]);
		for (size_t j = 0; j < former_n; j++)
			if (former[j].id == h->changes[i].id) {
				former[j].parent = p->boxes[p->boxes_n - 1].parent;
				memcpy(former[j].name, p->boxes[p->boxes_n - 1].name, sizeof(former[j].name));
				p->boxes[p->boxes_n - 1] = former[j];
			}
	}
}

bool phone_take_hierarchy(struct phone *p, struct str document)
{
	struct answer_hierarchy h;
	bool first = strcmp(p->hierarchy_key, "0") == 0;

	must(p->w, answer_hierarchy_read(document, &h) == ERR_OK, "phone %u: a FolderSync answer that none may be",
	     p->n);
	must(p->w, h.status == 1, "phone %u: FolderSync status %u", p->n, h.status);
	must(p->w, h.n == 0 || strcmp(h.key, p->hierarchy_key) != 0,
	     "phone %u: news of folders and the key is the same", p->n);
	if (first)
		take_all_folders(p, &h);
	for (size_t i = 0; i < h.n && !first; i++)
		if (is_mail(h.changes[i].type) || h.changes[i].kind == ENTRY_DELETE)
			take_folder(p, &h.changes[i]);
	if (strcmp(p->hierarchy_key, p->hierarchy_torn_key) != 0)
		p->hierarchy_torn_key[0] = '\0';
	memcpy(p->hierarchy_key, h.key, sizeof(p->hierarchy_key));
	p->hierarchy_lost = p->hierarchy_restarted = false;
	return h.n > 0;
}

/* ---- MoveItems ---- */

enum { MOVE_BAD_SOURCE = 1, MOVE_BAD_TARGET = 2, MOVE_DONE = 3 };

static void take_move(struct phone *p, const struct moving *m, const struct answer_move *a)
{
	struct box *from = phone_box(p, m->from), *to = phone_box(p, m->to);
	struct held *h = from ? box_find(from, m->id) : NULL, moved;

	world_log(p->w, "  %lld:%lld: status %u %lld:%lld", (long long)m->from, (long long)m->id, a->status,
		  (long long)a->folder, (long long)a->id);
	must(p->w, a->status >= MOVE_BAD_SOURCE && a->status <= MOVE_DONE, "phone %u: MoveItems status %u", p->n,
	     a->status);
	must(p->w, a->status != MOVE_DONE || (a->folder == m->to && a->id), "phone %u: a move without its target",
	     p->n);
	if (a->status != MOVE_DONE || !h)
		return;
	moved = *h;
	moved.id = a->id;
	drop(from, m->id);
	box_forget_pending(from, m->id);
	if (p->remaps && to && strcmp(to->key, "0") != 0 && !box_find(to, a->id) && to->held_n < HELD_MAX)
		to->held[to->held_n++] = moved;
}

void phone_take_moves(struct phone *p, struct str document)
{
	struct answer_move answers[MOVE_ANSWERS_MAX];
	size_t n;

	must(p->w, answer_moves_read(document, answers, &n) == ERR_OK && n == p->moves_n,
	     "phone %u: a MoveItems answer that none may be", p->n);
	for (size_t i = 0; i < n; i++) {
		CLEANUP(buf_release) struct buf name = BUF_INIT(64);

		put_item_name(&name, p->moves[i].from, p->moves[i].id);
		must(p->w, str_eq(answers[i].source, buf_view(&name)), "phone %u: the answer to another move", p->n);
		take_move(p, &p->moves[i], &answers[i]);
	}
	p->moves_n = 0;
}

void phone_take_ping(struct phone *p, struct str document)
{
	struct answer_ping a;

	must(p->w, answer_ping_read(document, &a) == ERR_OK, "phone %u: a Ping answer that none may be", p->n);
	world_log(p->w, "phone %u: Ping says %u", p->n, a.status);
	must(p->w, a.status == 1 || a.status == 2 || a.status == 7, "phone %u: Ping status %u", p->n, a.status);
	p->verdict = (struct ping_verdict){ .status = a.status, .n = a.n };
	for (size_t i = 0; i < a.n; i++) {
		bool asked = false;

		for (size_t j = 0; j < p->asked_n; j++)
			asked |= p->asked[j] == a.folders[i];
		must(p->w, asked, "phone %u: Ping tells of %lld, which it did not ask for", p->n,
		     (long long)a.folders[i]);
		p->verdict.folders[i] = a.folders[i];
	}
}

struct ping_verdict phone_verdict(struct phone *p)
{
	struct ping_verdict v = p->verdict;

	p->verdict = (struct ping_verdict){ 0 };
	return v;
}
