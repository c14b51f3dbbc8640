/* Single sentences of MS-ASCMD and MS-ASHTTP about answers that no other test is about. */
#include "class_fixture.h"

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

/* What a phone says of rights where there are none is passed over. Page 24: 05 RightsManagementSupport, 18 RemoveRightsManagementProtection. */
static void who_knows_of_rights_gets_mails_as_ever(void **unused)
{
	static const char support[] = "00 18 45 03 '1' 00 01 ";
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), id;

	(void)unused;
	deliver(&f, f.ann.mailbox, "lunch");
	id = only_item(&f, inbox);
	const struct eas_reply replies[] = {
		sync_with(&f, inbox, first_key(&f, inbox), commands(&f, "57 %s 00 00 01", support)),
		eas_phone_ask(
			&f.phone, "ItemOperations",
			doc(&f,
			    HEAD
			    "00 14 45 46 47 03 'Mailbox' 00 01 00 00 52 03 '%lld' 00 01 4D 03 '%lld:%lld' 00 01 00 18 "
			    "18 00 14 48 %s 00 14 01 01 01",
			    (long long)inbox, (long long)inbox, (long long)id, support)),
		eas_phone_ask(
			&f.phone, "Search",
			doc(&f,
			    HEAD
			    "00 0F 45 47 48 03 'Mailbox' 00 01 49 53 55 03 'lunch' 00 01 01 01 4A %s 00 0F 01 01 01",
			    support)),
	};
	for (size_t i = 0; i < countof(replies); i++)
		if (!has(&replies[i], "<email:Subject>lunch</email:Subject>") || has(&replies[i], "rm:"))
			fail_msg("%zu: " STR_FMT, i, STR_ARG(replies[i].xml));
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

/* ---- conflicts and filters, by class and version ---- */

static const char *const versions[] = { "2.5", "12.0", "12.1", "14.0", "14.1", "16.0", "16.1" };

static const struct kind {
	const char *name;
	enum folder_role role;
	const char *title, *item; /* the element that a conflict is about, and an item whose text in it is %s */
	const char *filters;      /* FilterType 0 to 8 and 9: those that it has; NULL: all the same to it */
} kinds[] = {
	{ "Email", FOLDER_INBOX, NULL, NULL, "012345" },
	{ "Calendar", FOLDER_DEFAULT_CALENDAR, "Subject",
	  "<Calendar:StartTime>20260201T100000Z</><Calendar:EndTime>20260201T110000Z</><Calendar:Subject>%s</>",
	  "04567" },
	{ "Tasks", FOLDER_DEFAULT_TASKS, "Subject", "<Tasks:Subject>%s</><Tasks:Complete>0</>", "08" },
	{ "Contacts", FOLDER_DEFAULT_CONTACTS, "FirstName", "<Contacts:FirstName>%s</>", NULL },
	{ "Notes", FOLDER_DEFAULT_NOTES, "Subject", "<Notes:Subject>%s</><Notes:MessageClass>IPM.StickyNote</>", NULL },
};

static bool is_told_notes(const char *version)
{
	return version[0] == '1' && version[1] >= '4';
}

/* A phone and where it stands in the folder. */
struct side {
	struct fixture *f;
	const char *device, *key;
	int64_t folder;
};

static struct eas_reply sync_side(struct side *s, const char *more)
{
	struct eas_reply r;

	s->f->phone.device_id = s->device;
	r = sync_with(s->f, s->folder, s->key, commands(s->f, "13 %s", more));
	if (r.xml.n && eas_reply_count(&r, "SyncKey"))
		s->key = key_of(s->f, &r);
	return r;
}

static char *titled(struct fixture *f, const struct kind *k, const char *id, const char *title)
{
	CLEANUP(buf_release) struct buf xml = BUF_INIT(1024);
	const struct str before = str_slice(str_of(k->item), 0, str_index(str_of(k->item), '%'));

	buf_fmt(&xml, STR_FMT "%s%s%c", STR_ARG(before), title, k->item + before.n + 2, '\0');
	return id ? change_item(f, id, xml.p) : add_item(f, "c1", xml.p);
}

/* Both change the item, the first unseen by the second: which one holds, by its Options and by what it is told. */
static void check_conflict(struct fixture *f, const struct kind *k, const char *choice, bool server_wins)
{
	struct side one = { f, "one", NULL, fixture_role(f, k->role) }, two = one;
	struct eas_reply r;
	const char *id;

	two.device = "two";
	f->phone.device_id = one.device;
	one.key = first_key(f, one.folder);
	f->phone.device_id = two.device;
	two.key = first_key(f, two.folder);
	r = sync_side(&one, titled(f, k, NULL, "first"));
	assert_ok(arena_cstr(&f->arena, eas_reply_text(&r, "ServerId", 0), &id));
	sync_side(&two, "");
	sync_side(&two, titled(f, k, id, "server's"));
	r = sync_side(&one, commands(f, "%s %s", choice, titled(f, k, id, "client's")));
	if (has(&r, "<Status>7</Status>") != server_wins)
		fail_msg("%s %s %s: " STR_FMT, f->phone.version, k->name, choice, STR_ARG(r.xml));
	if (server_wins)
		assert_element(&r, k->title, "server's"); /* the phone has it again */
	r = sync_side(&two, "");
	if (!server_wins)
		assert_element(&r, k->title, "client's");
	assert_int_equal(str_find(octets_of(f, id), S("client's")) < octets_of(f, id).n, !server_wins);
	if (!server_wins)
		return;
	/* A Delete takes precedence, whoever comes first. */
	sync_side(&one, titled(f, k, id, "last"));
	r = sync_side(&two, commands(f, "5E 03 '0' 00 01 %s %s", choice, delete_item(f, id)));
	r = sync_side(&one, commands(f, "%s %s", choice, titled(f, k, id, "too late")));
	assert_element(&r, "Status", "8");
	assert_int_equal(only_item(f, one.folder), 0);
}

/*
 * MS-ASCMD_R2066, MS-ASCMD_R2067, MS-ASCMD_R2068, MS-ASCMD_R2069, MS-ASCMD_R2076, MS-ASCMD_R6356, MS-ASCMD_R6357, MS-ASCMD_R6358,
 * MS-ASCMD_R6359, MS-ASCMD_R6359100701
 */
static void a_conflict_is_settled_in_every_class_and_version(void **unused)
{
	static const struct {
		const char *choice;
		bool server_wins;
	} cases[] = { { "", true }, { "57 5B 03 '1' 00 01 01", true }, { "57 5B 03 '0' 00 01 01", false } };

	(void)unused;
	for (size_t v = 0; v < countof(versions); v++) {
		FIXTURE(f);

		f.phone.version = versions[v];
		for (size_t i = 0; i < countof(kinds) * countof(cases); i++) {
			const struct kind *k = &kinds[i / countof(cases)];
			bool unsaid = i % countof(cases) == 0;

			if ((!unsaid || v + 1 == countof(versions)) && k->item &&
			    (k->role != FOLDER_DEFAULT_NOTES || is_told_notes(versions[v])))
				check_conflict(&f, k, cases[i % countof(cases)].choice,
					       cases[i % countof(cases)].server_wins);
		}
	}
}

static bool has_filter(const struct kind *k, unsigned filter)
{
	return !k->filters || strchr(k->filters, (int)('0' + filter));
}

/* One collection of each kind that the version has, with that filter. */
static struct eas_reply ask_all(struct fixture *f, size_t n, bool estimate, const char *const *keys, unsigned filter)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(1 << 14);
	const bool in_options = f->phone.version[1] > '2' && f->phone.version[0] == '1';

	buf_cstr(&b, HEAD);
	buf_cstr(&b, estimate ? "00 06 45 47 " : "45 5C ");
	for (size_t i = 0; i < n; i++) {
		const long long folder = (long long)fixture_role(f, kinds[i].role);

		if (estimate)
			buf_fmt(&b,
				"48 00 00 4B 03 '%s' 00 01 00 06 4A 03 '%lld' 00 01 00 00 %s 58 03 '%u' 00 01 %s 00 06 "
				"01 ",
				keys[i], folder, in_options ? "57" : "", filter, in_options ? "01" : "");
		else
			buf_fmt(&b, "4F 4B 03 '0' 00 01 52 03 '%lld' 00 01 57 58 03 '%u' 00 01 01 01 ", folder, filter);
	}
	buf_cstr(&b, "01 01");
	buf_char(&b, '\0');
	return eas_phone_ask(&f->phone, estimate ? "GetItemEstimate" : "Sync", doc(f, "%s", b.p));
}

/*
 * Of Sync, mails: MS-ASCMD_R3035, MS-ASCMD_R3036, MS-ASCMD_R3037, MS-ASCMD_R3038, MS-ASCMD_R3039, MS-ASCMD_R3040, MS-
 * ASCMD_R3041, MS-ASCMD_R3042, MS-ASCMD_R3043
 * calendars: MS-ASCMD_R3044, MS-ASCMD_R3045, MS-ASCMD_R3046, MS-ASCMD_R3047, MS-ASCMD_R3048, MS-ASCMD_R3049, MS-
 * ASCMD_R3050, MS-ASCMD_R3051, MS-ASCMD_R3052
 * tasks: MS-ASCMD_R3053, MS-ASCMD_R3054, MS-ASCMD_R3055, MS-ASCMD_R3056, MS-ASCMD_R3057, MS-ASCMD_R3058, MS-ASCMD_R3059,
 * MS-ASCMD_R3060, MS-ASCMD_R3061
 * Of GetItemEstimate, mails: MS-ASCMD_R2999, MS-ASCMD_R3000, MS-ASCMD_R3001, MS-ASCMD_R3002, MS-ASCMD_R3003, MS-
 * ASCMD_R3004, MS-ASCMD_R3005, MS-ASCMD_R3006, MS-ASCMD_R3007
 * calendars: MS-ASCMD_R3008, MS-ASCMD_R3009, MS-ASCMD_R3010, MS-ASCMD_R3011, MS-ASCMD_R3012, MS-ASCMD_R3013, MS-
 * ASCMD_R3014, MS-ASCMD_R3015, MS-ASCMD_R3016
 * tasks: MS-ASCMD_R3017, MS-ASCMD_R3018, MS-ASCMD_R3019, MS-ASCMD_R3020, MS-ASCMD_R3021, MS-ASCMD_R3022, MS-ASCMD_R3023,
 * MS-ASCMD_R3024, MS-ASCMD_R3025
 * and in whose place the filter stands: MS-ASCMD_R2973, MS-ASCMD_R6550, MS-ASCMD_R6551, MS-ASCMD_R6552, MS-ASCMD_R6553,
 * MS-ASCMD_R6553100801, MS-ASCMD_R6554
 */
static void a_filter_is_one_that_the_class_has(void **unused)
{
	(void)unused;
	for (size_t v = 0; v < countof(versions); v++) {
		const size_t n = is_told_notes(versions[v]) ? countof(kinds) : countof(kinds) - 1;
		const char *const wrong = is_told_notes(versions[v]) ? "110" : "2";
		const char *keys[countof(kinds)];
		FIXTURE(f);

		f.phone.version = versions[v];
		for (size_t i = 0; i < n; i++)
			keys[i] = first_key(&f, fixture_role(&f, kinds[i].role));
		for (unsigned filter = 0; filter <= 8; filter++) {
			struct eas_reply sync = ask_all(&f, n, false, NULL, filter),
					 estimate = ask_all(&f, n, true, keys, filter);

			for (size_t i = 0; i < n; i++) {
				bool has_it = has_filter(&kinds[i], filter);

				if (!str_eq(eas_reply_text(&sync, "Status", (unsigned)i), has_it ? S("1") : S("4")) ||
				    !str_eq(eas_reply_text(&estimate, "Status", (unsigned)i),
					    has_it ? S("1") : str_of(wrong)))
					fail_msg("%s %s filter %u: " STR_FMT STR_FMT, versions[v], kinds[i].name,
						 filter, STR_ARG(sync.xml), STR_ARG(estimate.xml));
			}
		}
	}
}

/* Titles, and the filters that the event is inside of; now is 2026-01-01T00:00:00Z. */
#define EVENT(title, from, to, more) \
	"<Calendar:StartTime>" from "</><Calendar:EndTime>" to "</><Calendar:Subject>" title "</>" more
#define SERIES_OF(type, more) "<Calendar:Recurrence><Calendar:Type>" type "</><Calendar:Interval>1</>" more "</>"
static const struct {
	const char *title, *xml, *inside;
} dated[] = {
#define DATED(title, from, to, more, inside)                \
	{                                                   \
		title, EVENT(title, from, to, more), inside \
	}
	DATED("ten days", "20251222T100000Z", "20251222T110000Z", "", "04567"),
	DATED("two weeks", "20251217T100000Z", "20251218T000000Z", "", "04567"),
	DATED("a second more", "20251217T100000Z", "20251217T235959Z", "", "0567"),
	DATED("two months", "20251102T100000Z", "20251102T110000Z", "", "067"),
	DATED("perhaps", "20251102T100000Z", "20251102T110000Z", "<Calendar:BusyStatus>1</>", "067"),
	DATED("four months", "20250903T100000Z", "20250903T110000Z", "", "07"),
	DATED("a year", "20250101T100000Z", "20250101T110000Z", "", "0"),
	DATED("to come", "20270101T100000Z", "20270101T110000Z", "", "04567"),                  /* MS-ASCMD_R2971 */
	DATED("for ever", "20200101T100000Z", "20200101T110000Z", SERIES_OF("0", ""), "04567"), /* MS-ASCMD_R5877 */
	DATED("ended", "20200101T100000Z", "20200101T110000Z", SERIES_OF("0", "<Calendar:Until>20230101T100000Z</>"),
	      "0"),
	DATED("just ended", "20200101T100000Z", "20200101T110000Z",
	      SERIES_OF("0", "<Calendar:Until>20251222T100000Z</>"), "04567"),
};

/* MS-ASCMD_R2987, MS-ASCMD_R2967, MS-ASCMD_R2969, MS-ASCMD_R2970 */
static void an_event_is_inside_of_a_filter_by_its_end(void **unused)
{
	FIXTURE(f);
	int64_t calendar = fixture_role(&f, FOLDER_DEFAULT_CALENDAR);
	const char *key = first_key(&f, calendar);

	(void)unused;
	for (size_t i = 0; i < countof(dated); i++)
		added_item(&f, calendar, &key, dated[i].title, dated[i].xml);
	f.phone.device_id = "reader";
	for (size_t v = 0; v < countof(versions); v++)
		for (const char *filter = "04567"; *filter; filter++) {
			struct eas_reply r;
			size_t n = 0;

			f.phone.version = versions[v];
			key = first_key(&f, calendar);
			r = sync_with(&f, calendar, key, commands(&f, "13 57 58 03 '%c' 00 01 01", *filter));
			for (size_t i = 0; i < countof(dated); i++) {
				bool inside = strchr(dated[i].inside, *filter) != NULL;

				n += inside;
				if (has(&r, commands(&f, ">%s</calendar:Subject>", dated[i].title)) != inside)
					fail_msg("%s filter %c, %s: " STR_FMT, versions[v], *filter, dated[i].title,
						 STR_ARG(r.xml));
			}
			assert_int_equal(eas_reply_count(&r, "Add"), n);
		}
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
		cmocka_unit_test(who_knows_of_rights_gets_mails_as_ever),
		cmocka_unit_test(an_occurrence_that_is_none_is_status_104),
		cmocka_unit_test(a_folder_is_not_renamed_without_a_key),
		cmocka_unit_test(who_got_a_copy_is_found_with_the_mail),
		cmocka_unit_test(a_conflict_is_settled_in_every_class_and_version),
		cmocka_unit_test(a_filter_is_one_that_the_class_has),
		cmocka_unit_test(an_event_is_inside_of_a_filter_by_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
