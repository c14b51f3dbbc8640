/*
 * format=flowed (RFC 3676): lines that end in a blank go on in the next one, if both are quoted equally deep; a blank
 * before a line is stuffing. Streaming; input and output are UTF-8 with CRLF line ends. Zero-initialise.
 */
#ifndef CONTENT_TEXT_FLOW_H
#define CONTENT_TEXT_FLOW_H

#include <base/buf.h>

struct text_flow {
	bool delsp; /* the blank at the end of a flowed line is not part of the text */

	bool in_line;         /* past the quote marks and the stuffing of the line */
	bool stuffed;         /* the blank after the quote marks was seen */
	unsigned quotes;      /* of this line */
	unsigned last_quotes; /* of the line before */
	bool flowing;         /* the line before ended in a blank: its line end is not put yet */
	bool cr;              /* a CR is held back */
	bool blank;           /* a blank is held back: the line's last octet so far */
	unsigned dashes;      /* octets of "-- " this line begins with; 4 for another line */
};

void text_flow_put(struct text_flow *f, struct buf *out, struct str s);
void text_flow_finish(struct text_flow *f, struct buf *out);

#endif
