/*
 * Sending of mail: SendMail, SmartReply and SmartForward (MS-ASCMD 2.2.1.17, 2.2.1.19, 2.2.1.20), which differ in what the
 * phone's message is joined with. Up to 12.1 the request is the message itself and the query tells of the rest; from
 * 14.0 on it is a document. Success is an empty answer. Worker threads.
 */
#ifndef GATEWAY_ACTIVESYNC_COMPOSE_H
#define GATEWAY_ACTIVESYNC_COMPOSE_H

#include <gateway/activesync/command.h>

enum compose_kind { COMPOSE_NEW, COMPOSE_REPLY, COMPOSE_FORWARD };

/* The request as a value; texts borrow from it. */
struct compose {
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
unsigned eas_compose_parse(struct eas_request *rq, enum compose_kind kind, struct compose *ret);
/* Sends and answers. */
void eas_compose(struct eas_request *rq, enum compose_kind kind);

#endif
