/* Address lists (RFC 5322 section 3.4 and the obsolete forms of 4.4): one pass over the octets, no recursion. */
#include <gateway/content/header.h>

#include <base/utf8.h>

#include <gateway/content/header_words.h>
#include <gateway/content/octet.h>

/* The mailbox being read, and what was read before it. */
struct reader {
	struct arena *arena;
	struct str rest;
	struct buf phrase;  /* words outside of brackets */
	struct buf angle;   /* what is in brackets */
	struct buf comment; /* the last comment */
	bool angle_seen, quoted, blank;
	bool behind; /* words behind the brackets */
	bool raw;    /* encoded words stay */
	struct str group;
	size_t in_group; /* mailboxes the open group has so far */
	bool group_open;
	struct buf list; /* struct header_address, one after the other */
};

static void put_octet(struct buf *b, char c)
{
	if (b->n < b->max)
		buf_char(b, c);
}

static char take(struct reader *r)
{
	char c = r->rest.p[0];

	r->rest = str_slice(r->rest, 1, r->rest.n);
	return c;
}

/* The octet after a backslash, or c itself. */
static char take_escaped(struct reader *r, char c)
{
	return c == '\\' && r->rest.n ? take(r) : c;
}

/* A quote that nothing closes is passed over. */
static void read_quoted(struct reader *r, struct buf *into)
{
	if (str_index(r->rest, '"') == r->rest.n)
		return;
	while (r->rest.n) {
		char c = take(r);

		if (c == '"')
			return;
		if (!octet_is_eol(c))
			put_octet(into, take_escaped(r, c));
	}
}

static void read_comment(struct reader *r)
{
	size_t depth = 1;

	buf_clear(&r->comment);
	while (r->rest.n) {
		char c = take(r);

		depth += c == '(';
		depth -= c == ')';
		if (depth == 0)
			return;
		put_octet(&r->comment, take_escaped(r, c));
	}
}

/*
 * Up to '>'. A comma or semicolon ends it too where an '@' was seen: the bracket was forgotten. Not so in a route,
 * "@host,@host:", which comes before the address.
 */
static void read_angle(struct reader *r)
{
	bool at = false, route = false;

	buf_clear(&r->angle);
	r->angle_seen = true;
	while (r->rest.n) {
		char c = r->rest.p[0];

		if (at && (c == ',' || c == ';'))
			return;
		(void)take(r);
		if (c == '>')
			return;
		if (c == '"') {
			read_quoted(r, &r->angle);
		} else if (c == '(') {
			read_comment(r);
		} else if (!octet_is_space(c)) {
			route = (route || (c == '@' && r->angle.n == 0)) && c != ':';
			at = !route && (at || c == '@');
			put_octet(&r->angle, c);
		}
	}
}

static enum err decoded(struct reader *r, struct str words, struct str *ret)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(8 * HEADER_ADDRESS_TEXT_MAX);

	if (r->raw)
		return arena_str(r->arena, str_slice(str_trim(words), 0, HEADER_ADDRESS_TEXT_MAX), ret);
	header_words_put(&text, words);
	return arena_str(r->arena, utf8_prefix(str_trim(buf_view(&text)), HEADER_ADDRESS_TEXT_MAX), ret);
}

static size_t last_index(struct str s, char c)
{
	for (size_t i = s.n; i > 0; i--)
		if (s.p[i - 1] == c)
			return i - 1;
	return s.n;
}

/* local@domain, after the obsolete route "@host,@host:" if there is one. */
static enum err split_spec(struct reader *r, struct str spec, struct header_address *addr)
{
	size_t at;

	if (spec.n && spec.p[0] == '@' && str_index(spec, ':') < spec.n)
		spec = str_slice(spec, str_index(spec, ':') + 1, spec.n);
	at = last_index(spec, '@');
	TRY(decoded(r, str_slice(spec, 0, at), &addr->local));
	return decoded(r, str_slice(spec, at + 1, spec.n), &addr->domain);
}

/* Blanks out, for the obsolete "ann . example @ example . test". */
static void squeeze(struct buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		if (!octet_is_space(b->p[i]))
			b->p[n++] = b->p[i];
	buf_truncate(b, n);
}

/* No brackets: an address with a comment as name, "Name ann@example.test", or a word alone. */
static enum err bare_mailbox(struct reader *r, struct header_address *addr)
{
	struct str text = str_trim(buf_view(&r->phrase));
	size_t at = last_index(text, '@'), word;

	if (at == text.n) {
		if (str_index(text, ' ') == text.n)
			TRY(decoded(r, text, &addr->local));
		else
			TRY(decoded(r, text, &addr->name));
	} else if (r->quoted || (at > 0 && text.p[at - 1] == ' ') || at + 1 == text.n || text.p[at + 1] == ' ') {
		if (!r->quoted)
			squeeze(&r->phrase);
		TRY(split_spec(r, str_trim(buf_view(&r->phrase)), addr));
	} else {
		word = last_index(str_slice(text, 0, at), ' ');
		word = word == at ? 0 : word + 1;
		TRY(split_spec(r, str_slice(text, word, word + str_index(str_slice(text, word, text.n), ' ')), addr));
		TRY(decoded(r, str_slice(text, 0, word), &addr->name));
		addr->loose = str_index(text, ' ') < text.n;
	}
	if (addr->name.n == 0)
		TRY(decoded(r, buf_view(&r->comment), &addr->name));
	return ERR_OK;
}

static void reset(struct reader *r)
{
	buf_clear(&r->phrase);
	buf_clear(&r->angle);
	buf_clear(&r->comment);
	r->angle_seen = r->quoted = r->blank = r->behind = false;
}

/* A comma, a semicolon or the end: what was read is a mailbox, if it is anything. */
static enum err end_mailbox(struct reader *r)
{
	struct header_address addr = { .group = r->group, .loose = r->behind };

	if (r->angle_seen) {
		TRY(decoded(r, r->phrase.n ? buf_view(&r->phrase) : buf_view(&r->comment), &addr.name));
		TRY(split_spec(r, buf_view(&r->angle), &addr));
	} else {
		TRY(bare_mailbox(r, &addr));
	}
	reset(r);
	if (addr.name.n || addr.local.n || addr.domain.n) {
		buf_put(&r->list, &addr, sizeof(addr));
		r->in_group++;
	}
	return ERR_OK;
}

static enum err begin_group(struct reader *r)
{
	TRY(decoded(r, buf_view(&r->phrase), &r->group));
	reset(r);
	r->group_open = true;
	r->in_group = 0;
	return ERR_OK;
}

static enum err end_group(struct reader *r)
{
	struct header_address empty = { .group = r->group };

	TRY(end_mailbox(r));
	if (r->group_open && r->in_group == 0 && r->group.n)
		buf_put(&r->list, &empty, sizeof(empty));
	r->group = STR_EMPTY;
	r->group_open = false;
	return ERR_OK;
}

static void put_word_octet(struct reader *r, char c)
{
	if (r->blank && r->phrase.n)
		put_octet(&r->phrase, ' ');
	r->blank = false;
	r->behind = r->angle_seen;
	put_octet(&r->phrase, c);
}

/* An encoded word is one word, whatever unlawful octets are in it. */
static bool take_encoded_word(struct reader *r)
{
	size_t n = header_word_length(r->rest);

	for (size_t i = 0; i < n; i++)
		put_word_octet(r, take(r));
	return n > 0;
}

static enum err step(struct reader *r)
{
	char c;

	if (take_encoded_word(r))
		return ERR_OK;
	c = take(r);

	switch (c) {
	case ',':
		return end_mailbox(r);
	case ';':
		return end_group(r);
	case ':':
		/* "a@b:c" is no group: a port or a route of a careless sender. */
		if (r->angle_seen || r->group_open || str_index(buf_view(&r->phrase), '@') < r->phrase.n)
			return ERR_OK;
		return begin_group(r);
	case '<':
		if (r->angle_seen) /* "Boss <boss@a> <ann@b>": a comma was forgotten, or somebody hides behind another one */
			TRY(end_mailbox(r));
		read_angle(r);
		return ERR_OK;
	case '(':
		read_comment(r);
		return ERR_OK;
	case '"':
		if (r->blank && r->phrase.n)
			put_octet(&r->phrase, ' ');
		r->blank = false;
		r->quoted = true;
		r->behind = r->angle_seen;
		read_quoted(r, &r->phrase);
		return ERR_OK;
	default:
		if (octet_is_space(c))
			r->blank = true;
		else
			put_word_octet(r, c);
		return ERR_OK;
	}
}

static enum err read_list(struct reader *r)
{
	while (r->rest.n && r->list.n < HEADER_ADDRESSES_MAX * sizeof(struct header_address))
		TRY(step(r));
	if (r->list.n == HEADER_ADDRESSES_MAX * sizeof(struct header_address))
		return ERR_OK;
	return r->group_open ? end_group(r) : end_mailbox(r);
}

static enum err read_addresses(struct arena *a, struct str field, bool raw, struct header_address **ret, size_t *ret_n)
{
	struct reader r = {
		.arena = a,
		.rest = field,
		.raw = raw,
		.phrase = BUF_INIT(HEADER_ADDRESS_TEXT_MAX * 4),
		.angle = BUF_INIT(HEADER_ADDRESS_TEXT_MAX * 2),
		.comment = BUF_INIT(HEADER_ADDRESS_TEXT_MAX * 2),
		.list = BUF_INIT((HEADER_ADDRESSES_MAX + 2) * sizeof(struct header_address)),
	};
	enum err e = read_list(&r);

	if (!e) {
		*ret_n = r.list.n / sizeof(**ret);
		*ret = arena_array(a, *ret_n, sizeof(**ret));
		if (!*ret)
			e = ERR_LIMIT;
		else if (r.list.n)
			memcpy(*ret, r.list.p, r.list.n);
	}
	buf_release(&r.phrase);
	buf_release(&r.angle);
	buf_release(&r.comment);
	buf_release(&r.list);
	return e;
}

enum err header_addresses(struct arena *a, struct str raw, struct header_address **ret, size_t *ret_n)
{
	return read_addresses(a, raw, false, ret, ret_n);
}

enum err header_addresses_raw(struct arena *a, struct str raw, struct header_address **ret, size_t *ret_n)
{
	return read_addresses(a, raw, true, ret, ret_n);
}

static bool needs_quotes(struct str local)
{
	static const char specials[] = " ()<>[]:;@\\,\"";

	for (size_t i = 0; i < local.n; i++)
		if (memchr(specials, local.p[i], sizeof(specials) - 1))
			return true;
	return local.n == 0;
}

static void put_spec(struct buf *b, const struct header_address *addr)
{
	if (needs_quotes(addr->local))
		buf_quoted(b, addr->local);
	else
		buf_str(b, addr->local);
	if (addr->domain.n) {
		buf_char(b, '@');
		buf_str(b, addr->domain);
	}
}

void header_address_put(struct buf *b, const struct header_address *addr)
{
	bool has_spec = addr->local.n || addr->domain.n;

	if (addr->name.n) {
		buf_quoted(b, addr->name);
		if (has_spec)
			buf_cstr(b, " <");
	}
	if (has_spec)
		put_spec(b, addr);
	if (addr->name.n && has_spec)
		buf_char(b, '>');
}
