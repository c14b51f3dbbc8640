/* Paths: brackets, source routes, quoted local parts. */
#include <gateway/smtp/path.h>

#include <base/utf8.h>
#include <gateway/smtp/limits.h>

#include <arpa/inet.h>
#include <string.h>

/* Length of the quoted string at the front, with both quotes; 0: there is none, or it does not end. */
static size_t quoted_len(struct str s)
{
	if (!str_starts(s, S("\"")))
		return 0;
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '"')
			return i + 1;
		if (s.p[i] == '\\')
			i++;
	}
	return 0;
}

static bool is_plain(char c)
{
	return (unsigned char)c > ' ' && c != 0x7f && c != '<' && c != '>' && c != '"';
}

/* Blanks and brackets only within quotes, quotes only around the whole local part, controls nowhere. */
static bool is_path_text(struct str path)
{
	size_t quoted = quoted_len(path);

	for (size_t i = 0; i < quoted; i++)
		if ((unsigned char)path.p[i] < ' ' || path.p[i] == 0x7f)
			return false;
	for (size_t i = quoted; i < path.n; i++)
		if (!is_plain(path.p[i]))
			return false;
	return utf8_valid(path);
}

/* Behind @one,@two: */
static enum err skip_route(struct str *s)
{
	size_t colon;

	if (!str_starts(*s, S("@")))
		return ERR_OK;
	colon = str_index(*s, ':');
	if (colon == s->n || !is_path_text(str_slice(*s, 0, colon)))
		return ERR_INVALID;
	*s = str_slice(*s, colon + 1, s->n);
	return ERR_OK;
}

enum err smtp_path_cut(struct str *args, struct str *ret)
{
	struct str rest = str_trim(*args), path;
	size_t quoted, end;

	if (!str_starts(rest, S("<")))
		return ERR_INVALID;
	rest = str_slice(rest, 1, rest.n);
	TRY(skip_route(&rest));
	quoted = quoted_len(rest);
	end = quoted + str_index(str_slice(rest, quoted, rest.n), '>');
	if (end == rest.n || end > SMTP_MAX_PATH)
		return ERR_INVALID;
	path = str_slice(rest, 0, end);
	rest = str_slice(rest, end + 1, rest.n);
	if (!is_path_text(path) || (rest.n && rest.p[0] != ' '))
		return ERR_INVALID;
	*args = rest;
	*ret = path;
	return ERR_OK;
}

enum { LABEL_MAX = 63 }; /* RFC 1035 2.3.4 */

static bool is_label_char(char c)
{
	return (unsigned char)c > 0x7f || (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') ||
	       c == '-' || c == '_';
}

static bool is_label(struct str s)
{
	if (s.n == 0 || s.n > LABEL_MAX || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_label_char(s.p[i]))
			return false;
	return true;
}

/* What stands between the brackets (RFC 5321 4.1.3). No tag but IPv6's has been given out. */
static bool is_literal(struct str s)
{
	static const struct str tag = STR_INIT("IPv6:");
	bool six = str_istarts(s, tag);
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (six)
		s = str_slice(s, tag.n, s.n);
	if (s.n >= sizeof(text) || str_index(s, '\0') < s.n)
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return inet_pton(six ? AF_INET6 : AF_INET, text, &address) == 1;
}

static bool is_domain(struct str s)
{
	struct str label;

	if (s.n >= 2 && s.p[0] == '[' && s.p[s.n - 1] == ']')
		return is_literal(str_slice(s, 1, s.n - 1));
	if (s.n == 0 || s.n > SMTP_MAX_NAME)
		return false;
	while (str_cut(&s, '.', &label))
		if (!is_label(label))
			return false;
	return true;
}

/* Where its local part ends. */
static size_t local_len(struct str path)
{
	size_t quoted = quoted_len(path);

	return quoted ? quoted : str_index(path, '@');
}

bool smtp_path_has_domain(struct str path)
{
	size_t at = local_len(path);

	return at > 0 && at < path.n && path.p[at] == '@' && is_domain(str_slice(path, at + 1, path.n));
}

bool smtp_path_is_postmaster(struct str path)
{
	return str_ieq(path, S("postmaster"));
}

static void put_unquoted(struct str quoted, struct buf *out)
{
	for (size_t i = 1; i + 1 < quoted.n; i++) {
		if (quoted.p[i] == '\\')
			i++;
		buf_char(out, quoted.p[i]);
	}
}

enum err smtp_path_address(struct str path, struct buf *out)
{
	size_t quoted = quoted_len(path), at = local_len(path);
	struct str local = str_slice(path, 0, at), domain = str_slice(path, at, path.n);

	if (!str_starts(domain, S("@")) || str_index(str_slice(domain, 1, domain.n), '@') != domain.n - 1)
		return ERR_INVALID;
	if (quoted && str_index(local, '@') != local.n)
		return ERR_INVALID;
	if (quoted)
		put_unquoted(local, out);
	else
		buf_str(out, local);
	buf_str(out, domain);
	return buf_status(out);
}
