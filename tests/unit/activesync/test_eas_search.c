/* Search and Find over a real connection: what is found, in which range, and what is refused. */
#include "sync_fixture.h"

#include <gateway/activesync/limits.h>
#include <store/account.h>
#include <store/address_book.h>
#include <store/mail_group.h>

/*
 * Page 15 (Search): 45 Search, 47 Store, 48 Name, 49 Query, 4A Options, 4B Range, 52 Value, 53 And, 54 Or, 55 FreeText,
 * 17 DeepTraversal, 19 RebuildResults, 5A LessThan, 5B GreaterThan, 21 Picture. Page 0: 50 Class, 52 CollectionId. Page
 * 2: 0F DateReceived. Page 17: 45 BodyPreference, 46 Type, 47 TruncationSize.
 */
#define TEXT(words) "55 03 '" words "' 00 01 "
#define RANGE(range) "4B 03 '" range "' 00 01 "

static struct eas_reply search_with(struct fixture *f, const char *store, const char *query, const char *options)
{
	return eas_phone_ask(
		&f->phone, "Search",
		doc(f, HEAD "00 0F 45 47 48 03 '%s' 00 01 49 %s 01 4A %s 01 01 01", store, query, options));
}

static struct eas_reply search(struct fixture *f, const char *conditions, const char *options)
{
	return search_with(f, "Mailbox", commands(f, "53 %s 01", conditions), options);
}

/* Status of the Store. */
static struct str status(const struct eas_reply *r)
{
	assert_true(str_eq(eas_reply_text(r, "Status", 0), S("1")));
	return eas_reply_text(r, "Status", 1);
}

static void assert_found(struct eas_reply r, const char *what, uint64_t total)
{
	CLEANUP(buf_release) struct buf wanted = BUF_INIT(64);

	buf_u64(&wanted, total);
	if (!str_eq(status(&r), S("1")) || !str_eq(eas_reply_text(&r, "Total", 0), buf_view(&wanted)))
		fail_msg("%s: " STR_FMT, what, STR_ARG(r.xml));
}

static void assert_has(const struct eas_reply *r, const char *part)
{
	if (str_find(r->xml, str_of(part)) == r->xml.n)
		fail_msg("no %s in " STR_FMT, part, STR_ARG(r->xml));
}

static void deliver_mail(struct fixture *f, const char *headers, const char *text)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(1 << 16);

	buf_fmt(&b, "From: Bob Ross <bob@example.org>\r\n%sContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n",
		headers, text);
	deliver_octets(f, f->ann.mailbox, buf_view(&b));
}

/* MS-ASCMD_R375, MS-ASCMD_R3849, MS-ASCMD_R3851, MS-ASCMD_R5849, MS-ASCMD_R3238, MS-ASCMD_R4633, MS-ASCMD_R3699 */
/* MS-ASCMD_R3846, MS-ASCMD_R3862, MS-ASCMD_R3879 */
static void a_mail_is_found_by_a_word_of_it(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;

	(void)unused;
	deliver_mail(&f, "Subject: Lunch\r\nTo: ann@example.test\r\n", "At NOON in the caf\xc3\xa9");
	deliver_mail(&f, "Subject: Dinner\r\n", "Late");
	r = search(&f, TEXT("noon"), RANGE("0-9"));
	assert_found(r, "noon", 1);
	assert_has(&r, "<Result><airsync:Class>Email</airsync:Class><LongId>1</LongId><airsync:CollectionId>");
	assert_has(&r, "<email:Subject>Lunch</email:Subject>");
	assert_has(&r, "<Range>0-0</Range><Total>1</Total></Store>");
	assert_int_equal(eas_reply_count(&r, "airsyncbase:Body"), 0); /* none was asked for */
	assert_int_equal(eas_reply_count(&r, "Result"), 1);
	assert_true(inbox > 0);
	assert_found(search(&f, TEXT("CAFE"), ""), "without its accent", 1);
	assert_found(search(&f, TEXT("noon") TEXT("late"), ""), "both of two texts", 0);
	assert_found(search(&f, TEXT("noon OR late"), ""), "one of two words", 2);
	assert_found(search(&f, TEXT("from:ross"), ""), "the author", 2);
	assert_found(search(&f, TEXT("subject:noon"), ""), "in the subject", 0);
}

/* MS-ASCMD_R3757; Page 15: 19 RebuildResults. */
static void what_is_deleted_is_found_no_more(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), id;
	const char *key;
	size_t adds;

	(void)unused;
	deliver_mail(&f, "Subject: Lunch\r\n", "At noon");
	id = only_item(&f, inbox);
	assert_found(search(&f, TEXT("noon"), RANGE("0-9") "19"), "while it is there", 1);
	key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	(void)sync_with(
		&f, inbox, key,
		commands(&f, "5E 03 '0' 00 01 56 49 4D 03 '%lld:%lld' 00 01 01 01", (long long)inbox, (long long)id));
	assert_found(search(&f, TEXT("noon"), RANGE("0-9")), "deleted", 0);
	assert_found(search(&f, TEXT("noon"), RANGE("0-9") "19"), "deleted, anew", 0);
}

/* MS-ASCMD_R3850: none is an empty Result. */
static void nothing_found_is_an_empty_result(void **unused)
{
	FIXTURE(f);
	struct eas_reply r = search(&f, TEXT("noon"), "");

	(void)unused;
	assert_found(r, "an empty mailbox", 0);
	assert_has(&r, "<Status>1</Status><Result/><Total>0</Total>");
}

/* MS-ASCMD_R2403; MS-ASAIRS 2.2.2.9: as BodyPreference wants it. */
static void a_body_comes_where_it_is_asked_for(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	deliver_mail(&f, "Subject: Lunch\r\n", "At noon");
	r = search(&f, TEXT("noon"), "00 11 45 46 03 '1' 00 01 47 03 '4' 00 01 01 00 0F ");
	assert_has(&r, "<airsyncbase:Type>1</airsyncbase:Type>");
	assert_has(&r, "<airsyncbase:Truncated>1</airsyncbase:Truncated><airsyncbase:Data>At n</airsyncbase:Data>");
	r = search(&f, TEXT("noon"), "00 00 62 03 '2' 00 01 00 11 45 46 03 '4' 00 01 01 00 0F ");
	assert_has(&r, "<airsyncbase:Type>4</airsyncbase:Type>");
	assert_has(&r, "Subject: Lunch");
}

/* MS-ASCMD_R3725, MS-ASCMD_R3729, MS-ASCMD_R3730, MS-ASCMD_R3733, MS-ASCMD_R3736, MS-ASCMD_R4361, MS-ASCMD_R4638: newest first, at most 100. */
/* MS-ASCMD_R4636 */
static void a_range_is_a_part_of_what_is_found(void **unused)
{
	static const struct {
		const char *asked, *status, *range, *first;
	} cases[] = {
		{ "0-0", "1", "0-0", "mail-119" },
		{ "0-9", "1", "0-9", "mail-119" },
		{ "10-19", "1", "10-19", "mail-109" },
		{ "0-99", "1", "0-99", "mail-119" },
		{ "110-129", "1", "110-119", "mail-009" },
		{ "0-100", "12", NULL, NULL },
		{ "120-129", "12", NULL, NULL },
		{ "5-4", "2", NULL, NULL },
		{ "5", "2", NULL, NULL },
		{ "a-b", "2", NULL, NULL },
	};
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	deliver_n(&f, 120);
	for (size_t i = 0; i < countof(cases); i++) {
		r = search(&f, TEXT("mail"), commands(&f, "4B 03 '%s' 00 01", cases[i].asked));
		if (!str_eq(status(&r), str_of(cases[i].status)))
			fail_msg("%s: " STR_FMT, cases[i].asked, STR_ARG(r.xml));
		if (!cases[i].range)
			continue;
		assert_true(str_eq(eas_reply_text(&r, "Range", 0), str_of(cases[i].range)));
		assert_true(str_eq(eas_reply_text(&r, "Total", 0), S("120")));
		assert_true(str_eq(eas_reply_text(&r, "email:Subject", 0), str_of(cases[i].first)));
	}
	r = search(&f, TEXT("mail"), "19 ");
	assert_true(str_eq(eas_reply_text(&r, "Range", 0), S("0-99")));
}

/* MS-ASCMD_R2031, MS-ASCMD_R2146, MS-ASCMD_R5856, MS-ASCMD_R4358 */
static void folders_are_searched_as_named(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), below = fixture_add_folder(&f, "Below", FOLDER_MAIL, inbox);
	int64_t deeper = fixture_add_folder(&f, "Deeper", FOLDER_MAIL, below), junk = fixture_role(&f, FOLDER_JUNK);
	int64_t to[] = { deeper, below, junk };
	const struct {
		const char *what;
		int64_t folder;
		const char *options;
		uint64_t total;
	} cases[] = {
		{ "the folder alone", inbox, "", 1 },
		{ "and those below it", inbox, "17", 3 },
		{ "from the middle", below, "17", 2 },
		{ "another", junk, "17", 1 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(to); i++) {
		struct item_move move = { .from = inbox, .to = to[i] };
		struct store_tx *tx;
		enum item_moved moved;

		deliver_mail(&f, "Subject: x\r\n", "noon");
		move.id = only_item(&f, inbox);
		assert_ok(store_begin(f.server.store, f.ann.mailbox, STORE_WRITE, &tx));
		assert_ok(item_move(tx, &move, &moved));
		assert_ok(store_commit(&tx));
	}
	deliver_mail(&f, "Subject: x\r\n", "noon");
	for (size_t i = 0; i < countof(cases); i++)
		assert_found(
			search(&f,
			       commands(&f, TEXT("noon") "00 00 52 03 '%lld' 00 01 00 0F", (long long)cases[i].folder),
			       cases[i].options),
			cases[i].what, cases[i].total);
	assert_found(search(&f,
			    commands(&f, TEXT("noon") "00 00 52 03 '%lld' 00 01 52 03 '%lld' 00 01 00 0F",
				     (long long)inbox, (long long)junk),
			    ""),
		     "two of them", 2);
	assert_found(search(&f, TEXT("noon"), ""), "none named: all", 4);
	assert_found(search(&f, TEXT("noon") "00 00 52 03 '0' 00 01 00 0F", ""), "the root: all", 4);
	assert_true(str_eq(
		status(&(struct eas_reply[1]){ search(&f, TEXT("noon") "00 00 52 03 '777' 00 01 00 0F", "") }[0]),
		S("11")));
}

/* MS-ASCMD_R920, MS-ASCMD_R922, MS-ASCMD_R3209, MS-ASCMD_R3217, MS-ASCMD_R3219 */
/* MS-ASCMD_R3140 */
static void class_and_received_time_narrow_it(void **unused)
{
	static const struct {
		const char *conditions;
		uint64_t total;
	} cases[] = {
		{ "00 00 50 03 'Email' 00 01 00 0F", 1 },
		{ "00 00 50 03 'Calendar' 00 01 00 0F", 0 },
		{ "00 00 50 03 'Calendar' 00 01 50 03 'Email' 00 01 00 0F", 1 },
		{ "00 00 50 03 'SMS' 00 01 00 0F", 0 },
		{ "5B 00 02 0F 00 0F 52 03 '2025-12-31T23:59:59.999Z' 00 01 01", 1 },
		{ "5B 00 02 0F 00 0F 52 03 '2026-01-01T00:00:00.000Z' 00 01 01", 0 },
		{ "5A 00 02 0F 00 0F 52 03 '2026-01-01T00:00:00.000Z' 00 01 01", 0 },
		{ "5A 00 02 0F 00 0F 52 03 '2026-01-01T00:00:00.001Z' 00 01 01", 1 },
		{ "5A 00 02 0F 00 0F 52 03 '20260101T000001Z' 00 01 01", 1 },
	};
	FIXTURE(f);

	(void)unused;
	deliver_mail(&f, "Subject: x\r\n", "noon");
	for (size_t i = 0; i < countof(cases); i++)
		assert_found(search(&f, commands(&f, TEXT("noon") "%s", cases[i].conditions), ""), cases[i].conditions,
			     cases[i].total);
}

/* MS-ASCMD_R772, MS-ASCMD_R923, MS-ASCMD_R2032, MS-ASCMD_R3105, MS-ASCMD_R3220, MS-ASCMD_R4329, MS-ASCMD_R4350 */
static void what_is_wrong_with_a_query_is_told(void **unused)
{
	static const struct {
		const char *what, *query, *status;
	} cases[] = {
		{ "a text outside of And", TEXT("noon"), "8" },
		{ "two Ands", "53 " TEXT("noon") "01 53 " TEXT("late") "01", "8" },
		{ "an And in it", "53 53 " TEXT("noon") "01 01", "8" },
		{ "an Or", "54 " TEXT("noon") "01", "8" },
		{ "a class outside", "00 00 50 03 'Email' 00 01 00 0F", "8" },
		{ "a folder outside", "00 00 52 03 '1' 00 01 00 0F", "8" },
		{ "a time outside", "5B 00 02 0F 00 0F 52 03 '2025-12-31T23:59:59.999Z' 00 01 01", "8" },
		{ "a class that is none", "53 00 00 50 03 'Mail' 00 01 00 0F 01", "2" },
		{ "a time that is none", "53 5B 00 02 0F 00 0F 52 03 'soon' 00 01 01 01", "2" },
		{ "a comparison without value", "53 5B 00 02 0F 00 0F 01 01", "2" },
		{ "a value before what it is of", "53 5B 52 03 '2025-12-31T23:59:59.999Z' 00 01 00 02 0F 00 0F 01 01",
		  "2" },
		{ "an And of nothing", "13", "2" },
		{ "a text of nothing", "53 " TEXT("") "01", "2" },
		{ "a text of blanks", "53 " TEXT("  ") "01", "2" },
	};
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r = search_with(&f, "Mailbox", cases[i].query, "");

		if (!str_eq(status(&r), str_of(cases[i].status)))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(r.xml));
	}
}

#define VALUE(link) "51 00 13 05 00 0F 52 03 '" link "' 00 01 01"
#define LINK(link) "51 00 13 45 03 '" link "' 00 01 00 0F 52 03 'x' 00 01 01"

static void other_stores_are_answered_honestly(void **unused)
{
	static const struct {
		const char *query, *status;
	} documents[] = {
		{ LINK("\\\\server\\share"), "13" }, /* MS-ASCMD_R4364 */
		{ LINK("HTTPS://server"), "13" },
		{ LINK("\\\\\\share"), "4" }, /* R4336 */
		{ LINK("share"), "4" },
		{ VALUE("\\\\server\\share"), "13" }, /* MS-ASCMD_R2279 */
		{ VALUE("share"), "4" },
		{ "51 52 03 'x' 00 01 01", "2" }, /* MS-ASDOC_R85 */
		{ TEXT("noon"), "2" },
	};
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	for (size_t i = 0; i < countof(documents); i++) {
		r = search_with(&f, "DocumentLibrary", documents[i].query, "");
		if (!str_eq(status(&r), str_of(documents[i].status)))
			fail_msg("%s: " STR_FMT, documents[i].query, STR_ARG(r.xml));
	}
	r = search_with(&f, "Moon", TEXT("noon"), "");
	assert_true(str_eq(status(&r), S("2")));
	f.phone.version = "2.5";
	r = search_with(&f, "Mailbox", "03 'noon' 00", "");
	assert_true(str_eq(status(&r), S("2")));
}

/* What a query may hold, and one more. */
static void a_query_is_bounded(void **unused)
{
	FIXTURE(f);
	CLEANUP(buf_release) struct buf many = BUF_INIT(1 << 20);
	struct eas_reply r;

	(void)unused;
	for (size_t i = 0; i < EAS_MAX_SEARCH_TEXTS; i++)
		buf_cstr(&many, TEXT("noon"));
	buf_char(&many, '\0');
	assert_found(search(&f, many.p, ""), "texts", 0);
	r = search(&f, commands(&f, "%s " TEXT("noon"), many.p), "");
	assert_true(str_eq(status(&r), S("8")));
	buf_clear(&many);
	buf_cstr(&many, "55 03 '");
	for (size_t i = 0; i < 10 * 1024; i++)
		buf_char(&many, 'x');
	buf_cstr(&many, "' 00 01");
	buf_char(&many, '\0');
	r = search(&f, many.p, "");
	assert_true(str_eq(status(&r), S("8")));
	buf_clear(&many);
	for (size_t i = 0; i < EAS_MAX_SEARCH_FOLDERS; i++)
		buf_cstr(&many, "52 03 '1' 00 01 ");
	buf_char(&many, '\0');
	assert_found(search(&f, commands(&f, "00 00 %s 00 0F", many.p), ""), "folders", 0);
	r = search(&f, commands(&f, "00 00 %s 52 03 '1' 00 01 00 0F", many.p), "");
	assert_true(str_eq(status(&r), S("8")));
}

/* MS-ASCMD_R3240, MS-ASCMD_R3235: the way to the whole mail. */
static void a_long_id_fetches_the_mail(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;
	const char *id;

	(void)unused;
	deliver_mail(&f, "Subject: Lunch\r\n", "At noon");
	r = search(&f, TEXT("noon"), "");
	assert_ok(arena_cstr(&f.arena, eas_reply_text(&r, "LongId", 0), &id));
	r = eas_phone_ask(&f.phone, "ItemOperations",
			  doc(&f, HEAD "00 14 45 46 47 03 'Mailbox' 00 01 00 0F 58 03 '%s' 00 01 00 14 01 01", id));
	assert_has(&r, "<email:Subject>Lunch</email:Subject>");
}

/* ---- people ---- */

static void name_account(struct fixture *f, const char *address, const char *name)
{
	struct server_account a = server_add_account(&f->server, address, "secret");
	struct store_tx *tx;

	assert_ok(store_begin(f->server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(account_set_name(tx, a.id, str_of(name)));
	assert_ok(store_commit(&tx));
}

/* MS-ASCMD_R415, MS-ASCMD_R416, MS-ASCMD_R5711, MS-ASCMD_R420, MS-ASCMD_R421, MS-ASCMD_R422, MS-ASCMD_R424, MS-ASCMD_R426, MS-ASCMD_R7078; in 2.5 too */
/* MS-ASCMD_R3848 */
static void people_are_found_by_the_beginnings_of_their_names(void **unused)
{
	static const struct {
		const char *text;
		uint64_t total;
		const char *first;
	} cases[] = {
		{ "michael", 2, "Michael Alexander" },
		{ "Michael A.", 2, "Michael Alexander" },
		{ "Michael All.", 1, "Michael Allen" },
		{ "alex", 1, "Michael Alexander" },
		{ "ex", 0, NULL },
		{ "j\xc3\xb6rg", 1, "J\xc3\xb6rg Zoe" },
		{ "jorg", 1, "J\xc3\xb6rg Zoe" },
		{ "mallen@", 1, "Michael Allen" },
		{ "mallen@example.test", 1, "Michael Allen" },
		{ "example", 0, NULL },
		{ "stranger", 0, NULL },
	};
	FIXTURE(f);

	(void)unused;
	name_account(&f, "mallen@example.test", "Michael Allen");
	name_account(&f, "malex@example.test", "Michael Alexander");
	name_account(&f, "jz@example.test", "J\xc3\xb6rg Zoe");
	name_account(&f, "stranger@example.net", "Stranger of another domain");
	for (unsigned v = 0; v < 2; v++) {
		f.phone.version = v ? "2.5" : "16.1";
		for (size_t i = 0; i < countof(cases); i++) {
			struct eas_reply r =
				search_with(&f, "GAL", commands(&f, "03 '%s' 00", cases[i].text), RANGE("0-9"));

			assert_found(r, cases[i].text, cases[i].total);
			assert_int_equal(eas_reply_count(&r, "Result"), cases[i].total);
			if (cases[i].first)
				assert_true(str_eq(eas_reply_text(&r, "gal:DisplayName", 0), str_of(cases[i].first)));
		}
	}
}

static void add_to_book(struct fixture *f)
{
	const struct account_new room = { .address = S("blue@example.test"),
					  .name = S("Blue room"),
					  .kind = ACCOUNT_ROOM };
	struct store_tx *tx;
	int64_t id;

	assert_ok(store_begin(f->server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(account_add(tx, &room, &id));
	assert_ok(mail_group_add(tx, S("blue.team@example.test"), S("The Blues"), &id));
	assert_ok(store_commit(&tx));
}

static void groups_and_rooms_are_found_as_people_are(void **unused)
{
	FIXTURE(f);

	(void)unused;
	add_to_book(&f);
	for (unsigned v = 0; v < 2; v++) {
		struct eas_reply r;

		f.phone.version = v ? "2.5" : "16.1";
		r = search_with(&f, "GAL", commands(&f, "03 'blue' 00"), RANGE("0-9"));
		assert_found(r, "blue", 2);
		assert_true(str_eq(eas_reply_text(&r, "gal:DisplayName", 0), S("Blue room")));
		assert_true(str_eq(eas_reply_text(&r, "gal:DisplayName", 1), S("The Blues")));
		assert_true(str_eq(eas_reply_text(&r, "gal:EmailAddress", 1), S("blue.team@example.test")));
		assert_true(str_eq(eas_reply_text(&r, "gal:Alias", 1), S("blue.team")));
	}
}

/* MS-ASCMD_R419, MS-ASCMD_R4373, MS-ASCMD_R7273 */
static void people_come_in_ranges_and_without_pictures(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	for (int i = 0; i < 5; i++)
		name_account(&f, commands(&f, "p%d@example.test", i), commands(&f, "Person %d", i));
	r = search_with(&f, "GAL", "03 'person' 00", RANGE("1-2"));
	assert_int_equal(eas_reply_count(&r, "Result"), 2);
	assert_true(str_eq(eas_reply_text(&r, "gal:Alias", 0), S("p1")));
	assert_has(&r, "<Range>1-2</Range><Total>5</Total>");
	assert_int_equal(eas_reply_count(&r, "gal:Picture"), 0);
	r = search_with(&f, "GAL", "03 'person' 00", RANGE("0-0") "21");
	assert_has(&r, "<gal:Picture><gal:Status>173</gal:Status></gal:Picture>");
	r = search_with(&f, "GAL", "03 'person' 00", RANGE("5-9"));
	assert_true(str_eq(status(&r), S("12")));
	r = search_with(&f, "GAL", "03 '' 00", "");
	assert_true(str_eq(status(&r), S("2")));
}

/* MS-ASCMD_R3735: without a Range the first hundred. */
static void people_are_a_hundred_at_most(void **unused)
{
	FIXTURE(f);
	struct store_tx *tx;
	struct eas_reply r;

	(void)unused;
	assert_ok(store_begin(f.server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	for (int i = 0; i <= EAS_MAX_SEARCH_RESULTS; i++) {
		const struct account_new one = { .address = str_of(commands(&f, "p%03d@example.test", i)),
						 .name = str_of(commands(&f, "Person %03d", i)) };
		int64_t id;

		assert_ok(account_add(tx, &one, &id));
	}
	assert_ok(store_commit(&tx));
	r = search_with(&f, "GAL", "03 'person' 00", "");
	assert_int_equal(eas_reply_count(&r, "Result"), EAS_MAX_SEARCH_RESULTS);
	assert_has(&r, "<Range>0-99</Range><Total>101</Total>");
}

static int64_t account_of(struct fixture *f, const char *address)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct account account;

	assert_ok(store_begin(f->server.store, STORE_DIRECTORY, STORE_READ, &tx));
	assert_ok(account_find(&f->arena, tx, str_of(address), &account));
	return account.id;
}

static void set_field(struct fixture *f, const char *address, enum book_field field, const char *value)
{
	int64_t account = account_of(f, address);
	struct store_tx *tx;

	assert_ok(store_begin(f->server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(book_set(tx, account, field, str_of(value)));
	assert_ok(store_commit(&tx));
}

static void set_picture(struct fixture *f, const char *address, struct str octets)
{
	int64_t account = account_of(f, address);
	struct store_tx *tx;

	assert_ok(store_begin(f->server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(book_picture_set(tx, account, octets));
	assert_ok(store_commit(&tx));
}

static const struct {
	enum book_field field;
	const char *value, *found_by, *shown;
} field_cases[] = {
	{ BOOK_PHONE, "+49 30 1234-56", "+49 30 12", "<gal:Phone>+49 30 1234-56</gal:Phone>" },
	{ BOOK_OFFICE, "Tower 2/417", "tower", "<gal:Office>Tower 2/417</gal:Office>" },
	{ BOOK_TITLE, "Chief Botanist", "botan", "<gal:Title>Chief Botanist</gal:Title>" },
	{ BOOK_COMPANY, "M\xc3\xbcller & Co", "muller", "<gal:Company>M\xc3\xbcller &amp; Co</gal:Company>" },
	{ BOOK_FIRST_NAME, "Wilhelmina", "wilh", "<gal:FirstName>Wilhelmina</gal:FirstName>" },
	{ BOOK_LAST_NAME, "Zander", "zand", "<gal:LastName>Zander</gal:LastName>" },
	{ BOOK_ALIAS, "minnie", "minn", "<gal:Alias>minnie</gal:Alias>" },
	{ BOOK_HOME_PHONE, "0301", "0301", "<gal:HomePhone>0301</gal:HomePhone>" },
	{ BOOK_MOBILE_PHONE, "0170", "0170", "<gal:MobilePhone>0170</gal:MobilePhone>" },
};

static struct eas_reply find(struct fixture *f, const char *criterion);

/*
 * What is set is shown and found by, in each version that has the command; what is not set is not there.
 * MS-ASCMD_R417, MS-ASCMD_R424, MS-ASCMD_R5337, MS-ASCMD_R5353, MS-ASCMD_R5360, MS-ASCMD_R5361, MS-ASCMD_R5368,
 * MS-ASCMD_R3691, MS-ASCMD_R3692, MS-ASCMD_R3698, MS-ASCMD_R10031997,
 * MS-ASCMD_R5391, MS-ASCMD_R61641061, MS-ASCMD_R61641062, MS-ASCMD_R6865101723, MS-ASCMD_R69581706
 */
static void people_are_told_with_what_the_address_book_has(void **unused)
{
	static const char *const versions[] = { "2.5", "12.0", "12.1", "14.0", "14.1", "16.0", "16.1", "16.1 Find" };
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	name_account(&f, "wz@example.test", "W. Z.");
	r = search_with(&f, "GAL", "03 'wz' 00", RANGE("0-9"));
	assert_has(&r, "<Properties><gal:DisplayName>W. Z.</gal:DisplayName><gal:Alias>wz</gal:Alias>"
		       "<gal:EmailAddress>wz@example.test</gal:EmailAddress></Properties>");
	for (size_t i = 0; i < countof(field_cases); i++)
		set_field(&f, "wz@example.test", field_cases[i].field, field_cases[i].value);
	for (size_t v = 0; v < countof(versions); v++)
		for (size_t i = 0; i < countof(field_cases); i++) {
			const char *by = field_cases[i].found_by;

			f.phone.version = v == 7 ? "16.1" : versions[v];
			r = v == 7 ? find(&f, commands(&f, "59 49 03 '%s' 00 01 4C 4D 03 '0-9' 00 01 01 01", by))
				   : search_with(&f, "GAL", commands(&f, "03 '%s' 00", by), RANGE("0-9"));
			assert_found(r, by, 1);
			for (size_t k = 0; k < countof(field_cases); k++)
				assert_has(&r, field_cases[k].shown);
			assert_int_equal(eas_reply_count(&r, "gal:Picture"), 0);
		}
}

/*
 * Who has no picture, one that is larger than is asked for, and one too many is told apart. Page 15: 62 MaxSize, 63
 * MaxPictures; page 25: 61 MaxSize, 60 MaxPictures.
 * MS-ASCMD_R2133, MS-ASCMD_R2135, MS-ASCMD_R3294, MS-ASCMD_R3295, MS-ASCMD_R3296, MS-ASCMD_R3297, MS-ASCMD_R3310,
 * MS-ASCMD_R3311, MS-ASCMD_R3674, MS-ASCMD_R4315, MS-ASCMD_R4371, MS-ASCMD_R4373, MS-ASCMD_R4374, MS-ASCMD_R4375,
 * MS-ASCMD_R4972, MS-ASCMD_R4974, MS-ASCMD_R32831607, MS-ASCMD_R32831608, MS-ASCMD_R32831609, MS-ASCMD_R32831610,
 * MS-ASCMD_R33001609, MS-ASCMD_R33001610
 */
static void pictures_come_as_large_and_as_many_as_are_asked_for(void **unused)
{
	static const struct {
		const char *search, *find;
		const char *statuses[4]; /* of p0, who has none; p1 and p3, small; p2, larger */
	} cases[] = {
		{ "21", "22", { "173", "1", "1", "1" } },
		{ "61 62 03 '6' 00 01 01", "62 61 03 '6' 00 01 01", { "173", "1", "174", "1" } },
		{ "61 62 03 '7' 00 01 01", "62 61 03 '7' 00 01 01", { "173", "1", "1", "1" } },
		{ "61 63 03 '1' 00 01 01", "62 60 03 '1' 00 01 01", { "173", "1", "175", "175" } },
		{ "61 62 03 '6' 00 01 63 03 '1' 00 01 01",
		  "62 61 03 '6' 00 01 60 03 '1' 00 01 01",
		  { "173", "1", "174", "175" } },
		{ "61 62 03 '0' 00 01 01", "62 61 03 '0' 00 01 01", { "173", "174", "174", "174" } },
		{ "61 63 03 '0' 00 01 01", "62 60 03 '0' 00 01 01", { "173", "175", "175", "175" } },
	};
	static const char *const versions[] = { "14.1", "16.0", "16.1", "16.1 Find" };
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	for (int i = 0; i < 4; i++)
		name_account(&f, commands(&f, "p%d@example.test", i), commands(&f, "Person %d", i));
	set_picture(&f, "p1@example.test", S("\xff\xd8\xff\xe0\x00\x01"));
	set_picture(&f, "p2@example.test", S("\xff\xd8\xff\xe0\x00\x01\x02"));
	set_picture(&f, "p3@example.test", S("\xff\xd8\xff\xe0\x00\x03"));
	for (size_t v = 0; v < countof(versions); v++)
		for (size_t i = 0; i < countof(cases); i++) {
			size_t given = 0;

			f.phone.version = v == 3 ? "16.1" : versions[v];
			r = v == 3 ? find(&f, commands(&f, "59 49 03 'person' 00 01 4C %s 01 01", cases[i].find))
				   : search_with(&f, "GAL", "03 'person' 00", cases[i].search);
			assert_found(r, cases[i].search, 4);
			for (unsigned k = 0; k < 4; k++) {
				assert_true(str_eq(eas_reply_text(&r, "gal:Status", k), str_of(cases[i].statuses[k])));
				given += str_eq(str_of(cases[i].statuses[k]), S("1"));
			}
			assert_int_equal(eas_reply_count(&r, "gal:Data"), given);
		}
	r = search_with(&f, "GAL", "03 'p1' 00", "21");
	assert_has(&r, "<gal:Picture><gal:Status>1</gal:Status><gal:Data>/9j/4AAB</gal:Data></gal:Picture>");
	r = search_with(&f, "GAL", "03 'p1' 00", "61 62 03 'large' 00 01 01");
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("103")));
	f.phone.version = "14.0";
	r = search_with(&f, "GAL", "03 'p1' 00", "21");
	assert_int_equal(eas_reply_count(&r, "gal:Picture"), 0);
}

/* An answer that is full of pictures has the others' people still. */
static void an_answer_is_not_made_longer_by_pictures_than_a_page(void **unused)
{
	enum { PEOPLE = 45 };
	static char octets[BOOK_PICTURE_MAX] = "\xff\xd8\xff";
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	for (int i = 0; i < PEOPLE; i++) {
		name_account(&f, commands(&f, "p%d@example.test", i), commands(&f, "Person %d", i));
		set_picture(&f, commands(&f, "p%d@example.test", i), str_from(octets, sizeof(octets)));
	}
	r = search_with(&f, "GAL", "03 'person' 00", RANGE("0-99") "21");
	assert_found(r, "a page of pictures", PEOPLE);
	assert_int_equal(eas_reply_count(&r, "Result"), PEOPLE);
	assert_in_range(r.body.n, EAS_MAX_PAGE_BYTES, EAS_MAX_PAGE_BYTES + 2 * BOOK_PICTURE_MAX);
	assert_true(str_eq(eas_reply_text(&r, "gal:Status", 0), S("1")));
	assert_true(str_eq(eas_reply_text(&r, "gal:Status", PEOPLE - 1), S("175")));
}

/* ---- Find ---- */

/*
 * Page 25 (Find): 45 Find, 46 SearchId, 47 ExecuteSearch, 48 MailBoxSearchCriterion, 49 Query, 4B FreeText, 4C Options, 4D
 * Range, 0E DeepTraversal, 59 GalSearchCriterion, 22 Picture.
 */
#define FIND_TEXT(words) "4B 03 '" words "' 00 01 "
#define FIND_EMAIL "00 00 50 03 'Email' 00 01 00 19 "

static struct eas_reply find(struct fixture *f, const char *criterion)
{
	return eas_phone_ask(&f->phone, "Find", doc(f, HEAD "00 19 45 46 03 'one' 00 01 47 %s 01 01", criterion));
}

/* MS-ASCMD_R36841701, MS-ASCMD_R38391804, MS-ASCMD_R38971801, MS-ASCMD_R45251807, MS-ASCMD_R9820602, MS-ASCMD_R9010602, MS-ASCMD_R72172508, MS-ASCMD_R4630101810, MS-ASCMD_R6659100913 */
static void find_lists_mails(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	deliver_mail(&f, "Subject: Lunch\r\nTo: ann@example.test\r\nCc: Carl C <carl@example.net>, dan@example.net\r\n",
		     "At noon");
	deliver_mail(&f, "Subject: noon\r\n", "Late");
	r = find(&f, "48 49 " FIND_TEXT("noon") FIND_EMAIL "01 4C 4D 03 '0-9' 00 01 0E 01 01");
	assert_true(str_eq(status(&r), S("1")));
	assert_has(&r, "<Status>1</Status><Response><itemoperations:Store>Mailbox</itemoperations:Store>");
	assert_has(&r, "<airsync:ServerId>");
	assert_has(&r, "<DisplayCc>Carl C; dan@example.net</DisplayCc>");
	assert_has(&r, "<Preview>At noon</Preview><HasAttachments>0</HasAttachments>");
	assert_has(&r, "<Range>0-1</Range><Total>2</Total></Response></Find>");
	r = find(&f, "48 49 " FIND_TEXT("subject:noon") FIND_EMAIL "01 01");
	assert_true(str_eq(eas_reply_text(&r, "Total", 0), S("1")));
	r = find(&f, "48 49 " FIND_TEXT("moon") FIND_EMAIL "01 01");
	assert_int_equal(eas_reply_count(&r, "Result"), 0); /* MS-ASCMD_R38391805 */
	assert_true(str_eq(eas_reply_text(&r, "Total", 0), S("0")));
	r = find(&f, "48 49 " FIND_TEXT("noon") FIND_EMAIL "01 4C 4D 03 '1-1' 00 01 01 01");
	assert_has(&r, "<Range>1-1</Range><Total>2</Total>");
	r = find(&f, "48 49 " FIND_TEXT("noon") FIND_EMAIL "01 4C 4D 03 '2-9' 00 01 01 01");
	assert_has(&r, "<Status>1</Status><Total>2</Total>");
}

/* MS-ASCMD_R10031996, MS-ASCMD_R1002501, MS-ASCMD_R131999, MS-ASCMD_R132000, MS-ASCMD_R132004 */
static void find_lists_people(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	name_account(&f, "mallen@example.test", "Michael Allen");
	name_account(&f, "malex@example.test", "Michael Alexander");
	r = find(&f, "59 49 03 'mich' 00 01 4C 4D 03 '0-0' 00 01 22 01 01");
	assert_has(&r, "<Properties><gal:DisplayName>Michael Alexander</gal:DisplayName><gal:Alias>malex</gal:Alias>"
		       "<gal:EmailAddress>malex@example.test</gal:EmailAddress><gal:Picture>");
	assert_has(&r, "<Range>0-0</Range><Total>2</Total>");
}

/* MS-ASCMD_R72172512, MS-ASCMD_R72172521, MS-ASCMD_R72172515, MS-ASCMD_R901100613 */
static void what_find_refuses(void **unused)
{
	static const struct {
		const char *what, *criterion, *status;
	} cases[] = {
		{ "another class", "48 49 " FIND_TEXT("noon") "00 00 50 03 'Tasks' 00 01 00 19 01 01", "2" },
		{ "no text", "48 49 " FIND_EMAIL "01 01", "2" },
		{ "a folder that is not there", "48 49 " FIND_TEXT("noon") "00 00 52 03 '777' 00 01 00 19 01 01", "3" },
		{ "a range that is none", "48 49 " FIND_TEXT("noon") "01 4C 4D 03 '9-1' 00 01 01 01", "2" },
	};
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		r = find(&f, cases[i].criterion);
		if (!str_eq(status(&r), str_of(cases[i].status)))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(r.xml));
	}
	r = find(&f, "");
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("2")));
	assert_int_equal(eas_reply_count(&r, "Response"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mail_is_found_by_a_word_of_it),
		cmocka_unit_test(what_is_deleted_is_found_no_more),
		cmocka_unit_test(nothing_found_is_an_empty_result),
		cmocka_unit_test(a_body_comes_where_it_is_asked_for),
		cmocka_unit_test(a_range_is_a_part_of_what_is_found),
		cmocka_unit_test(folders_are_searched_as_named),
		cmocka_unit_test(class_and_received_time_narrow_it),
		cmocka_unit_test(what_is_wrong_with_a_query_is_told),
		cmocka_unit_test(other_stores_are_answered_honestly),
		cmocka_unit_test(a_query_is_bounded),
		cmocka_unit_test(a_long_id_fetches_the_mail),
		cmocka_unit_test(people_are_found_by_the_beginnings_of_their_names),
		cmocka_unit_test(groups_and_rooms_are_found_as_people_are),
		cmocka_unit_test(people_come_in_ranges_and_without_pictures),
		cmocka_unit_test(people_are_a_hundred_at_most),
		cmocka_unit_test(people_are_told_with_what_the_address_book_has),
		cmocka_unit_test(pictures_come_as_large_and_as_many_as_are_asked_for),
		cmocka_unit_test(an_answer_is_not_made_longer_by_pictures_than_a_page),
		cmocka_unit_test(find_lists_mails),
		cmocka_unit_test(find_lists_people),
		cmocka_unit_test(what_find_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
