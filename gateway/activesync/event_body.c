#include <gateway/activesync/event_body.h>

#include <gateway/activesync/limits.h>
#include <gateway/content/html_text.h>
#include <gateway/content/text_html.h>

enum { PLAIN_MAX = 4 * EVENT_MAX_BODY_BYTES, NOTE_MAX = 4096 };

/* ---- told ---- */

static void put_note(struct buf *b, const struct event_body *body)
{
	if (body->event->recurrence.odd && !body->is_exception)
		buf_fmt(b, EVENT_ODD, STR_ARG(body->series->rule.n ? body->series->rule : S("RDATE")));
}

/* A text that is made of HTML has CRs already. */
static void put_lines(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\r')
			continue;
		if (text.p[i] == '\n')
			buf_char(out, '\r');
		buf_char(out, text.p[i]);
	}
}

enum err event_body_plain(struct arena *a, const struct event_body *body, struct buf *out)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(PLAIN_MAX);
	const struct cal_event *e = body->event;
	struct str derived = e->description;

	put_note(&text, body);
	if (e->description.n == 0 && e->html.n)
		TRY(html_text_of(a, e->html, PLAIN_MAX, &derived));
	buf_str(&text, derived);
	put_lines(out, buf_view(&text));
	return buf_status(&text);
}

static enum err put_html_note(const struct event_body *body, struct text_html *t, struct buf *out)
{
	CLEANUP(buf_release) struct buf note = BUF_INIT(NOTE_MAX);

	put_note(&note, body);
	TRY(buf_status(&note));
	text_html_put(t, out, buf_view(&note));
	return ERR_OK;
}

enum err event_body_html(const struct event_body *body, struct buf *out)
{
	struct text_html t = { 0 };

	TRY(put_html_note(body, &t, out));
	if (body->event->html.n)
		buf_str(out, body->event->html);
	else
		text_html_put(&t, out, body->event->description);
	return ERR_OK;
}

/* ---- said again ---- */

static struct str without_end(struct str s)
{
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

/* Lines end in LF. */
static enum err bare_lines(struct arena *a, const struct buf *b, struct str *ret)
{
	CLEANUP(buf_release) struct buf bare = BUF_INIT(EAS_MAX_TEXT_BODY_BYTES);
	struct str text = buf_view(b), line;

	TRY(buf_status(b));
	while (str_cut(&text, '\r', &line))
		buf_str(&bare, line);
	TRY(buf_status(&bare));
	return arena_str(a, buf_view(&bare), ret);
}

/* *ret_note is what stands before the event's own text. */
static enum err read_told(struct arena *a, const struct event_body *body, bool is_html, struct str *ret_note,
			  struct str *ret)
{
	CLEANUP(buf_release) struct buf note = BUF_INIT(NOTE_MAX), whole = BUF_INIT(EAS_MAX_TEXT_BODY_BYTES);
	struct text_html t = { 0 };

	if (is_html)
		TRY(put_html_note(body, &t, &note));
	else
		put_note(&note, body);
	TRY(is_html ? event_body_html(body, &whole) : event_body_plain(a, body, &whole));
	TRY(bare_lines(a, &note, ret_note));
	return bare_lines(a, &whole, ret);
}

static enum err drop_note(struct arena *a, struct str note, struct event_said *said)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(EAS_MAX_TEXT_BODY_BYTES);
	struct str derived;

	if (!said->to.html.n) {
		said->to.description = str_slice(said->to.description, note.n, said->to.description.n);
		return ERR_OK;
	}
	said->to.html = str_slice(said->to.html, note.n, said->to.html.n);
	TRY(html_text_of(a, said->to.html, EVENT_MAX_BODY_BYTES, &derived));
	buf_str(&text, derived);
	return bare_lines(a, &text, &said->to.description);
}

enum err event_body_said(struct arena *a, const struct event_body *body, struct event_said *said)
{
	const struct str *text = said->to.html.n ? &said->to.html : &said->to.description;
	struct str note, told;

	if (!(said->what & CAL_FIELD_BODY))
		return ERR_OK;
	TRY(read_told(a, body, said->to.html.n > 0, &note, &told));
	if (str_eq(without_end(*text), without_end(told))) {
		said->to.description = body->event->description;
		said->to.html = body->event->html;
		return ERR_OK;
	}
	return note.n && str_starts(*text, note) ? drop_note(a, note, said) : ERR_OK;
}
