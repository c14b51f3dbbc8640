/* What was typed after a command's name, checked against its row of the table. Pure. */
#ifndef ROOSTCTL_ARGS_H
#define ROOSTCTL_ARGS_H

#include <tools/roostctl/command.h>

struct args {
	const char *option[OPTION_MAX_]; /* NULL: not given; "" for one that takes no value */
	char *const *word;               /* in the order they were typed */
	int words_n;
};

/*
 * Options may stand anywhere, as "--name VALUE" or "--name=VALUE"; what follows "--" is words. argv is reordered and
 * *ret points into it. False: *why tells what was wrong and what was expected.
 */
bool args_parse(const struct command *command, int argc, char **argv, struct args *ret, struct buf *why);

#endif
