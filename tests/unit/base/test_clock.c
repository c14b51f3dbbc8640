/* The real clock and the fake one. */
#include <base/clock.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <time.h>

static void the_real_clock_tells_the_time_of_the_system(void **unused)
{
	const struct clock *c = clock_real();
	int64_t before = (int64_t)time(NULL) * 1000, mono = clock_mono_ms(c);
	int64_t wall = clock_wall_ms(c);

	(void)unused;
	/* time(2) may lag behind clock_gettime(2) by a tick. */
	assert_true(wall >= before - 100);
	assert_true(wall <= ((int64_t)time(NULL) + 2) * 1000);
	assert_true(clock_mono_ms(c) >= mono);
}

static void the_fake_clock_moves_only_when_told(void **unused)
{
	struct clock_fake f;

	(void)unused;
	clock_fake_init(&f, 1700000000000);
	assert_true(clock_wall_ms(&f.clock) == 1700000000000);
	assert_true(clock_mono_ms(&f.clock) == 0);
	clock_fake_advance(&f, 59 * 60 * 1000);
	assert_true(clock_wall_ms(&f.clock) == 1700000000000 + 59 * 60 * 1000);
	assert_true(clock_mono_ms(&f.clock) == 59 * 60 * 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_real_clock_tells_the_time_of_the_system),
		cmocka_unit_test(the_fake_clock_moves_only_when_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
