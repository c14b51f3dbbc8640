/*
 * Where the octets of a message are read from: memory, a file, a row of the store. A message of 25 MB need not be in
 * memory to be rendered. The source belongs to the caller and outlives the call it is given to.
 */
#ifndef CONTENT_SOURCE_H
#define CONTENT_SOURCE_H

#include <base/str.h>

struct mail_source {
	/*
	 * Reads up to n octets at off into p; *got tells how many, less than n only at the end of the message.
	 * Errors of the storage (ERR_IO, ERR_CORRUPT) end the rendering and reach its caller unchanged.
	 */
	enum err (*read)(void *ctx, uint64_t off, void *p, size_t n, size_t *got);
	void *ctx;
	uint64_t size; /* octets of the whole message */
};

/* A source over bytes in memory; *bytes is borrowed for as long as the source is used. */
struct mail_source mail_source_of_str(struct str *bytes);

enum { MAIL_SOURCE_CHUNK = 16 * 1024 }; /* octets the readers here ask for at once */

/* Reads n octets at off, all of them: ERR_CORRUPT where the source ends earlier. */
enum err mail_source_read(const struct mail_source *src, uint64_t off, void *p, size_t n) MUST_CHECK;

#endif
