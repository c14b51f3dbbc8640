/* Emptying a folder of all its items, as everyone's "empty trash" does. Worker threads, without an open transaction. */
#ifndef GATEWAY_MAILBOX_EMPTY_H
#define GATEWAY_MAILBOX_EMPTY_H

#include <store/folder.h>

enum { EMPTY_CHUNK = 500 }; /* items of a transaction, so that others can write meanwhile */

struct emptied {
	size_t items, folders;
	bool partial; /* the error came after something was done */
};

/*
 * What is in the folder now goes for good, however much it is; mail that comes while it runs stays. with_subfolders:
 * the folders below go too, with what is in them. Every device is told, also the one that asked: nothing tells whether it
 * got the answer. ERR_NOT_FOUND: no such folder of its own. ERR_DENIED: a folder below is one that every mailbox has; all else is done.
 * *ret is set in any case.
 */
enum err mailbox_empty(struct store *s, int64_t mailbox, int64_t folder, bool with_subfolders,
		       struct emptied *ret) MUST_CHECK;

#endif
