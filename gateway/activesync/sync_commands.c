/*
 * Step A of Sync: what the phone did. All collections' commands, and the lines that key 0 begins, in one write
 * transaction, with the results that a repeated request is answered from.
 */
#include <gateway/activesync/sync_work.h>

#include <gateway/activesync/baseline.h>
#include <gateway/activesync/issued.h>
#include <gateway/activesync/loop_guard.h>
#include <gateway/activesync/server_id.h>
#include <gateway/mailbox/entry.h>
#include <store/conversation_key.h>
#include <store/folder.h>

static enum eas_sync_code code_of(enum err e)
{
	/* Total on purpose: what has no meaning of its own is the server's fault. */
	static const enum eas_sync_code codes[] = {
		[ERR_OK] = EAS_SYNC_DONE,
		[ERR_NOT_FOUND] = EAS_SYNC_NOT_FOUND,
		[ERR_EXISTS] = EAS_SYNC_SERVER,
		[ERR_STALE] = EAS_SYNC_RETRY,
		[ERR_INVALID] = EAS_SYNC_CONVERSION,
		[ERR_DENIED] = EAS_SYNC_CONVERSION,
		[ERR_UNSUPPORTED] = EAS_SYNC_CONVERSION,
		[ERR_LIMIT] = EAS_SYNC_CONVERSION,
		[ERR_BUSY] = EAS_SYNC_RETRY,
		[ERR_FULL] = EAS_SYNC_NO_SPACE,
		[ERR_QUOTA] = EAS_SYNC_NO_SPACE,
		[ERR_CORRUPT] = EAS_SYNC_SERVER,
		[ERR_IO] = EAS_SYNC_SERVER,
	};
	_Static_assert(countof(codes) == ERR_MAX_, "map every error");

	return codes[e];
}

enum err sync_work_settle_shared(struct sync_work *c, enum err e)
{
	if (!e || e == ERR_STALE)
		return e;
	c->status = e == ERR_NOT_FOUND ? EAS_SYNC_HIERARCHY : code_of(e);
	return ERR_OK;
}

/* The item a command names, if it is of this collection. */
static enum err named_item(const struct sync_work *c, struct str name, int64_t *ret)
{
	int64_t folder;

	TRY(server_id_parse_item(name, &folder, ret));
	return folder == c->place.collection ? ERR_OK : ERR_NOT_FOUND;
}

static enum err apply_delete(struct sync_work *c, struct store_tx *tx, struct sync_result *result)
{
	const struct author by = sync_line_author(&c->line);
	enum item_moved moved;

	if (c->class->deletes_move && c->asked->deletes_as_moves && c->deleted_items && c->deleted_items != c->folder)
		return item_move(
			tx,
			&(struct item_move){
				.from = c->folder, .id = result->item, .to = c->deleted_items, .deleter = by.device },
			&moved);
	return item_expunge(tx, c->folder, result->item, &by);
}

/* A Delete that names an instance changes what has it. */
static bool is_delete(const struct sync_work *c, const struct eas_sync_command *asked)
{
	return asked->kind == EAS_SYNC_DELETE && !(asked->instance.n && c->class->write);
}

enum err sync_work_may_change(const struct sync_work *c, struct arena *a, struct store_tx *tx, int64_t id, bool *ret)
{
	struct item item;
	struct str octets;

	*ret = true;
	if (!c->place.shared)
		return ERR_OK;
	TRY(item_get(a, tx, c->folder, id, &item));
	*ret = c->place.edits;
	if (!*ret || !c->class->is_private)
		return ERR_OK;
	TRY(entry_read(a, tx, &item, &octets));
	*ret = !c->class->is_private(a, octets);
	return ERR_OK;
}

static enum err apply(struct sync_job *job, struct sync_work *c, struct store_tx *tx, size_t i,
		      const struct sync_command *command, struct sync_result *result)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(EAS_MAX_ITEM_ARENA_BYTES);
	const struct eas_sync_command *asked = &c->asked->commands[i];
	struct str before = STR_EMPTY;
	bool may;

	if (asked->kind == EAS_SYNC_ADD) {
		if (!c->place.edits)
			return ERR_DENIED;
		TRY(c->class->add(job, c, tx, i, command, result));
		return sync_meeting_tell(job, c, &a, tx, c->joined, result->item);
	}
	TRY(named_item(c, asked->id, &result->item));
	result->folder = c->folder;
	TRY(sync_work_may_change(c, &a, tx, result->item, &may));
	if (!may) { /* the server's version holds, and the phone gets it back: sync_page.c */
		result->item = 0;
		result->status = EAS_SYNC_CONFLICT;
		return ERR_OK;
	}
	TRY(sync_meeting_before(job, c, &a, tx, result->item, &before));
	if (is_delete(c, asked))
		TRY(apply_delete(c, tx, result));
	else
		TRY(c->class->change(job, c, tx, i, command, result));
	return sync_meeting_tell(job, c, &a, tx, before, is_delete(c, asked) ? 0 : result->item);
}

static bool is_first(const struct sync_work *c)
{
	return str_eq(c->asked->key, S("0"));
}

/* What the phone asks of this collection's items: as it says now, else as it said last. Supported as the line began. */
static struct eas_options options_of(const struct sync_work *c, enum eas_version version)
{
	const struct sync_generation *g = is_first(c) ? NULL : sync_line_confirmed(&c->line);
	struct eas_options o = g ? eas_options_get(str_from(g->options, g->options_n)) : eas_options_default;
	const struct eas_supported supported = is_first(c) ? c->asked->supported : o.supported;

	if (c->asked->has_options && (!c->asked->options.class || c->asked->options.class == c->class))
		eas_options_replace(&o, &c->asked->options, c->asked->texts_alone);
	if (!c->class->filters)
		o.filter = 0;
	if (!item_class_has_texts(c->class, c->role, version))
		o.texts = (struct eas_text_options){ 0 };
	o.supported = supported;
	return o;
}

/* Asked before the key is presented: then it is the issued one that counts. Once a request, however often it loads. */
static void look_for_loop(const struct eas_request *rq, struct sync_work *c)
{
	const struct sync_generation *g = &c->line.slot[SYNC_UNCOMMITTED];
	struct eas_loop_look look = {
		.mailbox = c->place.mailbox, .device = rq->device.id, .folder = c->folder, .key = c->asked->key
	};

	if (c->looked)
		return;
	c->looked = true;
	look.lost = g->used && str_eq(c->asked->key, str_of(c->line.slot[SYNC_CONFIRMED].key));
	look.written = eas_issued_is(rq->eas->issued, c->place.mailbox, rq->device.id, c->folder, str_of(g->key));
	c->again = eas_loops_look(rq->eas->loops, &look, &c->window);
}

/*
 * By what the filter goes: as the request says, else as it was. False: the phone holds something by the other one, and begins
 * again (rule 11). With key 0 phones leave out most elements, so that what was begun is settled by the first page.
 */
static bool settle_mode(struct sync_work *c)
{
	struct feed_state st = is_first(c) ? feed_state_fresh(c->head) : *sync_line_state(&c->line);

	c->by = c->asked->has_conversation_mode ? (c->asked->conversation_mode ? FEED_BY_CONVERSATION : FEED_BY_ITEM)
						: (enum feed_by)st.by;
	return feed_state_by(&st, c->by);
}

/* As it is in the mailbox of the transaction: in the own one a mount says where to look, and whether one may. */
static enum err find_folder(struct eas_request *rq, struct sync_work *c, struct store_tx *tx, struct folder *ret)
{
	if (store_tx_mailbox(tx) != rq->mailbox)
		return folder_get(rq->arena, tx, c->folder, ret);
	c->place = (struct eas_place){ .mailbox = rq->mailbox };
	TRY(eas_folder_of(rq, tx, c->asked->id, ret));
	TRY(eas_place_of(rq, ret, &c->place));
	c->folder = c->place.folder;
	return ERR_OK;
}

/*
 * What the phone did is taken in the former key's name, so that what it has sent is not sent again; only a request without commands is
 * told to begin anew. A key that says what it has dropped is stored at once: another phone waits for it.
 */
static enum err settle_outbound(const struct eas_request *rq, struct sync_work *c, struct store_tx *tx)
{
	const struct feed_state fresh = feed_state_fresh(c->head);

	if (c->role != FOLDER_OUTBOX)
		return ERR_OK;
	TRY(eas_outbound_of(rq, tx, c->role, c->folder, &c->outbound));
	c->withdraws = eas_outbound_mask(c->outbound, is_first(c) ? &fresh : sync_line_state(&c->line), &c->allowed);
	/* Of a lost answer with texts, too: without news no other key would ever come, and show that it has not arrived. */
	if (c->outbound != EAS_OUTBOUND_HEARS && c->options.texts.asked && !is_first(c))
		c->withdraws |= eas_outbound_holds(&c->line);
	c->forgotten |= !is_first(c) && c->line.presented == SYNC_CONFIRMS;
	return ERR_OK;
}

/* Loads the line and presents the key to it; sets the status of a collection that goes no further. */
static enum err load(struct sync_job *job, struct sync_work *c, struct store_tx *tx)
{
	struct eas_request *rq = job->rq;
	struct folder folder;
	enum err e;

	c->status = EAS_SYNC_DONE;
	e = find_folder(rq, c, tx, &folder);
	if (e == ERR_NOT_FOUND) {
		c->status = EAS_SYNC_HIERARCHY; /* many phones pass over 8 here; 12 makes each do a FolderSync */
		return ERR_OK;
	}
	TRY(e);
	if (!sync_work_is_in(c, tx))
		return ERR_OK;
	c->role = folder.role;
	c->class = item_class_of_folder(folder.class, rq->version);
	if (!item_class_syncs(c->class) || (c->asked->has_class && c->asked->class != c->class) ||
	    (c->class->no_supported && c->asked->supported.how) ||
	    (folder.role == FOLDER_RECIPIENT_CACHE && c->asked->commands_n) || /* MS-ASCMD_R756: the server writes it */
	    (c->asked->has_conversation_mode && folder.class != FOLDER_MAIL)) { /* MS-ASCMD_R2117 */
		c->status = EAS_SYNC_PROTOCOL;
		return ERR_OK;
	}
	c->head = folder.head;
	TRY(sync_line_load(tx, rq->device.id, c->folder, &c->line));
	c->held_texts = c->role == FOLDER_OUTBOX && eas_outbound_holds(&c->line);
	if (!eas_line_is_newest(rq, &c->line))
		return ERR_STALE;
	look_for_loop(rq, c);
	if (!is_first(c) && eas_line_present(rq, &c->line, c->asked->key, &c->forgotten) == SYNC_FOREIGN) {
		c->status = EAS_SYNC_BAD_KEY;
		return ERR_OK;
	}
	c->options = options_of(c, rq->version);
	TRY(eas_top_find(tx, &folder, &c->options));
	c->allowed = eas_policy_options(&rq->limits, c->class->folder, &c->options);
	TRY(settle_outbound(rq, c, tx));
	if (!item_class_filters(c->class, c->options.filter) || !item_class_filters(c->class, c->options.texts.filter))
		c->status = EAS_SYNC_PROTOCOL; /* MS-ASCMD 2.2.3.68.2 */
	else if (!settle_mode(c) || (c->withdraws && !c->asked->commands_n))
		c->status = EAS_SYNC_BAD_KEY;
	return ERR_OK;
}

/* Is the transaction itself lost with this error, or did only the command fail? */
static bool is_fatal(enum err e)
{
	return e == ERR_BUSY || e == ERR_FULL || e == ERR_CORRUPT || e == ERR_IO || e == ERR_STALE;
}

static enum err collect(struct sync_job *job, struct sync_work *c)
{
	static const enum sync_command_kind kinds[] = {
		[EAS_SYNC_ADD] = SYNC_ADD,
		[EAS_SYNC_CHANGE] = SYNC_CHANGE,
		[EAS_SYNC_DELETE] = SYNC_DELETE,
	};

	c->commands = arena_array(job->rq->arena, c->asked->commands_n, sizeof(*c->commands));
	c->results = arena_array(job->rq->arena, c->asked->commands_n, sizeof(*c->results));
	if (!c->commands || !c->results)
		return ERR_BUSY;
	for (size_t i = 0; i < c->asked->commands_n; i++) {
		const struct eas_sync_command *asked = &c->asked->commands[i];
		struct sync_command *command = &c->commands[c->commands_n];

		if (asked->kind == EAS_SYNC_FETCH)
			continue;
		command->kind = kinds[asked->kind];
		command->name = asked->id;
		sync_command_hash(command, asked->canonical);
		c->commands_n++;
	}
	return ERR_OK;
}

/*
 * What fails is undone, and the others stand: of a full disk or a damaged item, too, as long as the engine can go back. Of an Add
 * nothing is left that its result could name.
 */
static enum err settle_command(const struct eas_sync_command *asked, struct store_tx *tx, enum err e,
			       struct sync_result *result)
{
	if (!e)
		e = store_step_keep(tx);
	if (!e)
		return ERR_OK;
	if ((is_fatal(e) && e != ERR_FULL && e != ERR_CORRUPT) || store_step_undo(tx))
		return e;
	if (asked->kind == EAS_SYNC_ADD)
		*result = (struct sync_result){ 0 };
	result->status = (int)code_of(e);
	return ERR_OK;
}

static enum err run_command(struct sync_job *job, struct sync_work *c, struct store_tx *tx, size_t i,
			    const struct sync_command *command, struct sync_result *result)
{
	TRY(store_step_begin(tx));
	TRY(settle_command(&c->asked->commands[i], tx, apply(job, c, tx, i, command, result), result));
	if (!result->status)
		result->status = EAS_SYNC_DONE;
	return ERR_OK;
}

static enum err run_commands(struct sync_job *job, struct sync_work *c, struct store_tx *tx)
{
	size_t n = 0;

	TRY(collect(job, c));
	TRY(sync_commands_begin(tx, &c->line, c->commands, c->commands_n, c->results));
	/* The answer that gave the phone back what it may not change was lost: it is not known what it holds. */
	if (c->place.shared && c->line.untold) {
		c->status = EAS_SYNC_BAD_KEY;
		return ERR_OK;
	}
	for (size_t i = 0; i < c->asked->commands_n; i++) {
		const struct eas_sync_command *asked = &c->asked->commands[i];

		if (asked->kind == EAS_SYNC_FETCH)
			continue;
		if (!c->results[n].answered)
			TRY(run_command(job, c, tx, i, &c->commands[n], &c->results[n]));
		n++;
	}
	return ERR_OK;
}

static enum err keep_commands(struct sync_job *job, struct sync_work *c, struct store_tx *tx)
{
	const struct feed_state st = sync_work_state(job, c);

	if (c->commands_n)
		TRY(sync_work_issue(c, &st));
	TRY(sync_commands_end(tx, &c->line, c->commands, c->commands_n, c->results));
	return sync_line_store(tx, &c->line);
}

static enum err begin_line(struct sync_job *job, struct sync_work *c, struct store_tx *tx)
{
	struct buf options = BUF_INIT(EAS_OPTIONS_MAX_BYTES);
	struct feed_state fresh = feed_state_fresh(c->head);
	enum err e;

	fresh.by = (uint16_t)c->by;
	/* A Ping may come before the first page: it asks by the filter too. */
	eas_filters_set(&fresh, &c->allowed, clock_wall_ms(job->rq->eas->clock));
	eas_options_put(&options, &c->options);
	e = buf_status(&options);
	if (!e)
		e = sync_line_restart(tx, &c->line, &fresh, buf_view(&options), &c->first_key);
	buf_release(&options);
	return e;
}

static enum err run_collection(struct sync_job *job, struct sync_work *c, struct store_tx *tx)
{
	TRY(load(job, c, tx));
	if (c->status != EAS_SYNC_DONE || !sync_work_is_in(c, tx))
		return ERR_OK;
	if (c->by == FEED_BY_CONVERSATION)
		TRY(conversation_keys_begin(tx, c->folder));
	if (is_first(c))
		return begin_line(job, c, tx);
	if (c->asked->commands_n == 0 && !sync_line_must_write(&c->line))
		return ERR_OK;
	if (folder_by_role(tx, FOLDER_DELETED, &c->deleted_items))
		c->deleted_items = 0;
	TRY(run_commands(job, c, tx));
	return c->status == EAS_SYNC_DONE ? keep_commands(job, c, tx) : ERR_OK;
}

/*
 * Whether the first step is needed at all. What must be dropped or ended of a line is known only once it is loaded: so
 * a collection without commands is loaded in the read transaction, and comes back here if it must.
 */
static bool is_needed(const struct sync_job *job)
{
	for (size_t i = 0; i < job->n; i++)
		if (is_first(&job->work[i]) || job->work[i].asked->commands_n)
			return true;
	return false;
}

static enum err needed_by_line(const struct sync_work *c, struct store_tx *tx, bool *ret)
{
	bool kept = true;

	if (c->status != EAS_SYNC_DONE || !sync_work_is_in(c, tx))
		return ERR_OK;
	if (c->by == FEED_BY_CONVERSATION)
		TRY(conversation_keys_kept(tx, c->folder, &kept));
	*ret |= sync_line_must_write(&c->line) || !kept;
	return ERR_OK;
}

static enum err needed_by_lines(struct sync_job *job, bool *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	*ret = false;
	TRY(store_begin(job->rq->eas->store, job->rq->mailbox, STORE_READ, &tx));
	for (size_t i = 0; i < job->n; i++) {
		TRY(load(job, &job->work[i], tx));
		TRY(needed_by_line(&job->work[i], tx, ret));
	}
	return sync_kept_look(job, tx);
}

static enum err run_once(struct sync_job *job)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(job->rq->eas->store, job->rq->mailbox, STORE_WRITE, &tx));
	for (size_t i = 0; i < job->n; i++)
		TRY(run_collection(job, &job->work[i], tx));
	TRY(sync_kept_store(job, tx));
	return store_commit(&tx);
}

static enum err run_own(struct sync_job *job)
{
	bool needed = is_needed(job);

	if (!needed)
		TRY(needed_by_lines(job, &needed));
	if (!needed)
		return ERR_OK;
	TRY(sync_drafts_prepare(job));
	TRY(sync_texts_prepare(job));
	return run_once(job);
}

/* ---- what is shared: the same, each in its mailbox ---- */

static enum err needed_by_shared(struct sync_job *job, struct sync_work *c, bool *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	*ret = is_first(c) || c->asked->commands_n;
	if (*ret)
		return ERR_OK;
	TRY(store_begin(job->rq->eas->store, c->place.mailbox, STORE_READ, &tx));
	TRY(load(job, c, tx));
	return needed_by_line(c, tx, ret);
}

static enum err run_shared(struct sync_job *job, struct sync_work *c)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	bool needed;

	TRY(needed_by_shared(job, c, &needed));
	if (!needed)
		return ERR_OK;
	TRY(store_begin(job->rq->eas->store, c->place.mailbox, STORE_WRITE, &tx));
	TRY(run_collection(job, c, tx));
	return c->status == EAS_SYNC_DONE ? store_commit(&tx) : ERR_OK;
}

enum err sync_commands_run(struct sync_job *job)
{
	TRY(run_own(job));
	for (size_t i = 0; i < job->n; i++) {
		struct sync_work *c = &job->work[i];

		if (c->status == EAS_SYNC_DONE && c->place.shared)
			TRY(sync_work_settle_shared(c, run_shared(job, c)));
	}
	return ERR_OK;
}
