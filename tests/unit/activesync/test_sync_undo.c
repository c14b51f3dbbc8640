/*
 * A command of a Sync that fails in the middle of what it writes leaves nothing of itself, and the others of its request stand:
 * what is answered is what is stored. The database itself refuses a row here, as a damaged or a full one does.
 */
#include "class_fixture.h"

#include <store/check.h>
#include <store/sql/sql.h>

#define SPOIL(when) "CREATE TRIGGER spoil " when " BEGIN SELECT RAISE(ABORT, 'spoilt'); END"
/* The row of an item whose text names it. */
#define NAMED "instr((SELECT octets FROM blob_body WHERE blob_id = NEW.blob_id), CAST('Spoilt' AS BLOB))"
#define AT_TEN "<Calendar:StartTime>20260716T080000Z</><Calendar:EndTime>20260716T090000Z</>"
#define BOB "<Calendar:Attendees><Calendar:Attendee><Calendar:Email>bob@x.test</><Calendar:Name>Bob</></></>"
#define FILE                                                                                            \
	"<AirSyncBase:Attachments><AirSyncBase:Add><AirSyncBase:ClientId>f1</><AirSyncBase:Method>1</>" \
	"<AirSyncBase:ContentType>image/png</><AirSyncBase:Content>iVBORw==</>"                         \
	"<AirSyncBase:DisplayName>one.png</></></>"

static const struct spoilt {
	const char *what;
	enum folder_role role;
	const char *version, *trigger;
	const char *good;   /* what the commands before and behind add */
	const char *before; /* the item that it changes or deletes; NULL: it adds */
	const char *data;   /* NULL: it deletes */
} table[] = {
	{ "a contact is half made", FOLDER_DEFAULT_CONTACTS, "14.1", SPOIL("AFTER INSERT ON item WHEN " NAMED),
	  "<Contacts:FirstName>Good</>", NULL, "<Contacts:FirstName>Spoilt</>" },
	{ "a contact is half changed", FOLDER_DEFAULT_CONTACTS, "2.5",
	  SPOIL("AFTER UPDATE OF blob_id ON item WHEN " NAMED), "<Contacts:FirstName>Good</>",
	  "<Contacts:FirstName>Ann</>", "<Contacts:FirstName>Spoilt</>" },
	{ "a task is half deleted", FOLDER_DEFAULT_TASKS, "12.1", SPOIL("BEFORE DELETE ON item"),
	  "<Tasks:Subject>Good</>", "<Tasks:Subject>Ann</>", NULL },
	{ "an event is there without its file", FOLDER_DEFAULT_CALENDAR, "16.1", SPOIL("AFTER INSERT ON item_part"),
	  AT_TEN, NULL, AT_TEN FILE },
	{ "an event is changed without its file", FOLDER_DEFAULT_CALENDAR, "16.0", SPOIL("AFTER INSERT ON item_part"),
	  AT_TEN, AT_TEN "<Calendar:Subject>Ann</>", "<Calendar:Subject>Spoilt</>" FILE },
	{ "a meeting is made and nobody told", FOLDER_DEFAULT_CALENDAR, "16.1", SPOIL("AFTER INSERT ON outbox"), AT_TEN,
	  NULL, AT_TEN "<Calendar:Subject>Spoilt</>" BOB },
	{ "a meeting is deleted and nobody told", FOLDER_DEFAULT_CALENDAR, "16.1", SPOIL("AFTER INSERT ON outbox"),
	  AT_TEN, AT_TEN "<Calendar:Subject>Ann</>" BOB, NULL },
	{ "a draft is half made", FOLDER_DRAFTS, "16.1", SPOIL("AFTER INSERT ON item WHEN " NAMED),
	  "<Email:Subject>Good</>", NULL, "<Email:Subject>Spoilt</>" },
	{ "a draft is marked and not changed", FOLDER_DRAFTS, "16.1",
	  SPOIL("AFTER UPDATE OF blob_id ON item WHEN " NAMED), "<Email:Subject>Good</>", "<Email:Subject>Ann</>",
	  "<Email:Read>1</><Email:Subject>Spoilt</>" },
};

enum { COUNT_ITEMS, COUNT_GONE, COUNT_PARTS, COUNT_PART_BYTES, COUNT_OUTBOX, COUNT_LOOSE, COUNT_ODD_HEADS, COUNTS };
static const struct sql_def counts[COUNTS] = {
	[COUNT_ITEMS] = { "t_items", "SELECT COUNT(*) FROM item" },
	[COUNT_GONE] = { "t_gone", "SELECT COUNT(*) FROM expunged" },
	[COUNT_PARTS] = { "t_parts", "SELECT COUNT(*) FROM item_part" },
	[COUNT_PART_BYTES] = { "t_part_bytes", "SELECT part_bytes FROM mailbox" },
	[COUNT_OUTBOX] = { "t_outbox", "SELECT COUNT(*) FROM outbox" },
	[COUNT_LOOSE] = { "t_loose", "SELECT COUNT(*) FROM blob WHERE refs = 0 AND blob_id NOT IN"
				     " (SELECT blob_id FROM outbox)" },
	[COUNT_ODD_HEADS] = { "t_heads", "SELECT COUNT(*) FROM item WHERE modified_change >"
					 " (SELECT head_change FROM mailbox)" },
};

static void count(struct fixture *f, int64_t ret[COUNTS])
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	bool sound;

	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_READ, &tx));
	for (int i = 0; i < COUNTS; i++) {
		struct sql_stmt *st;

		assert_ok(sql_use(store_tx_db(tx), &counts[i], &st));
		assert_ok(sql_one(st));
		ret[i] = sql_i64(st, 0);
		sql_reset(st);
	}
	assert_ok(store_check_counts(tx, &sound));
	assert_true(sound);
}

static void change_schema(struct fixture *f, const char *text)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_WRITE, &tx));
	assert_ok(sql_exec(store_tx_db(tx), text));
	assert_ok(store_commit(&tx));
}

static char *add(struct fixture *f, const char *client, const char *xml)
{
	return commands(f, "47 4C 03 '%s' 00 01 5D %s 01 01", client, elements(f, xml));
}

static char *spoilt_command(struct fixture *f, const struct spoilt *t, const char *id)
{
	if (!t->before)
		return add(f, "spoilt", t->data);
	if (!t->data)
		return commands(f, "49 4D 03 '%s' 00 01 01", id);
	return commands(f, "48 4D 03 '%s' 00 01 5D %s 01 01", id, elements(f, t->data));
}

static void assert_spoilt(const struct spoilt *t, const struct eas_reply *r)
{
	static const char *const statuses[] = { "1", "1", "5", "1" }; /* of the collection, and its three commands */

	for (unsigned i = 0; i < countof(statuses); i++)
		if (!str_eq(eas_reply_text(r, "Status", i), str_of(statuses[i])))
			fail_msg("%s: " STR_FMT, t->what, STR_ARG(r->xml));
}

/* All that the database holds of it, before and afterwards. */
static void assert_kept_apart(const struct spoilt *t, const int64_t before[COUNTS], const int64_t now[COUNTS])
{
	static const int64_t more[COUNTS] = { [COUNT_ITEMS] = 2 };

	for (int i = 0; i < COUNTS; i++)
		if (now[i] != before[i] + more[i])
			fail_msg("%s: %s was %lld, is %lld", t->what, counts[i].name, (long long)before[i],
				 (long long)now[i]);
}

static void run(const struct spoilt *t)
{
	FIXTURE(f);
	int64_t folder = fixture_role(&f, t->role), before[COUNTS], now[COUNTS];
	const char *key, *sent, *id = NULL;
	struct eas_reply r;
	char *request;
	size_t adds;

	f.phone.version = t->version;
	key = first_key(&f, folder);
	if (t->before)
		id = added_item(&f, folder, &key, "before", t->before);
	change_schema(&f, t->trigger);
	count(&f, before);
	request = commands(&f, "56 %s %s %s 01", add(&f, "g1", t->good), spoilt_command(&f, t, id),
			   add(&f, "g2", t->good));
	sent = key;
	r = sync_command(&f, folder, &key, request);
	assert_spoilt(t, &r);
	count(&f, now);
	assert_kept_apart(t, before, now);

	/* The answer was lost: it is the same again. */
	r = sync_command(&f, folder, &sent, request);
	assert_spoilt(t, &r);
	count(&f, now);
	assert_kept_apart(t, before, now);

	change_schema(&f, "DROP TRIGGER spoil");
	r = sync_command(&f, folder, &sent, commands(&f, "56 %s 01", spoilt_command(&f, t, id)));
	if (!str_eq(eas_reply_text(&r, "Status", 0), S("1")) ||
	    (eas_reply_count(&r, "Status") > 1 && !str_eq(eas_reply_text(&r, "Status", 1), S("1"))))
		fail_msg("%s: " STR_FMT, t->what, STR_ARG(r.xml));
	sync_all(&f, folder, sent, &adds);
	assert_int_equal(adds, 0);
	f.phone.device_id = "OTHER";
	sync_all(&f, folder, first_key(&f, folder), &adds);
	assert_int_equal(adds, t->data ? 3 : 2);
}

static void a_command_that_fails_in_the_middle_leaves_nothing_and_the_others_stand(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < countof(table); i++)
		run(&table[i]);
}

static uint64_t unread_of(struct fixture *f, int64_t id)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct folder folder;

	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_READ, &tx));
	assert_ok(folder_get(&f->arena, tx, id, &folder));
	return folder.unread;
}

/* A mark is a row, and its folder's counter another. */
static void a_mark_that_fails_leaves_nothing_and_the_others_stand(void **unused)
{
	FIXTURE(f);
	const int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	int64_t mails[3], before[COUNTS], now[COUNTS];
	const char *key, *sent;
	struct eas_reply r;
	char *request;
	size_t adds;

	(void)unused;
	f.phone.version = "14.1";
	for (size_t i = 0; i < countof(mails); i++)
		mails[i] = fixture_add_item(&f, inbox, STORE_NOBODY);
	key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	assert_int_equal(adds, countof(mails));
	change_schema(&f, commands(&f,
				   SPOIL("AFTER UPDATE OF unread ON folder WHEN EXISTS (SELECT 1 FROM item"
					 " WHERE item_id = %lld AND flags & 1)"),
				   (long long)mails[1]));
	count(&f, before);
	request = commands(&f,
			   "56 48 4D 03 '%lld:%lld' 00 01 5D 00 02 55 03 '1' 00 01 00 00 01 01"
			   " 48 4D 03 '%lld:%lld' 00 01 5D 00 02 55 03 '1' 00 01 00 00 01 01"
			   " 48 4D 03 '%lld:%lld' 00 01 5D 00 02 55 03 '1' 00 01 00 00 01 01 01",
			   (long long)inbox, (long long)mails[0], (long long)inbox, (long long)mails[1],
			   (long long)inbox, (long long)mails[2]);
	sent = key;
	for (int times = 0; times < 2; times++) { /* the first answer was lost: it is the same again */
		key = sent;
		r = sync_command(&f, inbox, &key, request);
		if (!str_eq(eas_reply_text(&r, "Status", 0), S("1")) ||
		    !str_eq(eas_reply_text(&r, "Status", 1), S("5")) || eas_reply_count(&r, "Status") != 2)
			fail_msg(STR_FMT, STR_ARG(r.xml));
		count(&f, now);
		assert_memory_equal(now, before, sizeof(now));
		assert_int_equal(unread_of(&f, inbox), 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_that_fails_in_the_middle_leaves_nothing_and_the_others_stand),
		cmocka_unit_test(a_mark_that_fails_leaves_nothing_and_the_others_stand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
