/*
 * Step B of Sync: what the phone has to be told, as much as its windows and the byte limit take, in one snapshot. Bodies
 * are rendered here, which may take long; nothing is locked meanwhile.
 */
#include <gateway/activesync/sync_work.h>

#include <gateway/activesync/loop_guard.h>
#include <gateway/activesync/server_id.h>

struct page {
	struct sync_job *job;
	struct store_tx *tx;
	struct arena scratch; /* of one item: a page of large ones takes no more than the largest */
	unsigned left;        /* of the request's window */
	size_t bytes;         /* of a response */
	size_t bytes_left;    /* of this one */
};

static size_t page_bytes(const struct eas_request *rq)
{
	return rq->profile->page_bytes ? rq->profile->page_bytes : EAS_MAX_PAGE_BYTES;
}

static struct item_view view_of(struct page *p, const struct sync_work *c, struct eas_inserts *inserts)
{
	return (struct item_view){ .tx = p->tx,
				   .owner = c->place.owner,
				   .mount = c->place.shared ? c->place.collection : 0,
				   .guest = c->place.shared,
				   .arena = &p->scratch,
				   .version = p->job->rq->version,
				   .options = &c->allowed,
				   .container = TAG_AIRSYNC_APPLICATIONDATA,
				   .told = c->state.since,
				   .inserts = inserts };
}

static uint64_t bytes_of(const struct buf *b, const struct eas_inserts *inserts)
{
	return b->n + inserts->bytes;
}

/* What was written counts against the response. */
static void spend(struct page *p, uint64_t bytes)
{
	p->bytes_left -= bytes < p->bytes_left ? (size_t)bytes : p->bytes_left;
}

static void put_server_id(struct sync_work *c, const struct item *item)
{
	wbxml_put_text(&c->page, TAG_AIRSYNC_SERVERID, str_of(server_id_item(c->place.collection, item->id).text));
}

/* MS-ASCMD_R939 to R944: of an item that is not of the folder's class. */
static void put_class(struct sync_work *c, const struct item *item)
{
	if (item->flags & ITEM_TEXT)
		wbxml_put_text(&c->page, TAG_AIRSYNC_CLASS, item_class_texts()->name);
}

static const struct item_class *class_of(const struct sync_work *c, const struct item *item)
{
	return item->flags & ITEM_TEXT ? item_class_texts() : c->class;
}

static void put_gone(const struct page *p, struct sync_work *c, enum wbxml_tag tag, const struct item *item)
{
	wbxml_open(&c->page, tag);
	if (tag == TAG_AIRSYNC_DELETE && p->job->rq->version > EAS_14_0) /* MS-ASCMD_R6300 */
		put_class(c, item);
	put_server_id(c, item);
	wbxml_close(&c->page, tag);
}

/* How an item is shown to this device: as it was found out before, or in this very page. */
static enum held_back_level level_of(const struct sync_work *c, int64_t item)
{
	if (c->found.level != HELD_BACK_NOT && c->found.item == item)
		return c->found.level;
	for (size_t i = 0; i < c->held_n; i++)
		if (c->held[i].item == item)
			return c->held[i].level;
	return HELD_BACK_NOT;
}

/* The first entry of a page that was asked for over and over is what the phone cannot take. */
static void suspect(struct sync_work *c, const struct feed_entry *entry)
{
	if (c->again < EAS_LOOP_PLACEHOLDER || c->entries || c->found.level != HELD_BACK_NOT)
		return;
	c->found = (struct held_back){ .item = entry->item.id,
				       .level = c->again < EAS_LOOP_SKIP ? HELD_BACK_PLACEHOLDER : HELD_BACK_SKIPPED };
}

/* A Delete of what the phone may not have harms nothing, and is never what it cannot take. */
static bool is_skipped(struct sync_work *c, const struct feed_entry *entry)
{
	if (entry->kind == FEED_DELETE || entry->kind == FEED_SOFTDELETE)
		return false;
	suspect(c, entry);
	return level_of(c, entry->item.id) == HELD_BACK_SKIPPED;
}

static unsigned window_of(const struct sync_work *c)
{
	return c->window && c->window < c->asked->window ? c->window : c->asked->window;
}

/*
 * MS-ASCMD_R2108: of a mail that is there for the sake of its conversation, no body but the preview. Its message part does come
 * (MS-ASCON_R242).
 */
static struct eas_options without_bodies(const struct eas_options *o)
{
	struct eas_options ret = *o;

	for (size_t i = 0; i < BODY_TYPES; i++) {
		ret.body[i].truncation = 0;
		ret.body[i].all_or_none = false;
	}
	return ret;
}

static bool is_of_the_past(const struct sync_work *c, const struct item *item)
{
	return c->by == FEED_BY_CONVERSATION &&
	       item->received_ms < c->state.edge[item->flags & ITEM_TEXT ? FEED_TEXTS : FEED_ITEMS].goal;
}

static enum err put_item(struct page *p, struct sync_work *c, enum wbxml_tag tag, const struct item *item)
{
	const struct eas_options bodyless = without_bodies(&c->allowed);
	struct item_view view = view_of(p, c, &c->page_inserts);
	const struct item_class *class = class_of(c, item);
	bool whole = tag == TAG_AIRSYNC_ADD || item->content > c->state.since;

	if (is_of_the_past(c, item))
		view.options = &bodyless;
	wbxml_open(&c->page, tag);
	put_class(c, item);
	put_server_id(c, item);
	if (whole && level_of(c, item->id) == HELD_BACK_PLACEHOLDER)
		TRY(class->put_placeholder(&c->page, &view, item));
	else
		TRY((whole ? class->put : class->put_change)(&c->page, &view, item));
	wbxml_close(&c->page, tag);
	return ERR_OK;
}

static enum err put_entry(struct page *p, struct sync_work *c, const struct feed_entry *entry)
{
	switch (entry->kind) {
	case FEED_DELETE:
		put_gone(p, c, TAG_AIRSYNC_DELETE, &entry->item);
		return ERR_OK;
	case FEED_SOFTDELETE:
		put_gone(p, c, TAG_AIRSYNC_SOFTDELETE, &entry->item);
		return ERR_OK;
	case FEED_READD:
		put_gone(p, c, TAG_AIRSYNC_DELETE, &entry->item);
		return put_item(p, c, TAG_AIRSYNC_ADD, &entry->item);
	case FEED_ADD:
		return put_item(p, c, TAG_AIRSYNC_ADD, &entry->item);
	case FEED_CHANGE:
		return put_item(p, c, TAG_AIRSYNC_CHANGE, &entry->item);
	case FEED_END:
		break;
	}
	return ERR_OK;
}

/* Pages one collection; where an entry does not fit it is left for the next response, with no trace of it here. */
static enum err read_page(struct page *p, struct sync_work *c, struct feed *feed)
{
	for (;;) {
		const struct feed_state before = feed->state;
		const struct wbxml_mark mark = wbxml_mark(&c->page);
		const bool alone = mark.n == 0 && p->bytes_left == p->bytes;
		struct feed_entry entry;

		arena_reset(&p->scratch);
		TRY(feed_next(&p->scratch, feed, &entry));
		if (entry.kind == FEED_END)
			return ERR_OK;
		if (is_skipped(c, &entry)) {
			c->skipped = true;
			continue;
		}
		c->more = true;
		if (c->entries >= window_of(c) || p->left == 0) {
			feed->state = before;
			return ERR_OK;
		}
		c->state = before;
		TRY(put_entry(p, c, &entry));
		if (bytes_of(&c->page_bytes, &c->page_inserts) > p->bytes_left && !alone) {
			wbxml_rewind(&c->page, mark);
			eas_inserts_rewind(&c->page_inserts, mark.n);
			feed->state = before;
			p->left = 0;
			return ERR_OK;
		}
		c->more = false;
		c->entries++;
		p->left--;
	}
}

static enum err open_feed(struct page *p, struct sync_work *c, struct feed *feed)
{
	const struct feed_state st = sync_work_state(p->job, c);

	return feed_open(feed, p->tx, c->folder, p->job->rq->device.id, &st);
}

static enum err page_collection(struct page *p, struct sync_work *c)
{
	struct feed feed;
	enum err e = open_feed(p, c, &feed);

	if (e == ERR_STALE || e == ERR_NOT_FOUND) {
		c->status = e == ERR_STALE ? EAS_SYNC_BAD_KEY : EAS_SYNC_HIERARCHY;
		return ERR_OK;
	}
	TRY(e);
	TRY(read_page(p, c, &feed));
	c->state = feed.state;
	spend(p, bytes_of(&c->page_bytes, &c->page_inserts));
	return ERR_OK;
}

static enum err fetched_item(struct page *p, const struct sync_work *c, struct str name, struct item *ret)
{
	int64_t folder, id;

	TRY(server_id_parse_item(name, &folder, &id));
	TRY(folder == c->place.collection ? item_get(&p->scratch, p->tx, c->folder, id, ret) : ERR_NOT_FOUND);
	return ret->flags & ITEM_TEXT && p->job->rq->version < item_class_texts()->since ? ERR_NOT_FOUND : ERR_OK;
}

/* By what the phone was told. */
static bool is_held(const struct sync_line *line, const struct item *i)
{
	return i->created_by == line->device || feed_state_holds(sync_line_state(line), i);
}

/*
 * What the phone may not do to somebody else's item is undone on it in the answer that says so: the item as it is, or again. It
 * is nobody else's news, so the item is not stamped. What does not fit, into the windows or the response, is left to key 0.
 */
static enum err give_back(struct page *p, struct sync_work *c, const struct eas_sync_command *asked)
{
	const bool deleted = asked->kind == EAS_SYNC_DELETE;
	struct item item;
	enum err e;

	arena_reset(&p->scratch);
	e = fetched_item(p, c, asked->id, &item);
	if (e == ERR_NOT_FOUND || (!e && !is_held(&c->line, &item)))
		return ERR_OK;
	TRY(e);
	if (c->entries >= window_of(c) || p->left == 0) {
		c->status = EAS_SYNC_BAD_KEY;
		return ERR_OK;
	}
	c->state = sync_work_state(p->job, c);
	c->state.since = 0; /* all of it */
	TRY(put_item(p, c, deleted ? TAG_AIRSYNC_ADD : TAG_AIRSYNC_CHANGE, &item));
	if (bytes_of(&c->page_bytes, &c->page_inserts) > p->bytes_left)
		c->status = EAS_SYNC_BAD_KEY;
	c->entries++;
	p->left--;
	return ERR_OK;
}

static enum err give_all_back(struct page *p, struct sync_work *c)
{
	for (size_t i = 0, n = 0; i < c->asked->commands_n; i++) {
		const struct eas_sync_command *asked = &c->asked->commands[i];

		if (asked->kind == EAS_SYNC_FETCH)
			continue;
		if (c->results[n++].status == EAS_SYNC_CONFLICT && asked->kind != EAS_SYNC_ADD &&
		    c->status == EAS_SYNC_DONE)
			TRY(give_back(p, c, asked));
	}
	return ERR_OK;
}

static void put_fetch_head(struct wbxml_writer *w, struct str name, enum eas_sync_code code)
{
	wbxml_open(w, TAG_AIRSYNC_FETCH);
	wbxml_put_text(w, TAG_AIRSYNC_SERVERID, name);
	wbxml_put_u64(w, TAG_AIRSYNC_STATUS, code);
}

static void put_fetch_failure(struct wbxml_writer *w, struct str name, enum eas_sync_code code)
{
	put_fetch_head(w, name, code);
	wbxml_close(w, TAG_AIRSYNC_FETCH);
}

/*
 * The answer to one Fetch: the item as an Add would bring it. What does not fit beside the others is to be asked again:
 * Fetch knows no MoreAvailable. Inserts are not memory, and do not count here.
 */
static enum err fetch(struct page *p, struct sync_work *c, struct str name)
{
	const struct item_view view = view_of(p, c, &c->fetched_inserts);
	struct wbxml_writer *w = &c->fetched;
	const struct wbxml_mark mark = wbxml_mark(w);
	const bool alone = mark.n == 0 && p->bytes_left == p->bytes;
	struct item item;
	enum err e;

	arena_reset(&p->scratch);
	e = fetched_item(p, c, name, &item);
	if (e == ERR_NOT_FOUND) {
		put_fetch_failure(w, name, EAS_SYNC_NOT_FOUND);
		return ERR_OK;
	}
	TRY(e);
	put_fetch_head(w, name, EAS_SYNC_DONE);
	TRY(class_of(c, &item)->put(w, &view, &item));
	wbxml_close(w, TAG_AIRSYNC_FETCH);
	if (alone || c->fetched_bytes.n <= p->bytes_left)
		return ERR_OK;
	wbxml_rewind(w, mark);
	eas_inserts_rewind(&c->fetched_inserts, mark.n);
	put_fetch_failure(w, name, EAS_SYNC_RETRY);
	return ERR_OK;
}

static enum err fetch_all(struct page *p, struct sync_work *c)
{
	c->fetched_bytes.max = EAS_MAX_RESPONSE_BYTES;
	wbxml_fragment_init(&c->fetched, &c->fetched_bytes);
	for (size_t i = 0; i < c->asked->commands_n; i++)
		if (c->asked->commands[i].kind == EAS_SYNC_FETCH)
			TRY(fetch(p, c, c->asked->commands[i].id));
	spend(p, bytes_of(&c->fetched_bytes, &c->fetched_inserts));
	return ERR_OK;
}

static enum err read_collection(struct page *p, struct sync_work *c)
{
	if (c->status != EAS_SYNC_DONE || c->first_key.n)
		return ERR_OK;
	c->page_bytes.max = EAS_MAX_RESPONSE_BYTES;
	wbxml_fragment_init(&c->page, &c->page_bytes);
	TRY(fetch_all(p, c));
	if (c->place.shared)
		TRY(give_all_back(p, c));
	if (c->status != EAS_SYNC_DONE)
		return ERR_OK;
	TRY(sync_drafts_answer(p->job, c, p->tx, &p->scratch));
	TRY(sync_answered_read(p->job, c, p->tx, &p->scratch));
	if (sync_work_pages(c))
		return page_collection(p, c);
	c->state = sync_work_state(p->job, c);
	return ERR_OK;
}

static enum err read_own(struct page *p)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct sync_job *job = p->job;
	struct held_back *held;
	size_t held_n;

	TRY(store_begin(job->rq->eas->store, job->rq->mailbox, STORE_READ, &tx));
	p->tx = tx;
	TRY(held_back_list(job->rq->arena, tx, job->rq->device.id, &held, &held_n));
	for (size_t i = 0; i < job->n; i++) {
		struct sync_work *c = &job->work[i];

		c->held = held;
		c->held_n = held_n;
		if (!c->place.shared)
			TRY(read_collection(p, c));
	}
	return ERR_OK;
}

static enum err read_shared(struct page *p, struct sync_work *c)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	const struct eas_request *rq = p->job->rq;
	struct held_back *held;

	TRY(store_begin(rq->eas->store, c->place.mailbox, STORE_READ, &tx));
	p->tx = tx;
	TRY(held_back_list(rq->arena, tx, rq->device.id, &held, &c->held_n));
	c->held = held;
	return read_collection(p, c);
}

static enum err read_all(struct page *p)
{
	struct sync_job *job = p->job;

	TRY(read_own(p));
	for (size_t i = 0; i < job->n; i++) {
		struct sync_work *c = &job->work[i];

		if (c->status == EAS_SYNC_DONE && c->place.shared)
			TRY(sync_work_settle_shared(c, read_shared(p, c)));
	}
	return ERR_OK;
}

enum err sync_pages_read(struct sync_job *job)
{
	struct page p = { .job = job, .left = job->request.window, .bytes = page_bytes(job->rq) };
	enum err e;

	p.bytes_left = p.bytes;
	p.scratch = ARENA_INIT(EAS_MAX_ITEM_ARENA_BYTES);
	e = read_all(&p);
	arena_release(&p.scratch);
	return e;
}
