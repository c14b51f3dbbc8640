/*
 * Attachments of events (RFC 5545 section 3.8.1.1) as lines. The contents lie beside a stored calendar, under an id; its line
 * names that as a Content-ID, so that it is right as it stands in an invitation whose message has the contents as parts (RFC
 * 6047), and has the parameters of RFC 8607. Contents in the line itself (VALUE=BINARY) are what files and other programs
 * bring, and what an export has. An ATTACH that is an address somewhere else is left as it is. Any thread.
 */
#ifndef CONTENT_CALENDAR_ATTACH_H
#define CONTENT_CALENDAR_ATTACH_H

#include <gateway/content/calendar.h>

#include <base/buf.h>

enum { CAL_ATTACH_ID_CHARS = 32, CAL_ATTACH_NAME_MAX = 1024 };

/* What the id of an attachment is in a Content-ID: behind it, and nothing else. */
#define CAL_ATTACH_DOMAIN "@attachment.roost"

/* A line that names contents beside the calendar, without folds. */
void cal_attach_put(struct buf *b, const struct cal_attachment *attachment);
/* The same with the contents in it. */
void cal_attach_put_inline(struct buf *b, const struct cal_attachment *attachment, struct str octets);

/* A content type that can stand in a line and in a header: that one, or application/octet-stream. */
struct str cal_attach_type(struct str text);

/* The id in a Content-ID (without brackets and "cid:") of ours; empty: it is none. */
struct str cal_attach_id(struct str content_id);

/* Those of a series and of its instances, each once. Arena memory. */
enum err cal_series_attachments(struct arena *a, const struct cal_series *s, struct cal_attachment **ret,
				size_t *ret_n) MUST_CHECK;

enum cal_attach_kind {
	CAL_ATTACH_STORED, /* beside the calendar: ret->id is set */
	CAL_ATTACH_INLINE, /* in the line: ret_value is its base64 */
	CAL_ATTACH_PART,   /* a part of the message that the calendar came in: ret_value is the Content-ID */
	CAL_ATTACH_ELSEWHERE,
};
/* An unfolded ATTACH line; what it says of itself. Arena memory. */
enum err cal_attach_read(struct arena *a, struct str line, enum cal_attach_kind *ret_kind, struct cal_attachment *ret,
			 struct str *ret_value) MUST_CHECK;

/*
 * A calendar with each of its ATTACH lines as `each` wants it: *line is the unfolded one, which it may replace; empty: it
 * goes. Appended to `out`. ERR_INVALID: no calendar.
 */
typedef enum err cal_attach_fn(void *ctx, struct str *line);
enum err cal_attach_walk(struct arena *a, struct str text, cal_attach_fn *each, void *ctx, struct buf *out) MUST_CHECK;

#endif
