/* Is a database sound? Reads all of it: for administrators. */
#ifndef STORE_CHECK_H
#define STORE_CHECK_H

#include <store/store.h>

/* Are the counts of a mailbox's folders (mails, unread ones, octets) what their items are? Reads every item. */
enum err store_check_counts(struct store_tx *tx, bool *ret_sound) MUST_CHECK;

/* Of a mailbox (its counts too), or STORE_DIRECTORY. Errors are those of store_begin(); a database that can't be read at all is ERR_CORRUPT. */
enum err store_check(struct store *s, int64_t mailbox, bool *ret_sound) MUST_CHECK;

#endif
