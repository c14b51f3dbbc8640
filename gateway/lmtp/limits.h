/* Limits of LMTP sessions beside those of gateway/smtp. Each has a test at it and one past it. */
#ifndef GATEWAY_LMTP_LIMITS_H
#define GATEWAY_LMTP_LIMITS_H

enum {
	LMTP_MAX_RECIPIENTS = 1000,      /* of a message; RFC 5321 4.5.3.1.8 asks for 100 */
	LMTP_MAX_BAD_COMMANDS = 20,      /* in a session, then 421 */
	LMTP_TIMEOUT_MS = 5 * 60 * 1000, /* RFC 5321 4.5.3.2.7 */
};

#endif
