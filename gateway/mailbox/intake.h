/*
 * A message on its way in (LMTP, the CLI, import): its octets come in pieces, get CRLF line ends, are parsed and spooled
 * in the same pass, and are then added to the mailboxes that want them. Memory is bounded whatever the message's size.
 *
 *	intake_new … intake_put … intake_put … intake_finish
 *	for each mailbox: intake_store (no transaction: waits for the disk), intake_add (a write transaction), commit
 *
 * Worker threads; one thread at a time.
 */
#ifndef GATEWAY_MAILBOX_INTAKE_H
#define GATEWAY_MAILBOX_INTAKE_H

#include <gateway/content/summary.h>
#include <store/blob.h>
#include <store/item.h>

struct intake;
struct mail_summary;

enum {
	INTAKE_MEMORY_MAX = 256 * 1024,              /* of a message; a larger one is spooled to a file */
	INTAKE_MAX_BYTES_DEFAULT = 50 * 1024 * 1024, /* [lmtp] max_message */
};

/* max_bytes: of the message with its CRLF line ends. The spool file lies in state_dir, without a name. */
enum err intake_new(const char *state_dir, uint64_t max_bytes, struct intake **ret) MUST_CHECK;
void intake_free(struct intake **ip); /* NULL-safe; for CLEANUP */

/* ERR_LIMIT: the message is too large. ERR_FULL, ERR_IO: it can't be spooled. Sticky. */
enum err intake_put(struct intake *in, struct str octets) MUST_CHECK;
/* The same of all that a blob holds; its own errors beside. */
enum err intake_put_blob(struct intake *in, struct store_blob *blob) MUST_CHECK;
/* The message is complete: structure and summary are made. */
enum err intake_finish(struct intake *in) MUST_CHECK;
uint64_t intake_size(const struct intake *in);
/* After intake_finish(): what its header says; lives as long as the intake. */
const struct mail_summary *intake_summary(const struct intake *in);
/* Its header, in the arena; ERR_LIMIT: longer than SUMMARY_HEADER_MAX. After intake_finish(). */
enum err intake_header(struct arena *a, struct intake *in, struct str *ret) MUST_CHECK;
/* Whether those that intake_add() makes from now on came as blind copies (blind.h). */
void intake_set_blind(struct intake *in, bool blind);
/* The same for what a meeting request is to its recipient (meeting.h). */
void intake_set_request(struct intake *in, enum mail_request is);
/* Date header in ms UTC; 0 without a valid one. After intake_finish(). */
int64_t intake_date_ms(const struct intake *in);

/* After intake_finish(), of a mail about a meeting: its calendar as UTF-8, in the arena. ERR_NOT_FOUND: it has none. */
enum err intake_calendar(struct arena *a, struct intake *in, struct str *ret) MUST_CHECK;

/* After intake_finish(): its octets and its parts, as long as it lives. */
struct mail_source intake_source(struct intake *in);
const struct mime_structure *intake_structure(const struct intake *in);

/*
 * Before a mail is delivered to `mailbox`, whatever way: what it says to the calendar (meeting.h), to delegates (substitute.h), and
 * whether it is a blind copy (blind.h). False: delegates have it in its owner's place, and it is delivered without being added.
 * After intake_finish(); no transaction may be open.
 */
bool intake_consider(struct intake *in, struct store *s, int64_t mailbox, int64_t received_ms) MUST_CHECK;

/* Writes the octets into a mailbox's blobs; on disk where they are large. No transaction may be open in this thread. */
enum err intake_store(struct intake *in, struct store *s, int64_t mailbox, struct store_blob_writer **ret) MUST_CHECK;

/* After intake_finish(): its octets from there on, into a writer, which is finished. *ret_eight: one of them is above 127. */
enum err intake_copy(struct intake *in, uint64_t from, struct store_blob_writer *to, bool *ret_eight) MUST_CHECK;

struct intake_item {
	int64_t folder;
	int64_t received_ms;
	unsigned flags; /* enum item_flag */
	struct str keywords;
	/*
	 * 0: always added. n: only where the folder has fewer than n items of these octets, so that the n-th of equal
	 * messages is added once however often an import runs; of new mail the mailbox, since it may have gone elsewhere.
	 */
	uint64_t occurrence;
	struct author by; /* a device only for a Sync Add of its own */
	bool incoming;    /* new mail: goes where its conversation is to go always, instead of to `folder` */
};
/*
 * The row, in a write transaction of the mailbox that `blob` was stored in. *ret_id is 0 where it was not added. The
 * writer stays the caller's, who drops it after the commit.
 */
enum err intake_add(struct intake *in, struct store_tx *tx, struct store_blob_writer *blob,
		    const struct intake_item *item, int64_t *ret_id) MUST_CHECK;

/*
 * The same as the new octets of an item that is there: a draft that was edited. One that has these octets already is
 * left as it is. ERR_NOT_FOUND: not in that folder.
 */
enum err intake_edit(struct intake *in, struct store_tx *tx, struct store_blob_writer *blob, const struct item *item,
		     const struct author *by) MUST_CHECK;

/*
 * All of it for one mailbox: into its Inbox, unread, committed: what delivery does; or to the owner's delegates alone.
 * ERR_QUOTA: it is full.
 */
enum err intake_deliver(struct intake *in, struct store *s, int64_t mailbox, int64_t received_ms) MUST_CHECK;

#endif
