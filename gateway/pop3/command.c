#include <gateway/pop3/command.h>

#include <base/utf8.h>

typedef enum err parse_fn(struct str args, struct pop3_command *c);

/* The next word, at single blanks; .p NULL at the end. */
static struct str next_word(struct str *args)
{
	struct str word = STR_EMPTY;

	if (args->n == 0 || !str_cut(args, ' ', &word))
		return STR_EMPTY;
	return word;
}

static enum err parse_none(struct str args, struct pop3_command *c)
{
	(void)c;
	return args.n ? ERR_INVALID : ERR_OK;
}

/* All of the rest, blanks too: a password may hold some (RFC 1939 section 7). */
static enum err parse_text(struct str args, struct pop3_command *c)
{
	c->text = args;
	return args.n && utf8_valid(args) ? ERR_OK : ERR_INVALID;
}

static enum err parse_word(struct str args, struct pop3_command *c)
{
	c->text = next_word(&args);
	return args.n ? ERR_INVALID : ERR_OK;
}

static enum err parse_auth(struct str args, struct pop3_command *c)
{
	c->text = next_word(&args);
	c->more = next_word(&args);
	return args.n ? ERR_INVALID : ERR_OK;
}

static enum err read_number(struct str *args, uint64_t least, uint64_t *ret)
{
	struct str word = next_word(args);
	enum err e = str_to_u64(word, UINT32_MAX, ret);

	if (e == ERR_LIMIT) /* well-formed, and no message has it */
		*ret = UINT32_MAX;
	else if (e || *ret < least)
		return ERR_INVALID;
	return ERR_OK;
}

static enum err parse_number(struct str args, struct pop3_command *c)
{
	TRY(read_number(&args, 1, &c->number));
	return args.n ? ERR_INVALID : ERR_OK;
}

static enum err parse_number_or_none(struct str args, struct pop3_command *c)
{
	return args.n ? parse_number(args, c) : ERR_OK;
}

static enum err parse_top(struct str args, struct pop3_command *c)
{
	TRY(read_number(&args, 1, &c->number));
	TRY(read_number(&args, 0, &c->lines));
	return args.n ? ERR_INVALID : ERR_OK;
}

static const struct {
	struct str word;
	parse_fn *parse;
} verbs[] = {
	[POP3_AUTH] = { STR_INIT("AUTH"), parse_auth },
	[POP3_CAPA] = { STR_INIT("CAPA"), parse_none },
	[POP3_DELE] = { STR_INIT("DELE"), parse_number },
	[POP3_LANG] = { STR_INIT("LANG"), parse_word },
	[POP3_LIST] = { STR_INIT("LIST"), parse_number_or_none },
	[POP3_NOOP] = { STR_INIT("NOOP"), parse_none },
	[POP3_PASS] = { STR_INIT("PASS"), parse_text },
	[POP3_QUIT] = { STR_INIT("QUIT"), parse_none },
	[POP3_RETR] = { STR_INIT("RETR"), parse_number },
	[POP3_RSET] = { STR_INIT("RSET"), parse_none },
	[POP3_STAT] = { STR_INIT("STAT"), parse_none },
	[POP3_STLS] = { STR_INIT("STLS"), parse_none },
	[POP3_TOP] = { STR_INIT("TOP"), parse_top },
	[POP3_UIDL] = { STR_INIT("UIDL"), parse_number_or_none },
	[POP3_USER] = { STR_INIT("USER"), parse_text },
	[POP3_UTF8] = { STR_INIT("UTF8"), parse_none },
};
_Static_assert(countof(verbs) == POP3_VERB_MAX_, "a row for each verb");

static bool has_control(struct str line)
{
	for (size_t i = 0; i < line.n; i++)
		if ((unsigned char)line.p[i] < ' ' || line.p[i] == 0x7f)
			return true;
	return false;
}

/* Blanks at the end are some clients' habit; a password keeps its own. */
static struct str trim_end(struct str args, enum pop3_verb verb)
{
	while (verb != POP3_PASS && args.n && args.p[args.n - 1] == ' ')
		args.n--;
	return args;
}

enum err pop3_parse(struct str line, struct pop3_command *ret)
{
	struct str args = line, word = str_slice(line, 0, str_index(line, ' '));

	*ret = (struct pop3_command){ 0 };
	args = str_slice(args, word.n + 1, args.n);
	for (size_t i = 0; i < countof(verbs); i++) {
		if (!str_ieq(word, verbs[i].word))
			continue;
		ret->verb = (enum pop3_verb)i;
		return has_control(line) ? ERR_INVALID : verbs[i].parse(trim_end(args, ret->verb), ret);
	}
	return ERR_UNSUPPORTED;
}
