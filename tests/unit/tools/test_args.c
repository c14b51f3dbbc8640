/* The table of commands, what is typed, and the manual page, which must not drift from the table. */
#include <tools/roostctl/args.h>

#include <base/mem.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { WORDS_MAX = 16, TEXT_MAX = 64 * 1024 };

static const char manual_path[] = "docs/man/roostctl.1";

/* Cuts at blanks; the caller frees. */
static int split(char *line, char **argv)
{
	int argc = 0;

	for (char *p = line; *p;) {
		assert_true(argc < WORDS_MAX);
		argv[argc++] = p;
		while (*p && *p != ' ')
			p++;
		if (*p)
			*p++ = '\0';
	}
	return argc;
}

/* "name: words joined by +: option=value …", or "unknown", or what is wrong. */
static void run(const char *typed, struct buf *out)
{
	char *line = mem_cstr(typed), *argv[WORDS_MAX];
	int argc = split(line, argv), words;
	const struct command *c = command_find(argc, argv, &words);
	struct args args;

	if (!c) {
		buf_cstr(out, "unknown");
	} else if (args_parse(c, argc - words, argv + words, &args, out)) {
		buf_fmt(out, "%s:", c->name);
		for (int i = 0; i < args.words_n; i++)
			buf_fmt(out, " %s", args.word[i]);
		for (unsigned i = 0; i < OPTION_MAX_; i++)
			if (args.option[i])
				buf_fmt(out, " %s=%s", options[i].name, args.option[i]);
	}
	free(line);
}

static void what_is_typed_is_checked_against_the_table(void **unused)
{
	static const struct {
		const char *typed, *result;
	} cases[] = {
		{ "account list", "account list:" },
		{ "account list --json", "account list: json=" },
		{ "account add a@b", "account add: a@b" },
		{ "account add --name X a@b --password-stdin", "account add: a@b name=X password-stdin=" },
		{ "account add --name=X=Y a@b", "account add: a@b name=X=Y" },
		{ "account add --name= a@b", "account add: a@b name=" },
		{ "account add -- --json", "account add: --json" },
		{ "account alias add a@b c@d", "account alias add: a@b c@d" },
		{ "import a@b x --folder A/B y z", "import: a@b x y z folder=A/B" },
		{ "import a@b -", "import: a@b -" },
		{ "account rename a@b c@d", "account rename: a@b c@d" },
		{ "folder add a@b Kids --class calendar", "folder add: a@b Kids class=calendar" },
		{ "account", "unknown" },
		{ "account nothing", "unknown" },
		{ "accountadd", "unknown" },
		{ "account add", "expected ADDRESS" },
		{ "account add a@b c@d", "unexpected \"c@d\"" },
		{ "account add a@b --json", "unknown option --json" },
		{ "account add a@b --nothing", "unknown option --nothing" },
		{ "account add a@b -x", "unknown option -x" },
		{ "account add a@b --name", "--name needs NAME" },
		{ "account add a@b --password-stdin=x", "--password-stdin takes no value" },
		{ "account list --json --json", "--json is given twice" },
		{ "import a@b", "expected ADDRESS PATH…" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf out = BUF_INIT(TEXT_MAX);

		run(cases[i].typed, &out);
		if (!str_eq(buf_view(&out), str_of(cases[i].result)))
			fail_msg("%s: " STR_FMT, cases[i].typed, STR_ARG(buf_view(&out)));
		buf_release(&out);
	}
}

static void no_name_is_the_beginning_of_a_later_one(void **unused)
{
	(void)unused;
	for (const struct command *c = commands; c->name; c++) {
		char *line = mem_cstr(c->name), *argv[WORDS_MAX];
		int argc = split(line, argv), words;

		if (command_find(argc, argv, &words) != c || words != argc)
			fail_msg("%s is not found under its name", c->name);
		free(line);
	}
}

static void every_listing_can_be_json(void **unused)
{
	(void)unused;
	for (const struct command *c = commands; c->name; c++)
		if ((str_ends(str_of(c->name), S(" list")) || str_eq(str_of(c->name), S("device show"))) &&
		    !(c->options & TAKES(OPTION_JSON)))
			fail_msg("%s", c->name);
}

static void read_manual(const char *path, struct buf *ret)
{
	FILE *f = fopen(path, "r");
	int c;

	if (!f)
		fail_msg("%s cannot be opened", path);
	while ((c = fgetc(f)) != EOF)
		if (c != '\\') /* "\-" is a '-' that can be copied */
			buf_char(ret, (char)c);
	fclose(f);
}

/* The manual has a line `.B "usage"` for each command, in the order of the table, and no other such line. */
static void the_manual_page_has_the_commands_of_the_table(void **unused)
{
	struct buf manual = BUF_INIT(TEXT_MAX);
	const struct command *c = commands;
	struct str rest, line;

	(void)unused;
	read_manual(manual_path, &manual);
	assert_int_equal(buf_status(&manual), ERR_OK);
	rest = buf_view(&manual);
	while (str_cut(&rest, '\n', &line)) {
		struct buf usage = BUF_INIT(COMMAND_USAGE_MAX);

		if (!str_starts(line, S(".B \"")))
			continue;
		line = str_slice(line, 4, line.n - 1);
		if (!c->name)
			fail_msg("not in the table: " STR_FMT, STR_ARG(line));
		command_usage(&usage, c++);
		if (!str_eq(line, buf_view(&usage)))
			fail_msg("the manual says \"" STR_FMT "\", the table \"" STR_FMT "\"", STR_ARG(line),
				 STR_ARG(buf_view(&usage)));
		buf_release(&usage);
	}
	if (c->name)
		fail_msg("not in the manual: %s", c->name);
	buf_release(&manual);
}

/* A line of text that begins with a dot or an apostrophe is taken for a request that troff does not know, and is not shown. */
static bool is_lost(struct str line)
{
	static const char *const requests[] = { ".br", ".nf", ".fi" };

	if (line.n < 2 || (line.p[0] != '.' && line.p[0] != '\'') || (line.p[1] >= 'A' && line.p[1] <= 'Z'))
		return false;
	for (size_t i = 0; i < countof(requests); i++)
		if (str_eq(line, str_of(requests[i])))
			return false;
	return !str_starts(line, S(".\" ")); /* a comment, without its backslash */
}

static void no_line_of_a_manual_page_is_lost(void **unused)
{
	static const char *const pages[] = { "docs/man/roostctl.1", "docs/man/roostd.8", "docs/man/roost.conf.5" };

	(void)unused;
	assert_true(is_lost(S(". <(roostctl completion bash)")));
	for (size_t i = 0; i < countof(pages); i++) {
		struct buf manual = BUF_INIT(TEXT_MAX);
		struct str rest, line;

		read_manual(pages[i], &manual);
		rest = buf_view(&manual);
		while (str_cut(&rest, '\n', &line))
			if (is_lost(line))
				fail_msg("%s: " STR_FMT, pages[i], STR_ARG(line));
		buf_release(&manual);
	}
}

static void what_is_unknown_is_answered_with_what_there_is(void **unused)
{
	struct buf names = BUF_INIT(TEXT_MAX);

	(void)unused;
	assert_true(command_group_known("oof"));
	assert_false(command_group_known("oo"));
	command_names(&names, "oof");
	assert_true(str_eq(buf_view(&names), S("show, set")));
	buf_clear(&names);
	command_names(&names, NULL);
	assert_true(str_starts(buf_view(&names), S("account, domain, auth, import, ")));
	assert_true(str_ends(buf_view(&names), S(", sweep")));
	buf_release(&names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_typed_is_checked_against_the_table),
		cmocka_unit_test(no_name_is_the_beginning_of_a_later_one),
		cmocka_unit_test(every_listing_can_be_json),
		cmocka_unit_test(the_manual_page_has_the_commands_of_the_table),
		cmocka_unit_test(no_line_of_a_manual_page_is_lost),
		cmocka_unit_test(what_is_unknown_is_answered_with_what_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
