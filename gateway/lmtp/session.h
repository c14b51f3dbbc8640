/*
 * Inside of LMTP: a session, on its loop between jobs and on a worker during one (stream_submit); never on both.
 */
#ifndef GATEWAY_LMTP_SESSION_H
#define GATEWAY_LMTP_SESSION_H

#include <gateway/lmtp/lmtp.h>
#include <gateway/mailbox/intake.h>

enum lmtp_state {
	LMTP_STATE_START, /* before LHLO */
	LMTP_STATE_READY,
	LMTP_STATE_MAIL,      /* has a sender */
	LMTP_STATE_RECIPIENT, /* and at least one recipient */
	LMTP_STATE_DATA,      /* in the text of DATA */
	LMTP_STATE_CHUNKS,    /* between chunks of BDAT */
	LMTP_STATE_CHUNK,     /* in a chunk */
	LMTP_STATE_MAX_
};

struct lmtp_recipient {
	int64_t account, mailbox;
	enum err result; /* of the delivery */
};

enum lmtp_task { LMTP_TASK_RECIPIENT, LMTP_TASK_TEXT };

struct lmtp_session {
	struct lmtp_server *server;
	struct str peer; /* the stream's, as long as it */
	enum lmtp_state state;
	uint64_t id;
	unsigned bad_commands;
	unsigned transactions;
	char *client; /* of LHLO */

	/* the transaction */
	char *sender;
	bool utf8;
	struct lmtp_recipient *recipients;
	size_t recipients_n, recipients_room;
	struct intake *intake;
	struct lmtp_dots dots;
	uint64_t chunk_left;
	bool chunk_last;
	struct buf text; /* of the message, on its way to a worker */
	bool text_ends;
	enum err text_err; /* the message can't be taken; its text is still read */

	/* the job */
	struct stream_job job;
	enum lmtp_task task;
	char *wanted; /* the address that LMTP_TASK_RECIPIENT looks up */
	enum err found;
	struct lmtp_recipient candidate;
};

/* Runs on a worker: looks up se->wanted, or takes se->text and, at its end, delivers. */
void lmtp_work(struct lmtp_session *se, struct worker *w);

#endif
