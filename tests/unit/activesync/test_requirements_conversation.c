/* Conversations as MS-ASCON 3.2.5 wants them: what a phone does to each mail of one, by Sync, MoveItems and ItemOperations. */
#include "sync_fixture.h"

enum { MAILS = 2 };

static void deliver_answer(struct fixture *f, const char *id, const char *to)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(4096);

	buf_fmt(&b, "From: Bob <bob@example.org>\r\nSubject: %sOffer\r\nMessage-ID: <%s@x>\r\n", to ? "Re: " : "", id);
	if (to)
		buf_fmt(&b, "In-Reply-To: <%s@x>\r\n", to);
	buf_cstr(&b, "\r\nText\r\n");
	deliver_octets(f, f->ann.mailbox, buf_view(&b));
}

/* Items 1 and 2 of the Inbox are in one conversation. */
static void deliver_two(struct fixture *f)
{
	deliver_answer(f, "root", NULL);
	deliver_answer(f, "one", "root");
}

static size_t items_in(struct fixture *f, int64_t folder)
{
	struct store_tx *tx;
	struct item *items;
	size_t n;

	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_READ, &tx));
	assert_ok(item_list(&f->arena, tx, folder, 0, 10, &items, &n));
	assert_ok(store_commit(&tx));
	return n;
}

/* A command for each of the two mails; `command` has "%lld:%d" of the item. */
static struct eas_reply for_each(struct fixture *f, int64_t folder, const char *key, const char *before,
				 const char *after)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(4096);

	buf_cstr(&b, "56 ");
	for (int id = 1; id <= MAILS; id++)
		buf_fmt(&b, "%s 4D 03 '%lld:%d' 00 01 %s ", before, (long long)folder, id, after);
	buf_fmt(&b, "01 %c", '\0');
	return sync_with(f, folder, key, b.p);
}

/* MS-ASCON_R180: all of it in the folder; MS-ASCON_R74, MS-ASCON_R79. */
static void a_conversation_is_synced(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	unsigned alike = 0;
	struct eas_reply r;

	(void)unused;
	deliver_two(&f);
	deliver(&f, f.ann.mailbox, "other");
	r = sync_with(&f, inbox, first_key(&f, inbox), "");
	assert_int_equal(eas_reply_count(&r, "Add"), MAILS + 1);
	assert_int_equal(eas_reply_count(&r, "email2:ConversationId"), MAILS + 1);
	assert_int_equal(eas_reply_count(&r, "email2:ConversationIndex"), MAILS + 1);
	for (unsigned i = 0; i < MAILS + 1; i++) /* of the three one pair is alike */
		alike += str_eq(eas_reply_text(&r, "email2:ConversationId", i),
				eas_reply_text(&r, "email2:ConversationId", (i + 1) % (MAILS + 1)));
	assert_int_equal(alike, 1);
}

/* MS-ASCON_R157, MS-ASCON_R158, MS-ASCON_R199, MS-ASCON_R200, MS-ASCON_R201; page 00: 49 Delete. */
static void a_conversation_is_deleted(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), deleted = fixture_role(&f, FOLDER_DELETED);
	const char *key;
	struct eas_reply r;
	size_t adds;

	(void)unused;
	deliver_two(&f);
	key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	r = for_each(&f, inbox, key, "49", "01");
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
	assert_int_equal(items_in(&f, inbox), 0);
	assert_int_equal(items_in(&f, deleted), MAILS);
	deliver_answer(&f, "two", "one"); /* what comes later stays */
	assert_int_equal(items_in(&f, inbox), 1);
	assert_int_equal(items_in(&f, deleted), MAILS);
}

static void assert_marked(struct fixture *f, int64_t folder, int64_t id, const char *what, unsigned flags,
			  bool followup)
{
	struct item item = item_of(f, folder, id);

	if ((item.flags & (ITEM_SEEN | ITEM_FLAGGED)) != flags || (item.followup.n > 0) != followup)
		fail_msg("%s: %lld", what, (long long)id);
}

/* Page 02: 55 Read, 7A Flag, 7B Status, 7D FlagType, 7E CompleteTime; 09: 4B DateCompleted. */
static void a_conversation_is_marked(void **unused)
{
	static const struct {
		const char *what, *data;
		unsigned flags;
		bool followup; /* a flag is kept, set or complete */

	} cases[] = {
		{ "MS-ASCON_R326, MS-ASCON_R203, MS-ASCON_R204: read", "55 03 '1' 00 01", ITEM_SEEN, false },
		{ "MS-ASCON_R337, MS-ASCON_R284, MS-ASCON_R204: unread", "55 03 '0' 00 01", 0, false },
		{ "MS-ASCON_R209: flagged", "7A 7B 03 '2' 00 01 7D 03 'Flag' 00 01 01", ITEM_FLAGGED, true },
		{ "MS-ASCON_R162, MS-ASCON_R208: complete",
		  "7A 7B 03 '1' 00 01 7D 03 'Flag' 00 01 7E 03 '2026-01-01T08:00:00.000Z' 00 01 00 09 "
		  "4B 03 '2026-01-01T08:00:00.000Z' 00 01 00 02 01",
		  0, true },
		{ "MS-ASCON_R209: flagged again", "7A 7B 03 '2' 00 01 7D 03 'Flag' 00 01 01", ITEM_FLAGGED, true },
		{ "MS-ASCON_R325, MS-ASCON_R207: cleared", "3A", 0, false },
	};
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	const char *key;
	size_t adds;

	(void)unused;
	deliver_two(&f);
	key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r =
			for_each(&f, inbox, key, "48", commands(&f, "5D 00 02 %s 01 00 00 01", cases[i].data));

		assert_int_equal(eas_reply_count(&r, "Responses"), 0);
		key = key_of(&f, &r);
		for (int id = 1; id <= MAILS; id++)
			assert_marked(&f, inbox, id, cases[i].what, cases[i].flags, cases[i].followup);
	}
}

/* MS-ASCON_R324, MS-ASCON_R206: the newest alone, by the phone's Change of it; the other is as it was. */
static void the_newest_of_a_conversation_is_flagged(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	const char *key;
	struct eas_reply r;
	size_t adds;

	(void)unused;
	deliver_two(&f);
	key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	r = sync_with(&f, inbox, key,
		      commands(&f, "56 48 4D 03 '%lld:2' 00 01 5D 00 02 7A 7B 03 '2' 00 01 01 01 00 00 01 01",
			       (long long)inbox));
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
	assert_int_equal(item_of(&f, inbox, 1).flags & ITEM_FLAGGED, 0);
	assert_int_equal(item_of(&f, inbox, 2).flags & ITEM_FLAGGED, ITEM_FLAGGED);
}

/* MS-ASCON_R170, MS-ASCON_R217, MS-ASCON_R218; page 05: 45 MoveItems, 46 Move, 47 SrcMsgId, 48 SrcFldId, 49 DstFldId. */
static void a_conversation_is_moved(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), junk = fixture_role(&f, FOLDER_JUNK);
	CLEANUP(buf_release) struct buf b = BUF_INIT(4096);
	struct eas_reply r;

	(void)unused;
	deliver_two(&f);
	for (int id = 1; id <= MAILS; id++)
		buf_fmt(&b, "46 47 03 '%lld:%d' 00 01 48 03 '%lld' 00 01 49 03 '%lld' 00 01 01 ", (long long)inbox, id,
			(long long)inbox, (long long)junk);
	buf_char(&b, '\0');
	r = eas_phone_ask(&f.phone, "MoveItems", doc(&f, HEAD "00 05 45 %s 01", b.p));
	for (unsigned i = 0; i < MAILS; i++)
		assert_true(str_eq(eas_reply_text(&r, "Status", i), S("3")));
	assert_int_equal(items_in(&f, inbox), 0);
	assert_int_equal(items_in(&f, junk), MAILS);
	deliver_answer(&f, "two", "one");
	assert_int_equal(items_in(&f, inbox), 1);
}

/* MS-ASCON_R176, MS-ASCON_R220, MS-ASCON_R221: in all folders. Page 0F: 45 Search, 53 And, 60 ConversationId. */
static void a_conversation_is_found_across_folders(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX),
		archive = fixture_add_folder(&f, "Kept", FOLDER_MAIL, FOLDER_ROOT);
	CLEANUP(buf_release) struct buf id = BUF_INIT(256);
	struct eas_reply r;
	struct item item;

	(void)unused;
	deliver_two(&f);
	deliver(&f, f.ann.mailbox, "other");
	item = item_of(&f, inbox, 1);
	for (size_t i = 0; i < item.conversation.n; i++)
		buf_fmt(&id, "%02X ", (unsigned char)item.conversation.p[i]);
	buf_char(&id, '\0');
	r = eas_phone_ask(&f.phone, "MoveItems",
			  doc(&f, HEAD "00 05 45 46 47 03 '%lld:1' 00 01 48 03 '%lld' 00 01 49 03 '%lld' 00 01 01 01",
			      (long long)inbox, (long long)inbox, (long long)archive));
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("3")));
	r = eas_phone_ask(&f.phone, "Search",
			  doc(&f, HEAD "00 0F 45 47 48 03 'Mailbox' 00 01 49 53 60 C3 10 %s 01 01 01 01 01", id.p));
	assert_int_equal(eas_reply_count(&r, "Result"), MAILS);
	assert_false(
		str_eq(eas_reply_text(&r, "airsync:CollectionId", 0), eas_reply_text(&r, "airsync:CollectionId", 1)));
}

/* MS-ASCON_R192, MS-ASCON_R194: what the user sends has both. Page 15: 45 SendMail, 08 SaveInSentItems, 50 Mime, 51 ClientId. */
static void what_is_sent_is_in_a_conversation(void **unused)
{
	FIXTURE(f);
	int64_t sent = fixture_role(&f, FOLDER_SENT);
	struct eas_reply r;

	(void)unused;
	r = eas_phone_ask(&f.phone, "SendMail",
			  doc(&f,
			      HEAD "00 15 45 51 03 'c1' 00 01 08 50 C3 28 'To: eve@example.org' 0D 0A 'Subject: Lunch' "
				   "0D 0A 0D 0A 'x' 01 01"));
	assert_int_equal(r.status, 200);
	assert_int_equal(r.body.n, 0);
	r = sync_with(&f, sent, first_key(&f, sent), "");
	assert_int_equal(eas_reply_count(&r, "email2:ConversationId"), 1);
	assert_int_equal(eas_reply_count(&r, "email2:ConversationIndex"), 1);
}

/*
 * MS-ASCON_R87, MS-ASCON_R88, MS-ASCON_R91, MS-ASCON_R259, MS-ASCON_R305, MS-ASCON_R306, MS-ASCON_R92: a level more for
 * who replies and for who forwards. Page 15: 46 SmartForward, 47 SmartReply, 4B Source, 4C FolderId, 4D ItemId.
 */
static void a_reply_and_a_forward_are_a_level_below(void **unused)
{
	static const struct {
		const char *command, *root;
	} cases[] = { { "SmartReply", "47" }, { "SmartForward", "46" } };

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		FIXTURE(f);
		int64_t inbox = fixture_role(&f, FOLDER_INBOX), sent = fixture_role(&f, FOLDER_SENT);
		struct item original, answer;
		struct eas_reply r;

		deliver_answer(&f, "root", NULL);
		r = eas_phone_ask(&f.phone, cases[i].command,
				  doc(&f,
				      HEAD
				      "00 15 %s 51 03 'c1' 00 01 08 4B 4C 03 '%lld' 00 01 4D 03 '%lld:1' 00 01 01 "
				      "50 C3 2C 'To: eve@example.org' 0D 0A 'Subject: Re: Offer' 0D 0A 0D 0A 'x' 01 01",
				      cases[i].root, (long long)inbox, (long long)inbox));
		assert_int_equal(r.status, 200);
		assert_int_equal(r.body.n, 0);
		original = item_of(&f, inbox, 1);
		answer = item_of(&f, sent, only_item(&f, sent));
		if (!str_eq(original.conversation, answer.conversation))
			fail_msg("%s is in another conversation", cases[i].command);
		assert_int_equal(original.conversation_index.n, 5);
		assert_int_equal(answer.conversation_index.n, 10);
		assert_memory_equal(answer.conversation_index.p, original.conversation_index.p, 5);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_conversation_is_synced),
		cmocka_unit_test(a_conversation_is_deleted),
		cmocka_unit_test(a_conversation_is_marked),
		cmocka_unit_test(the_newest_of_a_conversation_is_flagged),
		cmocka_unit_test(a_conversation_is_moved),
		cmocka_unit_test(a_conversation_is_found_across_folders),
		cmocka_unit_test(what_is_sent_is_in_a_conversation),
		cmocka_unit_test(a_reply_and_a_forward_are_a_level_below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
