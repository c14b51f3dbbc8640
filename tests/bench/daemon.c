/* Running of roostd. */
#include <tests/bench/daemon.h>

#include <base/buf.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { READY_TIMEOUT_S = 30, PATH_BYTES = 256 };

static NORETURN void die(const char *what)
{
	perror(what);
	exit(1);
}

static struct str path_in(struct buf *b, const char *dir, const char *name)
{
	buf_clear(b);
	buf_fmt(b, "%s/%s%c", dir, name, '\0');
	if (buf_status(b))
		die("path");
	return buf_view(b);
}

static void write_config(const char *path, const char *state_dir, const char *socket_path)
{
	FILE *f = fopen(path, "w");

	if (!f)
		die(path);
	fprintf(f,
		"[server]\nhostname = bench.example.test\ndefault_domain = example.test\nstate_dir = %s\n"
		"[activesync]\nthrottle_commands = 0\nthrottle_repeats = 0\n"
		"[http]\nlisten_plain = unix:%s\n",
		state_dir, socket_path);
	if (fclose(f))
		die(path);
}

/* Where the server says that it is ready, as to a supervisor. */
static int open_notify(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	const struct timeval timeout = { .tv_sec = READY_TIMEOUT_S };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(at.sun_path))
		die("path too long");
	memcpy(at.sun_path, path, strlen(path) + 1);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)))
		die("notify socket");
	return fd;
}

static NORETURN void run(const char *program, const char *config, const char *log)
{
	int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || dup2(fd, STDERR_FILENO) < 0)
		die(log);
	execl(program, program, "-c", config, (char *)NULL);
	die(program);
}

struct daemon daemon_start(const char *program, const char *state_dir)
{
	struct buf config = BUF_INIT(PATH_BYTES), log = BUF_INIT(PATH_BYTES), notify = BUF_INIT(PATH_BYTES),
		   http = BUF_INIT(PATH_BYTES);
	struct daemon d = { 0 };
	char said[16] = "";
	int fd;

	path_in(&config, state_dir, "roost.conf");
	path_in(&log, state_dir, "log.txt");
	fd = open_notify(path_in(&notify, state_dir, "ready").p);
	path_in(&http, state_dir, "http");
	if (http.n > sizeof(d.socket))
		die("path too long");
	memcpy(d.socket, http.p, http.n);
	write_config(config.p, state_dir, d.socket);
	setenv("NOTIFY_SOCKET", notify.p, 1);
	d.pid = fork();
	if (d.pid < 0)
		die("fork");
	if (d.pid == 0)
		run(program, config.p, log.p);
	if (recv(fd, said, sizeof(said), 0) <= 0)
		die("roostd did not start");
	close(fd);
	unlink(notify.p);
	buf_release(&config);
	buf_release(&log);
	buf_release(&notify);
	buf_release(&http);
	return d;
}

void daemon_stop(struct daemon *d)
{
	int status = 0;

	if (kill(d->pid, SIGTERM) || waitpid(d->pid, &status, 0) != d->pid)
		die("roostd");
	if (status)
		fprintf(stderr, "roostd ended with status %d\n", status);
}

int64_t daemon_cpu_ns(const struct daemon *d)
{
	struct timespec t;
	clockid_t clock;

	if (clock_getcpuclockid(d->pid, &clock) || clock_gettime(clock, &t))
		die("CPU clock of roostd");
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

uint64_t daemon_peak_rss(const struct daemon *d)
{
	struct buf path = BUF_INIT(PATH_BYTES);
	uint64_t kb = 0;
	char line[256];
	FILE *f;

	buf_fmt(&path, "/proc/%d/status%c", (int)d->pid, '\0');
	f = fopen(path.p, "r");
	if (!f)
		die(path.p);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, "VmHWM:", 6))
			kb = strtoull(line + 6, NULL, 10);
	fclose(f);
	buf_release(&path);
	return kb * 1024;
}
