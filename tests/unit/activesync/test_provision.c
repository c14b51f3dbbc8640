/* Provision over a real connection: two phases, keys, device information. */
#include "fixture.h"

#include <tests/support/hex.h>

#include <store/device.h>

/* Page 0E: 45 Provision, 46 Policies, 47 Policy, 48 PolicyType, 49 PolicyKey, 4B Status. */
#define HEAD "03 01 6A 00 00 0E 45 "
#define TYPE "48 03 'MS-EAS-Provisioning-WBXML' 00 01 "
#define POLICY "46 47 " TYPE "01 01 "
/* Page 12: 56 DeviceInformation, 48 Set, 57 Model, 59 FriendlyName. */
#define INFO "00 12 56 48 57 03 'Pixel 9' 00 01 59 03 'Ann' 00 01 01 01 00 0E "

static struct eas_reply provision(struct fixture *f, const char *bytes)
{
	return eas_phone_ask(&f->phone, "Provision", hex(&f->arena, bytes));
}

static struct eas_reply acknowledge(struct fixture *f, struct str key, const char *status)
{
	struct buf text = BUF_INIT(1024);
	struct eas_reply r;

	buf_fmt(&text, HEAD "46 47 " TYPE "49 03 '" STR_FMT "' 00 01 4B 03 '%s' 00 01 01 01 01%c", STR_ARG(key), status,
		'\0');
	r = provision(f, text.p);
	buf_release(&text);
	return r;
}

static bool text_is(const struct eas_reply *r, const char *element, unsigned n, const char *wanted)
{
	return str_eq(eas_reply_text(r, element, n), str_of(wanted));
}

static struct device device_row(struct fixture *f)
{
	struct store_tx *tx;
	struct device d;

	assert_ok(store_begin(f->server.store, STORE_DIRECTORY, STORE_READ, &tx));
	assert_ok(device_get(&f->arena, tx, fixture_device(f), &d));
	assert_ok(store_commit(&tx));
	return d;
}

/*
 * MS-ASPROV_R534, R650, R209, R601, R60010, R310, R605, R374, R375, R377, R378, R390, R393, R394, R417, R419, R678, R441,
 * R688, R466, R486, R661, R703.
 */
/* MS-ASCMD_R4990, MS-ASCMD_R4992, MS-ASCMD_R4996, MS-ASCMD_R5026, MS-ASCMD_R5028 */
static void a_phone_gets_the_policy_and_acknowledges_it(void **unused)
{
	FIXTURE(f);
	struct str temporary, permanent;
	struct eas_reply r;

	(void)unused;
	r = provision(&f, HEAD INFO POLICY "01");
	assert_int_equal(r.status, 200);
	assert_true(text_is(&r, "settings:Status", 0, "1"));
	assert_true(text_is(&r, "Status", 0, "1"));
	assert_true(text_is(&r, "Status", 1, "1"));
	assert_true(text_is(&r, "PolicyType", 0, "MS-EAS-Provisioning-WBXML"));
	assert_true(text_is(&r, "DevicePasswordEnabled", 0, "0"));
	temporary = eas_reply_text(&r, "PolicyKey", 0);
	r = acknowledge(&f, temporary, "1");
	assert_true(text_is(&r, "Status", 0, "1"));
	assert_true(text_is(&r, "Status", 1, "1"));
	assert_int_equal(eas_reply_count(&r, "Data"), 0);
	permanent = eas_reply_text(&r, "PolicyKey", 0);
	assert_false(str_eq(permanent, temporary));
}

/* MS-ASPROV_R488. */
static void what_the_phone_tells_of_itself_is_kept(void **unused)
{
	FIXTURE(f);
	struct device d;

	(void)unused;
	provision(&f, HEAD INFO POLICY "01");
	d = device_row(&f);
	assert_true(str_eq(d.info.model, S("Pixel 9")));
	assert_true(str_eq(d.info.friendly_name, S("Ann")));
	assert_true(str_eq(d.info.user_agent, S("roost-test/1")));
}

/* MS-ASPROV_R382, R507, R658, R692, R708. */
static void a_wrong_temporary_key_is_not_acknowledged(void **unused)
{
	FIXTURE(f);
	struct str temporary, newer;
	struct eas_reply r;

	(void)unused;
	r = acknowledge(&f, S("4711"), "1");
	assert_true(text_is(&r, "Status", 0, "1"));
	assert_true(text_is(&r, "Status", 1, "5"));
	assert_int_equal(eas_reply_count(&r, "PolicyKey"), 0);
	r = provision(&f, HEAD INFO POLICY "01");
	temporary = eas_reply_text(&r, "PolicyKey", 0);
	r = provision(&f, HEAD POLICY "01");
	newer = eas_reply_text(&r, "PolicyKey", 0);
	r = acknowledge(&f, temporary, "1");
	assert_true(text_is(&r, "Status", 1, "5"));
	r = acknowledge(&f, newer, "1");
	assert_true(text_is(&r, "Status", 1, "1"));
	r = acknowledge(&f, S("0"), "1");
	assert_true(text_is(&r, "Status", 1, "5"));
}

/* The response was lost: the phone says again what it said, and hears what it should have heard. */
static void a_repeated_acknowledgement_gives_the_same_key(void **unused)
{
	FIXTURE(f);
	struct eas_reply r = provision(&f, HEAD INFO POLICY "01");
	struct str temporary = eas_reply_text(&r, "PolicyKey", 0), permanent;

	(void)unused;
	r = acknowledge(&f, temporary, "1");
	permanent = eas_reply_text(&r, "PolicyKey", 0);
	r = acknowledge(&f, temporary, "1");
	assert_true(text_is(&r, "Status", 1, "1"));
	assert_true(str_eq(eas_reply_text(&r, "PolicyKey", 0), permanent));
}

/* MS-ASPROV_R387, MS-ASPROV_R388, MS-ASPROV_R389: this policy asks for nothing, so it cannot be applied too little. */
static void a_phone_that_applies_less_is_let_in(void **unused)
{
	static const char *const statuses[] = { "2", "3", "4" };
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(statuses); i++) {
		struct eas_reply r = provision(&f, HEAD INFO POLICY "01");

		r = acknowledge(&f, eas_reply_text(&r, "PolicyKey", 0), statuses[i]);
		assert_true(text_is(&r, "Status", 0, "1"));
		assert_true(text_is(&r, "Status", 1, "1"));
	}
}

/* MS-ASCMD_R4989 */
static void what_cannot_be_served_has_its_status(void **unused)
{
	static const struct {
		const char *what, *bytes, *answer;
	} cases[] = {
		{ "MS-ASPROV_R379, MS-ASPROV_R468, MS-ASPROV_R499, MS-ASPROV_R689, MS-ASPROV_R709: a type that this "
		  "version has no "
		  "policy of",
		  HEAD INFO "46 47 48 03 'MS-WAP-Provisioning-XML' 00 01 01 01 01",
		  "<Provision xmlns=\"Provision\" xmlns:settings=\"Settings\"><settings:DeviceInformation>"
		  "<settings:Status>1</settings:Status></settings:DeviceInformation><Status>1</"
		  "Status><Policies><Policy>"
		  "<PolicyType>MS-WAP-Provisioning-XML</PolicyType><Status>2</Status></Policy></Policies></"
		  "Provision>" },
		{ "MS-ASPROV_R380, MS-ASPROV_R502, MS-ASPROV_R471, MS-ASPROV_R690, MS-ASPROV_R705: an unknown type",
		  HEAD "46 47 48 03 'MS-EAS-Provisioning-XML' 00 01 01 01 01",
		  "<Provision xmlns=\"Provision\"><Status>1</Status><Policies><Policy>"
		  "<PolicyType>MS-EAS-Provisioning-XML</PolicyType><Status>3</Status></Policy></Policies></"
		  "Provision>" },
		{ "MS-ASPROV_R497, MS-ASPROV_R395, MS-ASPROV_R450, MS-ASPROV_R679, MS-ASPROV_R704: no type",
		  HEAD "46 07 01 01", "<Provision xmlns=\"Provision\"><Status>2</Status></Provision>" },
		{ "MS-ASPROV_R493, R654: nothing asked, nothing to wipe", "03 01 6A 00 00 0E 05",
		  "<Provision xmlns=\"Provision\"><Status>1</Status></Provision>" },
		{ "device information alone", HEAD INFO "01",
		  "<Provision xmlns=\"Provision\" xmlns:settings=\"Settings\"><settings:DeviceInformation>"
		  "<settings:Status>1</settings:Status></settings:DeviceInformation><Status>1</Status></Provision>" },
	};
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r = provision(&f, cases[i].bytes);

		print_message("%s\n", cases[i].what);
		assert_xml(r, cases[i].answer);
	}
}

/* MS-ASCMD_R4953, MS-ASCMD_R4954; MS-ASPROV_R368, R608. */
static void device_information_is_required_from_14_1_on(void **unused)
{
	static const struct {
		const char *version, *status;
	} cases[] = { { "12.1", "1" }, { "14.0", "1" }, { "14.1", "165" }, { "16.0", "165" }, { "16.1", "165" } };
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		f.phone.version = cases[i].version;
		r = provision(&f, HEAD POLICY "01");
		if (!text_is(&r, "Status", 0, cases[i].status))
			fail_msg("%s: " STR_FMT, cases[i].version, STR_ARG(r.xml));
	}
	provision(&f, HEAD INFO POLICY "01");
	r = provision(&f, HEAD POLICY "01"); /* it was told once */
	assert_true(text_is(&r, "Status", 0, "1"));
}

static void before_14_1_device_information_is_not_answered(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	f.phone.version = "14.0";
	r = provision(&f, HEAD INFO POLICY "01");
	assert_true(text_is(&r, "Status", 0, "1"));
	assert_int_equal(eas_reply_count(&r, "settings:Status"), 0);
}

/* No policy has requirements yet: a phone that never provisions is served. */
static void nothing_is_refused_for_want_of_a_policy(void **unused)
{
	static const char *const keys[] = { NULL, "0", "4711", "not a number" };
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(keys); i++) {
		struct eas_reply r;

		f.phone.policy_key = keys[i];
		r = fixture_foldersync(&f, "0");
		assert_true(text_is(&r, "Status", 0, "1"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_phone_gets_the_policy_and_acknowledges_it),
		cmocka_unit_test(what_the_phone_tells_of_itself_is_kept),
		cmocka_unit_test(a_wrong_temporary_key_is_not_acknowledged),
		cmocka_unit_test(a_repeated_acknowledgement_gives_the_same_key),
		cmocka_unit_test(a_phone_that_applies_less_is_let_in),
		cmocka_unit_test(what_cannot_be_served_has_its_status),
		cmocka_unit_test(device_information_is_required_from_14_1_on),
		cmocka_unit_test(before_14_1_device_information_is_not_answered),
		cmocka_unit_test(nothing_is_refused_for_want_of_a_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
