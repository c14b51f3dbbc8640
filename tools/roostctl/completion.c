/*
 * roostctl completion: shell functions made from the table of commands, so that they cannot drift from it. Completed are
 * the words of commands and the options of each.
 */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/runs.h>

#include <stdio.h>

/* "account add:--name --password-stdin" a command and line. */
static void put_commands(void)
{
	for (const struct command *c = commands; c->name; c++) {
		printf("%s:", c->name);
		for (int o = 0; o < OPTION_MAX_; o++)
			if (c->options & TAKES(o))
				printf("--%s ", options[o].name);
		putchar('\n');
	}
}

static const char bash[] =
	"_roostctl() {\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} typed=() word i\n"
	"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	"\t\tword=${COMP_WORDS[i]}\n"
	"\t\tif [ \"$word\" = -c ]; then i=$((i + 1)); continue; fi\n"
	"\t\ttyped+=(\"$word\")\n"
	"\tdone\n"
	"\tif [ \"${COMP_WORDS[COMP_CWORD - 1]}\" = -c ]; then COMPREPLY=($(compgen -f -- \"$cur\")); return; fi\n"
	"\tCOMPREPLY=($(compgen -W \"$(_roostctl_words \"${typed[*]}\")\" -- \"$cur\"))\n"
	"\tif [ ${#COMPREPLY[@]} -eq 0 ]; then COMPREPLY=($(compgen -f -- \"$cur\")); fi\n"
	"}\n"
	"complete -o filenames -F _roostctl roostctl\n";

static const char zsh[] =
	"_roostctl() {\n"
	"\tlocal -a typed found\n"
	"\tlocal i\n"
	"\tfor ((i = 2; i < CURRENT; i++)); do\n"
	"\t\tif [[ $words[i] == -c ]]; then i=$((i + 1)); continue; fi\n"
	"\t\ttyped+=($words[i])\n"
	"\tdone\n"
	"\tfound=(${=$(_roostctl_words \"$typed\")})\n"
	"\tif (( $#found )) && [[ $words[CURRENT - 1] != -c ]]; then compadd -a found; else _files; fi\n"
	"}\n"
	"compdef _roostctl roostctl\n";

/* What may follow the words typed so far: the next word of a command, or the options of the one that they begin with. */
static const char words[] = "_roostctl_words() {\n"
			    "\tprintf '%s\\n' \"$_roostctl_commands\" | awk -F: -v typed=\"$1\" '\n"
			    "\t\tBEGIN { n = split(typed, t, \" \") }\n"
			    "\t\tNF {\n"
			    "\t\t\tm = split($1, w, \" \")\n"
			    "\t\t\tfor (i = 1; i <= n && i <= m && t[i] == w[i]; i++) ;\n"
			    "\t\t\tif (i > m) { best = $2 } else if (i > n) { print w[n + 1] }\n"
			    "\t\t}\n"
			    "\t\tEND { print best }' | sort -u\n"
			    "}\n";

enum status completion_run(struct ctl *c, const struct args *args)
{
	struct str shell = str_of(args->word[0]);
	bool is_bash = str_eq(shell, S("bash"));

	(void)c;
	if (!is_bash && !str_eq(shell, S("zsh"))) {
		ctl_say("completion: " STR_FMT ": not a shell that is known: bash or zsh", STR_ARG(shell));
		return STATUS_MISUSED;
	}
	fputs("# roostctl completion: made from its table of commands\n_roostctl_commands='", stdout);
	put_commands();
	fputs("'\n", stdout);
	fputs(words, stdout);
	fputs(is_bash ? bash : zsh, stdout);
	return ctl_flush();
}
