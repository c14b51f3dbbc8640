/* Numbers of a mailbox that are given once and never again. For the nouns of store/ alone; write transactions. */
#ifndef STORE_COUNTER_H
#define STORE_COUNTER_H

#include <store/store.h>

enum err counter_folder(struct store_tx *tx, int64_t *ret) MUST_CHECK;
/* n that follow each other: the first. */
enum err counter_items(struct store_tx *tx, uint64_t n, int64_t *ret) MUST_CHECK;
/* Above every one given before, and not below the wall clock's seconds, so that a restored mailbox repeats none. */
enum err counter_uid_validity(struct store_tx *tx, int64_t *ret) MUST_CHECK;

#endif
