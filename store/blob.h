/*
 * Octets of messages: immutable, written once as a stream, read at any offset. Up to STORE_BLOB_INLINE_MAX they lie in
 * a table of the mailbox's database, larger ones in a file of its own beside it, which is on disk under its final name
 * before the row commits.
 *
 * A row belongs to the items that point at it: whoever makes an item calls store_blob_ref(), whoever drops one
 * store_blob_unref(), and with the last the row goes. Equal octets share a row. Files that no row names are swept.
 */
#ifndef STORE_BLOB_H
#define STORE_BLOB_H

#include <store/store.h>

enum {
	STORE_BLOB_INLINE_MAX = 256 * 1024,
	STORE_BLOB_HASH_SIZE = 32,                    /* SHA-256 */
	STORE_BLOB_LEFTOVER_MS = 24 * 60 * 60 * 1000, /* younger files may be somebody's at work */
};

struct store_blob_writer;

/* Any thread, no transaction needed. The caller bounds the size. */
enum err store_blob_writer_new(struct store *s, int64_t mailbox, struct store_blob_writer **ret) MUST_CHECK;
/* Sticky: after an error all further calls give it. */
enum err store_blob_write(struct store_blob_writer *w, struct str octets) MUST_CHECK;
/* No more octets: large ones are flushed and get their final name. Outside of transactions, since it waits for disk. */
enum err store_blob_finish(struct store_blob_writer *w) MUST_CHECK;
/* After store_blob_finish(). */
uint64_t store_blob_writer_size(const struct store_blob_writer *w);
const unsigned char *store_blob_writer_sha256(const struct store_blob_writer *w);
/*
 * After store_blob_finish(): the row, in a write transaction of the writer's mailbox; at most once. Where a row has the
 * same octets already, it is that one. It has no reference of ours yet: store_blob_ref() in the same transaction, or the
 * sweeper takes it.
 */
enum err store_blob_attach(struct store_tx *tx, struct store_blob_writer *w, int64_t *ret_blob) MUST_CHECK;
/* Frees; the file goes too unless a row names it. NULL-safe. */
void store_blob_writer_drop(struct store_blob_writer **wp);

/* Write transactions. ERR_NOT_FOUND: no such row. */
enum err store_blob_ref(struct store_tx *tx, int64_t blob) MUST_CHECK;
enum err store_blob_unref(struct store_tx *tx, int64_t blob) MUST_CHECK;

/* The row with these octets; ERR_NOT_FOUND. */
enum err store_blob_find(struct store_tx *tx, const unsigned char sha256[STORE_BLOB_HASH_SIZE], uint64_t size,
			 int64_t *ret_blob) MUST_CHECK;

struct store_blob; /* an open one; needs no transaction once it is open, and outlives the row */

/* ERR_NOT_FOUND: no such row. ERR_CORRUPT: its octets are missing. */
enum err store_blob_open(struct store_tx *tx, int64_t blob, struct store_blob **ret) MUST_CHECK;
void store_blob_close(struct store_blob **bp); /* NULL-safe; for CLEANUP */
uint64_t store_blob_size(const struct store_blob *b);
/*
 * Up to n octets at off into p; *got is less than n only at the end. Any thread, several at a time. ctx is a
 * struct store_blob: the shape is that of a source of the content layer.
 */
enum err store_blob_read(void *ctx, uint64_t off, void *p, size_t n, size_t *got) MUST_CHECK;

/*
 * Removes what crashes left behind: files older than STORE_BLOB_LEFTOVER_MS that no row names, and rows without a
 * reference. Takes write transactions of its own, short ones. For housekeeping.
 */
enum err store_blob_sweep(struct store *s, int64_t mailbox, size_t *ret_removed) MUST_CHECK;

#endif
