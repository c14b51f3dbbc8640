/* Limits of everything that speaks SMTP's lines (LMTP, submission). Each has a test at it and one past it. */
#ifndef GATEWAY_SMTP_LIMITS_H
#define GATEWAY_SMTP_LIMITS_H

enum {
	SMTP_MAX_LINE =
		2048, /* bytes of a command with its CRLF; RFC 5321 4.5.3.1.4 asks for 512 and what extensions add */
	SMTP_MAX_PATH = 320,          /* bytes of an address; RFC 5321 4.5.3.1.3 asks for 256 */
	SMTP_MAX_NAME = 255,          /* bytes of EHLO's argument, a domain (RFC 5321 4.5.3.1.2) */
	SMTP_MAX_ENVID = 100,         /* RFC 3461 4.4 */
	SMTP_MAX_ORCPT = 500,         /* RFC 3461 4.2 */
	SMTP_PIECE_BYTES = 64 * 1024, /* of a message, given to a worker at a time */
};

#endif
