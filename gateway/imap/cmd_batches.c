/* UIDBATCHES (RFC 10022): UIDs that part the mailbox into batches of equal size, the newest first. */
#include <gateway/imap/commands.h>

struct batches {
	uint32_t size;
	uint32_t from, to; /* which batches, from 1; to 0: all */
};

void imap_batches_parse(struct imap_in *in, struct imap_command *c)
{
	struct batches *b = arena_new(&c->arena, struct batches);

	c->args = b;
	if (!b) {
		in_fail(in, "too much to keep");
		return;
	}
	in_sp(in);
	b->size = in_nz_number(in);
	b->from = 1;
	if (!in_ok(in) || !in_try(in, ' '))
		return;
	b->from = in_nz_number(in);
	in_char(in, ':');
	b->to = in_nz_number(in);
	if (in_ok(in) && b->from > b->to)
		in_fail(in, "[CLIENTBUG] the first batch stands before the last one");
}

/*
 * Each batch reaches down to where the next one begins, and the last one to 1, so that they hold every UID there can be. What
 * it costs is two searches a batch in a view that is kept, so nobody is refused who asks again (section 6 would allow it).
 */
static void put_batches(struct buf *out, const struct batches *b, const struct view *v)
{
	char between = ' ';

	for (uint64_t i = b->from; (b->to == 0 || i <= b->to) && (i - 1) * b->size < v->n; i++) {
		uint32_t top = v->n - (uint32_t)((i - 1) * b->size);
		uint32_t high = view_uid(v, top), low = top > b->size ? view_uid(v, top - b->size) + 1 : 1;

		buf_fmt(out, "%c%u:%u", between, high, low);
		between = ',';
	}
}

static enum err list_batches(struct imap_command *c)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct imap_session *se = c->se;
	struct view *v;

	TRY(store_begin(se->server->args.store, se->mailbox, STORE_READ, &tx));
	TRY(view_open(se->server->views, tx, &se->selected.view, &v));
	buf_cstr(&se->out, "* UIDBATCHES (TAG ");
	imap_put_string(&se->out, c->tag);
	buf_char(&se->out, ')');
	put_batches(&se->out, c->args, v);
	buf_cstr(&se->out, "\r\n");
	view_close(se->server->views, &v);
	return ERR_OK;
}

/* Section 3.1.5: of a range of batches; who asks for all of them gets them all. */
static bool spans_too_many(const struct batches *b)
{
	return b->to && ((uint64_t)b->to - b->from + 1) * b->size > IMAP_MAX_BATCHED;
}

enum imap_next imap_batches(struct imap_command *c, struct worker *w)
{
	const struct batches *b = c->args;

	(void)w;
	if (b->size < IMAP_MIN_BATCH)
		return imap_no(c, "[TOOFEW] a batch has at least %d", IMAP_MIN_BATCH);
	if (spans_too_many(b))
		return imap_no(c, "[TOOMANY] a range of batches has at most %d messages", IMAP_MAX_BATCHED);
	return imap_result(c, list_batches(c), "done");
}
