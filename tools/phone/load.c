/*
 * The load: starts the devices, a few at a time; when all hold a Ping, runs the wake command and measures how long
 * after its first line of output (or its start) each of the wanted wakes came.
 */
#include "load.h"

#include "fault.h"
#include "load_device.h"

#include <base/mem.h>

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 256, US_PER_S = 1000000 };

struct load {
	struct fleet fleet; /* first: the callbacks find the load by it */
	struct device **devices;
	uint32_t started, held, wakes;
	int64_t began_us, zero_us;
	int64_t *latencies_us; /* settings->wakes of them */
	pid_t child;           /* the wake command */
	int pipe;              /* its output; -1: none, or ended */
};

extern char **environ;

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * US_PER_S + t.tv_nsec / 1000;
}

static void on_held(struct fleet *f, struct device *d)
{
	struct load *l = (struct load *)f;

	(void)d;
	l->held++;
}

static void on_wake(struct fleet *f, int64_t at_us)
{
	struct load *l = (struct load *)f;

	if (l->wakes < f->settings->wakes)
		l->latencies_us[l->wakes++] = at_us;
}

static enum err allow_descriptors(uint32_t n, struct buf *why)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) < 0)
		return fault_err(why, ERR_IO, "getrlimit: %s", strerror(errno));
	r.rlim_cur = r.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &r) < 0 || r.rlim_cur < (rlim_t)n + LOAD_SPARE_DESCRIPTORS)
		return fault_err(why, ERR_LIMIT, "%u devices need more descriptors than the limit of %llu", n,
				 (unsigned long long)r.rlim_cur);
	return ERR_OK;
}

static enum err start_some(struct load *l)
{
	const struct settings *s = l->fleet.settings;

	while (l->started < s->devices && l->started - l->held < LOAD_MAX_STARTING) {
		struct device *d = device_new(&l->fleet, l->started, &l->fleet.why);

		if (!d)
			return ERR_IO;
		l->devices[l->started++] = d;
	}
	return ERR_OK;
}

/* The wake command */

static enum err spawn(struct load *l, int out)
{
	char *const argv[] = { (char *)(uintptr_t) "sh", (char *)(uintptr_t) "-c",
			       (char *)(uintptr_t)l->fleet.settings->wake_command, NULL };
	posix_spawn_file_actions_t actions;
	int rc;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	rc = posix_spawn(&l->child, "/bin/sh", &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return rc ? fault_err(&l->fleet.why, ERR_IO, "sh: %s", strerror(rc)) : ERR_OK;
}

static enum err run_wake_command(struct load *l)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = NULL };
	int ends[2];

	l->zero_us = now_us();
	if (!l->fleet.settings->wake_command)
		return ERR_OK;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return fault_err(&l->fleet.why, ERR_IO, "pipe: %s", strerror(errno));
	l->pipe = ends[0];
	epoll_ctl(l->fleet.epoll, EPOLL_CTL_ADD, l->pipe, &e);
	TRY(spawn(l, ends[1]));
	close(ends[1]);
	return ERR_OK;
}

/* Its first output is time zero; the rest is passed on. */
static void read_pipe(struct load *l, bool *first)
{
	char room[4096];
	int64_t now = now_us();
	ssize_t n = read(l->pipe, room, sizeof(room));

	if (n > 0) {
		if (*first)
			l->zero_us = now;
		*first = false;
		fwrite(room, 1, (size_t)n, stdout);
		return;
	}
	close(l->pipe);
	l->pipe = -1;
}

/* Reports */

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static unsigned long resident_kb(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	unsigned long pages = 0;
	char line[128];

	if (!f)
		return 0;
	if (fgets(line, sizeof(line), f)) {
		char *second = strchr(line, ' ');

		pages = second ? strtoul(second, NULL, 10) : 0;
	}
	fclose(f);
	return pages * (unsigned long)sysconf(_SC_PAGESIZE) / 1024;
}

static double cpu_s(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / US_PER_S;
}

static void report_held(const struct load *l)
{
	printf("held %u devices after %.1f s, %llu requests, %llu mails, client %lu KB resident, %.1f s cpu\n", l->held,
	       (double)(now_us() - l->began_us) / US_PER_S, (unsigned long long)l->fleet.requests,
	       (unsigned long long)l->fleet.mails, resident_kb(), cpu_s());
	fflush(stdout);
}

static void report_wakes(const struct load *l)
{
	uint32_t n = l->wakes;

	if (n == 0)
		return;
	for (uint32_t i = 0; i < n; i++)
		l->latencies_us[i] -= l->zero_us;
	qsort(l->latencies_us, n, sizeof(*l->latencies_us), compare);
	printf("%u wakes: p50 %.2f ms, p99 %.2f ms, max %.2f ms, client %lu KB resident, %.1f s cpu\n", n,
	       (double)l->latencies_us[n / 2] / 1000, (double)l->latencies_us[(uint64_t)n * 99 / 100] / 1000,
	       (double)l->latencies_us[n - 1] / 1000, resident_kb(), cpu_s());
}

/* The loop */

static enum err one_turn(struct load *l, bool *first)
{
	const struct settings *s = l->fleet.settings;
	struct epoll_event events[EVENTS];
	int64_t wait_s = (int64_t)s->timeout_s + (l->held == s->devices ? s->heartbeat_s : 0);
	int n = epoll_wait(l->fleet.epoll, events, EVENTS, (int)(wait_s * 1000));

	if (n == 0)
		return fault_err(&l->fleet.why, ERR_BUSY,
				 "nothing happened for %lld s; %u of %u devices hold, %u wakes", (long long)wait_s,
				 l->held, s->devices, l->wakes);
	if (n < 0 && errno != EINTR)
		return fault_err(&l->fleet.why, ERR_IO, "epoll: %s", strerror(errno));
	for (int i = 0; i < n; i++) {
		if (events[i].data.ptr)
			TRY(device_ready(events[i].data.ptr));
		else
			read_pipe(l, first);
	}
	return ERR_OK;
}

static enum err run(struct load *l)
{
	bool first = true;

	while (l->held < l->fleet.settings->devices) {
		TRY(start_some(l));
		TRY(one_turn(l, &first));
	}
	report_held(l);
	TRY(run_wake_command(l));
	while (l->wakes < l->fleet.settings->wakes || l->pipe >= 0)
		TRY(one_turn(l, &first));
	report_wakes(l);
	return ERR_OK;
}

static void finish(struct load *l)
{
	for (uint32_t i = 0; i < l->started; i++)
		device_free(&l->devices[i]);
	free(l->devices);
	free(l->latencies_us);
	if (l->pipe >= 0)
		close(l->pipe);
	if (l->child > 0)
		waitpid(l->child, NULL, 0);
	close(l->fleet.epoll);
	arena_release(&l->fleet.arena);
	buf_release(&l->fleet.unpacked);
	buf_release(&l->fleet.why);
}

enum err command_load(struct phone *p)
{
	const struct settings *s = &p->settings;
	struct load l = { .fleet = { .settings = s,
				     .password = p->identity.password,
				     .endpoint = p->wire.endpoint,
				     .arena = ARENA_INIT(LOAD_MAX_ARENA_BYTES),
				     .unpacked = BUF_INIT(REPLY_MAX_BODY_BYTES),
				     .why = BUF_INIT(FAULT_MAX_TEXT),
				     .now_us = now_us,
				     .on_held = on_held,
				     .on_wake = on_wake },
			  .began_us = now_us(),
			  .pipe = -1 };
	enum err e;

	l.devices = mem_array(s->devices, sizeof(*l.devices));
	l.latencies_us = mem_array(s->wakes + 1, sizeof(*l.latencies_us));
	l.fleet.epoll = epoll_create1(EPOLL_CLOEXEC);
	e = l.fleet.epoll < 0 ? ERR_IO : allow_descriptors(s->devices, &l.fleet.why);
	if (!e)
		e = run(&l);
	if (e)
		fault(&p->why, STR_FMT, STR_ARG(buf_view(&l.fleet.why)));
	finish(&l);
	return e;
}
