/*
 * APPEND. Each message goes to a worker in pieces, as its octets come; when the last one is there, all of them are added
 * in one transaction, or none.
 */
#include <gateway/imap/append.h>

#include <base/mem.h>
#include <gateway/imap/commands.h>
#include <gateway/imap/date.h>
#include <gateway/imap/flags.h>
#include <gateway/imap/mails.h>
#include <gateway/imap/tree.h>
#include <gateway/mailbox/intake.h>
#include <store/quota.h>

#include <stdlib.h>

struct message {
	struct imap_flags flags;
	int64_t received_ms; /* 0: now */
	bool utf8;           /* in "UTF8 (…)" (RFC 6855): a ')' follows */
	struct intake *intake;
	struct store_blob_writer *blob;
};

enum append_task { PUT, COMMIT, PUT_AND_COMMIT };

struct append {
	struct str name;
	struct imap_set replaced; /* REPLACE: the one that goes; n 0: APPEND */
	struct imap_range replaced_range;
	struct message *messages;
	size_t n, room;
	uint64_t left;   /* octets of the last message that are to come */
	uint64_t memory; /* that messages hold until the end */
	struct buf piece;
	bool in_line; /* between messages */
	enum append_task task;
	enum err err;    /* it will be refused; what comes is read and forgotten */
	const char *why; /* its arguments are malformed; what comes is read away */
	bool too_big;
	bool given_up; /* by a message of no octets (RFC 3502 section 3) */
};

/* ---- grammar ---- */

/* What may stand between the mailbox's name and the literal, which is not there any more. */
static void read_options(struct imap_in *in, struct message *m)
{
	in_sp(in);
	if (in_ok(in) && in_peek(in) == '(') {
		m->flags = in_flags(in, false);
		in_sp(in);
	}
	if (in_ok(in) && in_peek(in) == '"') {
		m->received_ms = in_date_time(in);
		in_sp(in);
	}
	if (in_try_word(in, "UTF8")) {
		m->utf8 = true;
		in_sp(in);
		in_open(in);
	}
	in_end(in);
}

/* RFC 8508: which one it comes in the place of. */
static void read_replaced(struct imap_in *in, struct append *a)
{
	a->replaced_range.lo = a->replaced_range.hi = in_ok(in) && in_try(in, '*') ? IMAP_STAR : in_nz_number(in);
	a->replaced = (struct imap_set){ .ranges = &a->replaced_range, .n = 1 };
	in_sp(in);
}

/* The line without the literal's length at its end. */
static struct str without_literal(struct str line)
{
	size_t n = line.n;

	while (n > 0 && line.p[n - 1] != '{')
		n--;
	n -= n > 0;
	n -= n > 0 && line.p[n - 1] == '~';
	return str_slice(line, 0, n);
}

/* ---- the command's parts ---- */

static struct message *add_message(struct append *a)
{
	if (a->n == a->room) {
		a->room = a->room ? a->room * 2 : 1;
		a->messages = mem_resize(a->messages, a->room * sizeof(*a->messages));
	}
	a->messages[a->n] = (struct message){ 0 };
	return &a->messages[a->n++];
}

static void free_messages(struct append *a)
{
	for (size_t i = 0; i < a->n; i++) {
		intake_free(&a->messages[i].intake);
		store_blob_writer_drop(&a->messages[i].blob);
	}
	free(a->messages);
	a->messages = NULL;
	a->n = a->room = 0;
}

void imap_append_release(struct imap_command *c)
{
	struct append *a = c->args;

	if (!a)
		return;
	free_messages(a);
	buf_release(&a->piece);
}

static enum imap_next refused(struct imap_command *c)
{
	struct append *a = c->args;

	if (a->why)
		return imap_bad(c, "%s", a->why);
	if (a->too_big)
		return imap_no(c, "[TOOBIG] the message is too large");
	if (a->given_up)
		return imap_no(c, "given up: a message of no octets");
	if (a->err == ERR_NOT_FOUND)
		return imap_no(c, "[TRYCREATE] no such mailbox");
	return imap_result(c, a->err, "");
}

static bool end_command(struct imap_command *c)
{
	c->input = NULL;
	imap_command_end(c);
	return false;
}

/* A literal begins. False: it will not come, and the command has ended. */
static bool begin_message(struct imap_command *c, uint64_t size, bool sync)
{
	struct imap_session *se = c->se;
	struct append *a = c->args;

	a->left = size;
	a->in_line = false;
	if (a->why)
		a->err = ERR_INVALID;
	if (size > se->server->args.max_message && !a->err) {
		a->too_big = true;
		a->err = ERR_LIMIT;
	}
	if (size == 0 && !a->err) {
		a->given_up = true;
		a->err = ERR_INVALID;
	}
	if (a->n > IMAP_MAX_APPENDS && !a->err)
		a->err = ERR_LIMIT;
	if (!sync)
		return true;
	if (a->err) {
		refused(c);
		return end_command(c);
	}
	imap_line(se, "+ go ahead");
	imap_flush(se);
	return true;
}

static bool submit(struct imap_command *c, enum append_task task)
{
	struct append *a = c->args;

	a->task = task;
	if (task != PUT)
		c->input = NULL;
	if (imap_command_work(c))
		return true;
	a->err = ERR_BUSY;
	return false;
}

static bool finish(struct imap_command *c, enum append_task task)
{
	const struct append *a = c->args;

	if (!a->err && submit(c, task))
		return false;
	refused(c);
	return end_command(c);
}

/* What the client may still send is a line: the next message, or the end. */
static bool take_line(struct imap_command *c)
{
	struct imap_session *se = c->se;
	struct append *a = c->args;
	struct str in = imap_input(se), rest = in, line;
	struct imap_in cursor;
	enum imap_read got;
	bool utf8 = a->messages[a->n - 1].utf8;

	if (in.n == 0)
		return false;
	got = imap_reader_feed(&se->reader, &rest);
	imap_consume(se, in.n - rest.n);
	if (got == IMAP_READ_MORE)
		return true;
	if (got == IMAP_READ_BAD) {
		imap_bye(se, "command too long");
		return false;
	}
	line = str_slice(buf_view(&se->reader.text), 0, se->reader.text.n - 2);
	if (got == IMAP_READ_LITERAL)
		line = without_literal(line);
	/* The flags outlive the reader's text. */
	if (arena_str(&c->arena, line, &line))
		line = STR_EMPTY;
	cursor = imap_in_of(&c->arena, line);
	cursor.nesting = utf8;
	if (utf8)
		in_close(&cursor);
	if (got == IMAP_READ_LITERAL && a->replaced.n)
		in_fail(&cursor, "one message is replaced by one");
	else if (got == IMAP_READ_LITERAL)
		read_options(&cursor, add_message(a));
	in_end(&cursor);
	imap_reader_next(&se->reader);
	if (!in_ok(&cursor)) {
		imap_bad(c, "%s", a->why ? a->why : cursor.why);
		c->bye = got == IMAP_READ_LITERAL && !se->reader.sync; /* its octets are no commands */
		return end_command(c);
	}
	if (got == IMAP_READ_LITERAL && imap_literal_ends(se))
		return false;
	if (got == IMAP_READ_LITERAL)
		return begin_message(c, se->reader.literal, se->reader.sync);
	return finish(c, COMMIT);
}

/* Is the end of the command there too, as mostly? It goes to the worker with the last octets: each turn to one takes its time. */
static bool takes_end(struct imap_command *c)
{
	const struct append *a = c->args;

	if (a->left || a->err || a->messages[a->n - 1].utf8 || !str_starts(imap_input(c->se), S("\r\n")))
		return false;
	imap_consume(c->se, 2);
	return true;
}

static bool take_octets(struct imap_command *c)
{
	struct append *a = c->args;
	struct str in = imap_input(c->se), part = in;

	if (part.n > a->left)
		part.n = (size_t)a->left;
	if (part.n > IMAP_PIECE_BYTES - a->piece.n)
		part.n = IMAP_PIECE_BYTES - a->piece.n;
	if (in.n == 0 && a->left)
		return false;
	buf_str(&a->piece, part);
	a->left -= part.n;
	imap_consume(c->se, part.n);
	if (a->left && a->piece.n < IMAP_PIECE_BYTES / 2)
		return true;
	if (takes_end(c))
		return finish(c, PUT_AND_COMMIT);
	if (a->left == 0)
		a->in_line = true;
	if (!a->err && submit(c, PUT))
		return false;
	buf_clear(&a->piece);
	return true;
}

static bool on_input(struct imap_command *c)
{
	struct append *a = c->args;

	return a->in_line ? take_line(c) : take_octets(c);
}

bool imap_append_begin(struct imap_session *se)
{
	struct imap_reader *r = &se->reader;
	struct buf raw = BUF_INIT(r->text.max);
	const struct imap_verb *verb;
	struct imap_command *c;
	struct message m = { 0 };
	struct append *a;
	struct imap_in in;
	bool takes;

	buf_str(&raw, buf_view(&r->text));
	c = imap_command_new(se, imap_verb_find(S("APPEND"), false), &raw);
	a = arena_new(&c->arena, struct append);
	c->args = a;
	in = imap_in_of(&c->arena, without_literal(str_slice(buf_view(&c->raw), 0, c->raw.n - 2)));
	verb = imap_command_read(&in, se, &c->tag);
	if (verb && verb->work != imap_append_work)
		in_fail(&in, "no message is expected");
	in_sp(&in);
	takes = a && in_ok(&in);
	if (takes && !str_eq(str_of(verb->name), S("APPEND")))
		read_replaced(&in, a);
	/* Where nothing stands before it, the literal is the mailbox's name. */
	if (!takes || (in_ok(&in) && in.at == in.text.n)) {
		imap_command_drop(c);
		return false;
	}
	c->verb = verb;
	a->piece = BUF_INIT(IMAP_PIECE_BYTES);
	a->name = in_astring(&in);
	read_options(&in, &m);
	a->why = in.why;
	*add_message(a) = m;
	c->input = on_input;
	imap_reader_next(r);
	(void)begin_message(c, r->literal, r->sync);
	return true;
}

/* ---- on a worker ---- */

static enum err put_piece(struct imap_command *c)
{
	const struct imap_args *args = &c->se->server->args;
	struct append *a = c->args;
	struct message *m = &a->messages[a->n - 1];

	if (!m->intake)
		TRY(intake_new(args->state_dir, args->max_message, &m->intake));
	TRY(intake_put(m->intake, buf_view(&a->piece)));
	if (a->left)
		return ERR_OK;
	TRY(intake_finish(m->intake));
	TRY(intake_store(m->intake, args->store, c->se->mailbox, &m->blob));
	/* Small ones are in memory until the end, twice. */
	a->memory += intake_size(m->intake) <= INTAKE_MEMORY_MAX ? 2 * intake_size(m->intake) : 0;
	return a->memory > IMAP_MAX_APPEND_MEMORY ? ERR_LIMIT : ERR_OK;
}

static void put(struct imap_command *c)
{
	struct append *a = c->args;

	a->err = put_piece(c);
	a->too_big = a->too_big || (a->err == ERR_LIMIT && a->n == 1);
	buf_clear(&a->piece);
	if (a->err) /* here: giving its file back may wait for the disk */
		intake_free(&a->messages[a->n - 1].intake);
}

static enum err add_one(struct arena *arena, struct store_tx *tx, const struct append *a, struct message *m,
			int64_t folder, uint32_t *ret_uid)
{
	struct intake_item item = { .folder = folder,
				    .received_ms = m->received_ms ? m->received_ms : clock_wall_ms(store_tx_clock(tx)),
				    .flags = m->flags.flags };
	struct item added;
	int64_t id;

	(void)a;
	TRY(imap_keywords_apply(arena, STR_EMPTY, &m->flags, IMAP_FLAGS_SET, &item.keywords));
	TRY(intake_add(m->intake, tx, m->blob, &item, &id));
	TRY(item_find(arena, tx, id, &added));
	*ret_uid = added.uid;
	return ERR_OK;
}

/* In the same transaction: the new one is there, or the old one is. */
static enum err expunge_replaced(struct imap_command *c, struct arena *arena, struct store_tx *tx)
{
	struct append *a = c->args;
	struct item old;

	if (!a->replaced.n)
		return ERR_OK;
	TRY(item_by_uid(arena, tx, c->se->selected.view.folder, a->replaced_range.lo, &old) ? ERR_STALE : ERR_OK);
	return item_expunge(tx, c->se->selected.view.folder, old.id, &AUTHOR_NOBODY);
}

static enum err commit(struct imap_command *c, struct worker *w, struct buf *uids, uint32_t *ret_validity)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct append *a = c->args;
	struct imap_set_writer set = { 0 };
	struct folder f;

	TRY(store_begin(c->se->server->args.store, c->se->mailbox, STORE_WRITE, &tx));
	TRY(imap_find_folder(w->arena, tx, c->se, a->name, &f));
	for (size_t i = 0; i < a->n; i++) {
		uint32_t uid;

		TRY(add_one(w->arena, tx, a, &a->messages[i], f.id, &uid));
		imap_set_add(&set, uids, uid);
	}
	imap_set_finish(&set, uids);
	TRY(expunge_replaced(c, w->arena, tx));
	TRY(quota_check(tx));
	TRY(store_commit(&tx));
	*ret_validity = f.uid_validity;
	return ERR_OK;
}

enum imap_next imap_append_work(struct imap_command *c, struct worker *w)
{
	struct append *a = c->args;
	struct buf uids = BUF_INIT(64 * 1024);
	uint32_t validity = 0;

	if (a->task != COMMIT)
		put(c);
	if (a->task == PUT)
		return IMAP_FINISHED;
	if (!a->err && a->replaced.n && c->se->selected.read_only)
		a->err = ERR_DENIED;
	if (!a->err && a->replaced.n) {
		a->err = imap_resolve(c, &a->replaced, c->verb->flags & IMAP_V_UID);
		if (a->err == ERR_INVALID) {
			imap_bad(c, "no such message number");
			return IMAP_FINISHED;
		}
	}
	if (!a->err)
		a->err = commit(c, w, &uids, &validity);
	if (a->err)
		refused(c);
	else
		imap_ok(c, "[APPENDUID %u " STR_FMT "] appended", validity, STR_ARG(buf_view(&uids)));
	buf_release(&uids);
	return IMAP_FINISHED;
}
