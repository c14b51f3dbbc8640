/*
 * Guessing made slow, without ever locking anybody out. Failures are counted for an account from a network, for an
 * account from wherever, and for a network whatever the account; each count beyond its allowance doubles the time that
 * has to go by since the last failure before the next attempt is looked at, up to fifteen seconds, and they are
 * forgotten one every half a minute. A network from which somebody has logged in to the account before, and a device that
 * has, are asked for their own failures alone, so that those of strangers never slow their owner, wherever a phone is at
 * the moment. What a device calls itself can be guessed: it is known only as long as few have failed by its name.
 * Constant memory, any thread.
 *
 * Networks are told from the peer's address: IPv4 by address, IPv6 by its /64.
 */
#ifndef GATEWAY_AUTH_THROTTLE_H
#define GATEWAY_AUTH_THROTTLE_H

#include <base/clock.h>
#include <base/str.h>

struct auth_throttle;

enum {
	THROTTLE_FREE_PAIR = 4, /* failures before the first delay: a mistyped password, several times */
	THROTTLE_FREE_ACCOUNT = 20,
	THROTTLE_FREE_NETWORK = 40, /* a household, an office, a carrier's NAT */
	THROTTLE_MAX_OVER = 10,     /* counted beyond an allowance */
	THROTTLE_FIRST_MS = 1000,   /* doubled with each further failure */
	THROTTLE_MAX_MS = 15000,
	THROTTLE_FORGET_MS = 30000,                /* one failure less */
	THROTTLE_KNOWN_MS = 14 * 24 * 3600 * 1000, /* a network or a device stays known since its last login */
	THROTTLE_ENTRIES = 16384,
};

struct auth_throttle *auth_throttle_new(const struct clock *clock);
void auth_throttle_free(struct auth_throttle **tp);

/*
 * Milliseconds until an attempt may be looked at, 0: now. account: what the login stands for, existing or not, folded.
 * peer: "192.0.2.1", "2001:db8::1"; whatever is no address ("unix") is a network by itself. device: empty where none is
 * named.
 */
int64_t auth_throttle_wait_ms(struct auth_throttle *t, struct str account, struct str peer, struct str device);
/* An attempt was looked at. */
void auth_throttle_note(struct auth_throttle *t, struct str account, struct str peer, struct str device, bool good);

#endif
