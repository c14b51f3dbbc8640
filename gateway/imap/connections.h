/* How many connections an account and an address may have. The loops' threads; a lock of its own. */
#ifndef GATEWAY_IMAP_CONNECTIONS_H
#define GATEWAY_IMAP_CONNECTIONS_H

#include <gateway/imap/session.h>

void imap_connections_init(struct imap_server *sv);
void imap_connections_release(struct imap_server *sv);

/* A new connection, of which it is not known whose it is. False: its address has too many such. */
bool imap_connections_enter(struct imap_session *se) MUST_CHECK;
/* It is the account's. False: which has too many. */
bool imap_connections_login(struct imap_session *se) MUST_CHECK;
void imap_connections_leave(struct imap_session *se);

#endif
