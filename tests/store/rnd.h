/* Repeatable chance: a seed gives the same life on every machine (splitmix64). */
#ifndef TESTS_STORE_RND_H
#define TESTS_STORE_RND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rnd {
	uint64_t state;
};

static inline uint64_t rnd_next(struct rnd *r)
{
	uint64_t z = (r->state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* 0 to n - 1. */
static inline size_t rnd_below(struct rnd *r, size_t n)
{
	return (size_t)(rnd_next(r) % n);
}

static inline bool rnd_percent(struct rnd *r, unsigned percent)
{
	return rnd_below(r, 100) < percent;
}

#endif
