/* roostctl: the administrator's hand. Finds the command in the table, checks what was typed, runs it. */
#include <tools/roostctl/ctl.h>

#include <base/log.h>
#include <gateway/content/calendar_quiet.h>

#include <signal.h>
#include <stdio.h>

static const char default_config[] = "/etc/roost.conf";

enum { HELP_MAX = 64 * 1024 };

/* Of the command, or the group of commands, that argv names; of all, where it names none. */
static enum status help(int argc, char **argv)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(HELP_MAX);
	int words;
	const struct command *command = command_find(argc, argv, &words);

	if (argc > 0 && !command && !command_group_known(argv[0])) {
		ctl_say("no command \"%s\"", argv[0]);
		return STATUS_MISUSED;
	}
	buf_cstr(&b, "usage:\n");
	if (command)
		command_describe(&b, command);
	else
		command_describe_group(&b, argc > 0 ? argv[0] : NULL);
	return fwrite(b.p, 1, b.n, stdout) == b.n ? STATUS_DONE : STATUS_FAILED;
}

/* No command begins like that: says what could have been meant, in a few lines. */
static enum status unknown(int argc, char **argv)
{
	CLEANUP(buf_release) struct buf names = BUF_INIT(HELP_MAX);
	const char *group = argc > 0 && command_group_known(argv[0]) ? argv[0] : NULL;

	command_names(&names, group);
	if (group && argc == 1)
		ctl_say("\"%s\" is the beginning of a command", group);
	else if (argc > 0)
		ctl_say("unknown command \"%s%s%s\"", argv[0], group ? " " : "", group ? argv[1] : "");
	fprintf(stderr,
		"usage: roostctl [-c FILE] %s%sCOMMAND [ARGUMENT…], where COMMAND is one of\n  " STR_FMT "\n"
		"roostctl help%s%s tells what each does.\n",
		group ? group : "", group ? " " : "", STR_ARG(buf_view(&names)), group ? " " : "", group ? group : "");
	return STATUS_MISUSED;
}

/* After what was wrong has been said. */
static enum status misused(const struct command *command)
{
	struct buf usage = BUF_INIT(COMMAND_USAGE_MAX);

	command_usage(&usage, command);
	fprintf(stderr, "usage: roostctl [-c FILE] " STR_FMT "\n", STR_ARG(buf_view(&usage)));
	buf_release(&usage);
	return STATUS_MISUSED;
}

static enum status run(const char *config_path, const struct command *command, int argc, char **argv)
{
	struct buf why = BUF_INIT(COMMAND_USAGE_MAX);
	struct ctl c = { 0 };
	struct args args;
	enum status status;

	if (!args_parse(command, argc, argv, &args, &why)) {
		ctl_say("%s: " STR_FMT, command->name, STR_ARG(buf_view(&why)));
		buf_release(&why);
		return misused(command);
	}
	if (command->flags & COMMAND_WITHOUT_CONFIG)
		status = STATUS_DONE;
	else if (command->flags & COMMAND_WITHOUT_STORE)
		status = ctl_read_config(&c, config_path);
	else
		status = ctl_open(&c, config_path);
	if (status == STATUS_DONE)
		status = command->run(&c, &args);
	ctl_close(&c);
	return status == STATUS_MISUSED ? misused(command) : status;
}

int main(int argc, char **argv)
{
	const char *config_path = default_config;
	const struct command *command;
	int words, at = 1;

	if (log_start())
		return STATUS_FAILED;
	cal_quiet_library();
	(void)signal(SIGPIPE, SIG_IGN); /* a reader that goes away is an error of writing */
	if (at < argc && strcmp(argv[at], "-c") == 0) {
		if (argc < 3) {
			ctl_say("-c needs FILE, the configuration");
			return STATUS_MISUSED;
		}
		config_path = argv[at + 1];
		at += 2;
	}
	if (at < argc && (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "help") == 0))
		return (int)help(argc - at - 1, argv + at + 1);
	if (at < argc && strcmp(argv[at], "--version") == 0)
		return printf("roostctl %s\n", ROOST_VERSION) > 0 ? STATUS_DONE : STATUS_FAILED;
	command = command_find(argc - at, argv + at, &words);
	if (!command)
		return (int)unknown(argc - at, argv + at);
	return (int)run(config_path, command, argc - at - words, argv + at + words);
}
