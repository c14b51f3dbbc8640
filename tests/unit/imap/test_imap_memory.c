/* A FETCH of a large folder: what it takes in memory, and who passes meanwhile. */
#include <tests/unit/imap/fixture.h>

#include <gateway/imap/view.h>
#include <store/folder.h>
#include <store/item_many.h>
#include <tests/support/heap.h>

#include <sys/socket.h>

enum {
	MAILS = 100000,
	MADE = 500, /* by APPEND; the others are their copies */
	PIECE_BYTES = 64 * 1024,
	UNREAD = 500,                 /* answers that nobody reads */
	OTHERS = 20,                  /* commands of somebody else meanwhile */
	GROWTH_MAX_BYTES = 4 << 20,   /* slices, what waits for the socket, pages of the store */
	ANSWER_MIN_BYTES = 20 << 20,  /* of all of them: several times that */
	SOCKETS_MAX_BYTES = 12 << 20, /* what the kernel takes from who does not read */
};

static void append_mails(struct client *c)
{
	struct buf b = BUF_INIT(MADE * 1024), mail = BUF_INIT(1024);

	buf_cstr(&b, "m APPEND INBOX");
	for (int i = 1; i <= MADE; i++) {
		buf_clear(&mail);
		buf_fmt(&mail,
			"From: Sender %d <sender%d@far.test>\r\nTo: ann@example.test, Bob <bob@example.test>\r\n"
			"Subject: Message number %d\r\nDate: Mon, 2 Feb 2026 08:00:00 +0100\r\n"
			"Message-ID: <%d@far.test>\r\n\r\nword\r\n",
			i, i, i, i);
		buf_fmt(&b, " {%zu+}\r\n", mail.n);
		buf_str(&b, buf_view(&mail));
	}
	buf_cstr(&b, "\r\n");
	client_send(c, buf_view(&b));
	hears(c, S("m OK"));
	buf_release(&mail);
	buf_release(&b);
}

/* Twice as many, and again. */
static void copy_mails(void)
{
	struct store_tx *tx;
	int64_t inbox;
	uint64_t n;

	assert_int_equal(store_begin(imap_fixture.server.store, imap_fixture.account.mailbox, STORE_WRITE, &tx),
			 ERR_OK);
	assert_int_equal(folder_by_role(tx, FOLDER_INBOX, &inbox), ERR_OK);
	for (uint32_t have = MADE, first; have < MAILS; have += (uint32_t)n) {
		struct item_range some = { inbox, 1, have < MAILS - have ? have : MAILS - have };

		assert_int_equal(item_copy_range(tx, &some, inbox, &first, &n), ERR_OK);
	}
	assert_int_equal(store_commit(&tx), ERR_OK);
}

struct reading {
	struct client *c;
	char tail[64];  /* the last that came */
	size_t n, most; /* octets in all; of the heap */
};

/* What has come, up to a piece; nothing of it is kept but its end. */
static void read_piece(struct reading *r)
{
	static char piece[PIECE_BYTES];
	ssize_t n = recv(r->c->fd, piece, sizeof(piece), 0);
	size_t now = heap_allocated(), kept = sizeof(r->tail);

	assert_true(n > 0);
	r->n += (size_t)n;
	r->most = now > r->most ? now : r->most;
	if ((size_t)n < kept) {
		memmove(r->tail, r->tail + n, kept - (size_t)n);
		kept = (size_t)n;
	}
	memcpy(r->tail + sizeof(r->tail) - kept, piece + (size_t)n - kept, kept);
}

static bool is_done(const struct reading *r)
{
	return str_ends(str_from(r->tail, sizeof(r->tail)), S("\r\nf OK fetched\r\n"));
}

static void a_hundred_thousand_envelopes_take_no_more_memory_than_a_few(void **unused)
{
	struct client c = ann(), other = ann();
	struct reading r = { .c = &c };
	size_t before;

	(void)unused;
	append_mails(&c);
	copy_mails();
	client_send(&c, S("s SELECT INBOX\r\n"));
	hears(&c, S("s OK"));
	client_send(&c, S("e UID FETCH 1:2000 ENVELOPE\r\n"));
	hears(&c, S("e OK"));
	buf_release(&c.in);
	before = heap_allocated();
	client_send(&c, S("f FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)\r\n"));
	/* The other one's commands are answered in the midst of it, whether it is read or not. */
	for (int i = 0; i < OTHERS; i++) {
		read_piece(&r);
		client_send(&other, S("o STATUS INBOX (MESSAGES)\r\n"));
		hears(&other, S("* STATUS INBOX (MESSAGES 100000)\r\no OK"));
	}
	_Static_assert(OTHERS * PIECE_BYTES + SOCKETS_MAX_BYTES < ANSWER_MIN_BYTES, "it can't have been over");
	while (!is_done(&r))
		read_piece(&r);
	assert_true(r.n >= ANSWER_MIN_BYTES);
	print_message("%zu bytes of memory for an answer of %zu\n", r.most - before, r.n);
	if (r.most > before + GROWTH_MAX_BYTES)
		fail_msg("%zu bytes of memory for an answer of %zu", r.most - before, r.n);
	client_close(&other);
	client_close(&c);
}

/* Each answer alone is small. Whoever asks for many and reads none gets no further than what is on its way to him. */
static void answers_that_nobody_reads_are_not_made(void **unused)
{
	enum { ASKED = 1000, ANSWER_BYTES = 64 * 1024 };
	struct client c = ann(), other = ann();
	struct buf b = BUF_INIT(64 * 1024);
	size_t before;

	(void)unused;
	append_mails(&c);
	client_send(&c, S("s SELECT INBOX\r\n"));
	hears(&c, S("s OK"));
	client_send(&c, S("e UID FETCH 1:* ENVELOPE\r\n"));
	hears(&c, S("e OK"));
	buf_release(&c.in);
	for (int i = 0; i < ASKED; i++)
		buf_cstr(&b, "f UID FETCH 1:* ENVELOPE\r\n");
	before = heap_allocated();
	client_send(&c, buf_view(&b));
	_Static_assert(2 * SOCKETS_MAX_BYTES + GROWTH_MAX_BYTES < UNREAD * ANSWER_BYTES, "it would be seen");
	for (int i = 0; i < UNREAD; i++) {
		client_send(&other, S("o STATUS INBOX (MESSAGES)\r\n"));
		hears(&other, S("o OK"));
	}
	if (heap_allocated() > before + GROWTH_MAX_BYTES)
		fail_msg("%zu bytes of memory for answers that nobody reads", heap_allocated() - before);
	/* And they come when he does. */
	for (int i = 0; i < 20; i++)
		hears(&c, S("f OK"));
	buf_release(&b);
	client_close(&other);
	client_close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_hundred_thousand_envelopes_take_no_more_memory_than_a_few, imap_setup,
						imap_teardown),
		cmocka_unit_test_setup_teardown(answers_that_nobody_reads_are_not_made, imap_setup, imap_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
