/* Provision requests, byte for byte as MS-ASWBXML writes them (code pages 14 and 18). */
#include <gateway/activesync/provision_request.h>

#include <gateway/activesync/limits.h>
#include <gateway/activesync/policy.h>

#include <tests/support/hex.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* Tokens of page 0E: 45 Provision, 46 Policies, 47 Policy, 48 PolicyType, 49 PolicyKey, 4B Status. */
#define HEAD "03 01 6A 00 00 0E "
#define TYPE "48 03 'MS-EAS-Provisioning-WBXML' 00 01 "
/* Page 12: 56 DeviceInformation, 48 Set, 57 Model, 58 IMEI, 59 FriendlyName, 5A OS, 5B OSLanguage. */
#define INFO "00 12 56 48 57 03 'Pixel' 00 01 5A 03 'Android' 00 01 60 03 'Agent/1' 00 01 01 01 00 0E "

static struct arena arena = { .max = 1 << 20 };

static int reset(void **unused)
{
	(void)unused;
	arena_release(&arena);
	return 0;
}

static enum err parse(struct str doc, struct eas_provision *ret)
{
	struct wbxml_reader r;
	struct wbxml_scope root;

	wbxml_reader_init(&r, doc);
	TRY(wbxml_root(&r, TAG_PROVISION_PROVISION));
	root = wbxml_enter(&r);
	return eas_provision_parse(&r, &root, ret);
}

/* MS-ASPROV_R368 */
static void the_first_phase_is_read(void **unused)
{
	struct eas_provision p;

	(void)unused;
	assert_int_equal(parse(hex(&arena, HEAD "45 " INFO "46 47 " TYPE "01 01 01"), &p), ERR_OK);
	assert_true(p.has_info && p.has_policy && !p.acknowledges && !p.info_too_long);
	assert_true(str_eq(p.policy_type, EAS_POLICY_TYPE_WBXML));
	assert_true(str_eq(p.info.model, S("Pixel")));
	assert_true(str_eq(p.info.os, S("Android")));
	assert_true(str_eq(p.info.user_agent, S("Agent/1")));
	assert_null(p.info.imei.p);
}

/* MS-ASPROV_R311, MS-ASPROV_R386, MS-ASPROV_R387, MS-ASPROV_R389. */
static void the_second_phase_is_read(void **unused)
{
	static const struct {
		const char *what, *bytes;
		uint32_t key;
		unsigned status;
	} cases[] = {
		{ "applied", HEAD "45 46 47 " TYPE "49 03 '1307199584' 00 01 4B 03 '1' 00 01 01 01 01", 1307199584, 1 },
		{ "by a third party", HEAD "45 46 47 " TYPE "49 03 '4294967295' 00 01 4B 03 '4' 00 01 01 01 01",
		  UINT32_MAX, 4 },
		{ "the other order", HEAD "45 46 47 " TYPE "4B 03 '2' 00 01 49 03 '7' 00 01 01 01 01", 7, 2 },
		{ "a key that is no number", HEAD "45 46 47 " TYPE "49 03 'abc' 00 01 4B 03 '1' 00 01 01 01 01", 0, 1 },
		{ "a key of more than 32 bits",
		  HEAD "45 46 47 " TYPE "49 03 '4294967296' 00 01 4B 03 '1' 00 01 01 01 01", 0, 1 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_provision p;

		if (parse(hex(&arena, cases[i].bytes), &p) != ERR_OK || !p.acknowledges ||
		    p.policy_key != cases[i].key || p.status != cases[i].status)
			fail_msg("%s", cases[i].what);
	}
}

static void a_request_without_content_is_read(void **unused)
{
	struct eas_provision p;

	(void)unused;
	assert_int_equal(parse(hex(&arena, HEAD "05"), &p), ERR_OK); /* MS-ASPROV_R493 */
	assert_false(p.has_info || p.has_policy);
	assert_int_equal(parse(hex(&arena, HEAD "45 " INFO "01"), &p), ERR_OK);
	assert_true(p.has_info && !p.has_policy);
}

static void another_shape_is_refused(void **unused)
{
	static const struct {
		const char *what, *bytes;
	} cases[] = {
		{ "no policy type (MS-ASPROV_R604)", HEAD "45 46 07 01 01" },
		{ "no policy type in the second phase", HEAD "45 46 47 49 03 '1' 00 01 4B 03 '1' 00 01 01 01 01" },
		{ "a key without a status (R311)", HEAD "45 46 47 " TYPE "49 03 '1' 00 01 01 01 01" },
		{ "a status without a key (R311)", HEAD "45 46 47 " TYPE "4B 03 '1' 00 01 01 01 01" },
		{ "a status below its values (R385)",
		  HEAD "45 46 47 " TYPE "49 03 '1' 00 01 4B 03 '0' 00 01 01 01 01" },
		{ "a status above its values (R385)",
		  HEAD "45 46 47 " TYPE "49 03 '1' 00 01 4B 03 '5' 00 01 01 01 01" },
		{ "two policies", HEAD "45 46 47 " TYPE "01 47 " TYPE "01 01 01" },
		{ "two types", HEAD "45 46 47 " TYPE TYPE "01 01 01" },
		{ "the policy's data from the phone", HEAD "45 46 47 " TYPE "0A 01 01 01" },
		{ "two device informations", HEAD "45 " INFO INFO "01" },
		{ "device information without its Set", HEAD "45 00 12 16 00 0E 01" },
		{ "a policy outside its list", HEAD "45 47 " TYPE "01 01" },
		{ "bytes behind the document", HEAD "45 46 47 " TYPE "01 01 01 01" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_provision p;

		if (parse(hex(&arena, cases[i].bytes), &p) != ERR_INVALID)
			fail_msg("%s", cases[i].what);
	}
}

static void a_cut_document_is_refused_at_every_byte(void **unused)
{
	const struct str whole = hex(&arena, HEAD "45 " INFO "46 47 " TYPE "01 01 01");
	struct eas_provision p;

	(void)unused;
	for (size_t n = 0; n < whole.n; n++)
		assert_int_equal(parse(str_slice(whole, 0, n), &p), ERR_INVALID);
}

static enum err parse_model(struct str model, struct eas_provision *ret)
{
	struct buf doc = BUF_INIT(1 << 16);
	struct wbxml_writer w;
	enum err e;

	wbxml_writer_init(&w, &doc);
	wbxml_open(&w, TAG_PROVISION_PROVISION);
	wbxml_open(&w, TAG_SETTINGS_DEVICEINFORMATION);
	wbxml_open(&w, TAG_SETTINGS_SET);
	wbxml_put_text(&w, TAG_SETTINGS_MODEL, model);
	wbxml_put_text(&w, TAG_SETTINGS_ENABLEOUTBOUNDSMS, S("0"));
	wbxml_close(&w, TAG_SETTINGS_SET);
	wbxml_close(&w, TAG_SETTINGS_DEVICEINFORMATION);
	wbxml_close(&w, TAG_PROVISION_PROVISION);
	e = wbxml_writer_end(&w);
	if (!e)
		e = parse(buf_view(&doc), ret);
	buf_release(&doc);
	return e;
}

/* MS-ASCMD_R3441: characters, not bytes. */
static void a_value_of_device_information_is_bounded(void **unused)
{
	struct buf model = BUF_INIT(8192);
	struct eas_provision p;

	(void)unused;
	for (unsigned i = 0; i < EAS_MAX_DEVICE_INFORMATION_CHARS; i++)
		buf_cstr(&model, "\xc3\xa9");
	assert_int_equal(parse_model(buf_view(&model), &p), ERR_OK);
	assert_false(p.info_too_long);
	buf_char(&model, 'x');
	assert_int_equal(parse_model(buf_view(&model), &p), ERR_OK);
	assert_true(p.has_info && p.info_too_long);
	assert_null(p.info.model.p);
	buf_release(&model);
}

/* 4C RemoteWipe, 7B AccountOnlyRemoteWipe. MS-ASPROV_R641, MS-ASPROV_R64502. */
static void the_acknowledgement_of_a_wipe_is_read(void **unused)
{
	static const struct {
		const char *what, *bytes;
		enum err err;
		unsigned status;
		bool account;
	} cases[] = {
		{ "done", "45 4C 4B 03 '1' 00 01 01 01", ERR_OK, 1, false },
		{ "failed", "45 4C 4B 03 '2' 00 01 01 01", ERR_OK, 2, false },
		{ "the account, done", "45 7B 4B 03 '1' 00 01 01 01", ERR_OK, 1, true },
		{ "a status beyond a byte", "45 4C 4B 03 '256' 00 01 01 01", ERR_INVALID, 0, false },
		{ "the largest", "45 4C 4B 03 '255' 00 01 01 01", ERR_OK, 255, false },
		{ "status 0", "45 4C 4B 03 '0' 00 01 01 01", ERR_INVALID, 0, false },
		{ "no status", "45 0C 01", ERR_INVALID, 0, false },
		{ "two", "45 4C 4B 03 '1' 00 01 4B 03 '1' 00 01 01 01", ERR_INVALID, 0, false },
		{ "two wipes", "45 4C 4B 03 '1' 00 01 01 7B 4B 03 '1' 00 01 01 01", ERR_INVALID, 0, false },
		{ "something else in it", "45 4C 49 03 '1' 00 01 01 01", ERR_INVALID, 0, false },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT(1024);
		struct eas_provision p;
		enum err e;

		buf_fmt(&text, HEAD "%s%c", cases[i].bytes, '\0');
		e = parse(hex(&arena, text.p), &p);
		if (e != cases[i].err ||
		    (!e && (p.wipe_status != cases[i].status || p.wipes_account != cases[i].account)))
			fail_msg("%s: %s", cases[i].what, err_text(e));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(the_first_phase_is_read, reset),
		cmocka_unit_test_teardown(the_second_phase_is_read, reset),
		cmocka_unit_test_teardown(the_acknowledgement_of_a_wipe_is_read, reset),
		cmocka_unit_test_teardown(a_request_without_content_is_read, reset),
		cmocka_unit_test_teardown(another_shape_is_refused, reset),
		cmocka_unit_test_teardown(a_cut_document_is_refused_at_every_byte, reset),
		cmocka_unit_test(a_value_of_device_information_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
