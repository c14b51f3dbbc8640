/*
 * Whom an account can find by name: the accounts (people, rooms, equipment) and the groups of its own domains. What an
 * address book of the whole server (GAL) is asked for; what it tells beside names is store/address_book.h. Worker threads.
 */
#ifndef GATEWAY_MAILBOX_PEOPLE_H
#define GATEWAY_MAILBOX_PEOPLE_H

#include <store/account.h>

enum {
	PEOPLE_MAX = 1000, /* that one question finds; the others are counted */
	PEOPLE_TEXT_MAX = 256,
};

struct person {
	struct str name;    /* display name; the address where there is none */
	struct str address; /* primary */
	struct str alias;   /* as it is set, else what stands before the '@' */
	int64_t account;    /* 0: a group */
	int64_t group;      /* store/mail_group.h */
};

struct people {
	struct person *list; /* by name, rooms and groups among them */
	size_t n;
	uint64_t total;
};

/*
 * Those whose name, address or field of the address book (an alias, a company, a telephone number) begins with the text, or
 * who have for each of its words one that begins with it (ambiguous name resolution, MS-ASCMD_R421, R424, R425). Case and
 * accents make no difference. Arena memory. ERR_INVALID: no text. ERR_LIMIT: above PEOPLE_TEXT_MAX octets, or the arena is
 * full.
 */
enum err people_find(struct arena *a, struct store *s, int64_t account, struct str text, struct people *ret) MUST_CHECK;

#endif
