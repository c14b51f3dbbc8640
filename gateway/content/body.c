/* Rendering of the body, and of its preview. */
#include <gateway/content/body.h>

#include <base/utf8.h>

#include <gateway/content/body_pipe.h>
#include <gateway/content/body_select.h>
#include <gateway/content/octet.h>

enum { PREVIEW_CHUNK = MAIL_SOURCE_CHUNK / 16 }; /* a preview is mostly found in the first of them */

static const struct str html_head = STR_INIT(
	"<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"></head><body>\r\n");
static const struct str html_tail = STR_INIT("</body></html>\r\n");

static enum err put_buf(void *ctx, struct str bytes)
{
	struct buf *b = ctx;

	buf_str(b, bytes);
	return buf_status(b);
}

struct body_sink body_sink_buf(struct buf *b)
{
	return (struct body_sink){ put_buf, b };
}

/* Counts everything, puts what fits. */
struct limiter {
	struct body_sink sink;
	uint64_t max, total, put;
	bool truncated;
	char last; /* last octet of all */
};

static enum err limiter_put(void *ctx, struct str bytes)
{
	struct limiter *l = ctx;
	uint64_t room = l->max - l->put;

	if (bytes.n == 0)
		return ERR_OK;
	l->total += bytes.n;
	l->last = bytes.p[bytes.n - 1];
	if (l->truncated)
		return ERR_OK;
	if (bytes.n > room) {
		bytes = utf8_prefix(bytes, (size_t)room);
		l->truncated = true;
	}
	l->put += bytes.n;
	return bytes.n ? l->sink.put(l->sink.ctx, bytes) : ERR_OK;
}

/* The message itself, or the one in a part of kind MIME_MESSAGE: the part its text hangs from. */
static size_t root_of(const struct mime_structure *m, size_t part)
{
	return part > 0 && m->parts[part].kind == MIME_MESSAGE && part + 1 < m->parts_n ? part + 1 : part;
}

enum body_type body_native(struct arena *a, const struct mime_structure *m)
{
	unsigned char *roles = body_roles(a, m, 0, BODY_HTML);
	size_t n = roles ? body_parts_end(m, 0) : 0;

	for (size_t i = 0; i < n; i++)
		if (roles[i] == ROLE_HTML)
			return BODY_HTML;
	return BODY_PLAIN;
}

/* ---- text ---- */

struct rendering {
	const struct mail_source *src;
	const struct mime_structure *m;
	enum body_type type;
	bool links;
	struct body_sink out;
	uint64_t budget;    /* octets of the message that may still be read */
	uint64_t unread;    /* octets of text parts that were not */
	const bool *enough; /* the sink wants no more; NULL: it wants all */
};

static enum err render_part(struct rendering *r, const struct mime_part *part, bool html)
{
	struct body_pipe_args args = { .part = part, .html = html, .type = r->type, .links = r->links, .out = r->out };
	CLEANUP(body_pipe_free) struct body_pipe *pipe = body_pipe_new(&args);
	uint64_t off = part->body_off, left = part->body_len < r->budget ? part->body_len : r->budget;

	r->unread += part->body_len - left;
	r->budget -= left;
	while (left && !(r->enough && *r->enough)) {
		char chunk[MAIL_SOURCE_CHUNK];
		size_t room = r->enough ? PREVIEW_CHUNK : sizeof(chunk), n = left < room ? (size_t)left : room;

		TRY(mail_source_read(r->src, off, chunk, n));
		TRY(body_pipe_put(pipe, str_from(chunk, n)));
		off += n;
		left -= n;
	}
	return body_pipe_finish(pipe);
}

static enum err sink_put(struct body_sink sink, struct str bytes)
{
	return sink.put(sink.ctx, bytes);
}

/* Renders the text parts among [root, end) by their roles. `last` is the last octet put so far, or NULL. */
static enum err render_parts(struct rendering *r, size_t root, const unsigned char *roles, const char *last)
{
	size_t end = body_parts_end(r->m, root), done = 0;

	for (size_t i = root; i < end; i++) {
		bool html = roles[i - root] == ROLE_HTML, wrap = !html && r->type == BODY_HTML;

		if (!html && roles[i - root] != ROLE_TEXT)
			continue;
		if (done++ == BODY_PARTS_MAX)
			return ERR_OK;
		if (done > 1 && !(last && *last == '\n'))
			TRY(sink_put(r->out, S("\r\n")));
		if (wrap)
			TRY(sink_put(r->out, S("<div>")));
		TRY(render_part(r, &r->m->parts[i], html));
		if (wrap)
			TRY(sink_put(r->out, S("</div>\r\n")));
	}
	return ERR_OK;
}

static bool has_role(const unsigned char *roles, size_t n, enum body_role role)
{
	return n && memchr(roles, (int)role, n) != NULL;
}

static enum err render_text(struct arena *a, struct rendering *r, size_t root, const char *last)
{
	unsigned char *roles = body_roles(a, r->m, root, r->type);
	size_t n = body_parts_end(r->m, root) - root;
	bool document;

	if (!roles)
		return ERR_LIMIT;
	document = r->type == BODY_HTML && !has_role(roles, n, ROLE_HTML) && has_role(roles, n, ROLE_TEXT);
	if (document)
		TRY(sink_put(r->out, html_head));
	TRY(render_parts(r, root, roles, last));
	return document ? sink_put(r->out, html_tail) : ERR_OK;
}

/* ---- the message itself ---- */

static enum err render_mime(const struct mail_source *src, const struct mime_structure *m, size_t part,
			    struct limiter *l)
{
	uint64_t off = part ? m->parts[part].body_off : 0;
	uint64_t size = part ? m->parts[part].body_len : m->size;
	uint64_t left = size < l->max ? size : l->max;

	l->total = size;
	l->truncated = left < size;
	while (left) {
		char chunk[MAIL_SOURCE_CHUNK];
		size_t n = left < sizeof(chunk) ? (size_t)left : sizeof(chunk);

		TRY(mail_source_read(src, off, chunk, n));
		TRY(l->sink.put(l->sink.ctx, str_from(chunk, n)));
		off += n;
		left -= n;
	}
	return ERR_OK;
}

/* ---- preview ---- */

struct preview {
	struct buf text;
	size_t chars, max;
	bool blank, enough;
};

/* A blank that is owed is put only with the character after it, where both still fit. */
static void preview_character(struct preview *p, struct str character)
{
	if (p->blank && p->chars + 2 > p->max) {
		p->enough = true;
		return;
	}
	if (p->blank) {
		buf_char(&p->text, ' ');
		p->chars++;
	}
	buf_str(&p->text, character);
	p->chars++;
	p->blank = false;
	p->enough = p->chars == p->max;
}

static enum err preview_put(void *ctx, struct str bytes)
{
	struct preview *p = ctx;

	while (bytes.n && !p->enough) {
		uint32_t code;
		size_t n = utf8_decode(bytes, &code);

		if (n == 1 && octet_is_space((char)code))
			p->blank = p->chars > 0;
		else if (n)
			preview_character(p, str_slice(bytes, 0, n));
		bytes = str_slice(bytes, n ? n : 1, bytes.n);
	}
	return ERR_OK;
}

enum err body_preview(struct arena *a, const struct mail_source *src, const struct mime_structure *m, size_t part,
		      size_t max_chars, struct str *ret)
{
	struct preview p = { .max = max_chars < BODY_PREVIEW_MAX ? max_chars : BODY_PREVIEW_MAX,
			     .text = BUF_INIT(4 * BODY_PREVIEW_MAX) };
	struct rendering r = { .src = src,
			       .m = m,
			       .type = BODY_PLAIN,
			       .out = { preview_put, &p },
			       .budget = BODY_PREVIEW_READ_MAX,
			       .enough = &p.enough };
	enum err e;

	p.enough = p.max == 0;
	e = render_text(a, &r, root_of(m, part), NULL);
	if (!e)
		e = arena_str(a, buf_view(&p.text), ret);
	buf_release(&p.text);
	return e;
}

enum err body_render(struct arena *a, const struct mail_source *src, const struct mime_structure *m, size_t part,
		     const struct body_request *request, struct body_sink sink, struct body_result *ret)
{
	struct limiter l = { .sink = sink, .max = request->max_bytes, .last = '\n' };
	struct rendering r = { .src = src,
			       .m = m,
			       .type = request->type,
			       .links = true,
			       .out = { limiter_put, &l },
			       .budget = BODY_TEXT_MAX };
	struct str preview = STR_EMPTY;

	if (request->type == BODY_MIME)
		TRY(render_mime(src, m, part, &l));
	else
		TRY(render_text(a, &r, root_of(m, part), &l.last));
	if (request->preview_chars)
		TRY(body_preview(a, src, m, part, request->preview_chars, &preview));
	*ret = (struct body_result){
		.estimated_bytes = l.total + r.unread,
		.truncated = l.truncated || r.unread,
		.preview = preview,
	};
	return ERR_OK;
}
