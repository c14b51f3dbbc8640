/*
 * The parser. It sees lines: of a body only those that begin with '-' are looked at, of a header all, and of each no
 * more than MIME_FIELD_MAX octets are kept. Open parts form a stack from the message down to the part being read.
 */
#include <gateway/content/mime.h>

#include <base/mem.h>

#include <gateway/content/mime_part.h>
#include <gateway/content/octet.h>

#include <assert.h>
#include <stdlib.h>

/* One level of the stack. */
struct open_part {
	uint32_t part;
	uint32_t boundary_n; /* 0: no delimiter is looked for */
	char *boundary;      /* heap */
};

struct mime_parser {
	struct arena *arena;
	struct buf parts; /* struct mime_part, one after the other */
	struct open_part open[MIME_DEPTH_MAX];
	size_t open_n;
	bool in_header; /* of the innermost open part */
	bool swallowed; /* the last part of all is open: nothing is looked for any more */

	struct mime_part_reader reader;
	enum mime_field field; /* being collected, or MIME_FIELD_MAX_ */
	struct buf value;

	struct buf line;   /* the part of the current line that came with earlier calls */
	bool skip;         /* the current line does not matter */
	bool cut;          /* the current line was longer than what is kept of it */
	char last;         /* last octet seen */
	uint64_t at;       /* octets seen */
	uint64_t line_off; /* where the current line begins */
	uint64_t lines;    /* line ends seen before the current line */
	unsigned eol_n;    /* octets of the line end before the current line */
};

static struct mime_part *part_at(struct mime_parser *p, size_t i)
{
	return (struct mime_part *)(void *)p->parts.p + i;
}

static size_t parts_n(const struct mime_parser *p)
{
	return p->parts.n / sizeof(struct mime_part);
}

static struct mime_part *current(struct mime_parser *p)
{
	return part_at(p, p->open[p->open_n - 1].part);
}

/* Opens a part whose header begins at off; its parent is the innermost open part. The caller saw that it may. */
static void part_open(struct mime_parser *p, uint64_t off)
{
	struct mime_part part = { .hdr_off = off, .body_off = off, .parent = -1 };
	struct mime_part *parent = p->open_n ? current(p) : NULL;

	assert(p->open_n < MIME_DEPTH_MAX && parts_n(p) < MIME_PARTS_MAX);
	mime_part_begin(&p->reader);
	p->reader.digest = parent && mime_is(parent, S("multipart"), S("digest"));
	p->reader.in_message = parent && parent->kind == MIME_MESSAGE;
	if (parent)
		part.parent = (int32_t)p->open[p->open_n - 1].part;
	p->open[p->open_n++] = (struct open_part){ .part = (uint32_t)parts_n(p) };
	buf_put(&p->parts, &part, sizeof(part));
	p->in_header = true;
	p->field = MIME_FIELD_MAX_;
	if (parts_n(p) < MIME_PARTS_MAX)
		return;
	/* The last part there may be: the rest of the message, unread. */
	current(p)->type = S("application");
	current(p)->subtype = S("octet-stream");
	current(p)->flags = MIME_OPAQUE;
	current(p)->lines = p->lines + 1;
	p->swallowed = true;
	p->in_header = false;
}

static void part_close(struct mime_parser *p, uint64_t end, uint64_t lines)
{
	struct open_part *top = &p->open[--p->open_n];
	struct mime_part *part = part_at(p, top->part);

	part->body_len = end > part->body_off ? end - part->body_off : 0;
	part->lines = part->body_len && lines > part->lines ? lines - part->lines : 0;
	if (top->part + 1 == parts_n(p))
		part->kind = MIME_LEAF; /* a multipart without a delimiter in it */
	free(top->boundary);
	top->boundary = NULL;
}

static void field_end(struct mime_parser *p)
{
	if (p->field != MIME_FIELD_MAX_)
		mime_part_field(&p->reader, current(p), p->field, buf_view(&p->value));
	buf_clear(&p->value);
	p->field = MIME_FIELD_MAX_;
}

/* May another part lie inside the innermost open one? */
static bool has_room(const struct mime_parser *p)
{
	return p->open_n < MIME_DEPTH_MAX && parts_n(p) < MIME_PARTS_MAX;
}

/* The header of the innermost part ends at off, where its body would begin; what is in the body is not asked. */
static void header_cut(struct mime_parser *p, uint64_t off)
{
	struct mime_part *part = current(p);

	field_end(p);
	mime_part_end(&p->reader, part);
	part->hdr_len = off - part->hdr_off;
	part->body_off = off;
	p->in_header = false;
}

/* The empty line that ends the header of the innermost part was seen; its body begins at off. */
static void header_end(struct mime_parser *p, uint64_t off)
{
	struct mime_part *part = current(p);
	struct open_part *top = &p->open[p->open_n - 1];

	header_cut(p, off);
	part->lines = p->lines + 1; /* of the message before the body, until the part is closed */
	if (part->kind != MIME_LEAF && !has_room(p)) {
		part->kind = MIME_LEAF;
		part->flags |= MIME_OPAQUE;
	}
	if (part->kind == MIME_MULTIPART) {
		top->boundary_n = (uint32_t)p->reader.boundary.n;
		top->boundary = mem_cstr_n(p->reader.boundary.p, p->reader.boundary.n);
	} else if (part->kind == MIME_MESSAGE) {
		part_open(p, off);
	}
}

static void value_put(struct mime_parser *p, struct str s)
{
	if (s.n > p->value.max - p->value.n)
		s.n = p->value.max - p->value.n;
	buf_str(&p->value, s);
}

/* A line of the header, without its line end; next is where the line after it begins. */
static void header_line(struct mime_parser *p, struct str s, uint64_t next)
{
	struct str value;

	if (s.n == 0) {
		header_end(p, next);
		return;
	}
	if (octet_is_blank(s.p[0])) {
		if (p->field != MIME_FIELD_MAX_)
			value_put(p, s);
		return;
	}
	field_end(p);
	if (p->line_off - current(p)->hdr_off > MIME_HEADER_MAX)
		return;
	p->field = mime_field_of(s, &value);
	if (p->field != MIME_FIELD_MAX_)
		value_put(p, value);
}

/* The innermost level whose delimiter the line is, or -1. The line begins with "--". */
static int delimiter_level(const struct mime_parser *p, struct str s, bool *ret_closing)
{
	while (s.n && octet_is_blank(s.p[s.n - 1]))
		s.n--;
	s = str_slice(s, 2, s.n);
	for (size_t i = p->open_n; i > 0; i--) {
		const struct open_part *level = &p->open[i - 1];
		size_t n = level->boundary_n;

		if (n == 0 || (s.n != n && s.n != n + 2) || memcmp(s.p, level->boundary, n) != 0)
			continue;
		*ret_closing = s.n == n + 2;
		if (!*ret_closing || (s.p[n] == '-' && s.p[n + 1] == '-'))
			return (int)i - 1;
	}
	return -1;
}

/* A delimiter of that level: everything inside ends before the line end that precedes it. */
static void delimiter(struct mime_parser *p, size_t level, bool closing, uint64_t next)
{
	uint64_t end = p->line_off - p->eol_n, lines = p->lines - (p->eol_n > 0);

	if (p->in_header)
		header_cut(p, p->line_off);
	while (p->open_n > level + 1)
		part_close(p, end, lines);
	if (!closing) {
		part_open(p, next);
		return;
	}
	p->open[level].boundary_n = 0;
}

/* A line that may matter, with its line end if it has one; what is past MIME_FIELD_MAX octets is cut off. */
static void line_end(struct mime_parser *p, struct str s, uint64_t next)
{
	bool closing;
	int level;

	if (s.n && s.p[s.n - 1] == '\n')
		s.n--;
	if (s.n && s.p[s.n - 1] == '\r')
		s.n--;
	if (!p->cut && s.n > 2 && s.p[0] == '-' && s.p[1] == '-') {
		level = delimiter_level(p, s, &closing);
		if (level >= 0) {
			delimiter(p, (size_t)level, closing, next);
			return;
		}
	}
	if (p->in_header)
		header_line(p, s, next);
}

static void line_reset(struct mime_parser *p, uint64_t next, unsigned eol_n)
{
	buf_clear(&p->line);
	p->skip = p->cut = false;
	p->line_off = next;
	p->eol_n = eol_n;
	p->lines += eol_n > 0;
}

static void line_keep(struct mime_parser *p, struct str piece)
{
	if (piece.n > p->line.max - p->line.n) {
		piece.n = p->line.max - p->line.n;
		p->cut = true;
	}
	buf_str(&p->line, piece);
}

/* A piece of one line; `ends` when it has the line end. */
static void line_piece(struct mime_parser *p, struct str piece, bool ends)
{
	uint64_t next = p->at + piece.n;
	char before = piece.n > 1 ? piece.p[piece.n - 2] : p->at > p->line_off ? p->last : '\0';

	if (p->at == p->line_off)
		p->skip = p->swallowed || (!p->in_header && piece.p[0] != '-');
	if (!p->skip && ends && p->line.n == 0 && piece.n <= MIME_FIELD_MAX) {
		line_end(p, piece, next);
	} else if (!p->skip) {
		line_keep(p, piece);
		if (ends)
			line_end(p, buf_view(&p->line), next);
	}
	p->last = piece.p[piece.n - 1];
	p->at = next;
	if (ends)
		line_reset(p, next, before == '\r' ? 2 : 1);
}

void mime_parser_put(struct mime_parser *p, struct str bytes)
{
	while (bytes.n) {
		size_t at = str_index(bytes, '\n');
		bool ends = at < bytes.n;
		size_t n = ends ? at + 1 : at;

		line_piece(p, str_slice(bytes, 0, n), ends);
		bytes = str_slice(bytes, n, bytes.n);
	}
}

struct mime_parser *mime_parser_new(struct arena *a)
{
	struct mime_parser *p = mem_alloc(sizeof(*p));

	p->arena = a;
	p->parts = BUF_INIT(MIME_PARTS_MAX * sizeof(struct mime_part));
	p->value = BUF_INIT(MIME_FIELD_MAX);
	p->line = BUF_INIT(MIME_FIELD_MAX);
	mime_part_reader_init(&p->reader, a);
	part_open(p, 0);
	return p;
}

enum err mime_parser_finish(struct mime_parser *p, struct mime_structure *ret)
{
	struct mime_part *parts;

	if (p->at > p->line_off && !p->skip)
		line_end(p, buf_view(&p->line), p->at);
	if (p->in_header)
		header_cut(p, p->at);
	while (p->open_n)
		part_close(p, p->at, p->lines);
	TRY(p->reader.err);
	parts = arena_alloc(p->arena, p->parts.n);
	if (!parts)
		return ERR_LIMIT;
	memcpy(parts, p->parts.p, p->parts.n);
	*ret = (struct mime_structure){ .parts = parts, .parts_n = parts_n(p), .size = p->at };
	return ERR_OK;
}

void mime_parser_free(struct mime_parser **pp)
{
	struct mime_parser *p = *pp;

	if (!p)
		return;
	while (p->open_n)
		free(p->open[--p->open_n].boundary);
	buf_release(&p->parts);
	buf_release(&p->value);
	buf_release(&p->line);
	mime_part_reader_release(&p->reader);
	free(p);
	*pp = NULL;
}

enum err mime_parse(struct arena *a, const struct mail_source *src, struct mime_structure *ret)
{
	CLEANUP(mime_parser_free) struct mime_parser *p = mime_parser_new(a);
	uint64_t off = 0;

	while (off < src->size) {
		char chunk[MAIL_SOURCE_CHUNK];
		size_t got = 0;

		TRY(src->read(src->ctx, off, chunk, sizeof(chunk), &got));
		if (got == 0)
			return ERR_CORRUPT;
		mime_parser_put(p, str_from(chunk, got));
		off += got;
	}
	return mime_parser_finish(p, ret);
}
