/* Writing mail. */
#include "compose_sample.h"
#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

enum { ROUNDS = 3000, SEED_BYTES = 2048 };

static void texts_are_encoded_where_ascii_does_not_do(void **unused)
{
	static const struct {
		const char *what;
		struct str text, line;
	} cases[] = {
		{ "ASCII", STR_INIT("Lunch at one?"), STR_INIT("S: Lunch at one?\r\n") },
		{ "nothing", STR_INIT(""), STR_INIT("S:\r\n") },
		{ "one word",
		  STR_INIT("Re: Gr\xC3\xBC\xC3\x9F"
			   "e an alle"),
		  STR_INIT("S: Re: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= an alle\r\n") },
		{ "what looks encoded", STR_INIT("a =?utf-8?Q?b?= c"),
		  STR_INIT("S: a =?utf-8?Q?=3D=3Futf-8=3FQ=3Fb=3F=3D?= c\r\n") },
		{ "wide blanks", STR_INIT("a b  c d"), STR_INIT("S: a =?utf-8?Q?b__c?= d\r\n") },
		{ "blanks at the ends", STR_INIT(" a "), STR_INIT("S: =?utf-8?Q?_a_?=\r\n") },
		{ "line ends", STR_INIT("a\r\nBcc: b"), STR_INIT("S: =?utf-8?Q?a__Bcc=3A?= b\r\n") },
		{ "Chinese", STR_INIT("\xE4\xBD\xA0\xE5\xA5\xBD"), STR_INIT("S: =?utf-8?B?5L2g5aW9?=\r\n") },
		{ "a long line",
		  STR_INIT("one two three four five six seven eight nine ten eleven twelve thirteen fourteen"),
		  STR_INIT("S: one two three four five six seven eight nine ten eleven twelve thirteen\r\n"
			   " fourteen\r\n") },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf b = BUF_INIT(4096);

		compose_field_text(&b, S("S"), cases[i].text);
		buf_char(&b, '\0');
		assert_string_equal(b.p, cases[i].line.p);
	}
}

static void addresses_are_written_by_rfc_5322(void **unused)
{
	static const struct header_address list[] = {
		{ .name = STR_INIT("Ann Lee"), .local = STR_INIT("ann"), .domain = STR_INIT("example.test") },
		{ .name = STR_INIT("Lee, Bob \"B\""), .local = STR_INIT("b.lee"), .domain = STR_INIT("example.test") },
		{ .local = STR_INIT("odd one"), .domain = STR_INIT("example.test") },
		{ .name = STR_INIT("Zo\xC3\xAB"), .local = STR_INIT("zoe"), .domain = STR_INIT("ex\r\nample.test") },
		{ .group = STR_INIT("Team"), .local = STR_INIT("x"), .domain = STR_INIT("example.test") },
		{ .group = STR_INIT("undisclosed-recipients") },
	};
	CLEANUP(buf_release) struct buf b = BUF_INIT(4096);

	(void)unused;
	compose_field_addresses(&b, S("To"), list, countof(list));
	buf_char(&b, '\0');
	assert_string_equal(b.p, "To: Ann Lee <ann@example.test>, \"Lee, Bob \\\"B\\\"\" <b.lee@example.test>,\r\n"
				 " \"odd one\"@example.test, =?utf-8?Q?Zo=C3=AB?= <zoe@example.test>, Team:\r\n"
				 " x@example.test;, undisclosed-recipients:;\r\n");
}

static void parameters_are_written_by_rfc_2231(void **unused)
{
	static const struct {
		struct str value;
		const char *text;
	} cases[] = {
		{ STR_INIT("a.txt"), "; n=a.txt" },
		{ STR_INIT("a b.txt"), "; n=\"a b.txt\"" },
		{ STR_INIT("a\"\r\nb"), "; n=\"a\\\"  b\"" },
		{ STR_INIT("\xC3\xA9.txt"), ";\r\n n*=utf-8''%C3%A9.txt" },
		{ STR_INIT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
		  ";\r\n n*0*=utf-8''aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;\r\n"
		  " n*1*=aaaaaaaaaaaaa" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf b = BUF_INIT(4096);

		compose_param(&b, S("n"), cases[i].value);
		buf_char(&b, '\0');
		assert_string_equal(b.p, cases[i].text);
	}
}

static void compose_into(struct buf *out, const struct compose_mail *mail)
{
	struct compose c;

	compose_init(&c, body_sink_buf(out), 1);
	compose_mail(&c, mail);
	assert_int_equal(compose_finish(&c), ERR_OK);
}

static void a_mail_is_a_tree_as_small_as_it_can_be(void **unused)
{
	static const struct compose_part image = { .content_type = STR_INIT("image/png"),
						   .is_inline = true,
						   .content_id = STR_INIT("i@x"),
						   .bytes = STR_INIT("png") };
	static const struct compose_part both[] = {
		{ .content_type = STR_INIT("image/png"), .is_inline = true, .bytes = STR_INIT("png") },
		{ .content_type = STR_INIT("application/pdf"), .name = STR_INIT("a.pdf"), .bytes = STR_INIT("pdf") },
	};
	static const struct {
		struct compose_mail mail;
		const char *tree;
	} cases[] = {
		{ { .plain = STR_INIT("a") }, "plain" },
		{ { .html = STR_INIT("a") }, "html" },
		{ { .plain = STR_INIT("a"), .html = STR_INIT("b") }, "alternative plain html" },
		{ { .html = STR_INIT("b"), .parts = &image, .parts_n = 1 }, "related html png" },
		{ { .plain = STR_INIT("b"), .parts = &image, .parts_n = 1 }, "mixed plain png" },
		{ { .plain = STR_INIT("a"), .html = STR_INIT("b"), .parts = both, .parts_n = 2 },
		  "mixed alternative plain related html png pdf" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(65536), tree = BUF_INIT(1000);
		CLEANUP(mail_release) struct mail m;

		compose_into(&out, &cases[i].mail);
		mail_load(&m, buf_view(&out), 0);
		for (size_t k = 0; k < m.mime.parts_n; k++) {
			buf_cstr(&tree, k ? " " : "");
			buf_str(&tree, m.mime.parts[k].subtype);
		}
		buf_char(&tree, '\0');
		assert_string_equal(tree.p, cases[i].tree);
	}
}

/* What is carried over keeps its type, its encoding and its octets, and takes no other field along. */
static void a_part_of_another_message_is_carried_over_as_it_is(void **unused)
{
	static const struct str original = STR_INIT(
		"From: eve@far.test\r\nBcc: secret@far.test\r\nContent-Type: application/x-odd; p=\"1\";\r\n q=2\r\n"
		"Content-Transfer-Encoding: quoted-printable\r\n\r\n=41=\r\nB\r\n");
	CLEANUP(buf_release) struct buf out = BUF_INIT(65536);
	CLEANUP(mail_release) struct mail from;
	struct compose_part part = { 0 };
	struct compose_mail mail = { .plain = S("text"), .parts = &part, .parts_n = 1 };

	(void)unused;
	mail_load(&from, original, 0);
	part.source = &from.source;
	part.part = &from.mime.parts[0];
	compose_into(&out, &mail);
	assert_true(str_find(buf_view(&out), S("\r\nContent-Type: application/x-odd; p=\"1\";\r\n q=2\r\n"
					       "Content-Transfer-Encoding: quoted-printable\r\n\r\n=41=\r\nB\r\n")) <
		    out.n);
	assert_true(str_find(buf_view(&out), S("secret")) == out.n && str_find(buf_view(&out), S("eve")) == out.n);
}

static enum err refuse(void *ctx, struct str bytes)
{
	(void)ctx;
	(void)bytes;
	return ERR_FULL;
}

static void the_error_of_the_sink_is_the_composers(void **unused)
{
	struct compose c;

	(void)unused;
	compose_init(&c, (struct body_sink){ refuse, NULL }, 1);
	compose_mail(&c, &(struct compose_mail){ .plain = S("a") });
	assert_int_equal(compose_finish(&c), ERR_FULL);
}

/* Octets of a fixed generator: the same mails each time. */
static void seed(unsigned char *to, size_t n, uint64_t round)
{
	uint64_t x = round * 0x9E3779B97F4A7C15u + 1;

	for (size_t i = 0; i < n; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		/* Pieces of text more often than single octets. */
		to[i] = (unsigned char)(x & 1 ? x >> 8 : (x >> 8) % 35);
	}
}

static void whatever_is_written_is_read_back(void **unused)
{
	unsigned char octets[SEED_BYTES];

	(void)unused;
	for (uint64_t i = 0; i < ROUNDS; i++) {
		CLEANUP(compose_sample_release) struct compose_sample s;

		seed(octets, sizeof(octets), i);
		compose_sample_make(&s, str_from(octets, sizeof(octets)));
		compose_sample_check(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_encoded_where_ascii_does_not_do),
		cmocka_unit_test(addresses_are_written_by_rfc_5322),
		cmocka_unit_test(parameters_are_written_by_rfc_2231),
		cmocka_unit_test(a_mail_is_a_tree_as_small_as_it_can_be),
		cmocka_unit_test(a_part_of_another_message_is_carried_over_as_it_is),
		cmocka_unit_test(the_error_of_the_sink_is_the_composers),
		cmocka_unit_test(whatever_is_written_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
