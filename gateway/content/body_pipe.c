/* The steps of rendering, and how octets run through them. */
#include <gateway/content/body_pipe.h>

#include <base/mem.h>
#include <base/utf8.h>

#include <stdlib.h>

/* No step makes more than HTML_TEXT_GROWTH octets of one, and two in a row never both do. */
enum { STEP_MAX = 4 * HTML_TEXT_GROWTH * MAIL_SOURCE_CHUNK, SNIFF_MAX = 1024 };

static void decode_put(struct body_pipe *p, struct buf *out, struct str s)
{
	transfer_put(&p->transfer, out, s);
}

static void decode_finish(struct body_pipe *p, struct buf *out)
{
	transfer_finish(&p->transfer, out);
}

/* The charset that a meta element at the beginning of HTML names. Text in wide characters could not be read so far. */
static const struct charset *charset_in_html(struct str html)
{
	static const struct str key = STR_INIT("charset=");
	struct str name = str_slice(html, 0, SNIFF_MAX);
	const struct charset *cs;
	size_t n = 0;

	name = str_slice(name, str_ifind(name, key) + key.n, name.n);
	while (name.n && (name.p[0] == '"' || name.p[0] == '\''))
		name = str_slice(name, 1, name.n);
	while (n < name.n && !memchr("\"'>;", name.p[n], sizeof("\"'>;") - 1))
		n++;
	cs = charset_find(str_slice(name, 0, n));
	return cs && cs->iconv && str_starts(str_of(cs->iconv), S("UTF-")) ? NULL : cs;
}

static void convert_put(struct body_pipe *p, struct buf *out, struct str s)
{
	if (p->sniff) {
		p->sniff = false;
		charset_release(&p->charset);
		charset_init(&p->charset, charset_in_html(s));
	}
	charset_put(&p->charset, out, s);
}

static void convert_finish(struct body_pipe *p, struct buf *out)
{
	charset_finish(&p->charset, out);
}

static void clean_put(struct body_pipe *p, struct buf *out, struct str s)
{
	(void)p;
	utf8_put_xml_safe(out, s);
}

static void lines_put(struct body_pipe *p, struct buf *out, struct str s)
{
	crlf_put(&p->crlf, out, s);
}

static void flow_put(struct body_pipe *p, struct buf *out, struct str s)
{
	text_flow_put(&p->flow, out, s);
}

static void flow_finish(struct body_pipe *p, struct buf *out)
{
	text_flow_finish(&p->flow, out);
}

static void to_html_put(struct body_pipe *p, struct buf *out, struct str s)
{
	text_html_put(&p->text_html, out, s);
}

static void to_text_put(struct body_pipe *p, struct buf *out, struct str s)
{
	html_text_put(&p->html_text, out, s);
}

static void to_text_finish(struct body_pipe *p, struct buf *out)
{
	html_text_finish(&p->html_text, out);
}

static void meta_put(struct body_pipe *p, struct buf *out, struct str s)
{
	html_meta_put(&p->html_meta, out, s);
}

static void meta_finish(struct body_pipe *p, struct buf *out)
{
	html_meta_finish(&p->html_meta, out);
}

static const struct body_step decode = { decode_put, decode_finish };
static const struct body_step convert = { convert_put, convert_finish };
static const struct body_step clean = { clean_put, NULL };
static const struct body_step lines = { lines_put, NULL };
static const struct body_step flow = { flow_put, flow_finish };
static const struct body_step to_html = { to_html_put, NULL };
static const struct body_step to_text = { to_text_put, to_text_finish };
static const struct body_step drop_meta = { meta_put, meta_finish };

static void add(struct body_pipe *p, const struct body_step *step)
{
	p->bufs[p->steps_n] = BUF_INIT(STEP_MAX);
	p->steps[p->steps_n++] = step;
}

static void add_steps(struct body_pipe *p, const struct body_pipe_args *a)
{
	add(p, &decode);
	add(p, &convert);
	add(p, &clean);
	if (a->html && a->type == BODY_PLAIN) {
		add(p, &to_text);
		return;
	}
	if (a->html)
		add(p, &drop_meta);
	add(p, &lines);
	if (!a->html && (a->part->flags & MIME_FLOWED))
		add(p, &flow);
	if (!a->html && a->type == BODY_HTML)
		add(p, &to_html);
}

struct body_pipe *body_pipe_new(const struct body_pipe_args *a)
{
	struct body_pipe *p = mem_alloc(sizeof(*p));

	p->out = a->out;
	p->transfer.encoding = a->part->encoding;
	p->flow.delsp = a->part->flags & MIME_DELSP;
	p->text_html.blank = true;
	charset_init(&p->charset, charset_find(a->part->charset));
	p->sniff = a->html && a->part->charset.n == 0;
	html_text_init(&p->html_text, a->links);
	add_steps(p, a);
	return p;
}

/* Runs s through the steps from `first` on. */
static enum err run(struct body_pipe *p, size_t first, struct str s)
{
	for (size_t i = first; i < p->steps_n && s.n; i++) {
		buf_clear(&p->bufs[i]);
		p->steps[i]->put(p, &p->bufs[i], s);
		TRY(buf_status(&p->bufs[i]));
		s = buf_view(&p->bufs[i]);
	}
	return s.n ? p->out.put(p->out.ctx, s) : ERR_OK;
}

enum err body_pipe_put(struct body_pipe *p, struct str octets)
{
	while (octets.n) {
		struct str chunk = str_slice(octets, 0, MAIL_SOURCE_CHUNK);

		TRY(run(p, 0, chunk));
		octets = str_slice(octets, chunk.n, octets.n);
	}
	return ERR_OK;
}

enum err body_pipe_finish(struct body_pipe *p)
{
	for (size_t i = 0; i < p->steps_n; i++) {
		if (!p->steps[i]->finish)
			continue;
		buf_clear(&p->bufs[i]);
		p->steps[i]->finish(p, &p->bufs[i]);
		TRY(buf_status(&p->bufs[i]));
		TRY(run(p, i + 1, buf_view(&p->bufs[i])));
	}
	return ERR_OK;
}

void body_pipe_free(struct body_pipe **pp)
{
	struct body_pipe *p = *pp;

	if (!p)
		return;
	charset_release(&p->charset);
	for (size_t i = 0; i < p->steps_n; i++)
		buf_release(&p->bufs[i]);
	free(p);
	*pp = NULL;
}
