/* Changes with how the hierarchy's keys and a phone's changes of it go together. */
#include <gateway/activesync/folder_command.h>

#include <gateway/activesync/baseline.h>
#include <gateway/activesync/hierarchy.h>
#include <gateway/activesync/issued.h>
#include <gateway/activesync/server_id.h>

#include <base/mem.h>
#include <base/utf8.h>

#include <stdlib.h>

enum err folder_id_parse(struct str id, int64_t *ret)
{
	if (!str_eq(id, S("0")))
		return server_id_parse_folder(id, ret);
	*ret = FOLDER_ROOT;
	return ERR_OK;
}

bool folder_name_valid(struct str name)
{
	size_t units = 0; /* of UTF-16, which the document's characters are */

	if (!utf8_valid(name))
		return false;
	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if (c < ' ' || c == 0x7f)
			return false;
		if (c < 0x80 || c >= 0xc0)
			units += c >= 0xf0 ? 2 : 1;
	}
	return units > 0 && units <= EAS_MAX_FOLDER_NAME_CHARS;
}

/* ---- the request ---- */

static enum err parse_text(struct wbxml_reader *r, size_t max, struct str *ret)
{
	TRY(wbxml_text(r, ret));
	return ret->n <= max ? ERR_OK : ERR_INVALID;
}

static enum err parse_field(struct wbxml_reader *r, struct folder_request *q, unsigned *field)
{
	switch ((unsigned)r->tag) {
	case TAG_FOLDERHIERARCHY_SYNCKEY:
		*field = FOLDER_FIELD_KEY;
		return wbxml_text(r, &q->key);
	case TAG_FOLDERHIERARCHY_SERVERID:
		*field = FOLDER_FIELD_SERVER_ID;
		return parse_text(r, EAS_MAX_ID_CHARS, &q->server_id);
	case TAG_FOLDERHIERARCHY_PARENTID:
		*field = FOLDER_FIELD_PARENT;
		return parse_text(r, EAS_MAX_ID_CHARS, &q->parent);
	case TAG_FOLDERHIERARCHY_DISPLAYNAME:
		*field = FOLDER_FIELD_NAME;
		return wbxml_text(r, &q->name);
	case TAG_FOLDERHIERARCHY_TYPE:
		*field = FOLDER_FIELD_TYPE;
		return wbxml_u64(r, 0, UINT8_MAX, &q->type);
	default:
		return ERR_INVALID; /* Status too (MS-ASCMD_R3102) */
	}
}

static enum err parse(struct eas_request *rq, const struct folder_verb *verb, struct folder_request *q)
{
	enum err e = ERR_OK;

	while (wbxml_child(&rq->reader, &rq->root, &e)) {
		unsigned field = 0;

		TRY(parse_field(&rq->reader, q, &field));
		if (field == FOLDER_FIELD_SERVER_ID && q->server_id.n == 0 && rq->profile->empty_server_id)
			continue;
		if (q->fields & field)
			return ERR_INVALID;
		q->fields |= field;
	}
	TRY(e);
	TRY(wbxml_done(&rq->reader));
	return q->fields == verb->fields ? ERR_OK : ERR_INVALID;
}

/* ---- the change ---- */

static void put_part(struct buf *out, struct str part)
{
	buf_u64(out, part.n); /* length first, so that two parts cannot be read as others */
	buf_char(out, ':');
	buf_str(out, part);
}

static enum err hash(const struct folder_verb *verb, const struct folder_request *q, struct sync_command *command)
{
	CLEANUP(buf_release) struct buf canonical = BUF_INIT(EAS_MAX_BODY_FOLDER);

	put_part(&canonical, q->server_id);
	put_part(&canonical, q->parent);
	put_part(&canonical, q->name);
	buf_u64(&canonical, q->type);
	TRY(buf_status(&canonical));
	*command =
		(struct sync_command){ .kind = verb->kind, .name = verb->kind == SYNC_ADD ? q->parent : q->server_id };
	sync_command_hash(command, buf_view(&canonical));
	return ERR_OK;
}

struct change {
	const struct folder_verb *verb;
	const struct folder_request *q;
	struct sync_result result; /* status of the answer too */
	struct str key;
};

static bool may_go_on(struct eas_request *rq, struct sync_line *line, struct str key)
{
	bool forgotten = false;

	return key.n <= SYNC_KEY_MAX && eas_line_present(rq, line, key, &forgotten) != SYNC_FOREIGN &&
	       eas_hierarchy_same_view(sync_line_confirmed(line), rq->version);
}

/* The next key stands for the change and no more: what others did since is still to be told. */
static enum err issue(struct eas_request *rq, struct sync_line *line)
{
	const struct feed_state st = *sync_line_state(line);

	return sync_line_issue(line, &st, eas_hierarchy_view(rq->version));
}

static enum err apply(struct eas_request *rq, struct store_tx *tx, struct sync_line *line, struct change *c)
{
	struct sync_command command;

	TRY(hash(c->verb, c->q, &command));
	TRY(sync_commands_begin(tx, line, &command, 1, &c->result));
	if (!c->result.answered) {
		const struct author by = sync_line_author(line);

		TRY(c->verb->apply(rq, tx, c->q, &by, &c->result));
	}
	if (c->result.status == FOLDER_DONE) { /* a refusal has no new key, and is asked for again under the old one */
		TRY(issue(rq, line));
		TRY(sync_commands_end(tx, line, &command, 1, &c->result));
	}
	TRY(sync_line_store(tx, line));
	return arena_str(rq->arena, sync_line_key(line), &c->key);
}

static enum err run(struct eas_request *rq, struct change *c)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct sync_line line;

	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_WRITE, &tx));
	TRY(sync_line_load(tx, rq->device.id, FOLDER_ROOT, &line));
	if (!may_go_on(rq, &line, c->q->key)) {
		c->result.status = FOLDER_BAD_KEY;
		return ERR_OK;
	}
	TRY(apply(rq, tx, &line, c));
	return store_commit(&tx);
}

/* ---- the answer ---- */

static void on_finish(struct eas_request *rq, bool written)
{
	if (written)
		eas_issued_note(rq->eas->issued, rq->mailbox, rq->device.id, FOLDER_ROOT, str_of(rq->state));
	free(rq->state);
}

static void respond(struct eas_request *rq, const struct change *c)
{
	struct wbxml_writer w;

	rq->state = mem_cstr_n(c->key.p, c->key.n);
	rq->finish = on_finish;
	eas_writer_begin(rq, &w);
	wbxml_open(&w, rq->command->root);
	wbxml_put_u64(&w, TAG_FOLDERHIERARCHY_STATUS, FOLDER_DONE);
	wbxml_put_text(&w, TAG_FOLDERHIERARCHY_SYNCKEY, c->key);
	if (c->verb->kind == SYNC_ADD) /* MS-ASCMD_R3903, R3904 */
		wbxml_put_i64(&w, TAG_FOLDERHIERARCHY_SERVERID, c->result.item);
	wbxml_close(&w, rq->command->root);
	eas_respond_wbxml(rq, &w);
}

static enum folder_status status_of(enum err e)
{
	static const enum folder_status statuses[] = {
		[ERR_OK] = FOLDER_DONE,
		[ERR_NOT_FOUND] = FOLDER_MISSING,
		[ERR_EXISTS] = FOLDER_NAME_TAKEN,
		[ERR_STALE] = FOLDER_BAD_KEY,
		[ERR_INVALID] = FOLDER_MALFORMED,
		[ERR_DENIED] = FOLDER_SPECIAL,
		[ERR_UNSUPPORTED] = FOLDER_MALFORMED,
		[ERR_LIMIT] = FOLDER_SERVER_ERROR,
		[ERR_BUSY] = FOLDER_SERVER_ERROR,
		[ERR_FULL] = FOLDER_SERVER_ERROR,
		[ERR_QUOTA] = FOLDER_SERVER_ERROR,
		[ERR_CORRUPT] = FOLDER_UNKNOWN_ERROR,
		[ERR_IO] = FOLDER_SERVER_ERROR,
	};
	_Static_assert(countof(statuses) == ERR_MAX_, "a status for every error");

	return statuses[e];
}

void eas_folder_command(struct eas_request *rq, const struct folder_verb *verb)
{
	struct folder_request q = { 0 };
	struct change c = { .verb = verb, .q = &q };
	enum err e;

	if (parse(rq, verb, &q) != ERR_OK) {
		eas_respond_malformed(rq, FOLDER_MALFORMED);
		return;
	}
	e = run(rq, &c);
	if (e)
		c.result.status = (int)status_of(e);
	if (c.result.status == FOLDER_DONE)
		respond(rq, &c);
	else
		eas_respond_status(rq, (unsigned)c.result.status);
}
