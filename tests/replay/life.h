/*
 * A random life: steps drawn from a seed, each with a chance of its own, so that any of them can be left out and the
 * others stay what they are.
 */
#ifndef TESTS_REPLAY_LIFE_H
#define TESTS_REPLAY_LIFE_H

#include "world.h"

enum { LIFE_STEPS = 140 };

struct life {
	unsigned long seed;
	const bool *without; /* LIFE_STEPS of them: steps that are left out; NULL: none */
};

/* Lives it, lets everything land, and compares. Fails the test where a promise is broken. */
void life_live(struct world *w, const struct life *life);
/* The end of it: everything lands, and all are compared. Also for lives that are told step by step. */
void life_settle(struct world *w);
/* Pings, and follows what is said at once: news must come. Returns the status; 0: it waits. */
unsigned life_ping(struct phone *p, const int64_t *folders, size_t n, bool brief);

#endif
