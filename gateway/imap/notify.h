/*
 * NOTIFY (RFC 5465): a client is told of what happens without asking, in the selected mailbox and in others. A session keeps
 * what it asked for and, of each folder, the numbers that it was told last; it waits as IDLE does (push/push.h) and looks when
 * something has changed. Nothing is polled.
 *
 * What is asked and told is the worker's while a command of the session is at work, and the loop's else; the waker is the
 * loop's.
 */
#ifndef GATEWAY_IMAP_NOTIFY_H
#define GATEWAY_IMAP_NOTIFY_H

#include <gateway/imap/session.h>

struct imap_notify;

void imap_notify_free(struct imap_notify **np); /* on the loop; NULL-safe */

/* On a worker, in the place of imap_announce() where the session has a NOTIFY: all that there is to tell. */
enum imap_next imap_notify_tell(struct imap_command *c, struct worker *w);
/* Does the client want to hear of flags in the selected mailbox by this command? */
bool imap_notify_wants_flags(const struct imap_command *c);

/* On the loop, when input has been looked at: waits for what the session wants to hear of now, and looks where it has to. */
void imap_notify_settle(struct imap_session *se);

/* A command that nobody has sent: it looks for what there is to tell, and has no answer of its own. */
bool imap_notify_is_look(const struct imap_command *c);

#endif
