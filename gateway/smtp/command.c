/* Command lines: a table of verbs, and one of parameters. */
#include <gateway/smtp/command.h>

#include <base/utf8.h>
#include <gateway/smtp/limits.h>
#include <gateway/smtp/path.h>

typedef enum err parse_fn(struct str args, enum smtp_dialect dialect, struct smtp_command *c);

/* The next word of *args; empty at the end. */
static struct str next_word(struct str *args)
{
	struct str word;

	*args = str_trim(*args);
	word = str_slice(*args, 0, str_index(*args, ' '));
	*args = str_trim(str_slice(*args, word.n, args->n));
	return word;
}

static enum err parse_none(struct str args, enum smtp_dialect dialect, struct smtp_command *c)
{
	(void)dialect;
	(void)c;
	return args.n ? ERR_INVALID : ERR_OK;
}

static enum err parse_any(struct str args, enum smtp_dialect dialect, struct smtp_command *c)
{
	(void)dialect;
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
	return name.n > 0 && name.n <= SMTP_MAX_NAME && utf8_valid(name);
}

static enum err parse_lhlo(struct str args, enum smtp_dialect dialect, struct smtp_command *c)
{
	(void)dialect;
	c->name = args;
	return is_name(args) ? ERR_OK : ERR_INVALID;
}

/* Programs on a desk have names of every kind, and we write none of them down. */
static enum err parse_hello(struct str args, enum smtp_dialect dialect, struct smtp_command *c)
{
	(void)dialect;
	c->name = args;
	return args.n <= SMTP_MAX_NAME ? ERR_OK : ERR_INVALID;
}

/* ---- parameters ---- */

static enum err read_size(struct str value, struct smtp_command *c)
{
	enum err e = str_to_u64(value, UINT64_MAX, &c->size);

	if (e == ERR_LIMIT) /* well-formed, and too large for anybody */
		c->size = UINT64_MAX;
	return e == ERR_LIMIT ? ERR_OK : e;
}

static enum err read_body(struct str value, struct smtp_command *c)
{
	(void)c;
	return str_ieq(value, S("7BIT")) || str_ieq(value, S("8BITMIME")) ? ERR_OK : ERR_DENIED;
}

static enum err read_utf8(struct str value, struct smtp_command *c)
{
	c->utf8 = true;
	return value.p ? ERR_DENIED : ERR_OK;
}

static enum err read_ret(struct str value, struct smtp_command *c)
{
	c->ret = str_ieq(value, S("FULL")) ? SMTP_RET_FULL : SMTP_RET_HDRS;
	return c->ret == SMTP_RET_FULL || str_ieq(value, S("HDRS")) ? ERR_OK : ERR_INVALID;
}

/* RFC 3461 section 4: printable ASCII, "+" before two upper-case digits alone. RFC 6533 has UTF-8 in it too. */
static bool is_xtext(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c == '=' || c == 0x7f)
			return false;
		if (c != '+')
			continue;
		for (size_t k = i + 1; k <= i + 2; k++)
			if (k >= s.n || !memchr("0123456789ABCDEF", s.p[k], 16))
				return false;
	}
	return s.n > 0 && utf8_valid(s);
}

static enum err read_envid(struct str value, struct smtp_command *c)
{
	c->envid = value;
	return value.n <= SMTP_MAX_ENVID && is_xtext(value) ? ERR_OK : ERR_INVALID;
}

static enum err read_orcpt(struct str value, struct smtp_command *c)
{
	struct str address = value, type;

	c->orcpt = value;
	if (value.n > SMTP_MAX_ORCPT || !str_cut(&address, ';', &type) || !address.p || !is_name(type))
		return ERR_INVALID;
	return is_xtext(address) ? ERR_OK : ERR_INVALID;
}

static enum err read_notify(struct str value, struct smtp_command *c)
{
	static const struct {
		struct str word;
		unsigned bit;
	} words[] = {
		{ STR_INIT("NEVER"), SMTP_NOTIFY_NEVER },
		{ STR_INIT("SUCCESS"), SMTP_NOTIFY_SUCCESS },
		{ STR_INIT("FAILURE"), SMTP_NOTIFY_FAILURE },
		{ STR_INIT("DELAY"), SMTP_NOTIFY_DELAY },
	};
	struct str word;

	while (value.p && str_cut(&value, ',', &word)) {
		unsigned bit = 0;

		for (size_t i = 0; i < countof(words); i++)
			bit |= str_ieq(word, words[i].word) ? words[i].bit : 0;
		if (!bit)
			return ERR_INVALID;
		c->notify |= bit;
	}
	/* NEVER stands alone. */
	return c->notify && (!(c->notify & SMTP_NOTIFY_NEVER) || c->notify == SMTP_NOTIFY_NEVER) ? ERR_OK : ERR_INVALID;
}

/* RFC 4954 section 5: whom the mail is from in another server's eyes. It is from who has logged in. */
static enum err read_auth(struct str value, struct smtp_command *c)
{
	(void)c;
	return value.n ? ERR_OK : ERR_INVALID;
}

static const struct {
	struct str key;
	enum smtp_verb verb;
	unsigned dialects;
	enum err (*read)(struct str value, struct smtp_command *c);
} parameters[] = {
	{ STR_INIT("SIZE"), SMTP_MAIL, SMTP_LMTP | SMTP_SUBMISSION, read_size },
	{ STR_INIT("BODY"), SMTP_MAIL, SMTP_LMTP | SMTP_SUBMISSION, read_body },
	{ STR_INIT("SMTPUTF8"), SMTP_MAIL, SMTP_LMTP | SMTP_SUBMISSION, read_utf8 },
	{ STR_INIT("RET"), SMTP_MAIL, SMTP_SUBMISSION, read_ret },
	{ STR_INIT("ENVID"), SMTP_MAIL, SMTP_SUBMISSION, read_envid },
	{ STR_INIT("AUTH"), SMTP_MAIL, SMTP_SUBMISSION, read_auth },
	{ STR_INIT("NOTIFY"), SMTP_RCPT, SMTP_SUBMISSION, read_notify },
	{ STR_INIT("ORCPT"), SMTP_RCPT, SMTP_SUBMISSION, read_orcpt },
};

/* KEY=value, or KEY; its value is then .p NULL, which no reader takes but the one that has none. */
static enum err read_parameter(struct str word, enum smtp_dialect dialect, struct smtp_command *c)
{
	struct str value = word, key;

	(void)str_cut(&value, '=', &key);
	for (size_t i = 0; i < countof(parameters); i++)
		if (parameters[i].verb == c->verb && (parameters[i].dialects & dialect) &&
		    str_ieq(key, parameters[i].key))
			return parameters[i].read(value, c);
	return ERR_DENIED;
}

static enum err read_parameters(struct str args, enum smtp_dialect dialect, struct smtp_command *c)
{
	while ((args = str_trim(args)).n)
		TRY(read_parameter(next_word(&args), dialect, c));
	return ERR_OK;
}

/* ---- verbs ---- */

/* Something stands behind its '@' that names no host. */
static bool is_of_no_domain(struct str path)
{
	return str_index(path, '@') < path.n && !smtp_path_has_domain(path);
}

static enum err parse_mail(struct str args, enum smtp_dialect dialect, struct smtp_command *c)
{
	if (!str_istarts(args, S("FROM:")))
		return ERR_INVALID;
	args = str_slice(args, sizeof("FROM:") - 1, args.n);
	TRY(smtp_path_cut(&args, &c->path));
	/* Of mail that comes in the MTA has judged that. */
	if (dialect == SMTP_SUBMISSION && is_of_no_domain(c->path))
		return ERR_INVALID;
	return read_parameters(args, dialect, c);
}

static enum err parse_rcpt(struct str args, enum smtp_dialect dialect, struct smtp_command *c)
{
	if (!str_istarts(args, S("TO:")))
		return ERR_INVALID;
	args = str_slice(args, sizeof("TO:") - 1, args.n);
	TRY(smtp_path_cut(&args, &c->path));
	if (c->path.n == 0 || is_of_no_domain(c->path))
		return ERR_INVALID;
	return read_parameters(args, dialect, c);
}

static enum err parse_bdat(struct str args, enum smtp_dialect dialect, struct smtp_command *c)
{
	(void)dialect;
	if (str_to_u64(next_word(&args), INT64_MAX, &c->size))
		return ERR_INVALID;
	c->last = str_ieq(args, S("LAST"));
	return c->last || !args.n ? ERR_OK : ERR_INVALID;
}

static enum err parse_auth(struct str args, enum smtp_dialect dialect, struct smtp_command *c)
{
	(void)dialect;
	c->text = next_word(&args);
	if (args.n)
		c->initial = next_word(&args);
	return c->text.n && !args.n ? ERR_OK : ERR_INVALID;
}

static const struct {
	struct str word;
	enum smtp_verb verb;
	unsigned dialects;
	parse_fn *parse;
} verbs[] = {
	{ STR_INIT("LHLO"), SMTP_LHLO, SMTP_LMTP, parse_lhlo },
	{ STR_INIT("HELO"), SMTP_HELO, SMTP_LMTP | SMTP_SUBMISSION, parse_hello },
	{ STR_INIT("EHLO"), SMTP_EHLO, SMTP_LMTP | SMTP_SUBMISSION, parse_hello },
	{ STR_INIT("MAIL"), SMTP_MAIL, SMTP_LMTP | SMTP_SUBMISSION, parse_mail },
	{ STR_INIT("RCPT"), SMTP_RCPT, SMTP_LMTP | SMTP_SUBMISSION, parse_rcpt },
	{ STR_INIT("DATA"), SMTP_DATA, SMTP_LMTP | SMTP_SUBMISSION, parse_none },
	{ STR_INIT("BDAT"), SMTP_BDAT, SMTP_LMTP | SMTP_SUBMISSION, parse_bdat },
	{ STR_INIT("RSET"), SMTP_RSET, SMTP_LMTP | SMTP_SUBMISSION, parse_none },
	{ STR_INIT("NOOP"), SMTP_NOOP, SMTP_LMTP | SMTP_SUBMISSION, parse_any },
	{ STR_INIT("QUIT"), SMTP_QUIT, SMTP_LMTP | SMTP_SUBMISSION, parse_none },
	{ STR_INIT("VRFY"), SMTP_VRFY, SMTP_LMTP | SMTP_SUBMISSION, parse_any },
	{ STR_INIT("AUTH"), SMTP_AUTH, SMTP_SUBMISSION, parse_auth },
	{ STR_INIT("STARTTLS"), SMTP_STARTTLS, SMTP_SUBMISSION, parse_none },
	{ STR_INIT("HELP"), SMTP_HELP, SMTP_SUBMISSION, parse_any },
	{ STR_INIT("EXPN"), SMTP_EXPN, SMTP_SUBMISSION, parse_any },
};

static bool has_control(struct str line)
{
	for (size_t i = 0; i < line.n; i++)
		if (((unsigned char)line.p[i] < ' ' && line.p[i] != '\t') || line.p[i] == 0x7f)
			return true;
	return false;
}

enum err smtp_parse(struct str line, enum smtp_dialect dialect, struct smtp_command *ret)
{
	struct str args = line, word = next_word(&args);

	*ret = (struct smtp_command){ 0 };
	for (size_t i = 0; i < countof(verbs); i++) {
		if (!(verbs[i].dialects & dialect) || !str_ieq(word, verbs[i].word))
			continue;
		ret->verb = verbs[i].verb;
		return has_control(line) ? ERR_INVALID : verbs[i].parse(args, dialect, ret);
	}
	return ERR_UNSUPPORTED;
}

bool smtp_is_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] > 0x7f)
			return false;
	return true;
}
