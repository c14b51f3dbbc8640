/* Limits of POP3 sessions. Each has a test at it and one past it. */
#ifndef GATEWAY_POP3_LIMITS_H
#define GATEWAY_POP3_LIMITS_H

enum {
	POP3_MAX_LINE = 512,         /* bytes of a command with its CRLF; RFC 2449 section 4 says 255 */
	POP3_MAX_BAD_COMMANDS = 20,  /* in a session */
	POP3_MAX_FAILED_LOGINS = 5,  /* in a session */
	POP3_MAX_MESSAGES = 1000000, /* of a maildrop; what is beyond is there the next time */
	POP3_LOGIN_TIMEOUT_MS = 3 * 60 * 1000,
	POP3_TIMEOUT_MS = 10 * 60 * 1000, /* RFC 1939 section 3: at least ten minutes */
	POP3_PIECE_BYTES = 64 * 1024,     /* of a message, read at a time */
	POP3_AHEAD_MESSAGES = 32,         /* small ones that are read together, since most clients fetch all in turn */
	POP3_AHEAD_BYTES = 16 * 1024,     /* of one of them */
	POP3_BATCH = 500,                 /* messages removed in one transaction */
};

#endif
