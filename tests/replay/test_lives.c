/*
 * The property test of the whole: random lives of three phones on one mailbox, and what everybody else does to it.
 *
 *	test_lives                            the lives that every build runs
 *	test_lives --lives N --first SEED     others
 *	test_lives --trace                    with every step on stdout
 *	test_lives --shrink SEED              leaves out steps of a life that fails while it still does, and shows the rest
 */
#include "life.h"

#include <base/log.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIVES_BY_DEFAULT = 80 };

static struct world w;
static unsigned long lives = LIVES_BY_DEFAULT, first = 1;
static bool trace;
static const bool *without;

static void every_life_ends_equal(void **unused)
{
	(void)unused;
	world_open(&w);
	w.trace = trace;
	for (unsigned long i = 0; i < lives; i++)
		life_live(&w, &(struct life){ .seed = first + i, .without = without });
	world_close(&w);
	/* Two folders that share a place of the table of answers push each other out, seldom. */
	assert_true(w.forgotten < 2 + lives / 10);
	print_message("%lu lives ended equal\n", lives);
}

static int run(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_life_ends_equal) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* In a process of its own, since a life that fails leaves everything as it was. */
static bool fails(const bool *left_out, bool show)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		if (!show && (dup2(null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0))
			_exit(0);
		without = left_out;
		exit(run());
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		perror("fork");
		exit(2);
	}
	return status != 0;
}

static int shrink(unsigned long seed)
{
	static bool left_out[LIFE_STEPS];

	lives = 1;
	first = seed;
	if (!fails(left_out, false)) {
		printf("the life of seed %lu ends equal\n", seed);
		return 0;
	}
	for (size_t part = LIFE_STEPS / 2; part > 0; part /= 2)
		for (size_t at = 0; at < LIFE_STEPS; at += part) {
			bool before[LIFE_STEPS];

			memcpy(before, left_out, sizeof(before));
			for (size_t i = at; i < at + part && i < LIFE_STEPS; i++)
				left_out[i] = true;
			if (memcmp(before, left_out, sizeof(before)) != 0 && !fails(left_out, false))
				memcpy(left_out, before, sizeof(left_out));
		}
	fails(left_out, true);
	return 1;
}

static unsigned long number(const char *text)
{
	uint64_t v;

	if (!text || str_to_u64(str_of(text), UINT32_MAX, &v)) {
		fprintf(stderr, "usage: test_lives [--lives N] [--first SEED] [--trace] [--shrink SEED]\n");
		exit(2);
	}
	return (unsigned long)v;
}

int main(int argc, char **argv)
{
	log_set_level(LOG_LEVEL_WARN);
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--trace") == 0)
			trace = true;
		else if (strcmp(argv[i], "--lives") == 0)
			lives = number(argv[++i]);
		else if (strcmp(argv[i], "--first") == 0)
			first = number(argv[++i]);
		else if (strcmp(argv[i], "--shrink") == 0)
			return shrink(number(argv[i + 1]));
		else
			number(NULL);
	}
	return run();
}
