/* What the units of bodies tell each other; what others call is declared in blob.h. */
#ifndef STORE_BLOB_INTERNAL_H
#define STORE_BLOB_INTERNAL_H

#include <store/blob.h>

struct blob_made {
	uint64_t size;
	unsigned char sha256[STORE_BLOB_HASH_SIZE];
	struct str octets; /* of a small one */
	const char *file;  /* of a large one: its name below the blobs folder; else NULL */
};

/* The writer is finished, of that mailbox, and was not named by a row before: asserted. */
const struct blob_made *blob_writer_made(const struct store_blob_writer *w, int64_t mailbox);
/* A row names it, if its transaction commits. Else the sweeper finds it. */
void blob_writer_named(struct store_blob_writer *w);

/* Removes a row and its octets, whatever points at it. */
enum err blob_row_delete(struct store_tx *tx, int64_t blob) MUST_CHECK;

#endif
