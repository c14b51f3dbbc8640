/* The table of commands. */
#include <tools/roostctl/password_input.h>
#include <tools/roostctl/runs.h>

#define JSON TAKES(OPTION_JSON)
#define FOLDER TAKES(OPTION_FOLDER)

const struct command commands[] = {
	{ "account add", "ADDRESS", 1, 1, PASSWORD_OPTIONS | TAKES(OPTION_NAME), 0, account_run_add,
	  "Makes an account with its mailbox; asks for a password unless an option says where it is." },
	{ "account list", "", 0, 0, JSON, 0, account_run_list, "Lists the accounts." },
	{ "account passwd", "ADDRESS", 1, 1, PASSWORD_OPTIONS, 0, account_run_passwd, "Sets another password." },
	{ "account disable", "ADDRESS", 1, 1, 0, 0, account_run_disable,
	  "Keeps the account from logging in; mail still comes in." },
	{ "account enable", "ADDRESS", 1, 1, 0, 0, account_run_enable, "Undoes account disable." },
	{ "account remove", "ADDRESS", 1, 1, TAKES(OPTION_YES), 0, account_run_remove,
	  "Removes the account with all its mail, for good; only with --yes." },
	{ "account alias add", "ADDRESS ALIAS", 2, 2, 0, 0, alias_run_add, "Gives the account a further address." },
	{ "account alias remove", "ADDRESS ALIAS", 2, 2, 0, 0, alias_run_remove, "Takes an address from the account." },
	{ "account alias list", "ADDRESS", 1, 1, JSON, 0, alias_run_list, "Lists the addresses of the account." },
	{ "import", "ADDRESS PATH…", 2, COMMAND_WORDS_ANY, FOLDER, 0, import_run,
	  "Adds mail from Maildirs, mboxes and message files; what is there already is not added again." },
	{ "deliver", "ADDRESS", 1, 1, 0, 0, deliver_run, "Delivers the message on standard input to the Inbox." },
	{ 0 },
};
