/* A mail from the server itself: delivered as any other, and no machine answers it. */
#include <tests/unit/mailbox/mail.h>

#include <gateway/mailbox/notice.h>
#include <store/folder.h>

static uint64_t mails_of(struct server *s, int64_t mailbox)
{
	struct arena arena = ARENA_INIT(1 << 16);
	struct folder folder;
	struct store_tx *tx;
	int64_t inbox;

	assert_int_equal(store_begin(s->store, mailbox, STORE_READ, &tx), ERR_OK);
	assert_int_equal(folder_by_role(tx, FOLDER_INBOX, &inbox), ERR_OK);
	assert_int_equal(folder_get(&arena, tx, inbox, &folder), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
	arena_release(&arena);
	return folder.total;
}

static void a_notice_is_delivered(void **unused)
{
	struct server s = { 0 };
	struct server_account ann;
	struct notice n = { .to = S("ann@example.test"), .subject = S("Ein Ger\xc3\xa4t"), .text = S("one\ntwo\n") };

	(void)unused;
	server_open(&s);
	ann = server_add_account(&s, "ann@example.test", "secret");
	assert_int_equal(notice_deliver(s.store, &n), ERR_OK);
	assert_int_equal(mails_of(&s, ann.mailbox), 1);
	n.to = S("nobody@example.test");
	assert_int_equal(notice_deliver(s.store, &n), ERR_NOT_FOUND);
	n.to = S("no address");
	assert_int_equal(notice_deliver(s.store, &n), ERR_NOT_FOUND);
	server_close(&s);
	server_remove(&s);
}

/* RFC 3834: Auto-Submitted; RFC 2047: the subject; RFC 5322: the fields that each mail has. */
static void a_notice_has_the_fields_of_a_mail(void **unused)
{
	static const char *const parts[] = { "From: roost <postmaster@example.test>\r\n",
					     "To: ann@example.test\r\n",
					     "Auto-Submitted: auto-generated\r\n",
					     "Subject: =?UTF-8?",
					     "Date: ",
					     "Message-ID: <",
					     "one\r\ntwo\r\n" };
	const struct notice n = { .to = S("ann@example.test"), .subject = S("Ger\xc3\xa4t"), .text = S("one\ntwo\n") };
	struct buf out = BUF_INIT(NOTICE_MAX_BYTES);

	(void)unused;
	assert_int_equal(notice_write(&out, &n, SERVER_NOW_MS), ERR_OK);
	for (size_t i = 0; i < countof(parts); i++)
		if (str_ifind(buf_view(&out), str_of(parts[i])) == out.n)
			fail_msg("no %s in " STR_FMT, parts[i], STR_ARG(buf_view(&out)));
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_notice_is_delivered),
		cmocka_unit_test(a_notice_has_the_fields_of_a_mail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
