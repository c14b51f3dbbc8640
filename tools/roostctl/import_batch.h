/*
 * Mails on their way into one mailbox, some hundreds of small ones a transaction. A mail that the folder has already is
 * not added: the n-th of equal octets in this run is added only where the folder holds fewer than n.
 */
#ifndef ROOSTCTL_IMPORT_BATCH_H
#define ROOSTCTL_IMPORT_BATCH_H

#include <store/store.h>

struct batch;

enum {
	BATCH_MAILS_MAX = 256,
	BATCH_BYTES_MAX = 1024 * 1024, /* of mails; one that is larger is a batch of its own */
};

struct import_mail {
	int64_t folder;
	int64_t received_ms; /* 0: not known, then the mail's Date, then otherwise_ms; never later than now */
	int64_t otherwise_ms;
	unsigned flags; /* enum item_flag */
};

struct batch_counts {
	uint64_t added, known, bytes; /* bytes: of the added ones */
};

struct batch *batch_new(struct store *s, const char *state_dir, int64_t mailbox, uint64_t message_max);
void batch_free(struct batch **bp); /* drops what is not committed; NULL-safe */

/* One mail: begin, put …, then end or drop. Errors are of the mail (ERR_LIMIT: too large) or of the store. */
enum err batch_begin(struct batch *b) MUST_CHECK;
enum err batch_put(struct batch *b, struct str octets) MUST_CHECK;
/* Takes the mail, and commits where the batch is full. */
enum err batch_end(struct batch *b, const struct import_mail *mail) MUST_CHECK;
void batch_drop(struct batch *b);

enum err batch_commit(struct batch *b) MUST_CHECK;
/* Of what is committed. */
struct batch_counts batch_counts(const struct batch *b);

#endif
