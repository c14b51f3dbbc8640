/* Documents of SendMail, SmartReply and SmartForward, from 14.0 on (MS-ASCMD 2.2.1.17, 2.2.1.19, 2.2.1.20). Pure. */
#ifndef PHONE_SEND_H
#define PHONE_SEND_H

#include "doc.h"
#include "request.h"

struct send_ask {
	enum command command;
	struct str client_id;
	struct str folder, item; /* replied to or forwarded; .p NULL: none */
	struct str mime;
};

/* A copy goes into Sent Items. */
void send_ask_put(struct buf *out, const struct send_ask *ask);
/* What stands in place of the empty answer. */
enum err send_parse(struct doc *d, struct str bytes, enum command command, uint32_t *ret_status) MUST_CHECK;

#endif
