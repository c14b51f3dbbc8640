/* PLAIN and LOGIN: the password itself. */
#include <gateway/auth/sasl_priv.h>

#include <base/utf8.h>

static bool is_text(struct str s)
{
	return s.n > 0 && utf8_valid(s) && str_index(s, '\0') == s.n;
}

/* RFC 4616 section 2: [authzid] NUL authcid NUL passwd. */
enum sasl_result sasl_plain_take(struct sasl *s, struct str message, struct buf *out)
{
	struct str authorize, login;

	(void)out;
	if (!str_cut(&message, '\0', &authorize) || !message.p || !str_cut(&message, '\0', &login) || !message.p)
		return SASL_MALFORMED;
	if (!is_text(login) || !is_text(message) || !utf8_valid(authorize))
		return SASL_MALFORMED;
	buf_str(&s->authorize, authorize);
	buf_str(&s->login, login);
	buf_str(&s->password, message);
	return SASL_PASSWORD;
}

void sasl_login_ask(struct sasl *s, struct buf *out)
{
	buf_cstr(out, s->step == 0 ? "Username:" : "Password:");
}

enum sasl_result sasl_login_take(struct sasl *s, struct str message, struct buf *out)
{
	if (!is_text(message))
		return SASL_MALFORMED;
	buf_str(s->step == 0 ? &s->login : &s->password, message);
	if (s->step++ == 1)
		return SASL_PASSWORD;
	sasl_login_ask(s, out);
	return SASL_CHALLENGE;
}
