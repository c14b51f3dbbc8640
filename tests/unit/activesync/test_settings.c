/* Settings over a real connection: what is written, what is told, and what the server does not have. */
#include "sync_fixture.h"

#include <gateway/activesync/limits.h>
#include <store/account.h>
#include <store/device.h>

/*
 * Page 12 (Settings): 45 Settings, 47 Get (07 empty), 48 Set, 49 Oof, 4A OofState, 54 DevicePassword, 55 Password,
 * 56 DeviceInformation, 57 Model, 59 FriendlyName, 5D UserInformation, 6B RightsManagementInformation.
 */
static struct eas_reply settings(struct fixture *f, const char *properties)
{
	return eas_phone_ask(&f->phone, "Settings", doc(f, HEAD "00 12 45 %s 01", properties));
}

static struct device device_of(struct fixture *f)
{
	struct store_tx *tx;
	struct device d;

	assert_ok(store_begin(f->server.store, STORE_DIRECTORY, STORE_READ, &tx));
	assert_ok(device_find(&f->arena, tx, f->ann.id, str_of(f->phone.device_id), &d));
	assert_ok(store_commit(&tx));
	return d;
}

/* MS-ASCMD 2.2.3.45 */
static void a_phone_tells_of_itself(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;
	struct device d;

	(void)unused;
	f.phone.version = "14.0";
	r = settings(&f, "56 48 57 03 'Fon 7' 00 01 59 03 'Ann' 00 01 01 01");
	assert_xml(r, "<Settings xmlns=\"Settings\"><Status>1</Status><DeviceInformation><Status>1</Status>"
		      "</DeviceInformation></Settings>");
	d = device_of(&f);
	assert_true(str_eq(d.info.model, S("Fon 7")));
	assert_true(str_eq(d.info.friendly_name, S("Ann")));
	/* A second time with less leaves the rest. */
	(void)settings(&f, "56 48 57 03 'Fon 8' 00 01 01 01");
	d = device_of(&f);
	assert_true(str_eq(d.info.model, S("Fon 8")));
	assert_true(str_eq(d.info.friendly_name, S("Ann")));
}

/* MS-ASCMD_R3441: 1024 characters, and one more. */
static void a_value_of_the_device_has_1024_characters_at_most(void **unused)
{
	FIXTURE(f);

	(void)unused;
	for (unsigned n = EAS_MAX_DEVICE_INFORMATION_CHARS; n <= EAS_MAX_DEVICE_INFORMATION_CHARS + 1; n++) {
		struct buf text = BUF_INIT(8192);
		struct eas_reply r;

		buf_cstr(&text, "56 48 57 03 '");
		for (unsigned i = 0; i < n; i++)
			buf_char(&text, 'm');
		buf_fmt(&text, "' 00 01 01 01%c", '\0');
		r = settings(&f, text.p);
		assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
		assert_true(str_eq(eas_reply_text(&r, "Status", 1),
				   n > EAS_MAX_DEVICE_INFORMATION_CHARS ? S("5") : S("1")));
		assert_int_equal(device_of(&f).info.model.n, EAS_MAX_DEVICE_INFORMATION_CHARS);
		buf_release(&text);
	}
}

/* MS-ASCMD_R6502, R6503, R6504, R6145, R6146, R6147, R729, R3681: all of the account's addresses, and no other's. */
static void a_user_is_told_of_the_addresses(void **unused)
{
	static const struct {
		const char *version, *xml;
	} cases[] = {
#define ADDRESSES "<SMTPAddress>ann@example.test</SMTPAddress><SMTPAddress>annie@example.test</SMTPAddress>"
#define OLD                                                                                                       \
	"<Settings "                                                                                              \
	"xmlns=\"Settings\"><Status>1</Status><UserInformation><Status>1</Status><Get><EmailAddresses>" ADDRESSES \
	"</EmailAddresses></Get></UserInformation></Settings>"
#define NEW                                                                                                 \
	"<Settings xmlns=\"Settings\"><Status>1</Status><UserInformation><Status>1</Status><Get><Accounts>" \
	"<Account><EmailAddresses>" ADDRESSES "<PrimarySmtpAddress>ann@example.test</PrimarySmtpAddress>"   \
	"</EmailAddresses></Account></Accounts></Get></UserInformation></Settings>"
		{ "12.1", OLD }, { "14.0", OLD }, { "14.1", NEW }, { "16.0", NEW }, { "16.1", NEW },
	};
	FIXTURE(f);
	struct store_tx *tx;

	(void)unused;
	(void)server_add_account(&f.server, "bob@example.test", "secret");
	assert_ok(store_begin(f.server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(account_address_add(tx, f.ann.id, S("annie@example.test")));
	assert_ok(store_commit(&tx));
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r;

		f.phone.version = cases[i].version;
		r = settings(&f, "5D 07 01");
		assert_xml(r, cases[i].xml);
	}
}

/* MS-ASCMD_R5913, MS-ASCMD_R4702: the longest name that an account has, in the versions that know of it. */
static void a_user_is_told_of_the_name(void **unused)
{
	char name[ACCOUNT_NAME_MAX];
	FIXTURE(f);
	struct store_tx *tx;

	(void)unused;
	memset(name, 'n', sizeof(name));
	assert_ok(store_begin(f.server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(account_set_name(tx, f.ann.id, str_from(name, sizeof(name))));
	assert_ok(store_commit(&tx));
	for (enum eas_version v = EAS_12_0; v < EAS_VERSION_MAX_; v++) {
		struct eas_reply r;

		f.phone.version = eas_version_text(v).p;
		r = settings(&f, "5D 07 01");
		assert_int_equal(eas_reply_count(&r, "UserDisplayName"), v >= EAS_14_1);
		if (v >= EAS_14_1)
			assert_true(str_eq(eas_reply_text(&r, "UserDisplayName", 0), str_from(name, sizeof(name))));
	}
}

/* What is not there is said by the property's own status; the others of the request are done. */
/* MS-ASCMD_R484 */
static void what_the_server_has_not_is_said_by_its_status(void **unused)
{
	static const struct {
		const char *what, *property, *xml;
	} cases[] = {
		{ "MS-ASCMD_R3505: Oof Get: it is off", "49 07 01",
		  "<Oof><Status>1</Status><Get><OofState>0</OofState><OofMessage><AppliesToInternal/><Enabled>0</"
		  "Enabled>"
		  "</OofMessage><OofMessage><AppliesToExternalKnown/><Enabled>0</Enabled></OofMessage><OofMessage>"
		  "<AppliesToExternalUnknown/><Enabled>0</Enabled></OofMessage></Get></Oof>" },
		{ "Oof Set: off", "49 48 4A 03 '0' 00 01 01 01", "<Oof><Status>1</Status></Oof>" },
		{ "Oof Set: on", "49 48 4A 03 '1' 00 01 01 01", "<Oof><Status>1</Status></Oof>" },
		/* MS-ASCMD_R4402, MS-ASCMD_R4395 */
		{ "DevicePassword Set", "54 48 55 03 '1234' 00 01 01 01",
		  "<DevicePassword><Status>7</Status></DevicePassword>" },
		/* R1742 wants Get; 168: rights management is off. */
		{ "RightsManagementInformation Get", "6B 07 01",
		  "<RightsManagementInformation><Status>168</Status><Get><rm:RightsManagementTemplates/>"
		  "</Get></RightsManagementInformation>" },
		{ "UserInformation Set", "5D 48 01 01", "<UserInformation><Status>2</Status></UserInformation>" },
	};
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r = settings(&f, commands(&f, "%s 56 48 57 03 'M' 00 01 01 01", cases[i].property));
		struct str wanted = str_of(cases[i].xml);

		if (str_find(r.xml, wanted) == r.xml.n ||
		    str_find(r.xml, S("<DeviceInformation><Status>1</Status></DeviceInformation>")) == r.xml.n)
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(r.xml));
	}
}

/* MS-ASCMD_R483 */
static void a_malformed_request_gets_its_status(void **unused)
{
	static const struct {
		const char *what, *version, *properties, *status;
	} cases[] = {
		{ "nothing", "16.1", "", "2" },
		{ "neither Get nor Set", "16.1", "5D 01", "2" },
		{ "both", "16.1", "5D 07 48 01 01", "2" },
		{ "the same twice", "16.1", "5D 07 01 5D 07 01", "2" },
		{ "a property of none", "16.1", "46 03 '1' 00 01", "2" },
		{ "an Oof state of none", "16.1", "49 48 4A 03 '3' 00 01 01 01", "2" },
		{ "DeviceInformation Get: it is never read", "16.1", "56 07 01", "2" },
		{ "a property of later versions", "14.0", "6B 07 01", "2" }, /* MS-ASCMD_R7280 */
		{ "a document cut short", "16.1", "5D 07", "102" },
	};
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r;

		f.phone.version = cases[i].version;
		r = settings(&f, cases[i].properties);
		if (eas_reply_count(&r, "Status") != 1 ||
		    !str_eq(eas_reply_text(&r, "Status", 0), str_of(cases[i].status)))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(r.xml));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_phone_tells_of_itself),
		cmocka_unit_test(a_value_of_the_device_has_1024_characters_at_most),
		cmocka_unit_test(a_user_is_told_of_the_addresses),
		cmocka_unit_test(a_user_is_told_of_the_name),
		cmocka_unit_test(what_the_server_has_not_is_said_by_its_status),
		cmocka_unit_test(a_malformed_request_gets_its_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
