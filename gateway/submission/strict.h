/*
 * Are all line ends CRLF? RFC 5321 2.3.8 allows no other, and where two servers disagree on what ends a line, somebody
 * can hide a message in another one ("smuggling"). Nor is there a NUL, at which some stop reading and which no BODY that we
 * offer allows. Pure, any cut of the input gives the same.
 */
#ifndef GATEWAY_SUBMISSION_STRICT_H
#define GATEWAY_SUBMISSION_STRICT_H

#include <base/str.h>

/* Zero-initialise. */
struct strict {
	bool cr;  /* the last octet was one */
	bool bad; /* a CR or LF stood alone, or there was a NUL */
};

void strict_put(struct strict *st, struct str octets);
/* The message is over. True: every line ended in CRLF, and there was no NUL. */
bool strict_end(const struct strict *st);

#endif
