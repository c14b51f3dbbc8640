#include <gateway/outbound/smtp_reply.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "250-text" or "250 text" or "250", without its line end. */
static bool parse_line(struct str line, unsigned *ret_code, bool *ret_last)
{
	if (line.n < 3 || line.p[0] < '2' || line.p[0] > '5' || !is_digit(line.p[1]) || !is_digit(line.p[2]))
		return false;
	if (line.n > 3 && line.p[3] != ' ' && line.p[3] != '-')
		return false;
	*ret_code = (unsigned)(line.p[0] - '0') * 100 + (unsigned)(line.p[1] - '0') * 10 + (unsigned)(line.p[2] - '0');
	*ret_last = line.n == 3 || line.p[3] == ' ';
	return true;
}

enum smtp_parsed smtp_reply_parse(struct str bytes, struct smtp_reply *ret)
{
	unsigned code, first = 0;
	size_t at = 0;
	bool last;

	for (;;) {
		struct str rest = str_slice(bytes, at, bytes.n), line;
		size_t end = str_index(rest, '\n');

		if (end == rest.n)
			return bytes.n > SMTP_MAX_REPLY ? SMTP_BAD : SMTP_NEED_MORE;
		line = str_trim(str_slice(rest, 0, end));
		at += end + 1;
		if (at > SMTP_MAX_REPLY || !parse_line(line, &code, &last) || (first && code != first))
			return SMTP_BAD;
		first = code;
		if (!last)
			continue;
		*ret = (struct smtp_reply){ .code = code, .text = str_slice(bytes, 0, at), .used = at };
		return SMTP_DONE;
	}
}

/* The n-th line's text behind the code; false: there is none. */
static bool next_text(struct str *rest, struct str *ret)
{
	struct str line;

	if (!rest->n || !str_cut(rest, '\n', &line))
		return false;
	line = str_trim(line);
	*ret = str_slice(line, 4, line.n);
	return true;
}

/* "5.1.1" that begins a text: its length, 0 where it does not. */
static size_t status_length(struct str s, char class)
{
	size_t n = 0, dots = 0, digits = 0;

	if (s.n < 5 || s.p[0] != class || s.p[1] != '.')
		return 0;
	for (; n < s.n && n < SMTP_MAX_STATUS && (is_digit(s.p[n]) || s.p[n] == '.'); n++) {
		if (s.p[n] == '.' && digits == 0)
			return 0;
		dots += s.p[n] == '.';
		digits = s.p[n] == '.' ? 0 : digits + 1;
		if (digits > 3)
			return 0;
	}
	return dots == 2 && digits > 0 && (n == s.n || s.p[n] == ' ') ? n : 0;
}

struct str smtp_reply_status(const struct smtp_reply *r)
{
	struct str rest = r->text, text = STR_EMPTY, line;

	while (next_text(&rest, &line))
		if (line.n || rest.n)
			text = line;
	return str_slice(text, 0, status_length(text, (char)('0' + r->code / 100)));
}

void smtp_reply_put(struct buf *b, const struct smtp_reply *r)
{
	struct str rest = r->text, text;

	buf_u64(b, r->code);
	while (next_text(&rest, &text)) {
		if (!text.n)
			continue;
		buf_char(b, ' ');
		for (size_t i = 0; i < text.n; i++)
			buf_char(b,
				 (unsigned char)text.p[i] < ' ' || (unsigned char)text.p[i] >= 0x7f ? '?' : text.p[i]);
	}
}

struct smtp_extensions smtp_extensions_of(const struct smtp_reply *ehlo)
{
	static const struct {
		struct str keyword;
		enum smtp_extension bit;
	} known[] = {
		{ STR_INIT("8BITMIME"), SMTP_8BITMIME },
		{ STR_INIT("DSN"), SMTP_DSN },
		{ STR_INIT("SMTPUTF8"), SMTP_UTF8 },
		{ STR_INIT("SIZE"), SMTP_SIZE },
	};
	struct smtp_extensions e = { 0 };
	struct str rest = ehlo->text, text;
	bool first = true;

	for (; next_text(&rest, &text); first = false) {
		struct str value = text, keyword;

		if (first || !str_cut(&value, ' ', &keyword)) /* the first line is the server's name */
			continue;
		for (size_t i = 0; i < countof(known); i++)
			if (str_ieq(known[i].keyword, keyword))
				e.have |= known[i].bit;
		if (str_ieq(keyword, S("SIZE")) && str_to_u64(str_trim(value), INT64_MAX, &e.max_size) != ERR_OK)
			e.max_size = 0;
	}
	return e;
}
