#include <tools/roostctl/args.h>

struct parsing {
	const struct command *command;
	int argc, at;
	char **argv;
	struct args args;
	struct buf *why;
};

static enum option option_by_name(struct str name)
{
	unsigned i = 0;

	while (i < OPTION_MAX_ && !str_eq(name, str_of(options[i].name)))
		i++;
	return (enum option)i;
}

/* One "--name", "--name=value" or "--name value" at p->at, of which the value is consumed, too. */
static bool parse_option(struct parsing *p)
{
	const char *text = p->argv[p->at] + 2, *equals = strchr(text, '='), *value = equals ? equals + 1 : NULL;
	struct str name = equals ? str_from(text, (size_t)(equals - text)) : str_of(text);
	enum option option = option_by_name(name);

	if (option == OPTION_MAX_ || !(p->command->options & TAKES(option))) {
		buf_fmt(p->why, "unknown option --" STR_FMT, STR_ARG(name));
		return false;
	}
	if (p->args.option[option]) {
		buf_fmt(p->why, "--%s is given twice", options[option].name);
		return false;
	}
	if (!options[option].value && value) {
		buf_fmt(p->why, "--%s takes no value", options[option].name);
		return false;
	}
	if (options[option].value && !value) {
		if (p->at + 1 == p->argc) {
			buf_fmt(p->why, "--%s needs %s", options[option].name, options[option].value);
			return false;
		}
		value = p->argv[++p->at];
	}
	p->args.option[option] = value ? value : "";
	return true;
}

static bool words_counted(struct parsing *p, int words)
{
	if (words < p->command->words_min) {
		buf_fmt(p->why, "expected %s", p->command->words);
		return false;
	}
	if (words > p->command->words_max) {
		buf_fmt(p->why, "unexpected \"%s\"", p->argv[p->command->words_max]);
		return false;
	}
	return true;
}

bool args_parse(const struct command *command, int argc, char **argv, struct args *ret, struct buf *why)
{
	struct parsing p = { .command = command, .argc = argc, .argv = argv, .why = why };
	bool only_words = false;
	int words = 0;

	for (; p.at < argc; p.at++) {
		const char *text = argv[p.at];

		if (only_words || strncmp(text, "--", 2) != 0) {
			if (!only_words && text[0] == '-' && text[1]) {
				buf_fmt(why, "unknown option %s", text);
				return false;
			}
			argv[words++] = argv[p.at];
		} else if (!text[2]) {
			only_words = true;
		} else if (!parse_option(&p)) {
			return false;
		}
	}
	if (!words_counted(&p, words))
		return false;
	p.args.word = argv;
	p.args.words_n = words;
	*ret = p.args;
	return true;
}
