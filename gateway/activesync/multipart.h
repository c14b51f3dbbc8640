/*
 * Answers in parts (MS-ASCMD 2.2.1.10.1): the document first, then octets that it names by their number, so that a phone
 * with little memory takes them one by one. Worker threads.
 */
#ifndef GATEWAY_ACTIVESYNC_MULTIPART_H
#define GATEWAY_ACTIVESYNC_MULTIPART_H

#include <gateway/activesync/command.h>

/* The parts behind the document, which is part 0. */
struct eas_parts {
	struct buf octets;                   /* of all, one behind the other */
	size_t end[EAS_MAX_ITEM_OPERATIONS]; /* of each, in octets */
	size_t n;
};

#define EAS_PARTS_INIT(max_bytes) ((struct eas_parts){ .octets = BUF_INIT(max_bytes) })
void eas_parts_release(struct eas_parts *p);

/* The octets appended to p->octets since the last part are one; returns its number. At most EAS_MAX_ITEM_OPERATIONS. */
size_t eas_parts_close(struct eas_parts *p);
/* Back to n parts; what was appended since, and the error that it ran into, are forgotten. */
void eas_parts_rewind(struct eas_parts *p, size_t n);

/* Ends the document and sends all; as eas_respond_wbxml(). */
void eas_respond_multipart(struct eas_request *rq, struct wbxml_writer *w, const struct eas_parts *parts);

#endif
