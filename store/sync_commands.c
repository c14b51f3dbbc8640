/*
 * The client's commands and lost answers (rule 5): a request that repeats is answered from what is stored, and what it
 * does not repeat is taken back from the device's knowledge.
 */
#include <store/folder_rows.h>
#include <store/item_rows.h>
#include <store/sync_results.h>

#include <base/mem.h>

#include <stdlib.h>

static void results_free(struct sync_stored **rp)
{
	free(*rp);
}

static bool same(const struct sync_stored *s, const struct sync_command *c)
{
	return !s->taken && s->kind == c->kind && memcmp(s->hash, c->hash, sizeof(s->hash)) == 0 &&
	       str_eq(str_of(s->name), c->name);
}

/* An Add's result no longer holds once its item has been moved: under that ServerId the phone would see another one. */
static enum err still_holds(struct store_tx *tx, const struct sync_line *line, const struct sync_stored *s, bool *ret)
{
	struct item now;
	enum err e = ERR_NOT_FOUND;

	if (s->kind == SYNC_ADD && line->folder != FOLDER_ROOT)
		e = item_row_get(tx, s->result.folder, s->result.item, &now);
	*ret = e == ERR_NOT_FOUND || now.created == s->result.created;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

struct repeat {
	struct store_tx *tx;
	const struct sync_line *line;
	struct sync_stored *stored;
	size_t stored_n;
};

static enum err answer(const struct repeat *r, const struct sync_command *c, struct sync_result *ret)
{
	for (size_t i = 0; i < r->stored_n; i++) {
		bool holds;

		if (!same(&r->stored[i], c))
			continue;
		TRY(still_holds(r->tx, r->line, &r->stored[i], &holds));
		if (!holds)
			return ERR_OK;
		r->stored[i].taken = true;
		*ret = r->stored[i].result;
		ret->answered = true;
		return ERR_OK;
	}
	return ERR_OK;
}

static enum err item_take_back(const struct repeat *r, const struct sync_stored *s)
{
	const struct sync_result *was = &s->result;
	enum err e = ERR_OK;

	if (s->kind == SYNC_DELETE)
		e = item_gone_unmark(r->tx, was->folder, was->item, r->line->device);
	else if (was->status == SYNC_DONE)
		e = item_unmark(r->tx, was->folder, was->item, s->kind == SYNC_ADD);
	return e == ERR_NOT_FOUND ? ERR_OK : e; /* the item, or its folder, has gone meanwhile */
}

static enum err take_back(const struct repeat *r, const struct sync_stored *s)
{
	if (s->result.item == 0)
		return ERR_OK;
	if (r->line->folder == FOLDER_ROOT)
		return folder_unmark(r->tx, s->result.item, (int)s->kind, r->line->device);
	return item_take_back(r, s);
}

/* What the request does not repeat: the truth comes back to the device, and unrepeated Adds are remembered. */
static enum err settle(const struct repeat *r, struct sync_line *line)
{
	for (size_t i = 0; i < r->stored_n; i++) {
		const struct sync_stored *s = &r->stored[i];

		if (s->taken)
			continue;
		/* A device that begins again has forgotten all marks by itself. */
		if (r->line->presented != SYNC_BEGINS) {
			line->untold |= s->kind != SYNC_ADD && s->result.status != SYNC_DONE;
			TRY(take_back(r, s));
		}
		if (s->kind == SYNC_ADD && s->result.item && r->line->folder != FOLDER_ROOT)
			TRY(sync_orphan_put(r->tx, r->line, s));
	}
	return ERR_OK;
}

/*
 * A former answer has arrived: what its request added is the device's again. Its changes and deletes were taken back,
 * which only tells the device what it knows; an Add of what it has would not be that harmless.
 */
static enum err marks_return(const struct repeat *r)
{
	struct sync_stored *added = mem_array(SYNC_RESULTS_MAX, sizeof(*added));
	size_t n = 0;
	enum err e = sync_results_shelved(r->tx, r->line, r->line->returned, added, SYNC_RESULTS_MAX, &n);

	for (size_t i = 0; i < n && !e; i++) {
		const struct sync_result *was = &added[i].result;

		if (r->line->folder == FOLDER_ROOT)
			e = folder_remark(r->tx, was->item, r->line->device);
		else
			e = item_remark(r->tx, was->item, was->created, r->line->device);
		if (!e)
			e = sync_orphan_drop(r->tx, r->line, was->item);
	}
	free(added);
	return e;
}

/* What is kept of answers that turned out to be lost, or not. */
static enum err formers_settle(const struct repeat *r)
{
	const struct sync_line *line = r->line;

	if (line->presented == SYNC_REPEATS)
		return sync_results_shelve(r->tx, line);
	if (line->presented == SYNC_RETURNS)
		TRY(marks_return(r));
	return line->had_formers && line->presented != SYNC_CURRENT ? sync_results_forget(r->tx, line) : ERR_OK;
}

static enum err commands_check(const struct sync_command *commands, size_t n)
{
	if (n > SYNC_RESULTS_MAX)
		return ERR_LIMIT;
	for (size_t i = 0; i < n; i++)
		if (commands[i].name.n > SYNC_NAME_MAX)
			return ERR_LIMIT;
	return ERR_OK;
}

/*
 * Until its key is shown the device has nothing of a line that begins: so no mark counts of what the old line still did behind key 0,
 * by a request that was read late. Of this very transaction they do.
 */
static enum err forget_own(struct store_tx *tx, struct sync_line *line)
{
	uint64_t number;

	if (line->presented != SYNC_BEGINS || line->folder == FOLDER_ROOT)
		return ERR_OK;
	TRY(store_change_number(tx, &number));
	line->slot[SYNC_CONFIRMED].state.own_change = number - 1;
	return ERR_OK;
}

enum err sync_commands_begin(struct store_tx *tx, struct sync_line *line, const struct sync_command *commands, size_t n,
			     struct sync_result *results)
{
	CLEANUP(results_free) struct sync_stored *stored = mem_array(line->results_n + 1, sizeof(*stored));
	struct repeat r = { tx, line, stored, 0 };

	assert(line->presented > SYNC_FOREIGN && !line->begun);
	TRY(commands_check(commands, n));
	for (size_t i = 0; i < n; i++)
		results[i] = (struct sync_result){ 0 };
	if (line->presented == SYNC_REPEATS || line->presented == SYNC_RETURNS || line->presented == SYNC_BEGINS)
		TRY(sync_results_read(tx, line, stored, line->results_n, &r.stored_n));
	if (line->presented == SYNC_REPEATS || line->presented == SYNC_RETURNS)
		for (size_t i = 0; i < n; i++)
			TRY(answer(&r, &commands[i], &results[i]));
	TRY(forget_own(tx, line));
	TRY(settle(&r, line));
	TRY(formers_settle(&r));
	if (line->results_n)
		TRY(sync_results_drop(tx, line));
	line->results_n = 0;
	line->begun = true;
	return ERR_OK;
}

enum err sync_commands_end(struct store_tx *tx, struct sync_line *line, const struct sync_command *commands, size_t n,
			   const struct sync_result *results)
{
	assert(line->begun);
	for (size_t i = 0; i < n; i++)
		TRY(sync_result_put(tx, line, i, &commands[i], &results[i]));
	line->results_n = n;
	return ERR_OK;
}

/* What others have done to the former item goes on with the new one; its content only if it is not the device's own. */
static enum err inherit(struct store_tx *tx, const struct item *former, const struct item *made, int64_t device)
{
	struct author by = AUTHOR_NOBODY;
	struct item_edit edit = { .set = former->flags,
				  .clear = ~former->flags,
				  .keywords = former->keywords,
				  .followup = former->followup,
				  .verb = former->verb,
				  .verb_ms = former->verb_ms,
				  .key = former->key,
				  .blob = former->blob,
				  .size = former->size };

	if (former->modified != former->created)
		edit.what |= ITEM_EDIT_FLAGS | ITEM_EDIT_KEYWORDS | ITEM_EDIT_FOLLOWUP | ITEM_EDIT_VERB;
	if (former->content_by != device) {
		edit.what |= ITEM_EDIT_KEY | ITEM_EDIT_CONTENT;
		by = (struct author){ .device = former->content_by, .normalised = true };
	}
	return edit.what ? item_update(tx, made->folder, made->id, &edit, &by) : ERR_OK;
}

/*
 * What the Add made before, and where that is now; id 0: it has gone. One that has gone and was known by its content alone
 * is passed over: the user may well have written the same once more. ERR_NOT_FOUND: it is a new one.
 */
static enum err former_find(struct arena *a, struct store_tx *tx, const struct sync_line *line,
			    const struct sync_command *command, struct sync_orphan *orphan, struct item *ret)
{
	for (;;) {
		enum err e;

		TRY(sync_orphan_find(tx, line, command, orphan));
		e = item_find(a, tx, orphan->item, ret);
		if (e != ERR_NOT_FOUND)
			return e;
		*ret = (struct item){ 0 };
		if (orphan->named)
			return ERR_OK;
		TRY(sync_orphan_drop(tx, line, orphan->item));
	}
}

enum err sync_add_former(struct arena *a, struct store_tx *tx, const struct sync_line *line,
			 const struct sync_command *command, struct item *ret)
{
	struct sync_orphan orphan;

	TRY(former_find(a, tx, line, command, &orphan, ret));
	return ret->id && ret->folder == orphan.folder ? ERR_OK : ERR_NOT_FOUND;
}

enum err sync_add_settle(struct store_tx *tx, struct sync_line *line, const struct sync_command *command,
			 const struct item *made)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(4 * (ITEM_KEYWORDS_MAX + ITEM_FOLLOWUP_MAX));
	const struct author nobody = AUTHOR_NOBODY;
	struct sync_orphan orphan;
	struct item former;
	enum err e = former_find(&a, tx, line, command, &orphan, &former);

	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	if (former.folder != orphan.folder) /* deleted or moved away since: so is this one */
		return item_expunge(tx, made->folder, made->id, &nobody);
	TRY(inherit(tx, &former, made, line->device));
	TRY(sync_orphan_drop(tx, line, former.id));
	return item_expunge(tx, former.folder, former.id, &nobody);
}

enum err sync_add_withdraw(struct store_tx *tx, const struct sync_line *line, const struct sync_command *command)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(4 * (ITEM_KEYWORDS_MAX + ITEM_FOLLOWUP_MAX));
	const struct author nobody = AUTHOR_NOBODY;
	struct sync_orphan orphan;
	struct item former;

	TRY(former_find(&a, tx, line, command, &orphan, &former));
	if (former.folder != orphan.folder)
		return ERR_EXISTS;
	TRY(sync_orphan_drop(tx, line, former.id));
	return item_expunge(tx, former.folder, former.id, &nobody);
}
