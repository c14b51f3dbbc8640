/*
 * Inside of LMTP: a session, on its loop between jobs and on a worker during one (stream_submit); never on both.
 */
#ifndef GATEWAY_LMTP_SESSION_H
#define GATEWAY_LMTP_SESSION_H

#include <gateway/lmtp/lmtp.h>
#include <gateway/mailbox/intake.h>
#include <gateway/smtp/command.h>
#include <gateway/smtp/text.h>

enum lmtp_state {
	LMTP_STATE_START, /* before LHLO */
	LMTP_STATE_READY,
	LMTP_STATE_MAIL,      /* has a sender */
	LMTP_STATE_RECIPIENT, /* and at least one recipient */
	LMTP_STATE_DATA,      /* in the text of DATA */
	LMTP_STATE_CHUNKS,    /* between chunks of BDAT */
	LMTP_STATE_CHUNK,     /* in a chunk */
	LMTP_STATE_SKIP,      /* in a chunk of a BDAT that was refused */
	LMTP_STATE_MAX_
};

struct lmtp_recipient {
	int64_t account, mailbox;
	char *group;     /* its address, and no account; NULL: an account */
	enum err result; /* of the delivery */
};

/* A RCPT that waits for its answer. */
struct lmtp_wanted {
	char *path;
	enum err found;
	struct lmtp_recipient recipient;
};

enum lmtp_task { LMTP_TASK_RECIPIENTS, LMTP_TASK_TEXT };

struct lmtp_session {
	struct lmtp_server *server;
	struct stream *stream;
	struct str peer; /* the stream's, as long as it */
	enum lmtp_state state;
	unsigned bad_commands;
	char *client; /* of LHLO */

	/* the transaction */
	uint64_t id; /* in Received and in the log */
	char *sender;
	bool utf8;
	struct lmtp_recipient *recipients;
	size_t recipients_n, recipients_room;
	struct lmtp_wanted *wanted;
	size_t wanted_n, wanted_room;

	/* its message */
	struct intake *intake;
	size_t trace_n;        /* octets that we put in front of it */
	struct smtp_text text; /* on its way to a worker */
	enum smtp_taken taken; /* why the worker has it */
	enum lmtp_state after_skip;
	enum err text_err; /* the message can't be taken; its text is still read */

	/* the job */
	struct stream_job job;
	enum lmtp_task task;
};

/* session.c */
void lmtp_reply(struct lmtp_session *se, const char *text);
/* A bad command; too many end the session: false. */
bool lmtp_refuse(struct lmtp_session *se, const char *text) MUST_CHECK;
void lmtp_wanted_release(struct lmtp_wanted *w);
void lmtp_reset(struct lmtp_session *se);                                  /* forgets the transaction */
bool lmtp_submit(struct lmtp_session *se, enum lmtp_task task) MUST_CHECK; /* false: the pool is full */

/*
 * commands.c, text.c: what the input begins with, as far as it goes. True: look at the input again; false: wait for
 * more of it, for a worker, or for the end.
 */
bool lmtp_take_line(struct lmtp_session *se) MUST_CHECK;
bool lmtp_take_text(struct lmtp_session *se) MUST_CHECK;
/* A job is done: the answers. */
void lmtp_recipients_done(struct lmtp_session *se);
void lmtp_text_done(struct lmtp_session *se);

/* work.c, on a worker: looks up se->wanted, or takes the piece in se->text and, at its end, delivers. */
void lmtp_work(struct lmtp_session *se, struct worker *w);

#endif
