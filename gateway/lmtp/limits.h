/* Limits of LMTP sessions. Each has a test at it and one past it. */
#ifndef GATEWAY_LMTP_LIMITS_H
#define GATEWAY_LMTP_LIMITS_H

enum {
	LMTP_MAX_LINE =
		2048, /* bytes of a command with its CRLF; RFC 5321 4.5.3.1.4 asks for 512 and what extensions add */
	LMTP_MAX_PATH = 320,             /* bytes of an address; RFC 5321 4.5.3.1.3 asks for 256 */
	LMTP_MAX_NAME = 255,             /* bytes of LHLO's argument, a domain (RFC 5321 4.5.3.1.2) */
	LMTP_MAX_RECIPIENTS = 1000,      /* of a message; RFC 5321 4.5.3.1.8 asks for 100 */
	LMTP_MAX_BAD_COMMANDS = 20,      /* in a session, then 421 */
	LMTP_TIMEOUT_MS = 5 * 60 * 1000, /* RFC 5321 4.5.3.2.7 */
	LMTP_PIECE_BYTES = 64 * 1024,    /* of a message, given to a worker at a time */
};

#endif
