/* INI: what was read, written plainly and read again, is the same rows; lines only grow; views stay inside the text. */
#include <gateway/config/ini.h>

#include <base/buf.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_inside(struct str part, struct str text)
{
	check(part.n == 0 || (part.p >= text.p && part.p + part.n <= text.p + text.n));
}

/* Writes the good rows of the text, each on a line of its own. */
static void rewrite(struct str text, struct buf *b)
{
	struct ini_reader r = { text, 0 };
	struct ini_row row;
	unsigned line = 0;

	while (ini_next(&r, &row)) {
		check(row.line > line);
		line = row.line;
		check_inside(row.section, text);
		check_inside(row.label, text);
		check_inside(row.key, text);
		check_inside(row.value, text);
		if (row.kind == INI_SECTION)
			buf_fmt(b, "[" STR_FMT " " STR_FMT "]\n", STR_ARG(row.section), STR_ARG(row.label));
		if (row.kind == INI_VALUE)
			buf_fmt(b, STR_FMT " = " STR_FMT "\n", STR_ARG(row.key), STR_ARG(row.value));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf once = BUF_INIT(size * 4 + 4), twice = BUF_INIT(size * 4 + 4);

	rewrite(str_from(data, size), &once);
	check(buf_status(&once) == ERR_OK);
	rewrite(buf_view(&once), &twice);
	check(str_eq(buf_view(&once), buf_view(&twice)));
	buf_release(&once);
	buf_release(&twice);
	return 0;
}
