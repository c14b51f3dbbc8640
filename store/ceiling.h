/*
 * The highest ActiveSync version that an account, or one device of it, is offered: rows of the directory, in the form
 * 161 for 16.1. All functions need a transaction of STORE_DIRECTORY. device_id: as the phone sends it; empty: every
 * device of the account.
 */
#ifndef STORE_CEILING_H
#define STORE_CEILING_H

#include <store/store.h>

/* The lower of the account's and the device's; 0: none. */
enum err ceiling_of(struct store_tx *tx, int64_t account, struct str device_id, unsigned *ret) MUST_CHECK;
/* Exactly that row; 0: none. */
enum err ceiling_get(struct store_tx *tx, int64_t account, struct str device_id, unsigned *ret) MUST_CHECK;
/* version 0 takes it away. Write. ERR_NOT_FOUND: no such account. */
enum err ceiling_set(struct store_tx *tx, int64_t account, struct str device_id, unsigned version) MUST_CHECK;
/* All of an account go with it. Write. */
enum err ceiling_forget(struct store_tx *tx, int64_t account) MUST_CHECK;

#endif
