/*
 * Parameters of a structured field (RFC 2045 section 5.1), with the pieces, charsets and escapes of RFC 2231, and with
 * what senders write instead: encoded words, raw 8-bit, missing quotes.
 */
#include <gateway/content/header.h>

#include <base/hex.h>
#include <base/utf8.h>

#include <gateway/content/charset.h>
#include <gateway/content/header_words.h>
#include <gateway/content/octet.h>

/* One "name*2*=value" as written. */
struct piece {
	struct str name;
	struct str value;
	unsigned index;
	bool numbered, extended, done;
};

/* Octets of a comment, which may hold others, at the beginning of s. */
static size_t comment_length(struct str s)
{
	size_t depth = 0, i = 0;

	for (; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '(')
			depth++;
		else if (s.p[i] == ')' && --depth == 0)
			return i + 1;
	}
	return s.n;
}

static struct str skip_blanks(struct str s)
{
	while (s.n) {
		if (octet_is_space(s.p[0]))
			s = str_slice(s, 1, s.n);
		else if (s.p[0] == '(')
			s = str_slice(s, comment_length(s), s.n);
		else
			break;
	}
	return s;
}

/* A quoted string without its quotes and folds; *rest begins behind it. */
static void quoted_read(struct buf *b, struct str *rest)
{
	size_t i = 1;

	for (; i < rest->n && rest->p[i] != '"'; i++) {
		if (rest->p[i] == '\r' || rest->p[i] == '\n')
			continue;
		/* A backslash before a letter is a path of a careless sender, not an escape. */
		if (rest->p[i] == '\\' && i + 1 < rest->n && (rest->p[i + 1] == '"' || rest->p[i + 1] == '\\'))
			i++;
		buf_char(b, rest->p[i]);
	}
	*rest = str_slice(*rest, i + 1, rest->n);
}

static void value_read(struct buf *b, struct str *rest)
{
	*rest = skip_blanks(*rest);
	if (rest->n && rest->p[0] == '"') {
		quoted_read(b, rest);
	} else {
		struct str bare = str_slice(*rest, 0, str_index(*rest, ';'));

		*rest = str_slice(*rest, bare.n, rest->n);
		header_unfold(b, bare);
	}
	*rest = str_slice(*rest, str_index(*rest, ';'), rest->n);
}

static enum err lower_copy(struct arena *a, struct str s, struct str *ret)
{
	char *p = arena_alloc(a, s.n);

	if (!p)
		return ERR_LIMIT;
	for (size_t i = 0; i < s.n; i++)
		p[i] = ascii_lower(s.p[i]);
	*ret = str_from(p, s.n);
	return ERR_OK;
}

/* "name", "name*", "name*3", "name*3*" */
static void name_split(struct str written, struct piece *piece)
{
	size_t star = str_index(written, '*');
	struct str suffix = str_slice(written, star + 1, written.n);
	uint64_t index;

	piece->name = str_slice(written, 0, star);
	if (star == written.n)
		return;
	piece->extended = suffix.n == 0 || str_ends(suffix, S("*"));
	if (suffix.n && str_ends(suffix, S("*")))
		suffix.n--;
	if (suffix.n && str_to_u64(suffix, HEADER_PARAMS_MAX, &index) == ERR_OK) {
		piece->index = (unsigned)index;
		piece->numbered = true;
	}
}

/* The next piece of the field; false at its end. Entries without a name or a value are passed over. */
static enum err piece_next(struct arena *a, struct str *rest, struct piece *ret, bool *ret_more)
{
	while (rest->n) {
		CLEANUP(buf_release) struct buf value = BUF_INIT(HEADER_PARAM_VALUE_MAX * 4);
		struct str name;
		size_t end = 0;

		*rest = skip_blanks(str_slice(*rest, rest->p[0] == ';', rest->n));
		while (end < rest->n && rest->p[end] != '=' && rest->p[end] != ';')
			end++;
		name = str_trim(str_slice(*rest, 0, end));
		*rest = str_slice(*rest, end, rest->n);
		if (rest->n == 0 || rest->p[0] == ';')
			continue;
		*rest = str_slice(*rest, 1, rest->n);
		value_read(&value, rest);
		if (name.n == 0 || buf_status(&value) != ERR_OK)
			continue;
		*ret = (struct piece){ 0 };
		TRY(lower_copy(a, name, &name));
		name_split(name, ret);
		TRY(arena_str(a, buf_view(&value), &ret->value));
		*ret_more = true;
		return ERR_OK;
	}
	*ret_more = false;
	return ERR_OK;
}

static void percent_decode(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		int octet = s.p[i] == '%' ? hex_pair(s, i + 1) : -1;

		buf_char(b, octet >= 0 ? (char)octet : s.p[i]);
		if (octet >= 0)
			i += 2;
	}
}

/* "charset'language'text": cuts the first two off. */
static const struct charset *charset_cut(struct str *value)
{
	size_t first = str_index(*value, '\''), second;
	struct str rest = str_slice(*value, first + 1, value->n);
	const struct charset *cs;

	second = str_index(rest, '\'');
	if (first == value->n || second == rest.n)
		return NULL;
	cs = charset_find(str_slice(*value, 0, first));
	*value = str_slice(rest, second + 1, rest.n);
	return cs;
}

/* The piece of that name with that index, or NULL. */
static struct piece *piece_find(struct piece *pieces, size_t n, struct str name, unsigned index)
{
	for (size_t i = 0; i < n; i++)
		if (!pieces[i].done && pieces[i].numbered && pieces[i].index == index && str_eq(pieces[i].name, name))
			return &pieces[i];
	return NULL;
}

/* Joins the pieces that belong to `first` and decodes them. */
static enum err param_join(struct arena *a, struct piece *pieces, size_t n, struct piece *first,
			   struct header_param *ret)
{
	CLEANUP(buf_release) struct buf octets = BUF_INIT(HEADER_PARAMS_MAX * HEADER_PARAM_VALUE_MAX * 4);
	CLEANUP(buf_release) struct buf text = BUF_INIT(octets.max * 4);
	CLEANUP(buf_release) struct buf clean = BUF_INIT(text.max * 4);
	bool encoded = first->extended, numbered = first->numbered;
	struct str name = first->name;
	const struct charset *cs = NULL;

	if (encoded)
		cs = charset_cut(&first->value);
	for (unsigned index = 0; first; first = numbered ? piece_find(pieces, n, name, ++index) : NULL) {
		if (first->extended)
			percent_decode(&octets, first->value);
		else
			buf_str(&octets, first->value);
		first->done = true;
	}
	if (encoded)
		charset_convert(cs, &text, buf_view(&octets));
	else
		buf_str(&text, buf_view(&octets));
	/* Cleans controls; decodes words only where RFC 2231 was not used. */
	if (encoded)
		header_plain_put(&clean, buf_view(&text));
	else
		header_words_put(&clean, buf_view(&text));
	ret->name = name;
	return arena_str(a, utf8_prefix(buf_view(&clean), HEADER_PARAM_VALUE_MAX), &ret->value);
}

/* Pieces 1, 2, … belong to piece 0; without one they are nothing. */
static bool begins_param(const struct piece *piece)
{
	return !piece->done && (!piece->numbered || piece->index == 0);
}

static bool has_param(const struct header_param *params, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(params[i].name, name))
			return true;
	return false;
}

/* RFC 2231 forms first: where a sender gives both, the plain one is the fallback for old readers. */
static enum err params_join(struct arena *a, struct piece *pieces, size_t n, struct header_param *params, size_t *ret_n)
{
	size_t count = 0;

	for (int plain = 0; plain < 2; plain++) {
		for (size_t i = 0; i < n; i++) {
			bool is_plain = !pieces[i].extended && !pieces[i].numbered;

			if (!begins_param(&pieces[i]) || is_plain != plain || has_param(params, count, pieces[i].name))
				continue;
			TRY(param_join(a, pieces, n, &pieces[i], &params[count]));
			count++;
		}
	}
	*ret_n = count;
	return ERR_OK;
}

enum err header_params(struct arena *a, struct str raw, struct str *ret_value, struct header_param **ret, size_t *ret_n)
{
	struct piece pieces[HEADER_PARAMS_MAX];
	struct header_param *params;
	struct str rest = skip_blanks(raw), value;
	size_t n = 0, end = 0;
	bool more = true;

	while (end < rest.n && rest.p[end] != ';' && rest.p[end] != '(')
		end++;
	TRY(lower_copy(a, str_trim(str_slice(rest, 0, end)), &value));
	rest = str_slice(rest, str_index(rest, ';'), rest.n);
	while (n < countof(pieces)) {
		TRY(piece_next(a, &rest, &pieces[n], &more));
		if (!more)
			break;
		n++;
	}
	params = arena_array(a, n, sizeof(*params));
	if (!params)
		return ERR_LIMIT;
	TRY(params_join(a, pieces, n, params, ret_n));
	*ret_value = value;
	*ret = params;
	return ERR_OK;
}

struct str header_param_get(const struct header_param *params, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(params[i].name, name))
			return params[i].value;
	return STR_EMPTY;
}
