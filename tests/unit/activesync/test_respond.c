/* The common answers, where no command of the table comes to them. */
#include "fixture.h"

#include <tests/support/elsewhere.h>

/* How many bytes of text the answer of the test's route has, and to which version. */
struct wanted {
	size_t text;
	enum eas_version version;
	enum err err; /* not ERR_OK: eas_respond_err() instead */
	struct elsewhere elsewhere;
};

static void respond(struct http_request *r, struct worker *w, void *ctx)
{
	struct wanted *wanted = ctx;
	struct eas_request *rq = arena_new(w->arena, struct eas_request);
	char *text = arena_alloc(w->arena, wanted->text + 1);
	struct wbxml_writer writer;

	if (!expect_elsewhere(&wanted->elsewhere, rq && text)) {
		http_respond_status(r, 500);
		return;
	}
	memset(text, 'x', wanted->text);
	rq->http = r;
	rq->command = eas_command_by_name(S("Ping"));
	rq->version = wanted->version;
	if (wanted->err) {
		eas_respond_err(rq, wanted->err);
		return;
	}
	eas_writer_begin(rq, &writer);
	wbxml_put_text(&writer, TAG_PING_PING, str_from(text, wanted->text));
	eas_respond_wbxml(rq, &writer);
}

struct told {
	int status;
	size_t body_n;
};

static struct told ask(struct wanted wanted)
{
	const struct http_route route = { "/respond", 1u << HTTP_POST, respond, &wanted, 0, NULL };
	struct server s = { 0 };
	struct eas_phone phone;
	struct eas_reply r;
	struct told told;

	server_open(&s);
	server_listen(&s, &route, 1);
	phone = eas_phone_new(s.port);
	eas_phone_send_to(&phone, "POST", "/respond", S("x"));
	r = eas_phone_receive(&phone);
	told = (struct told){ r.status, r.body.n };
	eas_phone_release(&phone);
	server_unlisten(&s);
	server_close(&s);
	server_remove(&s);
	judge_elsewhere(&wanted.elsewhere);
	return told;
}

/* Of the document: 4 bytes of head, 2 of the page, and the tag, 03, 00, 01 around the text. */
static void an_answer_has_a_longest_length(void **unused)
{
	enum { AROUND = 10, SHORT = 4 + 2 + 1 + 7 + 1 };
	struct told r;

	(void)unused;
	r = ask((struct wanted){ .text = EAS_MAX_RESPONSE_BYTES - AROUND, .version = EAS_16_1, .err = ERR_OK });
	assert_int_equal(r.status, 200);
	assert_int_equal(r.body_n, EAS_MAX_RESPONSE_BYTES);
	r = ask((struct wanted){ .text = EAS_MAX_RESPONSE_BYTES - AROUND + 1, .version = EAS_16_1, .err = ERR_OK });
	assert_int_equal(r.status, 200);
	assert_int_equal(r.body_n, SHORT); /* head, page, Ping around Status around '110' */
	r = ask((struct wanted){ .text = EAS_MAX_RESPONSE_BYTES - AROUND + 1, .version = EAS_12_1, .err = ERR_OK });
	assert_int_equal(r.status, 500);
}

/* MS-ASCMD_R7461, R7462: HTTP before 14.0. */
/* MS-ASHTTP_R184, MS-ASHTTP_R190, MS-ASHTTP_R192 */
static void an_error_of_the_store_has_its_status(void **unused)
{
	static const struct {
		enum err err;
		int http;
	} cases[] = { { ERR_BUSY, 503 }, { ERR_IO, 503 }, { ERR_FULL, 507 }, { ERR_CORRUPT, 500 } };

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		assert_int_equal(ask((struct wanted){ .text = 0, .version = EAS_12_1, .err = cases[i].err }).status,
				 cases[i].http);
		assert_int_equal(ask((struct wanted){ .text = 0, .version = EAS_14_0, .err = cases[i].err }).status,
				 200);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_has_a_longest_length),
		cmocka_unit_test(an_error_of_the_store_has_its_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
