/* Looking into the table of commands. */
#include <tools/roostctl/command.h>

const struct option_def options[OPTION_MAX_] = {
	[OPTION_NAME] = { "name", "NAME" },
	[OPTION_PASSWORD_STDIN] = { "password-stdin", NULL },
	[OPTION_PASSWORD_FILE] = { "password-file", "FILE" },
	[OPTION_NO_PASSWORD] = { "no-password", NULL },
	[OPTION_FOLDER] = { "folder", "FOLDER" },
	[OPTION_YES] = { "yes", NULL },
	[OPTION_JSON] = { "json", NULL },
	[OPTION_SERVER] = { "server", "HOST:PORT" },
	[OPTION_CA] = { "ca", "FILE" },
	[OPTION_RESOLVER] = { "resolver", "ADDRESS:PORT" },
	[OPTION_GROUP] = { "group", "GROUP" },
	[OPTION_SPREAD] = { "spread", "SECONDS" },
	[OPTION_PATTERN] = { "pattern", NULL },
	[OPTION_DEVICE] = { "device", "DEVICEID" },
	[OPTION_TYPE] = { "type", "TYPE" },
	[OPTION_MODEL] = { "model", "MODEL" },
	[OPTION_OS] = { "os", "OS" },
	[OPTION_USER_AGENT] = { "user-agent", "USERAGENT" },
	[OPTION_ACCOUNT_ONLY] = { "account-only", NULL },
	[OPTION_THEN] = { "then", "LEVEL" },
	[OPTION_ONCE] = { "once", NULL },
	[OPTION_SERVICES] = { "services", "SERVICE,…" },
	[OPTION_LIMIT] = { "limit", "N" },
	[OPTION_START] = { "start", "TIME" },
	[OPTION_END] = { "end", "TIME" },
	[OPTION_TO] = { "to", "WHOM" },
	[OPTION_BODIES] = { "bodies", NULL },
	[OPTION_MINUTES] = { "minutes", "N" },
	[OPTION_MEETINGS] = { "meetings", "both|copy|delegates" },
	[OPTION_EDIT] = { "edit", NULL },
	[OPTION_FILE] = { "file", "FILE" },
	[OPTION_CLASS] = { "class", "CLASS" },
};

/* How many words of argv the name takes; 0 where it is another name. */
static int words_matched(const char *name, int argc, char *const *argv)
{
	struct str rest = str_of(name), word;
	int n = 0;

	while (str_cut(&rest, ' ', &word)) {
		if (n == argc || !str_eq(word, str_of(argv[n])))
			return 0;
		n++;
	}
	return n;
}

const struct command *command_find(int argc, char *const *argv, int *ret_words)
{
	for (const struct command *c = commands; c->name; c++) {
		int n = words_matched(c->name, argc, argv);

		if (n > 0) {
			*ret_words = n;
			return c;
		}
	}
	return NULL;
}

void command_usage(struct buf *b, const struct command *command)
{
	buf_cstr(b, command->name);
	if (command->words[0])
		buf_fmt(b, " %s", command->words);
	for (unsigned i = 0; i < OPTION_MAX_; i++) {
		if (!(command->options & TAKES(i)))
			continue;
		buf_fmt(b, " [--%s%s%s]", options[i].name, options[i].value ? " " : "",
			options[i].value ? options[i].value : "");
	}
}

void command_describe(struct buf *b, const struct command *command)
{
	buf_cstr(b, "  roostctl [-c FILE] ");
	command_usage(b, command);
	buf_fmt(b, "\n      %s\n", command->what);
}

/* The first word of its name, and what is behind that. */
static struct str first_word(const struct command *c, struct str *ret_rest)
{
	struct str word = STR_EMPTY;

	*ret_rest = str_of(c->name);
	(void)str_cut(ret_rest, ' ', &word);
	return word;
}

static bool in_group(const struct command *c, const char *group)
{
	struct str rest;

	return str_eq(first_word(c, &rest), str_of(group));
}

bool command_group_known(const char *group)
{
	for (const struct command *c = commands; c->name; c++)
		if (in_group(c, group))
			return true;
	return false;
}

void command_describe_group(struct buf *b, const char *group)
{
	for (const struct command *c = commands; c->name; c++)
		if (!group || in_group(c, group))
			command_describe(b, c);
}

/* The table has commands of one group in several places: a word is named where it stands first. */
static bool is_first_of_group(const struct command *c)
{
	struct str rest, word = first_word(c, &rest);

	for (const struct command *before = commands; before != c; before++)
		if (str_eq(first_word(before, &rest), word))
			return false;
	return true;
}

void command_names(struct buf *b, const char *group)
{
	const char *between = "";

	for (const struct command *c = commands; c->name; c++) {
		struct str rest, word = first_word(c, &rest);

		if (group ? !in_group(c, group) : !is_first_of_group(c))
			continue;
		buf_fmt(b, "%s" STR_FMT, between, STR_ARG(group ? rest : word));
		between = ", ";
	}
}
