/*
 * X-Forwarded-For: each proxy appends whom it heard from, so the list is read from its end, for as long as who said it
 * is trusted. Pure functions of text. Any thread.
 */
#ifndef GATEWAY_HTTP_FORWARDED_H
#define GATEWAY_HTTP_FORWARDED_H

#include <gateway/net/range.h>

enum forwarded {
	FORWARDED_NOBODY,  /* no host that can be read: who said it is as far as it goes */
	FORWARDED_TRUSTED, /* the list ends at a trusted proxy; the header field before this one goes on */
	FORWARDED_CLIENT,  /* the walk is over: not trusted, or what stands before cannot be read */
};

/* May the peer of a connection ("192.0.2.1", "unix") say for whom it speaks? */
bool forwarded_begin(const struct net_ranges *trusted, struct str peer);
/* One field's value. *ret is the host farthest from us that is vouched for; untouched with FORWARDED_NOBODY. */
enum forwarded forwarded_back(const struct net_ranges *trusted, struct str list, struct net_ip *ret);

#endif
