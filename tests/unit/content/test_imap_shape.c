/* ENVELOPE and BODYSTRUCTURE. Expected texts follow RFC 9051 7.5.2 and what Dovecot answers. */
#include "support.h"

#include <gateway/content/imap_shape.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void envelopes_are_written(void **unused)
{
	static const struct {
		const char *header, *envelope;
	} cases[] = {
		{ "Date: Mon, 5 Jan 2026 10:00:00 +0100\r\nSubject: =?utf-8?q?=C3=A9?= x\r\nFrom: Bob B "
		  "<bob@x.test>\r\n"
		  "To: \"A, \\\"n\" <a@x.test>, c@x.test\r\nMessage-ID: <1@x>\r\nIn-Reply-To: <0@x>\r\n\r\n",
		  "(\"Mon, 5 Jan 2026 10:00:00 +0100\" \"=?utf-8?q?=C3=A9?= x\" ((\"Bob B\" NIL \"bob\" \"x.test\"))"
		  " ((\"Bob B\" NIL \"bob\" \"x.test\")) ((\"Bob B\" NIL \"bob\" \"x.test\"))"
		  " ((\"A, \\\"n\" NIL \"a\" \"x.test\")(NIL NIL \"c\" \"x.test\")) NIL NIL \"<0@x>\" \"<1@x>\")" },
		{ "\r\n", "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)" },
		{ "Subject:\r\nFrom: a@b\r\nSender:\r\nReply-To: r@b\r\n\r\n",
		  "(NIL \"\" ((NIL NIL \"a\" \"b\")) ((NIL NIL \"a\" \"b\")) ((NIL NIL \"r\" \"b\")) NIL NIL NIL NIL "
		  "NIL)" },
		{ "To: Team: a@b, c@d;, e@f\r\nCc: none:;\r\n\r\n",
		  "(NIL NIL NIL NIL NIL ((NIL NIL \"Team\" NIL)(NIL NIL \"a\" \"b\")(NIL NIL \"c\" \"d\")(NIL NIL NIL "
		  "NIL)"
		  "(NIL NIL \"e\" \"f\")) ((NIL NIL \"none\" NIL)(NIL NIL NIL NIL)) NIL NIL NIL)" },
		{ "Subject: \xc3\xa9\r\nFrom: nobody\r\n\r\n",
		  "(NIL {2}\r\n\xc3\xa9 ((NIL NIL \"nobody\" \"MISSING_DOMAIN\")) ((NIL NIL \"nobody\" "
		  "\"MISSING_DOMAIN\"))"
		  " ((NIL NIL \"nobody\" \"MISSING_DOMAIN\")) NIL NIL NIL NIL NIL)" },
		{ "Subject: folded\r\n over lines\r\nSubject: second\r\n\r\n",
		  "(NIL \"folded over lines\" NIL NIL NIL NIL NIL NIL NIL NIL)" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct arena a = ARENA_INIT(1 << 20);
		struct buf b = BUF_INIT(1 << 16);

		assert_int_equal(imap_envelope_put(&a, &b, str_of(cases[i].header)), ERR_OK);
		if (!str_eq(buf_view(&b), str_of(cases[i].envelope)))
			fail_msg("%s\ngives " STR_FMT "\nnot   %s", cases[i].header, STR_ARG(buf_view(&b)),
				 cases[i].envelope);
		buf_release(&b);
		arena_release(&a);
	}
}

static void structures_are_written(void **unused)
{
	static const struct {
		const char *text, *structure;
	} cases[] = {
		{ "Subject: x\n\nhello\nyou\n",
		  "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 12 2 NIL NIL NIL NIL)" },
		{ "Content-Type: Text/HTML; charset=UTF-8; format=flowed\nContent-ID: <a@b>\nContent-Description: d e\n"
		  "Content-Transfer-Encoding: quoted-printable\nContent-MD5: abc\nContent-Language: de, en\n"
		  "Content-Location: http://x\nContent-Disposition: inline\n\nx\n",
		  "(\"text\" \"html\" (\"charset\" \"UTF-8\" \"format\" \"flowed\") \"<a@b>\" \"d e\" "
		  "\"quoted-printable\" 3 1"
		  " \"abc\" (\"inline\" NIL) (\"de\" \"en\") \"http://x\")" },
		{ "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\nContent-Type: image/png; "
		  "name*=utf-8''%C3%A9\n"
		  "Content-Transfer-Encoding: BASE64\nContent-Disposition: attachment; filename=\"a "
		  "\\\"b\"\n\nAAAA\n--b--\n",
		  "((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 3 0 NIL NIL NIL NIL)"
		  "(\"image\" \"png\" (\"name*\" \"utf-8''%C3%A9\") NIL NIL \"BASE64\" 4 NIL (\"attachment\" "
		  "(\"filename\""
		  " \"a \\\"b\")) NIL NIL) \"mixed\" (\"boundary\" \"b\") NIL NIL NIL)" },
		{ "Content-Type: message/rfc822\n\nSubject: in\n\nx\n",
		  "(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 18 (NIL \"in\" NIL NIL NIL NIL NIL NIL NIL NIL)"
		  " (\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 3 1 NIL NIL NIL NIL) 3 NIL NIL NIL "
		  "NIL)" },
		/* As no part was found, it is none. */
		{ "Content-Type: multipart/mixed; boundary=b\n\nno part at all\n",
		  "(\"application\" \"octet-stream\" (\"boundary\" \"b\") NIL NIL \"7bit\" 16 NIL NIL NIL NIL)" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(mail_release) struct mail m;
		struct buf b = BUF_INIT(1 << 16);

		mail_load(&m, str_of(cases[i].text), 0);
		assert_int_equal(imap_structure_put(&m.arena, &b, &m.source, &m.mime, true), ERR_OK);
		if (!str_eq(buf_view(&b), str_of(cases[i].structure)))
			fail_msg("%s\ngives " STR_FMT "\nnot   %s", cases[i].text, STR_ARG(buf_view(&b)),
				 cases[i].structure);
		buf_release(&b);
	}
}

static void the_fields_that_are_kept_stand_as_they_are(void **unused)
{
	CLEANUP(mail_release) struct mail m;
	struct imap_shape shape;

	(void)unused;
	mail_load(&m, S("X-Own: no\nsubject:  x\n y\nReceived: one\nReceived: two\n\nbody\n"), 0);
	assert_int_equal(imap_shape_make(&m.arena, &m.source, &m.mime, IMAP_SHAPE_KEPT_MAX, &shape), ERR_OK);
	assert_true(str_eq(shape.fields, S("subject:  x\r\n y\r\nReceived: one\r\nReceived: two\r\n")));
	assert_true(imap_shape_has_field(S("REPLY-to")));
	assert_false(imap_shape_has_field(S("X-Own")));
}

/* At the limit they are kept, one octet past it they are not: the header is then read from the message. */
static void too_many_octets_of_fields_are_not_kept(void **unused)
{
	(void)unused;
	for (size_t past = 0; past < 2; past++) {
		CLEANUP(mail_release) struct mail m;
		struct buf text = BUF_INIT(1 << 20);
		struct imap_shape shape;

		buf_cstr(&text, "Subject: ");
		while (text.n < IMAP_SHAPE_FIELDS_MAX - 2 + past)
			buf_char(&text, 'x');
		buf_cstr(&text, "\r\n\r\n");
		mail_load(&m, buf_view(&text), 0);
		assert_int_equal(imap_shape_make(&m.arena, &m.source, &m.mime, IMAP_SHAPE_KEPT_MAX, &shape), ERR_OK);
		assert_int_equal(shape.fields.p != NULL, !past);
		buf_release(&text);
	}
}

/* As text it stays within its ceiling whatever comes; nothing recurses. */
static void hostile_headers_cost_what_they_weigh(void **unused)
{
	static const char *const pieces[] = { "To: ", "a@b,", "Content-Type: x/y; ", "n=v;", "From: ", "(", "\"", "<" };

	(void)unused;
	for (size_t i = 0; i + 1 < countof(pieces); i += 1) {
		CLEANUP(mail_release) struct mail m;
		struct buf text = BUF_INIT(1 << 20), b = BUF_INIT(IMAP_SHAPE_TEXT_MAX);

		buf_cstr(&text, i % 2 ? "To: " : "");
		for (int n = 0; n < 20000; n++)
			buf_cstr(&text, pieces[i + (n > 0)]);
		buf_cstr(&text, "\r\n\r\n");
		mail_load(&m, buf_view(&text), 0);
		assert_int_equal(imap_envelope_put(&m.arena, &b, buf_view(&text)), ERR_OK);
		assert_int_equal(imap_structure_put(&m.arena, &b, &m.source, &m.mime, true), ERR_OK);
		buf_release(&text);
		buf_release(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(envelopes_are_written),
		cmocka_unit_test(structures_are_written),
		cmocka_unit_test(the_fields_that_are_kept_stand_as_they_are),
		cmocka_unit_test(too_many_octets_of_fields_are_not_kept),
		cmocka_unit_test(hostile_headers_cost_what_they_weigh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
