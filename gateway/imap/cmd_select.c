/* SELECT, EXAMINE and their ends (RFC 9051 6.3.2, 6.4.1, 6.4.2). */
#include <gateway/imap/commands.h>

#include <gateway/imap/expunge.h>
#include <gateway/imap/flags.h>
#include <gateway/imap/tree.h>

#include <stdlib.h>

struct select {
	struct str name;
	bool resync; /* QRESYNC: what has been missed since is told */
	uint64_t uid_validity, since;
	struct imap_set known; /* n 0: all */
};

/* RFC 7162 3.2.5. Pairs of sequence numbers and UIDs would save us nothing: they are read and forgotten. */
static void read_resync(struct imap_in *in, struct imap_command *c, struct select *s)
{
	if (!imap_has(c->se, IMAP_QRESYNC))
		in_fail(in, "QRESYNC has not been enabled");
	in_sp(in);
	in_open(in);
	s->resync = true;
	s->uid_validity = in_number(in);
	in_sp(in);
	s->since = in_number(in);
	if (in_ok(in) && in_try(in, ' ') && in_peek(in) != '(') {
		s->known = in_set(in);
		if (in_ok(in) && !in_try(in, ' ')) {
			in_close(in);
			return;
		}
	}
	if (in_ok(in) && in_try_open(in)) {
		(void)in_set(in);
		in_sp(in);
		(void)in_set(in);
		in_close(in);
	}
	in_close(in);
}

void imap_select_parse(struct imap_in *in, struct imap_command *c)
{
	struct select *s = arena_new(&c->arena, struct select);

	c->args = s;
	if (!s) {
		in_fail(in, "too much to keep");
		return;
	}
	in_sp(in);
	s->name = in_astring(in);
	if (!in_try(in, ' '))
		return;
	in_open(in);
	do {
		if (in_try_word(in, "CONDSTORE"))
			c->se->enabled |= IMAP_CONDSTORE;
		else if (in_try_word(in, "QRESYNC"))
			read_resync(in, c, s);
		else
			in_fail(in, "no such parameter");
	} while (in_more(in));
}

static void deselect(struct imap_session *se)
{
	if (se->state == IMAP_SELECTED)
		imap_enter(se, IMAP_AUTHENTICATED);
	se->selected = (struct imap_selected){ 0 };
	free(se->saved.ranges);
	se->saved = (struct imap_set){ 0 };
}

/* "$Work" and other keywords may be made at will. */
static void put_flags(struct imap_session *se, bool read_only)
{
	imap_line(se, "* FLAGS (" IMAP_SYSTEM_FLAGS ")");
	if (read_only)
		imap_line(se, "* OK [PERMANENTFLAGS ()] read-only");
	else
		imap_line(se, "* OK [PERMANENTFLAGS (" IMAP_SYSTEM_FLAGS " \\*)] all are kept");
}

/* RFC 9051 6.3.2: which one it is, by the name that LIST has for it. */
static enum err put_name(struct imap_command *c, struct arena *a, struct str name)
{
	struct imap_session *se = c->se;
	struct str path;

	if (!imap_has(se, IMAP_REV2))
		return ERR_OK;
	TRY(imap_path_read(a, se, name, &path));
	buf_cstr(&se->out, "* LIST () \"/\" ");
	imap_put_name(se, &se->out, path);
	buf_cstr(&se->out, "\r\n");
	return ERR_OK;
}

static enum err open_folder(struct imap_command *c, struct worker *w, bool read_only)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct imap_session *se = c->se;
	struct select *s = c->args;
	struct imap_selected *sel = &se->selected;
	struct folder f;
	uint32_t unseen;

	TRY(store_begin(se->server->args.store, se->mailbox, STORE_READ, &tx));
	TRY(imap_find_folder(w->arena, tx, se, s->name, &f));
	TRY(uid_first_unseen(tx, &f, &unseen));
	*sel = (struct imap_selected){ .view = { se->mailbox, f.id, f.head, f.uid_next },
				       .count = (uint32_t)f.total,
				       .told = f.head,
				       .uid_validity = f.uid_validity,
				       .read_only = read_only };
	TRY(put_name(c, w->arena, s->name));
	put_flags(se, read_only);
	imap_line(se, "* %u EXISTS", sel->count);
	if (!imap_has(se, IMAP_REV2))
		imap_line(se, "* 0 RECENT");
	if (unseen && !imap_has(se, IMAP_REV2 | IMAP_UIDONLY))
		imap_line(se, "* OK [UNSEEN %u] first unread one", unseen);
	imap_line(se, "* OK [UIDVALIDITY %u] UIDs stay", f.uid_validity);
	imap_line(se, "* OK [UIDNEXT %u] the next one", f.uid_next);
	imap_line(se, "* OK [HIGHESTMODSEQ %llu] the newest change", (unsigned long long)(f.head ? f.head : 1));
	imap_line(se, "* OK [MAILBOXID (F%lld)] its name for ever", (long long)f.id);
	if (!s->resync || s->uid_validity != f.uid_validity)
		return ERR_OK;
	imap_set_resolve(&s->known, f.uid_next - 1);
	return imap_tell_missed(c, tx, s->since, s->known.n ? &s->known : NULL, true);
}

static enum imap_next open_as(struct imap_command *c, struct worker *w, bool read_only)
{
	struct imap_session *se = c->se;
	enum err e;

	if (se->state == IMAP_SELECTED && imap_has(se, IMAP_QRESYNC | IMAP_REV2))
		imap_line(se, "* OK [CLOSED] the former mailbox");
	deselect(se);
	e = open_folder(c, w, read_only);
	if (e) {
		deselect(se);
		return imap_result(c, e, "");
	}
	imap_enter(se, IMAP_SELECTED);
	return imap_ok(c, read_only ? "[READ-ONLY] selected" : "[READ-WRITE] selected");
}

enum imap_next imap_select(struct imap_command *c, struct worker *w)
{
	return open_as(c, w, false);
}

enum imap_next imap_examine(struct imap_command *c, struct worker *w)
{
	return open_as(c, w, true);
}

/* What is \Deleted goes, and nobody is told. */
enum imap_next imap_close(struct imap_command *c, struct worker *w)
{
	bool more = false;
	enum err e = c->se->selected.read_only ? ERR_OK : imap_expunge_slice(c->se, w->arena, NULL, &more);

	if (!e && more)
		return IMAP_AGAIN;
	deselect(c->se);
	return imap_result(c, e, "closed");
}

enum imap_next imap_unselect(struct imap_command *c)
{
	deselect(c->se);
	return imap_ok(c, "done");
}
