/*
 * Encoded words (RFC 2047). Adjacent words of one charset are one text: their octets are collected and converted
 * together, because many senders cut a character in two. Text between words is taken as it is, but for the blanks
 * between two words, which belong to neither.
 */
#include <gateway/content/header_words.h>

#include <base/hex.h>
#include <base/base64.h>
#include <base/utf8.h>

#include <gateway/content/charset.h>
#include <gateway/content/header.h>
#include <gateway/content/octet.h>

struct word {
	const struct charset *charset; /* NULL: unknown */
	struct str text;
	bool base64;
	size_t n; /* octets of the whole word */
};

struct words {
	struct buf *out;
	struct charset_stream charset; /* of the run of words that is open */
	const struct charset *run;
	bool in_run;
};

/*
 * The word that s, which begins with "=?", begins with. Its text may hold blanks, as careless senders write them in Q,
 * but no second "=?".
 */
static bool word_read(struct str s, struct word *ret)
{
	struct str rest = str_slice(s, 2, s.n < HEADER_ENCODED_WORD_MAX ? s.n : HEADER_ENCODED_WORD_MAX);
	size_t mark = str_index(rest, '?'), end;
	struct str name = str_slice(rest, 0, mark);

	if (mark == 0 || mark > CHARSET_NAME_MAX || rest.n - mark < 4 || rest.p[mark + 2] != '?')
		return false;
	name = str_slice(name, 0, str_index(name, '*')); /* RFC 2231 section 5: a language may follow */
	if (str_index(name, ' ') < name.n)
		return false;
	ret->base64 = ascii_lower(rest.p[mark + 1]) == 'b';
	if (!ret->base64 && ascii_lower(rest.p[mark + 1]) != 'q')
		return false;
	rest = str_slice(rest, mark + 3, rest.n);
	end = str_find(rest, S("?="));
	if (end == rest.n || str_find(str_slice(rest, 0, end), S("=?")) < end)
		return false;
	ret->charset = charset_find(name);
	ret->text = str_slice(rest, 0, end);
	ret->n = (size_t)(ret->text.p - s.p) + end + 2;
	return true;
}

size_t header_word_length(struct str s)
{
	struct word word;

	return str_starts(s, S("=?")) && word_read(s, &word) ? word.n : 0;
}

static void q_decode(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		int octet = s.p[i] == '=' ? hex_pair(s, i + 1) : -1;

		if (octet >= 0) {
			buf_char(b, (char)octet);
			i += 2;
		} else {
			buf_char(b, s.p[i] == '_' ? ' ' : s.p[i]);
		}
	}
}

void header_plain_put(struct buf *b, struct str s)
{
	size_t from = 0;

	for (size_t i = 0; i <= s.n; i++) {
		bool plain = i < s.n && ((unsigned char)s.p[i] >= ' ' && s.p[i] != 0x7f);

		if (plain)
			continue;
		utf8_put_xml_safe(b, str_slice(s, from, i));
		if (i < s.n && octet_is_space(s.p[i]))
			buf_char(b, ' ');
		from = i + 1;
	}
}

static void converted(struct words *w, void (*step)(struct charset_stream *st, struct buf *b, struct str s),
		      struct str s)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(8 * HEADER_ENCODED_WORD_MAX);

	step(&w->charset, &text, s);
	header_plain_put(w->out, buf_view(&text));
}

static void finish_step(struct charset_stream *st, struct buf *b, struct str s)
{
	(void)s;
	charset_finish(st, b);
}

static void run_end(struct words *w)
{
	if (!w->in_run)
		return;
	converted(w, finish_step, STR_EMPTY);
	charset_release(&w->charset);
	w->in_run = false;
}

static void word_put(struct words *w, const struct word *word)
{
	CLEANUP(buf_release) struct buf octets = BUF_INIT(HEADER_ENCODED_WORD_MAX);

	if (w->in_run && w->run != word->charset)
		run_end(w);
	if (!w->in_run) {
		charset_init(&w->charset, word->charset);
		w->run = word->charset;
		w->in_run = true;
	}
	if (word->base64) {
		struct base64_stream st = { 0 };

		base64_stream_put(&st, &octets, word->text);
	} else {
		q_decode(&octets, word->text);
	}
	converted(w, charset_put, buf_view(&octets));
}

/* Text between words. Folds go; a fold that has lost its blank counts as one. */
static void text_put(struct words *w, struct str s)
{
	CLEANUP(buf_release) struct buf flat = BUF_INIT(s.n + 1);
	CLEANUP(buf_release) struct buf text = BUF_INIT(3 * s.n + 3);

	run_end(w);
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\r' && s.p[i] != '\n')
			buf_char(&flat, s.p[i]);
	charset_convert(NULL, &text, buf_view(&flat));
	header_plain_put(w->out, buf_view(&text));
}

static bool all_blank(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!octet_is_space(s.p[i]))
			return false;
	return true;
}

void header_words_put(struct buf *b, struct str s)
{
	struct words w = { .out = b };
	size_t from = 0, at = 0;

	while (at < s.n) {
		struct word word;

		at += str_find(str_slice(s, at, s.n), S("=?"));
		if (at >= s.n)
			break;
		if (!word_read(str_slice(s, at, s.n), &word)) {
			at += 2;
			continue;
		}
		if (at > from && !(w.in_run && all_blank(str_slice(s, from, at))))
			text_put(&w, str_slice(s, from, at));
		word_put(&w, &word);
		at += word.n;
		from = at;
	}
	if (from < s.n)
		text_put(&w, str_slice(s, from, s.n));
	run_end(&w);
}

void header_text(struct buf *b, struct str raw)
{
	header_words_put(b, str_trim(raw));
}
