/* LMTP command lines and dot-stuffing. */
#include <gateway/lmtp/command.h>

#include <base/utf8.h>

typedef enum err parse_fn(struct str args, struct lmtp_command *c);

/* The next word of *args, without case; empty at the end. */
static struct str next_word(struct str *args)
{
	struct str word;

	*args = str_trim(*args);
	word = str_slice(*args, 0, str_index(*args, ' '));
	*args = str_trim(str_slice(*args, word.n, args->n));
	return word;
}

static enum err parse_none(struct str args, struct lmtp_command *c)
{
	(void)c;
	return str_trim(args).n ? ERR_INVALID : ERR_OK;
}

static enum err parse_any(struct str args, struct lmtp_command *c)
{
	(void)args;
	(void)c;
	return ERR_OK;
}

static enum err parse_lhlo(struct str args, struct lmtp_command *c)
{
	c->name = next_word(&args);
	return c->name.n && !args.n ? ERR_OK : ERR_INVALID;
}

static bool is_path_text(struct str path)
{
	for (size_t i = 0; i < path.n; i++)
		if ((unsigned char)path.p[i] <= ' ' || path.p[i] == 0x7f || path.p[i] == '<' || path.p[i] == '>')
			return false;
	return utf8_valid(path);
}

/* <address>, with the source route that RFC 5321 says to ignore; what follows stays in *args. */
static enum err parse_path(struct str *args, struct str *ret)
{
	size_t end;

	*args = str_trim(*args);
	end = str_index(*args, '>');
	if (!str_starts(*args, S("<")) || end == args->n || end > LMTP_MAX_PATH)
		return ERR_INVALID;
	*ret = str_slice(*args, 1, end);
	*args = str_slice(*args, end + 1, args->n);
	if (args->n && args->p[0] != ' ')
		return ERR_INVALID;
	if (str_starts(*ret, S("@"))) {
		size_t colon = str_index(*ret, ':');

		if (colon == ret->n)
			return ERR_INVALID;
		*ret = str_slice(*ret, colon + 1, ret->n);
	}
	return is_path_text(*ret) ? ERR_OK : ERR_INVALID;
}

static enum err parse_mail_parameter(struct str word, struct lmtp_command *c)
{
	struct str value = word, key;

	if (!str_cut(&value, '=', &key))
		return ERR_INVALID;
	if (str_ieq(key, S("SIZE")))
		return str_to_u64(value, UINT64_MAX, &c->size) ? ERR_INVALID : ERR_OK;
	if (str_ieq(key, S("BODY")))
		return str_ieq(value, S("7BIT")) || str_ieq(value, S("8BITMIME")) ? ERR_OK : ERR_INVALID;
	if (str_ieq(word, S("SMTPUTF8"))) {
		c->utf8 = true;
		return ERR_OK;
	}
	return ERR_DENIED;
}

static enum err parse_mail(struct str args, struct lmtp_command *c)
{
	if (!str_istarts(args, S("FROM:")))
		return ERR_INVALID;
	args = str_slice(args, sizeof("FROM:") - 1, args.n);
	TRY(parse_path(&args, &c->path));
	while ((args = str_trim(args)).n)
		TRY(parse_mail_parameter(next_word(&args), c));
	return ERR_OK;
}

static enum err parse_rcpt(struct str args, struct lmtp_command *c)
{
	if (!str_istarts(args, S("TO:")))
		return ERR_INVALID;
	args = str_slice(args, sizeof("TO:") - 1, args.n);
	TRY(parse_path(&args, &c->path));
	if (c->path.n == 0)
		return ERR_INVALID;
	return str_trim(args).n ? ERR_DENIED : ERR_OK;
}

static enum err parse_bdat(struct str args, struct lmtp_command *c)
{
	struct str word = next_word(&args);

	if (str_to_u64(word, INT64_MAX, &c->size))
		return ERR_INVALID;
	c->last = str_ieq(args, S("LAST"));
	return c->last || !args.n ? ERR_OK : ERR_INVALID;
}

static const struct {
	struct str word;
	enum lmtp_verb verb;
	parse_fn *parse;
} verbs[] = {
	{ STR_INIT("LHLO"), LMTP_LHLO, parse_lhlo }, { STR_INIT("MAIL"), LMTP_MAIL, parse_mail },
	{ STR_INIT("RCPT"), LMTP_RCPT, parse_rcpt }, { STR_INIT("DATA"), LMTP_DATA, parse_none },
	{ STR_INIT("BDAT"), LMTP_BDAT, parse_bdat }, { STR_INIT("RSET"), LMTP_RSET, parse_none },
	{ STR_INIT("NOOP"), LMTP_NOOP, parse_any },  { STR_INIT("QUIT"), LMTP_QUIT, parse_none },
	{ STR_INIT("VRFY"), LMTP_VRFY, parse_any },  { STR_INIT("HELO"), LMTP_HELO, parse_any },
	{ STR_INIT("EHLO"), LMTP_HELO, parse_any },
};

enum err lmtp_parse(struct str line, struct lmtp_command *ret)
{
	struct str args = line, word = next_word(&args);

	*ret = (struct lmtp_command){ 0 };
	for (size_t i = 0; i < countof(verbs); i++) {
		if (!str_ieq(word, verbs[i].word))
			continue;
		ret->verb = verbs[i].verb;
		return verbs[i].parse(args, ret);
	}
	return ERR_UNSUPPORTED;
}

/* Where we are in CRLF . CRLF; the text begins at a line's start. */
enum dots_state { AT_LINE, IN_LINE, AFTER_CR, AFTER_DOT, AFTER_DOT_CR, AT_END };

/* One octet: what it is after what came before. */
static enum dots_state step(enum dots_state state, char c, struct buf *out)
{
	switch (state) {
	case AT_LINE:
		if (c == '.')
			return AFTER_DOT;
		break;
	case AFTER_DOT:
		if (c == '\r')
			return AFTER_DOT_CR;
		break; /* the dot was stuffing: only what follows is text */
	case AFTER_DOT_CR:
		if (c == '\n')
			return AT_END;
		buf_char(out, '\r'); /* a stuffed line that begins with a bare CR */
		break;
	case AFTER_CR:
		if (c == '\n') {
			buf_char(out, c);
			return AT_LINE;
		}
		break;
	case IN_LINE:
	case AT_END:
		break;
	}
	buf_char(out, c);
	return c == '\r' ? AFTER_CR : IN_LINE;
}

bool lmtp_dots_put(struct lmtp_dots *d, struct str *in, struct buf *out)
{
	enum dots_state state = (enum dots_state)d->state;

	while (in->n && state != AT_END) {
		if (state == IN_LINE) { /* in one piece up to the next CR */
			struct str run = str_slice(*in, 0, str_index(*in, '\r'));

			buf_str(out, run);
			*in = str_slice(*in, run.n, in->n);
			if (in->n == 0)
				break;
		}
		state = step(state, in->p[0], out);
		*in = str_slice(*in, 1, in->n);
	}
	d->state = state;
	return state == AT_END;
}
