/*
 * Mailboxes as databases: made before the account's row commits and removed after it has gone, so that a row always has
 * its files and a crash in between leaves files that nobody points at (swept by account_sweep() behind an account, replaced by the
 * next create under that id before one). Called by store/account.c; tests make bare mailboxes with it. Any thread.
 */
#ifndef STORE_MAILBOX_H
#define STORE_MAILBOX_H

#include <store/store.h>

/*
 * Makes an empty mailbox, on disk when this returns; id is not STORE_DIRECTORY. What an interrupted making left there is
 * removed; ERR_CORRUPT: a mailbox with items is there, and stays.
 */
enum err store_mailbox_create(struct store *s, int64_t id) MUST_CHECK;
/* Removes its database and bodies; transactions that are open on it end in nothing. No such mailbox: ERR_OK. */
enum err store_mailbox_remove(struct store *s, int64_t id) MUST_CHECK;

#endif
