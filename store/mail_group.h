/*
 * Groups of the address book: an address whose mail goes to each of its members. Members are accounts, other groups, and
 * people elsewhere. Rows of the directory: all functions need a transaction of STORE_DIRECTORY (a write transaction where
 * they change something). `struct str` results live in the arena that is passed.
 *
 * A group is no account: nobody logs in as one, it has no mailbox, and its address is nobody's other address. Groups in
 * groups make no circle, are no deeper than GROUP_DEPTH_MAX, and no group has more than GROUP_PEOPLE_MAX people, which is
 * seen to whenever a member is added; so whoever asks for the people of a group gets all of them, each once.
 */
#ifndef STORE_MAIL_GROUP_H
#define STORE_MAIL_GROUP_H

#include <store/account.h>

enum {
	GROUP_PEOPLE_MAX = 1000, /* of a group with those in it */
	GROUP_MEMBERS_MAX = 1000,
	GROUP_DEPTH_MAX = 8, /* groups in a chain, the first one counted */
};

/* Who may write to it. Stored: append only. */
enum group_senders {
	GROUP_SENDERS_ACCOUNTS, /* who has logged in to this server */
	GROUP_SENDERS_MEMBERS,  /* of them those who are in it, in whatever depth */
	GROUP_SENDERS_ANYONE,
	GROUP_SENDERS_MAX_
};
const char *group_senders_name(enum group_senders senders); /* "accounts" */
/* ERR_INVALID: there is no such word. */
enum err group_senders_parse(struct str name, enum group_senders *ret) MUST_CHECK;

struct mail_group {
	int64_t id;
	struct str address; /* as it was written */
	struct str name;    /* display name, may be empty */
	enum group_senders senders;
	uint64_t members; /* rows: a group in it is one */
};

/* Stored: append only. */
enum group_member_kind { GROUP_MEMBER_ACCOUNT = 1, GROUP_MEMBER_GROUP, GROUP_MEMBER_ELSEWHERE };

struct group_member {
	enum group_member_kind kind;
	int64_t target;     /* the account or the group; 0: elsewhere */
	struct str address; /* of an account the primary one */
	struct str name;    /* display name, may be empty */
};

/*
 * Who was elsewhere under that address in other groups is this one from now on. ERR_EXISTS: an account or a group has that
 * address. ERR_DENIED: no account has an address in that domain. ERR_INVALID, ERR_LIMIT: as account_add(), and ERR_LIMIT where
 * groups would be deeper than GROUP_DEPTH_MAX. After an error the transaction is not to be committed.
 */
enum err mail_group_add(struct store_tx *tx, struct str address, struct str name, int64_t *ret_id) MUST_CHECK;
/* It leaves the groups that it is in, too. ERR_NOT_FOUND. */
enum err mail_group_remove(struct store_tx *tx, int64_t id) MUST_CHECK;
enum err mail_group_find(struct arena *a, struct store_tx *tx, struct str address, struct mail_group *ret) MUST_CHECK;
/* Up to `limit` groups with an id above `after`, by id. */
enum err mail_group_list(struct arena *a, struct store_tx *tx, int64_t after, size_t limit, struct mail_group **ret,
			 size_t *ret_n) MUST_CHECK;
/* ERR_NOT_FOUND: no such group. ERR_INVALID, ERR_LIMIT: as account_add(). */
enum err mail_group_set_name(struct store_tx *tx, int64_t id, struct str name) MUST_CHECK;
enum err mail_group_set_senders(struct store_tx *tx, int64_t id, enum group_senders senders) MUST_CHECK;

/*
 * Whoever has the address: an account (by any of its addresses), a group, else somebody elsewhere. Who is in it already
 * stays. ERR_DENIED: a group would be in itself. ERR_LIMIT: GROUP_MEMBERS_MAX, GROUP_PEOPLE_MAX or GROUP_DEPTH_MAX, here or
 * in a group that this one is in. ERR_INVALID: not an address. After an error the transaction is not to be committed.
 */
enum err mail_group_member_add(struct store_tx *tx, int64_t id, struct str address) MUST_CHECK;
/* ERR_NOT_FOUND: not in it itself. */
enum err mail_group_member_remove(struct store_tx *tx, int64_t id, struct str address) MUST_CHECK;
/* Those who are in it themselves: groups, accounts, others, each by address. */
enum err mail_group_members(struct arena *a, struct store_tx *tx, int64_t id, struct group_member **ret,
			    size_t *ret_n) MUST_CHECK;
/* Its people, in whatever depth, each once, by address: no groups. */
enum err mail_group_people(struct arena *a, struct store_tx *tx, int64_t id, struct group_member **ret,
			   size_t *ret_n) MUST_CHECK;
/* Is the account among its people? */
enum err mail_group_has(struct store_tx *tx, int64_t id, int64_t account, bool *ret) MUST_CHECK;
/* Has it people elsewhere? */
enum err mail_group_reaches_out(struct store_tx *tx, int64_t id, bool *ret) MUST_CHECK;

/* Who was elsewhere under that address (folded) is this account from now on: with each address that an account gets. */
enum err mail_group_adopt(struct store_tx *tx, int64_t account, struct str folded) MUST_CHECK;
/* An account leaves all groups: with the account. */
enum err mail_group_forget_account(struct store_tx *tx, int64_t account) MUST_CHECK;

#endif
