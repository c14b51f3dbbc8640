/* roost-phone: a simulated ActiveSync phone. Command line in, one command run, exit status out. */
#include "phone/commands.h"
#include "phone/operations.h"
#include "phone/fault.h"
#include "phone/load.h"
#include "phone/move.h"

#include <signal.h>
#include <stdio.h>

enum { EXIT_DONE, EXIT_FAULT, EXIT_USE };
enum { HELP_MAX_BYTES = 64 * 1024 };

static const struct {
	const char *name, *takes;
	int min_args, max_args;
	command_run *run;
	const char *help;
} commands[] = {
	{ "options", "", 0, 0, command_options, "ask for versions and commands" },
	{ "provision", "", 0, 0, command_provision, "fetch and acknowledge the policy" },
	{ "folders", "", 0, 0, command_folders, "FolderSync" },
	{ "sync", "", 0, 0, command_sync, "Sync until nothing is left to fetch" },
	{ "wait", "", 0, 0, command_wait, "one held Sync, and what it brings" },
	{ "ping", "", 0, 0, command_ping, "Ping until something changes" },
	{ "watch", "", 0, 0, command_watch, "sync, ping, sync, and so on" },
	{ "read", "MESSAGE…", 1, SYNC_MAX_COMMANDS, command_act, "mark as read (MESSAGE: a ServerId, see list)" },
	{ "unread", "MESSAGE…", 1, SYNC_MAX_COMMANDS, command_act, "mark as unread" },
	{ "flag", "MESSAGE…", 1, SYNC_MAX_COMMANDS, command_act, "flag for follow-up" },
	{ "unflag", "MESSAGE…", 1, SYNC_MAX_COMMANDS, command_act, "clear the flag" },
	{ "delete", "MESSAGE…", 1, SYNC_MAX_COMMANDS, command_act, "delete; into Deleted Items unless --for-good" },
	{ "move", "FOLDER MESSAGE…", 2, MOVE_MAX_ITEMS + 1, command_move, "MoveItems" },
	{ "estimate", "", 0, 0, command_estimate, "GetItemEstimate: how much a sync would bring" },
	{ "fetch", "MESSAGE…", 1, FETCH_MAX_ITEMS, command_fetch,
	  "ItemOperations: messages whole, compared with its own" },
	{ "send", "FILE", 1, 1, command_send, "SendMail: a message of header and body, as a copy into Sent Items too" },
	{ "reply", "MESSAGE FILE", 2, 2, command_reply, "SmartReply: the same, about a message that it has" },
	{ "forward", "MESSAGE FILE", 2, 2, command_forward, "SmartForward" },
	{ "event", "START END SUBJECT [ATTENDEE…]", 3, 3 + EVENT_MAX_ATTENDEES, command_event,
	  "add an event, as 20300716T100000Z 20300716T110000Z Lunch bob@example.test" },
	{ "accept", "MESSAGE", 1, 1, command_answer, "MeetingResponse to an invitation, by its mail or its event" },
	{ "tentative", "MESSAGE", 1, 1, command_answer, "the same: perhaps" },
	{ "decline", "MESSAGE", 1, 1, command_answer, "the same: no" },
	{ "settings", "", 0, 0, command_settings, "Settings: tell of the phone, ask for the user's addresses" },
	{ "status", "", 0, 0, command_status, "what the phone knows: keys and folders" },
	{ "list", "", 0, 0, command_list, "its messages: ServerId, file, read, flag" },
	{ "load", "", 0, 0, command_load, "many phones in one process: see the page roost-phone.md" },
};

static void print_help(void)
{
	CLEANUP(buf_release) struct buf options = BUF_INIT(HELP_MAX_BYTES);

	printf("roost-phone, a simulated ActiveSync phone\n\n"
	       "usage: roost-phone --url URL --user NAME --password-file FILE [options] COMMAND "
	       "[MESSAGE…]\n\ncommands:\n");
	for (size_t i = 0; i < countof(commands); i++)
		printf("  %s %s\n        %s\n", commands[i].name, commands[i].takes, commands[i].help);
	settings_put_help(&options);
	printf("\noptions:\n" STR_FMT
	       "\nexit status: 0 done (also when cut as asked), 1 the server or the phone failed, "
	       "2 wrong use\n",
	       STR_ARG(buf_view(&options)));
}

static int complain(const char *command, const struct buf *why, int status)
{
	fprintf(stderr, "roost-phone%s%s: " STR_FMT "\n", command ? " " : "", command ? command : "",
		STR_ARG(buf_view(why)));
	return status;
}

static int run(const struct settings *s, command_run *command)
{
	CLEANUP(phone_release) struct phone p;
	enum err e = phone_init(&p, s);

	if (!e)
		e = command(&p);
	if (e == ERR_STALE && s->cut != CUT_NEVER) {
		printf("cut, nothing saved\n");
		return EXIT_DONE;
	}
	if (e && p.why.n == 0)
		fault(&p.why, "%s", err_text(e));
	return e ? complain(s->command, &p.why, EXIT_FAULT) : EXIT_DONE;
}

static bool wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return true;
	return argc == 1;
}

int main(int argc, char **argv)
{
	CLEANUP(buf_release) struct buf why = BUF_INIT(FAULT_MAX_TEXT);
	struct settings s;

	if (wants_help(argc, argv)) {
		print_help();
		return EXIT_DONE;
	}
	signal(SIGPIPE, SIG_IGN);
	if (settings_parse(&s, argc, argv, &why))
		return complain(NULL, &why, EXIT_USE);
	for (size_t i = 0; i < countof(commands); i++) {
		if (strcmp(commands[i].name, s.command) != 0)
			continue;
		if (s.args_n < commands[i].min_args || s.args_n > commands[i].max_args) {
			fault(&why, "%s takes %s", s.command,
			      commands[i].max_args ? commands[i].takes : "no arguments");
			return complain(NULL, &why, EXIT_USE);
		}
		return run(&s, commands[i].run);
	}
	fault(&why, "%s: no such command (--help lists them)", s.command);
	return complain(NULL, &why, EXIT_USE);
}
