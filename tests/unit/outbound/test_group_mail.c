/* Mail to groups: each of the people once, whatever becomes of another; who may write; what is told to the sender. */
#include "scene.h"
#include "smtp_server.h"

#include <gateway/mailbox/message.h>
#include <store/mail_group.h>
#include <store/quota.h>

#include <stdio.h>

#define TEXT "Subject: hello\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@x>\r\n"

static struct store_tx *begin(struct scene *c)
{
	struct store_tx *tx;

	assert_ok(store_begin(c->s.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	return tx;
}

static int64_t make_group(struct scene *c, const char *address, enum group_senders senders, const char *const *members)
{
	struct store_tx *tx = begin(c);
	int64_t id;

	assert_ok(mail_group_add(tx, str_of(address), S(""), &id));
	assert_ok(mail_group_set_senders(tx, id, senders));
	for (; *members; members++)
		assert_ok(mail_group_member_add(tx, id, str_of(*members)));
	assert_ok(store_commit(&tx));
	return id;
}
#define GROUP(c, address, senders, ...) \
	make_group((c), (address), (senders), (const char *const[]){ __VA_ARGS__, NULL })

static size_t inbox(struct scene *c, const struct server_account *account)
{
	struct item *items;

	return scene_items(c, account->mailbox, FOLDER_INBOX, &items);
}

static void assert_recipients(struct scene *c, int64_t entry, const char *expected)
{
	static const char *const words[] = {
		[QUEUE_PENDING] = "open",  [QUEUE_DELIVERED] = "delivered", [QUEUE_RELAYED] = "relayed",
		[QUEUE_FAILED] = "failed", [QUEUE_DROPPED] = "dropped",     [QUEUE_EXPANDED] = "expanded",
	};
	CLEANUP(buf_release) struct buf b = BUF_INIT(64 * 1024);
	struct queue_entry e = scene_entry(c, entry);

	for (size_t i = 0; i < e.recipients_n; i++)
		buf_fmt(&b, "%s" STR_FMT " %s", i ? ", " : "", STR_ARG(e.recipients[i].address),
			words[e.recipients[i].state]);
	buf_char(&b, '\0');
	assert_string_equal(b.p, expected);
}

static void each_of_the_people_gets_one_copy(void **unused)
{
	SCENE(c);
	const struct server_account eve = server_add_account(&c.s, "eve@example.test", "secret");
	int64_t id;

	(void)unused;
	GROUP(&c, "sales@example.test", GROUP_SENDERS_ACCOUNTS, "bob@example.test", "eve@example.test");
	GROUP(&c, "all@example.test", GROUP_SENDERS_ACCOUNTS, "sales@example.test", "bob@example.test",
	      "ann@example.test");
	id = scene_send(&c,
			"To: All@Example.Test, sales+q3@example.test\r\nCc: bob@example.test\r\n" TEXT "\r\nhi\r\n");
	scene_run(&c);
	assert_int_equal(inbox(&c, &c.ann) + inbox(&c, &c.bob) + inbox(&c, &eve), 3);
	assert_recipients(&c, id,
			  "All@Example.Test expanded, sales+q3@example.test expanded, bob@example.test delivered,"
			  " ann@example.test delivered, eve@example.test delivered");
	assert_int_equal(scene_open_entries(&c), 0);
	assert_has(scene_text(&c, eve.mailbox, FOLDER_INBOX, 0), "To: All@Example.Test, sales+q3@example.test\r\n");
}

static void who_may_write_is_the_groups_setting(void **unused)
{
	static const struct {
		const char *what;
		enum group_senders senders;
		const char *member;
		const char *state;
	} cases[] = {
		{ "accounts", GROUP_SENDERS_ACCOUNTS, "bob@example.test",
		  "g@example.test expanded, bob@example.test delivered" },
		{ "members, not one", GROUP_SENDERS_MEMBERS, "bob@example.test", "g@example.test failed" },
		{ "members, one of them", GROUP_SENDERS_MEMBERS, "ann@example.test",
		  "g@example.test expanded, ann@example.test delivered" },
		{ "anyone", GROUP_SENDERS_ANYONE, "bob@example.test",
		  "g@example.test expanded, bob@example.test delivered" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		SCENE(c);
		int64_t id;

		GROUP(&c, "g@example.test", cases[i].senders, cases[i].member);
		id = scene_send(&c, "To: g@example.test\r\n" TEXT "\r\nhi\r\n");
		scene_run(&c);
		assert_recipients(&c, id, cases[i].state);
	}
}

static void a_sender_who_may_not_is_told_why(void **unused)
{
	SCENE(c);

	(void)unused;
	GROUP(&c, "board@example.test", GROUP_SENDERS_MEMBERS, "bob@example.test");
	make_group(&c, "empty@example.test", GROUP_SENDERS_ACCOUNTS, (const char *const[]){ NULL });
	(void)scene_send(&c, "To: board@example.test, empty@example.test\r\n" TEXT "\r\nhi\r\n");
	scene_run(&c);
	assert_int_equal(inbox(&c, &c.bob), 0);
	struct str text = scene_text(&c, c.ann.mailbox, FOLDER_INBOX, 0);
	assert_has(text, "Final-Recipient: rfc822;board@example.test\r\nAction: failed\r\nStatus: 5.7.1\r\n");
	assert_has(text, "Final-Recipient: rfc822;empty@example.test\r\nAction: failed\r\nStatus: 5.2.4\r\n");
}

static void one_full_mailbox_keeps_nothing_from_the_others(void **unused)
{
	const struct quota one = { .messages = 1 };
	SCENE(c);
	struct store_tx *tx;
	int64_t id;

	(void)unused;
	GROUP(&c, "g@example.test", GROUP_SENDERS_ACCOUNTS, "ann@example.test", "bob@example.test");
	(void)scene_send(&c, "To: bob@example.test\r\n" TEXT "\r\nhi\r\n");
	scene_run(&c);
	assert_ok(store_begin(c.s.store, c.bob.mailbox, STORE_WRITE, &tx));
	assert_ok(quota_set(tx, &one));
	assert_ok(store_commit(&tx));
	id = scene_send(&c, "To: g@example.test\r\n" TEXT "\r\nhi\r\n");
	scene_run(&c);
	assert_int_equal(inbox(&c, &c.ann), 1);
	assert_recipients(&c, id, "g@example.test expanded, ann@example.test delivered, bob@example.test open");
	assert_ok(store_begin(c.s.store, c.bob.mailbox, STORE_WRITE, &tx));
	assert_ok(quota_set(tx, &(struct quota){ 0 }));
	assert_ok(store_commit(&tx));
	scene_advance(&c, OUTBOUND_RETRY_MAX_MS);
	scene_run(&c);
	assert_int_equal(inbox(&c, &c.ann), 1);
	assert_int_equal(inbox(&c, &c.bob), 2);
	assert_int_equal(scene_open_entries(&c), 0);
}

/* RFC 3464 2.3.3: expanded; RFC 3461 5.2.7. */
static void success_is_told_of_the_group_alone(void **unused)
{
	SCENE(c);
	const struct queue_recipient to = { .address = S("g@example.test"),
					    .orcpt = S("rfc822;g@example.test"),
					    .notify = QUEUE_NOTIFY_SUCCESS };

	(void)unused;
	GROUP(&c, "g@example.test", GROUP_SENDERS_ACCOUNTS, "bob@example.test", "nobody@elsewhere.test");
	(void)scene_send_with(&c, "To: g@example.test\r\n" TEXT "\r\nhi\r\n",
			      (struct send_args){ .recipients = &to, .recipients_n = 1 });
	scene_run(&c);
	assert_int_equal(inbox(&c, &c.bob), 1);
	assert_int_equal(inbox(&c, &c.ann), 1);
	struct str text = scene_text(&c, c.ann.mailbox, FOLDER_INBOX, 0);
	assert_has(text, "Final-Recipient: rfc822;g@example.test\r\nAction: expanded\r\nStatus: 2.1.5\r\n");
	assert_lacks(text, "bob@example.test\r\nAction");
}

static void a_group_that_goes_before_its_mail_is_nobody(void **unused)
{
	SCENE(c);
	struct store_tx *tx;
	int64_t group = GROUP(&c, "g@example.test", GROUP_SENDERS_ACCOUNTS, "bob@example.test"), id;

	(void)unused;
	id = scene_send(&c, "To: g@example.test\r\n" TEXT "\r\nhi\r\n");
	tx = begin(&c);
	assert_ok(mail_group_remove(tx, group));
	assert_ok(store_commit(&tx));
	scene_run(&c);
	assert_recipients(&c, id, "g@example.test failed");
}

static void people_elsewhere_get_it_from_the_smarthost(void **unused)
{
	CLEANUP(smtp_server_release) struct smtp_server smtp = { .hang_up_in_text = -1 };
	SCENE(c);
	struct relay_config config = {
		.host = "127.0.0.1", .tls = RELAY_PLAIN, .hostname = "mail.example.test", .wait_ms = 20000
	};
	int64_t id;

	(void)unused;
	smtp_server_start(&smtp);
	config.port = smtp.port;
	c.relay = &config;
	scene_start(&c);
	GROUP(&c, "g@example.test", GROUP_SENDERS_ACCOUNTS, "bob@example.test", "carol@elsewhere.test");
	GROUP(&c, "h@example.test", GROUP_SENDERS_ACCOUNTS, "Carol@elsewhere.test");
	id = scene_send(&c, "To: g@example.test, h@example.test\r\n" TEXT "\r\nhi\r\n");
	scene_run(&c);
	smtp_server_stop(&smtp);
	assert_int_equal(smtp.messages_n, 1);
	assert_has(buf_view(&smtp.heard), "\nMAIL FROM:<ann@example.test>\nRCPT TO:<carol@elsewhere.test>\nDATA\n");
	assert_recipients(&c, id,
			  "g@example.test expanded, h@example.test expanded, bob@example.test delivered,"
			  " carol@elsewhere.test relayed");
}

/* As many recipients as an entry may have with the people of its groups, and one more. */
static void a_message_has_so_many_recipients_and_no_more(void **unused)
{
	SCENE(c);
	struct queue_recipient *to = arena_array(&c.a, QUEUE_MAX_RECIPIENTS, sizeof(*to));
	struct store_tx *tx = begin(&c);
	int64_t id;

	(void)unused;
	for (unsigned g = 0; g < 3; g++) {
		char address[64];
		int64_t group;

		snprintf(address, sizeof(address), "g%u@example.test", g);
		assert_ok(mail_group_add(tx, str_of(address), S(""), &group));
		for (unsigned i = 0; i < GROUP_PEOPLE_MAX - (g == 2 ? 3 : 0); i++) {
			snprintf(address, sizeof(address), "p%u.%u@elsewhere.test", g, i);
			assert_ok(mail_group_member_add(tx, group, str_of(address)));
		}
	}
	assert_ok(store_commit(&tx));
	to[0].address = S("g0@example.test");
	to[1].address = S("g1@example.test");
	to[2].address = S("g2@example.test");
	id = scene_send_with(&c, TEXT "\r\nhi\r\n", (struct send_args){ .recipients = to, .recipients_n = 3 });
	scene_run(&c);
	assert_int_equal(scene_entry(&c, id).recipients_n, QUEUE_MAX_EXPANDED);
	to[3].address = S("bob@example.test");
	id = scene_send_with(&c, TEXT "\r\nhi\r\n", (struct send_args){ .recipients = to, .recipients_n = 4 });
	scene_run(&c);
	assert_int_equal(scene_entry(&c, id).recipients_n, 4 + 2 * GROUP_PEOPLE_MAX);
	assert_true(str_eq(scene_entry(&c, id).recipients[2].status, S("5.5.3")));
	assert_int_equal(inbox(&c, &c.bob), 1);
}

/* MS-ASEMAIL 2.2.2.59: it was named by the group. */
static void who_is_in_the_group_that_is_named_got_no_blind_copy(void **unused)
{
	static const struct {
		const char *header;
		bool blind;
	} cases[] = {
		{ "To: All@example.test\r\n", false },
		{ "To: all+x@example.test\r\n", false },
		{ "To: ann@example.test\r\nBcc: all@example.test\r\n", true },
		{ "To: board@example.test\r\nBcc: all@example.test\r\n", true },
	};
	SCENE(c);

	(void)unused;
	GROUP(&c, "sales@example.test", GROUP_SENDERS_ACCOUNTS, "bob@example.test");
	GROUP(&c, "all@example.test", GROUP_SENDERS_ACCOUNTS, "sales@example.test");
	GROUP(&c, "board@example.test", GROUP_SENDERS_ACCOUNTS, "ann@example.test");
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT(4096);
		CLEANUP(store_tx_end) struct store_tx *tx = NULL;
		CLEANUP(message_close) struct message m = { 0 };
		struct item *items;

		buf_fmt(&text, "%s" TEXT "\r\nhi\r\n%c", cases[i].header, 0);
		(void)scene_send(&c, text.p);
		scene_run(&c);
		assert_int_equal(scene_items(&c, c.bob.mailbox, FOLDER_INBOX, &items), i + 1);
		assert_ok(store_begin(c.s.store, c.bob.mailbox, STORE_READ, &tx));
		assert_ok(message_open(&c.a, tx, &items[i], &m));
		assert_int_equal((m.summary.flags & MAIL_BLIND) != 0, cases[i].blind);
	}
}

/* By LMTP a sender can have any name; bob is away, and his answer and what is told of a failure would go to all. */
static void nothing_is_sent_to_a_group_but_mail(void **unused)
{
	static const enum queue_kind kinds[] = { QUEUE_AUTOREPLY, QUEUE_REPORT };
	const struct queue_recipient to = { .address = S("g@example.test") };
	SCENE(c);

	(void)unused;
	GROUP(&c, "g@example.test", GROUP_SENDERS_ANYONE, "ann@example.test", "bob@example.test");
	for (size_t i = 0; i < countof(kinds); i++) {
		int64_t id = scene_send_with(
			&c, "Subject: Automatic reply\r\n\r\n",
			(struct send_args){ .kind = kinds[i], .sender = S(""), .recipients = &to, .recipients_n = 1 });

		scene_run(&c);
		assert_recipients(&c, id, "g@example.test failed");
	}
	assert_int_equal(inbox(&c, &c.ann) + inbox(&c, &c.bob), 0);
	assert_int_equal(scene_open_entries(&c), 0);
}

static int init(void **unused)
{
	(void)unused;
	return relay_init() == ERR_OK ? 0 : 1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_of_the_people_gets_one_copy),
		cmocka_unit_test(who_may_write_is_the_groups_setting),
		cmocka_unit_test(a_sender_who_may_not_is_told_why),
		cmocka_unit_test(one_full_mailbox_keeps_nothing_from_the_others),
		cmocka_unit_test(success_is_told_of_the_group_alone),
		cmocka_unit_test(a_group_that_goes_before_its_mail_is_nobody),
		cmocka_unit_test(people_elsewhere_get_it_from_the_smarthost),
		cmocka_unit_test(a_message_has_so_many_recipients_and_no_more),
		cmocka_unit_test(nothing_is_sent_to_a_group_but_mail),
		cmocka_unit_test(who_is_in_the_group_that_is_named_got_no_blind_copy),
	};

	return cmocka_run_group_tests(tests, init, NULL);
}
