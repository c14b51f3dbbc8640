/*
 * Sending: one message from one account to its recipients, the same for every protocol. It goes into the queue
 * (store/queue.h) and is on disk when send_commit() returns; what the queue then does with it is gateway/outbound's.
 *
 *	send_author_load                                who sends, once a session
 *	send_known                                      a repeat of a request that was done? (where the name is known early)
 *	send_new … send_put … send_put … send_finish    the message, in pieces
 *	send_commit                                     queued, the copy in Sent Items made, the sender's thread woken
 *
 * A stored message (a draft) goes with send_stored() in place of the last two lines.
 *
 * Sent once: struct send_args has a name that the request derives (queue_name_derive), so that a repeat after a lost
 * answer is ERR_EXISTS. The names in use:
 *
 *	"eas-client-id"   device (its number), ClientId
 *	"eas-mime"        device, SHA-256 of the octets sent, the query's ids: before 14.0, kept SEND_REMEMBER_MIME_MS
 *	"eas-draft"       device, folder, sync key, item
 *	"oof"             mailbox, period of absence, sender: an answer to each once (autoreply.h)
 *	"itip-reply"      mailbox, UID, instance, answer, the answer before (meeting_respond.c)
 *	"itip"            random: written with the change of the calendar that it tells of (outbox.h)
 *	"group"           SHA-256 of the octets, sender: mail to groups that came by LMTP (group_mail.h)
 *	"submission"      random: a session of SMTP that loses its answer doubles its mail (RFC 1047)
 *
 * Worker threads, one thread at a time; no transaction may be open in it.
 */
#ifndef GATEWAY_MAILBOX_SEND_H
#define GATEWAY_MAILBOX_SEND_H

#include <store/item.h>
#include <store/queue.h>

enum {
	SEND_MAX_BYTES_DEFAULT = 50 * 1024 * 1024, /* [outbound] max_message */
	SEND_REMEMBER_MIME_MS = 24 * 60 * 60 * 1000,
	SEND_REMEMBER_MS = 14 * 24 * 60 * 60 * 1000,       /* names with an id of the client's own */
	SEND_EXPIRES_MS_DEFAULT = 5 * 24 * 60 * 60 * 1000, /* [outbound] expires; RFC 5321 4.5.4.1: four to five days */
};

/* What all senders share; made by main.c, outlives them. */
struct send_service {
	struct store *store;
	const struct clock *clock;
	const char *hostname;  /* of Message-ID and Received */
	const char *state_dir; /* for spools */
	uint64_t max_bytes;
	int64_t expires_ms;      /* from now on */
	void (*wake)(void *ctx); /* the queue has something new; any thread, must not block; may be NULL */
	void (*left)(void *ctx); /* a mailbox has kept what the queue could not take now (outbox.h); the same */
	void *ctx;
};

/* The account that sends, and the addresses that are its own. */
struct send_author {
	int64_t account, mailbox;
	struct str address; /* the primary one */
	struct str name;    /* display name, may be empty */
	struct str *addresses;
	size_t addresses_n;
	struct str sent_by, sent_by_name; /* who acts for him, where it is somebody else; set by the caller */
};
/* ERR_NOT_FOUND: no such account. ERR_DENIED: it is disabled. */
enum err send_author_load(struct arena *a, struct store *s, int64_t account, struct send_author *ret) MUST_CHECK;
/* Without case; with or without a tag (ann+tag@…). */
bool send_is_own(const struct send_author *author, struct str address);

struct send;

/*
 * A message of the author's. refuse_foreign: a From or Sender that is not his own is ERR_DENIED (submission); without
 * it they are set right (ActiveSync: MS-ASCMD_R448). The author outlives it.
 */
enum err send_new(const struct send_service *service, const struct send_author *author, bool refuse_foreign,
		  struct send **ret) MUST_CHECK;
/* The same for what the server itself has written in the author's name: a Sender that acts for him stays. */
enum err send_new_written(const struct send_service *service, const struct send_author *author,
			  struct send **ret) MUST_CHECK;
void send_free(struct send **sp); /* NULL-safe; for CLEANUP */
/* ERR_LIMIT: larger than max_bytes. ERR_DENIED: see above. ERR_FULL, ERR_IO: it can't be kept. Sticky. */
enum err send_put(struct send *m, struct str octets) MUST_CHECK;
/* The message is complete. */
enum err send_finish(struct send *m) MUST_CHECK;
/*
 * Could it be sent? In place of send_new() and send_finish(), with what send_commit() would say of the header: ERR_NOT_FOUND,
 * ERR_INVALID, ERR_LIMIT; only that a name without a domain, which commonly is half of what somebody meant to type, is
 * ERR_INVALID here. Nothing is written, and nothing may be committed.
 */
enum err send_look_new(const struct send_service *service, const struct send_author *author,
		       struct send **ret) MUST_CHECK;
enum err send_look_finish(struct send *m) MUST_CHECK;
/* After send_finish(): the recipients that its header names (To, Cc, Bcc). *ret_bad: one of them is no address. */
size_t send_header_recipients(const struct send *m, bool *ret_bad);

struct send_args {
	struct queue_name name;
	int64_t remember_ms;  /* how long, from now on */
	enum queue_kind kind; /* 0: QUEUE_MAIL */
	/* Return path; .p NULL: the author's address that From names. Submission: what MAIL FROM said, one of his own. */
	struct str sender;
	/* The envelope: address, orcpt, notify. NULL: those that the header names. */
	const struct queue_recipient *recipients;
	size_t recipients_n;
	unsigned flags;    /* QUEUE_SAVE_SENT; QUEUE_UTF8 where the client asked for SMTPUTF8 */
	struct str origin; /* for the Received field: "from [192.0.2.1] with ESMTPSA"; empty: none */
	struct str envid;  /* DSN (RFC 3461), as xtext; empty where nothing was said */
	enum queue_ret ret;
	int64_t source_item; /* replied to or forwarded, in the author's mailbox; 0: none */
	int verb;            /* 1 reply, 2 reply to all, 3 forward (MS-ASEMAIL LastVerbExecuted) */
	int64_t draft_item;  /* goes from the mailbox now that it is sent; 0: none */
};

/*
 * Queues it. ERR_EXISTS: a message of that name was queued before, and nothing is done but what a crash may have left
 * undone of it. ERR_NOT_FOUND: no recipient. ERR_LIMIT: too many. ERR_INVALID: a recipient is no address. *ret_entry
 * (may be NULL) is the entry's number, also with ERR_EXISTS.
 */
enum err send_commit(struct send *m, const struct send_args *args, int64_t *ret_entry) MUST_CHECK;

/* ERR_EXISTS: a message of that name was queued before; as send_commit(). ERR_OK: it was not. */
enum err send_known(const struct send_service *service, const struct queue_name *name) MUST_CHECK;

/*
 * Sends a message that is stored in the author's mailbox, as it is there: a draft. args->draft_item takes it away from
 * there in the step that puts the copy into Sent Items. ERR_CORRUPT: its octets are damaged.
 */
enum err send_stored(const struct send_service *service, const struct send_author *author, int64_t item,
		     const struct send_args *args) MUST_CHECK;

/*
 * The sender's part of an entry, done once whoever asks: the copy in Sent Items (read), LastVerbExecuted and the
 * answered or forwarded flag of the source, the draft that goes. Any mailbox error; ERR_OK where it was done before or the
 * mailbox is gone.
 */
enum err send_settle(const struct send_service *service, const struct queue_entry *entry) MUST_CHECK;

/* Does the queue's side of service->wake. */
static inline void send_wake(const struct send_service *service)
{
	if (service->wake)
		service->wake(service->ctx);
}

#endif
