/* The cursor. */
#include <gateway/imap/input.h>

#include <gateway/imap/limits.h>

struct imap_in imap_in_of(struct arena *a, struct str text)
{
	return (struct imap_in){ .text = text, .arena = a };
}

void in_fail(struct imap_in *in, const char *why)
{
	if (!in->why)
		in->why = why;
}

char in_peek(const struct imap_in *in)
{
	return in_ok(in) && in->at < in->text.n ? in->text.p[in->at] : '\0';
}

bool in_try(struct imap_in *in, char c)
{
	if (!in_ok(in) || in->at >= in->text.n || in->text.p[in->at] != c)
		return false;
	in->at++;
	return true;
}

void in_char(struct imap_in *in, char c)
{
	if (in_try(in, c))
		return;
	in_fail(in, c == ' ' ? "a blank is missing" : c == ')' ? "a ')' is missing" : "not what is expected here");
}

bool in_try_open(struct imap_in *in)
{
	if (!in_try(in, '('))
		return false;
	if (++in->nesting > IMAP_MAX_NESTING)
		in_fail(in, "nested too deeply");
	return in_ok(in);
}

void in_open(struct imap_in *in)
{
	if (!in_try_open(in))
		in_fail(in, "a '(' is missing");
}

bool in_try_close(struct imap_in *in)
{
	if (!in_try(in, ')'))
		return false;
	in->nesting--;
	return true;
}

void in_close(struct imap_in *in)
{
	if (!in_try_close(in))
		in_fail(in, "a ')' is missing");
}

bool in_more(struct imap_in *in)
{
	if (in_try_close(in))
		return false;
	in_sp(in);
	return in_ok(in);
}

void in_end(struct imap_in *in)
{
	if (in_ok(in) && in->at < in->text.n)
		in_fail(in, "there is something behind the end");
}

static bool is_word_char(char c)
{
	char l = ascii_lower(c);

	return (l >= 'a' && l <= 'z') || (l >= '0' && l <= '9') || l == '.' || l == '-' || l == '=';
}

bool in_try_word(struct imap_in *in, const char *word)
{
	struct str rest, w = str_of(word);

	if (!in_ok(in))
		return false;
	rest = str_slice(in->text, in->at, in->text.n);
	if (!str_istarts(rest, w) || (rest.n > w.n && is_word_char(rest.p[w.n])))
		return false;
	in->at += w.n;
	return true;
}

/* RFC 9051: ATOM-CHAR, without resp-specials; 8-bit is for UTF8=ACCEPT in strings alone. */
static bool is_atom_char(char c)
{
	return (unsigned char)c > ' ' && (unsigned char)c < 0x7f && !strchr("(){%*\"\\]", c);
}

static struct str run(struct imap_in *in, bool (*is)(char))
{
	size_t from = in->at;

	if (!in_ok(in))
		return STR_EMPTY;
	while (in->at < in->text.n && is(in->text.p[in->at]))
		in->at++;
	if (in->at == from)
		in_fail(in, "a word is missing");
	return str_slice(in->text, from, in->at);
}

struct str in_atom(struct imap_in *in)
{
	return run(in, is_atom_char);
}

/* Behind the opening quote. Backslashes are rare: only then is it copied. */
static struct str quoted(struct imap_in *in)
{
	size_t from = in->at, escapes = 0, n = 0;
	struct str raw;
	char *copy;

	for (;; in->at++) {
		char c = in->at < in->text.n ? in->text.p[in->at] : '\0';

		if (c == '"')
			break;
		if (c == '\\') {
			escapes++;
			c = ++in->at < in->text.n ? in->text.p[in->at] : '\0';
			if (c != '"' && c != '\\')
				c = '\0';
		}
		if (c == '\0' || c == '\r' || c == '\n') {
			in_fail(in, "malformed quoted string");
			return STR_EMPTY;
		}
	}
	raw = str_slice(in->text, from, in->at++);
	if (!escapes)
		return raw.n ? raw : S("");
	copy = arena_alloc(in->arena, raw.n);
	if (!copy) {
		in_fail(in, "too much to keep");
		return STR_EMPTY;
	}
	for (size_t i = 0; i < raw.n; i++) {
		if (raw.p[i] == '\\')
			i++;
		copy[n++] = raw.p[i];
	}
	return str_from(copy, n);
}

/* Behind its '{': "12}\r\n" or "12+}\r\n" and the octets, which the reader has seen to be there. */
static struct str literal(struct imap_in *in, bool nul)
{
	struct str rest = str_slice(in->text, in->at, in->text.n);
	size_t end = str_index(rest, '}');
	struct str digits = str_slice(rest, 0, end), octets;
	uint64_t n = 0;

	if (str_ends(digits, S("+")))
		digits.n--;
	rest = str_slice(rest, end, rest.n);
	if (str_to_u64(digits, INT64_MAX, &n) || !str_starts(rest, S("}\r\n")) || rest.n - 3 < n) {
		in_fail(in, "malformed literal");
		return STR_EMPTY;
	}
	octets = str_slice(rest, 3, 3 + (size_t)n);
	in->at = (size_t)(octets.p - in->text.p) + octets.n;
	if (!nul && str_index(octets, '\0') < octets.n)
		in_fail(in, "NUL in a literal");
	return octets.n ? octets : S("");
}

/* RFC 3516: literal8 may hold NUL. */
static bool try_string(struct imap_in *in, struct str *ret)
{
	if (in_try(in, '"'))
		*ret = quoted(in);
	else if (in_try(in, '{'))
		*ret = literal(in, false);
	else if (in->at + 1 < in->text.n && in_peek(in) == '~' && in->text.p[in->at + 1] == '{') {
		in->at += 2;
		*ret = literal(in, true);
	} else
		return false;
	return true;
}

struct str in_string(struct imap_in *in)
{
	struct str s = STR_EMPTY;

	if (!try_string(in, &s))
		in_fail(in, "a string is missing");
	return s;
}

struct str in_nstring(struct imap_in *in)
{
	struct str s = STR_EMPTY;

	if (!in_try_word(in, "NIL") && !try_string(in, &s))
		in_fail(in, "a string is missing");
	return s;
}

static bool is_astring_char(char c)
{
	return c == ']' || is_atom_char(c);
}

struct str in_astring(struct imap_in *in)
{
	struct str s;

	return try_string(in, &s) ? s : run(in, is_astring_char);
}

static bool is_pattern_char(char c)
{
	return c == '%' || c == '*' || is_astring_char(c);
}

struct str in_pattern(struct imap_in *in)
{
	struct str s;

	return try_string(in, &s) ? s : run(in, is_pattern_char);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

uint64_t in_number(struct imap_in *in)
{
	struct str digits = run(in, is_digit);
	uint64_t n = 0;

	if (in_ok(in) && str_to_u64(digits, INT64_MAX, &n))
		in_fail(in, "a number is too large");
	return n;
}

uint32_t in_nz_number(struct imap_in *in)
{
	uint64_t n = in_number(in);

	if (in_ok(in) && (n == 0 || n > UINT32_MAX))
		in_fail(in, "a number from 1 to 4294967295 is missing");
	return (uint32_t)n;
}
