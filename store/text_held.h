/*
 * Text messages that wait in a folder for a phone to send them: which of the account's devices may have them in its hands, as
 * far as its sync of the folder tells. That is whatever any answer has brought it that it may still be found to have got.
 */
#ifndef STORE_TEXT_HELD_H
#define STORE_TEXT_HELD_H

#include <store/store.h>

/*
 * *ret: `device`, whose sync of the folder was kept up since `since_ms`, may have one that `me` was never told of. sends: it sends what
 * it has made itself, also what it does not know to be here, since the answer to its Add was lost. A folder or a device that there is
 * not holds none. In a transaction of the mailbox, which is only read. Errors are those of the store alone (ERR_BUSY, ERR_IO,
 * ERR_CORRUPT); *ret is then not set.
 */
enum err text_held(struct store_tx *tx, int64_t folder, int64_t device, int64_t me, bool sends, int64_t since_ms,
		   bool *ret) MUST_CHECK;

#endif
