/* Cutting a header block into fields; unfolding; message ids. */
#include <gateway/content/header.h>

/* Octets of the field that s begins with: its line and the folded ones after it. */
static size_t field_length(struct str s)
{
	size_t at = 0;

	do {
		at += str_index(str_slice(s, at, s.n), '\n');
		if (at == s.n)
			return at;
		at++;
	} while (at < s.n && (s.p[at] == ' ' || s.p[at] == '\t'));
	return at;
}

static struct str without_eol(struct str s)
{
	if (s.n && s.p[s.n - 1] == '\n')
		s.n--;
	if (s.n && s.p[s.n - 1] == '\r')
		s.n--;
	return s;
}

static bool is_name(struct str s)
{
	if (s.n == 0 || s.n > HEADER_NAME_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || (unsigned char)s.p[i] >= 0x7f)
			return false;
	return true;
}

bool header_next(struct str *rest, struct header_field *ret)
{
	while (rest->n) {
		size_t n = field_length(*rest);
		struct str field = without_eol(str_slice(*rest, 0, n));
		size_t colon = str_index(field, ':');

		*rest = str_slice(*rest, n, rest->n);
		ret->name = str_trim(str_slice(field, 0, colon));
		ret->raw = str_slice(field, colon + 1, field.n);
		if (colon < field.n && is_name(ret->name))
			return true;
	}
	return false;
}

void header_unfold(struct buf *b, struct str raw)
{
	raw = str_trim(raw);
	while (raw.n) {
		size_t at = 0;

		while (at < raw.n && raw.p[at] != '\r' && raw.p[at] != '\n')
			at++;
		buf_str(b, str_slice(raw, 0, at));
		raw = str_slice(raw, at + 1, raw.n);
	}
}

bool header_msgid_next(struct str *rest, struct str *ret)
{
	for (;;) {
		size_t open = str_index(*rest, '<'), close;

		if (open == rest->n)
			return false;
		*rest = str_slice(*rest, open, rest->n);
		close = 1;
		while (close < rest->n && rest->p[close] != '>' && rest->p[close] != '<' && rest->p[close] != '\r' &&
		       rest->p[close] != '\n')
			close++;
		if (close == rest->n)
			return false;
		*ret = str_slice(*rest, 0, close + 1);
		*rest = str_slice(*rest, rest->p[close] == '>' ? close + 1 : close, rest->n);
		if (str_ends(*ret, S(">")) && ret->n > 2)
			return true;
	}
}
