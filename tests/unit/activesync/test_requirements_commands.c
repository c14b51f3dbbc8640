/* Single sentences of MS-ASCMD and MS-ASHTTP about answers that no other test is about. */
#include "sync_fixture.h"

static bool has(const struct eas_reply *r, const char *part)
{
	return str_find(r->xml, str_of(part)) < r->xml.n;
}

/* MS-ASCMD_R3459, MS-ASCMD_R3456, MS-ASCMD_R4765, MS-ASCMD_R5015: a window of 100 where none is named. */
static void without_a_window_a_hundred_come(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;

	(void)unused;
	deliver_n(&f, 101);
	r = sync_with(&f, inbox, first_key(&f, inbox), "");
	assert_int_equal(eas_reply_count(&r, "Add"), 100);
	assert_true(has_more(&r));
	r = sync_with(&f, inbox, key_of(&f, &r), "");
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	assert_false(has_more(&r));
}

/* Page 12: 56 DeviceInformation, 48 Set; any text is taken. */
/* MS-ASCMD_R3944: each alone. */
static void what_a_phone_says_of_itself_is_not_judged(void **unused)
{
	static const struct {
		const char *what, *element;
	} cases[] = {
		{ "MS-ASCMD_R3607: OS", "5A 03 'no such system' 00 01" },
		{ "MS-ASCMD_R3613: OSLanguage", "5B 03 'klingon' 00 01" },
		{ "MS-ASCMD_R3666: PhoneNumber", "5C 03 'none' 00 01" },
		{ "MS-ASCMD_R4700: UserAgent", "60 03 '~~~' 00 01" },
	};
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r = eas_phone_ask(&f.phone, "Settings",
						   doc(&f, HEAD "00 12 45 56 48 %s 01 01 01", cases[i].element));

		if (!has(&r, "<DeviceInformation><Status>1</Status></DeviceInformation>"))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(r.xml));
	}
}

/* MS-ASCMD_R478, MS-ASCMD_R480, MS-ASCMD_R481, MS-ASCMD_R482, MS-ASCMD_R485, MS-ASCMD_R486: in the order of the request. */
static void settings_are_answered_in_their_order(void **unused)
{
	static const struct {
		const char *asked, *first, *second;
	} cases[] = {
		{ "56 48 57 03 'M' 00 01 01 01 5D 07 01", "<DeviceInformation><Status>1<",
		  "<UserInformation><Status>1<" },
		{ "5D 07 01 56 48 57 03 'M' 00 01 01 01", "<UserInformation><Status>1<",
		  "<DeviceInformation><Status>1<" },
	};
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r =
			eas_phone_ask(&f.phone, "Settings", doc(&f, HEAD "00 12 45 %s 01", cases[i].asked));

		assert_true(has(&r, "<Settings xmlns=\"Settings\"><Status>1</Status>"));
		assert_true(has(&r, cases[i].first) && has(&r, cases[i].second));
		assert_true(str_find(r.xml, str_of(cases[i].first)) < str_find(r.xml, str_of(cases[i].second)));
	}
}

/* MS-ASCMD_R5825, MS-ASCMD_R5826: who changes one mark leaves the others. */
static void a_change_of_one_mark_leaves_the_others(void **unused)
{
	static const struct {
		const char *what, *data;
		unsigned flags;
		const char *keywords;
	} cases[] = {
		{ "all", "55 03 '1' 00 01 7A 7B 03 '2' 00 01 01 5B 5C 03 'Red' 00 01 01", ITEM_SEEN | ITEM_FLAGGED,
		  "Red\n" },
		{ "MS-ASCMD_R5825: Read alone", "55 03 '0' 00 01", ITEM_FLAGGED, "Red\n" },
		{ "MS-ASCMD_R5826: Categories alone", "5B 5C 03 'Blue' 00 01 01", ITEM_FLAGGED, "Blue\n" },
		{ "a Flag alone", "3A", 0, "Blue\n" },
	};
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), id;
	const char *key;
	size_t adds;

	(void)unused;
	deliver_n(&f, 1);
	id = only_item(&f, inbox);
	key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r = sync_with(&f, inbox, key,
					       commands(&f, "56 48 4D 03 '%lld:%lld' 00 01 5D 00 02 %s 01 00 00 01 01",
							(long long)inbox, (long long)id, cases[i].data));
		struct item item = item_of(&f, inbox, id);

		key = key_of(&f, &r);
		if ((item.flags & (ITEM_SEEN | ITEM_FLAGGED)) != cases[i].flags ||
		    !str_eq(item.keywords, str_of(cases[i].keywords)))
			fail_msg("%s: %x " STR_FMT, cases[i].what, item.flags, STR_ARG(item.keywords));
	}
}

/* Page 00: 53 GetChanges. */
static void key_0_needs_no_word_of_changes(void **unused)
{
	static const struct {
		const char *what, *more, *status;
	} cases[] = {
		{ "MS-ASCMD_R3129: absent", "", "1" },
		{ "MS-ASCMD_R5839: 0", "53 03 '0' 00 01", "1" },
	};
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r = sync_with(&f, inbox, "0", cases[i].more);

		if (!str_eq(eas_reply_text(&r, "Status", 0), str_of(cases[i].status)))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(r.xml));
	}
}

static const char is_signed[] =
	"Subject: Lunch\r\nMIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=s; micalg=sha-256; "
	"protocol=\"application/pkcs7-signature\"\r\n\r\n--s\r\nContent-Type: text/plain\r\n\r\nAt noon\r\n"
	"--s\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: "
	"base64\r\n\r\nAAAA\r\n"
	"--s--\r\n";

/*
 * MS-ASCMD_R3363, MS-ASCMD_R3364, MS-ASCMD_R3365, MS-ASCMD_R3366, MS-ASCMD_R3367, MS-ASCMD_R3368; MS-ASCMD_R3388;
 * MS-ASCMD_R3408, MS-ASCMD_R3410: a signed mail comes as MIME, whole, where MIMESupport is 1.
 */
static void a_signed_mail_comes_as_mime(void **unused)
{
	static const char options[] = "00 00 62 03 '1' 00 01 00 11 45 46 03 '4' 00 01 01 ";
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), id;

	(void)unused;
	deliver_octets(&f, f.ann.mailbox, str_of(is_signed));
	id = only_item(&f, inbox);
	const struct eas_reply replies[] = {
		sync_with(&f, inbox, first_key(&f, inbox), commands(&f, "57 %s 00 00 01", options)),
		eas_phone_ask(&f.phone, "ItemOperations",
			      doc(&f,
				  HEAD
				  "00 14 45 46 47 03 'Mailbox' 00 01 00 00 52 03 '%lld' 00 01 4D 03 '%lld:%lld' 00 01 "
				  "00 14 48 %s 00 14 01 01 01",
				  (long long)inbox, (long long)inbox, (long long)id, options)),
		eas_phone_ask(
			&f.phone, "Search",
			doc(&f,
			    HEAD
			    "00 0F 45 47 48 03 'Mailbox' 00 01 49 53 55 03 'lunch' 00 01 01 01 4A %s 00 0F 01 01 01",
			    options)),
	};
	for (size_t i = 0; i < countof(replies); i++) {
		const struct eas_reply *r = &replies[i];

		if (!has(r,
			 "<airsyncbase:Body><airsyncbase:Type>4</airsyncbase:Type><airsyncbase:EstimatedDataSize>") ||
		    !str_starts(eas_reply_text(r, "airsyncbase:Data", 0), S("Subject: Lunch")) ||
		    str_find(eas_reply_text(r, "airsyncbase:Data", 0), S("--s--")) ==
			    eas_reply_text(r, "airsyncbase:Data", 0).n)
			fail_msg("%zu: " STR_FMT, i, STR_ARG(r->xml));
	}
}

/* MS-ASCMD_R541, MS-ASCMD_R578: an occurrence that is none. Page 15: 46 SmartForward, 47 SmartReply, 4B Source, 4F InstanceId. */
/* MS-ASCMD_R4408, MS-ASCMD_R5777 */
static void an_occurrence_that_is_none_is_status_104(void **unused)
{
	static const char *const names[] = { "SmartForward", "SmartReply" };
	static const char *const roots[] = { "46", "47" };
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);

	(void)unused;
	deliver_n(&f, 1);
	for (size_t i = 0; i < countof(names); i++) {
		struct eas_reply r = eas_phone_ask(&f.phone, names[i],
						   doc(&f,
						       HEAD "00 15 %s 51 03 'c%zu' 00 01 4B 4C 03 '%lld' 00 01 4D 03 "
							    "'%lld:1' 00 01 4F 03 'no time' 00 01 01 "
							    "50 C3 15 'To: eve@x.test' 0D 0A 0D 0A 'hey' 01 01",
						       roots[i], i, (long long)inbox, (long long)inbox));

		if (!str_eq(eas_reply_text(&r, "Status", 0), S("104")))
			fail_msg("%s: " STR_FMT, names[i], STR_ARG(r.xml));
	}
}

/* Page 07: 55 FolderUpdate, 48 ServerId, 49 ParentId, 47 DisplayName. */
static void a_folder_is_not_renamed_without_a_key(void **unused)
{
	FIXTURE(f);
	int64_t folder = fixture_add_folder(&f, "Meals", FOLDER_MAIL, FOLDER_ROOT);
	struct eas_reply r;

	(void)unused;
	fixture_learn_hierarchy(&f);
	r = eas_phone_ask(
		&f.phone, "FolderUpdate",
		doc(&f, HEAD "00 07 55 48 03 '%lld' 00 01 49 03 '0' 00 01 47 03 'x' 00 01 01", (long long)folder));
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("10"))); /* MS-ASCMD_R4568 */
}

/* Page 19: 45 Find, 46 SearchId, 47 ExecuteSearch, 48 MailBoxSearchCriterion, 49 Query, 4B FreeText. */
static void who_got_a_copy_is_found_with_the_mail(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	deliver_octets(&f, f.ann.mailbox,
		       S("Subject: Lunch\r\nTo: ann@example.test\r\nCc: Carl <carl@example.net>\r\n"
			 "Bcc: Dan <dan@example.net>, eve@example.net\r\n\r\nAt noon\r\n"));
	r = eas_phone_ask(&f.phone, "Find",
			  doc(&f, HEAD
			      "00 19 45 46 03 'one' 00 01 47 48 49 4B 03 'noon' 00 01 00 00 50 03 'Email' 00 01 00 19 "
			      "01 01 01 01"));
	assert_true(has(&r, "<DisplayCc>Carl</DisplayCc><DisplayBcc>Dan; eve@example.net</DisplayBcc>"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_window_a_hundred_come),
		cmocka_unit_test(what_a_phone_says_of_itself_is_not_judged),
		cmocka_unit_test(settings_are_answered_in_their_order),
		cmocka_unit_test(a_change_of_one_mark_leaves_the_others),
		cmocka_unit_test(key_0_needs_no_word_of_changes),
		cmocka_unit_test(a_signed_mail_comes_as_mime),
		cmocka_unit_test(an_occurrence_that_is_none_is_status_104),
		cmocka_unit_test(a_folder_is_not_renamed_without_a_key),
		cmocka_unit_test(who_got_a_copy_is_found_with_the_mail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
