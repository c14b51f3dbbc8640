/* roostctl queue: messages on their way out. */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/listing.h>
#include <tools/roostctl/runs.h>

#include <store/queue.h>

enum { PAGE = 100 };

static const struct column columns[] = {
	{ "id", "ID", 6 },        { "from", "FROM", 24 },     { "recipients", "RCPTS", 5 },
	{ "pending", "OPEN", 4 }, { "attempts", "TRIES", 5 }, { "created", "SINCE", 20 },
	{ "next", "NEXT", 20 },   { "expires", NULL, 0 },     { "size", "SIZE", 0 },
};

static void list_row(struct listing *l, const struct queue_entry *e)
{
	listing_number(l, (uint64_t)e->id);
	listing_text(l, e->sender.n ? e->sender : S("<>"));
	listing_number(l, e->recipients_n);
	listing_number(l, e->pending_n);
	listing_number(l, e->attempts);
	listing_time(l, e->created_ms);
	listing_time(l, e->next_ms);
	listing_time(l, e->expires_ms);
	listing_number(l, e->size);
}

static enum err list_all(struct ctl *c, struct listing *l)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct queue_entry *entries;
	size_t n = PAGE;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx));
	for (int64_t after = 0; n == PAGE;) {
		arena_reset(&c->arena);
		TRY(queue_list(&c->arena, tx, after, false, PAGE, &entries, &n));
		for (size_t i = 0; i < n; i++) {
			list_row(l, &entries[i]);
			after = entries[i].id;
		}
	}
	return ERR_OK;
}

enum status queue_run_list(struct ctl *c, const struct args *args)
{
	struct listing l;

	listing_begin(&l, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_TABLE));
	enum err e = list_all(c, &l);
	listing_end(&l);
	return e ? ctl_fail(e, "the queue can't be read") : ctl_flush();
}

/* ---- one entry ---- */

static const struct column recipient_columns[] = {
	{ "address", "ADDRESS", 32 },
	{ "state", "STATE", 9 },
	{ "status", "STATUS", 7 },
	{ "reply", "REPLY", 0 },
};

static struct str state_word(enum queue_state state)
{
	static const char *const words[] = {
		[QUEUE_PENDING] = "open",  [QUEUE_DELIVERED] = "delivered", [QUEUE_RELAYED] = "relayed",
		[QUEUE_FAILED] = "failed", [QUEUE_DROPPED] = "dropped",     [QUEUE_EXPANDED] = "expanded",
	};
	_Static_assert(countof(words) == QUEUE_STATE_MAX_, "a word for every state");

	return str_of(state < QUEUE_STATE_MAX_ ? words[state] : "?");
}

static enum err read_entry(struct ctl *c, int64_t id, struct queue_entry *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx));
	return queue_get(&c->arena, tx, id, ret);
}

static bool parse_id(const char *text, int64_t *ret)
{
	return str_to_i64(str_of(text), ret) == ERR_OK && *ret > 0;
}

static enum status no_such(const char *text, enum err e)
{
	if (e != ERR_NOT_FOUND)
		return ctl_fail(e, "%s", text);
	ctl_say("%s: no such message in the queue", text);
	return STATUS_FAILED;
}

enum status queue_run_show(struct ctl *c, const struct args *args)
{
	struct queue_entry entry;
	struct listing l;
	int64_t id;

	if (!parse_id(args->word[0], &id))
		return no_such(args->word[0], ERR_NOT_FOUND);
	enum err e = read_entry(c, id, &entry);
	if (e)
		return no_such(args->word[0], e);
	listing_begin(&l, recipient_columns, countof(recipient_columns),
		      listing_form(args->option[OPTION_JSON], LISTING_TABLE));
	for (size_t i = 0; i < entry.recipients_n; i++) {
		listing_text(&l, entry.recipients[i].address);
		listing_text(&l, state_word(entry.recipients[i].state));
		listing_text(&l, entry.recipients[i].status);
		listing_text(&l, entry.recipients[i].reply);
	}
	listing_end(&l);
	return ctl_flush();
}

/* ---- changing: roostd looks at the queue every few seconds ---- */

typedef enum err change_fn(struct store_tx *tx, int64_t id);

static enum err change(struct ctl *c, int64_t id, change_fn *fn)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(fn(tx, id));
	return store_commit(&tx);
}

static enum status change_all(struct ctl *c, const struct args *args, change_fn *fn)
{
	enum status status = STATUS_DONE;

	for (int i = 0; i < args->words_n; i++) {
		int64_t id;
		enum err e = parse_id(args->word[i], &id) ? change(c, id, fn) : ERR_NOT_FOUND;

		if (e)
			status = no_such(args->word[i], e);
	}
	return status;
}

enum status queue_run_retry(struct ctl *c, const struct args *args)
{
	return change_all(c, args, queue_retry);
}

enum status queue_run_drop(struct ctl *c, const struct args *args)
{
	if (!args->option[OPTION_YES]) {
		ctl_say("what is dropped is lost, and nobody is told; say --yes");
		return STATUS_MISUSED;
	}
	return change_all(c, args, queue_drop);
}
