/* Attachments, and their octets. */
#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define MIXED "Content-Type: multipart/mixed; boundary=x\n\n--x\n\ntext\n"
#define RELATED "Content-Type: multipart/related; boundary=x\n\n--x\nContent-Type: text/html\n\nh\n"

static void as_text(struct buf *b, struct mail *m, size_t part)
{
	struct body_attachment *list;
	size_t n;

	assert_int_equal(body_attachments(&m->arena, &m->mime, part, &list, &n), ERR_OK);
	for (size_t i = 0; i < n; i++)
		buf_fmt(b, "%s" STR_FMT "|" STR_FMT "|" STR_FMT "|%s|%u", i ? " # " : "", STR_ARG(list[i].display_name),
			STR_ARG(list[i].content_type), STR_ARG(list[i].content_id), list[i].is_inline ? "inline" : "",
			list[i].method);
}

static void everything_that_is_not_the_text_is_listed(void **unused)
{
	static const struct {
		const char *what;
		struct str in;
		const char *out;
	} cases[] = {
		{ "none", STR_INIT("A: b\n\nx"), "" },
		{ "a file",
		  STR_INIT(MIXED "--x\nContent-Type: a/b\nContent-Disposition: attachment; filename=f.x\n\nz\n--x--"),
		  "f.x|a/b|||1" },
		{ "text as a file", STR_INIT(MIXED "--x\nContent-Disposition: attachment; filename=f.txt\n\nz\n--x--"),
		  "f.txt|text/plain|||1" },
		{ "no name", STR_INIT(MIXED "--x\nContent-Type: image/png\n\nz\n--x--"),
		  "attachment.png|image/png|||1" },
		{ "no name, unknown type", STR_INIT(MIXED "--x\nContent-Type: a/b\n\nz\n--x--"),
		  "attachment.bin|a/b|||1" },
		{ "a path as name", STR_INIT(MIXED "--x\nContent-Type: a/b; name=\"../a/b\\\\c\"\n\nz\n--x--"),
		  ".._a_b_c|a/b|||1" },
		{ "an image inside the HTML",
		  STR_INIT(RELATED "--x\nContent-Type: image/png; name=i\nContent-ID: <c@d>\n\nz\n--x--"),
		  "i|image/png|c@d|inline|1" },
		{ "beside the HTML but not inside",
		  STR_INIT(RELATED "--x\nContent-Type: image/png; name=i\n\nz\n--x--"), "i|image/png|||1" },
		{ "inline by its own word",
		  STR_INIT(MIXED "--x\nContent-Type: image/png; name=i\nContent-ID: <c>\nContent-Disposition: "
				 "inline\n\nz\n--x--"),
		  "i|image/png|c|inline|1" },
		{ "a message", STR_INIT(MIXED "--x\nContent-Type: message/rfc822\n\nSubject: old\n\nz\n--x--"),
		  "old.eml|message/rfc822|||5" },
		{ "a message with a name",
		  STR_INIT(MIXED "--x\nContent-Type: message/rfc822; name=n.eml\n\nSubject: old\n\nz\n--x--"),
		  "n.eml|message/rfc822|||5" },
		{ "a message without a subject", STR_INIT(MIXED "--x\nContent-Type: message/rfc822\n\n\nz\n--x--"),
		  "message.eml|message/rfc822|||5" },
		{ "files of a message in the message are not listed",
		  STR_INIT(MIXED "--x\nContent-Type: message/rfc822; name=n\n\nContent-Type: multipart/mixed; "
				 "boundary=y\n\n--y\n"
				 "Content-Type: a/b\n\nz\n--y--\n--x--"),
		  "n.eml|message/rfc822|||5" },
		{ "a signature is none",
		  STR_INIT("Content-Type: multipart/signed; boundary=x\n\n--x\n\nt\n--x\n"
			   "Content-Type: application/pkcs7-signature; name=smime.p7s\n\nz\n--x--"),
		  "" },
		{ "an encrypted message is one", STR_INIT("Content-Type: application/pkcs7-mime; name=smime.p7m\n\nz"),
		  "smime.p7m|application/pkcs7-mime|||1" },
		{ "a meeting beside its description is none, the file is one",
		  STR_INIT("Content-Type: multipart/mixed; boundary=y\n\n--y\nContent-Type: multipart/alternative; "
			   "boundary=x\n\n"
			   "--x\n\nt\n--x\nContent-Type: text/calendar; method=REQUEST\n\nz\n--x--\n--y\n"
			   "Content-Type: text/calendar; name=i.ics\n\nz\n--y--"),
		  "i.ics|text/calendar|||1" },
		{ "files in an alternative that is not chosen",
		  STR_INIT("Content-Type: multipart/alternative; boundary=x\n\n--x\n\nt\n--x\n"
			   "Content-Type: multipart/mixed; boundary=y\n\n--y\nContent-Type: text/html\n\nh\n--y\n"
			   "Content-Type: a/b; name=f\n\nz\n--y--\n--x--"),
		  "f|a/b|||1" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(10000);
		CLEANUP(mail_release) struct mail m;

		mail_load(&m, cases[i].in, 0);
		as_text(&out, &m, 0);
		if (!str_eq(buf_view(&out), str_of(cases[i].out)))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(buf_view(&out)));
	}
}

static void attachments_past_the_limit_are_not_listed(void **unused)
{
	(void)unused;
	for (size_t extra = 0; extra < 2; extra++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT(TEST_FILE_MAX);
		CLEANUP(mail_release) struct mail m;
		struct body_attachment *list;
		size_t n;

		buf_cstr(&text, MIXED);
		for (size_t i = 0; i < BODY_ATTACHMENTS_MAX + extra; i++)
			buf_cstr(&text, "--x\nContent-Type: a/b\n\nz\n");
		mail_load(&m, buf_view(&text), 0);
		assert_int_equal(body_attachments(&m.arena, &m.mime, 0, &list, &n), ERR_OK);
		assert_int_equal(n, BODY_ATTACHMENTS_MAX);
	}
}

#define ENCODED                                                    \
	"Content-Type: a/b\nContent-Transfer-Encoding: base64\n\n" \
	"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2\nNzg5\n"

static void any_range_of_an_attachment_can_be_had(void **unused)
{
	static const struct str all = STR_INIT("012345678901234567890123456789012345678901234567890123456789");
	CLEANUP(mail_release) struct mail m;

	(void)unused;
	mail_load(&m, S(ENCODED), 0);
	for (uint64_t off = 0; off <= all.n + 1; off += 7)
		for (uint64_t n = 0; n <= all.n + 1; n += 5) {
			CLEANUP(buf_release) struct buf out = BUF_INIT(100);
			uint64_t total;

			assert_int_equal(
				body_part_decode(&m.source, &m.mime.parts[0], off, n, body_sink_buf(&out), &total),
				ERR_OK);
			assert_int_equal(total, all.n);
			assert_true(str_eq(buf_view(&out), str_slice(all, (size_t)off, (size_t)(off + n))));
		}
}

static void the_estimate_is_near_the_decoded_size(void **unused)
{
	CLEANUP(mail_release) struct mail m;
	struct body_attachment *list;
	size_t n;

	(void)unused;
	mail_load(&m, S(ENCODED), 0);
	assert_int_equal(body_attachments(&m.arena, &m.mime, 0, &list, &n), ERR_OK);
	assert_int_equal(n, 1);
	assert_int_equal(list[0].size, 60);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_that_is_not_the_text_is_listed),
		cmocka_unit_test(attachments_past_the_limit_are_not_listed),
		cmocka_unit_test(any_range_of_an_attachment_can_be_had),
		cmocka_unit_test(the_estimate_is_near_the_decoded_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
