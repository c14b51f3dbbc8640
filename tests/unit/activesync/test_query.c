/* The query in both its forms: what a phone says before its document is read. */
#include <tests/support/eas_query_encode.h>

#include <gateway/activesync/limits.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct arena arena = { .max = 1 << 20 };

static int reset(void **unused)
{
	(void)unused;
	arena_release(&arena);
	return 0;
}

static void assert_str(const char *what, struct str got, const char *wanted)
{
	if (!wanted && !got.p)
		return;
	if (!wanted || !got.p || !str_eq(got, str_of(wanted)))
		fail_msg("%s: \"" STR_FMT "\"", what, STR_ARG(got));
}

/* MS-ASHTTP_R98, MS-ASHTTP_R122 */
static void the_plain_form_names_its_parameters(void **unused)
{
	static const struct {
		const char *what, *query, *command, *user, *device_id, *device_type;
		unsigned options;
	} cases[] = {
		{ "the document's example", "Cmd=Sync&User=rmjones&DeviceId=v140Device&DeviceType=SmartPhone", "Sync",
		  "rmjones", "v140Device", "SmartPhone", 0 },
		{ "another order", "User=a&DeviceId=b&DeviceType=c&Cmd=Ping", "Ping", "a", "b", "c", 0 },
		{ "names in any case", "cMD=Ping&uSER=a&deviceID=b&DEVICETYPE=c", "Ping", "a", "b", "c", 0 },
		{ "percent and plus", "Cmd=Ping&User=EXAMPLE%5Cann+b%2B&DeviceId=d&DeviceType=t", "Ping",
		  "EXAMPLE\\ann b+", "d", "t", 0 },
		{ "percent that encodes nothing", "Cmd=Ping&User=100%&DeviceId=%zz&DeviceType=%4", "Ping", "100%",
		  "%zz", "%4", 0 },
		{ "the first of two counts", "Cmd=Ping&Cmd=Sync&DeviceId=a&DeviceId=b", "Ping", NULL, "a", NULL, 0 },
		{ "present and empty is not absent", "Cmd=Ping&DeviceId=", "Ping", NULL, "", NULL, 0 },
		{ "unknown, bare and empty parts", "Cmd=Ping&&x&y=z&=&DeviceId=a", "Ping", NULL, "a", NULL, 0 },
		{ "R121: save in Sent", "Cmd=SendMail&SaveInSent=T", "SendMail", NULL, NULL, NULL,
		  EAS_OPTION_SAVE_IN_SENT },
		{ "R437: do not", "Cmd=SendMail&SaveInSent=F", "SendMail", NULL, NULL, NULL, 0 },
		{ "no command's name", "Cmd=", "", NULL, NULL, NULL, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_query q;

		if (eas_query_parse(&arena, str_of(cases[i].query), &q) != ERR_OK || q.base64)
			fail_msg("%s: not read as plain", cases[i].what);
		assert_str(cases[i].what, q.command, cases[i].command);
		assert_str(cases[i].what, q.user, cases[i].user);
		assert_str(cases[i].what, q.device_id, cases[i].device_id);
		assert_str(cases[i].what, q.device_type, cases[i].device_type);
		assert_int_equal(q.options, cases[i].options);
	}
}

static void the_plain_form_carries_the_parameters_of_commands(void **unused)
{
	struct eas_query q;

	(void)unused;
	assert_int_equal(eas_query_parse(&arena,
					 S("Cmd=SmartReply&AttachmentName=n&CollectionId=5&ItemId=5%3A7&LongId=l&"
					   "Occurrence=2026-01-01T00:00:00.000Z"),
					 &q),
			 ERR_OK);
	assert_str("AttachmentName", q.attachment_name, "n");
	assert_str("CollectionId", q.collection_id, "5");
	assert_str("ItemId", q.item_id, "5:7");
	assert_str("LongId", q.long_id, "l");
	assert_str("Occurrence", q.occurrence, "2026-01-01T00:00:00.000Z");
}

/* MS-ASHTTP_R16, R18: the two forms of the document's example say the same. */
static void the_base64_example_of_the_document_is_read(void **unused)
{
	static const char *const forms[] = {
		"jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l",
		"jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l%3D",
	};

	(void)unused;
	for (size_t i = 0; i < countof(forms); i++) {
		enum eas_version version;
		struct eas_query q;

		assert_int_equal(eas_query_parse(&arena, str_of(forms[i]), &q), ERR_OK);
		assert_true(q.base64);
		assert_int_equal(eas_query_version(q.version, &version), ERR_OK);
		assert_int_equal(version, EAS_14_0);
		assert_int_equal(q.code, 0);
		assert_int_equal(q.locale, 0x0409);
		assert_str("device", q.device_id, "v140Device");
		assert_int_equal(q.policy_key, 0);
		assert_str("type", q.device_type, "SmartPhone");
		assert_null(q.user.p);
	}
}

static struct eas_query full_query(void)
{
	return (struct eas_query){
		.base64 = true,
		.version = 161,
		.code = 18,
		.locale = 0x0407,
		.policy_key = 0xfedcba98,
		.options = EAS_OPTION_SAVE_IN_SENT | EAS_OPTION_ACCEPT_MULTIPART,
		.device_id = S("ApplDNQX"),
		.device_type = S("iPhone"),
		.attachment_name = S("att"),
		.collection_id = S("5"),
		.item_id = S("5:7"),
		.long_id = S("long"),
		.occurrence = S("occ"),
		.user = S("ann@example.test"),
	};
}

/*
 * MS-ASHTTP_R23, R29, R31, R33, R34, R36, R37, R40, R42, R43, R45, R46, R49, R51, R54: bytes by hand; the parameters MS-ASHTTP_R81,
 * R82, R83, R84, R85, R86, with MS-ASHTTP_R92, R94 (Options 03).
 */
static void every_field_of_the_base64_form_is_read(void **unused)
{
	static const unsigned char bytes[] = {
		161, 18,  0x07, 0x04, 8,   'A', 'p', 'p', 'l', 'D', 'N', 'Q', 'X', 4,   0x98, 0xba, 0xdc, 0xfe,
		6,   'i', 'P',  'h',  'o', 'n', 'e', 0,   3,   'a', 't', 't', 1,   1,   '5',  3,    3,    '5',
		':', '7', 4,    4,    'l', 'o', 'n', 'g', 6,   3,   'o', 'c', 'c', 7,   1,    0x03, 8,    16,
		'a', 'n', 'n',  '@',  'e', 'x', 'a', 'm', 'p', 'l', 'e', '.', 't', 'e', 's',  't',
	};
	const struct eas_query wanted = full_query();
	struct buf text = BUF_INIT(4096);
	struct eas_query q;

	(void)unused;
	base64_put(&text, str_from(bytes, sizeof(bytes)));
	assert_int_equal(eas_query_parse(&arena, buf_view(&text), &q), ERR_OK);
	assert_true(eas_query_same(&q, &wanted));
	buf_release(&text);
}

/* What we write we read; the padding may be left out, as some libraries of phones do. */
static void what_is_written_in_base64_is_read(void **unused)
{
	const struct eas_query wanted = full_query();
	struct buf text = BUF_INIT(4096);
	struct eas_query q;

	(void)unused;
	eas_query_encode(&text, &wanted);
	assert_int_equal(eas_query_parse(&arena, buf_view(&text), &q), ERR_OK);
	assert_true(eas_query_same(&q, &wanted));
	while (text.p[text.n - 1] == '=')
		buf_truncate(&text, text.n - 1);
	assert_int_equal(eas_query_parse(&arena, buf_view(&text), &q), ERR_OK);
	assert_true(eas_query_same(&q, &wanted));
	buf_release(&text);
}

/* MS-ASHTTP_R34: the bytes of a GUID become a text. */
static void a_guid_as_device_id_becomes_hexadecimal(void **unused)
{
	static const char guid[16] = "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff";
	struct eas_query sent = { .version = 141, .device_id = str_from(guid, 16), .device_type = S("x") };
	struct buf text = BUF_INIT(4096);
	struct eas_query q;

	(void)unused;
	eas_query_encode(&text, &sent);
	assert_int_equal(eas_query_parse(&arena, buf_view(&text), &q), ERR_OK);
	assert_str("device", q.device_id, "00112233445566778899aabbccddeeff");
	buf_release(&text);
}

/* Cut anywhere, the base64 form is refused, unless the cut is between two parameters. */
static void a_cut_base64_form_is_refused(void **unused)
{
	const struct eas_query full = full_query();
	struct buf text = BUF_INIT(4096), bytes = BUF_INIT(4096);
	size_t whole = 0;

	(void)unused;
	eas_query_encode(&text, &full);
	assert_int_equal(base64_decode(&bytes, buf_view(&text)), ERR_OK);
	for (size_t n = 0; n < bytes.n; n++) {
		struct eas_query q;

		buf_clear(&text);
		base64_put(&text, str_from(bytes.p, n));
		whole += eas_query_parse(&arena, buf_view(&text), &q) == ERR_OK;
	}
	assert_int_equal(whole, 7); /* behind the fixed fields, and behind each parameter but the last */
	buf_release(&text);
	buf_release(&bytes);
}

static void what_is_neither_form_is_refused(void **unused)
{
	static const struct {
		const char *what, *query;
	} cases[] = {
		{ "nothing", "" },
		{ "no base64", "!!!!" },
		{ "parameters without a command", "User=ann&DeviceId=d" },
		{ "R38: a policy key of one byte", "jQAJBAFhAQABYg" },
		{ "options of two bytes", "jQAJBAFhAAFiBwIBAQ" },
		{ "padding in the middle", "jAAJ=BAp2" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_query q;

		if (eas_query_parse(&arena, str_of(cases[i].query), &q) != ERR_INVALID)
			fail_msg("%s", cases[i].what);
	}
}

static void the_length_of_a_query_is_bounded(void **unused)
{
	static char query[EAS_MAX_QUERY_BYTES + 2] = "Cmd=Sync&User=";
	struct eas_query q;

	(void)unused;
	memset(query + strlen(query), 'a', sizeof(query) - 1 - strlen(query));
	assert_int_equal(eas_query_parse(&arena, str_from(query, EAS_MAX_QUERY_BYTES), &q), ERR_OK);
	assert_int_equal(eas_query_parse(&arena, str_from(query, EAS_MAX_QUERY_BYTES + 1), &q), ERR_LIMIT);
}

/* MS-ASHTTP_R24, R26, R451. */
static void version_bytes_are_versions(void **unused)
{
	static const struct {
		uint8_t byte;
		enum err err;
		enum eas_version version;
	} cases[] = {
		{ 121, ERR_OK, EAS_12_1 },       { 140, ERR_OK, EAS_14_0 },     { 141, ERR_OK, EAS_14_1 },
		{ 160, ERR_OK, EAS_16_0 },       { 161, ERR_OK, EAS_16_1 },     { 120, ERR_NOT_FOUND, EAS_2_5 },
		{ 25, ERR_NOT_FOUND, EAS_2_5 },  { 0, ERR_NOT_FOUND, EAS_2_5 }, { 142, ERR_NOT_FOUND, EAS_2_5 },
		{ 255, ERR_NOT_FOUND, EAS_2_5 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		enum eas_version v = EAS_2_5;

		assert_int_equal(eas_query_version(cases[i].byte, &v), cases[i].err);
		assert_int_equal(v, cases[i].version);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(the_plain_form_names_its_parameters, reset),
		cmocka_unit_test_teardown(the_plain_form_carries_the_parameters_of_commands, reset),
		cmocka_unit_test_teardown(the_base64_example_of_the_document_is_read, reset),
		cmocka_unit_test_teardown(every_field_of_the_base64_form_is_read, reset),
		cmocka_unit_test_teardown(what_is_written_in_base64_is_read, reset),
		cmocka_unit_test_teardown(a_guid_as_device_id_becomes_hexadecimal, reset),
		cmocka_unit_test_teardown(a_cut_base64_form_is_refused, reset),
		cmocka_unit_test_teardown(what_is_neither_form_is_refused, reset),
		cmocka_unit_test_teardown(the_length_of_a_query_is_bounded, reset),
		cmocka_unit_test_teardown(version_bytes_are_versions, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
