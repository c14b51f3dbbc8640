/* Drafts that a phone writes with Sync, from 16.0 on: made, changed, given attachments, lost on the way, in conflict. */
#include "sync_fixture.h"

#include <gateway/activesync/sync_request.h>
#include <gateway/mailbox/intake.h>
#include <gateway/mailbox/message.h>

/*
 * Page 00: 47 Add, 48 Change, 4C ClientId, 4D ServerId, 56 Commands, 57 Options, 5B Conflict, 5D ApplicationData.
 * Page 02 (Email): 52 Importance, 54 Subject, 55 Read, 56 To, 57 Cc. Page 16 (Email2): 56 Bcc. Page 11 (AirSyncBase):
 * 46 Type, 4A Body, 4B Data, 4E Attachments, 50 DisplayName, 51 FileReference, 52 Method, 55 IsInline, 57 ContentType,
 * 5C Add, 5D Delete, 5E ClientId, 5F Content (C3: an opaque).
 */
#define TO "00 02 56 03 'Bob <bob@example.org>' 00 01 "
#define SUBJECT(text) "00 02 54 03 '" text "' 00 01 "
#define BODY(type, text) "00 11 4A 46 03 '" type "' 00 01 4B 03 '" text "' 00 01 01 "
#define ATTACH(client, name, inline_)                                                                           \
	"5C 5E 03 '" client "' 00 01 52 03 '1' 00 01 57 03 'image/png' 00 01 5F C3 04 89 'PNG' 01 50 03 '" name \
	"' 00 01 " inline_ "01 "
#define IN_ATTACHMENTS(list) "00 11 4E " list "01 "

static char *both(struct fixture *f, const char *a, const char *b)
{
	return commands(f, "%s %s", a, b);
}

static struct eas_reply sync_commands(struct fixture *f, int64_t folder, const char *key, const char *list)
{
	return sync_with(f, folder, key, commands(f, "56 %s 01", list));
}

static char *command_add(struct fixture *f, const char *client, const char *data)
{
	return commands(f, "47 4C 03 '%s' 00 01 5D %s 01 01 00 00", client, data);
}

static char *command_change(struct fixture *f, const char *server, const char *data)
{
	return commands(f, "48 4D 03 '%s' 00 01 5D %s 01 01 00 00", server, data);
}

/* The octets of a draft. */
static struct str text_of(struct fixture *f, int64_t folder, int64_t id)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(message_close) struct message m = { 0 };
	struct item item;
	char *p;

	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_READ, &tx));
	assert_ok(item_get(&f->arena, tx, folder, id, &item));
	assert_ok(message_open(&f->arena, tx, &item, &m));
	p = arena_alloc(&f->arena, (size_t)m.source.size + 1);
	assert_non_null(p);
	assert_ok(mail_source_read(&m.source, 0, p, (size_t)m.source.size));
	return str_from(p, (size_t)m.source.size);
}

static void assert_holds(struct str text, const char *part)
{
	if (str_find(text, str_of(part)) == text.n)
		fail_msg("no \"%s\" in\n" STR_FMT, part, STR_ARG(text));
}

static void assert_lacks(struct str text, const char *part)
{
	if (str_find(text, str_of(part)) < text.n)
		fail_msg("\"%s\" in\n" STR_FMT, part, STR_ARG(text));
}

static const char *kept(struct fixture *f, struct str s)
{
	const char *ret;

	assert_ok(arena_cstr(&f->arena, s, &ret));
	return ret;
}

struct drafts {
	int64_t folder;
	const char *key;
};

static struct drafts drafts_begin(struct fixture *f)
{
	struct drafts d = { .folder = fixture_role(f, FOLDER_DRAFTS) };

	d.key = first_key(f, d.folder);
	d.key = sync_all(f, d.folder, d.key, &(size_t){ 0 });
	return d;
}

/* MS-ASEMAIL_R1489, MS-ASEMAIL_R1494, MS-ASEMAIL_R1278: kept as a mail, and not told to the phone that wrote it. */
/* MS-ASCMD_R748 */
static void a_draft_is_added_and_becomes_a_mail(void **unused)
{
	FIXTURE(f);
	struct drafts d = drafts_begin(&f);
	struct eas_reply r;
	struct str text;
	struct item item;
	int64_t id;

	(void)unused;
	r = sync_commands(
		&f, d.folder, d.key,
		command_add(
			&f, "c1",
			TO "57 03 'Eve <eve@example.org>' 00 01 " SUBJECT(
				"Gr\xC3\xBC\xC3\x9F"
				"e") "52 03 '2' 00 01 00 16 56 03 'secret@example.org' 00 01 " BODY("2",
												    "<p>Hello "
												    "<b>Bob</b></p>")));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("1")));
	assert_int_equal(eas_reply_count(&r, "Commands"), 0);
	id = only_item(&f, d.folder);
	item = item_of(&f, d.folder, id);
	assert_true(item.flags & ITEM_DRAFT && item.flags & ITEM_SEEN);
	assert_string_equal(kept(&f, eas_reply_text(&r, "ServerId", 0)),
			    commands(&f, "%lld:%lld", (long long)d.folder, (long long)id));
	text = text_of(&f, d.folder, id);
	assert_holds(text, "To: Bob <bob@example.org>\r\n");
	assert_holds(text, "Cc: Eve <eve@example.org>\r\n");
	assert_holds(text, "Bcc: secret@example.org\r\n");
	assert_holds(text, "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n");
	assert_holds(text, "From: ");
	assert_holds(text, "ann@example.test");
	assert_holds(text, "Importance: high\r\n");
	assert_holds(text, "Content-Type: text/plain; charset=utf-8\r\n");
	assert_holds(text, "Hello Bob");
	assert_holds(text, "<p>Hello <b>Bob</b></p>");
	r = sync_with(&f, d.folder, key_of(&f, &r), "");
	assert_int_equal(eas_reply_count(&r, "Commands"), 0);
}

/* MS-ASEMAIL_R1283, MS-ASEMAIL_R12840: another phone sees it with Bcc and IsDraft; one of 14.1 without either. */
static void another_phone_sees_the_draft(void **unused)
{
	FIXTURE(f);
	struct drafts d = drafts_begin(&f);
	struct eas_reply r;

	(void)unused;
	(void)sync_commands(&f, d.folder, d.key,
			    command_add(&f, "c1", TO "00 16 56 03 'secret@example.org' 00 01 " BODY("1", "Hi")));
	f.phone.device_id = "otherphone";
	r = sync_with(&f, d.folder, first_key(&f, d.folder), "");
	assert_true(str_eq(eas_reply_text(&r, "email2:IsDraft", 0), S("1")));
	assert_true(str_eq(eas_reply_text(&r, "email2:Bcc", 0), S("secret@example.org")));
	assert_holds(eas_reply_text(&r, "email:To", 0), "bob@example.org");
	f.phone.version = "14.1";
	r = sync_with(&f, d.folder, first_key(&f, d.folder), "");
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	assert_int_equal(eas_reply_count(&r, "email2:IsDraft"), 0);
	assert_int_equal(eas_reply_count(&r, "email2:Bcc"), 0);
}

/* MS-ASEMAIL_R1490: what a Change does not name stays; its octets and its uid are new, its ServerId is not. */
static void a_draft_is_changed_and_keeps_what_is_not_named(void **unused)
{
	FIXTURE(f);
	struct drafts d = drafts_begin(&f);
	const char *server, *key;
	struct item before, after;
	struct eas_reply r;
	struct str text;
	int64_t id;

	(void)unused;
	r = sync_commands(&f, d.folder, d.key, command_add(&f, "c1", TO SUBJECT("First") BODY("2", "<i>kept</i>")));
	server = kept(&f, eas_reply_text(&r, "ServerId", 0));
	id = only_item(&f, d.folder);
	before = item_of(&f, d.folder, id);
	r = sync_commands(&f, d.folder, key_of(&f, &r), command_change(&f, server, SUBJECT("Second")));
	assert_int_equal(eas_reply_count(&r, "Responses"), 0);
	after = item_of(&f, d.folder, id);
	assert_true(after.uid > before.uid && after.blob != before.blob);
	text = text_of(&f, d.folder, id);
	assert_holds(text, "Subject: Second\r\n");
	assert_lacks(text, "First");
	assert_holds(text, "To: Bob <bob@example.org>\r\n");
	assert_holds(text, "<i>kept</i>");
	r = sync_commands(&f, d.folder, key_of(&f, &r), command_change(&f, server, BODY("1", "plain now")));
	text = text_of(&f, d.folder, id);
	assert_holds(text, "Subject: Second\r\n");
	assert_holds(text, "plain now");
	assert_lacks(text, "kept");
	/* An empty To takes the recipients away. */
	key = key_of(&f, &r);
	r = sync_commands(&f, d.folder, key, command_change(&f, server, "00 02 16 "));
	assert_lacks(text_of(&f, d.folder, id), "bob@");
	assert_holds(text_of(&f, d.folder, id), "plain now");
}

/* Phones send hundreds of drafts that nobody has touched: each is looked at and left alone. */
static void a_draft_that_is_sent_again_as_it_is_is_not_written(void **unused)
{
	FIXTURE(f);
	struct drafts d = drafts_begin(&f);
	const char *data = TO SUBJECT("Same") BODY("2", "<p>Hello</p>"), *server;
	struct item before, after;
	struct eas_reply r;
	int64_t id;

	(void)unused;
	r = sync_commands(&f, d.folder, d.key, command_add(&f, "c1", data));
	server = kept(&f, eas_reply_text(&r, "ServerId", 0));
	id = only_item(&f, d.folder);
	before = item_of(&f, d.folder, id);
	r = sync_commands(&f, d.folder, key_of(&f, &r), command_change(&f, server, data));
	after = item_of(&f, d.folder, id);
	assert_int_equal(after.uid, before.uid);
	assert_int_equal(after.content, before.content);
	assert_int_equal(after.modified, before.modified);
}

/*
 * MS-ASAIRS_R1336, MS-ASAIRS_R1368, MS-ASAIRS_R1001000: what is added has a reference for its ClientId in the answer;
 * MS-ASAIRS_R1373: by that it is taken away again, also after another one has gone.
 */
static void attachments_are_added_and_taken_away(void **unused)
{
	FIXTURE(f);
	struct drafts d = drafts_begin(&f);
	const char *server, *second = "";
	struct eas_reply r;
	struct str text;
	int64_t id;

	(void)unused;
	r = sync_commands(&f, d.folder, d.key,
			  command_add(&f, "c1",
				      BODY("2", "<p>x</p>") IN_ATTACHMENTS(ATTACH("a1", "one.png", "") ATTACH(
					      "a2", "two.png", "") ATTACH("a3", "in.png", "15 "))));
	id = only_item(&f, d.folder);
	server = kept(&f, eas_reply_text(&r, "ServerId", 0));
	assert_int_equal(eas_reply_count(&r, "airsyncbase:Attachment"), 3);
	for (unsigned i = 0; i < 3; i++) {
		struct str client = eas_reply_text(&r, "airsyncbase:ClientId", i);
		struct str name = eas_reply_text(&r, "airsyncbase:DisplayName", i);

		assert_true((str_eq(client, S("a1")) && str_eq(name, S("one.png"))) ||
			    (str_eq(client, S("a2")) && str_eq(name, S("two.png"))) ||
			    (str_eq(client, S("a3")) && str_eq(name, S("in.png"))));
		if (str_eq(client, S("a1")))
			second = kept(&f, eas_reply_text(&r, "airsyncbase:FileReference", i));
	}
	r = sync_commands(
		&f, d.folder, key_of(&f, &r),
		command_change(
			&f, server,
			commands(&f, "00 11 4E 5D 51 03 '%s' 00 01 01 " ATTACH("a4", "four.png", "") "01 ", second)));
	assert_int_equal(eas_reply_count(&r, "airsyncbase:Attachment"), 1);
	assert_true(str_eq(eas_reply_text(&r, "airsyncbase:ClientId", 0), S("a4")));
	assert_true(str_eq(eas_reply_text(&r, "airsyncbase:DisplayName", 0), S("four.png")));
	text = text_of(&f, d.folder, id);
	assert_lacks(text, "one.png");
	assert_holds(text, "two.png");
	assert_holds(text, "in.png");
	assert_holds(text, "four.png");
	assert_holds(text, "<p>x</p>");
	/* What has gone already is no error. */
	r = sync_commands(&f, d.folder, key_of(&f, &r),
			  command_change(&f, server, commands(&f, "00 11 4E 5D 51 03 '%s' 00 01 01 01 ", second)));
	assert_int_equal(eas_reply_count(&r, "Responses"), 0);
}

/* The octets come back by the reference, before and after the draft is edited. */
static void an_attachment_of_a_draft_is_fetched_by_its_reference(void **unused)
{
	FIXTURE(f);
	struct drafts d = drafts_begin(&f);
	const char *server, *reference;
	struct eas_reply r;

	(void)unused;
	r = sync_commands(&f, d.folder, d.key,
			  command_add(&f, "c1", BODY("1", "x") IN_ATTACHMENTS(ATTACH("a1", "one.png", ""))));
	server = kept(&f, eas_reply_text(&r, "ServerId", 0));
	reference = kept(&f, eas_reply_text(&r, "airsyncbase:FileReference", 0));
	for (int pass = 0; pass < 2; pass++) {
		struct eas_reply fetched = eas_phone_ask(
			&f.phone, "ItemOperations",
			doc(&f, HEAD "00 14 45 46 47 03 'Mailbox' 00 01 00 11 51 03 '%s' 00 01 01 01", reference));

		assert_true(str_eq(eas_reply_text(&fetched, "Data", 0), S("iVBORw==")));
		if (pass == 0)
			r = sync_commands(&f, d.folder, key_of(&f, &r),
					  command_change(&f, server, BODY("2", "<p>now HTML</p>")));
	}
}

/* Rule 5: the same request again is answered as it was, and nothing is made twice. */
static void a_lost_answer_is_given_again_and_nothing_is_doubled(void **unused)
{
	FIXTURE(f);
	struct drafts d = drafts_begin(&f);
	const char *first, *reference, *data = BODY("1", "x") IN_ATTACHMENTS(ATTACH("a1", "one.png", ""));
	struct eas_reply r;

	(void)unused;
	r = sync_commands(&f, d.folder, d.key, command_add(&f, "c1", data));
	first = kept(&f, eas_reply_text(&r, "ServerId", 0));
	reference = kept(&f, eas_reply_text(&r, "airsyncbase:FileReference", 0));
	r = sync_commands(&f, d.folder, d.key, command_add(&f, "c1", data));
	assert_string_equal(kept(&f, eas_reply_text(&r, "ServerId", 0)), first);
	assert_string_equal(kept(&f, eas_reply_text(&r, "airsyncbase:FileReference", 0)), reference);
	(void)only_item(&f, d.folder);
	assert_true(only_item(&f, d.folder) != 0);
	r = sync_with(&f, d.folder, key_of(&f, &r), "");
	assert_int_equal(eas_reply_count(&r, "Commands"), 0);
}

static void edit_elsewhere(struct fixture *f, int64_t folder, int64_t id)
{
	CLEANUP(intake_free) struct intake *in = NULL;
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct author nobody = AUTHOR_NOBODY;
	struct store_blob_writer *blob;
	struct item item = item_of(f, folder, id);

	assert_ok(intake_new(store_state_dir(f->server.store), 1 << 20, &in));
	assert_ok(intake_put(in, S("Subject: by a desktop\r\n\r\nother\r\n")));
	assert_ok(intake_finish(in));
	assert_ok(intake_store(in, f->server.store, f->ann.mailbox, &blob));
	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_WRITE, &tx));
	assert_ok(intake_edit(in, tx, blob, &item, &nobody));
	assert_ok(store_commit(&tx));
	store_blob_writer_drop(&blob);
}

/* Rule 10, MS-ASCMD 2.2.3.34: the server's version stays and comes, unless the phone asks for its own to win. */
static void a_conflict_is_settled_as_the_phone_asks(void **unused)
{
	static const struct {
		const char *options, *subject;
		bool refused;
	} cases[] = {
		{ "", "by a desktop", true },
		{ "57 5B 03 '1' 00 01 01 ", "by a desktop", true },
		{ "57 5B 03 '0' 00 01 01 ", "by the phone", false },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		FIXTURE(f);
		struct drafts d = drafts_begin(&f);
		const char *server;
		struct eas_reply r;
		int64_t id;

		r = sync_commands(&f, d.folder, d.key, command_add(&f, "c1", SUBJECT("first")));
		server = kept(&f, eas_reply_text(&r, "ServerId", 0));
		id = only_item(&f, d.folder);
		edit_elsewhere(&f, d.folder, id);
		r = sync_with(&f, d.folder, key_of(&f, &r),
			      commands(&f, "%s 56 %s 01", cases[i].options,
				       command_change(&f, server, SUBJECT("by the phone"))));
		assert_int_equal(eas_reply_count(&r, "Responses"), cases[i].refused);
		if (cases[i].refused)
			assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("7")));
		assert_holds(text_of(&f, d.folder, id), cases[i].subject);
		/* Rule 4: it had not seen what it has changed, so it is told how that ended. */
		assert_int_equal(eas_reply_count(&r, "Commands"), 1);
	}
}

/* MS-ASEMAIL_R14890, MS-ASEMAIL_R14900: MIME says all there is; a message is kept as it is. */
static void a_draft_as_mime_is_kept_as_it_is(void **unused)
{
	FIXTURE(f);
	struct drafts d = drafts_begin(&f);
	struct eas_reply r;
	int64_t id;

	(void)unused;
	r = sync_commands(
		&f, d.folder, d.key,
		command_add(&f, "c1",
			    "00 11 4A 46 03 '4' 00 01 4B 03 'X-Odd: yes' 0D 0A 'To: bob@example.org' 0D 0A 0D 0A "
			    "'text' 00 01 01 "));
	id = only_item(&f, d.folder);
	assert_true(str_eq(text_of(&f, d.folder, id), S("X-Odd: yes\r\nTo: bob@example.org\r\n\r\ntext")));
	r = sync_commands(&f, d.folder, key_of(&f, &r),
			  command_add(&f, "c2", SUBJECT("no") "00 11 4A 46 03 '4' 00 01 4B 03 'a: b' 00 01 01 "));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("6")));
}

/* Status 6 (R643 and others): nothing of a bad command is kept, and the good ones beside it are. */
static void a_bad_draft_is_refused_and_its_neighbours_are_kept(void **unused)
{
	static const char *const bad[] = {
		"00 02 52 03 '3' 00 01 ",                                             /* Importance */
		"00 02 58 03 'eve@example.org' 00 01 ",                               /* From */
		BODY("3", "x"),                                                       /* RTF */
		"00 11 4E 5C 5E 03 'a' 00 01 52 03 '1' 00 01 01 01 ",                 /* no DisplayName */
		"00 11 4E 5C 5E 03 'a' 00 01 52 03 '6' 00 01 50 03 'n' 00 01 01 01 ", /* Method */
		"00 11 4E 1D 01 ",                                                    /* Delete without FileReference */
		"00 16 55 03 '1' 00 01 ",                                             /* IsDraft: MS-ASEMAIL_R1276 */
	};
	FIXTURE(f);
	struct drafts d = drafts_begin(&f);

	(void)unused;
	for (size_t i = 0; i < countof(bad); i++) {
		struct eas_reply r = sync_commands(
			&f, d.folder, d.key,
			both(&f, command_add(&f, "bad", bad[i]), command_add(&f, "good", SUBJECT("good"))));

		assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("6")));
		assert_true(str_eq(eas_reply_text(&r, "Status", 2), S("1")));
		d.key = key_of(&f, &r);
	}
}

/* Before 16.0 drafts are not a phone's to write, and in other folders they never are (MS-ASCMD 2.2.3.7.2). */
static void elsewhere_and_earlier_mail_is_not_added(void **unused)
{
	FIXTURE(f);
	struct drafts d = drafts_begin(&f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;

	(void)unused;
	r = sync_commands(&f, inbox, first_key(&f, inbox), command_add(&f, "c1", SUBJECT("no")));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("6")));
	f.phone.version = "14.1";
	r = sync_commands(&f, d.folder, first_key(&f, d.folder), command_add(&f, "c1", SUBJECT("no")));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("6")));
	assert_int_equal(only_item(&f, d.folder), 0);
}

/* All that one request may hold (MS-ASCMD_R5659), and the same again after a lost answer. */
static void hundreds_of_drafts_come_at_once(void **unused)
{
	FIXTURE(f);
	struct drafts d = drafts_begin(&f);
	CLEANUP(buf_release) struct buf list = BUF_INIT(1 << 20);
	struct eas_reply r;

	(void)unused;
	for (unsigned i = 0; i < EAS_SYNC_MAX_COMMANDS; i++)
		buf_cstr(&list, command_add(&f, commands(&f, "c%u", i), TO SUBJECT("Draft") BODY("1", "Text")));
	buf_char(&list, '\0');
	for (int pass = 0; pass < 2; pass++) {
		r = sync_commands(&f, d.folder, d.key, list.p);
		assert_int_equal(eas_reply_count(&r, "Add"), EAS_SYNC_MAX_COMMANDS);
		assert_int_equal(eas_reply_count(&r, "ServerId"), EAS_SYNC_MAX_COMMANDS);
	}
	f.phone.device_id = "otherphone";
	r = sync_with(&f, d.folder, first_key(&f, d.folder), "55 03 '512' 00 01");
	assert_int_equal(eas_reply_count(&r, "Add"), EAS_SYNC_MAX_COMMANDS);
}

/* Page 16 (Email2): 17 Send. */
#define SEND "00 16 17 00 00 "

static char *send_add(struct fixture *f, const char *client, const char *data)
{
	return commands(f, "47 4C 03 '%s' 00 01 " SEND "5D %s 01 01 00 00", client, data);
}

static size_t count_of(struct fixture *f, int64_t mailbox, enum folder_role role)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct item *items;
	int64_t folder;
	size_t n;

	assert_ok(store_begin(f->server.store, mailbox, STORE_READ, &tx));
	assert_ok(folder_by_role(tx, role, &folder));
	assert_ok(item_list(&f->arena, tx, folder, 0, 1000, &items, &n));
	return n;
}

/* MS-ASEMAIL_R1389: it is in Sent Items and not in Drafts, once, also when the answer was lost. */
static void a_draft_is_sent_once(void **unused)
{
	FIXTURE(f);
	struct drafts d = drafts_begin(&f);
	const char *server;
	struct eas_reply r;

	(void)unused;
	for (int pass = 0; pass < 2; pass++) {
		r = sync_commands(&f, d.folder, d.key, send_add(&f, "c1", TO SUBJECT("Now") BODY("1", "Text")));
		assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("1")));
		assert_int_equal(count_of(&f, f.ann.mailbox, FOLDER_DRAFTS), 0);
		assert_int_equal(count_of(&f, f.ann.mailbox, FOLDER_SENT), 1);
	}
	/* A draft that is there, changed and sent in one. */
	r = sync_commands(&f, d.folder, key_of(&f, &r), command_add(&f, "c2", TO SUBJECT("Later")));
	server = kept(&f, eas_reply_text(&r, "ServerId", 0));
	d.key = key_of(&f, &r);
	for (int pass = 0; pass < 2; pass++) {
		r = sync_commands(
			&f, d.folder, d.key,
			commands(&f, "48 4D 03 '%s' 00 01 " SEND "5D " SUBJECT("Changed") "01 01 00 00", server));
		assert_int_equal(count_of(&f, f.ann.mailbox, FOLDER_DRAFTS), 0);
		assert_int_equal(count_of(&f, f.ann.mailbox, FOLDER_SENT), 2);
		assert_int_equal(eas_reply_count(&r, "Delete"), 1);
	}
}

/* MS-ASCMD_R7472: Status 183 for a draft that can't go; nothing of it is kept, the phone has it. */
static void a_draft_without_recipients_is_not_sent(void **unused)
{
	static const char *const bad[] = { SUBJECT("to nobody"), "00 02 56 03 'Bob' 00 01 ",
					   "00 02 56 03 'bob@' 00 01 ", "00 02 56 03 '\"a<b\"@x.test' 00 01 " };
	FIXTURE(f);
	struct drafts d = drafts_begin(&f);

	(void)unused;
	for (size_t i = 0; i < countof(bad); i++) {
		struct eas_reply r = sync_commands(&f, d.folder, d.key, send_add(&f, "c1", bad[i]));

		assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("183")));
		assert_int_equal(count_of(&f, f.ann.mailbox, FOLDER_DRAFTS), 0);
		assert_int_equal(count_of(&f, f.ann.mailbox, FOLDER_SENT), 0);
		d.key = key_of(&f, &r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_draft_is_added_and_becomes_a_mail),
		cmocka_unit_test(another_phone_sees_the_draft),
		cmocka_unit_test(a_draft_is_changed_and_keeps_what_is_not_named),
		cmocka_unit_test(a_draft_that_is_sent_again_as_it_is_is_not_written),
		cmocka_unit_test(attachments_are_added_and_taken_away),
		cmocka_unit_test(an_attachment_of_a_draft_is_fetched_by_its_reference),
		cmocka_unit_test(a_lost_answer_is_given_again_and_nothing_is_doubled),
		cmocka_unit_test(a_conflict_is_settled_as_the_phone_asks),
		cmocka_unit_test(a_draft_as_mime_is_kept_as_it_is),
		cmocka_unit_test(a_bad_draft_is_refused_and_its_neighbours_are_kept),
		cmocka_unit_test(elsewhere_and_earlier_mail_is_not_added),
		cmocka_unit_test(a_draft_is_sent_once),
		cmocka_unit_test(a_draft_without_recipients_is_not_sent),
		cmocka_unit_test(hundreds_of_drafts_come_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
