/*
 * The queue of messages on their way out: rows of the directory with their octets, so that a message that was
 * acknowledged is on disk whole. Whoever sends goes through gateway/mailbox/send.h; this is its floor.
 *
 * Sent once. An entry has a name that its request derives (queue_name_derive): a repeat of the request finds the entry.
 * The queue commits first, the mailboxes second, the answer goes last. What a mailbox does for an entry (a copy in Sent
 * Items, a delivery) it notes as a step, in the transaction that does it; a step that is noted is not done again, were
 * the item gone since. An entry whose recipients are all done is kept without its octets until forget_ms, for repeats;
 * then the directory forgets it, and after it the mailboxes forget its steps.
 *
 * Functions take a transaction of STORE_DIRECTORY unless they say otherwise, a write transaction where they change
 * something. Nothing here takes the directory's change number or publishes: the callers wake the sender (send.h).
 * `struct str` results live in the arena that is passed.
 */
#ifndef STORE_QUEUE_H
#define STORE_QUEUE_H

#include <store/blob.h>

enum {
	QUEUE_NAME_SIZE = 32,              /* SHA-256 */
	QUEUE_MAX_RECIPIENTS = 1000,       /* of a message as it is sent */
	QUEUE_MAX_EXPANDED = 3000,         /* with the people of the groups among them */
	QUEUE_MAX_ADDRESS = 512,           /* bytes of an address: UTF-8 in both parts takes more than ASCII */
	QUEUE_MAX_ENVID = 100,             /* RFC 3461 4.4 */
	QUEUE_MAX_ORCPT = 500,             /* RFC 3461 4.2 */
	QUEUE_MAX_OWN_HEADER = 256 * 1024, /* bytes */
	QUEUE_MAX_ORIGIN = 512,            /* bytes */
	QUEUE_MAX_STATUS = 16,             /* "5.1.1" */
	QUEUE_MAX_REPLY = 1024,            /* bytes of what a server said; cut there */
};

struct queue_name {
	unsigned char octets[QUEUE_NAME_SIZE];
};

/* The hash of kind and parts, each with its length, so that no two lists of parts look alike. ERR_IO: no hash. */
enum err queue_name_derive(const char *kind, const struct str *parts, size_t n, struct queue_name *ret) MUST_CHECK;

/* Stored: append only. */
enum queue_kind {
	QUEUE_MAIL = 1,  /* somebody's */
	QUEUE_REPORT,    /* of the server: a bounce, a notice of delay or delivery */
	QUEUE_AUTOREPLY, /* of an absent user */
	QUEUE_KIND_MAX_
};

/* Stored: append only. */
enum queue_flag {
	QUEUE_8BIT = 1u << 0,      /* the octets have a byte above 127 (8BITMIME) */
	QUEUE_UTF8 = 1u << 1,      /* the header or an address is UTF-8: needs SMTPUTF8 (RFC 6531) */
	QUEUE_SAVE_SENT = 1u << 2, /* a copy in Sent Items */
};

/* Stored: append only. RFC 3461 4.1; 0 where nothing was said. */
enum queue_notify {
	QUEUE_NOTIFY_NEVER = 1u << 0,
	QUEUE_NOTIFY_SUCCESS = 1u << 1,
	QUEUE_NOTIFY_FAILURE = 1u << 2,
	QUEUE_NOTIFY_DELAY = 1u << 3,
};
enum queue_ret { QUEUE_RET_NOT_SAID, QUEUE_RET_FULL, QUEUE_RET_HEADERS, QUEUE_RET_MAX_ }; /* RFC 3461 4.3 */

/* Stored: append only. */
enum queue_state {
	QUEUE_PENDING,
	QUEUE_DELIVERED, /* in a mailbox of ours */
	QUEUE_RELAYED,   /* another server has taken it */
	QUEUE_FAILED,
	QUEUE_DROPPED,  /* by an administrator, or who queued it answers for him otherwise */
	QUEUE_EXPANDED, /* a group: its people have come behind it */
	QUEUE_STATE_MAX_
};

struct queue_recipient {
	struct str address; /* local@domain, as it was given */
	struct str orcpt;   /* "rfc822;xtext", empty where nothing was said */
	unsigned notify;    /* enum queue_notify */
	/* of a stored one */
	enum queue_state state;
	struct str status, reply; /* what was heard last; empty: nothing yet */
};

struct queue_new {
	struct queue_name name;
	enum queue_kind kind;
	int64_t account; /* the sender's; 0: the server's own */
	struct str sender;
	struct str own_header; /* fields with their line ends, for the copy in Sent Items alone */
	struct str origin;     /* for the Received field: "from … (…) with ESMTPSA", "with HTTP" */
	unsigned flags;        /* enum queue_flag */
	struct str envid;      /* as xtext; empty where nothing was said */
	enum queue_ret ret;
	int64_t source_item; /* replied to or forwarded: gets `verb` and its flag; 0: none */
	int verb;            /* EAS LastVerbExecuted: 1 reply, 2 reply to all, 3 forward */
	int64_t draft_item;  /* goes from the mailbox when it is sent; 0: none */
	int64_t expires_ms;  /* what is open then has failed */
	int64_t forget_ms;   /* the name is known until then, and while a recipient is open */
	const struct queue_recipient *recipients;
	size_t recipients_n;
};

struct queue_entry {
	int64_t id;
	struct queue_name name;
	enum queue_kind kind;
	int64_t account;
	struct str sender, own_header, origin, envid;
	int64_t blob; /* 0 once it is finished */
	uint64_t size;
	unsigned flags;
	enum queue_ret ret;
	int64_t source_item, draft_item;
	int verb;
	bool settled;    /* the sender's mailbox has done its part */
	bool delay_told; /* a notice of delay has gone */
	int64_t created_ms, expires_ms, next_ms, finished_ms, forget_ms;
	unsigned attempts;
	struct queue_recipient *recipients; /* by position; NULL from queue_list() */
	size_t recipients_n;
	size_t pending_n; /* of them */
};

/* A name that nothing repeats. ERR_IO: no random octets. */
enum err queue_name_random(const char *kind, struct queue_name *ret) MUST_CHECK;

/*
 * The entry, due at once. `body` is a finished writer of STORE_DIRECTORY's blobs, dropped by its owner after the commit.
 * ERR_EXISTS: the name is known; *ret_id is the entry that has it, and nothing is written. ERR_LIMIT: too many or too
 * long. ERR_INVALID: no recipient, or text that is not UTF-8 or has
 * a control in it.
 */
enum err queue_add(struct store_tx *tx, const struct queue_new *q, struct store_blob_writer *body,
		   int64_t *ret_id) MUST_CHECK;
/* The entry that has a name. ERR_NOT_FOUND: none, or it is to be forgotten. */
enum err queue_find(struct store_tx *tx, const struct queue_name *name, int64_t *ret_id) MUST_CHECK;
/* With its recipients. */
enum err queue_get(struct arena *a, struct store_tx *tx, int64_t id, struct queue_entry *ret) MUST_CHECK;

/* Open entries with next_ms <= now_ms, the one that is due longest first. */
enum err queue_due(struct store_tx *tx, int64_t now_ms, int64_t *ret_ids, size_t limit, size_t *ret_n) MUST_CHECK;
/* When the next one is due. ERR_NOT_FOUND: none is open. */
enum err queue_next_ms(struct store_tx *tx, int64_t *ret) MUST_CHECK;
/* Open entries (all: finished ones too) with an id above `after`, by id, without their recipients. */
enum err queue_list(struct arena *a, struct store_tx *tx, int64_t after, bool all, size_t limit,
		    struct queue_entry **ret, size_t *ret_n) MUST_CHECK;

/* What an attempt came to for the recipient at a position. A recipient that is no longer pending stays as it is. */
enum err queue_recipient_set(struct store_tx *tx, int64_t id, size_t position, enum queue_state state,
			     struct str status, struct str reply) MUST_CHECK;
/*
 * The recipient at a position, if it is open still, is a group, and these come in its place: QUEUE_EXPANDED. ERR_LIMIT: the
 * entry would have more than QUEUE_MAX_EXPANDED; nothing is changed then.
 */
enum err queue_recipient_expand(struct store_tx *tx, int64_t id, size_t position, const struct queue_recipient *list,
				size_t n) MUST_CHECK;
enum err queue_set_settled(struct store_tx *tx, int64_t id) MUST_CHECK;
enum err queue_set_delay_told(struct store_tx *tx, int64_t id) MUST_CHECK;
/* One more attempt was made; the next is due then. */
enum err queue_postpone(struct store_tx *tx, int64_t id, int64_t next_ms) MUST_CHECK;
/* No recipient is open and the sender's mailbox is settled: the octets go. ERR_BUSY: it is not so far. */
enum err queue_finish(struct store_tx *tx, int64_t id) MUST_CHECK;

/* Due at once. ERR_NOT_FOUND: no open entry. */
enum err queue_retry(struct store_tx *tx, int64_t id) MUST_CHECK;
/* Open recipients become QUEUE_DROPPED, and nobody is told; the entry is due, to be settled and finished. */
enum err queue_drop(struct store_tx *tx, int64_t id) MUST_CHECK;
/* Forgets up to `limit` finished entries whose time has come; *ret_more tells that there are others. */
enum err queue_forget(struct store_tx *tx, unsigned limit, bool *ret_more) MUST_CHECK;

/* ---- steps: a transaction of the mailbox ---- */

/* Stored: append only. */
enum queue_step {
	QUEUE_STEP_SETTLED = 1, /* the sender's part: Sent Items, the source's flags, the draft */
	QUEUE_STEP_DELIVERED,   /* into the Inbox */
};
enum err queue_step_known(struct store_tx *tx, const struct queue_entry *entry, enum queue_step step,
			  bool *ret) MUST_CHECK;
enum err queue_step_note(struct store_tx *tx, const struct queue_entry *entry, enum queue_step step) MUST_CHECK;

/* Forgets a mailbox's steps of entries that the directory has forgotten. Takes transactions of its own. */
enum err queue_steps_forget(struct store *s, int64_t mailbox) MUST_CHECK;

#endif
