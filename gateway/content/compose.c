/* The parts of a message and their encodings. Output is collected into pieces before the sink sees it. */
#include <gateway/content/compose.h>

#include <base/base64.h>
#include <base/utf8.h>

#include <gateway/content/crlf.h>
#include <gateway/content/octet.h>

enum {
	HELD_MAX = 64 * 1024,
	PIECE_BYTES = 16 * 1024, /* of a body, at most three times as long when encoded; with its header it is held */
	BASE64_LINE_OCTETS = 57, /* 76 characters */
	TYPE_MAX = 255,
	FIELDS_MAX = 3 * 16 * 1024, /* of one part; a longer name or id is an error */
};

void compose_init(struct compose *c, struct body_sink sink, uint64_t unique)
{
	*c = (struct compose){ .sink = sink, .held = BUF_INIT(HELD_MAX), .unique = unique };
}

static void flush(struct compose *c)
{
	if (!c->err)
		c->err = buf_status(&c->held);
	if (!c->err && c->held.n)
		c->err = c->sink.put(c->sink.ctx, buf_view(&c->held));
	buf_clear(&c->held);
}

/* Room for what one step writes. */
static struct buf *room(struct compose *c, size_t n)
{
	if (c->held.n + n > HELD_MAX)
		flush(c);
	return &c->held;
}

enum err compose_finish(struct compose *c)
{
	flush(c);
	buf_release(&c->held);
	return c->err;
}

void compose_put(struct compose *c, struct str octets)
{
	while (octets.n && !c->err) {
		size_t n = octets.n < PIECE_BYTES ? octets.n : PIECE_BYTES;

		buf_str(room(c, n), str_slice(octets, 0, n));
		octets = str_slice(octets, n, octets.n);
	}
}

/* ---- multiparts ---- */

/* "=_" comes in neither quoted-printable nor base64; the number is for what is carried over as it is. */
static void put_boundary(struct buf *b, const struct compose *c, unsigned multipart)
{
	buf_fmt(b, "=_%016llx_%u", (unsigned long long)c->unique, multipart);
}

unsigned compose_multipart_begin(struct compose *c, struct str type)
{
	struct buf *b = room(c, type.n + 256);

	buf_cstr(b, "Content-Type: multipart/");
	buf_str(b, type);
	buf_cstr(b, ";\r\n boundary=\"");
	put_boundary(b, c, ++c->multiparts);
	buf_cstr(b, "\"\r\n\r\n");
	return c->multiparts;
}

static void put_delimiter(struct compose *c, unsigned multipart, const char *end)
{
	struct buf *b = room(c, 256);

	buf_cstr(b, "\r\n--");
	put_boundary(b, c, multipart);
	buf_cstr(b, end);
}

void compose_multipart_next(struct compose *c, unsigned multipart)
{
	put_delimiter(c, multipart, "\r\n");
}

void compose_multipart_end(struct compose *c, unsigned multipart)
{
	put_delimiter(c, multipart, "--\r\n");
}

/* ---- text ---- */

/* May it go as it is? Not what transports are known to change: long lines, octets that are no ASCII, "From ". */
static bool is_7bit(struct str text)
{
	size_t line = 0;

	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (octet_is_eol(text.p[i])) {
			line = 0;
			continue;
		}
		if (++line > COMPOSE_LINE_HARD_MAX || c >= 0x7f || (c < ' ' && c != '\t'))
			return false;
		if (line == 1 && str_starts(str_slice(text, i, text.n), S("From ")))
			return false;
	}
	return true;
}

static size_t count_8bit(struct str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += (unsigned char)text.p[i] >= 0x7f;
	return n;
}

/* The next line of text without its end, which is LF, CR or CRLF; false where that was missing: the last one. */
static bool next_line(struct str *rest, struct str *ret)
{
	size_t at = 0;

	while (at < rest->n && !octet_is_eol(rest->p[at]))
		at++;
	*ret = str_slice(*rest, 0, at);
	if (at == rest->n) {
		*rest = STR_EMPTY;
		return false;
	}
	at += str_starts(str_slice(*rest, at, rest->n), S("\r\n")) ? 2 : 1;
	*rest = str_slice(*rest, at, rest->n);
	return true;
}

static void put_escaped(struct buf *b, char octet)
{
	static const char hex[] = "0123456789ABCDEF";
	unsigned char c = (unsigned char)octet;

	buf_char(b, '=');
	buf_char(b, hex[c >> 4]);
	buf_char(b, hex[c & 15]);
}

static void qp_line(struct compose *c, struct str line)
{
	const bool from = str_starts(line, S("From "));
	size_t column = 0;

	for (size_t i = 0; i < line.n; i++) {
		struct buf *b = room(c, 8);
		bool last = i + 1 == line.n;
		bool plain = (line.p[i] > ' ' && line.p[i] < 0x7f && line.p[i] != '=' && !(from && i == 0)) ||
			     (octet_is_blank(line.p[i]) && !last);

		if (column + (plain ? 1 : 3) > COMPOSE_LINE_MAX - (last ? 0 : 1)) {
			buf_cstr(b, "=\r\n");
			column = 0;
		}
		if (plain)
			buf_char(b, line.p[i]);
		else
			put_escaped(b, line.p[i]);
		column += plain ? 1 : 3;
	}
}

static void put_lines(struct compose *c, struct str text, void (*put)(struct compose *c, struct str line))
{
	while (text.n) {
		struct str line;
		bool ended = next_line(&text, &line);

		put(c, line);
		if (ended)
			buf_cstr(room(c, 2), "\r\n");
	}
}

static void put_7bit(struct compose *c, struct str text)
{
	put_lines(c, text, compose_put);
}

static void put_qp(struct compose *c, struct str text)
{
	put_lines(c, text, qp_line);
}

/* Whole lines of base64 of what comes in pieces. */
struct base64_lines {
	char held[BASE64_LINE_OCTETS];
	size_t n;
};

static void base64_line(struct compose *c, struct base64_lines *l)
{
	struct buf *b = room(c, COMPOSE_LINE_MAX + 2);

	base64_put(b, str_from(l->held, l->n));
	buf_cstr(b, "\r\n");
	l->n = 0;
}

static void base64_piece(struct compose *c, struct base64_lines *l, struct str s)
{
	while (s.n) {
		size_t n = sizeof(l->held) - l->n;

		n = n < s.n ? n : s.n;
		memcpy(l->held + l->n, s.p, n);
		l->n += n;
		s = str_slice(s, n, s.n);
		if (l->n == sizeof(l->held))
			base64_line(c, l);
	}
}

static void base64_end(struct compose *c, struct base64_lines *l)
{
	if (l->n)
		base64_line(c, l);
}

static void put_base64(struct compose *c, struct str text)
{
	struct base64_lines l = { 0 };
	struct str line;

	while (text.n) {
		bool ended = next_line(&text, &line);

		base64_piece(c, &l, line);
		base64_piece(c, &l, ended ? S("\r\n") : STR_EMPTY);
	}
	base64_end(c, &l);
}

struct text_encoding {
	const char *name;
	void (*put)(struct compose *c, struct str text);
};

static const struct text_encoding *encoding_of(struct str text)
{
	static const struct text_encoding plain = { "7bit", put_7bit }, qp = { "quoted-printable", put_qp },
					  base64 = { "base64", put_base64 };

	if (is_7bit(text))
		return &plain;
	/* Three characters for one octet against four for three: Cyrillic and Chinese are shorter in base64. */
	return count_8bit(text) > text.n / 6 ? &base64 : &qp;
}

void compose_text(struct compose *c, struct str type, struct str text)
{
	const struct text_encoding *encoding = encoding_of(text);
	struct buf *b = room(c, type.n + 256);

	buf_cstr(b, "Content-Type: ");
	buf_str(b, type);
	buf_cstr(b, "; charset=utf-8\r\nContent-Transfer-Encoding: ");
	buf_cstr(b, encoding->name);
	buf_cstr(b, "\r\n\r\n");
	encoding->put(c, text);
}

/* ---- attachments ---- */

static bool is_type(struct str s)
{
	size_t slash = str_index(s, '/');

	for (size_t i = 0; i < s.n; i++)
		if (i != slash && !octet_is_alpha(s.p[i]) && !octet_is_digit(s.p[i]) &&
		    !(s.p[i] && strchr("!#$&-^_.+", s.p[i])))
			return false;
	return s.n <= TYPE_MAX && slash > 0 && slash + 1 < s.n;
}

/* Its octets can't be a part of that type if base64 is what they are written in (RFC 2046 section 5.2.1). */
static bool is_message(struct str type)
{
	return str_ieq(type, S("message/rfc822"));
}

static void put_names(struct buf *b, const struct compose_part *part)
{
	buf_cstr(b, "Content-Disposition: ");
	buf_cstr(b, part->is_inline ? "inline" : "attachment");
	if (part->name.n)
		compose_param(b, S("filename"), part->name);
	buf_cstr(b, "\r\n");
	if (part->content_id.n) {
		struct buf id = BUF_INIT(MIME_ID_MAX + 2);

		buf_char(&id, '<');
		for (size_t i = 0; i < part->content_id.n; i++)
			if (part->content_id.p[i] > ' ' && !strchr("<>", part->content_id.p[i]))
				buf_char(&id, part->content_id.p[i]);
		buf_char(&id, '>');
		if (!b->err)
			b->err = id.err;
		compose_field_plain(b, S("Content-ID"), buf_view(&id));
		buf_release(&id);
	}
	if (part->location.n)
		compose_field_plain(b, S("Content-Location"), part->location);
}

static void put_header(struct compose *c, const struct compose_part *part)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(FIELDS_MAX);
	const bool bad = !is_type(part->content_type), multipart = str_istarts(part->content_type, S("multipart/"));

	buf_cstr(&b, "Content-Type: ");
	/* A multipart without its boundary could not be read. */
	buf_str(&b, bad || multipart ? S("application/octet-stream") : part->content_type);
	if (part->name.n)
		compose_param(&b, S("name"), part->name);
	buf_cstr(&b, "\r\n");
	put_names(&b, part);
	if (is_message(part->content_type))
		buf_cstr(&b, "Content-Transfer-Encoding: 8bit\r\n\r\n");
	else
		buf_cstr(&b, "Content-Transfer-Encoding: base64\r\n\r\n");
	if (!c->err)
		c->err = buf_status(&b);
	compose_put(c, buf_view(&b));
}

static void put_message(struct compose *c, struct str bytes)
{
	struct crlf_stream st = { 0 };

	while (bytes.n && !c->err) {
		size_t n = bytes.n < PIECE_BYTES ? bytes.n : PIECE_BYTES;

		crlf_put(&st, room(c, 2 * n), str_slice(bytes, 0, n));
		bytes = str_slice(bytes, n, bytes.n);
	}
}

static void put_octets(struct compose *c, const struct compose_part *part)
{
	struct base64_lines l = { 0 };

	if (is_message(part->content_type)) {
		put_message(c, part->bytes);
		return;
	}
	base64_piece(c, &l, part->bytes);
	base64_end(c, &l);
}

/* ---- parts of other messages ---- */

static enum err carry_body(struct compose *c, const struct compose_part *part)
{
	const struct mime_part *p = part->part;
	char piece[PIECE_BYTES];

	for (uint64_t at = 0; at < p->body_len && !c->err;) {
		size_t n = p->body_len - at < sizeof(piece) ? (size_t)(p->body_len - at) : sizeof(piece);

		TRY(mail_source_read(part->source, p->body_off + at, piece, n));
		compose_put(c, str_from(piece, n));
		at += n;
	}
	return ERR_OK;
}

/* Of the fields only what describes the part: where it was a message itself, the others are not ours to pass on. */
static void carry_fields(struct compose *c, const struct compose_part *part, struct str header)
{
	struct header_field field;
	bool typed = false;

	while (header_next(&header, &field)) {
		if (!str_istarts(field.name, S("Content-")))
			continue;
		typed |= str_ieq(field.name, S("Content-Type"));
		compose_put(c, field.name);
		compose_put(c, S(":"));
		compose_put(c, field.raw);
		compose_put(c, S("\r\n"));
	}
	if (typed)
		return;
	compose_put(c, S("Content-Type: "));
	compose_put(c, part->part->type);
	compose_put(c, S("/"));
	compose_put(c, part->part->subtype);
	compose_put(c, S("\r\n"));
}

static enum err carry(struct compose *c, const struct compose_part *part)
{
	CLEANUP(buf_release) struct buf header = BUF_INIT(COMPOSE_PART_HEADER_MAX);
	const struct mime_part *p = part->part;
	void *at;

	if (p->hdr_len > COMPOSE_PART_HEADER_MAX)
		return ERR_LIMIT;
	at = buf_reserve(&header, (size_t)p->hdr_len);
	if (!at)
		return ERR_BUSY;
	TRY(mail_source_read(part->source, p->hdr_off, at, (size_t)p->hdr_len));
	buf_added(&header, (size_t)p->hdr_len);
	carry_fields(c, part, buf_view(&header));
	compose_put(c, S("\r\n"));
	return carry_body(c, part);
}

void compose_part(struct compose *c, const struct compose_part *part)
{
	enum err e = ERR_OK;

	if (part->source) {
		e = carry(c, part);
	} else {
		put_header(c, part);
		put_octets(c, part);
	}
	if (!c->err)
		c->err = e;
}

/* ---- a whole mail ---- */

static size_t count(const struct compose_mail *m, bool is_inline)
{
	size_t n = 0;

	for (size_t i = 0; i < m->parts_n; i++)
		n += m->parts[i].is_inline == is_inline;
	return n;
}

static void put_parts(struct compose *c, const struct compose_mail *m, bool is_inline, unsigned multipart)
{
	for (size_t i = 0; i < m->parts_n; i++) {
		if (m->parts[i].is_inline != is_inline)
			continue;
		compose_multipart_next(c, multipart);
		compose_part(c, &m->parts[i]);
	}
}

/* The HTML with what it shows; inline parts have no meaning beside plain text alone. */
static void put_html(struct compose *c, const struct compose_mail *m)
{
	unsigned related;

	if (count(m, true) == 0) {
		compose_text(c, S("text/html"), m->html);
		return;
	}
	related = compose_multipart_begin(c, S("related; type=\"text/html\""));
	compose_multipart_next(c, related);
	compose_text(c, S("text/html"), m->html);
	put_parts(c, m, true, related);
	compose_multipart_end(c, related);
}

static void put_text(struct compose *c, const struct compose_mail *m)
{
	unsigned alternative;

	if (!m->html.p) {
		compose_text(c, S("text/plain"), m->plain);
		return;
	}
	if (!m->plain.p) {
		put_html(c, m);
		return;
	}
	alternative = compose_multipart_begin(c, S("alternative"));
	compose_multipart_next(c, alternative);
	compose_text(c, S("text/plain"), m->plain);
	compose_multipart_next(c, alternative);
	put_html(c, m);
	compose_multipart_end(c, alternative);
}

void compose_mail(struct compose *c, const struct compose_mail *m)
{
	const bool inline_beside = m->html.p == NULL; /* no HTML: inline parts are attachments like the others */
	unsigned mixed;

	compose_put(c, m->header);
	compose_put(c, S("MIME-Version: 1.0\r\n"));
	if (count(m, false) + (inline_beside ? count(m, true) : 0) == 0) {
		put_text(c, m);
		return;
	}
	mixed = compose_multipart_begin(c, S("mixed"));
	compose_multipart_next(c, mixed);
	put_text(c, m);
	if (inline_beside)
		put_parts(c, m, true, mixed);
	put_parts(c, m, false, mixed);
	compose_multipart_end(c, mixed);
}
