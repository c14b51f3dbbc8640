/* Whose mailbox an address is: any address of an account, with or without a tag behind a '+'. Worker threads. */
#ifndef GATEWAY_MAILBOX_RECIPIENT_H
#define GATEWAY_MAILBOX_RECIPIENT_H

#include <store/account.h>

/* In a transaction of STORE_DIRECTORY. ERR_NOT_FOUND: nobody's here. */
enum err recipient_find(struct arena *a, struct store_tx *tx, struct str address, struct account *ret) MUST_CHECK;

#endif
