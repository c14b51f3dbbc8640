/* LMTP command lines. */
#include <gateway/lmtp/command.h>

#include <base/utf8.h>
#include <gateway/lmtp/limits.h>
#include <gateway/lmtp/path.h>

typedef enum err parse_fn(struct str args, struct lmtp_command *c);

/* The next word of *args; empty at the end. */
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
	return args.n ? ERR_INVALID : ERR_OK;
}

static enum err parse_any(struct str args, struct lmtp_command *c)
{
	(void)args;
	(void)c;
	return ERR_OK;
}

/* It is written into the header: nothing that has a meaning there. */
static bool is_name(struct str name)
{
	static const char special[] = "()<>@,;\\\"";

	for (size_t i = 0; i < name.n; i++)
		if ((unsigned char)name.p[i] <= ' ' || memchr(special, name.p[i], sizeof(special) - 1))
			return false;
	return name.n > 0 && name.n <= LMTP_MAX_NAME && utf8_valid(name);
}

static enum err parse_lhlo(struct str args, struct lmtp_command *c)
{
	c->name = args;
	return is_name(args) ? ERR_OK : ERR_INVALID;
}

static enum err parse_size(struct str value, uint64_t *ret)
{
	enum err e = str_to_u64(value, UINT64_MAX, ret);

	if (e == ERR_LIMIT) /* well-formed, and too large for anybody */
		*ret = UINT64_MAX;
	return e == ERR_LIMIT ? ERR_OK : e;
}

static enum err parse_mail_parameter(struct str word, struct lmtp_command *c)
{
	struct str value = word, key;

	if (!str_cut(&value, '=', &key))
		return ERR_INVALID;
	if (str_ieq(key, S("SIZE")))
		return parse_size(value, &c->size);
	if (str_ieq(key, S("BODY")))
		return str_ieq(value, S("7BIT")) || str_ieq(value, S("8BITMIME")) ? ERR_OK : ERR_DENIED;
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
	TRY(lmtp_path_cut(&args, &c->path));
	while ((args = str_trim(args)).n)
		TRY(parse_mail_parameter(next_word(&args), c));
	return ERR_OK;
}

static enum err parse_rcpt(struct str args, struct lmtp_command *c)
{
	if (!str_istarts(args, S("TO:")))
		return ERR_INVALID;
	args = str_slice(args, sizeof("TO:") - 1, args.n);
	TRY(lmtp_path_cut(&args, &c->path));
	if (c->path.n == 0)
		return ERR_INVALID;
	return str_trim(args).n ? ERR_DENIED : ERR_OK;
}

static enum err parse_bdat(struct str args, struct lmtp_command *c)
{
	if (str_to_u64(next_word(&args), INT64_MAX, &c->size))
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

static bool has_control(struct str line)
{
	for (size_t i = 0; i < line.n; i++)
		if (((unsigned char)line.p[i] < ' ' && line.p[i] != '\t') || line.p[i] == 0x7f)
			return true;
	return false;
}

enum err lmtp_parse(struct str line, struct lmtp_command *ret)
{
	struct str args = line, word = next_word(&args);

	*ret = (struct lmtp_command){ 0 };
	for (size_t i = 0; i < countof(verbs); i++) {
		if (!str_ieq(word, verbs[i].word))
			continue;
		ret->verb = verbs[i].verb;
		return has_control(line) ? ERR_INVALID : verbs[i].parse(args, ret);
	}
	return ERR_UNSUPPORTED;
}
