/*
 * The connection to the smarthost, up to where a message can be sent: connected, greeted, TLS with the certificate checked,
 * logged in. The only unit that knows libcurl. Blocking; one thread at a time.
 */
#ifndef GATEWAY_OUTBOUND_RELAY_CONN_H
#define GATEWAY_OUTBOUND_RELAY_CONN_H

#include <base/buf.h>
#include <gateway/outbound/relay.h>

struct relay_conn;

/* `why` says what went wrong, for people: then nothing was sent, and it is to be tried again. */
enum err relay_conn_open(const struct relay_config *config, const atomic_bool *stop, struct relay_conn **ret,
			 struct buf *why) MUST_CHECK;
void relay_conn_close(struct relay_conn **cp); /* NULL-safe */

/* All of it, or ERR_IO: the connection is lost, or wait_ms passed without progress. */
enum err relay_conn_write(struct relay_conn *c, struct str octets, unsigned wait_ms) MUST_CHECK;
/* Some bytes, at least one, appended to b. ERR_IO as above, also at the end of the stream. */
enum err relay_conn_read(struct relay_conn *c, struct buf *b, unsigned wait_ms) MUST_CHECK;

#endif
