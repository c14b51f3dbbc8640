/* Conversations as phones see them: told with each mail, moved with what comes later, searched for. */
#include "sync_fixture.h"

#include <store/conversation.h>
#include <tests/support/hex.h>

/* Page 14 (ItemOperations): 45 ItemOperations, 48 Options, 56 Move, 57 DstFldId, 58 ConversationId, 19 MoveAlways. */
static const char *hex_of(struct fixture *f, struct str octets)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(256);
	const char *kept;

	for (size_t i = 0; i < octets.n; i++)
		buf_fmt(&text, "%02X ", (unsigned char)octets.p[i]);
	assert_ok(arena_cstr(&f->arena, buf_view(&text), &kept));
	return kept;
}

static char *move_op(struct fixture *f, struct str id, int64_t to, const char *options)
{
	return commands(f, "56 58 C3 %02zX %s 01 57 03 '%lld' 00 01 %s 01", id.n, hex_of(f, id), (long long)to,
			options);
}

#define ALWAYS "48 19 01"

static struct eas_reply item_operations(struct fixture *f, const char *operations)
{
	return eas_phone_ask(&f->phone, "ItemOperations", doc(f, HEAD "00 14 45 %s 01", operations));
}

static void assert_status(const struct eas_reply *r, const char *what, unsigned n, const char *wanted)
{
	if (!str_eq(eas_reply_text(r, "Status", n), str_of(wanted)))
		fail_msg("%s: " STR_FMT, what, STR_ARG(r->xml));
}

static void deliver_answer(struct fixture *f, const char *id, const char *to)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(4096);

	buf_fmt(&b, "From: Bob <bob@example.org>\r\nSubject: %sOffer\r\nMessage-ID: <%s@x>\r\n", to ? "Re: " : "", id);
	if (to)
		buf_fmt(&b, "In-Reply-To: <%s@x>\r\n", to);
	buf_cstr(&b, "\r\nText\r\n");
	deliver_octets(f, f->ann.mailbox, buf_view(&b));
}

/* Of the first mail, which is in that folder. */
static struct str conversation_of(struct fixture *f, int64_t folder, int64_t id)
{
	struct item item = item_of(f, folder, id);

	assert_int_equal(item.conversation.n, CONVERSATION_SIZE);
	return item.conversation;
}

/* MS-ASEMAIL_R343, MS-ASEMAIL_R345, MS-ASEMAIL_R350, MS-ASEMAIL_R354, MS-ASEMAIL_R610, MS-ASEMAIL_R611: with every mail, from 14.0 on. */
static void a_mail_tells_its_conversation(void **unused)
{
	static const struct {
		const char *version;
		size_t n;
	} cases[] = { { "16.1", 2 }, { "14.0", 2 }, { "12.1", 0 } };
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;

	(void)unused;
	deliver_answer(&f, "root", NULL);
	deliver_answer(&f, "one", "root");
	for (size_t i = 0; i < countof(cases); i++) {
		f.phone.version = cases[i].version;
		r = sync_with(&f, inbox, first_key(&f, inbox), "");
		assert_int_equal(eas_reply_count(&r, "email2:ConversationId"), cases[i].n);
		assert_int_equal(eas_reply_count(&r, "email2:ConversationIndex"), cases[i].n);
		if (cases[i].n)
			assert_true(str_eq(eas_reply_text(&r, "email2:ConversationId", 0),
					   eas_reply_text(&r, "email2:ConversationId", 1)));
	}
}

/* MS-ASCON_R130, MS-ASCON_R143, MS-ASCON_R166, MS-ASCON_R167, MS-ASCON_R172; MS-ASCMD_R2080: the phone is told of all that it did. */
/* MS-ASCON_R213, MS-ASCON_R214, MS-ASCON_R215, MS-ASCON_R216 */
static void a_conversation_is_ignored(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), deleted = fixture_role(&f, FOLDER_DELETED);
	const char *inbox_key, *deleted_key;
	struct eas_reply r;
	struct str id;
	size_t adds;

	(void)unused;
	deliver_answer(&f, "root", NULL);
	deliver_answer(&f, "one", "root");
	deliver(&f, f.ann.mailbox, "other");
	id = conversation_of(&f, inbox, 1);
	inbox_key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	deleted_key = sync_all(&f, deleted, first_key(&f, deleted), &adds);
	r = item_operations(&f, move_op(&f, id, deleted, ALWAYS));
	assert_status(&r, "move", 0, "1");
	assert_status(&r, "move", 1, "1");
	assert_int_equal(eas_reply_count(&r, "ConversationId"), 1);
	r = sync_with(&f, inbox, inbox_key, "");
	assert_int_equal(eas_reply_count(&r, "Delete"), 2);
	r = sync_with(&f, deleted, deleted_key, "");
	assert_int_equal(eas_reply_count(&r, "Add"), 2);
	deleted_key = key_of(&f, &r);
	deliver_answer(&f, "two", "one");
	r = sync_with(&f, deleted, deleted_key, "");
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
}

/* Its answer was lost: asked again, it is done once, and says so. */
static void a_move_may_come_again(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), junk = fixture_role(&f, FOLDER_JUNK);
	const char *inbox_key, *junk_key;
	struct eas_reply r;
	struct str id;
	size_t adds;

	(void)unused;
	deliver_answer(&f, "root", NULL);
	deliver_answer(&f, "one", "root");
	id = conversation_of(&f, inbox, 1);
	inbox_key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	junk_key = sync_all(&f, junk, first_key(&f, junk), &adds);
	eas_phone_send(&f.phone, "ItemOperations", doc(&f, HEAD "00 14 45 %s 01", move_op(&f, id, junk, ALWAYS)));
	(void)eas_phone_receive(&f.phone);
	eas_phone_hang_up(&f.phone);
	fixture_restart(&f);
	r = item_operations(&f, move_op(&f, id, junk, ALWAYS));
	assert_status(&r, "again", 1, "1");
	r = sync_with(&f, inbox, inbox_key, "");
	assert_int_equal(eas_reply_count(&r, "Delete"), 2);
	r = sync_with(&f, junk, junk_key, "");
	assert_int_equal(eas_reply_count(&r, "Add"), 2);
}

/* MS-ASCON_R144, MS-ASCON_R146, MS-ASCON_R317, MS-ASCON_R338; MS-ASCMD_R4171, MS-ASCMD_R4940 */
/* MS-ASCMD_R3475, MS-ASCMD_R4170; MS-ASCON_R327 */
static void what_is_wrong_with_a_move_is_told(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), drafts = fixture_role(&f, FOLDER_DRAFTS);
	int64_t calendar = fixture_add_folder(&f, "Days", FOLDER_CALENDAR, FOLDER_ROOT);
	struct eas_reply r;
	struct str id;

	(void)unused;
	deliver_answer(&f, "root", NULL);
	id = conversation_of(&f, inbox, 1);
	const struct {
		const char *what, *operation, *status;
	} cases[] = {
		{ "without MoveAlways", move_op(&f, id, inbox, ""), "155" },
		{ "with empty Options", move_op(&f, id, inbox, "08"), "155" },
		{ "to a folder that is not there", move_op(&f, id, 777, ALWAYS), "6" },
		{ "to Drafts", move_op(&f, id, drafts, ALWAYS), "156" },
		{ "to a calendar", move_op(&f, id, calendar, ALWAYS), "156" },
		{ "of a conversation that is none", move_op(&f, S("0123456789abcdef"), inbox, ALWAYS), "6" },
		{ "of an id of another length", move_op(&f, S("0123"), inbox, ALWAYS), "6" },
		{ "without a folder", commands(&f, "56 58 C3 02 AB CD 01 " ALWAYS " 01"), "2" },
		{ "without a conversation", "56 57 03 '1' 00 01 " ALWAYS " 01", "2" },
	};
	for (size_t i = 0; i < countof(cases); i++) {
		r = item_operations(&f, cases[i].operation);
		assert_status(&r, cases[i].what, 1, cases[i].status);
	}
	/* MS-ASCON_R169, MS-ASCON_R327: several, in their order. */
	r = item_operations(&f, commands(&f, "%s %s", cases[0].operation, cases[2].operation));
	assert_status(&r, "two", 1, "155");
	assert_status(&r, "two", 2, "6");
}

/* Page 15: 60 ConversationId. MS-ASCMD_R2082, MS-ASCMD_R2086, MS-ASCMD_R2088, MS-ASCMD_R6364 */
static void a_conversation_is_searched_for(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;
	const char *id;

	(void)unused;
	deliver_answer(&f, "root", NULL);
	deliver_answer(&f, "one", "root");
	deliver(&f, f.ann.mailbox, "other");
	id = commands(&f, "60 C3 10 %s 01", hex_of(&f, conversation_of(&f, inbox, 1)));
	const struct {
		const char *version, *query, *status, *total;
	} cases[] = {
		{ "16.1", commands(&f, "53 %s 01", id), "1", "2" },
		{ "14.0", commands(&f, "53 %s 55 03 'text' 00 01 01", id), "1", "2" },
		{ "14.1", commands(&f, "53 %s 55 03 'other' 00 01 01", id), "1", "0" },
		{ "16.1", "53 60 C3 10 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 01 01", "1", "0" },
		{ "16.1", commands(&f, "53 %s %s 01", id, id), "2", NULL },
		{ "16.1", "53 60 C3 02 01 02 01 01", "2", NULL },
		{ "16.1", id, "8", NULL },
		{ "12.1", commands(&f, "53 %s 01", id), "2", NULL },
	};
	for (size_t i = 0; i < countof(cases); i++) {
		f.phone.version = cases[i].version;
		r = eas_phone_ask(&f.phone, "Search",
				  doc(&f, HEAD "00 0F 45 47 48 03 'Mailbox' 00 01 49 %s 01 01 01", cases[i].query));
		assert_status(&r, cases[i].query, 1, cases[i].status);
		if (cases[i].total)
			assert_true(str_eq(eas_reply_text(&r, "Total", 0), str_of(cases[i].total)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mail_tells_its_conversation),  cmocka_unit_test(a_conversation_is_ignored),
		cmocka_unit_test(a_move_may_come_again),          cmocka_unit_test(what_is_wrong_with_a_move_is_told),
		cmocka_unit_test(a_conversation_is_searched_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
