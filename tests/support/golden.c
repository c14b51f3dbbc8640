/* Reads, compares, and writes where it is told to. */
#include <tests/support/golden.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

enum { DOCUMENT_MAX = 1024 * 1024 };

/* An element a line. */
static void unfold(struct buf *out, struct str document)
{
	for (size_t i = 0; i < document.n; i++) {
		buf_char(out, document.p[i]);
		if (document.p[i] == '>' && i + 1 < document.n && document.p[i + 1] == '<')
			buf_char(out, '\n');
	}
	if (document.n && document.p[document.n - 1] != '\n')
		buf_char(out, '\n');
}

static void read_file(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "r");
	char chunk[4096];

	if (!f)
		fail_msg("no %s", path);
	for (size_t n; (n = fread(chunk, 1, sizeof(chunk), f)) > 0;)
		buf_put(out, chunk, n);
	fclose(f);
}

static void write_golden(const char *path, struct str text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text.p, 1, text.n, f), text.n);
	assert_int_equal(fclose(f), 0);
}

void golden_read(const char *folder, const char *name, struct buf *out)
{
	struct buf path = BUF_INIT(4096);

	buf_fmt(&path, "tests/golden/%s/%s%c", folder, name, '\0');
	read_file(path.p, out);
	assert_int_equal(buf_status(out), ERR_OK);
	buf_release(&path);
}

void golden_expect(const char *folder, const char *name, struct str document)
{
	struct buf path = BUF_INIT(4096), unfolded = BUF_INIT(DOCUMENT_MAX), golden = BUF_INIT(DOCUMENT_MAX);

	buf_fmt(&path, "tests/golden/%s/%s%c", folder, name, '\0');
	unfold(&unfolded, document);
	if (getenv("ROOST_GOLDEN_WRITE"))
		write_golden(path.p, buf_view(&unfolded));
	read_file(path.p, &golden);
	if (!str_eq(buf_view(&golden), buf_view(&unfolded)))
		fail_msg("%s:\n" STR_FMT, name, STR_ARG(buf_view(&unfolded)));
	buf_release(&path);
	buf_release(&unfolded);
	buf_release(&golden);
}
