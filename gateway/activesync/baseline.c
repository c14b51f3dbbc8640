/* Changes with what proves that a response has reached the phone. */
#include <gateway/activesync/baseline.h>

#include <gateway/activesync/issued.h>

/*
 * A confirmed key is not written down as long as it is remembered. Without this a phone whose last response an earlier
 * process wrote would be told of news by every Ping and find none by any Sync.
 */
enum sync_presented eas_line_present(const struct eas_request *rq, struct sync_line *line, struct str key,
				     bool *forgotten)
{
	enum sync_presented presented = sync_line_present(line, key);

	/* A phone that asked for a key 0 and goes on with its former key has thought better of it. */
	if (presented != SYNC_CONFIRMS && presented != SYNC_CURRENT && presented != SYNC_RETURNS)
		return presented;
	if (presented == SYNC_CONFIRMS &&
	    !eas_issued_is(rq->eas->issued, line->mailbox, rq->device.id, line->folder, key))
		*forgotten = true;
	eas_issued_note(rq->eas->issued, line->mailbox, rq->device.id, line->folder, key);
	return presented;
}

bool eas_line_is_newest(const struct eas_request *rq, const struct sync_line *line)
{
	return eas_issued_arrive(rq->eas->issued, line->mailbox, rq->device.id, line->folder, rq->http->id);
}

enum err eas_line_confirm(const struct eas_request *rq, int64_t mailbox, int64_t folder, struct str key)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct sync_line line;

	TRY(store_begin(rq->eas->store, mailbox, STORE_WRITE, &tx));
	TRY(sync_line_load(tx, rq->device.id, folder, &line));
	if (sync_line_present(&line, key) != SYNC_CONFIRMS)
		return ERR_OK;
	TRY(sync_commands_begin(tx, &line, NULL, 0, NULL));
	TRY(sync_line_store(tx, &line));
	return store_commit(&tx);
}

static bool is_among(const struct eas_baseline *b, const struct feed_state *st)
{
	for (size_t i = 0; i < b->n; i++)
		if (memcmp(&b->is[i]->state, st, sizeof(*st)) == 0)
			return true;
	return false;
}

/* The slot whose key was written or shown last; SYNC_SLOT_MAX_: none that is remembered. */
static size_t known_slot(const struct eas_request *rq, const struct sync_line *line)
{
	size_t i = 0;

	while (i < SYNC_SLOT_MAX_ &&
	       !(line->slot[i].used &&
		 eas_issued_is(rq->eas->issued, line->mailbox, rq->device.id, line->folder, str_of(line->slot[i].key))))
		i++;
	return i;
}

void eas_baseline(const struct eas_request *rq, const struct sync_line *line, struct eas_baseline *ret)
{
	const size_t known = known_slot(rq, line);
	const bool alone = known == SYNC_CONFIRMED || known == SYNC_FRESH ||
			   (known == SYNC_UNCOMMITTED && !sync_line_is_torn(line));

	ret->n = 0;
	for (size_t i = 0; i < SYNC_SLOT_MAX_; i++) {
		const struct sync_generation *g = &line->slot[i];
		/* Where the last answer was written, and a former one too, it is one of these that the phone has. */
		bool late = i != SYNC_CONFIRMED && i != SYNC_FRESH;

		if (!g->used || (alone ? i != known : known == SYNC_UNCOMMITTED && !late))
			continue;
		if (!is_among(ret, &g->state))
			ret->is[ret->n++] = g;
	}
}
