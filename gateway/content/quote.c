#include <gateway/content/quote.h>

#include <gateway/content/compose.h>
#include <gateway/content/header_write.h>
#include <gateway/content/summary_class.h>
#include <gateway/content/text_html.h>

enum { INTRO_MAX = 256 * 1024, COPY_BYTES = 16 * 1024 };

/* ---- the header ---- */

static bool is_of_the_body(struct str name)
{
	return str_istarts(name, S("Content-")) || str_ieq(name, S("MIME-Version"));
}

static enum err read_header(struct arena *a, const struct quote_message *m, struct str *ret)
{
	uint64_t n = m->structure->parts[0].hdr_len;
	char *p = n <= QUOTE_MAX_HEADER ? arena_alloc(a, (size_t)n + 1) : NULL;

	if (!p)
		return ERR_LIMIT;
	TRY(mail_source_read(m->source, m->structure->parts[0].hdr_off, p, (size_t)n));
	*ret = str_from(p, (size_t)n);
	return ERR_OK;
}

/*
 * RFC 5322 3.6.4: a reply names what it answers, and the thread before it; a forward is of the thread too (MS-ASCON_R88),
 * but answers nothing.
 */
static void put_thread(struct buf *b, const struct mail_summary *original, bool forward)
{
	CLEANUP(buf_release) struct buf ids = BUF_INIT(SUMMARY_IDS_MAX + 2 * SUMMARY_ID_MAX);

	if (!original->message_id.n)
		return;
	if (!forward)
		compose_field_plain(b, S("In-Reply-To"), original->message_id);
	buf_str(&ids, original->references.n ? original->references : original->in_reply_to);
	if (ids.n)
		buf_char(&ids, ' ');
	buf_str(&ids, original->message_id);
	if (!buf_status(&ids))
		compose_field_plain(b, S("References"), buf_view(&ids));
}

/* What he wrote, but for the fields of his body, which is made anew. */
static enum err put_header(struct arena *a, const struct quote_args *q, struct buf *b)
{
	struct str rest;
	struct header_field f;
	bool threaded = false;

	TRY(read_header(a, &q->mine, &rest));
	while (header_next(&rest, &f)) {
		if (is_of_the_body(f.name))
			continue;
		threaded |= str_ieq(f.name, S("In-Reply-To")) || str_ieq(f.name, S("References"));
		buf_str(b, f.name);
		buf_char(b, ':');
		buf_str(b, f.raw);
		buf_cstr(b, "\r\n");
	}
	if (!threaded)
		put_thread(b, q->original.summary, q->forward);
	return buf_status(b);
}

/* ---- the texts ---- */

/* A text that is longer than QUOTE_MAX_TEXT is cut at a character. */
static enum err render(struct arena *a, const struct quote_message *m, enum body_type type, struct buf *b)
{
	const struct body_request r = { .type = type, .max_bytes = QUOTE_MAX_TEXT };
	struct body_result result;

	return body_render(a, m->source, m->structure, 0, &r, body_sink_buf(b), &result);
}

struct intro_line {
	const char *name;
	struct str value;
};

/* Who wrote the original, when, to whom, about what. */
static size_t intro_of(const struct mail_summary *s, struct buf *date, struct intro_line ret[5])
{
	struct intro_line all[] = {
		{ "From", s->from }, { "Sent", STR_EMPTY }, { "To", s->to }, { "Cc", s->cc }, { "Subject", s->subject },
	};
	size_t n = 0;

	if (s->flags & MAIL_HAS_DATE)
		header_date_write(date, s->date_ms);
	all[1].value = buf_view(date);
	for (size_t i = 0; i < countof(all); i++)
		if (all[i].value.n)
			ret[n++] = all[i];
	return n;
}

static void put_plain_intro(struct buf *b, const struct mail_summary *s)
{
	CLEANUP(buf_release) struct buf date = BUF_INIT(64);
	struct intro_line lines[5];
	size_t n = intro_of(s, &date, lines);

	buf_cstr(b, "\r\n\r\n-----Original Message-----\r\n");
	for (size_t i = 0; i < n; i++)
		buf_fmt(b, "%s: " STR_FMT "\r\n", lines[i].name, STR_ARG(lines[i].value));
	buf_cstr(b, "\r\n");
}

static void put_html_intro(struct buf *b, const struct mail_summary *s)
{
	CLEANUP(buf_release) struct buf date = BUF_INIT(64);
	struct intro_line lines[5];
	size_t n = intro_of(s, &date, lines);

	buf_cstr(b, "<br><hr>\r\n<div>");
	for (size_t i = 0; i < n; i++) {
		struct text_html escape = { 0 };

		buf_fmt(b, "<b>%s:</b> ", lines[i].name);
		text_html_put(&escape, b, lines[i].value);
		buf_cstr(b, "<br>\r\n");
	}
	buf_cstr(b, "</div><br>\r\n");
}

/* From `from` on the first "<name", without case; html.n: none. */
static size_t find_tag(struct str html, size_t from, struct str tag)
{
	size_t at = str_ifind(str_slice(html, from, html.n), tag);

	return at < html.n - from ? from + at : html.n;
}

static size_t find_last_tag(struct str html, struct str tag)
{
	size_t last = html.n;

	for (size_t at = 0; (at = find_tag(html, at, tag)) < html.n; at++)
		last = at;
	return last;
}

/* The styles of the head go along: what is in the body is written for them. */
static void put_styles(struct buf *b, struct str head)
{
	for (size_t at = 0; (at = find_tag(head, at, S("<style"))) < head.n;) {
		size_t end = find_tag(head, at, S("</style>"));

		if (end == head.n)
			return;
		end += sizeof("</style>") - 1;
		buf_str(b, str_slice(head, at, end));
		at = end;
	}
}

/* An HTML document as a part of another: what its body holds. */
static void put_inner_html(struct buf *b, struct str html)
{
	size_t body = find_tag(html, 0, S("<body")), from = body, to;

	while (from < html.n && html.p[from] != '>')
		from++;
	if (from == html.n) { /* no body, or one that never opens */
		buf_str(b, html);
		return;
	}
	to = find_last_tag(html, S("</body"));
	put_styles(b, str_slice(html, 0, body));
	buf_str(b, str_slice(html, from + 1, to > from ? to : html.n));
}

static enum err join_plain(struct arena *a, const struct quote_args *q, struct buf *b)
{
	CLEANUP(buf_release) struct buf original = BUF_INIT(2 * QUOTE_MAX_TEXT);

	TRY(render(a, &q->mine, BODY_PLAIN, b));
	TRY(render(a, &q->original, BODY_PLAIN, &original));
	put_plain_intro(b, q->original.summary);
	buf_str(b, buf_view(&original));
	return buf_status(b);
}

/* Before the end of what he wrote. */
static enum err join_html(struct arena *a, const struct quote_args *q, struct buf *b)
{
	CLEANUP(buf_release) struct buf mine = BUF_INIT(2 * QUOTE_MAX_TEXT);
	CLEANUP(buf_release) struct buf original = BUF_INIT(2 * QUOTE_MAX_TEXT);

	TRY(render(a, &q->mine, BODY_HTML, &mine));
	TRY(render(a, &q->original, BODY_HTML, &original));
	struct str html = buf_view(&mine);
	size_t end = find_last_tag(html, S("</body"));
	if (end == html.n)
		end = find_last_tag(html, S("</html"));
	buf_str(b, str_slice(html, 0, end));
	put_html_intro(b, q->original.summary);
	put_inner_html(b, buf_view(&original));
	buf_str(b, str_slice(html, end, html.n));
	return buf_status(b);
}

/* ---- the parts ---- */

struct parts {
	struct compose_part *list;
	size_t n;
};

static enum err add_parts(struct arena *a, const struct quote_message *m, bool only_inline, struct parts *parts)
{
	struct body_attachment *attachments;
	size_t n;

	TRY(body_attachments(a, m->structure, 0, &attachments, &n));
	struct compose_part *list = arena_array(a, parts->n + n + 3, sizeof(*list));
	if (!list)
		return ERR_LIMIT;
	if (parts->n)
		memcpy(list, parts->list, parts->n * sizeof(*list));
	parts->list = list;
	for (size_t i = 0; i < n; i++)
		if (attachments[i].is_inline || !only_inline)
			list[parts->n++] = (struct compose_part){ .is_inline = attachments[i].is_inline,
								  .source = m->source,
								  .part = &m->structure->parts[attachments[i].part] };
	return ERR_OK;
}

/* An invitation stays one, with its organizer: its calendar beside the text is no attachment. */
static void add_meeting(const struct quote_message *m, struct parts *parts)
{
	const struct mime_part *meeting = message_meeting_part(m->structure);

	for (size_t i = 0; meeting && i < parts->n; i++)
		if (parts->list[i].part == meeting)
			return;
	if (meeting)
		parts->list[parts->n++] = (struct compose_part){ .source = m->source, .part = meeting };
}

/* The original as a message in the message. */
static enum err add_whole(struct arena *a, const struct quote_message *m, struct parts *parts)
{
	char *p = arena_alloc(a, (size_t)m->source->size + 1);

	if (!p || m->source->size > SIZE_MAX - 1)
		return ERR_LIMIT;
	TRY(mail_source_read(m->source, 0, p, (size_t)m->source->size));
	parts->list[parts->n++] = (struct compose_part){ .content_type = S("message/rfc822"),
							 .bytes = str_from(p, (size_t)m->source->size) };
	return ERR_OK;
}

/* ---- the whole ---- */

static enum err copy_mine(const struct quote_args *q, struct body_sink sink)
{
	const struct mail_source *src = q->mine.source;
	char piece[COPY_BYTES];
	size_t got = 1;

	for (uint64_t off = 0; got > 0; off += got) {
		TRY(src->read(src->ctx, off, piece, sizeof(piece), &got));
		if (got)
			TRY(sink.put(sink.ctx, str_from(piece, got)));
	}
	return ERR_OK;
}

static bool is_sealed(const struct quote_message *m)
{
	return m->summary->flags & (MAIL_SIGNED | MAIL_ENCRYPTED);
}

static enum err join_texts(struct arena *a, const struct quote_args *q, bool html, bool whole, struct buf *b)
{
	if (whole)
		return render(a, &q->mine, html ? BODY_HTML : BODY_PLAIN, b);
	return html ? join_html(a, q, b) : join_plain(a, q, b);
}

static enum err write_joined(struct arena *a, const struct quote_args *q, struct body_sink sink)
{
	CLEANUP(buf_release) struct buf header = BUF_INIT(2 * QUOTE_MAX_HEADER);
	CLEANUP(buf_release) struct buf text = BUF_INIT(4 * QUOTE_MAX_TEXT + INTRO_MAX);
	bool html = body_native(a, q->mine.structure) == BODY_HTML, whole = q->forward && is_sealed(&q->original);
	struct parts parts = { 0 };
	struct compose c;

	TRY(put_header(a, q, &header));
	TRY(join_texts(a, q, html, whole, &text));
	TRY(add_parts(a, &q->mine, false, &parts));
	if (whole)
		TRY(add_whole(a, &q->original, &parts));
	else if (q->forward || html)
		TRY(add_parts(a, &q->original, !q->forward, &parts));
	if (q->forward && !whole)
		add_meeting(&q->original, &parts);
	compose_init(&c, sink, q->unique);
	compose_mail(&c, &(struct compose_mail){ .header = buf_view(&header),
						 .plain = html     ? STR_EMPTY
							  : text.n ? buf_view(&text)
								   : S(""),
						 .html = html ? buf_view(&text) : STR_EMPTY,
						 .parts = parts.list,
						 .parts_n = parts.n });
	return compose_finish(&c);
}

enum err quote_write(struct arena *a, const struct quote_args *q, struct body_sink sink)
{
	return is_sealed(&q->mine) ? copy_mine(q, sink) : write_joined(a, q, sink);
}
