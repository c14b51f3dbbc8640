/* Contacts over Sync (MS-ASCNTC): every property both ways, ghosts, days, pictures, notes, in every version. */
#include "class_fixture.h"

#include <gateway/activesync/contact.h>

static const struct property {
	const char *tag, *sent, *given; /* given NULL: as it was sent */
} properties[] = {
	/* MS-ASCNTC_R107, MS-ASCNTC_R109, MS-ASCNTC_R109001 */
	{ "Contacts:Anniversary", "2001-06-30T00:00:00.000Z", "2001-06-30T11:59:00.000Z" },
	{ "Contacts:AssistantName", "Helga", NULL },               /* MS-ASCNTC_R112 */
	{ "Contacts:AssistantPhoneNumber", "+1 5550100", NULL },   /* MS-ASCNTC_R117 */
	{ "Contacts:Birthday", "1980-05-01T11:59:00.000Z", NULL }, /* MS-ASCNTC_R122 */
	{ "Contacts:Business2PhoneNumber", "+1 5550101", NULL },
	{ "Contacts:BusinessAddressCity", "Lyon", NULL },
	{ "Contacts:BusinessAddressCountry", "France", NULL },
	{ "Contacts:BusinessAddressPostalCode", "69001", NULL },
	{ "Contacts:BusinessAddressState", "Rhone", NULL },
	{ "Contacts:BusinessAddressStreet", "1, rue; de la Paix", NULL }, /* MS-ASCNTC_R148 */
	{ "Contacts:BusinessFaxNumber", "+1 5550102", NULL },
	{ "Contacts:BusinessPhoneNumber", "+1 5550103", NULL },
	{ "Contacts:CarPhoneNumber", "+1 5550104", NULL },
	{ "Contacts:CompanyName", "Roost &amp; Sons", NULL },
	{ "Contacts:Department", "Eggs", NULL },
	{ "Contacts:Email1Address", "ann@example.org", NULL }, /* MS-ASCNTC_R219 */
	{ "Contacts:Email2Address", "ann2@example.org", NULL },
	{ "Contacts:Email3Address", "ann3@example.org", NULL },
	{ "Contacts:FileAs", "Hen, Ann", NULL }, /* MS-ASCNTC_R231 */
	{ "Contacts:FirstName", "Ann", NULL },
	{ "Contacts:Home2PhoneNumber", "+1 5550105", NULL },
	{ "Contacts:HomeAddressCity", "Wien", NULL }, /* MS-ASCNTC_R248 */
	{ "Contacts:HomeAddressCountry", "Austria", NULL },
	{ "Contacts:HomeAddressPostalCode", "1010", NULL },
	{ "Contacts:HomeAddressState", "W", NULL },
	{ "Contacts:HomeAddressStreet", "Graben 1", NULL },
	{ "Contacts:HomeFaxNumber", "+1 5550106", NULL },
	{ "Contacts:HomePhoneNumber", "+1 5550107", NULL },
	{ "Contacts:JobTitle", "Layer", NULL },
	{ "Contacts:LastName", "Hen", NULL },
	{ "Contacts:MiddleName", "B.", NULL },
	{ "Contacts:MobilePhoneNumber", "+1 5550108", NULL },
	{ "Contacts:OfficeLocation", "Coop 3", NULL },
	{ "Contacts:OtherAddressCity", "Rome", NULL },
	{ "Contacts:OtherAddressCountry", "Italy", NULL },
	{ "Contacts:OtherAddressPostalCode", "00100", NULL },
	{ "Contacts:OtherAddressState", "RM", NULL },
	{ "Contacts:OtherAddressStreet", "Via 1", NULL },
	{ "Contacts:PagerNumber", "+1 5550109", NULL },
	{ "Contacts:RadioPhoneNumber", "+1 5550110", NULL },
	{ "Contacts:Spouse", "Carl", NULL }, /* MS-ASCNTC_R390 */
	{ "Contacts:Suffix", "Jr.", NULL },
	{ "Contacts:Title", "Dr.", NULL }, /* MS-ASCNTC_R400 */
	{ "Contacts:WebPage", "http://example.org/a;b", NULL },
	{ "Contacts:YomiCompanyName", "\xe3\x83\xab", NULL },
	{ "Contacts:YomiFirstName", "\xe3\x82\xa2", NULL },
	{ "Contacts:YomiLastName", "\xe3\x83\x98", NULL },
	{ "Contacts2:CustomerId", "C-1", NULL },
	{ "Contacts2:GovernmentId", "G-1", NULL },
	{ "Contacts2:IMAddress", "ann", NULL },
	{ "Contacts2:IMAddress2", "xmpp:ann@example.org", NULL },
	{ "Contacts2:IMAddress3", "ann3", NULL },
	{ "Contacts2:ManagerName", "Mia", NULL },
	{ "Contacts2:CompanyMainPhone", "+1 5550111", NULL },
	{ "Contacts2:AccountName", "A-1", NULL },
	{ "Contacts2:NickName", "Annie", NULL },
	{ "Contacts2:MMS", "mms:1", NULL }, /* MS-ASCNTC_R323 */
};

static const char *name_of(const struct property *p)
{
	return strchr(p->tag, ':') + 1;
}

/* As it is prefixed in the XML of an answer. */
static size_t count_of(const struct eas_reply *r, const struct property *p)
{
	char prefixed[64];
	size_t i = 0;

	for (; p->tag[i]; i++)
		prefixed[i] = i < strcspn(p->tag, ":") ? ascii_lower(p->tag[i]) : p->tag[i];
	prefixed[i] = '\0';
	return eas_reply_count(r, prefixed);
}

static char *plain(struct fixture *f, const char *xml)
{
	struct buf out = BUF_INIT(1 << 20);
	const char *text;

	for (; *xml; xml++)
		if (strncmp(xml, "&amp;", 5) == 0) {
			buf_char(&out, '&');
			xml += 4;
		} else {
			buf_char(&out, *xml);
		}
	assert_ok(arena_cstr(&f->arena, buf_view(&out), &text));
	buf_release(&out);
	return (char *)(uintptr_t)text;
}

#define LISTS                                                                                            \
	"<Contacts:Categories><Contacts:Category>Farm</><Contacts:Category>a,b</></><Contacts:Children>" \
	"<Contacts:Child>Eve</><Contacts:Child>Abe</></><Contacts:Picture>QUJDRA==</>"

/* Without those whose number is `without`; SIZE_MAX: all. */
static const char *all_properties(struct fixture *f, size_t without)
{
	struct buf out = BUF_INIT(1 << 16);
	const char *text;

	for (size_t i = 0; i < countof(properties); i++)
		if (i != without)
			buf_fmt(&out, "<%s>%s</>", properties[i].tag, plain(f, properties[i].sent));
	buf_cstr(&out, LISTS);
	assert_ok(arena_cstr(&f->arena, buf_view(&out), &text));
	buf_release(&out);
	return text;
}

static void assert_lists(const struct eas_reply *r)
{
	assert_element(r, "Category", "Farm");
	assert_element(r, "Category", "a,b");
	assert_element(r, "Child", "Eve");
	assert_element(r, "Child", "Abe");
	assert_element(r, "Picture", "QUJDRA==");
}

static void assert_all(const struct eas_reply *r, size_t without)
{
	for (size_t i = 0; i < countof(properties); i++) {
		const struct property *p = &properties[i];

		if (i != without)
			assert_element(r, name_of(p), p->given ? p->given : p->sent);
	}
	assert_lists(r);
}

static struct eas_reply fetched(struct fixture *f, int64_t folder, const char **key, const char *id)
{
	return sync_command(f, folder, key, fetch_item(f, id));
}

/* MS-ASCMD_R5906, MS-ASCNTC_R190: what the table says, in every version; the phone's own Add is not told back to it (rule 4). */
static void every_property_comes_back_in_every_version(void **unused)
{
	FIXTURE(f);
	int64_t contacts = fixture_role(&f, FOLDER_DEFAULT_CONTACTS);

	(void)unused;
	for (enum eas_version v = EAS_2_5; v < EAS_VERSION_MAX_; v++) {
		const char *key, *id, *device;
		struct eas_reply r;
		size_t adds;

		f.phone.version = eas_version_text(v).p;
		device = f.phone.device_id;
		key = sync_all(&f, contacts, first_key(&f, contacts), &adds);
		id = added_item(&f, contacts, &key, eas_version_text(v).p, all_properties(&f, SIZE_MAX));
		r = fetched(&f, contacts, &key, id);
		assert_all(&r, SIZE_MAX);
		r = sync_with(&f, contacts, key, "53 03 '1' 00 01");
		assert_true(r.body.n == 0 || eas_reply_count(&r, "Commands") == 0);
		f.phone.device_id = "ANOTHER"; /* to another phone it comes as an Add */
		r = sync_with(&f, contacts, first_key(&f, contacts), "53 03 '1' 00 01");
		assert_int_equal(eas_reply_count(&r, "Add"), v + 1u);
		assert_all(&r, SIZE_MAX);
		f.phone.device_id = device;
	}
}

/* MS-ASCMD_R5906, MS-ASCMD_R5912: without Supported, what a Change leaves out goes, and that alone. */
static void without_supported_what_is_left_out_goes(void **unused)
{
	FIXTURE(f);
	int64_t contacts = fixture_role(&f, FOLDER_DEFAULT_CONTACTS);
	const char *key = first_key(&f, contacts), *id;
	struct eas_reply r;

	(void)unused;
	id = added_item(&f, contacts, &key, "c1", all_properties(&f, SIZE_MAX));
	for (size_t i = 0; i < countof(properties); i++) {
		sync_command(&f, contacts, &key, change_item(&f, id, all_properties(&f, i)));
		r = fetched(&f, contacts, &key, id);
		/* What it is filed under is told all the same: the name. */
		if (strcmp(name_of(&properties[i]), "FileAs") != 0 && count_of(&r, &properties[i]))
			fail_msg("%s is still there", properties[i].tag);
		assert_all(&r, i);
		sync_command(&f, contacts, &key, change_item(&f, id, all_properties(&f, SIZE_MAX)));
		r = fetched(&f, contacts, &key, id);
		assert_all(&r, SIZE_MAX);
	}
}

/* MS-ASCMD_R878: of what is left out the note and the picture stay; MS-ASCMD_R879: the rest goes. */
static void a_note_and_a_picture_stay_where_they_are_left_out(void **unused)
{
	FIXTURE(f);
	int64_t contacts = fixture_role(&f, FOLDER_DEFAULT_CONTACTS);
	const char *key, *id;
	struct eas_reply r;

	(void)unused;
	f.phone.device_type = "Android";
	key = first_key(&f, contacts);
	id = added_item(&f, contacts, &key, "c1",
			"<Contacts:FirstName>Ann</><Contacts:JobTitle>Layer</><Contacts:Picture>AAAA</>"
			"<AirSyncBase:Body><AirSyncBase:Type>1</><AirSyncBase:Data>likes corn</></>");
	sync_command(&f, contacts, &key, change_item(&f, id, "<Contacts:FirstName>Eve</>"));
	r = fetched(&f, contacts, &key, id);
	assert_element(&r, "FirstName", "Eve");
	assert_element(&r, "Picture", "AAAA");
	assert_element(&r, "Data", "likes corn");
	assert_int_equal(eas_reply_count(&r, "contacts:JobTitle"), 0);
}

/* MS-ASCMD_R3078, MS-ASCMD_R3079: contacts have no filter; whatever is asked for, the answer is the same. Page 0: 58 FilterType. */
static void a_filter_of_contacts_is_passed_over(void **unused)
{
	FIXTURE(f);
	int64_t contacts = fixture_role(&f, FOLDER_DEFAULT_CONTACTS);
	struct str first = STR_EMPTY;

	(void)unused;
	put_octets(&f, contacts, "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Hen;Ann;;;\r\nFN:Ann Hen\r\nEND:VCARD\r\n");
	for (int filter = -1; filter <= 8; filter++) {
		struct eas_reply r;
		struct str told;

		f.phone.device_id = commands(&f, "PHONE%d", filter + 1);
		r = sync_with(&f, contacts, first_key(&f, contacts),
			      filter < 0 ? "" : commands(&f, "57 58 03 '%d' 00 01 01", filter));
		assert_int_equal(eas_reply_count(&r, "Add"), 1);
		told = str_slice(r.xml, str_find(r.xml, S("<CollectionId>")), r.xml.n);
		if (filter < 0)
			assert_ok(arena_str(&f.arena, told, &first));
		else
			assert_true(str_eq(told, first));
	}
}

#define SUPPORTED(xml) commands(&f, "60 %s 01", elements(&f, xml))

static const char *first_key_with(struct fixture *f, int64_t folder, const char *supported)
{
	struct eas_reply r = sync_with(f, folder, "0", supported);

	return key_of(f, &r);
}

/*
 * MS-ASCMD_R5909, MS-ASCMD_R5911, MS-ASCNTC_R455, and of each property that it can be ghosted:
 * MS-ASCNTC_R100, MS-ASCNTC_R110, MS-ASCNTC_R115, MS-ASCNTC_R120, MS-ASCNTC_R125, MS-ASCNTC_R133, MS-ASCNTC_R138,
 * MS-ASCNTC_R700, MS-ASCNTC_R146, MS-ASCNTC_R151, MS-ASCNTC_R156, MS-ASCNTC_R161, MS-ASCNTC_R166, MS-ASCNTC_R171,
 * MS-ASCNTC_R177, MS-ASCNTC_R188, MS-ASCNTC_R198, MS-ASCNTC_R203, MS-ASCNTC_R208, MS-ASCNTC_R212, MS-ASCNTC_R217,
 * MS-ASCNTC_R224, MS-ASCNTC_R229, MS-ASCNTC_R234, MS-ASCNTC_R241, MS-ASCNTC_R246, MS-ASCNTC_R251, MS-ASCNTC_R256,
 * MS-ASCNTC_R261, MS-ASCNTC_R266, MS-ASCNTC_R271, MS-ASCNTC_R276, MS-ASCNTC_R281, MS-ASCNTC_R286, MS-ASCNTC_R291,
 * MS-ASCNTC_R296, MS-ASCNTC_R301, MS-ASCNTC_R306, MS-ASCNTC_R311, MS-ASCNTC_R316, MS-ASCNTC_R321, MS-ASCNTC_R326,
 * MS-ASCNTC_R331, MS-ASCNTC_R336, MS-ASCNTC_R341, MS-ASCNTC_R346, MS-ASCNTC_R351, MS-ASCNTC_R356, MS-ASCNTC_R361,
 * MS-ASCNTC_R366, MS-ASCNTC_R371, MS-ASCNTC_R388, MS-ASCNTC_R393, MS-ASCNTC_R398, MS-ASCNTC_R403, MS-ASCNTC_R408,
 * MS-ASCNTC_R420, MS-ASCNTC_R425, MS-ASCNTC_R430: an empty Supported
 * keeps all that is left out, also after the process began anew.
 */
static void an_empty_supported_ghosts_everything(void **unused)
{
	FIXTURE(f);
	int64_t contacts = fixture_role(&f, FOLDER_DEFAULT_CONTACTS);
	const char *key = first_key_with(&f, contacts, "20"), *id;
	struct eas_reply r;

	(void)unused;
	id = added_item(&f, contacts, &key, "c1", all_properties(&f, SIZE_MAX));
	sync_command(&f, contacts, &key, change_item(&f, id, "<Contacts:JobTitle>Layer</>"));
	r = fetched(&f, contacts, &key, id);
	assert_all(&r, SIZE_MAX);
	sync_command(&f, contacts, &key, change_item(&f, id, "<Contacts:JobTitle>Rooster</>"));
	fixture_restart(&f);
	sync_command(&f, contacts, &key, change_item(&f, id, "<Contacts2:NickName/>"));
	r = fetched(&f, contacts, &key, id);
	assert_element(&r, "JobTitle", "Rooster");
	assert_element(&r, "FirstName", "Ann");
	assert_element(&r, "MMS", "mms:1");
	assert_int_equal(eas_reply_count(&r, "contacts2:NickName"), 0);
}

/* MS-ASCMD_R4552: it is of key 0; an empty one that comes later makes nothing ghosted. */
static void a_supported_behind_key_0_is_passed_over(void **unused)
{
	FIXTURE(f);
	int64_t contacts = fixture_role(&f, FOLDER_DEFAULT_CONTACTS);
	const char *key = first_key(&f, contacts), *id;
	struct eas_reply r;

	(void)unused;
	id = added_item(&f, contacts, &key, "c1", "<Contacts:FirstName>Ann</><Contacts:JobTitle>Layer</>");
	r = sync_command(&f, contacts, &key, commands(&f, "20 %s", change_item(&f, id, "<Contacts:FirstName>Eve</>")));
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
	r = fetched(&f, contacts, &key, id);
	assert_element(&r, "FirstName", "Eve");
	assert_int_equal(eas_reply_count(&r, "contacts:JobTitle"), 0);
}

/* MS-ASCMD_R5907, MS-ASCMD_R5908: what is listed goes when it is left out, the rest stays. Options that come later say nothing of it. */
static void a_supported_lists_what_is_not_ghosted(void **unused)
{
	FIXTURE(f);
	int64_t contacts = fixture_role(&f, FOLDER_DEFAULT_CONTACTS);
	const char *key, *id;
	struct eas_reply r;

	(void)unused;
	key = first_key_with(&f, contacts, SUPPORTED("<Contacts:JobTitle/><Contacts2:NickName/><Contacts:Children/>"));
	id = added_item(&f, contacts, &key, "c1", all_properties(&f, SIZE_MAX));
	sync_command(&f, contacts, &key,
		     commands(&f, "57 5B 03 '1' 00 01 01 %s", change_item(&f, id, "<Contacts:FirstName>Eve</>")));
	r = fetched(&f, contacts, &key, id);
	assert_element(&r, "FirstName", "Eve");
	assert_element(&r, "LastName", "Hen");
	assert_element(&r, "MMS", "mms:1");
	assert_int_equal(eas_reply_count(&r, "contacts:JobTitle"), 0);
	assert_int_equal(eas_reply_count(&r, "contacts2:NickName"), 0);
}

/* MS-ASCNTC_R999: the day is the one that the phone's user chose, whatever time its platform writes beside it. */
static void a_birthday_is_the_right_day_from_every_platform(void **unused)
{
	static const struct {
		const char *what, *sent, *day;
	} cases[] = {
		{ "noon less a minute, Exchange and Windows", "1980-05-01T11:59:00.000Z", "1980-05-01" },
		{ "midnight UTC, iOS", "1980-05-01T00:00:00.000Z", "1980-05-01" },
		{ "midnight of Berlin in summer", "1980-04-30T22:00:00.000Z", "1980-05-01" },
		{ "midnight of New York", "1980-05-01T04:00:00.000Z", "1980-05-01" },
		{ "midnight of Los Angeles in winter", "1980-12-31T08:00:00.000Z", "1980-12-31" },
		{ "midnight of Tokyo", "1979-12-31T15:00:00.000Z", "1980-01-01" },
		{ "noon UTC", "1980-05-01T12:00:00.000Z", "1980-05-01" },
		{ "compact", "19800501T000000Z", "1980-05-01" },
		{ "before 1970", "1904-02-29T00:00:00.000Z", "1904-02-29" },
		{ "without a year, iOS", "1604-02-29T00:00:00.000Z", "1604-02-29" },
	};
	FIXTURE(f);
	int64_t contacts = fixture_role(&f, FOLDER_DEFAULT_CONTACTS);
	const char *key = first_key(&f, contacts);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		const char *id = added_item(&f, contacts, &key, cases[i].what,
					    commands(&f, "<Contacts:Birthday>%s</>", cases[i].sent));
		struct eas_reply r = fetched(&f, contacts, &key, id);

		print_message("%s\n", cases[i].what);
		assert_element(&r, "Birthday", commands(&f, "%sT11:59:00.000Z", cases[i].day));
	}
}

static char *picture_of(struct fixture *f, size_t n)
{
	char *p = arena_alloc(&f->arena, n + 64);

	assert_non_null(p);
	memcpy(p, "<Contacts:Picture>", 18);
	memset(p + 18, 'A', n);
	memcpy(p + 18 + n, "</>", 4);
	return p;
}

/* MS-ASCNTC_R381, MS-ASCNTC_R384, MS-ASCNTC_R382, MS-ASCNTC_R1021 (36 KB), MS-ASCNTC_R374: 48 KB of base64 is taken, more is Status 6 and changes nothing. */
static void a_picture_has_a_greatest_size(void **unused)
{
	FIXTURE(f);
	const char *key, *id;
	struct eas_reply r;
	int64_t contacts;

	(void)unused;
	f.phone.device_type = "Android"; /* iOS: below */
	contacts = fixture_role(&f, FOLDER_DEFAULT_CONTACTS);
	key = first_key(&f, contacts);
	id = added_item(&f, contacts, &key, "c1", picture_of(&f, CONTACT_MAX_PICTURE_BYTES));
	r = fetched(&f, contacts, &key, id);
	assert_int_equal(eas_reply_text(&r, "contacts:Picture", 0).n, CONTACT_MAX_PICTURE_BYTES);
	r = sync_command(&f, contacts, &key, change_item(&f, id, picture_of(&f, CONTACT_MAX_PICTURE_BYTES + 4)));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("6")));
	r = sync_command(&f, contacts, &key, change_item(&f, id, "<Contacts:FirstName>Ann</>"));
	r = fetched(&f, contacts, &key, id); /* left out, it stays */
	assert_int_equal(eas_reply_text(&r, "contacts:Picture", 0).n, CONTACT_MAX_PICTURE_BYTES);
	sync_command(&f, contacts, &key, change_item(&f, id, "<Contacts:Picture/>"));
	r = fetched(&f, contacts, &key, id);
	assert_int_equal(eas_reply_count(&r, "contacts:Picture"), 0);
	r = sync_command(&f, contacts, &key, change_item(&f, id, "<Contacts:Picture>!</>"));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("6")));
}

/* iOS has an empty Picture in every Change: the picture stays. */
static void an_empty_picture_of_ios_says_nothing(void **unused)
{
	FIXTURE(f);
	const char *key, *id;
	struct eas_reply r;
	int64_t contacts;

	(void)unused;
	f.phone.device_type = "iPhone";
	contacts = fixture_role(&f, FOLDER_DEFAULT_CONTACTS);
	key = first_key(&f, contacts);
	id = added_item(&f, contacts, &key, "c1", picture_of(&f, 400));
	sync_command(&f, contacts, &key, change_item(&f, id, "<Contacts:FirstName>Ann</><Contacts:Picture/>"));
	r = fetched(&f, contacts, &key, id);
	assert_element(&r, "FirstName", "Ann");
	assert_int_equal(eas_reply_text(&r, "contacts:Picture", 0).n, 400);
}

#define CARD                                                                                       \
	"BEGIN:VCARD\r\nVERSION:3.0\r\nN:Hen;Ann;;;\r\nFN:Ann Hen\r\nitem1.TEL;TYPE=pref:+1 5\r\n" \
	"item1.X-ABLabel:Coop\r\nX-UNKNOWN;X-P=\"a;b\":kept\\, as it is\r\nGEO:1.5;2.5\r\n"        \
	"PHOTO;VALUE=uri:http://example.org/"                                                      \
	"p.jpg\r\nEMAIL;TYPE=INTERNET:ann@example.org\r\nUID:u1\r\nREV:1\r\nEND:VCARD\r\n"

/* What no phone knows of stays, octet by octet, whatever it changes. */
static void a_change_touches_what_it_names_alone(void **unused)
{
	static const char *const kept[] = { "item1.TEL;TYPE=pref:+1 5\r\n",
					    "item1.X-ABLabel:Coop\r\n",
					    "X-UNKNOWN;X-P=\"a;b\":kept\\, as it is\r\n",
					    "GEO:1.5;2.5\r\n",
					    "PHOTO;VALUE=uri:http://example.org/p.jpg\r\n",
					    "EMAIL;TYPE=INTERNET:ann@example.org\r\n",
					    "UID:u1\r\n" };
	FIXTURE(f);
	int64_t contacts = fixture_role(&f, FOLDER_DEFAULT_CONTACTS);
	const char *key = first_key_with(&f, contacts, "20"), *id;
	struct eas_reply r;
	struct str text;

	(void)unused;
	put_octets(&f, contacts, CARD);
	r = sync_with(&f, contacts, key, "53 03 '1' 00 01");
	key = key_of(&f, &r);
	assert_element(&r, "HomePhoneNumber", "+1 5");
	assert_ok(arena_cstr(&f.arena, eas_reply_text(&r, "ServerId", 0), &id));
	r = sync_command(&f, contacts, &key, change_item(&f, id, "<Contacts:FirstName>Eve</>"));
	text = octets_of(&f, id);
	for (size_t i = 0; i < countof(kept); i++)
		if (str_find(text, str_of(kept[i])) == text.n)
			fail_msg("%s is not in " STR_FMT, kept[i], STR_ARG(text));
	assert_true(str_find(text, S("N:Hen;Eve;;;\r\nFN:Eve Hen\r\n")) < text.n);
}

/* MS-ASAIRS_R105, MS-ASAIRS_R386; before 12.0 in elements of the class. */
static void a_note_has_the_form_of_the_version(void **unused)
{
	FIXTURE(f);
	int64_t contacts = fixture_role(&f, FOLDER_DEFAULT_CONTACTS);
	const char *key, *id;
	struct eas_reply r;

	(void)unused;
	f.phone.version = "2.5";
	key = first_key(&f, contacts);
	id = added_item(&f, contacts, &key, "c1", "<Contacts:FirstName>Ann</><Contacts:Body>likes corn</>");
	r = fetched(&f, contacts, &key, id);
	assert_element(&r, "Body", "likes corn");
	assert_element(&r, "BodySize", "10");
	f.phone.version = "16.1";
	sync_command(&f, contacts, &key, change_item(&f, id, "<Contacts:FirstName>Ann</>"));
	r = fetched(&f, contacts, &key, id);
	assert_element(&r, "Data", "likes corn"); /* a note that is left out stays */
	assert_element(&r, "Type", "1");
	sync_command(&f, contacts, &key,
		     change_item(&f, id, "<AirSyncBase:Body><AirSyncBase:Type>1</><AirSyncBase:Data/></>"));
	r = fetched(&f, contacts, &key, id);
	assert_int_equal(eas_reply_count(&r, "airsyncbase:Data"), 0);
	assert_element(&r, "EstimatedDataSize", "0");
}

/* Rule 10. */
static void a_conflict_is_decided_as_the_phone_asks(void **unused)
{
	FIXTURE(f);
	int64_t contacts = fixture_role(&f, FOLDER_DEFAULT_CONTACTS);
	const char *key = first_key_with(&f, contacts, "20"), *id, *other;
	struct eas_reply r;

	(void)unused;
	id = added_item(&f, contacts, &key, "c1", "<Contacts:FirstName>Ann</>");
	f.phone.device_id = "ANOTHER";
	other = first_key_with(&f, contacts, "20");
	r = sync_with(&f, contacts, other, "53 03 '1' 00 01");
	other = key_of(&f, &r);
	sync_command(&f, contacts, &other, change_item(&f, id, "<Contacts:FirstName>Eve</>"));
	f.phone.device_id = "ApplDNQXTESTFFG5";
	r = sync_with(&f, contacts, key, change_item(&f, id, "<Contacts:JobTitle>Layer</>"));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("7")));
	assert_element(&r, "FirstName", "Eve");
	key = key_of(&f, &r);
	f.phone.device_id = "ANOTHER";
	sync_command(&f, contacts, &other, change_item(&f, id, "<Contacts:FirstName>Eva</>"));
	f.phone.device_id = "ApplDNQXTESTFFG5";
	r = sync_command(&f, contacts, &key,
			 commands(&f, "57 5B 03 '0' 00 01 01 %s", change_item(&f, id, "<Contacts:JobTitle>Layer</>")));
	/* It is told, once, what stands there now: it had not seen the name beside its own title. */
	r = sync_with(&f, contacts, key, "");
	key = key_of(&f, &r);
	assert_int_equal(eas_reply_count(&r, "Change"), 1);
	assert_element(&r, "JobTitle", "Layer");
	assert_element(&r, "FirstName", "Eva");
	r = sync_with(&f, contacts, key, "");
	assert_int_equal(r.body.n, 0);
	r = fetched(&f, contacts, &key, id);
	assert_element(&r, "JobTitle", "Layer");
	assert_element(&r, "FirstName", "Eva");
}

/* Rule 5: an Add whose answer was lost is done once. */
static void an_add_that_is_repeated_is_done_once(void **unused)
{
	FIXTURE(f);
	int64_t contacts = fixture_role(&f, FOLDER_DEFAULT_CONTACTS);
	const char *key = first_key(&f, contacts), *again, *id;

	(void)unused;
	again = key;
	id = added_item(&f, contacts, &key, "c1", "<Contacts:FirstName>Ann</>");
	assert_string_equal(added_item(&f, contacts, &again, "c1", "<Contacts:FirstName>Ann</>"), id);
	assert_int_not_equal(only_item(&f, contacts), 0);
}

/* MS-ASCMD: Status 6, nothing of the item is stored. */
static void what_no_contact_has_is_refused(void **unused)
{
	static const char *const cases[] = {
		"<Contacts:Birthday>yesterday</>",
		"<Email:Subject>no mail</>",
		"<Contacts:Children><Contacts:Category>x</></>",
		"<AirSyncBase:Body><AirSyncBase:Type>3</><AirSyncBase:Data>xx</></>",
	};
	FIXTURE(f);
	int64_t contacts = fixture_role(&f, FOLDER_DEFAULT_CONTACTS);
	const char *key = first_key(&f, contacts);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r = sync_command(&f, contacts, &key, add_item(&f, commands(&f, "c%zu", i), cases[i]));

		if (!str_eq(eas_reply_text(&r, "Status", 1), S("6")))
			fail_msg("%s: " STR_FMT, cases[i], STR_ARG(r.xml));
		assert_int_equal(eas_reply_count(&r, "ServerId"), 0);
	}
	assert_int_equal(only_item(&f, contacts), 0);
}

/* An item that nobody can read keeps none of the others from the phone. */
static void a_card_that_can_not_be_read_is_shown_as_that(void **unused)
{
	FIXTURE(f);
	int64_t contacts = fixture_role(&f, FOLDER_DEFAULT_CONTACTS);
	struct eas_reply r;

	(void)unused;
	put_octets(&f, contacts, "no card");
	put_octets(&f, contacts, CARD);
	r = sync_with(&f, contacts, first_key(&f, contacts), "53 03 '1' 00 01");
	assert_int_equal(eas_reply_count(&r, "Add"), 2);
	assert_element(&r, "FileAs", CONTACT_UNREADABLE);
	assert_element(&r, "FirstName", "Ann");
}

/* ItemOperations: 45 root, 46 Fetch, 47 Store; AirSync 4D ServerId, 52 CollectionId. */
static struct eas_reply fetched_by_item_operations(struct fixture *f, int64_t folder, const char *id)
{
	return eas_phone_ask(
		&f->phone, "ItemOperations",
		doc(f, HEAD "00 14 45 46 47 03 'Mailbox' 00 01 00 00 52 03 '%lld' 00 01 4D 03 '%s' 00 01 01 01",
		    (long long)folder, id));
}

/*
 * MS-ASCNTC_R436, MS-ASCNTC_R470, MS-ASCNTC_R477, MS-ASCNTC_R483, MS-ASCNTC_R486; MS-ASTASK_R353, MS-ASTASK_R356,
 * MS-ASTASK_R359; MS-ASNOTE_R100, MS-ASNOTE_R101, MS-ASNOTE_R104
 */
static void item_operations_gives_items_of_each_class(void **unused)
{
	static const struct {
		enum folder_role role;
		const char *xml, *class, *name, *value;
	} cases[] = {
		{ FOLDER_DEFAULT_CONTACTS, "<Contacts:FirstName>Ann</>", "Contacts", "FirstName", "Ann" },
		{ FOLDER_DEFAULT_TASKS, "<Tasks:Subject>Feed</><Tasks:Complete>0</>", "Tasks", "Subject", "Feed" },
		{ FOLDER_DEFAULT_NOTES, "<Notes:Subject>Corn</><Notes:MessageClass>IPM.StickyNote</>", "Notes",
		  "Subject", "Corn" },
	};
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		int64_t folder = fixture_role(&f, cases[i].role);
		const char *key = first_key(&f, folder), *id = added_item(&f, folder, &key, "c1", cases[i].xml);
		struct eas_reply r = fetched_by_item_operations(&f, folder, id);

		assert_element(&r, "Class", cases[i].class);
		assert_element(&r, cases[i].name, cases[i].value);
		assert_int_equal(eas_reply_count(&r, "Properties"), 1);
	}
}

/* MS-ASCNTC_R473, MS-ASCNTC_R492, MS-ASCNTC_R493, MS-ASCNTC_R494, MS-ASCNTC_R499, MS-ASTASK_R438; MS-ASCNTC_R507, MS-ASCNTC_R509 */
static void another_phone_is_told_of_a_change(void **unused)
{
	FIXTURE(f);
	int64_t contacts = fixture_role(&f, FOLDER_DEFAULT_CONTACTS), tasks = fixture_role(&f, FOLDER_DEFAULT_TASKS);
	size_t adds;
	const char *key = sync_all(&f, contacts, first_key_with(&f, contacts, "20"), &adds), *id, *other, *task,
		   *task_key = sync_all(&f, tasks, first_key(&f, tasks), &adds);
	struct eas_reply r;

	(void)unused;
	id = added_item(&f, contacts, &key, "c1",
			"<Contacts:FirstName>Ann</><Contacts:Categories><Contacts:Category>Farm</></>"
			"<Contacts:Children><Contacts:Child>Eve</><Contacts:Child>Bob</></>");
	task = added_item(&f, tasks, &task_key, "c1", "<Tasks:Subject>Feed</><Tasks:Complete>0</>");
	f.phone.device_id = "ANOTHER";
	other = sync_all(&f, contacts, first_key_with(&f, contacts, "20"), &adds);
	r = sync_command(&f, contacts, &other, change_item(&f, id, "<Contacts:JobTitle>Layer</>"));
	other = sync_all(&f, tasks, first_key(&f, tasks), &adds);
	r = sync_command(&f, tasks, &other, change_item(&f, task, "<Tasks:Subject>Feed them</><Tasks:Complete>0</>"));
	f.phone.device_id = "ApplDNQXTESTFFG5";
	r = sync_with(&f, contacts, key, "53 03 '1' 00 01");
	if (eas_reply_count(&r, "Change") != 1)
		fail_msg(STR_FMT, STR_ARG(r.xml));
	assert_element(&r, "JobTitle", "Layer");
	assert_element(&r, "FirstName", "Ann");
	assert_element(&r, "Category", "Farm");
	assert_element(&r, "Child", "Eve");
	assert_element(&r, "Child", "Bob");
	r = sync_with(&f, tasks, task_key, "53 03 '1' 00 01");
	assert_true(holds(&r, commands(&f, "<Change><ServerId>%s</ServerId><ApplicationData>", task)));
	assert_true(str_find(r.xml, S("<ApplicationData>")) <
		    str_find(r.xml, S("<tasks:Subject>Feed them</tasks:Subject>")));
	assert_true(str_find(r.xml, S("<tasks:Subject>Feed them</tasks:Subject>")) <
		    str_find(r.xml, S("</ApplicationData></Change>")));
}

/* Options with a BodyPreference of that size; 0: of any. */
#define PREFER(size) "57 00 11 45 46 03 '1' 00 01 47 03 '" size "' 00 01 01 00 00 01 "

/* MS-ASCNTC_R459, MS-ASCNTC_R512, MS-ASCNTC_R460; MS-ASCNTC_R461: a note that was told cut is not cut in the store. */
static void a_note_is_cut_as_long_as_the_phone_asks(void **unused)
{
	FIXTURE(f);
	int64_t contacts = fixture_role(&f, FOLDER_DEFAULT_CONTACTS);
	const char *key = first_key_with(&f, contacts, "20"), *id;
	struct eas_reply r;

	(void)unused;
	id = added_item(&f, contacts, &key, "c1",
			"<Contacts:FirstName>Ann</><AirSyncBase:Body><AirSyncBase:Type>1</>"
			"<AirSyncBase:Data>likes corn</></>");
	r = sync_command(&f, contacts, &key, commands(&f, PREFER("5") "%s", fetch_item(&f, id)));
	assert_element(&r, "Data", "likes");
	assert_element(&r, "EstimatedDataSize", "10");
	assert_element(&r, "Truncated", "1");
	sync_command(&f, contacts, &key, change_item(&f, id, "<Contacts:JobTitle>Layer</>"));
	r = fetched(&f, contacts, &key, id);
	assert_element(&r, "Data", "likes");
	r = sync_command(&f, contacts, &key, commands(&f, PREFER("500") "%s", fetch_item(&f, id)));
	assert_element(&r, "Data", "likes corn");
	assert_int_equal(eas_reply_count(&r, "airsyncbase:Truncated"), 0);
}

/* MS-ASCMD_R756, MS-ASCMD_R754, MS-ASCMD_R196, MS-ASCNTC_R2262 */
static void the_recipient_cache_is_written_by_the_server_alone(void **unused)
{
	FIXTURE(f);
	int64_t cache = fixture_role(&f, FOLDER_RECIPIENT_CACHE);
	const char *key = first_key(&f, cache);
	struct eas_reply r;

	(void)unused;
	r = sync_with(&f, cache, key, add_item(&f, "c1", "<Contacts:FirstName>Ann</>"));
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("4")));
	assert_int_equal(only_item(&f, cache), 0);
	put_octets(&f, cache, CARD);
	r = sync_with(&f, cache, key, "53 03 '1' 00 01");
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	r = fetched_by_item_operations(&f, cache, commands(&f, "%lld:1", (long long)cache));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("6")));
	for (enum eas_version v = EAS_2_5; v < EAS_VERSION_MAX_; v++) {
		f.phone.version = eas_version_text(v).p;
		r = fixture_foldersync(&f, "0");
		assert_true((str_find(r.xml, S("<Type>19</Type>")) < r.xml.n) == (v >= EAS_14_0));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_property_comes_back_in_every_version),
		cmocka_unit_test(without_supported_what_is_left_out_goes),
		cmocka_unit_test(a_note_and_a_picture_stay_where_they_are_left_out),
		cmocka_unit_test(a_filter_of_contacts_is_passed_over),
		cmocka_unit_test(a_supported_behind_key_0_is_passed_over),
		cmocka_unit_test(an_empty_supported_ghosts_everything),
		cmocka_unit_test(a_supported_lists_what_is_not_ghosted),
		cmocka_unit_test(a_birthday_is_the_right_day_from_every_platform),
		cmocka_unit_test(a_picture_has_a_greatest_size),
		cmocka_unit_test(an_empty_picture_of_ios_says_nothing),
		cmocka_unit_test(a_change_touches_what_it_names_alone),
		cmocka_unit_test(a_note_has_the_form_of_the_version),
		cmocka_unit_test(a_conflict_is_decided_as_the_phone_asks),
		cmocka_unit_test(an_add_that_is_repeated_is_done_once),
		cmocka_unit_test(what_no_contact_has_is_refused),
		cmocka_unit_test(a_card_that_can_not_be_read_is_shown_as_that),
		cmocka_unit_test(item_operations_gives_items_of_each_class),
		cmocka_unit_test(another_phone_is_told_of_a_change),
		cmocka_unit_test(a_note_is_cut_as_long_as_the_phone_asks),
		cmocka_unit_test(the_recipient_cache_is_written_by_the_server_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
