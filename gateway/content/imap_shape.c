/* BODYSTRUCTURE: one pass over the parts, which come in the order in which they are written. */
#include <gateway/content/imap_shape.h>

#include <gateway/content/header.h>

/* Quoted strings are short, on one line and in ASCII. */
static bool fits_quoted(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x7f || (unsigned char)s.p[i] < ' ')
			return false;
	return s.n <= 1000;
}

void imap_string_put(struct buf *b, struct str s)
{
	if (!s.p) {
		buf_cstr(b, "NIL");
		return;
	}
	if (!fits_quoted(s)) {
		buf_fmt(b, "{%zu}\r\n", s.n);
		buf_str(b, s);
		return;
	}
	buf_quoted(b, s);
}

/* ---- parameters as they stand ---- */

struct param {
	struct str name, value;
};
struct params {
	struct str value; /* before the first ';'; .p NULL: no such field */
	struct param list[IMAP_SHAPE_PARAMS_MAX];
	size_t n;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Blanks and comments. */
static void skip_blanks(struct str *s)
{
	size_t i = 0, depth = 0;

	for (; i < s->n; i++) {
		char c = s->p[i];

		if (depth && c == '\\')
			i++;
		else if (c == '(')
			depth++;
		else if (depth && c == ')')
			depth--;
		else if (!depth && !is_blank(c))
			break;
	}
	*s = str_slice(*s, i, s->n);
}

static struct str take_token(struct str *s, const char *ends)
{
	size_t n = 0;
	struct str word;

	while (n < s->n && !is_blank(s->p[n]) && !(s->p[n] && strchr(ends, s->p[n])))
		n++;
	word = str_slice(*s, 0, n);
	*s = str_slice(*s, n, s->n);
	return word;
}

/* Behind the opening quote; in the arena, without escapes and line ends. */
static enum err take_quoted(struct arena *a, struct str *s, struct str *ret)
{
	char *copy = arena_alloc(a, s->n);
	size_t n = 0, i = 0;

	if (!copy)
		return ERR_LIMIT;
	for (; i < s->n && s->p[i] != '"'; i++) {
		if (s->p[i] == '\\' && i + 1 < s->n)
			i++;
		if (s->p[i] != '\r' && s->p[i] != '\n')
			copy[n++] = s->p[i];
	}
	*s = str_slice(*s, i + 1, s->n);
	*ret = str_from(copy, n);
	return ERR_OK;
}

static enum err take_value(struct arena *a, struct str *s, struct str *ret)
{
	skip_blanks(s);
	if (s->n && s->p[0] == '"') {
		*s = str_slice(*s, 1, s->n);
		return take_quoted(a, s, ret);
	}
	*ret = take_token(s, ";(");
	return ERR_OK;
}

static enum err read_params(struct arena *a, struct str raw, struct params *ret)
{
	struct str s = raw;

	skip_blanks(&s);
	ret->value = take_token(&s, ";(");
	while (s.n && ret->n < IMAP_SHAPE_PARAMS_MAX) {
		struct param p;

		s = str_slice(s, str_index(s, ';') + 1, s.n);
		skip_blanks(&s);
		p.name = take_token(&s, "=;(");
		skip_blanks(&s);
		if (!p.name.n || !s.n || s.p[0] != '=')
			continue;
		s = str_slice(s, 1, s.n);
		TRY(take_value(a, &s, &p.value));
		ret->list[ret->n++] = p;
	}
	return ERR_OK;
}

static void put_params(struct buf *b, const struct params *p)
{
	for (size_t i = 0; i < p->n; i++) {
		buf_char(b, i ? ' ' : '(');
		imap_string_put(b, p->list[i].name);
		buf_char(b, ' ');
		imap_string_put(b, p->list[i].value);
	}
	buf_cstr(b, p->n ? ")" : "NIL");
}

/* ---- one part ---- */

/* What its header says, beyond what the structure keeps. */
struct fields {
	struct params type, disposition;
	struct str id, description, md5, language, location, encoding;
};

static enum err unfolded(struct arena *a, struct str raw, struct str *ret)
{
	struct buf b = BUF_INIT(IMAP_SHAPE_HEADER_MAX);
	enum err e;

	header_unfold(&b, raw);
	e = arena_str(a, str_slice(buf_view(&b), 0, IMAP_SHAPE_FIELD_MAX), ret);
	if (!e && !ret->p)
		*ret = S("");
	buf_release(&b);
	return e;
}

/* The first field of a name counts. */
static enum err keep_text(struct arena *a, struct str raw, struct str *text)
{
	return text->p ? ERR_OK : unfolded(a, raw, text);
}

static enum err keep_params(struct arena *a, struct str raw, struct params *p)
{
	return p->value.p ? ERR_OK : read_params(a, raw, p);
}

static enum err keep_field(struct arena *a, const struct header_field *h, struct fields *f)
{
	const struct {
		struct str name;
		struct str *text;
	} texts[] = {
		{ S("Content-ID"), &f->id },
		{ S("Content-Description"), &f->description },
		{ S("Content-MD5"), &f->md5 },
		{ S("Content-Language"), &f->language },
		{ S("Content-Location"), &f->location },
		{ S("Content-Transfer-Encoding"), &f->encoding },
	};

	if (str_ieq(h->name, S("Content-Type")))
		return keep_params(a, h->raw, &f->type);
	if (str_ieq(h->name, S("Content-Disposition")))
		return keep_params(a, h->raw, &f->disposition);
	for (size_t i = 0; i < countof(texts); i++)
		if (str_ieq(h->name, texts[i].name))
			return keep_text(a, h->raw, texts[i].text);
	return ERR_OK;
}

static enum err read_header(struct arena *a, const struct mail_source *src, const struct mime_part *part,
			    struct str *ret)
{
	size_t n = part->hdr_len > IMAP_SHAPE_HEADER_MAX ? IMAP_SHAPE_HEADER_MAX : (size_t)part->hdr_len;
	char *p = arena_alloc(a, n);

	if (!p)
		return ERR_LIMIT;
	TRY(mail_source_read(src, part->hdr_off, p, n));
	*ret = str_from(p, n);
	return ERR_OK;
}

static enum err read_fields(struct arena *a, struct str header, struct fields *f)
{
	struct header_field h;

	while (header_next(&header, &h))
		if (str_istarts(h.name, S("Content-")))
			TRY(keep_field(a, &h, f));
	return ERR_OK;
}

static void put_language(struct buf *b, struct str language)
{
	const char *between = "(";
	struct str one;

	if (!language.p) {
		buf_cstr(b, "NIL");
		return;
	}
	while (str_cut(&language, ',', &one)) {
		buf_cstr(b, between);
		one = str_trim(one);
		imap_string_put(b, one.p ? one : S(""));
		between = " ";
	}
	buf_char(b, ')');
}

/* Disposition, language and location. */
static void put_extension(struct buf *b, const struct fields *f)
{
	buf_char(b, ' ');
	if (f->disposition.value.n) {
		buf_char(b, '(');
		imap_string_put(b, f->disposition.value);
		buf_char(b, ' ');
		put_params(b, &f->disposition);
		buf_char(b, ')');
	} else {
		buf_cstr(b, "NIL");
	}
	buf_char(b, ' ');
	put_language(b, f->language);
	buf_char(b, ' ');
	imap_string_put(b, f->location);
}

static bool is_text_default(const struct mime_part *part, const struct fields *f)
{
	return f->type.n == 0 && mime_is(part, S("text"), S("plain"));
}

static bool must_hide(const struct mime_part *part)
{
	return part->kind == MIME_LEAF &&
	       (str_eq(part->type, S("multipart")) || mime_is(part, S("message"), S("rfc822")));
}

/* Type, parameters, id, description, encoding and size: what every part but a multipart begins with. */
static void put_basics(struct buf *b, const struct mime_part *part, const struct fields *f)
{
	struct str encoding = str_trim(str_slice(f->encoding, 0, str_index(f->encoding, ';')));

	imap_string_put(b, must_hide(part) ? S("application") : part->type);
	buf_char(b, ' ');
	imap_string_put(b, must_hide(part) ? S("octet-stream") : part->subtype);
	buf_char(b, ' ');
	if (is_text_default(part, f))
		buf_cstr(b, "(\"charset\" \"us-ascii\")");
	else
		put_params(b, &f->type);
	buf_char(b, ' ');
	imap_string_put(b, f->id);
	buf_char(b, ' ');
	imap_string_put(b, f->description);
	buf_char(b, ' ');
	imap_string_put(b, encoding.n ? encoding : S("7bit"));
	buf_fmt(b, " %llu", (unsigned long long)part->body_len);
}

/* ---- all of them ---- */

struct walk {
	struct arena *arena;
	struct arena scratch; /* of one leaf: there may be ten thousand */
	struct buf *out;
	const struct mail_source *src;
	const struct mime_structure *m;
	bool extended;
	struct {
		size_t part, children;
		struct fields *fields;
	} open[MIME_DEPTH_MAX + 1];
	size_t open_n;
};

/* What follows a part's children, or a leaf's basics. */
static void close_part(struct walk *w, size_t i, const struct fields *f, size_t children)
{
	const struct mime_part *part = &w->m->parts[i];
	struct buf *b = w->out;

	if (part->kind == MIME_MULTIPART) {
		if (!children) /* the grammar wants one */
			buf_cstr(b, "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 0 0)");
		buf_char(b, ' ');
		imap_string_put(b, part->subtype);
		if (w->extended) {
			buf_char(b, ' ');
			put_params(b, &f->type);
			put_extension(b, f);
		}
	} else {
		if (part->kind == MIME_MESSAGE || str_eq(part->type, S("text")))
			buf_fmt(b, " %llu", (unsigned long long)part->lines);
		if (w->extended) {
			buf_char(b, ' ');
			imap_string_put(b, f->md5);
			put_extension(b, f);
		}
	}
	buf_char(b, ')');
}

static void close_until(struct walk *w, int32_t parent)
{
	while (w->open_n && (int32_t)w->open[w->open_n - 1].part != parent) {
		w->open_n--;
		close_part(w, w->open[w->open_n].part, w->open[w->open_n].fields, w->open[w->open_n].children);
	}
	if (w->open_n)
		w->open[w->open_n - 1].children++;
}

static enum err put_inner_envelope(struct walk *w, size_t i)
{
	struct str header;

	TRY(read_header(w->arena, w->src, &w->m->parts[i + 1], &header));
	buf_char(w->out, ' ');
	TRY(imap_envelope_put(w->arena, w->out, header));
	buf_char(w->out, ' ');
	return ERR_OK;
}

static enum err put_part(struct walk *w, size_t i)
{
	const struct mime_part *part = &w->m->parts[i];
	struct arena *a = part->kind == MIME_LEAF ? &w->scratch : w->arena;
	struct fields *f = arena_new(a, struct fields);
	struct str header;

	if (!f || w->open_n > MIME_DEPTH_MAX)
		return ERR_LIMIT;
	TRY(read_header(a, w->src, part, &header));
	TRY(read_fields(a, header, f));
	buf_char(w->out, '(');
	if (part->kind != MIME_MULTIPART)
		put_basics(w->out, part, f);
	if (part->kind == MIME_LEAF) {
		close_part(w, i, f, 0);
		arena_reset(&w->scratch);
		return ERR_OK;
	}
	if (part->kind == MIME_MESSAGE)
		TRY(put_inner_envelope(w, i));
	w->open[w->open_n].part = i;
	w->open[w->open_n].children = 0;
	w->open[w->open_n++].fields = f;
	return ERR_OK;
}

enum err imap_structure_put(struct arena *a, struct buf *b, const struct mail_source *src,
			    const struct mime_structure *m, bool extended)
{
	struct walk w = {
		.arena = a, .scratch = ARENA_INIT(a->max), .out = b, .src = src, .m = m, .extended = extended
	};
	enum err e = ERR_OK;

	for (size_t i = 0; i < m->parts_n && !e; i++) {
		close_until(&w, m->parts[i].parent);
		e = put_part(&w, i);
	}
	arena_release(&w.scratch);
	if (e)
		return e;
	close_until(&w, -1);
	return buf_status(b);
}

/* ---- what is kept ---- */

static const struct str kept_fields[] = {
	STR_INIT("From"),        STR_INIT("To"),           STR_INIT("Cc"),         STR_INIT("Bcc"),
	STR_INIT("Subject"),     STR_INIT("Date"),         STR_INIT("Message-ID"), STR_INIT("References"),
	STR_INIT("In-Reply-To"), STR_INIT("Reply-To"),     STR_INIT("Sender"),     STR_INIT("Priority"),
	STR_INIT("X-Priority"),  STR_INIT("Importance"),   STR_INIT("Newsgroups"), STR_INIT("Content-Type"),
	STR_INIT("Received"),    STR_INIT("Delivered-To"), STR_INIT("List-Id"),    STR_INIT("List-Post"),
	STR_INIT("X-Spam-Flag"),
};

bool imap_shape_has_field(struct str name)
{
	for (size_t i = 0; i < countof(kept_fields); i++)
		if (str_ieq(name, kept_fields[i]))
			return true;
	return false;
}

static void put_kept_fields(struct str header, struct buf *b)
{
	struct header_field h;

	while (header_next(&header, &h)) {
		if (!imap_shape_has_field(h.name))
			continue;
		buf_put(b, h.name.p, (size_t)(h.raw.p + h.raw.n - h.name.p));
		if (!str_ends(h.raw, S("\n")))
			buf_cstr(b, "\r\n");
	}
}

/* The lines, where the whole header was seen and they are not too many. */
static enum err make_fields(struct arena *a, const struct mime_part *root, struct str header, struct str *ret)
{
	struct buf b = BUF_INIT(IMAP_SHAPE_FIELDS_MAX);
	enum err e = ERR_OK;

	*ret = STR_EMPTY;
	if (header.n == root->hdr_len)
		put_kept_fields(header, &b);
	else
		b.err = ERR_LIMIT;
	if (!b.err)
		e = b.n ? arena_str(a, buf_view(&b), ret) : ERR_OK;
	if (!b.err && !b.n)
		*ret = S("");
	buf_release(&b);
	return e;
}

static enum err make_texts(struct arena *a, const struct mail_source *src, const struct mime_structure *m,
			   struct str header, struct buf *b, struct imap_shape *ret)
{
	TRY(imap_envelope_put(a, b, header));
	TRY(arena_str(a, buf_view(b), &ret->envelope));
	buf_clear(b);
	TRY(imap_structure_put(a, b, src, m, true));
	return arena_str(a, buf_view(b), &ret->structure);
}

enum err imap_shape_make(struct arena *a, const struct mail_source *src, const struct mime_structure *m, size_t max,
			 struct imap_shape *ret)
{
	struct buf b = BUF_INIT(max);
	struct imap_shape shape;
	struct str header;
	enum err e;

	TRY(read_header(a, src, &m->parts[0], &header));
	e = make_texts(a, src, m, header, &b, &shape);
	buf_release(&b);
	if (!e)
		e = make_fields(a, &m->parts[0], header, &shape.fields);
	if (!e)
		*ret = shape;
	return e;
}
