/*
 * Answers for those who are away (store/oof.h), as a delivery is done: once to a sender in a period, through the queue. By
 * RFC 3834 nobody is answered who is no person that wrote to this person: no bounce, no list, no program, no mail in
 * whose To or Cc the owner is not named, and not himself. Worker threads; no transaction may be open.
 */
#ifndef GATEWAY_MAILBOX_AUTOREPLY_H
#define GATEWAY_MAILBOX_AUTOREPLY_H

#include <gateway/mailbox/intake.h>
#include <gateway/mailbox/send.h>

/*
 * The message that has just been delivered to an account; sender is its return path. What goes wrong is logged: the
 * delivery is done.
 */
void autoreply_consider(const struct send_service *service, int64_t account, struct str sender,
			const struct intake *message);

#endif
