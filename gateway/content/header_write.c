#include <gateway/content/header_write.h>

#include <base/base64.h>
#include <base/utf8.h>

#include <sys/random.h>
#include <time.h>

enum {
	LINE_MAX_CHARS = 76, /* RFC 2047 section 2 */
	WORD_OCTETS = 42,    /* of an encoded word: 56 characters of base64 and the 12 around them */
	MESSAGE_ID_BYTES = 16,
};

void header_date_write(struct buf *b, int64_t ms)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;

	if (!gmtime_r(&seconds, &tm))
		return;
	buf_fmt(b, "%s, %02d %s %d %02d:%02d:%02d +0000", days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
		tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

enum err header_msgid_write(struct buf *b, const char *hostname)
{
	unsigned char id[MESSAGE_ID_BYTES];

	if (getrandom(id, sizeof(id), 0) != (ssize_t)sizeof(id))
		return ERR_IO;
	buf_char(b, '<');
	buf_hex(b, id, sizeof(id));
	buf_fmt(b, "@%s>", hostname);
	return ERR_OK;
}

static bool is_ascii_text(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x7f || (unsigned char)s.p[i] < ' ')
			return false;
	/* What looks like an encoded word would be read as one. */
	return str_find(s, S("=?")) == s.n;
}

static void put_encoded(struct buf *b, struct str text, size_t column)
{
	CLEANUP(buf_release) struct buf plain = BUF_INIT(3 * text.n + 1);

	utf8_put_xml_safe(&plain, text);
	for (size_t i = 0; i < plain.n; i++)
		if (plain.p[i] == '\r' || plain.p[i] == '\n' || plain.p[i] == '\t')
			plain.p[i] = ' ';
	for (struct str rest = buf_view(&plain); rest.n;) {
		size_t room = column + 12 < LINE_MAX_CHARS ? (LINE_MAX_CHARS - 12 - column) / 4 * 3 : 0;
		struct str word = utf8_prefix(rest, room < WORD_OCTETS ? room : WORD_OCTETS);

		if (word.n == 0) {
			buf_cstr(b, "\r\n ");
			column = 1;
			continue;
		}
		buf_cstr(b, "=?UTF-8?B?");
		base64_put(b, word);
		buf_cstr(b, "?=");
		rest = str_slice(rest, word.n, rest.n);
		column = LINE_MAX_CHARS;
	}
}

void header_text_write(struct buf *b, struct str text, size_t column)
{
	if (!is_ascii_text(text)) {
		put_encoded(b, text, column);
		return;
	}
	/* Folds before a word that would pass the line's end; a word that is longer alone stays whole. */
	while (text.n) {
		size_t word = 0;

		while (word < text.n && text.p[word] == ' ')
			word++;
		while (word < text.n && text.p[word] != ' ')
			word++;
		if (text.p[0] == ' ' && column + word > LINE_MAX_CHARS) {
			buf_cstr(b, "\r\n");
			column = 0;
		}
		buf_str(b, str_slice(text, 0, word));
		column += word;
		text = str_slice(text, word, text.n);
	}
}

static bool is_atom_text(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr("()<>[]:;@\\,.\"", s.p[i]))
			return false;
	return true;
}

void header_mailbox_write(struct buf *b, struct str name, struct str address)
{
	if (name.n == 0) {
		buf_str(b, address);
		return;
	}
	if (!is_ascii_text(name)) {
		put_encoded(b, name, 10);
	} else if (is_atom_text(name)) {
		buf_str(b, name);
	} else {
		buf_char(b, '"');
		for (size_t i = 0; i < name.n; i++) {
			if (name.p[i] == '"' || name.p[i] == '\\')
				buf_char(b, '\\');
			buf_char(b, name.p[i]);
		}
		buf_char(b, '"');
	}
	buf_cstr(b, " <");
	buf_str(b, address);
	buf_char(b, '>');
}
