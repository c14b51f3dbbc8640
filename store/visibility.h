/*
 * Who may see when somebody is busy: what the others of his domains may see of an account's calendar. Said of the account,
 * else of its domain, else VISIBILITY_TIMES. Rows of the directory: all functions need a transaction of STORE_DIRECTORY (a
 * write transaction where they change something).
 */
#ifndef STORE_VISIBILITY_H
#define STORE_VISIBILITY_H

#include <store/store.h>

/* Stored: append only. Each has what those before it have. */
enum visibility {
	VISIBILITY_NONE,
	VISIBILITY_TIMES,   /* when, and how busy */
	VISIBILITY_TITLES,  /* with subject and place, but of what is private */
	VISIBILITY_DETAILS, /* with what else is told of an event */
	VISIBILITY_MAX_
};

/* "none", "times", "titles", "details" */
const char *visibility_name(enum visibility v);
/* ERR_NOT_FOUND. */
enum err visibility_parse(struct str name, enum visibility *ret) MUST_CHECK;

/* What holds for an account. */
enum err visibility_of(struct store_tx *tx, int64_t account, struct str domain, enum visibility *ret) MUST_CHECK;

/* What is said of an account, or of a domain (account 0; its case makes no difference); ERR_NOT_FOUND: nothing. */
enum err visibility_get(struct store_tx *tx, int64_t account, struct str domain, enum visibility *ret) MUST_CHECK;
enum err visibility_set(struct store_tx *tx, int64_t account, struct str domain, enum visibility v) MUST_CHECK;
enum err visibility_unset(struct store_tx *tx, int64_t account, struct str domain) MUST_CHECK;

#endif
