/* APPEND (RFC 9051 6.3.12, MULTIAPPEND RFC 3502): the command whose literals are too large to be kept with it. */
#ifndef GATEWAY_IMAP_APPEND_H
#define GATEWAY_IMAP_APPEND_H

#include <gateway/imap/session.h>

/*
 * The reader's line ends in a literal. Where that is a message of an APPEND, the command begins here and reads on by
 * itself; false: it is something else, and nothing has been done.
 */
bool imap_append_begin(struct imap_session *se) MUST_CHECK;

#endif
