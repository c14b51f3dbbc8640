/* Log lines to stderr, one write(2) each so that threads do not mix. */
#include <base/log.h>

#include <base/buf.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { LOG_LINE_MAX = 8 * 1024 };

static _Atomic int wanted = LOG_LEVEL_INFO;

void log_set_level(enum log_level level)
{
	atomic_store(&wanted, (int)level);
}

bool log_wanted(enum log_level level)
{
	return (int)level <= atomic_load_explicit(&wanted, memory_order_relaxed);
}

static void put_time(struct buf *line)
{
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	if (!gmtime_r(&now.tv_sec, &tm))
		return;
	buf_fmt(line, "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		tm.tm_min, tm.tm_sec, now.tv_nsec / 1000000);
}

void log_event(enum log_level level, const char *event, const char *fmt, ...)
{
	static const char *const names[] = { "error", "warn", "info", "debug" };
	static const char *const journal[] = { "<3>", "<4>", "<6>", "<7>" };
	struct buf line = BUF_INIT(LOG_LINE_MAX);
	va_list ap;

	if (!log_wanted(level))
		return;
	if (getenv("JOURNAL_STREAM"))
		buf_cstr(&line, journal[level]);
	else
		put_time(&line);
	buf_fmt(&line, "level=%s event=%s ", names[level], event);
	va_start(ap, fmt);
	buf_vfmt(&line, fmt, ap);
	va_end(ap);
	line.err = ERR_OK; /* a line that is too long is lost from its last field on */
	if (line.n == line.max)
		line.n--;
	buf_char(&line, '\n');
	/* A full pipe loses the line; the server does not wait for its log. */
	if (write(STDERR_FILENO, line.p, line.n) < 0)
		(void)0;
	buf_release(&line);
}

static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c >= 0x7f || c == '"' || c == '=' || c == '\\')
			return false;
	}
	return s.n > 0;
}

struct log_quoted log_quote(struct str s)
{
	static const char digits[] = "0123456789abcdef";
	const size_t room = LOG_QUOTE_MAX - sizeof("...\"");
	bool plain = is_plain(s);
	struct log_quoted q;
	size_t n = 0, i = 0;

	if (!plain)
		q.text[n++] = '"';
	for (; i < s.n && n + 4 <= room; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\') {
			q.text[n++] = '\\';
			q.text[n++] = (char)c;
		} else if (c < ' ' || c == 0x7f) {
			q.text[n++] = '\\';
			q.text[n++] = 'x';
			q.text[n++] = digits[c >> 4];
			q.text[n++] = digits[c & 15];
		} else {
			q.text[n++] = (char)c;
		}
	}
	if (i < s.n) {
		memcpy(q.text + n, "...", 3);
		n += 3;
	}
	if (!plain)
		q.text[n++] = '"';
	q.text[n] = '\0';
	return q;
}
