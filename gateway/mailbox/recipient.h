/* Whose an address is: any address of an account, or that of a group, with or without a tag behind a '+'. Worker threads. */
#ifndef GATEWAY_MAILBOX_RECIPIENT_H
#define GATEWAY_MAILBOX_RECIPIENT_H

#include <store/account.h>

struct mail_group;

/* In a transaction of STORE_DIRECTORY. ERR_NOT_FOUND: nobody's here. */
enum err recipient_find(struct arena *a, struct store_tx *tx, struct str address, struct account *ret) MUST_CHECK;
/* The same for groups; whether an account has it is asked first. */
enum err recipient_find_group(struct arena *a, struct store_tx *tx, struct str address,
			      struct mail_group *ret) MUST_CHECK;

#endif
