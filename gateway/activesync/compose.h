/*
 * Sending of mail: SendMail, SmartReply and SmartForward (MS-ASCMD 2.2.1.17, 2.2.1.19, 2.2.1.20), which differ in what the
 * phone's message is joined with. Up to 12.1 the request is the message itself and the query tells of the rest; from
 * 14.0 on it is a document. Success is an empty answer. Worker threads.
 */
#ifndef GATEWAY_ACTIVESYNC_COMPOSE_H
#define GATEWAY_ACTIVESYNC_COMPOSE_H

#include <gateway/activesync/command.h>

struct message;
struct send;

enum compose_kind { COMPOSE_NEW, COMPOSE_REPLY, COMPOSE_FORWARD };

/* The request as a value; texts borrow from it. */
struct eas_compose {
	enum compose_kind kind;
	struct str mime;
	struct str client_id; /* from 14.0 on; .p NULL before */
	bool save, replace_mime;
	/* What is replied to or forwarded; .p NULL where absent. */
	struct str folder, item, long_id, instance;
	/* What is refused. */
	bool has_account_id, has_template, has_forwardees;
};

/* EAS_STATUS_OK, or what is answered. */
unsigned eas_compose_parse(struct eas_request *rq, enum compose_kind kind, struct eas_compose *ret);
/*
 * The original of a reply or a forward. EAS_STATUS_OK, or what is answered. The message is the caller's to close.
 */
unsigned eas_compose_open(struct eas_request *rq, const struct eas_compose *c, int64_t *ret_item, struct message *ret);
/* What the phone wrote, joined with the original, into the message that is sent. */
enum err eas_compose_join(struct arena *a, const struct eas_compose *c, const struct message *original,
			  struct send *m) MUST_CHECK;
/* LastVerbExecuted of the original once it is sent. */
int eas_compose_verb(const struct eas_compose *c, const struct send *m);

/* Sends and answers. */
void eas_compose(struct eas_request *rq, enum compose_kind kind);

#endif
