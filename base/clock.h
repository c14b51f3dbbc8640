/* Time is a parameter: whoever needs it is given a clock; only main makes the real one, tests advance a fake. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdatomic.h>
#include <stdint.h>

/* Any thread may read a clock. */
struct clock {
	int64_t (*wall_ms)(const struct clock *c); /* since 1970-01-01 UTC; may step */
	int64_t (*mono_ms)(const struct clock *c); /* never steps back; for deadlines */
};

const struct clock *clock_real(void);

struct clock_fake {
	struct clock clock; /* first: pass &fake.clock */
	_Atomic int64_t wall, mono;
};

void clock_fake_init(struct clock_fake *f, int64_t wall_ms);
void clock_fake_advance(struct clock_fake *f, int64_t ms);

static inline int64_t clock_wall_ms(const struct clock *c)
{
	return c->wall_ms(c);
}

static inline int64_t clock_mono_ms(const struct clock *c)
{
	return c->mono_ms(c);
}

#endif
