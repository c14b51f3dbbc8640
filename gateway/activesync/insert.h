/*
 * Octets that stand in an answer but never in memory: the MIME of large mails. The answer notes the place and the blob,
 * and is put together in a file without a name when it is sent (sync-engine rule 14). Worker threads.
 */
#ifndef GATEWAY_ACTIVESYNC_INSERT_H
#define GATEWAY_ACTIVESYNC_INSERT_H

#include <base/str.h>

struct store_blob;

struct eas_insert {
	size_t at;               /* in the buffer's own bytes, before which these stand */
	struct store_blob *blob; /* owned */
	uint64_t n;              /* octets of it, from its beginning */
};

/* Those of one buffer, by place. Zero-initialise. */
struct eas_inserts {
	struct eas_insert *v;
	size_t n, room;
	uint64_t bytes; /* of all */
};

void eas_inserts_release(struct eas_inserts *l); /* for CLEANUP */
/* Takes *blob. Places only grow. */
void eas_inserts_add(struct eas_inserts *l, size_t at, struct store_blob **blob, uint64_t n);
/* The buffer was cut to its first n bytes. */
void eas_inserts_rewind(struct eas_inserts *l, size_t n);
/* The buffer of `from` was put into that of `to`, at `at`: its inserts go along. */
void eas_inserts_move(struct eas_inserts *to, struct eas_inserts *from, size_t at);

/* The whole in an unnamed file on the disk of `dir`; the caller closes *ret_fd. ERR_FULL, ERR_IO, ERR_CORRUPT. */
enum err eas_inserts_write(const struct eas_inserts *l, struct str doc, const char *dir, int *ret_fd,
			   uint64_t *ret_size) MUST_CHECK;

#endif
