/* MoveItems over a real connection: what moves, what each refusal is called, and a request that comes again. */
#include "sync_fixture.h"

#include <gateway/activesync/limits.h>

/* Page 05 (Move): 45 MoveItems, 46 Move, 47 SrcMsgId, 48 SrcFldId, 49 DstFldId. */
static struct str move_doc(struct fixture *f, const char *moves)
{
	return doc(f, HEAD "00 05 45 %s 01", moves);
}

static char *one_move(struct fixture *f, int64_t from, int64_t id, int64_t to)
{
	return commands(f, "46 47 03 '%lld:%lld' 00 01 48 03 '%lld' 00 01 49 03 '%lld' 00 01 01", (long long)from,
			(long long)id, (long long)from, (long long)to);
}

static struct eas_reply move(struct fixture *f, int64_t from, int64_t id, int64_t to)
{
	return eas_phone_ask(&f->phone, "MoveItems", move_doc(f, one_move(f, from, id, to)));
}

static char *xml(struct fixture *f, const char *fmt, ...) PRINTF_LIKE(2, 3);
static char *xml(struct fixture *f, const char *fmt, ...)
{
	struct buf text = BUF_INIT(4096);
	const char *kept;
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(&text, fmt, ap);
	va_end(ap);
	assert_ok(arena_cstr(&f->arena, buf_view(&text), &kept));
	buf_release(&text);
	return (char *)(uintptr_t)kept;
}

/* MS-ASCMD_R288, R289, R4217: told of by the answer, and by a Delete and an Add of the next Syncs. */
/* MS-ASCMD_R290: its ServerId is another one in the other folder. */
static void a_mail_moves_and_keeps_its_number(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), junk = fixture_role(&f, FOLDER_JUNK), id;
	const char *inbox_key, *junk_key;
	struct eas_reply r;
	size_t adds;

	(void)unused;
	deliver_n(&f, 1);
	id = only_item(&f, inbox);
	inbox_key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	junk_key = sync_all(&f, junk, first_key(&f, junk), &adds);
	r = move(&f, inbox, id, junk);
	assert_xml(r, xml(&f,
			  "<MoveItems xmlns=\"Move\"><Response><SrcMsgId>%lld:%lld</SrcMsgId><Status>3</Status>"
			  "<DstMsgId>%lld:%lld</DstMsgId></Response></MoveItems>",
			  (long long)inbox, (long long)id, (long long)junk, (long long)id));
	assert_int_equal(only_item(&f, inbox), 0);
	assert_int_equal(only_item(&f, junk), id);
	r = sync_with(&f, inbox, inbox_key, "");
	assert_int_equal(eas_reply_count(&r, "Delete"), 1);
	r = sync_with(&f, junk, junk_key, "");
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
}

/*
 * Sync-engine rule 9: the answer was lost. The phone asks again, is told where its mail is, and gets it, whatever its
 * Syncs in between said.
 */
static void a_repeated_move_is_answered_as_the_first(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), junk = fixture_role(&f, FOLDER_JUNK), id;
	struct eas_reply first, again;
	const char *junk_key;
	size_t adds;

	(void)unused;
	deliver_n(&f, 1);
	id = only_item(&f, inbox);
	(void)sync_all(&f, inbox, first_key(&f, inbox), &adds);
	first = move(&f, inbox, id, junk);
	junk_key = sync_all(&f, junk, first_key(&f, junk), &adds);
	assert_int_equal(adds, 1);
	again = move(&f, inbox, id, junk);
	assert_true(str_eq(first.xml, again.xml));
	assert_int_equal(only_item(&f, junk), id);
	again = sync_with(&f, junk, junk_key, "");
	assert_true(eas_reply_count(&again, "Delete") >= 1); /* before the Add, once for each of its departures */
	assert_int_equal(eas_reply_count(&again, "Add"), 1);
}

/* MS-ASCMD_R4201 */
static void a_refused_move_says_why(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), junk = fixture_role(&f, FOLDER_JUNK), id;
	int64_t contacts = fixture_add_folder(&f, "People", FOLDER_CONTACTS, FOLDER_ROOT);
	const struct {
		const char *what, *status, *move;
	} cases[] = {
		/* MS-ASCMD_R4207, R4208 */
		{ "a source folder that is not there", "1",
		  "46 47 03 '999:1' 00 01 48 03 '999' 00 01 49 03 '%lld' 00 01 01" },
		{ "an item that is not there", "1",
		  "46 47 03 '%lld:999' 00 01 48 03 '%lld' 00 01 49 03 '%lld' 00 01 01" },
		{ "an item of another folder than named", "1",
		  "46 47 03 '%lld:%lld' 00 01 48 03 '%lld' 00 01 49 03 '%lld' 00 01 01" },
		{ "an item by no name of ours", "1", "46 47 03 'x' 00 01 48 03 '%lld' 00 01 49 03 '%lld' 00 01 01" },
		/* R4212 */
		{ "a target that is not there", "2",
		  "46 47 03 '%lld:%lld' 00 01 48 03 '%lld' 00 01 49 03 '999' 00 01 01" },
		{ "a target of another class", "2",
		  "46 47 03 '%lld:%lld' 00 01 48 03 '%lld' 00 01 49 03 '%lld' 00 01 01" },
		/* R4219 */
		{ "the folder that it is in", "4",
		  "46 47 03 '%lld:%lld' 00 01 48 03 '%lld' 00 01 49 03 '%lld' 00 01 01" },
		/* R4222 */
		{ "two targets", "5",
		  "46 47 03 '%lld:%lld' 00 01 48 03 '%lld' 00 01 49 03 '%lld' 00 01 49 03 '999' 00 01 01" },
	};
	const int64_t numbers[countof(cases)][4] = {
		{ junk },
		{ inbox, inbox, junk },
		{ inbox, 0, junk, inbox },
		{ inbox, junk },
		{ inbox, 0, inbox },
		{ inbox, 0, inbox, contacts },
		{ inbox, 0, inbox, inbox },
		{ inbox, 0, inbox, junk },
	};

	(void)unused;
	deliver_n(&f, 1);
	id = only_item(&f, inbox);
	for (size_t i = 0; i < countof(cases); i++) {
		struct str fmt = str_of(cases[i].move);
		struct buf text = BUF_INIT(1024);
		struct eas_reply r;

		for (size_t at, n = 0; (at = str_find(fmt, S("%lld"))) < fmt.n;
		     fmt = str_slice(fmt, at + 4, fmt.n), n++) {
			buf_str(&text, str_slice(fmt, 0, at));
			buf_i64(&text, numbers[i][n] ? numbers[i][n] : id);
		}
		buf_str(&text, fmt);
		buf_char(&text, '\0');
		r = eas_phone_ask(&f.phone, "MoveItems", move_doc(&f, text.p));
		if (!str_eq(eas_reply_text(&r, "Status", 0), str_of(cases[i].status)) ||
		    eas_reply_count(&r, "DstMsgId") != 0)
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(r.xml));
		assert_int_equal(only_item(&f, inbox), id);
		buf_release(&text);
	}
}

/* One refusal keeps no other move back, and all are one write. */
static void many_moves_are_one_transaction(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), junk = fixture_role(&f, FOLDER_JUNK);
	struct buf moves = BUF_INIT(1 << 16);
	struct store_tx *tx;
	struct item *items;
	struct eas_reply r;
	uint64_t flushes;
	size_t n;

	(void)unused;
	deliver_n(&f, 20);
	assert_ok(store_begin(f.server.store, f.ann.mailbox, STORE_READ, &tx));
	assert_ok(item_list(&f.arena, tx, inbox, 0, 100, &items, &n));
	assert_ok(store_commit(&tx));
	assert_int_equal(n, 20);
	buf_cstr(&moves, one_move(&f, inbox, 999, junk));
	for (size_t i = 0; i < n; i++)
		buf_cstr(&moves, one_move(&f, inbox, items[i].id, junk));
	buf_char(&moves, '\0');
	(void)move(&f, inbox, 999, junk); /* the device is known now */
	flushes = store_flushes(f.server.store);
	r = eas_phone_ask(&f.phone, "MoveItems", move_doc(&f, moves.p));
	assert_true(store_flushes(f.server.store) - flushes <= 2);
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
	for (unsigned i = 1; i <= n; i++)
		assert_true(str_eq(eas_reply_text(&r, "Status", i), S("3")));
	assert_int_equal(eas_reply_count(&r, "Response"), 21);
	buf_release(&moves);
}

/* Bob's mail has in his mailbox the very name that ann asks for. */
static void another_users_mail_is_out_of_reach(void **unused)
{
	FIXTURE(f);
	struct server_account bob = server_add_account(&f.server, "bob@example.test", "secret");
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), junk = fixture_role(&f, FOLDER_JUNK);
	struct eas_reply r;

	(void)unused;
	deliver(&f, bob.mailbox, "private");
	r = move(&f, inbox, 1, junk);
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
	f.phone.login = "bob@example.test";
	r = move(&f, inbox, 1, junk);
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("3")));
}

/* MS-ASCMD_R5653: 1000 moves and one more; before 14.0 the status is HTTP's (R7547). */
/* MS-ASCMD_R5643 */
static void a_request_has_a_thousand_moves_at_most(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), junk = fixture_role(&f, FOLDER_JUNK);
	struct buf moves = BUF_INIT(1 << 18);
	struct eas_reply r;

	(void)unused;
	for (unsigned i = 0; i < EAS_MAX_MOVES; i++)
		buf_cstr(&moves, one_move(&f, inbox, 5000 + i, junk));
	buf_char(&moves, '\0');
	r = eas_phone_ask(&f.phone, "MoveItems", move_doc(&f, moves.p));
	assert_int_equal(eas_reply_count(&r, "Response"), EAS_MAX_MOVES);
	buf_truncate(&moves, moves.n - 1);
	buf_cstr(&moves, one_move(&f, inbox, 1, junk));
	buf_char(&moves, '\0');
	r = eas_phone_ask(&f.phone, "MoveItems", move_doc(&f, moves.p));
	assert_xml(r, "<MoveItems xmlns=\"Move\"><Status>103</Status></MoveItems>");
	f.phone.version = "12.1";
	r = eas_phone_ask(&f.phone, "MoveItems", move_doc(&f, moves.p));
	assert_int_equal(r.status, 400);
	buf_release(&moves);
}

static void a_malformed_request_gets_its_status(void **unused)
{
	static const struct {
		const char *what, *bytes, *status;
	} cases[] = {
		{ "no Move", HEAD "00 05 45 01", "103" },
		{ "a Move without SrcMsgId", HEAD "00 05 45 46 48 03 '1' 00 01 49 03 '2' 00 01 01 01", "103" },
		{ "a Move without SrcFldId", HEAD "00 05 45 46 47 03 '1:1' 00 01 49 03 '2' 00 01 01 01", "103" },
		{ "a Move without DstFldId", HEAD "00 05 45 46 47 03 '1:1' 00 01 48 03 '1' 00 01 01 01", "103" },
		{ "a child that is no Move", HEAD "00 05 45 47 03 '1:1' 00 01 01", "103" },
		{ "a document cut short", HEAD "00 05 45 46 47 03 '1:1'", "102" },
	};
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r = eas_phone_ask(&f.phone, "MoveItems", doc(&f, "%s", cases[i].bytes));

		if (!str_eq(eas_reply_text(&r, "Status", 0), str_of(cases[i].status)))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(r.xml));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mail_moves_and_keeps_its_number),
		cmocka_unit_test(a_repeated_move_is_answered_as_the_first),
		cmocka_unit_test(a_refused_move_says_why),
		cmocka_unit_test(many_moves_are_one_transaction),
		cmocka_unit_test(another_users_mail_is_out_of_reach),
		cmocka_unit_test(a_request_has_a_thousand_moves_at_most),
		cmocka_unit_test(a_malformed_request_gets_its_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
