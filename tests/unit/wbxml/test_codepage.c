/* The code page table: names, numbers, version gates, binary elements. */
#include <wbxml/codepage.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void version_texts_are_the_names_of_versions(void **unused)
{
	enum eas_version v;

	(void)unused;
	for (unsigned i = 0; i < EAS_VERSION_MAX_; i++) {
		assert_int_equal(eas_version_parse(eas_version_text((enum eas_version)i), &v), ERR_OK);
		assert_int_equal(v, i);
	}
	assert_int_equal(eas_version_parse(S("14"), &v), ERR_NOT_FOUND);
	assert_int_equal(eas_version_parse(S("14.10"), &v), ERR_NOT_FOUND);
	assert_int_equal(eas_version_parse(STR_EMPTY, &v), ERR_NOT_FOUND);
}

/* MS-ASWBXML_R8, MS-ASWBXML_R6, MS-ASCMD_R8: one tag of each page and range of versions, copied by hand from MS-ASWBXML 2.1.2.1.1 to 2.1.2.1.26. */
static void each_page_has_its_tags_from_first_to_last_version(void **unused)
{
	static const struct {
		unsigned page, token;
		const char *ns, *name;
		enum wbxml_tag tag;
		enum eas_version since, until;
	} cases[] = {
		{ 0, 0x05, "AirSync", "Sync", TAG_AIRSYNC_SYNC, EAS_2_5, EAS_16_1 },
		{ 0, 0x27, "AirSync", "ConversationMode", TAG_AIRSYNC_CONVERSATIONMODE, EAS_14_0, EAS_16_1 },
		{ 0, 0x11, "AirSync", "Version", TAG_AIRSYNC_VERSION, EAS_2_5, EAS_2_5 },
		{ 1, 0x3C, "Contacts", "Picture", TAG_CONTACTS_PICTURE, EAS_2_5, EAS_16_1 },
		{ 2, 0x21, "Email", "Location", TAG_EMAIL_LOCATION, EAS_2_5, EAS_14_1 },
		{ 2, 0x3A, "Email", "Flag", TAG_EMAIL_FLAG, EAS_12_0, EAS_16_1 },
		{ 4, 0x17, "Calendar", "Location", TAG_CALENDAR_LOCATION, EAS_2_5, EAS_14_1 },
		{ 4, 0x3C, "Calendar", "ClientUid", TAG_CALENDAR_CLIENTUID, EAS_16_0, EAS_16_1 },
		{ 5, 0x05, "Move", "MoveItems", TAG_MOVE_MOVEITEMS, EAS_2_5, EAS_16_1 },
		{ 6, 0x09, "GetItemEstimate", "Class", TAG_GETITEMESTIMATE_CLASS, EAS_2_5, EAS_12_1 },
		{ 7, 0x16, "FolderHierarchy", "FolderSync", TAG_FOLDERHIERARCHY_FOLDERSYNC, EAS_2_5, EAS_16_1 },
		{ 8, 0x10, "MeetingResponse", "ProposedStartTime", TAG_MEETINGRESPONSE_PROPOSEDSTARTTIME, EAS_16_1,
		  EAS_16_1 },
		{ 9, 0x08, "Tasks", "Categories", TAG_TASKS_CATEGORIES, EAS_2_5, EAS_16_1 },
		{ 10, 0x16, "ResolveRecipients", "Availability", TAG_RESOLVERECIPIENTS_AVAILABILITY, EAS_14_0,
		  EAS_16_1 },
		{ 11, 0x05, "ValidateCert", "ValidateCert", TAG_VALIDATECERT_VALIDATECERT, EAS_2_5, EAS_16_1 },
		{ 12, 0x0D, "Contacts2", "NickName", TAG_CONTACTS2_NICKNAME, EAS_2_5, EAS_16_1 },
		{ 13, 0x05, "Ping", "Ping", TAG_PING_PING, EAS_2_5, EAS_16_1 },
		{ 14, 0x16, "Provision", "MaxDevicePasswordFailedAttempts",
		  TAG_PROVISION_MAXDEVICEPASSWORDFAILEDATTEMPTS, EAS_12_0, EAS_16_1 },
		{ 14, 0x28, "Provision", "MaxCalendarAgeFilter", TAG_PROVISION_MAXCALENDARAGEFILTER, EAS_12_1,
		  EAS_16_1 },
		{ 14, 0x3B, "Provision", "AccountOnlyRemoteWipe", TAG_PROVISION_ACCOUNTONLYREMOTEWIPE, EAS_16_1,
		  EAS_16_1 },
		{ 15, 0x05, "Search", "Search", TAG_SEARCH_SEARCH, EAS_2_5, EAS_16_1 },
		{ 16, 0x10, "GAL", "Picture", TAG_GAL_PICTURE, EAS_14_1, EAS_16_1 },
		{ 17, 0x0A, "AirSyncBase", "Body", TAG_AIRSYNCBASE_BODY, EAS_12_0, EAS_16_1 },
		{ 18, 0x05, "Settings", "Settings", TAG_SETTINGS_SETTINGS, EAS_12_0, EAS_16_1 },
		{ 19, 0x05, "DocumentLibrary", "LinkId", TAG_DOCUMENTLIBRARY_LINKID, EAS_12_0, EAS_16_1 },
		{ 20, 0x05, "ItemOperations", "ItemOperations", TAG_ITEMOPERATIONS_ITEMOPERATIONS, EAS_12_0, EAS_16_1 },
		{ 21, 0x05, "ComposeMail", "SendMail", TAG_COMPOSEMAIL_SENDMAIL, EAS_14_0, EAS_16_1 },
		{ 22, 0x15, "Email2", "IsDraft", TAG_EMAIL2_ISDRAFT, EAS_16_0, EAS_16_1 },
		{ 23, 0x05, "Notes", "Subject", TAG_NOTES_SUBJECT, EAS_14_0, EAS_16_1 },
		{ 24, 0x05, "RightsManagement", "RightsManagementSupport", TAG_RIGHTSMANAGEMENT_RIGHTSMANAGEMENTSUPPORT,
		  EAS_14_1, EAS_16_1 },
		{ 25, 0x05, "Find", "Find", TAG_FIND_FIND, EAS_16_1, EAS_16_1 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		enum wbxml_tag found = 0;

		assert_int_equal(cases[i].tag, cases[i].page << 8 | cases[i].token);
		assert_true(wbxml_tag_known((uint8_t)cases[i].page, (uint8_t)cases[i].token));
		assert_true(str_eq(wbxml_tag_name(cases[i].tag), str_of(cases[i].name)));
		assert_true(str_eq(wbxml_page_namespace((uint8_t)cases[i].page), str_of(cases[i].ns)));
		assert_int_equal(wbxml_tag_find(str_of(cases[i].ns), str_of(cases[i].name), &found), ERR_OK);
		assert_int_equal(found, cases[i].tag);
		for (unsigned v = 0; v < EAS_VERSION_MAX_; v++)
			if (wbxml_tag_in(cases[i].tag, (enum eas_version)v) !=
			    (v >= cases[i].since && v <= cases[i].until))
				fail_msg("%s:%s in version number %u", cases[i].ns, cases[i].name, v);
	}
}

static void the_whole_table_agrees_with_itself(void **unused)
{
	unsigned tags = 0, binary = 0;

	(void)unused;
	for (unsigned id = 0; id < 0x10000; id++) {
		enum wbxml_tag tag = (enum wbxml_tag)id, found;
		unsigned versions = 0;

		if (!wbxml_tag_known((uint8_t)(id >> 8), (uint8_t)id)) {
			assert_null(wbxml_tag_name(tag).p);
			assert_false(wbxml_tag_in(tag, EAS_14_1));
			continue;
		}
		tags++;
		binary += wbxml_tag_binary(tag);
		assert_in_range(id & 0xff, 0x05, 0x3F);
		for (unsigned v = 0; v < EAS_VERSION_MAX_; v++)
			versions += wbxml_tag_in(tag, (enum eas_version)v);
		assert_true(versions > 0);
		assert_int_equal(wbxml_tag_find(wbxml_page_namespace((uint8_t)(id >> 8)), wbxml_tag_name(tag), &found),
				 ERR_OK);
		assert_int_equal(found, tag);
	}
	assert_int_equal(tags, 586 + 38); /* MS-ASWBXML's, and the obsolete ones of 2.5 */
	assert_int_equal(binary, 8);
}

/* MS-ASCMD R1468, R1472, R1902, R21270704; MS-ASCON R70, R73, R76, R81, R93; MS-ASAIRS R1088. */
static void byte_arrays_are_the_published_ones(void **unused)
{
	static const enum wbxml_tag tags[] = {
		TAG_RESOLVERECIPIENTS_DATA, TAG_SEARCH_CONVERSATIONID,         TAG_GAL_DATA,
		TAG_AIRSYNCBASE_CONTENT,    TAG_ITEMOPERATIONS_CONVERSATIONID, TAG_COMPOSEMAIL_MIME,
		TAG_EMAIL2_CONVERSATIONID,  TAG_EMAIL2_CONVERSATIONINDEX,
	};

	(void)unused;
	for (size_t i = 0; i < countof(tags); i++)
		assert_true(wbxml_tag_binary(tags[i]));
	assert_false(wbxml_tag_binary(TAG_AIRSYNCBASE_DATA));
}

static void what_is_not_in_the_table_is_not_found(void **unused)
{
	enum wbxml_tag tag;

	(void)unused;
	assert_false(wbxml_tag_known(0, 0x00));
	assert_false(wbxml_tag_known(0, 0x04));
	assert_false(wbxml_tag_known(0, 0x3F));
	assert_false(wbxml_tag_known(3, 0x05)); /* R178: page 3 is no longer in use */
	assert_false(wbxml_tag_known(26, 0x05));
	assert_false(wbxml_tag_known(255, 0x3F));
	assert_null(wbxml_page_namespace(3).p);
	assert_null(wbxml_page_namespace(26).p);
	assert_int_equal(wbxml_tag_find(S("AirSync"), S("sync"), &tag), ERR_NOT_FOUND);
	assert_int_equal(wbxml_tag_find(S("Airsync"), S("Sync"), &tag), ERR_NOT_FOUND);
	assert_int_equal(wbxml_tag_find(STR_EMPTY, STR_EMPTY, &tag), ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_texts_are_the_names_of_versions),
		cmocka_unit_test(each_page_has_its_tags_from_first_to_last_version),
		cmocka_unit_test(the_whole_table_agrees_with_itself),
		cmocka_unit_test(byte_arrays_are_the_published_ones),
		cmocka_unit_test(what_is_not_in_the_table_is_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
