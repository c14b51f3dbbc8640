/*
 * However an mbox is cut, it holds the same messages; and any octets that are written as a message of an mbox are read
 * from it again, with a line end at the end if they had none.
 */
#include <tools/roostctl/mbox.h>
#include <tools/roostctl/mbox_quote.h>

#include <stdlib.h>

enum { STEP_PRIME = 13 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Events as bytes, pieces of text joined. */
static void note(struct buf *b, enum mbox_event event, struct str text)
{
	if (event == MBOX_BEGIN || event == MBOX_END || event == MBOX_BAD)
		buf_fmt(b, "\1event %d\1", event);
	buf_str(b, text);
}

static void read_all(struct str in, size_t step, struct buf *ret)
{
	struct mbox_reader r = { 0 };
	enum mbox_event event;
	struct str text;

	while (in.n > 0) {
		struct str piece = str_slice(in, 0, step);

		in = str_slice(in, piece.n, in.n);
		while ((event = mbox_next(&r, &piece, &text)) != MBOX_MORE) {
			note(ret, event, text);
			if (event == MBOX_BAD)
				return;
		}
		if (piece.n > 0)
			abort(); /* "more" means that nothing is left */
	}
	while ((event = mbox_finish(&r, &text)) != MBOX_MORE) {
		note(ret, event, text);
		if (event == MBOX_BAD)
			return;
	}
}

static void check_cuts(struct str in)
{
	static const size_t steps[] = { 1, STEP_PRIME };
	struct buf whole = BUF_INIT(SIZE_MAX);

	read_all(in, SIZE_MAX, &whole);
	for (size_t i = 0; i < countof(steps); i++) {
		struct buf cut = BUF_INIT(SIZE_MAX);

		read_all(in, steps[i], &cut);
		if (!str_eq(buf_view(&whole), buf_view(&cut)))
			abort();
		buf_release(&cut);
	}
	buf_release(&whole);
}

/* The stored form: every LF has a CR before it. */
static void put_stored(struct buf *b, struct str octets)
{
	for (size_t i = 0; i < octets.n; i++) {
		if (octets.p[i] == '\n' && (i == 0 || octets.p[i - 1] != '\r'))
			buf_char(b, '\r');
		buf_char(b, octets.p[i]);
	}
}

static void read_message(struct str mbox, struct buf *ret)
{
	struct mbox_reader r = { 0 };
	struct buf octets = BUF_INIT(SIZE_MAX);
	enum mbox_event event;
	struct str text;
	int begun = 0;

	while ((event = mbox_next(&r, &mbox, &text)) != MBOX_MORE || (event = mbox_finish(&r, &text)) != MBOX_MORE) {
		begun += event == MBOX_BEGIN;
		if (event == MBOX_TEXT)
			buf_str(&octets, text);
		if (event == MBOX_BAD || begun > 1)
			abort();
	}
	put_stored(ret, buf_view(&octets));
	buf_release(&octets);
}

static void check_there_and_back(struct str octets)
{
	struct buf stored = BUF_INIT(SIZE_MAX), mbox = BUF_INIT(SIZE_MAX), back = BUF_INIT(SIZE_MAX);
	struct mbox_quote q = { 0 };

	put_stored(&stored, octets);
	buf_cstr(&mbox, "From MAILER-DAEMON Mon Jan  1 00:00:00 2018\n");
	mbox_quote(&q, &mbox, buf_view(&stored));
	mbox_quote_end(&q, &mbox);
	read_message(buf_view(&mbox), &back);
	if (stored.n > 0 && !str_ends(buf_view(&stored), S("\n")))
		buf_cstr(&stored, "\r\n");
	if (!str_eq(buf_view(&stored), buf_view(&back)))
		abort();
	buf_release(&stored);
	buf_release(&mbox);
	buf_release(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = str_from(data, size);

	check_cuts(in);
	check_there_and_back(in);
	return 0;
}
