/* What a session says: lines, tagged answers, strings, capabilities. */
#include <gateway/imap/session.h>

#include <gateway/content/imap_shape.h>
#include <gateway/imap/name.h>

#include <stdarg.h>

void imap_line(struct imap_session *se, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(&se->out, fmt, ap);
	va_end(ap);
	buf_cstr(&se->out, "\r\n");
}

static enum imap_next answer(struct imap_command *c, enum imap_status status, const char *fmt, va_list ap)
	PRINTF_LIKE(3, 0);
static enum imap_next answer(struct imap_command *c, enum imap_status status, const char *fmt, va_list ap)
{
	c->status = status;
	buf_clear(&c->text);
	buf_vfmt(&c->text, fmt, ap);
	return IMAP_FINISHED;
}

enum imap_next imap_ok(struct imap_command *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	answer(c, IMAP_OK, fmt, ap);
	va_end(ap);
	return IMAP_FINISHED;
}

enum imap_next imap_no(struct imap_command *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	answer(c, IMAP_NO, fmt, ap);
	va_end(ap);
	return IMAP_FINISHED;
}

enum imap_next imap_bad(struct imap_command *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	answer(c, IMAP_BAD, fmt, ap);
	va_end(ap);
	return IMAP_FINISHED;
}

/* RFC 5530 response codes. */
static const char *const error_texts[] = {
	[ERR_OK] = "done",
	[ERR_NOT_FOUND] = "[NONEXISTENT] no such mailbox",
	[ERR_EXISTS] = "[ALREADYEXISTS] there is one already",
	[ERR_STALE] = "[EXPUNGEISSUED] some of the messages have been expunged",
	[ERR_INVALID] = "[CANNOT] not possible with this name",
	[ERR_DENIED] = "[CANNOT] not possible with this mailbox",
	[ERR_UNSUPPORTED] = "[CANNOT] not supported",
	[ERR_LIMIT] = "[LIMIT] too much or too many",
	[ERR_BUSY] = "[INUSE] busy, try again",
	[ERR_FULL] = "[OVERQUOTA] no space left",
	[ERR_QUOTA] = "[OVERQUOTA] the mailbox is full",
	[ERR_CORRUPT] = "[CORRUPTION] the mailbox is damaged",
	[ERR_IO] = "[SERVERBUG] storage error",
};
_Static_assert(countof(error_texts) == ERR_MAX_, "map every error");

enum imap_next imap_result(struct imap_command *c, enum err e, const char *ok)
{
	return e ? imap_no(c, "%s", error_texts[e]) : imap_ok(c, "%s", ok);
}

void imap_progress(struct imap_command *c, uint64_t done, uint64_t of)
{
	int64_t now = clock_mono_ms(c->se->server->args.clock);

	if (!c->progress_ms)
		c->progress_ms = now;
	if (now - c->progress_ms < IMAP_PROGRESS_MS)
		return;
	c->progress_ms = now;
	buf_cstr(&c->se->out, "* OK [INPROGRESS (");
	imap_put_string(&c->se->out, c->tag);
	imap_line(c->se, " %llu %llu)] still at it", (unsigned long long)done, (unsigned long long)of);
}

void imap_put_tagged(struct imap_command *c)
{
	static const char *const words[] = { [IMAP_OK] = " OK ", [IMAP_NO] = " NO ", [IMAP_BAD] = " BAD " };
	struct buf *out = &c->se->out;

	_Static_assert(countof(words) == IMAP_STATUS_MAX_, "a word for each");
	buf_str(out, c->tag);
	buf_cstr(out, words[c->status]);
	if (buf_status(&c->text) || c->text.n == 0)
		buf_cstr(out, "done");
	else
		buf_str(out, buf_view(&c->text));
	buf_cstr(out, "\r\n");
}

void imap_put_string(struct buf *b, struct str s)
{
	imap_string_put(b, s);
}

static bool is_plain_atom(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || (unsigned char)s.p[i] >= 0x7f || strchr("(){%*\"\\]", s.p[i]))
			return false;
	return s.n > 0 && s.n <= 128 && !str_ieq(s, S("NIL"));
}

void imap_put_astring(struct buf *b, struct str s)
{
	if (is_plain_atom(s))
		buf_str(b, s);
	else
		imap_put_string(b, s);
}

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return true;
	return false;
}

void imap_put_name(const struct imap_session *se, struct buf *b, struct str path)
{
	struct buf coded = BUF_INIT(8 * IMAP_MAX_NAME);

	if (imap_has(se, IMAP_UTF8 | IMAP_REV2)) {
		if (is_plain_atom(path) || has_control(path))
			imap_put_astring(b, path);
		else
			buf_quoted(b, path); /* RFC 6855 3: UTF-8 may stand in quotes */
		return;
	}
	imap_utf7_encode(&coded, path);
	imap_put_astring(b, buf_status(&coded) ? S("") : buf_view(&coded));
	buf_release(&coded);
}

uint64_t imap_modseq(const struct imap_command *c, uint64_t modseq)
{
	uint64_t told = c->se->selected.told;

	return c->verb->flags & IMAP_V_SEQUENCE && modseq > told ? told : modseq;
}

void imap_note_own(struct imap_session *se, uint64_t change, uint64_t head_before)
{
	struct imap_selected *sel = &se->selected;

	if (head_before == sel->told)
		sel->told = change;
	if (sel->own_n && sel->own[sel->own_n - 1].to + 1 == change) {
		sel->own[sel->own_n - 1].to = change;
	} else if (sel->own_n < IMAP_OWN_CHANGES) {
		sel->own[sel->own_n].from = change;
		sel->own[sel->own_n++].to = change;
	}
}

bool imap_is_own(const struct imap_session *se, uint64_t change)
{
	for (unsigned i = 0; i < se->selected.own_n; i++)
		if (se->selected.own[i].from <= change && change <= se->selected.own[i].to)
			return true;
	return false;
}
