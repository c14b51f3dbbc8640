/* What net.c keeps for listener.c: places for connections, and loops by turns. */
#ifndef GATEWAY_NET_NET_PRIV_H
#define GATEWAY_NET_NET_PRIV_H

#include <gateway/net/stream_priv.h>

#include <stdatomic.h>

bool net_take_place(struct net *n) MUST_CHECK; /* false: as many connections as there may be. Any thread. */
void net_give_place(struct net *n);
struct loop *net_next_loop(struct net *n);
/* Ends the streams that still wait to be opened by this listener. Any thread but a loop's. */
void net_forget_listener(struct net *n, const struct listener *ls);

#endif
