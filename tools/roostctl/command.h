/*
 * The commands of roostctl: one table (commands.c) of names, words, options and functions. Usage lines, the checks of
 * what was typed, and the test of the manual page come from it.
 */
#ifndef ROOSTCTL_COMMAND_H
#define ROOSTCTL_COMMAND_H

#include <base/buf.h>

struct ctl;
struct args;

/* Exit statuses of the program. */
enum status { STATUS_DONE, STATUS_FAILED, STATUS_MISUSED };

enum { COMMAND_USAGE_MAX = 1024 }; /* bytes of a usage line */

enum option {
	OPTION_NAME,
	OPTION_PASSWORD_STDIN,
	OPTION_PASSWORD_FILE,
	OPTION_NO_PASSWORD,
	OPTION_FOLDER,
	OPTION_YES,
	OPTION_JSON,
	OPTION_SERVER,
	OPTION_CA,
	OPTION_RESOLVER,
	OPTION_GROUP,
	OPTION_SPREAD,
	OPTION_PATTERN,
	OPTION_DEVICE,
	OPTION_TYPE,
	OPTION_MODEL,
	OPTION_OS,
	OPTION_USER_AGENT,
	OPTION_ACCOUNT_ONLY,
	OPTION_THEN,
	OPTION_ONCE,
	OPTION_SERVICES,
	OPTION_LIMIT,
	OPTION_START,
	OPTION_END,
	OPTION_TO,
	OPTION_BODIES,
	OPTION_MINUTES,
	OPTION_MEETINGS,
	OPTION_EDIT,
	OPTION_FILE,
	OPTION_CLASS,
	OPTION_MAX_
};

#define TAKES(option) (1u << (option))

enum command_flags {
	COMMAND_WITHOUT_STORE = 1,  /* the configuration is all it needs */
	COMMAND_WITHOUT_CONFIG = 2, /* it needs nothing */
};

struct command {
	const char *name;  /* its words, a blank between */
	const char *words; /* what follows, for usage lines: "ADDRESS PATH…" */
	int words_min, words_max;
	unsigned options; /* TAKES() of each that it knows */
	unsigned flags;
	enum status (*run)(struct ctl *c, const struct args *args); /* says itself what went wrong */
	const char *what;                                           /* it does, for people */
};

enum { COMMAND_WORDS_ANY = 1000000 };

/* The whole table, ended by a NULL name. */
extern const struct command commands[];

struct option_def {
	const char *name;  /* without dashes */
	const char *value; /* what it takes, for usage lines; NULL: nothing */
};
extern const struct option_def options[OPTION_MAX_];

/* The command that argv begins with and how many words that are, or NULL. */
const struct command *command_find(int argc, char *const *argv, int *ret_words);

/* "account add ADDRESS [--name NAME] …" */
void command_usage(struct buf *b, const struct command *command);
/* "  roostctl [-c FILE] account add …", and what it does in the next line. */
void command_describe(struct buf *b, const struct command *command);
/* Does a command begin with that word? */
bool command_group_known(const char *group);
/* All commands whose first word is `group`, described; NULL: all there are. */
void command_describe_group(struct buf *b, const char *group);
/* What may stand behind that word: "add, list, alias add"; NULL: the first words of all. */
void command_names(struct buf *b, const char *group);

#endif
