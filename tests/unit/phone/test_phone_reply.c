/* HTTP responses, whole and byte by byte. */
#include <tools/phone/reply.h>

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

static const struct {
	const char *what, *text;
	bool ends; /* the connection ends after it */
	enum reply_state state;
	int status;
	const char *body;
	bool keeps_open;
} cases[] = {
	{ "a body of known length", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", false, REPLY_DONE, 200, "abc",
	  true },
	{ "no body", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false, REPLY_DONE, 200, "", true },
	{ "no body by its status", "HTTP/1.1 204 No Content\r\n\r\n", false, REPLY_DONE, 204, "", true },
	{ "an interim response first", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 449 x\r\nContent-Length: 0\r\n\r\n",
	  false, REPLY_DONE, 449, "", true },
	{ "chunks",
	  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\n",
	  false, REPLY_DONE, 200, "abcde", true },
	{ "up to the end", "HTTP/1.0 200 OK\r\n\r\nabc", true, REPLY_DONE, 200, "abc", false },
	{ "connection: close", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na", false, REPLY_DONE,
	  200, "a", false },
	{ "a body cut short", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", true, REPLY_BAD, 200, "ab", true },
	{ "a head cut short", "HTTP/1.1 200 OK\r\nContent-Le", true, REPLY_BAD, 0, "", true },
	{ "not HTTP", "SSH-2.0-x\r\n\r\n", false, REPLY_BAD, 0, "", false },
	{ "no status", "HTTP/1.1 abc OK\r\n\r\n", false, REPLY_BAD, 0, "", true },
	{ "a length that is no number", "HTTP/1.1 200 OK\r\nContent-Length: 3x\r\n\r\n", false, REPLY_BAD, 200, "",
	  true },
	{ "both framings", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", false,
	  REPLY_BAD, 200, "", true },
	{ "a chunk size that is none", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", false, REPLY_BAD,
	  200, "", true },
	{ "a chunk longer than it says", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", false,
	  REPLY_BAD, 200, "a", true },
};

static void feed(struct reply *r, struct str text, size_t step)
{
	for (size_t at = 0; at < text.n && r->state != REPLY_DONE && r->state != REPLY_BAD;) {
		size_t used;

		reply_feed(r, str_slice(text, at, at + step), &used);
		at += used;
	}
}

static void responses_are_read_in_steps_of_any_size(void **unused)
{
	(void)unused;
	for (size_t step = 1; step < 200; step += step < 20 ? 1 : 60) {
		for (size_t i = 0; i < countof(cases); i++) {
			struct reply r;

			reply_init(&r);
			feed(&r, str_of(cases[i].text), step);
			if (cases[i].ends)
				reply_end(&r);
			if (r.state != cases[i].state || r.status != cases[i].status ||
			    !str_eq(buf_view(&r.body), str_of(cases[i].body)))
				fail_msg("%s, in steps of %zu: state %d, status %d, body \"%.*s\"", cases[i].what, step,
					 (int)r.state, r.status, (int)r.body.n, r.body.p ? r.body.p : "");
			if (r.state == REPLY_DONE && reply_keeps_open(&r) != cases[i].keeps_open)
				fail_msg("%s: keeps open or not", cases[i].what);
			reply_release(&r);
		}
	}
}

static void bytes_behind_a_response_are_not_taken(void **unused)
{
	struct reply r;
	size_t used;

	(void)unused;
	reply_init(&r);
	assert_int_equal(reply_feed(&r, S("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nabc"), &used), REPLY_DONE);
	assert_int_equal(used, 39);
	reply_release(&r);
}

static void headers_are_found_without_case(void **unused)
{
	struct reply r;
	size_t used;

	(void)unused;
	reply_init(&r);
	reply_feed(&r, S("HTTP/1.1 200 OK\r\nX-One:  a b \r\nContent-Length: 0\r\n\r\n"), &used);
	assert_true(str_eq(reply_header(&r, "x-oNE"), S("a b")));
	assert_null(reply_header(&r, "x-two").p);
	reply_release(&r);
}

/* "hello" by gzip -n. */
static const char packed[] =
	"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\x07\x00\x86\xa6\x10\x36\x05\x00\x00\x00";

static void bodies_are_unpacked(void **unused)
{
	static const struct {
		const char *what, *coding;
		size_t cut;
		enum err e;
	} codings[] = {
		{ "gzip", "gzip", 0, ERR_OK },
		{ "gzip cut short", "gzip", 4, ERR_INVALID },
		{ "not known", "br", 0, ERR_UNSUPPORTED },
	};

	(void)unused;
	for (size_t i = 0; i < countof(codings); i++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT(4096), room = BUF_INIT(REPLY_MAX_BODY_BYTES);
		size_t n = sizeof(packed) - 1 - codings[i].cut, used;
		struct reply r;
		struct str body = STR_EMPTY;

		reply_init(&r);
		buf_fmt(&text, "HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %zu\r\n\r\n",
			codings[i].coding, n);
		buf_put(&text, packed, n);
		assert_int_equal(reply_feed(&r, buf_view(&text), &used), REPLY_DONE);
		if (reply_body(&r, &room, &body) != codings[i].e)
			fail_msg("%s", codings[i].what);
		if (codings[i].e == ERR_OK)
			assert_true(str_eq(body, S("hello")));
		reply_release(&r);
	}
}

static void a_head_at_its_limit_is_read_and_one_byte_more_is_not(void **unused)
{
	(void)unused;
	for (size_t extra = 0; extra < 2; extra++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT(REPLY_MAX_HEAD_BYTES * 2);
		struct reply r;
		size_t used;

		buf_cstr(&text, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: ");
		while (text.n < REPLY_MAX_HEAD_BYTES - 4 + extra)
			buf_char(&text, 'x');
		buf_cstr(&text, "\r\n\r\n");
		reply_init(&r);
		assert_int_equal(reply_feed(&r, buf_view(&text), &used), extra ? REPLY_BAD : REPLY_DONE);
		reply_release(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(responses_are_read_in_steps_of_any_size),
		cmocka_unit_test(bytes_behind_a_response_are_not_taken),
		cmocka_unit_test(headers_are_found_without_case),
		cmocka_unit_test(bodies_are_unpacked),
		cmocka_unit_test(a_head_at_its_limit_is_read_and_one_byte_more_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
