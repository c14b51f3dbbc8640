/* Log lines as a reader of stderr sees them, and as they behave where nobody reads. */
#include <base/log.h>

#include <base/buf.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* stderr is a pipe while a test runs; what cmocka has to say comes out after. */
struct captured {
	int real, reader;
};

static void capture(struct captured *c)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	c->real = dup(STDERR_FILENO);
	c->reader = ends[0];
	assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	close(ends[1]);
}

static void release(struct captured *c)
{
	dup2(c->real, STDERR_FILENO);
	close(c->real);
	close(c->reader);
}

/* What is in the pipe now. */
static void drain(const struct captured *c, struct buf *b)
{
	ssize_t n;

	do {
		char *room = buf_reserve(b, 4096);

		assert_non_null(room);
		n = read(c->reader, room, 4096);
		buf_added(b, n > 0 ? (size_t)n : 0);
	} while (n > 0);
}

/* Fills the pipe so far that not one line fits. */
static void fill(void)
{
	static const char bytes[4096] = "";
	int flags = fcntl(STDERR_FILENO, F_GETFL);

	assert_int_equal(fcntl(STDERR_FILENO, F_SETFL, flags | O_NONBLOCK), 0);
	while (write(STDERR_FILENO, bytes, sizeof(bytes)) == (ssize_t)sizeof(bytes))
		;
	assert_int_equal(fcntl(STDERR_FILENO, F_SETFL, flags), 0);
}

static void a_line_is_logfmt_with_time_level_and_event(void **unused)
{
	struct buf b = BUF_INIT(1 << 16);
	struct captured c;
	struct str line;

	(void)unused;
	capture(&c);
	log_warn("listen", "address=%s port=%d", "127.0.0.1", 8443);
	log_error("bare", "%s", "");
	drain(&c, &b);
	release(&c);
	line = buf_view(&b);
	assert_true(line.n > 25);
	assert_int_equal(line.p[10], 'T');
	assert_int_equal(line.p[23], 'Z');
	assert_true(
		str_starts(str_slice(line, 24, line.n), S(" level=warn event=listen address=127.0.0.1 port=8443\n")));
	assert_true(str_ends(line, S(" level=error event=bare\n")));
	buf_release(&b);
}

static void levels_below_the_wanted_one_are_silent(void **unused)
{
	struct buf b = BUF_INIT(1 << 16);
	struct captured c;

	(void)unused;
	capture(&c);
	log_debug("unseen", "%s", "");
	log_set_level(LOG_LEVEL_ERROR);
	assert_false(log_wanted(LOG_LEVEL_WARN));
	log_warn("unseen", "%s", "");
	log_set_level(LOG_LEVEL_DEBUG);
	log_debug("seen", "%s", "");
	log_set_level(LOG_LEVEL_INFO);
	drain(&c, &b);
	release(&c);
	assert_true(str_ends(buf_view(&b), S("event=seen\n")));
	assert_int_equal(str_find(buf_view(&b), S("unseen")), b.n);
	buf_release(&b);
}

static void an_event_is_one_line_whatever_its_fields_hold(void **unused)
{
	struct buf b = BUF_INIT(1 << 16);
	struct captured c;
	char big[8192];

	(void)unused;
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	capture(&c);
	log_info("forged", "a=%s", "1\nlevel=error\r\x1b[2J");
	log_info("big", "a=%s", big);
	drain(&c, &b);
	release(&c);
	assert_true(str_find(buf_view(&b), S("a=1 level=error  [2J\n")) < b.n);
	assert_true(str_ends(buf_view(&b), S("xxx...\n")));
	assert_int_equal(str_index(str_slice(buf_view(&b), str_index(buf_view(&b), '\n') + 1, b.n), '\n'), 4096 - 2);
	buf_release(&b);
}

static void a_full_pipe_loses_lines_and_tells_how_many(void **unused)
{
	struct buf b = BUF_INIT(1 << 20);
	struct captured c;

	(void)unused;
	capture(&c);
	fill();
	for (int i = 0; i < 3; i++)
		log_info("lost", "i=%d", i); /* would stand still here for ever */
	drain(&c, &b);
	buf_clear(&b);
	log_info("found", "i=%d", 3);
	drain(&c, &b);
	release(&c);
	assert_true(str_find(buf_view(&b), S("level=warn event=log_lost lines=3\n")) < b.n);
	assert_true(str_ends(buf_view(&b), S("event=found i=3\n")));
	assert_int_equal(str_find(buf_view(&b), S("event=lost")), b.n);
	buf_release(&b);
}

static void a_stderr_that_is_closed_or_broken_is_harmless(void **unused)
{
	struct buf b = BUF_INIT(1 << 16);
	struct captured c;

	(void)unused;
	capture(&c);
	close(STDERR_FILENO);
	log_info("nowhere", "%s", "");
	release(&c);

	capture(&c);
	close(c.reader);
	c.reader = open("/dev/null", O_RDONLY | O_CLOEXEC);
	log_info("nobody", "%s", ""); /* no SIGPIPE: it would end this test */
	release(&c);

	capture(&c);
	log_info("back", "%s", "");
	drain(&c, &b);
	release(&c);
	assert_true(str_find(buf_view(&b), S("event=log_lost lines=2\n")) < b.n);
	assert_true(str_ends(buf_view(&b), S("event=back\n")));
	buf_release(&b);
}

static void start_gives_closed_descriptors_to_dev_null(void **unused)
{
	struct stat opened, null;
	struct captured c;

	(void)unused;
	capture(&c);
	close(STDERR_FILENO);
	assert_int_equal(log_start(), ERR_OK);
	assert_int_equal(fstat(STDERR_FILENO, &opened), 0);
	release(&c);
	assert_int_equal(stat("/dev/null", &null), 0);
	assert_true(opened.st_rdev == null.st_rdev);
	assert_int_equal(log_start(), ERR_OK);
}

static void under_the_journal_a_priority_replaces_the_time(void **unused)
{
	struct buf b = BUF_INIT(1 << 16);
	char stream[64];
	struct captured c;
	struct stat st;

	(void)unused;
	capture(&c);
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	assert_int_equal(log_start(), ERR_OK);
	log_warn("listen", "%s", "");
	setenv("JOURNAL_STREAM", "1:2", 1); /* another stream: stderr was redirected */
	assert_int_equal(log_start(), ERR_OK);
	log_warn("listen", "%s", "");
	unsetenv("JOURNAL_STREAM");
	assert_int_equal(log_start(), ERR_OK);
	drain(&c, &b);
	release(&c);
	assert_true(str_starts(buf_view(&b), S("<4>level=warn event=listen\n2")));
	buf_release(&b);
}

enum { THREADS = 8, LINES = 500 };

static void *write_lines(void *number)
{
	for (int i = 0; i < LINES; i++)
		log_info("thread", "n=%d i=%d", *(int *)number, i);
	return NULL;
}

static void check_line(struct str line, int next[THREADS])
{
	struct str at = str_slice(line, str_find(line, S("event=thread n=")), line.n);
	uint64_t n, i;

	assert_true(at.n > 0);
	at = str_slice(at, strlen("event=thread n="), at.n);
	assert_int_equal(str_to_u64(str_slice(at, 0, 1), THREADS - 1, &n), ERR_OK);
	assert_int_equal(str_to_u64(str_slice(at, strlen("0 i="), at.n), LINES - 1, &i), ERR_OK);
	assert_int_equal(i, next[n]++);
}

/* To a file, where no line is ever lost. */
static void lines_of_many_threads_stay_whole_and_in_order(void **unused)
{
	struct buf b = BUF_INIT(1 << 20);
	int numbers[THREADS], next[THREADS] = { 0 };
	pthread_t threads[THREADS];
	struct str rest, line;
	struct captured c;
	FILE *file = tmpfile();

	(void)unused;
	assert_non_null(file);
	capture(&c);
	dup2(fileno(file), STDERR_FILENO);
	for (int i = 0; i < THREADS; i++) {
		numbers[i] = i;
		assert_int_equal(pthread_create(&threads[i], NULL, write_lines, &numbers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	release(&c);
	rewind(file);
	c.reader = fileno(file);
	drain(&c, &b);
	fclose(file);
	rest = buf_view(&b);
	while (str_cut(&rest, '\n', &line) && rest.p)
		check_line(line, next);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(next[i], LINES);
	buf_release(&b);
}

static void values_are_quoted_where_they_must_be(void **unused)
{
	static const struct {
		const char *what;
		struct str s;
		const char *quoted;
	} cases[] = {
		{ "plain", STR_INIT("ann@example.test"), "ann@example.test" },
		{ "empty", { NULL, 0 }, "\"\"" },
		{ "blank", STR_INIT("a b"), "\"a b\"" },
		{ "equals", STR_INIT("a=b"), "\"a=b\"" },
		{ "quote and backslash", STR_INIT("a\"b\\"), "\"a\\\"b\\\\\"" },
		{ "line end and NUL", STR_INIT("a\n\0"), "\"a\\x0a\\x00\"" },
		{ "escape and delete", STR_INIT("\x1b\x7f"), "\"\\x1b\\x7f\"" },
		{ "UTF-8", STR_INIT("\xc3\xa4"), "\"\xc3\xa4\"" },
		{ "C1 control", STR_INIT("\xc2\x9b"), "\"\\xc2\\x9b\"" },
		{ "not UTF-8", STR_INIT("\xff\xc3"), "\"\\xff\\xc3\"" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct log_quoted q = log_quote(cases[i].s);

		if (strcmp(q.text, cases[i].quoted) != 0)
			fail_msg("%s: %s", cases[i].what, q.text);
	}
}

static void long_values_are_cut_within_their_room(void **unused)
{
	static const char *const units[] = { "a", " ", "\x01", "\xc3\xa4", "\xf0\x9f\x98\x80", "\"" };
	char text[1200];

	(void)unused;
	for (size_t u = 0; u < countof(units); u++) {
		for (size_t n = 230; n < 300; n++) {
			struct log_quoted q;
			struct str seen;

			for (size_t i = 0; i < n; i++)
				text[i] = units[u][i % strlen(units[u])];
			q = log_quote(str_from(text, n));
			seen = str_of(q.text);
			assert_true(seen.n < LOG_QUOTE_MAX);
			if (n > LOG_QUOTE_MAX)
				assert_true(str_find(seen, S("...")) >= seen.n - 4);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_logfmt_with_time_level_and_event),
		cmocka_unit_test(levels_below_the_wanted_one_are_silent),
		cmocka_unit_test(an_event_is_one_line_whatever_its_fields_hold),
		cmocka_unit_test(a_full_pipe_loses_lines_and_tells_how_many),
		cmocka_unit_test(a_stderr_that_is_closed_or_broken_is_harmless),
		cmocka_unit_test(start_gives_closed_descriptors_to_dev_null),
		cmocka_unit_test(under_the_journal_a_priority_replaces_the_time),
		cmocka_unit_test(lines_of_many_threads_stay_whole_and_in_order),
		cmocka_unit_test(values_are_quoted_where_they_must_be),
		cmocka_unit_test(long_values_are_cut_within_their_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
