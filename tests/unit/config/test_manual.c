/* What is written about the configuration, compared with the table of keys: roost.conf(5) and docs/configuration.md. */
#include <base/buf.h>
#include <gateway/config/keys.h>

#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { TEXT_MAX = 1024 * 1024 };

static void read_file(const char *path, struct buf *b)
{
	FILE *f = fopen(path, "r");
	char piece[4096];
	size_t n;

	if (!f)
		fail_msg("%s", path);
	while ((n = fread(piece, 1, sizeof(piece), f)))
		buf_put(b, piece, n);
	fclose(f);
	assert_int_equal(buf_status(b), ERR_OK);
}

static size_t count_keys(void)
{
	size_t n = 0;

	while (config_key_at(n))
		n++;
	return n;
}

/* Notes that the key was met; fails where there is none of that name, or where it is met again. */
static void meet(bool *met, struct str section, struct str key)
{
	for (size_t i = 0; config_key_at(i); i++) {
		if (!str_eq(section, str_of(config_key_at(i)->section)) || !str_eq(key, str_of(config_key_at(i)->key)))
			continue;
		if (met[i])
			fail_msg("twice: [" STR_FMT "] " STR_FMT, STR_ARG(section), STR_ARG(key));
		met[i] = true;
		return;
	}
	fail_msg("not in the table: [" STR_FMT "] " STR_FMT, STR_ARG(section), STR_ARG(key));
}

static void assert_all_met(const bool *met, const char *where)
{
	for (size_t i = 0; config_key_at(i); i++)
		if (!met[i])
			fail_msg("not in %s: [%s] %s", where, config_key_at(i)->section, config_key_at(i)->key);
}

/* Lines `.B "[section] key"`. */
static void the_manual_page_has_the_keys_of_the_table(void **unused)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(TEXT_MAX);
	bool *met = calloc(count_keys(), sizeof(*met));
	struct str rest, line, section;

	(void)unused;
	read_file("docs/man/roost.conf.5", &text);
	rest = buf_view(&text);
	while (str_cut(&rest, '\n', &line)) {
		if (!str_starts(line, S(".B \"[")))
			continue;
		line = str_slice(line, sizeof(".B \"[") - 1, line.n - 1);
		assert_true(str_cut(&line, ']', &section) && line.n > 1);
		meet(met, section, str_slice(line, 1, line.n));
	}
	assert_all_met(met, "roost.conf(5)");
	free(met);
}

static struct str bare(struct str cell)
{
	cell = str_trim(cell);
	return cell.n > 2 && cell.p[0] == '`' ? str_slice(cell, 1, cell.n - 1) : STR_EMPTY;
}

/* Rows `| [section] or nothing | key, key | …`; "[tls NAME]" has the keys of [tls] again. */
static void the_page_for_people_has_them_too(void **unused)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(TEXT_MAX);
	bool *met = calloc(count_keys(), sizeof(*met));
	struct str rest, line, cell, key, section = STR_EMPTY;

	(void)unused;
	read_file("docs/configuration.md", &text);
	rest = buf_view(&text);
	while (str_cut(&rest, '\n', &line)) {
		if (!str_starts(line, S("| ")))
			continue;
		line = str_slice(line, 1, line.n);
		assert_true(str_cut(&line, '|', &cell));
		if (bare(cell).n)
			section = str_slice(bare(cell), 1, bare(cell).n - 1);
		assert_true(str_cut(&line, '|', &cell));
		while (section.n && !str_eq(section, S("tls NAME")) && cell.n && str_cut(&cell, ',', &key))
			meet(met, section, bare(key));
	}
	assert_all_met(met, "docs/configuration.md");
	free(met);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_manual_page_has_the_keys_of_the_table),
		cmocka_unit_test(the_page_for_people_has_them_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
