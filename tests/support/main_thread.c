/*
 * Between the tests and cmocka (the linker's --wrap, see CMakeLists.txt): an assertion on a thread that is not the main one
 * ends the program at once and says where it stands, also where it holds. cmocka's own way would be to end it without a word,
 * and only on the day that the assertion fails. What such a thread may do instead: elsewhere.h.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static pthread_t main_thread; /* a child of fork() has it too */

__attribute__((constructor)) static void remember_the_main_thread(void)
{
	main_thread = pthread_self();
}

static void belongs_here(const char *file, int line)
{
	if (pthread_equal(pthread_self(), main_thread))
		return;
	fprintf(stderr, "%s:%d: an assertion on a thread that is not the main one\n", file, line);
	abort();
}

/* name, its parameters up to file and line, and their names. */
#define WRAP(name, params, args)          \
	void __real_##name params;        \
	void __wrap_##name params;        \
	void __wrap_##name params         \
	{                                 \
		belongs_here(file, line); \
		__real_##name args;       \
	}

#define NUMBER LargestIntegralType
#define AT const char *const file, const int line

WRAP(_assert_true, (const NUMBER result, const char *const text, AT), (result, text, file, line))
WRAP(_assert_int_equal, (const NUMBER a, const NUMBER b, AT), (a, b, file, line))
WRAP(_assert_int_not_equal, (const NUMBER a, const NUMBER b, AT), (a, b, file, line))
WRAP(_assert_in_range, (const NUMBER value, const NUMBER min, const NUMBER max, AT), (value, min, max, file, line))
WRAP(_assert_string_equal, (const char *const a, const char *const b, AT), (a, b, file, line))
WRAP(_assert_string_not_equal, (const char *const a, const char *const b, AT), (a, b, file, line))
WRAP(_assert_memory_equal, (const void *const a, const void *const b, const size_t n, AT), (a, b, n, file, line))
WRAP(_assert_memory_not_equal, (const void *const a, const void *const b, const size_t n, AT), (a, b, n, file, line))
WRAP(_fail, (AT), (file, line))
