/* Log lines to stderr: made by the caller's thread, written one at a time and only where that does not block. */
#include <base/log.h>

#include <base/utf8.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* poll(2) calls a pipe writable when it takes this much without blocking. */
enum { LOG_LINE_MAX = PIPE_BUF };

struct line {
	char text[LOG_LINE_MAX];
	size_t n;
};

static _Atomic int wanted = LOG_LEVEL_INFO;
static _Atomic bool under_journal;

static pthread_mutex_t output = PTHREAD_MUTEX_INITIALIZER;
static uint64_t lost; /* lines not written since the last that was; under output */

void log_set_level(enum log_level level)
{
	atomic_store(&wanted, (int)level);
}

bool log_wanted(enum log_level level)
{
	return (int)level <= atomic_load_explicit(&wanted, memory_order_relaxed);
}

/* Is stderr the stream that systemd connected to its journal? It tells device and inode, "8:12345". */
static bool is_journal(int fd)
{
	struct str inode = str_of(getenv("JOURNAL_STREAM")), device;
	uint64_t dev, ino;
	struct stat st;

	return str_cut(&inode, ':', &device) && !str_to_u64(device, UINT64_MAX, &dev) &&
	       !str_to_u64(inode, UINT64_MAX, &ino) && fstat(fd, &st) == 0 && st.st_dev == dev && st.st_ino == ino;
}

enum err log_start(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		return ERR_IO;
	close(fd);
	atomic_store(&under_journal, is_journal(STDERR_FILENO));
	return ERR_OK;
}

/* What does not fit, a last byte for the line end kept, is cut. */
static void line_vfmt(struct line *l, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
static void line_vfmt(struct line *l, const char *fmt, va_list ap)
{
	static const char cut[] = "...";
	size_t room = sizeof(l->text) - 1 - l->n;
	int n = vsnprintf(l->text + l->n, room, fmt, ap);

	if (n < 0)
		return;
	if ((size_t)n < room) {
		l->n += (size_t)n;
		return;
	}
	l->n = sizeof(l->text) - 2;
	memcpy(l->text + l->n - strlen(cut), cut, strlen(cut));
}

static void line_fmt(struct line *l, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void line_fmt(struct line *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line_vfmt(l, fmt, ap);
	va_end(ap);
}

static void line_begin(struct line *l, enum log_level level, const char *event)
{
	static const char *const names[] = { "error", "warn", "info", "debug" };
	static const int journal[] = { 3, 4, 6, 7 }; /* syslog's priorities */
	struct timespec now;
	struct tm tm;

	l->n = 0;
	clock_gettime(CLOCK_REALTIME, &now);
	if (atomic_load(&under_journal))
		line_fmt(l, "<%d>", journal[level]);
	else if (gmtime_r(&now.tv_sec, &tm))
		line_fmt(l, "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
			 tm.tm_hour, tm.tm_min, tm.tm_sec, now.tv_nsec / 1000000);
	line_fmt(l, "level=%s event=%s ", names[level], event);
}

/* One event stays one line, whatever a field holds. */
static void line_end(struct line *l)
{
	for (size_t i = 0; i < l->n; i++)
		if ((unsigned char)l->text[i] < ' ')
			l->text[i] = ' ';
	while (l->n && l->text[l->n - 1] == ' ')
		l->n--;
	l->text[l->n++] = '\n';
}

/* Under output, so that between poll and write no other thread of ours takes the room. */
static bool line_write(const struct line *l)
{
	struct pollfd p = { STDERR_FILENO, POLLOUT, 0 };
	ssize_t n;

	if (poll(&p, 1, 0) != 1 || p.revents != POLLOUT)
		return false;
	do
		n = write(STDERR_FILENO, l->text, l->n);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)l->n;
}

static bool report_lost(void)
{
	struct line l;

	line_begin(&l, LOG_LEVEL_WARN, "log_lost");
	line_fmt(&l, "lines=%llu", (unsigned long long)lost);
	line_end(&l);
	if (!line_write(&l))
		return false;
	lost = 0;
	return true;
}

void log_event(enum log_level level, const char *event, const char *fmt, ...)
{
	struct line l;
	va_list ap;

	if (!log_wanted(level))
		return;
	line_begin(&l, level, event);
	va_start(ap, fmt);
	line_vfmt(&l, fmt, ap);
	va_end(ap);
	line_end(&l);
	pthread_mutex_lock(&output);
	if ((lost && !report_lost()) || !line_write(&l))
		lost++;
	pthread_mutex_unlock(&output);
}

static bool is_bare(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c >= 0x7f || c == '"' || c == '=' || c == '\\')
			return false;
	}
	return s.n > 0;
}

/* Writes the first character of s as it stands inside quotes to `to` (4 bytes); returns how many of s that took. */
static size_t quote_one(struct str s, char *to, size_t *ret_n)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char c = (unsigned char)s.p[0];
	uint32_t code;
	size_t n = utf8_decode(s, &code);

	if (n == 0 || code < ' ' || (code >= 0x7f && code <= 0x9f)) {
		/* No text, or a control character (C1 too: a terminal obeys them). Of two bytes the next call. */
		*ret_n = 4;
		memcpy(to, (char[]){ '\\', 'x', digits[c >> 4], digits[c & 15] }, 4);
		return 1;
	}
	if (c == '"' || c == '\\') {
		*ret_n = 2;
		memcpy(to, (char[]){ '\\', (char)c }, 2);
		return 1;
	}
	*ret_n = n;
	memcpy(to, s.p, n);
	return n;
}

struct log_quoted log_quote(struct str s)
{
	static const char tail[] = "...\"";
	const bool bare = is_bare(s);
	struct log_quoted q;
	size_t n = 0, at = 0;

	if (!bare)
		q.text[n++] = '"';
	while (at < s.n) {
		char one[4];
		size_t one_n, took = quote_one(str_slice(s, at, s.n), one, &one_n);

		if (n + one_n + sizeof(tail) > sizeof(q.text))
			break;
		memcpy(q.text + n, one, one_n);
		n += one_n;
		at += took;
	}
	if (at < s.n) {
		memcpy(q.text + n, "...", 3);
		n += 3;
	}
	if (!bare)
		q.text[n++] = '"';
	q.text[n] = '\0';
	return q;
}
