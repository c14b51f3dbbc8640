/* The names of a folder in order, a window at a time. */
#include <tools/roostctl/name_window.h>

#include <base/buf.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATH_BYTES = 4096, MULTIPLIER = 7919 }; /* prime, so that names are made in another order */

static void path_of(struct buf *b, const char *dir, size_t i)
{
	buf_clear(b);
	buf_fmt(b, "%s/%06zu", dir, i);
	buf_char(b, '\0');
}

static void walk(const char *dir, size_t n)
{
	struct name_window w = { 0 };
	struct buf path = BUF_INIT(PATH_BYTES);
	size_t seen = 0;

	do {
		assert_int_equal(name_window_next(&w, dir), ERR_OK);
		assert_true(w.n <= NAME_WINDOW);
		for (size_t i = 0; i < w.n; i++, seen++) {
			path_of(&path, dir, seen);
			assert_string_equal(w.names[i], path.p + strlen(dir) + 1);
		}
	} while (w.n > 0);
	assert_int_equal(seen, n);
	assert_int_equal(name_count(dir), n);
	buf_release(&path);
	name_window_release(&w);
}

static void every_name_comes_once_and_in_order(void **unused)
{
	static const size_t numbers[] = { 0, 1, NAME_WINDOW, (size_t)2 * NAME_WINDOW + 1 };
	const char *tmp = getenv("TMPDIR");
	struct buf path = BUF_INIT(PATH_BYTES);

	(void)unused;
	for (size_t c = 0; c < countof(numbers); c++) {
		struct buf name = BUF_INIT(PATH_BYTES);
		const char *dir;

		buf_fmt(&name, "%s/roost-names-XXXXXX", tmp ? tmp : "/tmp");
		buf_char(&name, '\0');
		dir = mkdtemp(name.p);
		assert_non_null(dir);
		for (size_t i = 0; i < numbers[c]; i++) {
			int fd;

			path_of(&path, dir, i * MULTIPLIER % numbers[c]);
			fd = open(path.p, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
			assert_true(fd >= 0);
			close(fd);
		}
		walk(dir, numbers[c]);
		for (size_t i = 0; i < numbers[c]; i++) {
			path_of(&path, dir, i);
			unlink(path.p);
		}
		rmdir(dir);
		buf_release(&name);
	}
	buf_release(&path);
}

static void a_folder_that_is_not_there_is_an_error(void **unused)
{
	struct name_window w = { 0 };

	(void)unused;
	assert_int_equal(name_window_next(&w, "/nonexistent/folder"), ERR_IO);
	assert_int_equal(name_count("/nonexistent/folder"), 0);
	name_window_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_name_comes_once_and_in_order),
		cmocka_unit_test(a_folder_that_is_not_there_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
