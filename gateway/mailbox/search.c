/* Searching mails: the index is brought to head, then it is asked. */
#include <gateway/mailbox/search.h>

#include <base/log.h>
#include <gateway/content/calendar.h>
#include <gateway/content/fold.h>
#include <gateway/content/todo.h>
#include <gateway/mailbox/entry.h>
#include <gateway/mailbox/search_texts.h>

_Static_assert((int)FOLD_VERSION <= (int)SEARCH_VERSION, "another folding is another index");

enum { WALK_ARENA_BYTES = 64 * 1024 * 1024, MESSAGE_ARENA_BYTES = 32 * 1024 * 1024, FOLD_GROWTH = 8 };

struct chunk {
	struct store_tx *index, *tx;
	struct arena walk_arena, arena; /* the second is emptied for each mail */
	struct search_texts texts;
	bool head;
};

static void chunk_release(struct chunk *c)
{
	store_tx_end(&c->index);
	store_tx_end(&c->tx);
	arena_release(&c->walk_arena);
	arena_release(&c->arena);
	search_texts_release(&c->texts);
}

static enum err read_mail(struct chunk *c, const struct item *item)
{
	CLEANUP(message_close) struct message m = { 0 };

	TRY(message_open(&c->arena, c->tx, item, &m));
	return search_texts_read(&c->arena, &m, &c->texts);
}

/* Nobody but the owner is shown what the calendar's own reader can't make out: it may be private. */
static bool is_unreadable(struct arena *a, enum folder_class class, struct str octets)
{
	struct cal_series series;
	struct todo todo;

	switch (class) {
	case FOLDER_CALENDAR:
		return cal_series_read(a, octets, &series) != ERR_OK;
	case FOLDER_TASKS:
		return todo_read(a, octets, TODO_TASK, &todo) != ERR_OK;
	case FOLDER_NOTES:
		return todo_read(a, octets, TODO_NOTE, &todo) != ERR_OK;
	case FOLDER_MAIL:
	case FOLDER_CONTACTS:
	case FOLDER_CLASS_MAX_:
		break;
	}
	return false;
}

static enum err read_entry(struct chunk *c, enum folder_class class, const struct item *item)
{
	struct str octets;

	TRY(entry_read(&c->arena, c->tx, item, &octets));
	TRY(search_texts_entry(octets, &c->texts));
	c->texts.hidden |= is_unreadable(&c->arena, class, octets);
	return ERR_OK;
}

/* An item that can't be read is found by nothing, but it is not asked for again and again. */
static enum err read_texts(struct chunk *c, enum folder_class class, const struct item *item)
{
	enum err e = class == FOLDER_MAIL ? read_mail(c, item) : read_entry(c, class, item);

	if (!e)
		return ERR_OK;
	search_texts_clear(&c->texts);
	return e == ERR_NOT_FOUND || e == ERR_CORRUPT || e == ERR_LIMIT ? ERR_OK : e;
}

static enum err put_item(struct chunk *c, enum folder_class class, const struct item *item)
{
	struct str texts[SEARCH_FIELD_MAX_];

	arena_reset(&c->arena);
	TRY(read_texts(c, class, item));
	for (size_t i = 0; i < SEARCH_FIELD_MAX_; i++)
		texts[i] = buf_view(&c->texts.field[i]);
	return search_put(c->index, item, texts, c->texts.hidden);
}

static enum err put_items(struct chunk *c)
{
	struct search_walk walk;
	uint64_t bytes = 0;

	TRY(search_walk_begin(&c->walk_arena, c->index, c->tx, &walk));
	for (size_t n = 0; n < MAIL_SEARCH_CHUNK_ITEMS && bytes < MAIL_SEARCH_CHUNK_BYTES; n++) {
		struct item item;
		enum err e = search_walk_next(&walk, &item);

		c->head = e == ERR_NOT_FOUND;
		if (c->head)
			break;
		TRY(e);
		TRY(put_item(c, walk.folders[walk.at].class, &item));
		bytes += item.size;
	}
	return search_walk_keep(&walk);
}

static enum err run_chunk(struct store *s, int64_t mailbox, bool *ret_head)
{
	CLEANUP(chunk_release)
	struct chunk c = { .walk_arena = ARENA_INIT(WALK_ARENA_BYTES), .arena = ARENA_INIT(MESSAGE_ARENA_BYTES) };

	search_texts_init(&c.texts);
	TRY(search_index_begin(s, mailbox, &c.index));
	TRY(store_begin(s, mailbox, STORE_READ, &c.tx));
	TRY(put_items(&c));
	*ret_head = c.head;
	return store_commit(&c.index);
}

static enum err discard(struct store *s, int64_t mailbox, enum err why)
{
	enum err e = search_index_discard(s, mailbox);

	log_warn("search_index", "mailbox=%lld error=%s action=%s", (long long)mailbox,
		 log_quote(str_of(err_text(why))).text, e ? "none" : "\"made anew\"");
	return e;
}

static bool may_go_on(struct store *s, const struct mail_search_bounds *b, int64_t begun_ms)
{
	if (b->stop && b->stop(b->ctx))
		return false;
	return b->max_ms == 0 || clock_mono_ms(store_clock(s)) - begun_ms < b->max_ms;
}

enum err mail_search_update(struct store *s, int64_t mailbox, const struct mail_search_bounds *bounds, bool *ret_head)
{
	int64_t begun_ms = clock_mono_ms(store_clock(s));
	bool head = false, discarded = false;

	do {
		enum err e = run_chunk(s, mailbox, &head);

		if (e == ERR_CORRUPT && !discarded) {
			discarded = true;
			TRY(discard(s, mailbox, e));
			continue;
		}
		TRY(e);
	} while (!head && may_go_on(s, bounds, begun_ms));
	*ret_head = head;
	return ERR_OK;
}

static enum err bring_to_head(struct store *s, int64_t mailbox)
{
	static const struct mail_search_bounds bounds = { .max_ms = MAIL_SEARCH_WAIT_MS };
	bool head;

	TRY(mail_search_update(s, mailbox, &bounds, &head));
	return head ? ERR_OK : ERR_BUSY;
}

static enum err run_alone(struct arena *a, struct store *s, int64_t mailbox, const struct search_node *query,
			  const struct search_page *page, struct search_result *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(s, mailbox, STORE_READ, &tx));
	return search_run(a, tx, query, page, ret);
}

enum err mail_search(struct arena *a, struct store *s, int64_t mailbox, const struct search_node *query,
		     const struct search_page *page, struct search_result *ret)
{
	enum err e;

	TRY(bring_to_head(s, mailbox));
	e = run_alone(a, s, mailbox, query, page, ret);
	if (e != ERR_CORRUPT)
		return e;
	TRY(discard(s, mailbox, e));
	TRY(bring_to_head(s, mailbox));
	return run_alone(a, s, mailbox, query, page, ret);
}

enum err mail_search_in(struct arena *a, struct store_tx *tx, const struct search_node *query,
			const struct search_page *page, struct search_result *ret)
{
	struct store *s = store_tx_store(tx);
	int64_t mailbox = store_tx_mailbox(tx);
	enum err e;

	TRY(bring_to_head(s, mailbox));
	e = search_run(a, tx, query, page, ret);
	if (e != ERR_CORRUPT)
		return e;
	TRY(discard(s, mailbox, e));
	TRY(bring_to_head(s, mailbox));
	return search_run(a, tx, query, page, ret);
}

enum err mail_search_text(struct arena *a, unsigned fields, struct str text, struct search_node *ret)
{
	CLEANUP(buf_release) struct buf folded = BUF_INIT(FOLD_GROWTH * MAIL_SEARCH_NODE_BYTES);
	struct search_node node = { .kind = SEARCH_TEXT, .fields = fields };

	if (text.n > MAIL_SEARCH_NODE_BYTES)
		return ERR_LIMIT;
	fold_text(&folded, text);
	TRY(buf_status(&folded));
	if (folded.n > SEARCH_TEXT_MAX)
		return ERR_LIMIT;
	if (folded.n == 0)
		node = (struct search_node){ .kind = SEARCH_ALL };
	TRY(arena_str(a, buf_view(&folded), &node.text));
	*ret = node;
	return ERR_OK;
}

static enum err clear(struct store *s, int64_t mailbox)
{
	CLEANUP(store_tx_end) struct store_tx *index = NULL;

	TRY(search_index_begin(s, mailbox, &index));
	TRY(search_index_clear(index));
	return store_commit(&index);
}

enum err mail_search_rebuild(struct store *s, int64_t mailbox)
{
	static const struct mail_search_bounds bounds = { 0 };
	enum err e = clear(s, mailbox);
	bool head;

	if (e == ERR_CORRUPT)
		e = discard(s, mailbox, e);
	TRY(e);
	return mail_search_update(s, mailbox, &bounds, &head);
}
