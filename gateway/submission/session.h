/* Inside of submission: a session, on its loop between jobs and on a worker during one; never on both. */
#ifndef GATEWAY_SUBMISSION_SESSION_H
#define GATEWAY_SUBMISSION_SESSION_H

#include <gateway/smtp/command.h>
#include <gateway/smtp/limits.h>
#include <gateway/smtp/text.h>
#include <gateway/submission/strict.h>
#include <gateway/submission/submission.h>

#include <base/arena.h>

enum submission_state {
	SUBMISSION_START, /* before EHLO */
	SUBMISSION_READY,
	SUBMISSION_CHALLENGED, /* the next line answers a challenge of SASL */
	SUBMISSION_MAIL,       /* has a sender */
	SUBMISSION_RECIPIENT,  /* and at least one recipient */
	SUBMISSION_DATA,       /* in the text of DATA */
	SUBMISSION_CHUNKS,     /* between chunks of BDAT */
	SUBMISSION_CHUNK,      /* in a chunk */
	SUBMISSION_SKIP,       /* in a chunk of a BDAT that was refused */
	SUBMISSION_WAITING,    /* for a login, a handshake, or the end */
	SUBMISSION_STATE_MAX_
};

enum submission_task { SUBMISSION_TASK_AUTHOR, SUBMISSION_TASK_TEXT };

struct submission_session {
	struct submission_server *server;
	struct stream *stream;
	enum submission_state state;
	unsigned bad_commands, failed_logins;
	struct login login;
	bool logged_in;
	struct send_author author; /* in kept */
	struct arena kept;

	/* the transaction, in its arena */
	struct arena arena;
	struct str sender;
	bool utf8;
	enum queue_ret ret;
	struct str envid;
	struct queue_recipient *recipients;
	size_t recipients_n, recipients_room;

	/* its message */
	struct send *send;
	struct strict strict;
	struct smtp_text text;
	enum smtp_taken taken; /* why the worker has it */
	enum submission_state after_skip;
	enum err text_err; /* the message can't be taken; its text is still read */
	int64_t entry;     /* its number in the queue */

	/* the job */
	struct stream_job job;
	enum submission_task task;
	enum err result; /* of SUBMISSION_TASK_AUTHOR */
};

/* session.c */
void submission_reply(struct submission_session *se, const char *text);
/* A bad command; too many end the session: false. */
bool submission_refuse(struct submission_session *se, const char *text) MUST_CHECK;
bool submission_end(struct submission_session *se, const char *text); /* says it and closes; false */
void submission_reset(struct submission_session *se);                 /* forgets the transaction */
bool submission_submit(struct submission_session *se, enum submission_task task) MUST_CHECK;

/* commands.c: one line, without its end. True: look at the input again. */
bool submission_run(struct submission_session *se, struct str line) MUST_CHECK;

/* login.c */
bool submission_run_auth(struct submission_session *se, const struct smtp_command *c) MUST_CHECK;
bool submission_run_challenged(struct submission_session *se, struct str line) MUST_CHECK;
void submission_login_done(struct login *l, enum login_result result);
void submission_author_done(struct submission_session *se);

/* text.c */
bool submission_take_text(struct submission_session *se) MUST_CHECK;
void submission_text_done(struct submission_session *se);

/* work.c, on a worker */
void submission_work(struct submission_session *se, struct worker *w);

#endif
