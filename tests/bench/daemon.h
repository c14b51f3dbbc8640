/*
 * The real roostd as a process of its own, so that its CPU and its memory are its own. It listens for HTTP at a Unix
 * socket in its state directory. Failures end the bench.
 */
#ifndef TESTS_BENCH_DAEMON_H
#define TESTS_BENCH_DAEMON_H

#include <stdint.h>
#include <sys/types.h>

struct daemon {
	pid_t pid;
	char socket[128]; /* path */
};

/* Returns once it is ready. Its log goes to log.txt in the state directory. */
struct daemon daemon_start(const char *program, const char *state_dir);
void daemon_stop(struct daemon *d);
int64_t daemon_cpu_ns(const struct daemon *d); /* user and system, so far */
uint64_t daemon_peak_rss(const struct daemon *d);

#endif
