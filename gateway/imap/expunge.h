/* Expunging in slices. */
#ifndef GATEWAY_IMAP_EXPUNGE_H
#define GATEWAY_IMAP_EXPUNGE_H

#include <gateway/imap/session.h>

/*
 * Expunges some of the \Deleted mails of the selected mailbox in one transaction: those of `uids` (resolved; NULL: all)
 * that the session's view has. *ret_more: there are others. Worker.
 */
enum err imap_expunge_slice(struct imap_session *se, struct arena *a, const struct imap_set *uids,
			    bool *ret_more) MUST_CHECK;

#endif
