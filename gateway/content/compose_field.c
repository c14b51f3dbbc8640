/*
 * Header fields. A field is written as words, each behind a blank or, where the line would grow too long, behind a
 * fold. What ASCII can't say becomes encoded words, from the first word that needs it to the last one, so that no blank
 * stands between an encoded and a plain one that was not there.
 */
#include <gateway/content/compose.h>

#include <base/base64.h>
#include <base/utf8.h>

#include <gateway/content/header_words.h>
#include <gateway/content/octet.h>

#include <time.h>

enum {
	WORD_HEAD = sizeof("=?utf-8?Q?") - 1,
	WORD_TAIL = sizeof("?=") - 1,
	WORD_MAX = 75,                              /* RFC 2047 section 2 */
	WORD_ROOM_MIN = WORD_HEAD + WORD_TAIL + 12, /* a line with less room is left */
	QUOTED_MAX = 60,                            /* octets of a quoted string, which can't be folded */
};

static size_t column(const struct buf *b)
{
	size_t at = b->n;

	while (at && b->p[at - 1] != '\n')
		at--;
	return b->n - at;
}

static void fail(struct buf *b, enum err e)
{
	if (e && !b->err)
		b->err = e;
}

/* Behind a blank, or a fold where it does not fit on this line. */
static void put_word(struct buf *b, struct str word)
{
	/* One more octet may follow at once: a comma, a semicolon. */
	buf_cstr(b, column(b) + 1 + word.n >= COMPOSE_LINE_MAX ? "\r\n " : " ");
	buf_str(b, word);
}

static void field_begin(struct buf *b, struct str name)
{
	buf_str(b, name);
	buf_char(b, ':');
}

/* ---- encoded words ---- */

/* RFC 2047 section 5 (3): what may stand in a phrase may stand everywhere. */
static bool is_q_plain(char c)
{
	return octet_is_alpha(c) || octet_is_digit(c) || (c && strchr("!*+-/", c));
}

static size_t q_cost(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += is_q_plain(s.p[i]) || s.p[i] == ' ' ? 1 : 3;
	return n;
}

static size_t b_cost(size_t octets)
{
	return (octets + 2) / 3 * 4;
}

static void q_put(struct buf *b, struct str s)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == ' ') {
			buf_char(b, '_');
		} else if (is_q_plain(s.p[i])) {
			buf_char(b, s.p[i]);
		} else {
			buf_char(b, '=');
			buf_char(b, hex[c >> 4]);
			buf_char(b, hex[c & 15]);
		}
	}
}

/* Octets of whole characters that fit into `room` encoded ones; at least one character. */
static size_t word_fits(struct str s, bool q, size_t room)
{
	size_t n = 0, cost = 0;

	while (n < s.n) {
		uint32_t code;
		size_t len = utf8_decode(str_slice(s, n, s.n), &code);

		cost = q ? cost + q_cost(str_slice(s, n, n + len)) : b_cost(n + len);
		if (n && cost > room)
			break;
		n += len;
	}
	return n;
}

/* s is valid UTF-8 without control octets. Each word but the first has a line of its own. */
static void put_encoded(struct buf *b, struct str s)
{
	const bool q = q_cost(s) <= b_cost(s.n) * 3 / 2; /* Q is readable, and longer for what is not Latin */

	if (column(b) + 1 + WORD_ROOM_MIN > COMPOSE_LINE_MAX)
		buf_cstr(b, "\r\n");
	for (bool first = true; s.n; first = false) {
		size_t n, room = COMPOSE_LINE_MAX - 1; /* a comma may follow */

		if (!first)
			buf_cstr(b, "\r\n");
		buf_char(b, ' ');
		room -= column(b) - 1;
		room = room < WORD_MAX ? room : WORD_MAX;
		n = word_fits(s, q, room - WORD_HEAD - WORD_TAIL);
		buf_cstr(b, q ? "=?utf-8?Q?" : "=?utf-8?B?");
		if (q)
			q_put(b, str_slice(s, 0, n));
		else
			base64_put(b, str_slice(s, 0, n));
		buf_cstr(b, "?=");
		s = str_slice(s, n, s.n);
	}
}

/* ---- text ---- */

/* Does a word have to be encoded, because of what is in it or because no line holds it? */
static bool is_awkward(struct str word)
{
	for (size_t i = 0; i < word.n; i++)
		if ((unsigned char)word.p[i] >= 0x7f)
			return true;
	return word.n > COMPOSE_LINE_MAX - 1 || str_find(word, S("=?")) < word.n;
}

/*
 * The span of text that is encoded: from the first to the last word that needs it. Words beside more than one blank do,
 * as such blanks would not outlive a fold, and so do those beside blanks at the ends.
 */
static void encoded_span(struct str text, size_t *ret_from, size_t *ret_to)
{
	size_t from = text.n, to = 0;
	for (size_t at = 0; at < text.n;) {
		size_t start = at, word, end, blanks;
		bool wide_before;

		while (at < text.n && text.p[at] == ' ')
			at++;
		blanks = at - start;
		word = at;
		at += str_index(str_slice(text, at, text.n), ' ');
		end = at;
		while (end < text.n && text.p[end] == ' ')
			end++;
		wide_before = blanks > 1 || (blanks && start == 0);
		if (is_awkward(str_slice(text, word, at)) || wide_before || end - at > 1 ||
		    (end == text.n && end > at)) {
			from = from < text.n ? from : start == 0 ? 0 : word;
			to = end == text.n ? end : at;
		}
	}
	*ret_from = from;
	*ret_to = to;
}

static void put_words(struct buf *b, struct str text)
{
	struct str word;

	while (str_cut(&text, ' ', &word))
		if (word.n)
			put_word(b, word);
}

/* text is on one line and without control octets. */
static void put_text(struct buf *b, struct str text)
{
	size_t from, to;

	encoded_span(text, &from, &to);
	if (from >= to) {
		put_words(b, text);
		return;
	}
	put_words(b, str_slice(text, 0, from));
	put_encoded(b, str_slice(text, from, to));
	put_words(b, str_slice(text, to, text.n));
}

/* A value as it may stand on a line: b is scratch. */
static struct str one_line(struct buf *line, struct str s)
{
	line->max = 3 * s.n + 1;
	header_plain_put(line, s);
	return buf_view(line);
}

void compose_field_text(struct buf *b, struct str name, struct str text)
{
	struct buf line = BUF_INIT(0);

	field_begin(b, name);
	put_text(b, one_line(&line, text));
	fail(b, buf_status(&line));
	buf_cstr(b, "\r\n");
	buf_release(&line);
}

void compose_field_plain(struct buf *b, struct str name, struct str value)
{
	struct buf line = BUF_INIT(0);

	field_begin(b, name);
	put_words(b, one_line(&line, value));
	fail(b, buf_status(&line));
	buf_cstr(b, "\r\n");
	buf_release(&line);
}

/* ---- addresses ---- */

static bool is_atom_char(char c)
{
	return octet_is_alpha(c) || octet_is_digit(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool is_atoms(struct str s, char joint)
{
	char last = joint;

	for (size_t i = 0; i < s.n; last = s.p[i++])
		if (!(s.p[i] == joint ? last != joint : is_atom_char(s.p[i])))
			return false;
	return last != joint;
}

/* A display name, or that of a group. */
static void put_phrase(struct buf *b, struct str name)
{
	struct buf line = BUF_INIT(0), quoted = BUF_INIT(2 * QUOTED_MAX + 2);
	struct str s = str_trim(one_line(&line, name));

	if (is_awkward(s) || s.n > QUOTED_MAX) {
		put_encoded(b, s);
	} else if (is_atoms(s, ' ')) {
		put_words(b, s);
	} else {
		buf_quoted(&quoted, s);
		put_word(b, buf_view(&quoted));
	}
	fail(b, buf_status(&line));
	fail(b, buf_status(&quoted));
	buf_release(&line);
	buf_release(&quoted);
}

/* What can't stand in a domain is left out, so that nothing gets from there into the rest of the header. */
static void put_domain(struct buf *b, struct str domain)
{
	for (size_t i = 0; i < domain.n; i++) {
		char c = domain.p[i];

		if (octet_is_alpha(c) || octet_is_digit(c) || (unsigned char)c >= 0x80 || (c && strchr(".-_:[]", c)))
			buf_char(b, c);
	}
}

static bool is_local(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x80 && s.p[i] != '.' && !is_atom_char(s.p[i]))
			return false;
	return s.n > 0;
}

static void put_spec(struct buf *b, const struct header_address *a)
{
	struct buf line = BUF_INIT(0);
	struct str local = one_line(&line, a->local);

	if (is_local(local))
		buf_str(b, local);
	else
		buf_quoted(b, local);
	if (a->domain.n) {
		buf_char(b, '@');
		put_domain(b, a->domain);
	}
	fail(b, buf_status(&line));
	buf_release(&line);
}

static void put_mailbox(struct buf *b, const struct header_address *a)
{
	const bool has_spec = a->local.n || a->domain.n;
	struct buf spec = BUF_INIT(4 * (a->local.n + a->domain.n) + 8);

	if (a->name.n)
		put_phrase(b, a->name);
	if (has_spec) {
		buf_cstr(&spec, a->name.n ? "<" : "");
		put_spec(&spec, a);
		buf_cstr(&spec, a->name.n ? ">" : "");
		put_word(b, buf_view(&spec));
	}
	fail(b, buf_status(&spec));
	buf_release(&spec);
}

void compose_field_addresses(struct buf *b, struct str name, const struct header_address *list, size_t n)
{
	struct str group = STR_EMPTY;
	bool first = true; /* of the list or of its group */

	if (n == 0)
		return;
	field_begin(b, name);
	for (size_t i = 0; i < n; i++) {
		const struct header_address *a = &list[i];

		if (!str_eq(a->group, group)) {
			buf_cstr(b, group.n ? ";" : "");
			buf_cstr(b, i ? "," : "");
			group = a->group;
			first = true;
			if (group.n) {
				put_phrase(b, group);
				buf_char(b, ':');
			}
		}
		buf_cstr(b, first ? "" : ",");
		put_mailbox(b, a);
		first = false;
	}
	buf_cstr(b, group.n ? ";\r\n" : "\r\n");
}

/* ---- dates ---- */

void compose_field_date(struct buf *b, struct str name, int64_t ms)
{
	static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	static const int64_t min_ms = -2208988800000, max_ms = 253402300799000; /* years 1900 to 9999 */
	struct tm tm = { 0 };
	time_t seconds;

	ms = ms < min_ms ? min_ms : ms > max_ms ? max_ms : ms;
	seconds = (time_t)((ms - min_ms) / 1000 + min_ms / 1000);
	gmtime_r(&seconds, &tm);
	buf_str(b, name);
	buf_fmt(b, ": %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
		tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* ---- parameters ---- */

enum { PIECE_ROOM_MIN = 24 };

/* RFC 2231 section 7: attribute-char. */
static bool is_attribute_char(char c)
{
	return (is_atom_char(c) || c == '.') && c != '*' && c != '\'' && c != '%';
}

static bool is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!octet_is_alpha(c) && !octet_is_digit(c) && !(c && strchr("!#$%&'*+-.^_`{|}~", c)))
			return false;
	}
	return s.n > 0 && s.n <= QUOTED_MAX;
}

static void percent_put(struct buf *b, struct str s)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (is_attribute_char(s.p[i])) {
			buf_char(b, s.p[i]);
		} else {
			buf_char(b, '%');
			buf_char(b, hex[c >> 4]);
			buf_char(b, hex[c & 15]);
		}
	}
}

static size_t percent_fits(struct str s, size_t room)
{
	size_t n = 0, cost = 0;

	while (n < s.n) {
		cost += is_attribute_char(s.p[n]) ? 1 : 3;
		if (cost > room)
			break;
		n++;
	}
	return n;
}

/* Pieces (RFC 2231 section 3), each on a line of its own; one alone has no number. */
static void put_extended(struct buf *b, struct str name, struct str value)
{
	const size_t head = name.n + sizeof(" *0000*=utf-8'';") - 1;
	const size_t room = head + PIECE_ROOM_MIN < COMPOSE_LINE_MAX ? COMPOSE_LINE_MAX - head : PIECE_ROOM_MIN;
	const bool one = percent_fits(value, room) == value.n;

	for (unsigned i = 0; i == 0 || value.n; i++) {
		size_t n = percent_fits(value, room);

		buf_cstr(b, i ? ";\r\n " : "\r\n ");
		buf_str(b, name);
		if (!one)
			buf_fmt(b, "*%u", i);
		buf_cstr(b, i ? "*=" : "*=utf-8''");
		percent_put(b, str_slice(value, 0, n));
		value = str_slice(value, n, value.n);
	}
}

static bool is_quotable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x7f)
			return false;
	return s.n <= QUOTED_MAX && str_find(s, S("=?")) == s.n && str_trim(s).n == s.n;
}

void compose_param(struct buf *b, struct str name, struct str value)
{
	struct buf line = BUF_INIT(0), word = BUF_INIT(name.n + 2 * QUOTED_MAX + 4);
	struct str s = one_line(&line, value);

	buf_char(b, ';');
	if (is_quotable(s)) {
		buf_str(&word, name);
		buf_char(&word, '=');
		if (is_token(s))
			buf_str(&word, s);
		else
			buf_quoted(&word, s);
		put_word(b, buf_view(&word));
	} else {
		put_extended(b, name, s);
	}
	fail(b, buf_status(&line));
	fail(b, buf_status(&word));
	buf_release(&line);
	buf_release(&word);
}
