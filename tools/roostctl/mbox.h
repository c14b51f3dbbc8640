/*
 * Cutting an mbox into messages: pure, streaming, memory of one line. The result does not depend on how the bytes are
 * cut. Messages are parted by a line "From SENDER DATE" at the beginning or after an empty line; the empty line belongs
 * to it. After the first, a line counts only if a date with a time stands in it, so that a writer who begins a paragraph
 * with "From now on" and a program that did not quote it do no harm. Of ">From ", ">>From ", … one '>' is
 * dropped: that undoes mboxrd's quoting always, and mboxo's wherever the text did not quote itself. Line ends may be
 * LF or CRLF and are left alone.
 */
#ifndef ROOSTCTL_MBOX_H
#define ROOSTCTL_MBOX_H

#include <base/str.h>

enum {
	MBOX_FROM_MAX = 1024, /* bytes of a From_ line with its end; a longer one is text */
	MBOX_BLANK_MAX = 2,   /* bytes of an empty line */
};

enum mbox_event {
	MBOX_MORE,  /* all bytes are used; after mbox_finish(): the end */
	MBOX_BEGIN, /* a message begins; text: its From_ line without the end */
	MBOX_TEXT,  /* text: octets of the message, until the next call */
	MBOX_END,   /* the message ends */
	MBOX_BAD,   /* it does not begin as an mbox does; nothing else will come */
};

enum mbox_state { MBOX_LINE_BEGINS, MBOX_IN_LINE, MBOX_NEXT_BEGINS, MBOX_FINISHED, MBOX_FAILED };

/* A value; zero-initialise. */
struct mbox_reader {
	enum mbox_state state;
	bool open; /* a message has begun */
	/* An empty line that may belong to the next From_ line, and the undecided beginning of the line after it. */
	char held[MBOX_BLANK_MAX + MBOX_FROM_MAX];
	size_t blank_n, held_n;                     /* held_n counts both */
	char given[MBOX_BLANK_MAX + MBOX_FROM_MAX]; /* what an event's text points to */
};

/* Takes bytes from the front of *in and tells what happens first. */
enum mbox_event mbox_next(struct mbox_reader *r, struct str *in, struct str *ret_text);
/* There are no more bytes; to be called until it says MBOX_MORE or MBOX_BAD. */
enum mbox_event mbox_finish(struct mbox_reader *r, struct str *ret_text);

/* Is this "From SENDER DATE"? The date, taken for UTC where it has no zone, goes to *ret_ms. */
bool mbox_from_date(struct str line, int64_t *ret_ms);

#endif
