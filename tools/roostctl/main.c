/* roostctl: the administrator's hand. Finds the command in the table, checks what was typed, runs it. */
#include <tools/roostctl/ctl.h>

#include <base/log.h>
#include <gateway/content/calendar_quiet.h>

#include <signal.h>
#include <stdio.h>

static const char default_config[] = "/etc/roost.conf";

enum { HELP_MAX = 64 * 1024 };

static enum status help(FILE *out, const char *group, enum status status)
{
	struct buf b = BUF_INIT(HELP_MAX);

	buf_cstr(&b, "usage:\n");
	command_usage_group(&b, group);
	fwrite(b.p, 1, b.n, out);
	buf_release(&b);
	return status;
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
		return (int)help(stdout, at + 1 < argc ? argv[at + 1] : "", STATUS_DONE);
	if (at < argc && strcmp(argv[at], "--version") == 0)
		return printf("roostctl %s\n", ROOST_VERSION) > 0 ? STATUS_DONE : STATUS_FAILED;
	command = command_find(argc - at, argv + at, &words);
	if (!command) {
		if (at < argc)
			ctl_say("unknown command \"%s%s%s\"", argv[at], at + 1 < argc ? " " : "",
				at + 1 < argc ? argv[at + 1] : "");
		return (int)help(stderr, at < argc ? argv[at] : "", STATUS_MISUSED);
	}
	return (int)run(config_path, command, argc - at - words, argv + at + words);
}
