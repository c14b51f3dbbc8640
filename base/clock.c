/* The real clock and the fake one. */
#include <base/clock.h>

#include <base/defs.h>

#include <time.h>

static int64_t read_ms(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t real_wall(const struct clock *c)
{
	(void)c;
	return read_ms(CLOCK_REALTIME);
}

static int64_t real_mono(const struct clock *c)
{
	(void)c;
	return read_ms(CLOCK_MONOTONIC);
}

const struct clock *clock_real(void)
{
	static const struct clock real = { real_wall, real_mono };

	return &real;
}

static const struct clock_fake *fake_of(const struct clock *c)
{
	return (const struct clock_fake *)(const void *)((const char *)c - offsetof(struct clock_fake, clock));
}

static int64_t fake_wall(const struct clock *c)
{
	return atomic_load(&fake_of(c)->wall);
}

static int64_t fake_mono(const struct clock *c)
{
	return atomic_load(&fake_of(c)->mono);
}

void clock_fake_init(struct clock_fake *f, int64_t wall_ms)
{
	f->clock = (struct clock){ fake_wall, fake_mono };
	atomic_init(&f->wall, wall_ms);
	atomic_init(&f->mono, 0);
}

void clock_fake_advance(struct clock_fake *f, int64_t ms)
{
	atomic_fetch_add(&f->wall, ms);
	atomic_fetch_add(&f->mono, ms);
}
