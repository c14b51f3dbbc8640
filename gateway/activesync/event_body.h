/*
 * Bodies of events: what phones are told of one, and whether what one says is that again. A phone that knows no HTML sends the
 * plain text back with every change of something else. Worker threads.
 */
#ifndef GATEWAY_ACTIVESYNC_EVENT_BODY_H
#define GATEWAY_ACTIVESYNC_EVENT_BODY_H

#include <gateway/activesync/event_parse.h>

struct event_body {
	const struct cal_series *series;
	const struct cal_event *event; /* that of the series, or an exception */
	bool is_exception;
};

/* Appended to `out`; lines of the plain text end in CRLF. What can't be shown of the recurrence is said in words before it. */
enum err event_body_plain(struct arena *a, const struct event_body *body, struct buf *out) MUST_CHECK;
enum err event_body_html(const struct event_body *body, struct buf *out) MUST_CHECK;

/*
 * What a phone says of a body that is there: what it was told, in that form and but for blanks at the end, becomes what is there
 * in both forms, and the words before it are not part of it.
 */
enum err event_body_said(struct arena *a, const struct event_body *body, struct event_said *said) MUST_CHECK;

#endif
