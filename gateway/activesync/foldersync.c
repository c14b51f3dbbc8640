/* FolderSync (MS-ASCMD 2.2.1.5). It has its own line of keys: key 0 here leaves the states of items alone. */
#include <gateway/activesync/baseline.h>
#include <gateway/activesync/hierarchy.h>
#include <gateway/activesync/issued.h>
#include <gateway/mailbox/mount.h>

#include <base/mem.h>

#include <stdlib.h>

enum foldersync_status { /* MS-ASCMD 2.2.3.177.5 */
			 FOLDERSYNC_OK = 1,
			 FOLDERSYNC_BAD_KEY = 9,
			 FOLDERSYNC_MALFORMED = 10,
};

struct answer {
	enum foldersync_status status;
	bool write; /* it cannot be given from a read transaction */
	struct str key;
	struct hierarchy_entry *entries;
	size_t n;
};

static enum err parse(struct eas_request *rq, struct str *ret_key)
{
	enum err e = ERR_OK;
	bool seen = false;

	while (wbxml_child(&rq->reader, &rq->root, &e)) {
		if (rq->reader.tag != TAG_FOLDERHIERARCHY_SYNCKEY || seen)
			return ERR_INVALID;
		seen = true;
		e = wbxml_text(&rq->reader, ret_key);
	}
	TRY(e);
	TRY(wbxml_done(&rq->reader));
	return seen ? ERR_OK : ERR_INVALID;
}

/* All folders (MS-ASCMD_R119). */
static enum err begin_anew(struct eas_request *rq, struct store_tx *tx, struct sync_line *line, struct answer *a)
{
	struct feed_state st = feed_state_fresh(0);
	struct str key;

	TRY(eas_hierarchy_read(rq, tx, &st, &a->entries, &a->n));
	TRY(sync_line_restart(tx, line, &st, eas_hierarchy_view(rq->version), &key));
	return arena_str(rq->arena, key, &a->key);
}

/* Without news the key stays, and in general nothing is written (sync-engine rule 8). */
static enum err move_on(struct eas_request *rq, struct sync_line *line, const struct feed_state *st, struct answer *a)
{
	bool due = true;

	if (a->n > 0)
		TRY(sync_line_issue(line, st, eas_hierarchy_view(rq->version)));
	else
		TRY(sync_line_advance(line, st, eas_hierarchy_view(rq->version), clock_wall_ms(rq->eas->clock), &due));
	a->write |= due || sync_line_must_write(line);
	return ERR_OK;
}

static enum err go_on(struct eas_request *rq, struct store_tx *tx, enum store_mode mode, struct str key,
		      struct sync_line *line, struct answer *a)
{
	struct feed_state st;

	if (key.n > SYNC_KEY_MAX || eas_line_present(rq, line, key, &a->write) == SYNC_FOREIGN ||
	    !eas_hierarchy_same_view(sync_line_confirmed(line), rq->version)) {
		a->status = FOLDERSYNC_BAD_KEY; /* MS-ASCMD_R4581 */
		return ERR_OK;
	}
	if (mode == STORE_WRITE) /* what commands of a lost response did is taken back before the feed is read */
		TRY(sync_commands_begin(tx, line, NULL, 0, NULL));
	st = *sync_line_state(line);
	TRY(eas_hierarchy_read(rq, tx, &st, &a->entries, &a->n));
	TRY(move_on(rq, line, &st, a));
	if (mode == STORE_READ && a->write)
		return ERR_OK;
	if (mode == STORE_WRITE)
		TRY(sync_line_store(tx, line));
	return arena_str(rq->arena, sync_line_key(line), &a->key);
}

static enum err answer_in(struct eas_request *rq, struct str key, enum store_mode mode, struct answer *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct answer a = { .status = FOLDERSYNC_OK };
	struct sync_line line;

	TRY(store_begin(rq->eas->store, rq->mailbox, mode, &tx));
	TRY(sync_line_load(tx, rq->device.id, FOLDER_ROOT, &line));
	if (!eas_line_is_newest(rq, &line))
		return ERR_BUSY;
	if (str_eq(key, S("0")))
		TRY(begin_anew(rq, tx, &line, &a));
	else
		TRY(go_on(rq, tx, mode, key, &line, &a));
	TRY(store_commit(&tx));
	*ret = a;
	return ERR_OK;
}

static bool is_deleted(const struct answer *a, int64_t folder)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->entries[i].kind == HIERARCHY_DELETE && a->entries[i].folder.id == folder)
			return true;
	return false;
}

/* Of what was deleted, what no other deleted folder held. */
static void leave_tops(struct answer *a)
{
	bool below[FOLDER_MAX] = { false };
	size_t n = 0;

	for (size_t i = 0; i < a->n && i < FOLDER_MAX; i++)
		below[i] = a->entries[i].kind == HIERARCHY_DELETE && is_deleted(a, a->entries[i].folder.parent);
	for (size_t i = 0; i < a->n; i++)
		if (i >= FOLDER_MAX || !below[i])
			a->entries[n++] = a->entries[i];
	a->n = n;
}

static void write_folder(struct wbxml_writer *w, enum wbxml_tag tag, const struct folder *f)
{
	wbxml_open(w, tag);
	wbxml_put_i64(w, TAG_FOLDERHIERARCHY_SERVERID, f->id);
	if (tag != TAG_FOLDERHIERARCHY_DELETE) {
		wbxml_put_i64(w, TAG_FOLDERHIERARCHY_PARENTID, f->parent); /* FOLDER_ROOT is "0" */
		wbxml_put_text(w, TAG_FOLDERHIERARCHY_DISPLAYNAME, f->name);
		wbxml_put_u64(w, TAG_FOLDERHIERARCHY_TYPE, eas_folder_type(f));
	}
	wbxml_close(w, tag);
}

/* The schema's order is not the feed's: Updates, Deletes, Adds. */
static void write_changes(struct wbxml_writer *w, const struct answer *a)
{
	static const struct {
		enum hierarchy_kind kind;
		enum wbxml_tag tag;
	} order[] = {
		{ HIERARCHY_UPDATE, TAG_FOLDERHIERARCHY_UPDATE },
		{ HIERARCHY_DELETE, TAG_FOLDERHIERARCHY_DELETE },
		{ HIERARCHY_ADD, TAG_FOLDERHIERARCHY_ADD },
	};

	wbxml_open(w, TAG_FOLDERHIERARCHY_CHANGES);
	wbxml_put_u64(w, TAG_FOLDERHIERARCHY_COUNT, a->n); /* MS-ASCMD_R2120: 0 too */
	for (size_t k = 0; k < countof(order); k++)
		for (size_t i = 0; i < a->n; i++)
			if (a->entries[i].kind == order[k].kind)
				write_folder(w, order[k].tag, &a->entries[i].folder);
	wbxml_close(w, TAG_FOLDERHIERARCHY_CHANGES);
}

static void on_finish(struct eas_request *rq, bool written)
{
	if (written)
		eas_issued_note(rq->eas->issued, rq->mailbox, rq->device.id, FOLDER_ROOT, str_of(rq->state));
	free(rq->state);
}

static void respond(struct eas_request *rq, const struct answer *a, bool began_anew)
{
	struct wbxml_writer w;

	rq->state = mem_cstr_n(a->key.p, a->key.n);
	rq->finish = on_finish;
	eas_writer_begin(rq, &w);
	/* MS-ASHTTP_R1104; without its X-MS-RP, which makes clients throw away what they hold. */
	if (began_anew)
		eas_offer(&rq->response, rq->offered);
	wbxml_open(&w, TAG_FOLDERHIERARCHY_FOLDERSYNC);
	wbxml_put_u64(&w, TAG_FOLDERHIERARCHY_STATUS, a->status);
	wbxml_put_text(&w, TAG_FOLDERHIERARCHY_SYNCKEY, a->key);
	write_changes(&w, a);
	wbxml_close(&w, TAG_FOLDERHIERARCHY_FOLDERSYNC);
	eas_respond_wbxml(rq, &w);
}

void eas_foldersync(struct eas_request *rq)
{
	struct answer a;
	struct str key;
	bool anew;
	enum err e;

	if (parse(rq, &key) != ERR_OK) {
		eas_respond_malformed(rq, FOLDERSYNC_MALFORMED);
		return;
	}
	anew = str_eq(key, S("0"));
	e = mounts_settle(rq->eas->store, rq->mailbox);
	if (!e)
		e = answer_in(rq, key, anew ? STORE_WRITE : STORE_READ, &a);
	if (e == ERR_OK && a.write)
		e = answer_in(rq, key, STORE_WRITE, &a);
	if (e == ERR_STALE) /* older than what housekeeping keeps: begin anew */
		eas_respond_status(rq, FOLDERSYNC_BAD_KEY);
	else if (e != ERR_OK)
		eas_respond_err(rq, e);
	else if (a.status != FOLDERSYNC_OK)
		eas_respond_status(rq, a.status);
	else {
		if (rq->profile->deletes_top_only)
			leave_tops(&a);
		respond(rq, &a, anew);
	}
}
