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

static bool in_group(const struct command *c, const char *group)
{
	struct str rest = str_of(c->name), word;

	return str_cut(&rest, ' ', &word) && str_eq(word, str_of(group));
}

static bool group_known(const char *group)
{
	for (const struct command *c = commands; c->name; c++)
		if (in_group(c, group))
			return true;
	return false;
}

void command_usage_group(struct buf *b, const char *group)
{
	bool all = !group_known(group);

	for (const struct command *c = commands; c->name; c++) {
		if (!all && !in_group(c, group))
			continue;
		buf_cstr(b, "  roostctl [-c FILE] ");
		command_usage(b, c);
		buf_fmt(b, "\n      %s\n", c->what);
	}
}
