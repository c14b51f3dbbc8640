/*
 * Limits of the parser, at each and one past it; and messages made to hurt: memory beside the message stays under the
 * ceiling, whatever they hold. Such a message is never in memory here: it is a head, a unit many times, and a tail.
 */
#include "support.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { MEMORY_MAX = 8 * 1024 * 1024, MB = 1024 * 1024 };

struct hostile {
	const char *what;
	struct str head, unit;
	uint64_t times;
	struct str tail;
};

static enum err hostile_read(void *ctx, uint64_t off, void *p, size_t n, size_t *got)
{
	const struct hostile *h = ctx;
	uint64_t units_end = h->head.n + h->unit.n * h->times;
	char *out = p;

	for (*got = 0; *got < n;) {
		struct str part = h->tail;
		uint64_t at = off - units_end;

		if (off < h->head.n) {
			part = h->head;
			at = off;
		} else if (off < units_end) {
			part = h->unit;
			at = (off - h->head.n) % h->unit.n;
		}
		if (at >= part.n)
			break;
		part = str_slice(part, (size_t)at, (size_t)at + n - *got);
		memcpy(out + *got, part.p, part.n);
		*got += part.n;
		off += part.n;
	}
	return ERR_OK;
}

static size_t memory_now(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

/* The most that was in use at any read, above what was in use at the start. */
struct meter {
	struct mail_source inner;
	size_t start, most;
};

static enum err metered_read(void *ctx, uint64_t off, void *p, size_t n, size_t *got)
{
	struct meter *m = ctx;
	size_t now = memory_now();

	if (now > m->start && now - m->start > m->most)
		m->most = now - m->start;
	return m->inner.read(m->inner.ctx, off, p, n, got);
}

static enum err drop(void *ctx, struct str bytes)
{
	*(uint64_t *)ctx += bytes.n;
	return ERR_OK;
}

/* Everything that is done with a message, from delivery to a phone. */
static void use(const struct hostile *h, const struct mail_source *src)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(MEMORY_MAX);
	CLEANUP(buf_release) struct buf blob = BUF_INIT(MIME_BLOB_MAX), summary_blob = BUF_INIT(SUMMARY_BLOB_MAX);
	uint64_t put = 0;
	struct body_sink sink = { drop, &put };
	struct body_request request = { .type = BODY_PLAIN, .max_bytes = 32768, .preview_chars = 255 };
	struct body_result result;
	struct body_attachment *list;
	struct mime_structure m;
	struct mail_summary s;
	size_t n;

	if (mime_parse(&a, src, &m) || mail_summary_make(&a, src, &m, &s))
		fail_msg("%s: parse or summary", h->what);
	mime_structure_put(&blob, &m);
	mail_summary_put(&summary_blob, &s);
	if (buf_status(&blob) || buf_status(&summary_blob))
		fail_msg("%s: blob", h->what);
	arena_reset(&a);
	if (mime_structure_get(&a, buf_view(&blob), &m))
		fail_msg("%s: blob does not read back", h->what);
	if (body_render(&a, src, &m, 0, &request, sink, &result) || put > 32768)
		fail_msg("%s: plain body", h->what);
	request.type = BODY_HTML;
	put = 0;
	if (body_render(&a, src, &m, 0, &request, sink, &result) || put > 32768)
		fail_msg("%s: HTML body", h->what);
	if (body_attachments(&a, &m, 0, &list, &n) || n > BODY_ATTACHMENTS_MAX)
		fail_msg("%s: attachments", h->what);
}

#define MIXED "Content-Type: multipart/mixed; boundary=x\r\n\r\n"
#define HTML "Content-Type: text/html\r\n\r\n"
#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const struct hostile messages[] = {
	{ "25 MB of text", STR_INIT("A: b\r\n\r\n"), STR_INIT("a line of text in a long message\r\n"), 800000,
	  STR_INIT("") },
	{ "25 MB of base64", STR_INIT("Content-Type: a/b\r\nContent-Transfer-Encoding: base64\r\n\r\n"),
	  STR_INIT("QUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJD\r\n"), 800000, STR_INIT("") },
	{ "20,000 parts", STR_INIT(MIXED), STR_INIT("--x\r\n\r\na\r\n"), 20000, STR_INIT("--x--\r\n") },
	{ "500,000 empty parts", STR_INIT(MIXED), STR_INIT("--x\r\n"), 500000, STR_INIT("") },
	{ "20,000 parts with long names", STR_INIT(MIXED),
	  STR_INIT("--x\r\nContent-Type: a/b; name=\"" HUNDRED HUNDRED "\"\r\nContent-ID: <" HUNDRED HUNDRED
		   ">\r\n\r\n\r\n"),
	  20000, STR_INIT("") },
	{ "20,000 HTML parts", STR_INIT(MIXED), STR_INIT("--x\r\nContent-Type: text/html\r\n\r\n<p>a\r\n"), 20000,
	  STR_INIT("") },
	{ "20,000 messages in a digest", STR_INIT("Content-Type: multipart/digest; boundary=x\r\n\r\n"),
	  STR_INIT("--x\r\n\r\nSubject: s\r\n\r\na\r\n"), 20000, STR_INIT("") },
	{ "25 MB of NUL", STR_INIT(""), STR_INIT("\0\0\0\0\0\0\0\0\0\0"), 2621440, STR_INIT("") },
	{ "a million header lines", STR_INIT(""), STR_INIT("Some-Field: a\r\n"), 1000000, STR_INIT("\r\nbody") },
	{ "a million types", STR_INIT(""), STR_INIT("Content-Type: text/html; charset=x\r\n"), 1000000,
	  STR_INIT("\r\nbody") },
	{ "a million folds", STR_INIT("Content-Type: text/plain;\r\n"), STR_INIT(" a=b;\r\n"), 1000000,
	  STR_INIT("\r\nbody") },
	{ "one header of 50 MB", STR_INIT("Subject: "), STR_INIT(TEN), 5 * MB, STR_INIT("\r\n\r\nbody") },
	{ "one type of 50 MB", STR_INIT("Content-Type: text/plain; x=\""), STR_INIT(TEN), 5 * MB,
	  STR_INIT("\"\r\n\r\n") },
	{ "200,000 nested multiparts", STR_INIT(""), STR_INIT(MIXED "--x\r\n"), 200000, STR_INIT("") },
	{ "200,000 nested messages", STR_INIT(""), STR_INIT("Content-Type: message/rfc822\r\n\r\n"), 200000,
	  STR_INIT("") },
	{ "a million recipients", STR_INIT("To: a@b"), STR_INIT(", \"A\" <a@b>"), 1000000, STR_INIT("\r\n\r\n") },
	{ "a million open comments", STR_INIT("To: "), STR_INIT("("), 1000000, STR_INIT("\r\n\r\n") },
	{ "a million open encoded words", STR_INIT("Subject: "), STR_INIT("=?a?q?x"), 1000000, STR_INIT("\r\n\r\n") },
	{ "many encoded words", STR_INIT("Subject: "), STR_INIT(" =?gbk?q?=C4?= =?sjis?q?=82?="), 100000,
	  STR_INIT("\r\n\r\n") },
	{ "100,000 pieces of a parameter", STR_INIT("Content-Type: a/b"), STR_INIT("; n*1*=%41"), 100000,
	  STR_INIT("\r\n\r\n") },
	{ "lines that look like delimiters", STR_INIT(MIXED), STR_INIT("--\r\n--y\r\n"), 2000000, STR_INIT("") },
	{ "25 MB of tags", STR_INIT(HTML), STR_INIT("<b><div>"), 3 * MB, STR_INIT("") },
	{ "25 MB of open tags", STR_INIT(HTML), STR_INIT("<a href=\""), 3 * MB, STR_INIT("") },
	{ "25 MB of rules and breaks", STR_INIT(HTML), STR_INIT("<hr><br>x"), 3 * MB, STR_INIT("") },
	{ "quotes and lists without end", STR_INIT(HTML), STR_INIT("<blockquote><ul><li>"), MB, STR_INIT("") },
	{ "5 MB of ampersands", STR_INIT(HTML), STR_INIT("&&#x;&a"), MB, STR_INIT("") },
};

static void hostile_messages_cost_bounded_memory(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < countof(messages); i++) {
		struct hostile h = messages[i];
		struct meter meter = { .inner = { hostile_read, &h, h.head.n + h.unit.n * h.times + h.tail.n } };
		struct mail_source src = { metered_read, &meter, meter.inner.size };

		meter.start = memory_now();
		use(&h, &src);
		if (meter.most > MEMORY_MAX)
			fail_msg("%s: %zu octets of memory", h.what, meter.most);
		print_message("%-32s %6.1f MB, memory %4zu KB\n", h.what, (double)src.size / MB, meter.most / 1024);
	}
}

/* head, n times unit, tail, as one message. */
static void build(struct mail *m, const char *head, const char *unit, size_t n, const char *tail)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(TEST_FILE_MAX);

	buf_cstr(&text, head);
	for (size_t i = 0; i < n; i++)
		buf_cstr(&text, unit);
	buf_cstr(&text, tail);
	mail_load(m, buf_view(&text), 0);
}

static void the_last_part_there_may_be_is_opaque(void **unused)
{
	static const struct {
		size_t children, parts;
		bool opaque;
	} cases[] = {
		{ MIME_PARTS_MAX - 2, MIME_PARTS_MAX - 1, false },
		{ MIME_PARTS_MAX - 1, MIME_PARTS_MAX, true },
		{ MIME_PARTS_MAX, MIME_PARTS_MAX, true },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(mail_release) struct mail m;
		const struct mime_part *last;

		build(&m, MIXED, "--x\r\n\r\na\r\n", cases[i].children, "--x--\r\n");
		assert_int_equal(m.mime.parts_n, cases[i].parts);
		last = &m.mime.parts[m.mime.parts_n - 1];
		assert_int_equal((last->flags & MIME_OPAQUE) != 0, cases[i].opaque);
		assert_int_equal(last->body_off + last->body_len == m.mime.size, cases[i].opaque);
		assert_true(!cases[i].opaque || mime_is(last, S("application"), S("octet-stream")));
	}
}

static void a_multipart_at_the_last_level_is_opaque(void **unused)
{
	(void)unused;
	for (size_t extra = 0; extra < 2; extra++) {
		CLEANUP(mail_release) struct mail m;
		const struct mime_part *last;

		build(&m, "", MIXED "--x\r\n", MIME_DEPTH_MAX - 1 + extra, "\r\na");
		/* What is in the opaque one is not looked at; its parent's delimiter in there ends it. */
		assert_int_equal(m.mime.parts_n, MIME_DEPTH_MAX + extra);
		last = &m.mime.parts[MIME_DEPTH_MAX - 1];
		assert_int_equal(last->kind, MIME_LEAF);
		assert_int_equal(last->flags & MIME_OPAQUE, extra ? MIME_OPAQUE : 0);
	}
}

static void a_boundary_past_the_limit_is_none(void **unused)
{
	(void)unused;
	for (size_t extra = 0; extra < 2; extra++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT(10000);
		CLEANUP(mail_release) struct mail m;

		buf_cstr(&text, "Content-Type: multipart/mixed; boundary=");
		for (size_t i = 0; i < MIME_BOUNDARY_MAX + extra; i++)
			buf_char(&text, 'b');
		buf_cstr(&text, "\n\n--");
		for (size_t i = 0; i < MIME_BOUNDARY_MAX + extra; i++)
			buf_char(&text, 'b');
		buf_cstr(&text, "\n\na");
		mail_load(&m, buf_view(&text), 0);
		assert_int_equal(m.mime.parts_n, extra ? 1 : 2);
	}
}

/* A header in which `field` comes after n octets of another one. */
static void after_padding(struct mail *m, const char *lead, size_t n, const char *field)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(TEST_FILE_MAX);

	buf_cstr(&text, lead);
	while (text.n < n)
		buf_char(&text, 'x');
	buf_cstr(&text, field);
	mail_load(m, buf_view(&text), 0);
}

static void what_is_past_the_limit_of_a_field_is_not_seen(void **unused)
{
	CLEANUP(mail_release) struct mail inside, outside;

	(void)unused;
	after_padding(&inside, "Content-Type: text/plain; a=", MIME_FIELD_MAX / 2, "; charset=utf-8\n\n");
	after_padding(&outside, "Content-Type: text/plain; a=", MIME_FIELD_MAX, "; charset=utf-8\n\n");
	assert_true(str_eq(inside.mime.parts[0].charset, S("utf-8")));
	assert_int_equal(outside.mime.parts[0].charset.n, 0);
	assert_true(mime_is(&outside.mime.parts[0], S("text"), S("plain")));
}

static void what_is_past_the_limit_of_a_header_is_not_seen(void **unused)
{
	CLEANUP(mail_release) struct mail at, past;

	(void)unused;
	/* The field begins at the limit, and one octet after it. */
	after_padding(&at, "A: ", MIME_HEADER_MAX - 2, "\nContent-Type: a/b\n\nx");
	after_padding(&past, "A: ", MIME_HEADER_MAX - 1, "\nContent-Type: a/b\n\nx");
	assert_true(mime_is(&at.mime.parts[0], S("a"), S("b")));
	assert_true(mime_is(&past.mime.parts[0], S("text"), S("plain")));
	assert_int_equal(past.mime.parts[0].body_len, 1);
}

static void words_names_and_ids_have_limits(void **unused)
{
	(void)unused;
	for (size_t extra = 0; extra < 2; extra++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT(10000);
		CLEANUP(mail_release) struct mail m;

		buf_cstr(&text, "Content-Type: text/plain; charset=");
		for (size_t i = 0; i < MIME_WORD_MAX + extra; i++)
			buf_char(&text, 'c');
		buf_cstr(&text, "; name=");
		for (size_t i = 0; i < MIME_NAME_MAX + extra; i++)
			buf_cstr(&text, "\xC3\xA9");
		buf_cstr(&text, "\nContent-ID: <");
		for (size_t i = 0; i < MIME_ID_MAX + extra; i++)
			buf_char(&text, 'i');
		buf_cstr(&text, ">\n\n");
		mail_load(&m, buf_view(&text), 0);
		assert_int_equal(m.mime.parts[0].charset.n, extra ? 0 : MIME_WORD_MAX);
		assert_int_equal(m.mime.parts[0].name.n, 2 * MIME_NAME_MAX);
		assert_int_equal(m.mime.parts[0].content_id.n, extra ? 0 : MIME_ID_MAX);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_messages_cost_bounded_memory),
		cmocka_unit_test(the_last_part_there_may_be_is_opaque),
		cmocka_unit_test(a_multipart_at_the_last_level_is_opaque),
		cmocka_unit_test(a_boundary_past_the_limit_is_none),
		cmocka_unit_test(what_is_past_the_limit_of_a_field_is_not_seen),
		cmocka_unit_test(what_is_past_the_limit_of_a_header_is_not_seen),
		cmocka_unit_test(words_names_and_ids_have_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
