/*
 * How much a mailbox may keep: octets and messages of its folders of mail, where a copy counts as the mail itself, and the
 * octets of what lies beside items of any class (attachments of events; those of a deleted folder until it has been swept). Who
 * takes several mails in asks quota_check() once all of them have been added, before the commit: so they are refused together;
 * who takes one asks quota_room(). What is there already stays, however little is allowed by now, and so do edits, moves, entries
 * of calendars without attachments, those that come with an invitation, and what an administrator imports; the copy in Sent Items of what has been accepted is always made.
 *
 * All functions need a transaction of the mailbox.
 */
#ifndef STORE_QUOTA_H
#define STORE_QUOTA_H

#include <store/store.h>

enum { QUOTA_MAX_MESSAGES = 1000000000 };
#define QUOTA_MAX_BYTES (INT64_C(1) << 50)

struct quota {
	uint64_t bytes, messages;
};

/* 0: no limit. */
enum err quota_limits(struct store_tx *tx, struct quota *ret) MUST_CHECK;
/* ERR_INVALID: above QUOTA_MAX_… A write transaction. */
enum err quota_set(struct store_tx *tx, const struct quota *limits) MUST_CHECK;
enum err quota_used(struct store_tx *tx, struct quota *ret) MUST_CHECK;
/* ERR_QUOTA: there is more than is allowed. */
enum err quota_check(struct store_tx *tx) MUST_CHECK;
/*
 * Before one mail of so many octets is added. ERR_QUOTA: there is no room for it now. ERR_LIMIT: there never will be, since it
 * is larger than all that may be kept.
 */
enum err quota_room(struct store_tx *tx, uint64_t bytes) MUST_CHECK;
/* Before so many octets are put beside an item: ERR_QUOTA alone, whatever the messages are. */
enum err quota_room_beside(struct store_tx *tx, uint64_t bytes) MUST_CHECK;

#endif
