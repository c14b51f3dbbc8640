/* Is a database sound? Reads all of it: for administrators. */
#ifndef STORE_CHECK_H
#define STORE_CHECK_H

#include <store/store.h>

/* Of a mailbox, or STORE_DIRECTORY. Errors are those of store_begin(); a database that can't be read at all is ERR_CORRUPT. */
enum err store_check(struct store *s, int64_t mailbox, bool *ret_sound) MUST_CHECK;

#endif
