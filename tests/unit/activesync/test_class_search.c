/* Items of calendars, contacts, tasks and notes: found by Search, fetched as Schema says; and the recipient cache. */
#include "class_fixture.h"

#include <gateway/activesync/server_id.h>
#include <gateway/mailbox/recipients.h>

static const struct class_row {
	const char *name;
	enum folder_role role;
	const char *octets, *word; /* a word of its text */
	const char *shown, *wanted, *other;
} classes[] = {
	{ "Calendar", FOLDER_DEFAULT_CALENDAR,
	  "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t\r\nBEGIN:VEVENT\r\nUID:e1\r\nDTSTAMP:20260101T000000Z\r\n"
	  "DTSTART:20261201T100000Z\r\nDTEND:20261201T110000Z\r\nSUMMARY:Moulting fe\r\n athers\r\nLOCATION:Coop\r\n"
	  "ATTENDEE;CN=\"Hen, Zoe\":mailto:zoe@example.net\r\nATTACH;FMTTYPE=text/csv;FILENAME=\"Prices of eggs.csv\""
	  ";SIZE=4:cid:0123456789abcdef0123456789abcdef@att.roost\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\n"
	  "DESCRIPTION:Reminding\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
	  "feathers", "calendar:Subject", "Calendar:StartTime", "calendar:StartTime" },
	{ "Contacts", FOLDER_DEFAULT_CONTACTS,
	  "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:c1\r\nFN:Zoe Hen\r\nN:Hen;Zoe;;;\r\nNOTE:lays feathers\\, daily\r\n"
	  "EMAIL:zoe@example.net\r\nEND:VCARD\r\n",
	  "\xc5\xbboe", "contacts:LastName", "Contacts:FirstName", "contacts:FirstName" },
	{ "Tasks", FOLDER_DEFAULT_TASKS,
	  "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t\r\nBEGIN:VTODO\r\nUID:t1\r\nDTSTAMP:20260101T000000Z\r\n"
	  "SUMMARY:Sweep\r\nDESCRIPTION:the feathers\r\nEND:VTODO\r\nEND:VCALENDAR\r\n",
	  "FEATHERS", "tasks:Subject", "Tasks:Complete", "tasks:Complete" },
	{ "Notes", FOLDER_DEFAULT_NOTES,
	  "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t\r\nBEGIN:VJOURNAL\r\nUID:n1\r\nDTSTAMP:20260101T000000Z\r\n"
	  "SUMMARY:Down\r\nDESCRIPTION:of feathers\r\nEND:VJOURNAL\r\nEND:VCALENDAR\r\n",
	  "feather", "notes:Subject", "Notes:MessageClass", "notes:MessageClass" },
};

static struct eas_reply ask(struct fixture *f, const char *command, const char *root, const char *xml)
{
	return eas_phone_ask(&f->phone, command, doc(f, HEAD "%s %s 01", root, elements(f, xml)));
}

static const char *text(struct fixture *f, const char *format, const char *a, const char *b)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(1 << 16);
	const char *at = strstr(format, "$1"), *to = strstr(format, "$2"), *ret;

	buf_put(&out, format, (size_t)(at - format));
	buf_cstr(&out, a);
	buf_put(&out, at + 2, (size_t)(to - at - 2));
	buf_cstr(&out, b);
	buf_cstr(&out, to + 2);
	assert_ok(arena_cstr(&f->arena, buf_view(&out), &ret));
	return ret;
}

static struct eas_reply search(struct fixture *f, const char *class, const char *word)
{
	return ask(f, "Search", "00 0F 45",
		   text(f,
			"<Search:Store><Search:Name>Mailbox</><Search:Query><Search:And><AirSync:Class>$1</>"
			"<Search:FreeText>$2</></></><Search:Options><Search:Range>0-9</></></>",
			class, word));
}

/* MS-ASCAL_R523, MS-ASCAL_R533, MS-ASCAL_R534, MS-ASCAL_R535 */
/* MS-ASCNTC_R475, MS-ASCNTC_R488, MS-ASCNTC_R490, MS-ASCNTC_R471 */
/* MS-ASTASK_R351, MS-ASTASK_R361, MS-ASTASK_R363, MS-ASNOTE_R98, MS-ASNOTE_R106, MS-ASNOTE_R108, MS-ASCMD_R5751 */
static void an_item_is_found_by_its_class_and_a_word_of_it(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	for (size_t i = 0; i < countof(classes); i++)
		put_octets(&f, fixture_role(&f, classes[i].role), classes[i].octets);
	for (size_t i = 0; i < countof(classes); i++) {
		r = search(&f, classes[i].name, classes[i].word);
		assert_element(&r, "Total", "1");
		assert_element(&r, "Class", classes[i].name);
		assert_int_equal(eas_reply_count(&r, classes[i].shown), 1);
		assert_true(eas_reply_count(&r, "airsyncbase:Body") == 0); /* none was asked for */
	}
	/* What an alarm says is no text of the event; an attendee is. Without a class mails alone are found. */
	r = search(&f, "Calendar", "Reminding");
	assert_element(&r, "Total", "0");
	r = search(&f, "Calendar", "zoe");
	assert_element(&r, "Total", "1");
	r = search(&f, "Calendar", "prices"); /* the name of an attachment */
	assert_element(&r, "Total", "1");
	r = search(&f, "Calendar", "attachment:prices");
	assert_element(&r, "Total", "1");
}

/* MS-ASTASK_R364 */
static void properties_are_no_conditions(void **unused)
{
	FIXTURE(f);
	static const char *const tags[] = { "Calendar:Subject", "Contacts:FirstName", "Tasks:Subject",
					    "Notes:Subject" };

	(void)unused;
	for (size_t i = 0; i < countof(tags); i++) {
		struct eas_reply r = ask(&f, "Search", "00 0F 45",
					 text(&f,
					      "<Search:Store><Search:Name>Mailbox</><Search:Query><Search:And>"
					      "<$1>hen</></></><Search:Options><Search:Range>$2</></></>",
					      tags[i], "0-9"));

		assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("2")));
	}
}

static struct eas_reply fetch(struct fixture *f, int64_t folder, int64_t item, const char *schema)
{
	const struct server_id id = server_id_item(folder, item), collection = server_id_folder(folder);
	const char *head = text(f,
				"<ItemOperations:Fetch><ItemOperations:Store>Mailbox</><AirSync:CollectionId>$1</>"
				"<AirSync:ServerId>$2</>",
				collection.text, id.text);

	return ask(f, "ItemOperations", "00 14 45",
		   text(f, "$1<ItemOperations:Options><ItemOperations:Schema>$2</></></>", head, schema));
}

/* MS-ASCNTC_R485, MS-ASTASK_R358, MS-ASNOTE_R103, MS-ASCAL_R525, MS-ASCAL_R528, MS-ASCAL_R529, MS-ASCAL_R530, MS-ASCAL_R531 */
static void a_schema_says_what_is_fetched(void **unused)
{
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(classes); i++) {
		const struct class_row *c = &classes[i];
		int64_t folder = fixture_role(&f, c->role), item = put_octets(&f, folder, c->octets);
		struct eas_reply r = fetch(&f, folder, item, text(&f, "<$1/>$2", c->wanted, ""));

		assert_int_equal(eas_reply_count(&r, c->other), 1);
		assert_int_equal(eas_reply_count(&r, c->shown), 0);
		assert_int_equal(eas_reply_count(&r, "airsyncbase:Body"), 0);
		r = fetch(&f, folder, item, text(&f, "<$1/>$2", c->wanted, "<AirSyncBase:Body/>"));
		assert_int_equal(eas_reply_count(&r, c->other), 1);
		assert_int_equal(eas_reply_count(&r, "airsyncbase:Body"), 1);
		r = fetch(&f, folder, item, "");
		assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("1")));
		assert_int_equal(eas_reply_count(&r, c->other) + eas_reply_count(&r, c->shown), 0);
	}
}

static void a_schema_of_a_mail_has_what_it_names(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), item;
	struct eas_reply r;

	(void)unused;
	deliver_octets(&f, f.ann.mailbox, S("From: b@x.test\r\nTo: ann@example.org\r\nSubject: Corn\r\n\r\nhi\r\n"));
	item = only_item(&f, inbox);
	r = fetch(&f, inbox, item, "<Email:Subject/><Email:Read/>");
	assert_element(&r, "Subject", "Corn");
	assert_int_equal(eas_reply_count(&r, "email:Read"), 1);
	assert_int_equal(eas_reply_count(&r, "email:From") + eas_reply_count(&r, "airsyncbase:Body"), 0);
}

static void send_to(struct fixture *f, const char *to)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(1 << 16);

	buf_fmt(&b, "%s\r\nSubject: x\r\n\r\nhi\r\n", to);
	f->phone.version = "12.1";
	f->phone.content_type = "message/rfc822";
	assert_int_equal(eas_phone_ask(&f->phone, "SendMail", buf_view(&b)).status, 200);
	f->phone.version = "14.1";
	f->phone.content_type = NULL;
}

static uint64_t rank_of(const struct eas_reply *r, const char *alias)
{
	CLEANUP(buf_release) struct buf head = BUF_INIT(256);
	struct str rest;
	uint64_t ret;

	buf_fmt(&head, "<contacts:Alias>%s</contacts:Alias><contacts:WeightedRank>", alias);
	rest = str_slice(r->xml, str_find(r->xml, buf_view(&head)) + head.n, r->xml.n);
	assert_ok(str_to_u64(str_slice(rest, 0, str_index(rest, '<')), UINT32_MAX, &ret));
	return ret;
}

/* MS-ASCNTC_R102, MS-ASCNTC_R105, MS-ASCNTC_R219, MS-ASCNTC_R236, MS-ASCNTC_R410, MS-ASCNTC_R412, MS-ASCNTC_R415 */
/* MS-ASCNTC_R514 */
static void who_is_written_to_is_in_the_recipient_cache(void **unused)
{
	FIXTURE(f);
	int64_t cache = fixture_role(&f, FOLDER_RECIPIENT_CACHE);
	const char *key;
	struct eas_reply r;

	(void)unused;
	send_to(&f, "To: Zoe Hen <zoe@example.net>");
	send_to(&f, "To: ZOE@example.net, tom@example.net\r\nCc: Una <una@example.net>");
	key = first_key(&f, cache);
	r = sync_with(&f, cache, key, "53 03 '1' 00 01");
	assert_int_equal(eas_reply_count(&r, "contacts:Email1Address"), 3);
	assert_element(&r, "FileAs", "Zoe Hen");
	assert_element(&r, "Alias", "zoe");
	assert_element(&r, "FileAs", "tom@example.net");
	assert_element(&r, "FileAs", "Una");
	assert_int_equal(eas_reply_count(&r, "contacts:WeightedRank"), 3);
	assert_int_equal(eas_reply_count(&r, "airsyncbase:Body"), 0);
	/* Who is written to twice is ahead by a day. */
	assert_int_equal(rank_of(&r, "zoe"), rank_of(&r, "tom") + 1);
	key = key_of(&f, &r);
	send_to(&f, "To: tom@example.net");
	r = sync_with(&f, cache, key, "53 03 '1' 00 01");
	assert_int_equal(eas_reply_count(&r, "Change"), 1);
	assert_element(&r, "Alias", "tom");
}

static void the_recipient_cache_is_bounded(void **unused)
{
	FIXTURE(f);
	int64_t cache = fixture_role(&f, FOLDER_RECIPIENT_CACHE);
	size_t adds;

	(void)unused;
	for (unsigned i = 0; i < RECIPIENTS_MAX + 20; i += 20) {
		CLEANUP(buf_release) struct buf to = BUF_INIT(1 << 16);
		const char *line;

		buf_cstr(&to, "To: first@example.net");
		for (unsigned k = 0; k < 20; k++)
			buf_fmt(&to, ",\r\n u%u@example.net", i + k);
		assert_ok(arena_cstr(&f.arena, buf_view(&to), &line));
		send_to(&f, line);
	}
	(void)sync_all(&f, cache, first_key(&f, cache), &adds);
	assert_int_equal(adds, RECIPIENTS_MAX);
}

/* Entries of before there was an index beside them are what they were; one that can't be read goes. */
static void entries_without_an_index_are_taken_in(void **unused)
{
	FIXTURE(f);
	int64_t cache = fixture_role(&f, FOLDER_RECIPIENT_CACHE);
	struct eas_reply r;

	(void)unused;
	(void)put_octets(&f, cache,
			 "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Old\r\nEMAIL:old@example.net\r\nX-ROOST-RANK:7\r\n"
			 "END:VCARD\r\n");
	(void)put_octets(&f, cache, "no card");
	send_to(&f, "To: OLD@example.net");
	send_to(&f, "To: new@example.net");
	r = sync_with(&f, cache, first_key(&f, cache), "53 03 '1' 00 01");
	assert_int_equal(eas_reply_count(&r, "contacts:Email1Address"), 2);
	assert_int_equal(rank_of(&r, "old"), rank_of(&r, "new"));
}

static void expunge(struct fixture *f, int64_t folder, const char *server_id)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	const struct author nobody = AUTHOR_NOBODY;
	int64_t named_in, id;

	assert_ok(server_id_parse_item(str_of(server_id), &named_in, &id));
	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_WRITE, &tx));
	assert_ok(item_expunge(tx, folder, id, &nobody));
	assert_ok(store_commit(&tx));
}

/* A Sync of the cache by its own name; MaxItems is 68. */
static struct eas_reply sync_cache(struct fixture *f, const char **key, const char *more)
{
	struct eas_reply r = eas_phone_ask(
		&f->phone, "Sync", doc(f, HEAD "45 5C 4F 4B 03 '%s' 00 01 52 03 'RI' 00 01 %s 01 01 01", *key, more));

	if (r.xml.n && eas_reply_count(&r, "SyncKey"))
		*key = key_of(f, &r);
	return r;
}

static size_t entries(const struct eas_reply *r, const char *element)
{
	return r->xml.n ? eas_reply_count(r, element) : 0;
}

/* MS-ASCMD_R2037, MS-ASCMD_R756 */
static void the_recipient_cache_has_a_name_of_its_own(void **unused)
{
	static const char *const versions[] = { "14.0", "14.1", "16.0", "16.1" };
	FIXTURE(f);
	const char *key = "0";
	struct eas_reply r;

	(void)unused;
	send_to(&f, "To: one@example.net");
	for (size_t i = 0; i < countof(versions); i++) {
		f.phone.version = versions[i];
		key = "0";
		sync_cache(&f, &key, "");
		r = sync_cache(&f, &key, "");
		assert_element(&r, "CollectionId", "RI");
		assert_element(&r, "Email1Address", "one@example.net");
		r = sync_cache(&f, &key, add_item(&f, "c1", "<Contacts:FirstName>x</>"));
		assert_element(&r, "Status", "4");
	}
	f.phone.version = "12.1";
	key = "0";
	r = sync_cache(&f, &key, "");
	assert_element(&r, "Status", "12");
}

/* Mails that are not alike, one behind the other. */
static void send_times(struct fixture *f, const char *address, unsigned times)
{
	const char *version = f->phone.version;

	for (unsigned i = 0; i < times; i++) {
		clock_fake_advance(&f->server.clock, 1000);
		send_to(f, commands(f, "To: %s\r\nX-Number: %llu", address,
				    (unsigned long long)clock_wall_ms(&f->server.clock.clock)));
	}
	f->phone.version = version;
}

#define MAX_ITEMS(n) "57 68 03 '" n "' 00 01 01 "

/* MS-ASCMD_R3273, MS-ASCMD_R3275, MS-ASCMD_R6771, MS-ASCMD_R6772, MS-ASCMD_R6773 */
static void max_items_keeps_the_first_of_the_cache(void **unused)
{
	static const char *const versions[] = { "14.0", "14.1", "16.0", "16.1" };

	(void)unused;
	for (size_t i = 0; i < countof(versions); i++) {
		FIXTURE(f);
		int64_t cache = fixture_role(&f, FOLDER_RECIPIENT_CACHE);
		const char *key = "0", *id;
		struct eas_reply r;

		f.phone.version = versions[i];
		send_times(&f, "high@example.net", 3);
		send_times(&f, "middle@example.net", 2);
		send_times(&f, "low@example.net", 1);
		sync_cache(&f, &key, "");
		r = sync_cache(&f, &key, MAX_ITEMS("2"));
		assert_int_equal(entries(&r, "Add"), 2);
		assert_true(holds(&r, "middle@") && holds(&r, "high@") && !holds(&r, "low@"));
		assert_ok(arena_cstr(&f.arena, eas_reply_text(&r, "ServerId", 0), &id)); /* high: the first */
		assert_int_equal(sync_cache(&f, &key, "").body.n, 0);
		/* It is among the first now: one comes, one goes. */
		send_times(&f, "low@example.net", 3);
		r = sync_cache(&f, &key, "");
		assert_int_equal(entries(&r, "Add"), 1);
		assert_int_equal(entries(&r, "SoftDelete"), 1);
		assert_true(holds(&r, "low@"));
		assert_int_equal(sync_cache(&f, &key, "").body.n, 0);
		/* One of the first is gone: the next one follows. */
		expunge(&f, cache, id);
		r = sync_cache(&f, &key, "");
		assert_int_equal(entries(&r, "Delete"), 1);
		assert_int_equal(entries(&r, "Add"), 1);
		assert_true(holds(&r, "middle@"));
		r = sync_cache(&f, &key, MAX_ITEMS("1"));
		assert_int_equal(entries(&r, "SoftDelete"), 1);
		r = sync_cache(&f, &key, "17 "); /* Options without it: all of them */
		assert_int_equal(entries(&r, "Add"), 1);
		r = sync_cache(&f, &key, MAX_ITEMS("0"));
		assert_element(&r, "Status", "4");
	}
}

/* A hold of the cache by its name, in a version: Ping, or Sync with so many seconds or minutes. */
static struct str hold_of(struct fixture *f, const char *hold, const char *key)
{
	return str_eq(str_of(hold), S("Ping"))
		       ? doc(f,
			     HEAD "00 0D 45 48 03 '480' 00 01 49 4A 4B 03 'RI' 00 01 4C 03 'Contacts' 00 01 01 01 01")
		       : doc(f, HEAD "45 5C 4F 4B 03 '%s' 00 01 52 03 'RI' 00 01 01 01 %s 01", key, hold);
}

/* MS-ASCMD_R2037: the cache changes when a mail is sent; whoever waits for it is told, by the name that he asked with. */
static void who_waits_for_the_recipient_cache_is_told(void **unused)
{
	static const char *const versions[] = { "14.0", "14.1", "16.0", "16.1" };
	static const char *const holds_[] = { "Ping", "64 03 '1' 00 01",
					      "69 03 '480' 00 01" }; /* Wait, HeartbeatInterval */

	(void)unused;
	for (size_t i = 0; i < countof(versions) * countof(holds_); i++) {
		const char *hold = holds_[i % countof(holds_)];
		bool pings = str_eq(str_of(hold), S("Ping"));
		FIXTURE(f);
		struct eas_phone waiting = eas_phone_new(f.phone.port);
		const char *const device = f.phone.device_id, *key = "0";
		struct eas_reply r;

		f.phone.version = waiting.version = versions[i / countof(holds_)];
		fixture_learn_hierarchy(&f);
		sync_cache(&f, &key, "");
		sync_cache(&f, &key, "");
		eas_phone_send(&waiting, pings ? "Ping" : "Sync", hold_of(&f, hold, key));
		server_await_held(&f.server, 1);
		f.phone.device_id = "other";
		send_to(&f, "To: new@example.net");
		f.phone.device_id = device;
		r = eas_phone_receive(&waiting);
		assert_element(&r, pings ? "Folder" : "CollectionId", "RI");
		if (pings) { /* remembered for a Ping that leaves it out */
			r = eas_phone_ask(&waiting, "Ping", STR_EMPTY);
			assert_element(&r, "Folder", "RI");
			waiting.version = f.phone.version = "12.1"; /* which has no such name */
			fixture_learn_hierarchy(&f);
			eas_phone_send(&waiting, "Ping", hold_of(&f, hold, key));
			server_await_held(&f.server, 1);
		} else {
			assert_element(&r, "Email1Address", "new@example.net");
		}
		eas_phone_release(&waiting);
	}
}

static struct eas_reply estimate_of(struct fixture *f, const char *collection, const char *key)
{
	return eas_phone_ask(&f->phone, "GetItemEstimate",
			     doc(f,
				 HEAD "00 06 45 47 48 00 00 4B 03 '%s' 00 01 00 06 4A 03 '%s' 00 01 00 00 " MAX_ITEMS(
					 "1") "00 06 01 01 01",
				 key, collection));
}

/* MS-ASCMD_R3263, MS-ASCMD_R3264, MS-ASCMD_R3265, MS-ASCMD_R3269 */
static void max_items_of_an_estimate_is_for_the_cache_alone(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	const char *key = "0";
	struct eas_reply r;

	(void)unused;
	send_to(&f, "To: one@example.net, two@example.net");
	sync_cache(&f, &key, "");
	r = estimate_of(&f, "RI", key);
	assert_element(&r, "Status", "1");
	assert_element(&r, "Estimate", "1");
	r = estimate_of(&f, commands(&f, "%lld", (long long)inbox), first_key(&f, inbox));
	assert_element(&r, "Status", "2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_item_is_found_by_its_class_and_a_word_of_it),
		cmocka_unit_test(properties_are_no_conditions),
		cmocka_unit_test(a_schema_says_what_is_fetched),
		cmocka_unit_test(a_schema_of_a_mail_has_what_it_names),
		cmocka_unit_test(who_is_written_to_is_in_the_recipient_cache),
		cmocka_unit_test(the_recipient_cache_is_bounded),
		cmocka_unit_test(entries_without_an_index_are_taken_in),
		cmocka_unit_test(the_recipient_cache_has_a_name_of_its_own),
		cmocka_unit_test(max_items_keeps_the_first_of_the_cache),
		cmocka_unit_test(max_items_of_an_estimate_is_for_the_cache_alone),
		cmocka_unit_test(who_waits_for_the_recipient_cache_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
