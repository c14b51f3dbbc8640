/* Sending: what the header becomes, who is written to, once by name, the copy in Sent Items and the marks. */
#include <tests/unit/mailbox/mail.h>

#include <gateway/content/header.h>
#include <gateway/mailbox/send.h>
#include <store/account.h>

struct scene {
	struct server s;
	struct server_account ann;
	struct arena a;
	struct send_service service;
	struct send_author author;
	unsigned woken;
};

#define assert_ok(expr) assert_string_equal(err_text(expr), err_text(ERR_OK))
#define assert_err(expr, expected) assert_string_equal(err_text(expr), err_text(expected))

static void woken(void *ctx)
{
	((struct scene *)ctx)->woken++;
}

static void scene_open(struct scene *c)
{
	struct store_tx *tx;

	c->a = ARENA_INIT(64 << 20);
	server_open(&c->s);
	c->ann = server_add_account(&c->s, "ann@example.test", "secret");
	assert_ok(store_begin(c->s.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(account_address_add(tx, c->ann.id, S("sales@example.test")));
	assert_ok(account_set_name(tx, c->ann.id, S("Ann Example")));
	assert_ok(store_commit(&tx));
	c->service = (struct send_service){ .store = c->s.store,
					    .clock = &c->s.clock.clock,
					    .hostname = "mail.example.test",
					    .state_dir = c->s.dir.path,
					    .max_bytes = SEND_MAX_BYTES_DEFAULT,
					    .expires_ms = SEND_EXPIRES_MS_DEFAULT,
					    .wake = woken,
					    .ctx = c };
	assert_ok(send_author_load(&c->a, c->s.store, c->ann.id, &c->author));
}

static void scene_close(struct scene *c)
{
	arena_release(&c->a);
	server_close(&c->s);
	server_remove(&c->s);
}
#define SCENE(c)                                     \
	CLEANUP(scene_close) struct scene c = { 0 }; \
	scene_open(&c)

static struct send_args args_of(const char *name)
{
	struct str part = str_of(name);
	struct send_args args = { .remember_ms = 1000, .origin = S("with HTTP") };

	assert_ok(queue_name_derive("test", &part, 1, &args.name));
	return args;
}

static enum err send_text(struct scene *c, struct str text, bool refuse, const struct send_args *args, int64_t *id)
{
	CLEANUP(send_free) struct send *m = NULL;

	assert_ok(send_new(&c->service, &c->author, refuse, &m));
	TRY(send_put(m, text));
	TRY(send_finish(m));
	return send_commit(m, args, id);
}

static struct queue_entry entry_of(struct scene *c, int64_t id)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct queue_entry e;

	assert_ok(store_begin(c->s.store, STORE_DIRECTORY, STORE_READ, &tx));
	assert_ok(queue_get(&c->a, tx, id, &e));
	return e;
}

static struct str blob_text(struct scene *c, int64_t mailbox, int64_t blob)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(store_blob_close) struct store_blob *b = NULL;
	size_t got;
	char *p;

	assert_ok(store_begin(c->s.store, mailbox, STORE_READ, &tx));
	assert_ok(store_blob_open(tx, blob, &b));
	p = arena_alloc(&c->a, (size_t)store_blob_size(b) + 1);
	assert_non_null(p);
	assert_ok(store_blob_read(b, 0, p, (size_t)store_blob_size(b), &got));
	return str_from(p, got);
}

static size_t items_in(struct scene *c, enum folder_role role, struct item **ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	int64_t folder;
	size_t n;

	assert_ok(store_begin(c->s.store, c->ann.mailbox, STORE_READ, &tx));
	assert_ok(folder_by_role(tx, role, &folder));
	assert_ok(item_list(&c->a, tx, folder, 0, 100, ret, &n));
	return n;
}

static void the_header_is_made_fit_to_send(void **unused)
{
	static const struct {
		const char *what, *sent, *queued; /* queued: "<?>" stands for the random part of a message id */
	} cases[] = {
		{ "nothing is missing",
		  "From: Ann <ann@example.test>\r\nTo: bob@x.test\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\n"
		  "Message-ID: <1@x>\r\n\r\nhello\r\n",
		  "From: Ann <ann@example.test>\r\nTo: bob@x.test\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\n"
		  "Message-ID: <1@x>\r\n\r\nhello\r\n" },
		{ "all is missing", "To: bob@x.test\n\nhello\n",
		  "To: bob@x.test\r\nFrom: Ann Example <ann@example.test>\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\n"
		  "Message-ID: <?@mail.example.test>\r\n\r\nhello\r\n" },
		{ "Bcc and Return-Path go",
		  "From: ann@example.test\nBCC: eve@x.test,\n\tmallory@x.test\nReturn-Path: <x@y>\nTo: bob@x.test\n"
		  "Date: Thu, 01 Jan 2026 00:00:00 +0000\nMessage-ID: <1@x>\n\nx",
		  "From: ann@example.test\r\nTo: bob@x.test\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\n"
		  "Message-ID: <1@x>\r\n\r\nx" },
		{ "MS-ASCMD_R448: somebody else's From is set right, its name stays",
		  "From: Boss <boss@x.test>\nTo: bob@x.test\nSender: boss@x.test\n"
		  "Date: Thu, 01 Jan 2026 00:00:00 +0000\nMessage-ID: <1@x>\n\nx",
		  "From: Boss <ann@example.test>\r\nTo: bob@x.test\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\n"
		  "Message-ID: <1@x>\r\n\r\nx" },
		{ "another address of his own stays, with a tag too",
		  "From: sales+shop@EXAMPLE.test\nTo: bob@x.test\nSender: ann@example.test\n"
		  "Date: Thu, 01 Jan 2026 00:00:00 +0000\nMessage-ID: <1@x>\n\nx",
		  "From: sales+shop@EXAMPLE.test\r\nTo: bob@x.test\r\nSender: ann@example.test\r\n"
		  "Date: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@x>\r\n\r\nx" },
		{ "one of two is not his",
		  "From: ann@example.test, boss@x.test\nTo: bob@x.test\nDate: Thu, 01 Jan 2026 00:00:00 +0000\n"
		  "Message-ID: <1@x>\n\nx",
		  "From: Ann Example <ann@example.test>\r\nTo: bob@x.test\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\n"
		  "Message-ID: <1@x>\r\n\r\nx" },
		{ "a header and nothing else",
		  "To: bob@x.test\nDate: Thu, 01 Jan 2026 00:00:00 +0000\nMessage-ID: <1@x>",
		  "To: bob@x.test\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@x>\r\n"
		  "From: Ann Example <ann@example.test>\r\n\r\n" },
		{ "a CR that ends no line hides no field and no end of the message (RFC 5321 2.3.8)",
		  "From: ann@example.test\nTo: bob@x.test\nSubject: x\rBcc: eve@x.test\rFrom: boss@x.test\n"
		  "Date: Thu, 01 Jan 2026 00:00:00 +0000\nMessage-ID: <1@x>\n\nx\r.\r\ny\r",
		  "From: ann@example.test\r\nTo: bob@x.test\r\nSubject: x Bcc: eve@x.test From: boss@x.test\r\n"
		  "Date: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@x>\r\n\r\nx .\r\ny " },
		{ "a date that is none is made anew",
		  "From: ann@example.test\nTo: bob@x.test\nDate: soon\nMessage-ID: <1@x>\n\nx",
		  "From: ann@example.test\r\nTo: bob@x.test\r\nMessage-ID: <1@x>\r\n"
		  "Date: Thu, 01 Jan 2026 00:00:00 +0000\r\n\r\nx" },
	};
	SCENE(c);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct send_args args = args_of(cases[i].what);
		struct queue_entry e;
		struct buf got = BUF_INIT(1 << 20);
		int64_t id;

		assert_ok(send_text(&c, str_of(cases[i].sent), false, &args, &id));
		e = entry_of(&c, id);
		struct str text = blob_text(&c, STORE_DIRECTORY, e.blob);
		size_t at = str_find(text, S("@mail.example.test>"));
		buf_str(&got, text);
		if (at < text.n) {
			buf_clear(&got);
			buf_str(&got, str_slice(text, 0, at - 32));
			buf_cstr(&got, "?");
			buf_str(&got, str_slice(text, at, text.n));
		}
		if (!str_eq(buf_view(&got), str_of(cases[i].queued)))
			fail_msg("%s: '" STR_FMT "'", cases[i].what, STR_ARG(buf_view(&got)));
		buf_release(&got);
	}
}

static void the_pieces_make_no_difference(void **unused)
{
	static const char text[] = "Subject: x\nFrom: ann@example.test\nBcc: eve@x.test\nTo: b@x.test\n"
				   "Date: Thu, 01 Jan 2026 00:00:00 +0000\nMessage-ID: <1@x>\n\n\nbody\n";
	SCENE(c);
	struct str first = STR_EMPTY;

	(void)unused;
	for (size_t piece = 1; piece < 9; piece++) {
		CLEANUP(send_free) struct send *m = NULL;
		struct send_args args = args_of((const char[]){ (char)('a' + piece), '\0' });
		int64_t id;

		assert_ok(send_new(&c.service, &c.author, true, &m));
		for (struct str rest = str_of(text); rest.n; rest = str_slice(rest, piece, rest.n))
			assert_ok(send_put(m, str_slice(rest, 0, piece)));
		assert_ok(send_finish(m));
		assert_ok(send_commit(m, &args, &id));
		struct str got = blob_text(&c, STORE_DIRECTORY, entry_of(&c, id).blob);
		if (!first.p)
			first = got;
		assert_true(str_eq(first, got));
	}
}

static void submission_refuses_what_is_not_the_senders(void **unused)
{
	static const struct {
		const char *what, *text;
		enum err e;
	} cases[] = {
		{ "his own", "From: ann@example.test\nTo: b@x.test\n\nx", ERR_OK },
		{ "another's From", "From: boss@example.test\nTo: b@x.test\n\nx", ERR_DENIED },
		{ "one of two", "From: ann@example.test, boss@example.test\nTo: b@x.test\n\nx", ERR_DENIED },
		{ "another's Sender", "From: ann@example.test\nSender: boss@x.test\nTo: b@x.test\n\nx", ERR_DENIED },
		{ "two From fields", "From: ann@example.test\nFrom: ann@example.test\nTo: b@x.test\n\nx", ERR_INVALID },
		{ "no From", "To: b@x.test\n\nx", ERR_OK },
	};
	SCENE(c);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct send_args args = args_of(cases[i].what);
		enum err e = send_text(&c, str_of(cases[i].text), true, &args, NULL);

		if (e != cases[i].e)
			fail_msg("%s: %s", cases[i].what, err_text(e));
	}
}

static void the_header_names_the_recipients_each_once(void **unused)
{
	static const char text[] = "To: Bob <bob@x.test>, friends: eve@x.test, BOB@X.TEST;, \"od d\"@x.test\n"
				   "Cc: carol\nBcc: dave@y.test\n\nx";
	static const char *const wanted[] = { "bob@x.test", "eve@x.test", "\"od d\"@x.test", "carol@example.test",
					      "dave@y.test" };
	SCENE(c);
	struct send_args args = args_of("a");
	struct queue_entry e;
	int64_t id;

	(void)unused;
	assert_ok(send_text(&c, str_of(text), false, &args, &id));
	e = entry_of(&c, id);
	assert_int_equal(e.recipients_n, countof(wanted));
	for (size_t i = 0; i < countof(wanted); i++)
		if (!str_eq(e.recipients[i].address, str_of(wanted[i])))
			fail_msg("%zu: " STR_FMT, i, STR_ARG(e.recipients[i].address));
	assert_true(str_eq(e.sender, S("ann@example.test")));
}

static void a_message_to_nobody_is_not_sent(void **unused)
{
	SCENE(c);
	struct send_args args = args_of("a");

	(void)unused;
	assert_err(send_text(&c, S("Subject: x\n\nx"), false, &args, NULL), ERR_NOT_FOUND);
	assert_err(send_text(&c, S("To: undisclosed:;\n\nx"), false, &args, NULL), ERR_NOT_FOUND);
	assert_err(send_text(&c, S("To: <a@>\n\nx"), false, &args, NULL), ERR_OK); /* a@ is completed */
	assert_int_equal(c.woken, 1);
}

/* sync-engine rule 16. */
static void a_repeat_is_known_and_the_copy_is_made_once(void **unused)
{
	static const char text[] = "To: b@x.test\nBcc: eve@x.test\nSubject: once\n\nx";
	SCENE(c);
	struct send_args args = args_of("a");
	struct item *items;
	int64_t id, again;

	(void)unused;
	args.flags = QUEUE_SAVE_SENT;
	assert_ok(send_known(&c.service, &args.name));
	assert_ok(send_text(&c, str_of(text), false, &args, &id));
	assert_err(send_known(&c.service, &args.name), ERR_EXISTS);
	assert_err(send_text(&c, str_of(text), false, &args, &again), ERR_EXISTS);
	assert_int_equal(id, again);
	assert_int_equal(items_in(&c, FOLDER_SENT, &items), 1);
	assert_int_equal(items[0].flags, ITEM_SEEN);
	struct str copy = blob_text(&c, c.ann.mailbox, items[0].blob);
	assert_true(str_starts(copy, S("Bcc: eve@x.test\r\nTo: b@x.test\r\n")));
	assert_true(str_find(blob_text(&c, STORE_DIRECTORY, entry_of(&c, id).blob), S("Bcc")) > 100);

	/* That the copy is there is not the test: he has thrown it away. */
	struct store_tx *tx;
	assert_ok(store_begin(c.s.store, c.ann.mailbox, STORE_WRITE, &tx));
	assert_ok(item_expunge(tx, items[0].folder, items[0].id, &AUTHOR_NOBODY));
	assert_ok(store_commit(&tx));
	assert_err(send_known(&c.service, &args.name), ERR_EXISTS);
	assert_int_equal(items_in(&c, FOLDER_SENT, &items), 0);
}

static void the_source_is_marked_and_the_draft_goes(void **unused)
{
	SCENE(c);
	struct send_args args = args_of("a");
	struct item *items;

	(void)unused;
	mail_deliver(&c.s, c.ann.mailbox, S("To: ann@example.test\r\nSubject: question\r\n\r\n?\r\n"));
	mail_deliver(&c.s, c.ann.mailbox, S("To: bob@x.test\r\nSubject: draft\r\n\r\n!\r\n"));
	assert_int_equal(items_in(&c, FOLDER_INBOX, &items), 2);
	args.source_item = items[0].id;
	args.draft_item = items[1].id;
	args.verb = 2;
	args.flags = QUEUE_SAVE_SENT;
	assert_ok(send_stored(&c.service, &c.author, items[1].id, &args));
	assert_err(send_stored(&c.service, &c.author, items[1].id, &args), ERR_EXISTS);
	assert_int_equal(items_in(&c, FOLDER_INBOX, &items), 1);
	assert_int_equal(items[0].verb, 2);
	assert_int_equal(items[0].verb_ms, SERVER_NOW_MS);
	assert_int_equal(items[0].flags, ITEM_ANSWERED);
	assert_int_equal(items_in(&c, FOLDER_SENT, &items), 1);
}

static void a_message_ends_at_its_limits(void **unused)
{
	SCENE(c);
	CLEANUP(buf_release) struct buf text = BUF_INIT(4 << 20);
	CLEANUP(send_free) struct send *m = NULL;
	struct send_args args = args_of("a"), other = args_of("b");

	(void)unused;
	c.service.max_bytes = 100;
	buf_cstr(&text, "To: b@x.test\r\n\r\n");
	while (text.n < 100)
		buf_char(&text, 'x');
	assert_ok(send_text(&c, buf_view(&text), false, &args, NULL));
	buf_char(&text, 'x');
	assert_err(send_text(&c, buf_view(&text), false, &other, NULL), ERR_LIMIT);

	c.service.max_bytes = SEND_MAX_BYTES_DEFAULT;
	buf_clear(&text);
	buf_cstr(&text, "To: b@x.test\r\n");
	while (text.n < 512 * 1024 - 2)
		buf_fmt(&text, "X-%0*d: y\r\n", 512 * 1024 - 2 - text.n > 200 ? 93 : (int)(512 * 1024 - 2 - text.n) - 7,
			0);
	assert_int_equal(text.n, 512 * 1024 - 2);
	buf_cstr(&text, "\r\nbody");
	assert_ok(send_text(&c, buf_view(&text), false, &other, NULL));
	assert_ok(send_new(&c.service, &c.author, false, &m));
	assert_err(send_put(m, S("A")), ERR_OK);
	assert_err(send_put(m, buf_view(&text)), ERR_LIMIT);
}

/* An address that comes again costs a look at each of the others, so that there is an end to it. */
static void a_header_names_so_many_and_no_more(void **unused)
{
	SCENE(c);
	CLEANUP(buf_release) struct buf text = BUF_INIT(1 << 20);
	struct send_args args = args_of("a"), other = args_of("b");

	(void)unused;
	buf_cstr(&text, "Cc: b@x.test\r\nTo: ");
	for (unsigned i = 0; i < HEADER_ADDRESSES_MAX - 2; i++)
		buf_cstr(&text, "b@x.test,\r\n ");
	buf_cstr(&text, "\r\n\r\n");
	assert_ok(send_text(&c, buf_view(&text), false, &args, NULL));
	buf_clear(&text);
	buf_cstr(&text, "To: ");
	for (unsigned i = 0; i < HEADER_ADDRESSES_MAX; i++)
		buf_cstr(&text, "b@x.test,\r\n ");
	buf_cstr(&text, "eve@x.test\r\n\r\n"); /* it must not be left out without a word */
	assert_err(send_text(&c, buf_view(&text), false, &other, NULL), ERR_LIMIT);
}

static void what_cannot_be_sent_is_known_before(void **unused)
{
	static const struct {
		const char *what;
		struct str text;
		enum err e;
	} cases[] = {
		{ "all is well", STR_INIT("To: b@x.test\n\nx"), ERR_OK },
		{ "nobody", STR_INIT("Subject: x\n\nx"), ERR_NOT_FOUND },
		{ "no domain", STR_INIT("To: b\n\nx"), ERR_INVALID },
		{ "no address", STR_INIT("To: \"a<b\"@x.test\n\nx"), ERR_INVALID },
		{ "no header", STR_INIT(""), ERR_NOT_FOUND },
	};
	SCENE(c);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(send_free) struct send *m = NULL;

		assert_ok(send_look_new(&c.service, &c.author, &m));
		assert_ok(send_put(m, cases[i].text));
		if (send_look_finish(m) != cases[i].e)
			fail_msg("%s", cases[i].what);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_header_is_made_fit_to_send),
		cmocka_unit_test(the_pieces_make_no_difference),
		cmocka_unit_test(submission_refuses_what_is_not_the_senders),
		cmocka_unit_test(the_header_names_the_recipients_each_once),
		cmocka_unit_test(a_message_to_nobody_is_not_sent),
		cmocka_unit_test(a_repeat_is_known_and_the_copy_is_made_once),
		cmocka_unit_test(the_source_is_marked_and_the_draft_goes),
		cmocka_unit_test(a_message_ends_at_its_limits),
		cmocka_unit_test(a_header_names_so_many_and_no_more),
		cmocka_unit_test(what_cannot_be_sent_is_known_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
