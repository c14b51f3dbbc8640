/*
 * The next line of a stream, with a ceiling. The line is a copy, since saying or submitting anything moves the
 * input. The loop's thread.
 */
#ifndef GATEWAY_SESSION_LINE_H
#define GATEWAY_SESSION_LINE_H

#include <gateway/net/stream.h>

enum line_result {
	LINE_NONE, /* it has not come whole yet */
	LINE_TAKEN,
	LINE_BARE,     /* taken, but it ended in LF alone */
	LINE_TOO_LONG, /* it will not be looked at; where it ends is not known */
};

/* max: bytes with the line's end. *ret: a copy without its end, NUL behind it, the caller's to free; consumed. */
enum line_result line_take(struct stream *s, size_t max, char **ret, size_t *ret_n);
/* The same for a line that holds a secret: its copy is wiped. NULL-safe. */
void line_wipe(char **line, size_t n);

/* Writes a line and its end. */
void line_say(struct stream *s, const char *text);

#endif
