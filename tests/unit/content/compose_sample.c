#include "compose_sample.h"

#include "support.h"

#include <base/utf8.h>

#include <gateway/content/header_words.h>

#include <assert.h>

struct draw {
	struct str rest;
	struct arena *arena;
};

static unsigned draw_octet(struct draw *d)
{
	unsigned octet = d->rest.n ? (unsigned char)d->rest.p[0] : 0;

	d->rest = str_slice(d->rest, 1, d->rest.n);
	return octet;
}

static struct str kept(struct draw *d, struct buf *b)
{
	struct str s;
	enum err e = arena_str(d->arena, buf_view(b), &s);

	assert(e == ERR_OK && b->err == ERR_OK);
	buf_release(b);
	return s.p ? s : S("");
}

/* Pieces that have broken writers before, and the drawn octets themselves. */
static struct str draw_text(struct draw *d, unsigned pieces_max)
{
	static const struct str pieces[] = {
		STR_INIT(" "),
		STR_INIT("  "),
		STR_INIT("word"),
		STR_INIT("Gr\xC3\xBC\xC3\x9F"
			 "e"),
		STR_INIT("\xE4\xBD\xA0\xE5\xA5\xBD\xE4\xB8\x96\xE7\x95\x8C"),
		STR_INIT("\xF0\x9F\x98\x80"),
		STR_INIT("=?utf-8?Q?x?="),
		STR_INIT("=?"),
		STR_INIT("?="),
		STR_INIT("="),
		STR_INIT("\r\n"),
		STR_INIT("\n"),
		STR_INIT("\r"),
		STR_INIT("\t"),
		STR_INIT("\r\nBcc: eve@far.test"),
		STR_INIT("\""),
		STR_INIT("\\"),
		STR_INIT(","),
		STR_INIT(";"),
		STR_INIT(":"),
		STR_INIT("<a@b>"),
		STR_INIT("("),
		STR_INIT("From "),
		STR_INIT("."),
		STR_INIT("--=_"),
		STR_INIT("\n.\n"),
		STR_INIT("%41"),
		STR_INIT("'"),
		STR_INIT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
		STR_INIT("\xFF"),
		STR_INIT("\x7F"),
		STR_INIT("\x01"),
		STR_INIT("Re: "),
		STR_INIT("_"),
		STR_INIT("~"),
	};
	struct buf b = BUF_INIT(SAMPLE_MAX);
	unsigned n = draw_octet(d) % (pieces_max + 1);

	while (n--) {
		unsigned at = draw_octet(d);

		if (at < countof(pieces))
			buf_str(&b, pieces[at]);
		else
			buf_char(&b, (char)at);
	}
	return kept(d, &b);
}

/* Valid UTF-8 on one line, trimmed: what a header's reader gives. */
static struct str draw_line(struct draw *d, unsigned pieces_max)
{
	struct buf b = BUF_INIT(SAMPLE_MAX);
	struct str s;

	header_plain_put(&b, draw_text(d, pieces_max));
	s = kept(d, &b);
	return s;
}

/* Valid text whose lines end in CRLF. */
static struct str draw_body(struct draw *d)
{
	struct buf b = BUF_INIT(SAMPLE_MAX);
	struct str s = draw_text(d, 200);

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\r' && i + 1 < s.n && s.p[i + 1] == '\n')
			continue;
		if (s.p[i] == '\r' || s.p[i] == '\n')
			buf_cstr(&b, "\r\n");
		else
			buf_char(&b, s.p[i]);
	}
	return kept(d, &b);
}

static bool is_sane(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static struct str draw_host(struct draw *d)
{
	struct buf b = BUF_INIT(SAMPLE_MAX);
	struct str s = draw_text(d, 10);

	for (size_t i = 0; i < s.n; i++)
		if (is_sane(s.p[i]))
			buf_char(&b, s.p[i]);
	buf_cstr(&b, "h.test");
	return kept(d, &b);
}

static struct str without_words(struct draw *d, struct str s)
{
	struct buf b = BUF_INIT(SAMPLE_MAX);

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '?')
			buf_char(&b, s.p[i]);
	return kept(d, &b);
}

static void draw_addresses(struct compose_sample *s, struct draw *d)
{
	s->to_n = draw_octet(d) % (SAMPLE_ADDRESSES_MAX + 1);
	for (size_t i = 0; i < s->to_n; i++) {
		struct header_address *a = &s->to[i];

		/* A reader trims names, local parts and what is longer than it keeps. */
		a->name = str_trim(utf8_prefix(draw_line(d, 12), HEADER_ADDRESS_TEXT_MAX));
		a->local = str_trim(without_words(d, draw_line(d, 3)));
		a->domain = draw_host(d);
		if (a->local.n == 0)
			a->local = S("a");
	}
}

static void draw_parts(struct compose_sample *s, struct draw *d)
{
	static const struct str types[] = { STR_INIT("image/png"), STR_INIT("application/pdf"), STR_INIT("text/plain"),
					    STR_INIT("bad"), STR_INIT("message/rfc822") };

	s->parts_n = draw_octet(d) % (SAMPLE_PARTS_MAX + 1);
	for (size_t i = 0; i < s->parts_n; i++) {
		struct compose_part *p = &s->parts[i];

		p->content_type = types[draw_octet(d) % countof(types)];
		p->name = str_trim(utf8_prefix(draw_line(d, 12), MIME_NAME_MAX));
		p->content_id = draw_octet(d) % 2 ? draw_host(d) : STR_EMPTY;
		p->is_inline = draw_octet(d) % 2;
		p->bytes = draw_text(d, 255);
	}
}

static void write_mail(struct compose_sample *s)
{
	CLEANUP(buf_release) struct buf header = BUF_INIT(SAMPLE_MAX);
	struct compose_mail m = { .plain = s->plain, .html = s->html, .parts = s->parts, .parts_n = s->parts_n };
	struct compose c;
	enum err e;

	compose_field_date(&header, S("Date"), s->date_ms);
	compose_field_addresses(&header, S("To"), s->to, s->to_n);
	compose_field_text(&header, S("Subject"), s->subject);
	m.header = buf_view(&header);
	compose_init(&c, body_sink_buf(&s->mail), 0x1234567890abcdef);
	compose_mail(&c, &m);
	e = compose_finish(&c);
	assert(e == ERR_OK && header.err == ERR_OK);
}

void compose_sample_make(struct compose_sample *s, struct str octets)
{
	struct draw d = { octets, &s->arena };

	*s = (struct compose_sample){ .arena = ARENA_INIT(SAMPLE_MAX), .mail = BUF_INIT(SAMPLE_MAX) };
	s->date_ms = (int64_t)draw_octet(&d) * 30 * 86400 * 1000 + (int64_t)draw_octet(&d) * 1000;
	s->subject = draw_line(&d, 40);
	draw_addresses(s, &d);
	switch (draw_octet(&d) % 3) {
	case 0:
		s->plain = draw_body(&d);
		s->html = draw_body(&d);
		break;
	case 1:
		s->html = draw_body(&d);
		break;
	default:
		s->plain = draw_body(&d);
	}
	draw_parts(s, &d);
	write_mail(s);
}

void compose_sample_release(struct compose_sample *s)
{
	buf_release(&s->mail);
	arena_release(&s->arena);
}

/* ---- reading it ---- */

/* No line passes the limit but where nothing allows a break; a header has no octet but ASCII, and no field that we did not write. */
static void check_header(const struct mail *m)
{
	struct str rest = str_slice(m->view, 0, (size_t)m->mime.parts[0].hdr_len);
	struct header_field field;

	while (header_next(&rest, &field))
		assert(str_istarts(field.name, S("Content-")) || str_eq(field.name, S("MIME-Version")) ||
		       str_eq(field.name, S("Date")) || str_eq(field.name, S("To")) ||
		       str_eq(field.name, S("Subject")));
}

static void check_lines(const struct mail *m, bool loose)
{
	struct str rest = m->view, line;

	while (str_cut(&rest, '\n', &line)) {
		assert(loose || line.n <= COMPOSE_LINE_HARD_MAX + 1);
		assert(rest.n == 0 || line.n == 0 || line.p[line.n - 1] == '\r' || loose);
	}
}

static struct str field(const struct mail *m, struct str name)
{
	struct str rest = str_slice(m->view, 0, (size_t)m->mime.parts[0].hdr_len);
	struct header_field f;

	while (header_next(&rest, &f))
		if (str_eq(f.name, name))
			return f.raw;
	return STR_EMPTY;
}

static void check_addresses(struct compose_sample *s, struct mail *m)
{
	struct header_address *got;
	size_t n;
	enum err e = header_addresses(&m->arena, field(m, S("To")), &got, &n);

	assert(e == ERR_OK && n == s->to_n);
	for (size_t i = 0; i < n; i++) {
		assert(str_eq(got[i].name, s->to[i].name));
		assert(str_eq(got[i].local, s->to[i].local));
		assert(str_eq(got[i].domain, s->to[i].domain));
	}
}

static void check_text(struct mail *m, struct str type, struct str subtype, struct str want)
{
	CLEANUP(buf_release) struct buf got = BUF_INIT(SAMPLE_MAX);
	size_t at = 0;
	uint64_t total;
	enum err e;

	while (at < m->mime.parts_n && !mime_is(&m->mime.parts[at], type, subtype))
		at++;
	assert(at < m->mime.parts_n);
	e = body_part_decode(&m->source, &m->mime.parts[at], 0, UINT64_MAX, body_sink_buf(&got), &total);
	assert(e == ERR_OK && str_eq(buf_view(&got), want));
}

static void check_part(struct mail *m, const struct mime_part *got, const struct compose_part *want)
{
	CLEANUP(buf_release) struct buf bytes = BUF_INIT(SAMPLE_MAX);
	uint64_t total;
	enum err e;

	assert(str_eq(got->content_id, want->content_id));
	if (str_eq(want->content_type, S("message/rfc822")))
		return; /* its own header gives it a name, its lines end in CRLF */
	assert(str_eq(got->name, want->name));
	e = body_part_decode(&m->source, got, 0, UINT64_MAX, body_sink_buf(&bytes), &total);
	assert(e == ERR_OK && str_eq(buf_view(&bytes), want->bytes));
}

/* The parts with a disposition, in order: inline ones first. */
static void check_parts(struct compose_sample *s, struct mail *m)
{
	size_t at = 0;

	for (int pass = 1; pass >= 0; pass--)
		for (size_t i = 0; i < s->parts_n; i++) {
			if (s->parts[i].is_inline != (pass == 1))
				continue;
			while (at < m->mime.parts_n && m->mime.parts[at].disposition == MIME_DISPOSITION_NONE)
				at++;
			assert(at < m->mime.parts_n);
			check_part(m, &m->mime.parts[at++], &s->parts[i]);
		}
}

void compose_sample_check(struct compose_sample *s)
{
	CLEANUP(mail_release) struct mail m;
	CLEANUP(buf_release) struct buf subject = BUF_INIT(SAMPLE_MAX);
	bool nested = false;
	int64_t date;
	enum err e;

	for (size_t i = 0; i < s->parts_n; i++)
		nested |= str_eq(s->parts[i].content_type, S("message/rfc822"));
	mail_load(&m, buf_view(&s->mail), 0);
	check_header(&m);
	check_lines(&m, nested);
	header_text(&subject, field(&m, S("Subject")));
	assert(str_eq(buf_view(&subject), s->subject));
	e = header_date(field(&m, S("Date")), &date);
	assert(e == ERR_OK && date == s->date_ms);
	check_addresses(s, &m);
	if (nested)
		return; /* what is in them may look like anything */
	if (s->plain.p)
		check_text(&m, S("text"), S("plain"), s->plain);
	if (s->html.p)
		check_text(&m, S("text"), S("html"), s->html);
	check_parts(s, &m);
}
