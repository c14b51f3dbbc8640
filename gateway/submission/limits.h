/* Limits of submission beside those of gateway/smtp. Each has a test at it and one past it. */
#ifndef GATEWAY_SUBMISSION_LIMITS_H
#define GATEWAY_SUBMISSION_LIMITS_H

enum {
	SUBMISSION_MAX_RECIPIENTS = 1000, /* of a message; RFC 5321 4.5.3.1.8 asks for 100 */
	SUBMISSION_MAX_BAD_COMMANDS = 20, /* in a session, then 421 */
	SUBMISSION_MAX_FAILED_LOGINS = 5,
	SUBMISSION_TIMEOUT_MS = 5 * 60 * 1000, /* RFC 5321 4.5.3.2.7 */
	SUBMISSION_ARENA_BYTES = 1024 * 1024,  /* what a session keeps of its account and its recipients */
};

#endif
