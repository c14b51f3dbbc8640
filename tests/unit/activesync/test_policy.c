/* The document of policies: each setting, in each version, with the values at its bounds; and what the server keeps to. */
#include <gateway/activesync/policy.h>

#include <gateway/activesync/sync_options.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

/*
 * MS-ASPROV 2.2.2.2 to 2.2.2.55, element by element, in the order of the schema: the type and values that the document
 * gives, the default, and the first version that knows it. Written from the document, not from the table under test.
 * "-": a value that no policy may have.
 */
static const struct {
	const char *name;
	unsigned from; /* 120 or 121 */
	const char *initial;
	const char *good[5], *bad[4];
} elements[] = {
	/* MS-ASPROV_R211, MS-ASPROV_R212 */
	{ "DevicePasswordEnabled", 120, "0", { "0", "1" }, { "2", "", "-1", "true" } },
	/* MS-ASPROV_R182, MS-ASPROV_R183 */
	{ "AlphanumericDevicePasswordRequired", 120, "0", { "0", "1" }, { "2", "" } },
	/* MS-ASPROV_R291, MS-ASPROV_R292 */
	{ "PasswordRecoveryEnabled", 120, "0", { "0", "1" }, { "2", "" } },
	/* MS-ASPROV_R359, MS-ASPROV_R360 */
	{ "RequireStorageCardEncryption", 121, "0", { "0", "1" }, { "2", "" } },
	/* MS-ASPROV_R203, MS-ASPROV_R205, MS-ASPROV_R206, MS-ASPROV_R207, MS-ASPROV_R204 */
	{ "AttachmentsEnabled", 120, "1", { "0", "1" }, { "2", "" } },
	/* MS-ASPROV_R286, MS-ASPROV_R288, MS-ASPROV_R673, MS-ASPROV_R676, MS-ASPROV_R287 */
	{ "MinDevicePasswordLength", 120, "", { "1", "16", "" }, { "0", "17", "08" } },
	/* MS-ASPROV_R276, MS-ASPROV_R674, MS-ASPROV_R677, MS-ASPROV_R277 */
	{ "MaxInactivityTimeDeviceLock", 120, "", { "0", "9999", "4294967295", "" }, { "-1", "4294967296" } },
	/* MS-ASPROV_R251, MS-ASPROV_R253, MS-ASPROV_R252 */
	{ "MaxDevicePasswordFailedAttempts", 120, "", { "4", "16", "" }, { "3", "17" } },
	/* MS-ASPROV_R240, MS-ASPROV_R241, MS-ASPROV_R242 */
	{ "MaxAttachmentSize", 120, "", { "0", "4294967295", "" }, { "-1", "4294967296", "1M" } },
	/* MS-ASPROV_R135, MS-ASPROV_R137 */
	{ "AllowSimpleDevicePassword", 120, "1", { "0", "1" }, { "2", "" } },
	/* MS-ASPROV_R216, MS-ASPROV_R219, MS-ASPROV_R218 */
	{ "DevicePasswordExpiration", 120, "0", { "0", "730", "" }, { "-1", "x" } },
	/* MS-ASPROV_R224, MS-ASPROV_R226, MS-ASPROV_R225 */
	{ "DevicePasswordHistory", 120, "0", { "0", "50" }, { "-1", "" } },
	/* MS-ASPROV_R154, MS-ASPROV_R155 */
	{ "AllowStorageCard", 121, "1", { "0", "1" }, { "2", "" } },
	/* MS-ASPROV_R85, MS-ASPROV_R86 */
	{ "AllowCamera", 121, "1", { "0", "1" }, { "2", "" } },
	/* MS-ASPROV_R326, MS-ASPROV_R327 */
	{ "RequireDeviceEncryption", 121, "0", { "0", "1" }, { "2", "" } },
	/* MS-ASPROV_R166, MS-ASPROV_R167 */
	{ "AllowUnsignedApplications", 121, "1", { "0", "1" }, { "2", "" } },
	/* MS-ASPROV_R171, MS-ASPROV_R172 */
	{ "AllowUnsignedInstallationPackages", 121, "1", { "0", "1" }, { "2", "" } },
	/* MS-ASPROV_R280, MS-ASPROV_R282, MS-ASPROV_R281 */
	{ "MinDevicePasswordComplexCharacters", 121, "1", { "1", "4" }, { "0", "5", "" } },
	/* MS-ASPROV_R176, MS-ASPROV_R177 */
	{ "AllowWiFi", 121, "1", { "0", "1" }, { "2", "" } },
	/* MS-ASPROV_R160, MS-ASPROV_R161 */
	{ "AllowTextMessaging", 121, "1", { "0", "1" }, { "2", "" } },
	/* MS-ASPROV_R123, MS-ASPROV_R124 */
	{ "AllowPOPIMAPEmail", 121, "1", { "0", "1" }, { "2", "" } },
	/* MS-ASPROV_R70, MS-ASPROV_R72, MS-ASPROV_R71 */
	{ "AllowBluetooth", 121, "2", { "0", "1", "2" }, { "3", "" } },
	/* MS-ASPROV_R116, MS-ASPROV_R117 */
	{ "AllowIrDA", 121, "1", { "0", "1" }, { "2", "" } },
	/* MS-ASPROV_R344, MS-ASPROV_R345 */
	{ "RequireManualSyncWhenRoaming", 121, "0", { "0", "1" }, { "2", "" } },
	/* MS-ASPROV_R97, MS-ASPROV_R98 */
	{ "AllowDesktopSync", 121, "1", { "0", "1" }, { "2", "" } },
	/* MS-ASPROV_R243, MS-ASPROV_R245, MS-ASPROV_R246, MS-ASPROV_R247, MS-ASPROV_R248, MS-ASPROV_R249, MS-ASPROV_R250, MS-ASPROV_R244 */
	{ "MaxCalendarAgeFilter", 121, "0", { "0", "4", "5", "6", "7" }, { "1", "3", "8", "" } },
	/* MS-ASPROV_R104, MS-ASPROV_R105 */
	{ "AllowHTMLEmail", 121, "1", { "0", "1" }, { "2", "" } },
	/* MS-ASPROV_R255, MS-ASPROV_R257, MS-ASPROV_R256 */
	{ "MaxEmailAgeFilter", 121, "0", { "0", "1", "5" }, { "6", "-1", "" } },
	/* MS-ASPROV_R266, MS-ASPROV_R265 */
	{ "MaxEmailBodyTruncationSize", 121, "-1", { "-1", "0", "2147483647" }, { "-2", "" } },
	/* MS-ASPROV_R272, MS-ASPROV_R271 */
	{ "MaxEmailHTMLBodyTruncationSize", 121, "-1", { "-1", "0", "51200" }, { "-2", "" } },
	/* MS-ASPROV_R354, MS-ASPROV_R356, MS-ASPROV_R355 */
	{ "RequireSignedSMIMEMessages", 121, "0", { "0", "1" }, { "2", "" } },
	/* MS-ASPROV_R331, MS-ASPROV_R333, MS-ASPROV_R332 */
	{ "RequireEncryptedSMIMEMessages", 121, "0", { "0", "1" }, { "2", "" } },
	/* MS-ASPROV_R349, MS-ASPROV_R351, MS-ASPROV_R352, MS-ASPROV_R353, MS-ASPROV_R350 */
	{ "RequireSignedSMIMEAlgorithm", 121, "0", { "0", "1" }, { "2", "" } },
	/* MS-ASPROV_R336, MS-ASPROV_R338, MS-ASPROV_R339, MS-ASPROV_R340, MS-ASPROV_R341, MS-ASPROV_R342, MS-ASPROV_R343, MS-ASPROV_R337 */
	{ "RequireEncryptionSMIMEAlgorithm", 121, "0", { "0", "1", "2", "3", "4" }, { "5", "" } },
	/* MS-ASPROV_R145, MS-ASPROV_R143, MS-ASPROV_R144 */
	{ "AllowSMIMEEncryptionAlgorithmNegotiation", 121, "2", { "0", "1", "2" }, { "3", "" } },
	/* MS-ASPROV_R149, MS-ASPROV_R150 */
	{ "AllowSMIMESoftCerts", 121, "1", { "0", "1" }, { "2", "" } },
	/* MS-ASPROV_R80, MS-ASPROV_R81 */
	{ "AllowBrowser", 121, "1", { "0", "1" }, { "2", "" } },
	/* MS-ASPROV_R92, MS-ASPROV_R93 */
	{ "AllowConsumerEmail", 121, "1", { "0", "1" }, { "2", "" } },
	/* MS-ASPROV_R128, MS-ASPROV_R129 */
	{ "AllowRemoteDesktop", 121, "1", { "0", "1" }, { "2", "" } },
	/* MS-ASPROV_R109, MS-ASPROV_R110 */
	{ "AllowInternetSharing", 121, "1", { "0", "1" }, { "2", "" } },
};

/* MS-ASPROV_R404, MS-ASPROV_R409, MS-ASPROV_R189; MS-ASPROV_R194, MS-ASPROV_R202, MS-ASPROV_R236. */
static const struct {
	const char *name, *value;
	enum wbxml_tag member;
	const char *members[2], *bad[3];
} lists[] = {
	{ "UnapprovedInROMApplicationList",
	  "calc.exe, game.exe",
	  TAG_PROVISION_APPLICATIONNAME,
	  { "calc.exe", "game.exe" },
	  { ",", "a,,b", "a\tb" } },
	{ "ApprovedApplicationList",
	  "2jmj7l5rSw0yVb/vlWAYkK/YBwk=,/////////////////////////////w==",
	  TAG_PROVISION_HASH,
	  { "2jmj7l5rSw0yVb/vlWAYkK/YBwk=", NULL },
	  { "x", "AAAA", "da39a3ee5e6b4b0d3255bfef95601890afd80709" } },
};

enum { DOCUMENT_MAX = 32 * 1024, TEXTS_MAX = 64 };

struct document {
	struct buf bytes;
	uint16_t tag[TEXTS_MAX];
	struct str value[TEXTS_MAX];
	size_t n;
};

static void document_release(struct document *d)
{
	buf_release(&d->bytes);
}

static void read_children(struct wbxml_reader *r, struct document *d)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		uint16_t tag = r->tag;

		assert_true(d->n < TEXTS_MAX);
		if (tag == TAG_PROVISION_UNAPPROVEDINROMAPPLICATIONLIST ||
		    tag == TAG_PROVISION_APPROVEDAPPLICATIONLIST) {
			d->tag[d->n++] = tag;
			read_children(r, d);
			continue;
		}
		d->tag[d->n] = tag;
		e = wbxml_text(r, &d->value[d->n++]);
	}
	assert_int_equal(e, ERR_OK);
}

static void write_and_read(const struct policy *p, enum eas_version v, struct document *d)
{
	struct wbxml_scope data;
	struct wbxml_reader r;
	struct wbxml_writer w;
	enum err e = ERR_OK;

	*d = (struct document){ .bytes = BUF_INIT(DOCUMENT_MAX) };
	wbxml_writer_init(&w, &d->bytes);
	eas_policy_write(&w, p, v);
	assert_int_equal(wbxml_writer_end(&w), ERR_OK);
	wbxml_reader_init(&r, buf_view(&d->bytes));
	assert_int_equal(wbxml_root(&r, TAG_PROVISION_DATA), ERR_OK);
	data = wbxml_enter(&r);
	assert_true(wbxml_child(&r, &data, &e)); /* MS-ASPROV_R210, MS-ASPROV_R232, MS-ASPROV_R233, MS-ASPROV_R234 */
	assert_int_equal(r.tag, TAG_PROVISION_EASPROVISIONDOC);
	read_children(&r, d);
	assert_false(wbxml_child(&r, &data, &e));
	assert_int_equal(wbxml_done(&r), ERR_OK);
}

static unsigned number_of(enum eas_version v)
{
	return eas_version_number(v);
}

/*
 * MS-ASPROV_R235: these and no others, each where its version begins, each with its default, in the schema's order; each
 * an inline string without children (MS-ASPROV_R7, MS-ASPROV_R87, MS-ASPROV_R208, MS-ASPROV_R369).
 */
static void each_version_gets_its_settings_in_their_order(void **unused)
{
	struct policy p = policy_none();

	(void)unused;
	for (enum eas_version v = EAS_12_0; v < EAS_VERSION_MAX_; v++) {
		CLEANUP(document_release) struct document d;
		size_t at = 0;

		write_and_read(&p, v, &d);
		for (size_t i = 0; i < countof(elements); i++) {
			if (elements[i].from > number_of(v))
				continue;
			assert_true(at < d.n);
			assert_true(str_eq(wbxml_tag_name(d.tag[at]), str_of(elements[i].name)));
			if (!str_eq(d.value[at], str_of(elements[i].initial)))
				fail_msg("%s: " STR_FMT, elements[i].name, STR_ARG(d.value[at]));
			at++;
		}
		assert_int_equal(at, d.n);
		assert_int_equal(d.n, v == EAS_12_0 ? 11 : countof(elements));
	}
}

static bool said(const struct document *d, const char *name, const char *value)
{
	for (size_t i = 0; i < d->n; i++)
		if (str_eq(wbxml_tag_name(d->tag[i]), str_of(name)))
			return str_eq(d->value[i], str_of(value));
	return false;
}

static bool is_valid(const char *name, const char *value)
{
	CLEANUP(buf_release) struct buf why = BUF_INIT(4096);
	enum policy_setting which;
	enum err e;

	assert_int_equal(policy_setting_find(str_of(name), &which), ERR_OK);
	e = policy_value_check(which, str_of(value), &why);
	assert_true(e == ERR_OK || str_starts(buf_view(&why), S("expected ")));
	return e == ERR_OK;
}

/* Every value at the bounds of its range arrives as it is in every version that has the element, and none past them. */
static void each_value_goes_out_as_it_was_set(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < countof(elements); i++) {
		enum policy_setting which;

		assert_int_equal(policy_setting_find(str_of(elements[i].name), &which), ERR_OK);
		for (size_t k = 0; k < countof(elements[i].good) && elements[i].good[k]; k++) {
			struct policy p = policy_none();

			if (!is_valid(elements[i].name, elements[i].good[k]))
				fail_msg("%s: \"%s\" is refused", elements[i].name, elements[i].good[k]);
			p.value[which] = str_of(elements[i].good[k]);
			for (enum eas_version v = EAS_12_0; v < EAS_VERSION_MAX_; v++) {
				CLEANUP(document_release) struct document d;

				write_and_read(&p, v, &d);
				if (said(&d, elements[i].name, elements[i].good[k]) !=
				    (elements[i].from <= number_of(v)))
					fail_msg("%s %s in %u", elements[i].name, elements[i].good[k], number_of(v));
			}
		}
		for (size_t k = 0; k < countof(elements[i].bad) && elements[i].bad[k]; k++)
			if (is_valid(elements[i].name, elements[i].bad[k]))
				fail_msg("%s: \"%s\" is taken", elements[i].name, elements[i].bad[k]);
	}
}

/* MS-ASPROV_R199, MS-ASPROV_R408: one list at most; MS-ASPROV_R195, MS-ASPROV_R405: of the document. */
static void lists_have_an_element_for_each_member(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < countof(lists); i++) {
		CLEANUP(document_release) struct document d;
		struct policy p = policy_none();
		enum policy_setting which;
		size_t members = 0;

		assert_int_equal(policy_setting_find(str_of(lists[i].name), &which), ERR_OK);
		for (size_t k = 0; k < countof(lists[i].bad); k++)
			assert_false(is_valid(lists[i].name, lists[i].bad[k]));
		if (lists[i].member == TAG_PROVISION_APPLICATIONNAME)
			assert_true(is_valid(lists[i].name, lists[i].value));
		p.value[which] = str_of(lists[i].value);
		write_and_read(&p, EAS_16_1, &d);
		for (size_t k = 0; k < d.n; k++) {
			if (d.tag[k] != lists[i].member)
				continue;
			if (members < countof(lists[i].members) && lists[i].members[members])
				assert_true(str_eq(d.value[k], str_of(lists[i].members[members])));
			members++;
		}
		assert_int_equal(members, 2);
		assert_int_equal(d.n, countof(elements) + 1 + members);
	}
	assert_true(is_valid("ApprovedApplicationList", "2jmj7l5rSw0yVb/vlWAYkK/YBwk="));
}

/* The store's table and the code pages tell the same first version of each element. */
static void the_table_of_settings_agrees_with_the_code_pages(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < POLICY_SETTINGS_MAX_; i++) {
		const struct policy_setting_def *d = &policy_settings[i];
		enum wbxml_tag tag;

		if (d->from == 0) {
			assert_int_equal(wbxml_tag_find(S("Provision"), str_of(d->name), &tag), ERR_NOT_FOUND);
			continue;
		}
		assert_int_equal(wbxml_tag_find(S("Provision"), str_of(d->name), &tag), ERR_OK);
		for (enum eas_version v = EAS_2_5; v < EAS_VERSION_MAX_; v++)
			assert_true(wbxml_tag_in(tag, v) == (number_of(v) >= d->from));
	}
}

/* MS-WAP-Provisioning-XML: MS-ASPROV_R965. */
static void version_2_5_gets_a_wap_document(void **unused)
{
	CLEANUP(buf_release) struct buf bytes = BUF_INIT(DOCUMENT_MAX);
	struct policy p = policy_none();
	struct wbxml_reader r;
	struct wbxml_writer w;
	struct str text;

	(void)unused;
	p.value[POLICY_PASSWORD_ENABLED] = p.value[POLICY_ALPHANUMERIC] = S("1");
	p.value[POLICY_MIN_PASSWORD] = S("6");
	p.value[POLICY_INACTIVITY] = S("90");
	p.value[POLICY_FAILED_ATTEMPTS] = S("8");
	for (int strict = 0; strict < 2; strict++) {
		const struct policy none = policy_none();

		buf_clear(&bytes);
		wbxml_writer_init(&w, &bytes);
		eas_policy_write(&w, strict ? &p : &none, EAS_2_5);
		assert_int_equal(wbxml_writer_end(&w), ERR_OK);
		wbxml_reader_init(&r, buf_view(&bytes));
		assert_int_equal(wbxml_root(&r, TAG_PROVISION_DATA), ERR_OK);
		assert_int_equal(wbxml_text(&r, &text), ERR_OK);
		assert_true(str_starts(text, S("<wap-provisioningdoc>")));
		if (!strict) {
			assert_true(str_find(text, S("name=\"4131\" value=\"1\"")) < text.n);
			assert_true(str_find(text, S("LASSD")) == text.n);
			continue;
		}
		assert_true(str_find(text, S("name=\"4131\" value=\"0\"")) < text.n);
		assert_true(str_find(text, S("name=\"AEFrequencyValue\" value=\"2\"")) < text.n);
		assert_true(str_find(text, S("name=\"DeviceWipeThreshold\" value=\"8\"")) < text.n);
		assert_true(str_find(text, S("name=\"MinimumPasswordLength\" value=\"6\"")) < text.n);
		assert_true(str_find(text, S("name=\"PasswordComplexity\" value=\"0\"")) < text.n);
	}
	assert_true(str_eq(eas_policy_type(EAS_2_5), S("MS-WAP-Provisioning-XML")));
	for (enum eas_version v = EAS_12_0; v < EAS_VERSION_MAX_; v++) /* MS-ASPROV_R966, R971 */
		assert_true(str_eq(eas_policy_type(v), S("MS-EAS-Provisioning-WBXML")));
}

static struct device device_with(const struct policy *p, unsigned protocol, int64_t at_ms)
{
	return (struct device){ .policy = { .protocol = protocol, .document = policy_document(p, protocol) },
				.policy_acknowledged_ms = at_ms };
}

/* A phone is asked again for what its version is told of, and for nothing else. */
static void what_a_version_does_not_know_makes_no_phone_provision_again(void **unused)
{
	static const struct {
		const char *what;
		enum policy_setting set;
		const char *value;
		unsigned had;
		enum eas_version now;
		bool outdated;
	} cases[] = {
		{ "nothing has changed", POLICY_CAMERA, "1", 161, EAS_16_1, false },
		{ "a setting of all versions", POLICY_MIN_PASSWORD, "6", 120, EAS_12_0, true },
		{ "a setting that 12.0 does not know", POLICY_CAMERA, "0", 120, EAS_12_0, false },
		{ "and does, once it speaks 12.1", POLICY_CAMERA, "0", 120, EAS_12_1, true },
		{ "a phone that speaks 12.0 again has the larger document", POLICY_CAMERA, "1", 121, EAS_12_0, false },
		{ "all from 12.1 on are told the same", POLICY_CAMERA, "1", 121, EAS_16_1, false },
		{ "and back", POLICY_CAMERA, "1", 161, EAS_12_1, false },
		{ "the server's own affair", POLICY_NON_PROVISIONABLE, "0", 161, EAS_16_1, false },
		{ "2.5 is told of few", POLICY_CAMERA, "0", 25, EAS_2_5, false },
		{ "of these", POLICY_PASSWORD_ENABLED, "1", 25, EAS_2_5, true },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct policy p = policy_none();
		struct device d = device_with(&p, cases[i].had, 1);

		p.value[cases[i].set] = str_of(cases[i].value);
		if (eas_policy_outdated(&p, &d, cases[i].now, 2) != cases[i].outdated)
			fail_msg("%s", cases[i].what);
		/* What it is given then, it is not asked for again. */
		d = device_with(&p, number_of(cases[i].now), 1);
		assert_false(eas_policy_outdated(&p, &d, cases[i].now, 2));
	}
}

/* MS-ASCMD_R4909. */
static void a_policy_grows_old_by_its_refresh_interval(void **unused)
{
	enum { HOUR = 3600 * 1000 };
	struct policy p = policy_none();
	struct device d = device_with(&p, 161, HOUR);

	(void)unused;
	p.value[POLICY_REFRESH] = S("2");
	assert_false(eas_policy_outdated(&p, &d, EAS_16_1, 3 * HOUR - 1));
	assert_true(eas_policy_outdated(&p, &d, EAS_16_1, 3 * HOUR));
	p.value[POLICY_REFRESH] = S("");
	assert_false(eas_policy_outdated(&p, &d, EAS_16_1, INT64_C(1000000) * HOUR));
}

/* MS-ASPROV_R258, MS-ASPROV_R259, MS-ASPROV_R260, MS-ASPROV_R261, MS-ASPROV_R262, MS-ASPROV_R263; the calendar's MS-ASPROV_R246, MS-ASPROV_R247, MS-ASPROV_R248, MS-ASPROV_R249, MS-ASPROV_R250. */
static void filters_are_no_wider_than_the_policy(void **unused)
{
	static const struct {
		enum folder_class class;
		uint8_t mail, calendar, asked, given;
	} cases[] = {
		{ FOLDER_MAIL, 0, 0, 0, 0 },     { FOLDER_MAIL, 0, 0, 5, 5 },     { FOLDER_MAIL, 3, 0, 0, 3 },
		{ FOLDER_MAIL, 3, 0, 2, 2 },     { FOLDER_MAIL, 3, 0, 3, 3 },     { FOLDER_MAIL, 3, 0, 4, 3 },
		{ FOLDER_MAIL, 3, 0, 6, 6 },     { FOLDER_CALENDAR, 3, 5, 0, 5 }, { FOLDER_CALENDAR, 3, 5, 4, 4 },
		{ FOLDER_CALENDAR, 3, 5, 7, 5 }, { FOLDER_MAIL, 1, 0, 0, 1 },     { FOLDER_MAIL, 2, 0, 0, 2 },
		{ FOLDER_MAIL, 4, 0, 5, 4 },     { FOLDER_MAIL, 5, 0, 0, 5 },     { FOLDER_CALENDAR, 3, 0, 7, 7 },
		{ FOLDER_CALENDAR, 0, 4, 0, 4 }, { FOLDER_CALENDAR, 0, 6, 0, 6 }, { FOLDER_CALENDAR, 0, 7, 0, 7 },
		{ FOLDER_TASKS, 3, 5, 8, 8 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		const struct eas_policy_limits l = { .mail_filter = cases[i].mail,
						     .calendar_filter = cases[i].calendar };

		assert_int_equal(eas_policy_filter(&l, cases[i].class, cases[i].asked), cases[i].given);
	}
}

static struct eas_policy_limits limits_with(enum policy_setting which, const char *value)
{
	struct policy p = policy_none();

	p.value[which] = str_of(value);
	return eas_policy_limits_of(&p);
}

static void bodies_are_no_more_than_the_policy_lets_through(void **unused)
{
	const struct body_preference whole = { .asked = true, .truncation = BODY_NO_TRUNCATION };
	struct eas_options asked = eas_options_default, o;
	struct eas_policy_limits l = limits_with(POLICY_CAMERA, "0");

	(void)unused;
	asked.body[BODY_HTML] = asked.body[BODY_MIME] = whole;
	asked.mime_support = 2;
	o = eas_policy_options(&l, FOLDER_MAIL, &asked);
	assert_memory_equal(&o, &asked, sizeof(o));

	l = limits_with(POLICY_HTML, "0");
	o = eas_policy_options(&l, FOLDER_MAIL, &asked);
	assert_true(o.body[BODY_PLAIN].asked && !o.body[BODY_HTML].asked);
	assert_int_equal(o.mime_support, 1);

	l = limits_with(POLICY_HTML_SIZE, "100");
	o = eas_policy_options(&l, FOLDER_MAIL, &asked);
	assert_int_equal(o.body[BODY_HTML].truncation, 100);
	assert_int_equal(o.body[BODY_MIME].truncation, 100);
	assert_false(o.body[BODY_PLAIN].asked);

	l = limits_with(POLICY_BODY_SIZE, "0"); /* MS-ASPROV_R268: only the header */
	o = eas_policy_options(&l, FOLDER_MAIL, &eas_options_default);
	assert_true(o.body[BODY_PLAIN].asked && o.body[BODY_PLAIN].truncation == 0);
	assert_true(o.body[BODY_HTML].asked && o.body[BODY_HTML].truncation == BODY_NO_TRUNCATION);

	l = limits_with(POLICY_ATTACHMENTS, "0");
	o = eas_policy_options(&l, FOLDER_MAIL, &asked);
	assert_false(o.body[BODY_MIME].asked);
	assert_true(o.body[BODY_HTML].asked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_version_gets_its_settings_in_their_order),
		cmocka_unit_test(each_value_goes_out_as_it_was_set),
		cmocka_unit_test(lists_have_an_element_for_each_member),
		cmocka_unit_test(the_table_of_settings_agrees_with_the_code_pages),
		cmocka_unit_test(version_2_5_gets_a_wap_document),
		cmocka_unit_test(what_a_version_does_not_know_makes_no_phone_provision_again),
		cmocka_unit_test(a_policy_grows_old_by_its_refresh_interval),
		cmocka_unit_test(filters_are_no_wider_than_the_policy),
		cmocka_unit_test(bodies_are_no_more_than_the_policy_lets_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
