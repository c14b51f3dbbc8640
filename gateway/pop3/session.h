/* Inside of POP3: a session, on its loop between jobs and on a worker during one; never on both. */
#ifndef GATEWAY_POP3_SESSION_H
#define GATEWAY_POP3_SESSION_H

#include <gateway/pop3/command.h>
#include <gateway/pop3/pop3.h>
#include <gateway/pop3/wire.h>

struct store_blob;

enum pop3_state {
	POP3_STATE_AUTHORIZATION,
	POP3_STATE_CHALLENGED, /* the next line answers a challenge of SASL */
	POP3_STATE_TRANSACTION,
	POP3_STATE_WAITING, /* for a worker, a handshake, or the end; input stands */
	POP3_STATE_LISTING, /* a listing goes out, as the client takes it */
	POP3_STATE_BODY,    /* a message does */
	POP3_STATE_MAX_
};

enum pop3_mark { POP3_DELETED = 1, POP3_FETCHED = 2 };

/* A message of the maildrop as it was when the session began; the n-th has number n + 1. */
struct pop3_message {
	int64_t item;
	uint64_t size;
	uint32_t uid;
	unsigned marks; /* enum pop3_mark */
};

enum pop3_task {
	POP3_TASK_LIST,   /* what is in the maildrop */
	POP3_TASK_FETCH,  /* opens the message, and the first piece */
	POP3_TASK_PIECE,  /* the next piece */
	POP3_TASK_UPDATE, /* QUIT */
};

/* A message that was read together with the one before it. */
struct pop3_ahead {
	size_t number;
	size_t from, to; /* in `ahead_octets`, as they go out */
};

struct pop3_session;
typedef void pop3_row_fn(const struct pop3_session *se, size_t n, struct buf *out);

struct pop3_session {
	struct pop3_server *server;
	struct stream *stream;
	enum pop3_state state;
	struct login login;
	char *user; /* of USER */
	unsigned bad_commands, failed_logins;
	bool drop_taken;

	/* the maildrop */
	int64_t mailbox, folder;
	uint32_t uid_validity;
	struct pop3_message *messages;
	size_t messages_n, messages_room;
	size_t fetched_n, deleted_n;

	/* what goes out */
	pop3_row_fn *row;
	size_t at; /* the next row */
	size_t number;
	struct store_blob *blob;
	uint64_t off;
	struct pop3_wire wire;
	struct buf piece;
	bool piece_ends;
	struct pop3_ahead ahead[POP3_AHEAD_MESSAGES];
	size_t ahead_at, ahead_n; /* those before ahead_at have been sent */
	struct buf ahead_octets;

	/* the job */
	struct stream_job job;
	enum pop3_task task;
	enum err result;
	struct timer retry; /* the pool was full in the middle of a message */
};

/* drops.c */
bool pop3_drops_take(struct pop3_drops *d, int64_t mailbox) MUST_CHECK; /* false: another session has it */
void pop3_drops_give(struct pop3_drops *d, int64_t mailbox);

/* session.c */
void pop3_say(struct pop3_session *se, const char *text);
/* Hands the session to a worker; false: the pool is full. done: by the task, see pop3_task_done(). */
bool pop3_submit(struct pop3_session *se, enum pop3_task task) MUST_CHECK;
void pop3_end(struct pop3_session *se, const char *text); /* says it, and closes */

/* commands.c: one line. True: look at the input again. */
bool pop3_run(struct pop3_session *se, struct str line) MUST_CHECK;
bool pop3_refuse(struct pop3_session *se, const char *text) MUST_CHECK;
/* What is left of a listing or a message, as far as the client takes it; calls itself again when that is gone. */
void pop3_pump(struct pop3_session *se);
void pop3_task_done(struct pop3_session *se);

/* login.c */
bool pop3_run_auth(struct pop3_session *se, const struct pop3_command *c) MUST_CHECK;
bool pop3_run_user(struct pop3_session *se, const struct pop3_command *c) MUST_CHECK;
bool pop3_run_pass(struct pop3_session *se, const struct pop3_command *c) MUST_CHECK;
bool pop3_run_challenged(struct pop3_session *se, struct str line) MUST_CHECK;
void pop3_login_done(struct login *l, enum login_result result);

/* work.c, on a worker */
void pop3_work(struct pop3_session *se, struct worker *w);

#endif
