/* What the configuration says of sending mail. */
#ifndef GATEWAY_SENDING_H
#define GATEWAY_SENDING_H

#include <gateway/config/config.h>
#include <gateway/outbound/outbound.h>

/*
 * [outbound] as the queue's threads take it; *ret_relay is NULL where there is no smarthost. Strings are the
 * configuration's, or made in its arena. Reads the password's file. False, with the reason in `why`: it cannot be read.
 */
bool sending_of(struct config *c, struct send_service *service, struct relay_config *relay,
		const struct relay_config **ret_relay, struct buf *why);

#endif
