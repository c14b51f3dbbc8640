/*
 * What IMAP is asked of a message again and again, made of its octets by the content layer and opaque here. It belongs to
 * the octets, so that copies of a message share it, and goes with them.
 *
 * Open transactions of the mailbox, a write transaction to put one.
 */
#ifndef STORE_BLOB_SHAPE_H
#define STORE_BLOB_SHAPE_H

#include <store/store.h>

enum { BLOB_SHAPE_MAX = 256 * 1024 }; /* bytes of each text; a larger shape is not kept (ERR_LIMIT) */

struct blob_shape {
	int version; /* of its maker */
	struct str envelope, structure;
	struct str fields; /* .p NULL: none */
};

/* In the place of what there was. */
enum err blob_shape_put(struct store_tx *tx, int64_t blob, const struct blob_shape *shape) MUST_CHECK;
/* Strings lie in the arena. ERR_NOT_FOUND: none is kept. */
enum err blob_shape_get(struct arena *a, struct store_tx *tx, int64_t blob, struct blob_shape *ret) MUST_CHECK;
/* For the blob's own end. */
enum err blob_shape_drop(struct store_tx *tx, int64_t blob) MUST_CHECK;

#endif
