/* One mailbox with its default folders and an open write transaction. */
#ifndef TESTS_UNIT_STORE_MAILBOX_FIXTURE_H
#define TESTS_UNIT_STORE_MAILBOX_FIXTURE_H

#include "fixture.h"

#include <store/item.h>

enum { MAILBOX = 1, ANN = 1, BOB = 2 }; /* the mailbox and two devices */

struct mailbox {
	struct fixture f;
	struct store_tx *tx;
	struct arena a;
	int64_t inbox, junk;
};
void mailbox_open(struct mailbox *m);
void mailbox_release(struct mailbox *m); /* for CLEANUP */
void mailbox_next(struct mailbox *m);    /* commits and begins the next transaction */
#define MAILBOX_OPEN(m)                                    \
	CLEANUP(mailbox_release) struct mailbox m = { 0 }; \
	mailbox_open(&m)

struct item mailbox_add(struct mailbox *m, int64_t folder); /* without octets */
/* A row of octets, through a blob writer; commits what is open. */
int64_t mailbox_blob(struct mailbox *m, struct str octets, unsigned char ret_sha256[ITEM_SHA256_SIZE]);

#endif
