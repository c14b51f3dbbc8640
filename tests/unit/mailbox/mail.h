/* Mails for tests of the mailbox layer: taken in, delivered, read back. Failures fail the running cmocka test. */
#ifndef TESTS_UNIT_MAILBOX_MAIL_H
#define TESTS_UNIT_MAILBOX_MAIL_H

#include <gateway/mailbox/intake.h>
#include <store/folder.h>
#include <tests/support/server.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* A server with Ann's mailbox, and an arena for what is read. */
struct one_mailbox {
	struct server server;
	struct server_account ann;
	struct arena arena;
};

static inline void one_mailbox_start(struct one_mailbox *f)
{
	*f = (struct one_mailbox){ .arena = ARENA_INIT(256 << 20) };
	server_open(&f->server);
	f->ann = server_add_account(&f->server, "ann@example.test", "secret");
}

static inline void one_mailbox_stop(struct one_mailbox *f)
{
	arena_release(&f->arena);
	server_close(&f->server);
	server_remove(&f->server);
}

/* Taken in whole, in pieces of that size. */
static inline struct intake *mail_take(struct server *s, struct str text, size_t piece)
{
	struct intake *in;

	assert_int_equal(intake_new(s->dir.path, INTAKE_MAX_BYTES_DEFAULT, &in), ERR_OK);
	for (; text.n; text = str_slice(text, piece, text.n))
		assert_int_equal(intake_put(in, str_slice(text, 0, piece)), ERR_OK);
	assert_int_equal(intake_finish(in), ERR_OK);
	return in;
}

/* On any thread. */
static inline enum err mail_try_to_deliver(struct server *s, int64_t mailbox, struct str text)
{
	struct intake *in = NULL;
	enum err e = intake_new(s->dir.path, INTAKE_MAX_BYTES_DEFAULT, &in);

	if (!e)
		e = intake_put(in, text);
	if (!e)
		e = intake_finish(in);
	if (!e)
		e = intake_deliver(in, s->store, mailbox, SERVER_NOW_MS);
	intake_free(&in);
	return e;
}

static inline void mail_deliver(struct server *s, int64_t mailbox, struct str text)
{
	assert_int_equal(mail_try_to_deliver(s, mailbox, text), ERR_OK);
}

/* The last one of the Inbox. */
static inline struct item mail_newest(struct arena *a, struct store_tx *tx)
{
	struct item *items;
	int64_t inbox;
	size_t n;

	assert_int_equal(folder_by_role(tx, FOLDER_INBOX, &inbox), ERR_OK);
	assert_int_equal(item_list(a, tx, inbox, 0, 1000, &items, &n), ERR_OK);
	assert_true(n > 0);
	return items[n - 1];
}

/* n octets of text, with CRLF line ends. */
static inline void mail_put_text(struct buf *b, size_t n)
{
	size_t end = b->n + n;

	while (end - b->n >= 200)
		buf_fmt(b, "%0*zu\r\n", (int)(60 + b->n % 60), b->n);
	buf_fmt(b, "%0*d\r\n", (int)(end - b->n) - 2, 0);
}

#endif
