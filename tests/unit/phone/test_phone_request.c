/* URLs, queries and requests. */
#include <tools/phone/request.h>

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

static struct identity identity_of(enum eas_version v, const char *device, const char *type)
{
	struct identity id = { .user = S("EXAMPLE\\ann"),
			       .password = S("p\xc3\xa4ss"),
			       .device_id = str_of(device),
			       .device_type = str_of(type),
			       .version = v };

	assert_int_equal(url_parse(S("http://localhost:8080"), &id.url), ERR_OK);
	return id;
}

static void assert_buf(const struct buf *b, const char *want)
{
	if (!str_eq(buf_view(b), str_of(want)))
		fail_msg("\"%.*s\" is not \"%s\"", (int)b->n, b->p, want);
}

static void urls_are_taken_apart(void **unused)
{
	static const struct {
		const char *text;
		bool tls;
		const char *host;
		uint16_t port;
		const char *path;
	} good[] = {
		{ "https://mail.example.test", true, "mail.example.test", 443, "/Microsoft-Server-ActiveSync" },
		{ "http://127.0.0.1:8080/", false, "127.0.0.1", 8080, "/Microsoft-Server-ActiveSync" },
		{ "HTTPS://[::1]:8443/eas", true, "::1", 8443, "/eas" },
		{ "http://[::1]", false, "::1", 80, "/Microsoft-Server-ActiveSync" },
	};
	static const char *const bad[] = { "",
					   "mail.example.test",
					   "ftp://x",
					   "http://",
					   "http://:80",
					   "http://x:0",
					   "http://x:65536",
					   "http://x:8o",
					   "http://[::1",
					   "http://[]:1",
					   "http://[::1]x" };
	struct url u;

	(void)unused;
	for (size_t i = 0; i < countof(good); i++) {
		assert_int_equal(url_parse(str_of(good[i].text), &u), ERR_OK);
		assert_int_equal(u.tls, good[i].tls);
		assert_true(str_eq(u.host, str_of(good[i].host)));
		assert_int_equal(u.port, good[i].port);
		assert_true(str_eq(u.path, str_of(good[i].path)));
	}
	for (size_t i = 0; i < countof(bad); i++)
		if (url_parse(str_of(bad[i]), &u) != ERR_INVALID)
			fail_msg("\"%s\" was taken", bad[i]);
}

/* MS-ASHTTP R18: the document's own example. */
static void the_base64_query_is_that_of_the_specification(void **unused)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(1024);
	struct identity id = identity_of(EAS_14_0, "v140Device", "SmartPhone");

	(void)unused;
	query_put_base64(&b, &id, COMMAND_SYNC);
	assert_buf(&b, "jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l");
}

/* MS-ASHTTP R37-R41: length 4, little endian. R61103: a Ping has none. */
static void the_base64_query_carries_the_policy_key_but_not_of_a_ping(void **unused)
{
	CLEANUP(buf_release) struct buf sync = BUF_INIT(1024), ping = BUF_INIT(1024);
	struct identity id = identity_of(EAS_16_1, "AB", "T");

	(void)unused;
	id.policy_key = 0x01020304;
	query_put_base64(&sync, &id, COMMAND_SYNC);
	assert_buf(&sync, "oQAJBAJBQgQEAwIBAVQ=");
	query_put_base64(&ping, &id, COMMAND_PING);
	assert_buf(&ping, "oRIJBAJBQgABVA==");
}

static void the_plain_query_escapes_what_it_carries(void **unused)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(1024);
	struct identity id = identity_of(EAS_14_1, "A1", "Phone");

	(void)unused;
	query_put_plain(&b, &id, COMMAND_FOLDER_SYNC);
	assert_buf(&b, "Cmd=FolderSync&User=EXAMPLE%5Cann&DeviceId=A1&DeviceType=Phone");
}

/* MS-ASHTTP 2.2.1.1.1.2.5, 2.2.1.1.1.1.3: from 14.0 on all of it stands in the document. */
static void below_14_0_a_mail_goes_as_it_is(void **unused)
{
	static const struct {
		enum eas_version version;
		enum command command;
		bool about, rfc822;
		const char *parameters;
	} cases[] = {
		{ EAS_2_5, COMMAND_SEND_MAIL, false, true, "Phone&SaveInSent=T HTTP" },
		{ EAS_12_1, COMMAND_SMART_REPLY, true, true, "Phone&CollectionId=5&ItemId=5%3A1&SaveInSent=T HTTP" },
		{ EAS_14_0, COMMAND_SMART_REPLY, true, false, "Phone HTTP" },
		{ EAS_12_1, COMMAND_SYNC, true, false, "Phone HTTP" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf b = BUF_INIT(4096);
		struct identity id = identity_of(cases[i].version, "A1", "Phone");

		if (cases[i].about)
			id.about = (struct mail_source_query){ S("5"), S("5:1") };
		request_put(&b, &id, cases[i].command, S("body"));
		assert_true(str_find(buf_view(&b), str_of(cases[i].parameters)) < b.n);
		assert_true((str_find(buf_view(&b), S("Content-Type: message/rfc822\r\n")) < b.n) == cases[i].rfc822);
	}
}

static void headers_say_version_and_policy_key_where_the_query_does_not(void **unused)
{
	static const struct {
		const char *what;
		bool base64;
		enum command command;
		bool version, key;
	} cases[] = {
		{ "plain", false, COMMAND_SYNC, true, true },
		{ "a plain Ping", false, COMMAND_PING, true, false },
		{ "base64", true, COMMAND_SYNC, false, false },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf b = BUF_INIT(REQUEST_MAX_BYTES);
		struct identity id = identity_of(EAS_14_1, "A1", "Phone");
		struct str text;

		id.base64_query = cases[i].base64;
		id.policy_key = 7;
		request_put(&b, &id, cases[i].command, S("body"));
		text = buf_view(&b);
		if ((str_find(text, S("\r\nMS-ASProtocolVersion: 14.1\r\n")) < text.n) != cases[i].version ||
		    (str_find(text, S("\r\nX-MS-PolicyKey: 7\r\n")) < text.n) != cases[i].key)
			fail_msg("%s: %.*s", cases[i].what, (int)text.n, text.p);
		assert_true(str_find(text, S("\r\nAuthorization: Basic RVhBTVBMRVxhbm46cMOkc3M=\r\n")) < text.n);
		assert_true(str_ends(text, S("\r\nContent-Length: 4\r\n\r\nbody")));
	}
}

static void a_request_without_a_body_has_no_content_type(void **unused)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(REQUEST_MAX_BYTES);
	struct identity id = identity_of(EAS_14_1, "A1", "Phone");

	(void)unused;
	request_put(&b, &id, COMMAND_SYNC, STR_EMPTY);
	assert_int_equal(str_find(buf_view(&b), S("Content-Type")), b.n);
	assert_true(str_ends(buf_view(&b), S("\r\nContent-Length: 0\r\n\r\n")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls_are_taken_apart),
		cmocka_unit_test(the_base64_query_is_that_of_the_specification),
		cmocka_unit_test(the_base64_query_carries_the_policy_key_but_not_of_a_ping),
		cmocka_unit_test(the_plain_query_escapes_what_it_carries),
		cmocka_unit_test(below_14_0_a_mail_goes_as_it_is),
		cmocka_unit_test(headers_say_version_and_policy_key_where_the_query_does_not),
		cmocka_unit_test(a_request_without_a_body_has_no_content_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
