/* Requests of Sync, written by hand, and mails to sync (fixture.h). Texts and documents live in the fixture's arena. */
#ifndef TESTS_UNIT_ACTIVESYNC_SYNC_FIXTURE_H
#define TESTS_UNIT_ACTIVESYNC_SYNC_FIXTURE_H

#include "fixture.h"

#include <store/item.h>

/* Of a document: version, public id, charset, string table. */
#define HEAD "03 01 6A 00 "

/* Hex and 'text' (tests/support/hex.h) to bytes. */
struct str doc(struct fixture *f, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The same, still as hex: a part of a document. */
char *commands(struct fixture *f, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* One collection; `more` stands behind its CollectionId, `tail` behind Collections. */
struct str sync_doc(struct fixture *f, int64_t folder, const char *key, const char *more, const char *tail);
struct eas_reply sync_with(struct fixture *f, int64_t folder, const char *key, const char *more);

/* The new key of an answer. */
const char *key_of(struct fixture *f, const struct eas_reply *r);
bool has_more(const struct eas_reply *r);
/* What key 0 gives. */
const char *first_key(struct fixture *f, int64_t folder);
/* Syncs to the end; returns the last key and counts the Adds. */
const char *sync_all(struct fixture *f, int64_t folder, const char *key, size_t *adds);

/* Delivered as LMTP would, into the Inbox. */
void deliver_octets(struct fixture *f, int64_t mailbox, struct str octets);
/* A mail with a plain text of its own. */
void deliver(struct fixture *f, int64_t mailbox, const char *subject);
/* To ann: mail-000, mail-001, … */
void deliver_n(struct fixture *f, unsigned n);

/* The item of a folder that has one; 0: it has none, or several. */
int64_t only_item(struct fixture *f, int64_t folder);
struct item item_of(struct fixture *f, int64_t folder, int64_t id);

#endif
