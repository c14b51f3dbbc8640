/*
 * HTTP/1.1 responses (RFC 9112), parsed from whatever bytes have come. Pure: no socket, no clock. Bodies by
 * Content-Length, chunked, or up to the connection's end; unpacked by reply_body().
 */
#ifndef PHONE_REPLY_H
#define PHONE_REPLY_H

#include <base/buf.h>

enum {
	REPLY_MAX_HEAD_BYTES = 64 * 1024,
	REPLY_MAX_BODY_BYTES = 512 * 1024 * 1024, /* packed, and unpacked */
	REPLY_MAX_CHUNK_LINE_BYTES = 256,
};

enum reply_state {
	REPLY_HEAD,
	REPLY_LENGTH, /* `left` bytes are to come */
	REPLY_CHUNK_SIZE,
	REPLY_CHUNK_DATA,
	REPLY_CHUNK_END,
	REPLY_TRAILER,
	REPLY_TO_CLOSE,
	REPLY_DONE,
	REPLY_BAD,
};

struct reply {
	enum reply_state state;
	int status;
	bool has_length; /* of a body that Content-Length tells */
	uint64_t length;
	struct buf head; /* raw, with its CRLFs */
	struct buf body; /* as it came, maybe packed */
	uint64_t left;
	struct buf line;
};

void reply_init(struct reply *r);
void reply_release(struct reply *r);

/* Takes bytes; *ret_used counts those that belong to this response. Ends in REPLY_DONE or REPLY_BAD. */
enum reply_state reply_feed(struct reply *r, struct str bytes, size_t *ret_used);
/* The connection has ended: completes a body of unknown length, else REPLY_BAD. */
enum reply_state reply_end(struct reply *r);

/* Header by name without case; .p NULL where it is absent. */
struct str reply_header(const struct reply *r, const char *name);
/* May the connection carry another request? */
bool reply_keeps_open(const struct reply *r);
/* The body, unpacked into *room where Content-Encoding is gzip. ERR_INVALID, ERR_UNSUPPORTED, ERR_LIMIT. */
enum err reply_body(const struct reply *r, struct buf *room, struct str *ret) MUST_CHECK;

#endif
