#include <tools/roostctl/listing.h>

#include <base/utf8.h>

#include <stdio.h>
#include <time.h>

enum { LINE_MAX_BYTES = 1024 * 1024, MS_PER_S = 1000 };

void json_put_text(struct buf *b, struct str text)
{
	struct buf valid = BUF_INIT(LINE_MAX_BYTES);

	utf8_put_lossy(&valid, text);
	buf_char(b, '"');
	for (size_t i = 0; i < valid.n; i++) {
		char c = valid.p[i];

		if (c == '"' || c == '\\')
			buf_fmt(b, "\\%c", c);
		else if ((unsigned char)c < 0x20 || c == 0x7f)
			buf_fmt(b, "\\u%04x", (unsigned)c);
		else
			buf_char(b, c);
	}
	buf_char(b, '"');
	buf_release(&valid);
}

void time_put(struct buf *b, int64_t ms)
{
	time_t seconds = (time_t)(ms / MS_PER_S);
	struct tm tm;

	if (gmtime_r(&seconds, &tm))
		buf_fmt(b, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
			tm.tm_min, tm.tm_sec);
}

/* What a mail's sender wrote must not steer the terminal: control characters (C0, DEL, C1) show as U+FFFD. */
static size_t put_plain(struct buf *b, struct str text)
{
	size_t characters = 0, n;
	uint32_t code;

	for (; text.n > 0; text = str_slice(text, n ? n : 1, text.n), characters++) {
		n = utf8_decode(text, &code);
		utf8_put(b, n && code >= 0x20 && (code < 0x7f || code > 0x9f) ? code : 0xfffd);
	}
	return characters;
}

static void put_row(struct listing *l)
{
	if (l->json) {
		buf_char(&l->line, '}');
	} else {
		while (l->line.n > 0 && l->line.p[l->line.n - 1] == ' ')
			buf_truncate(&l->line, l->line.n - 1);
		buf_char(&l->line, '\n');
	}
	fwrite(l->line.p, 1, l->line.n, stdout);
	buf_clear(&l->line);
	l->at = 0;
	l->rows++;
}

static void put_json_key(struct listing *l)
{
	if (l->at == 0)
		buf_cstr(&l->line, l->rows ? ",\n{" : "\n{");
	else
		buf_cstr(&l->line, ", ");
	buf_fmt(&l->line, "\"%s\": ", l->columns[l->at].key);
}

static void put_padded(struct listing *l, struct str text)
{
	const struct column *column = &l->columns[l->at];
	size_t n = put_plain(&l->line, text);

	for (; n < (size_t)column->width; n++)
		buf_char(&l->line, ' ');
	buf_cstr(&l->line, "  ");
}

/* One cell: for people, and as the JSON value that it is. */
static void put_cell(struct listing *l, struct str plain, struct str json)
{
	if (l->json) {
		put_json_key(l);
		buf_str(&l->line, json);
	} else if (l->columns[l->at].title) {
		put_padded(l, plain);
	}
	if (++l->at == l->columns_n)
		put_row(l);
}

void listing_begin(struct listing *l, const struct column *columns, size_t n, bool json)
{
	*l = (struct listing){ .columns = columns, .columns_n = n, .json = json, .line = BUF_INIT(LINE_MAX_BYTES) };
	if (json) {
		fputc('[', stdout);
		return;
	}
	for (size_t i = 0; i < n; i++)
		put_cell(l, str_of(columns[i].title), STR_EMPTY);
}

void listing_text(struct listing *l, struct str text)
{
	struct buf json = BUF_INIT(LINE_MAX_BYTES);

	json_put_text(&json, text);
	put_cell(l, text, buf_view(&json));
	buf_release(&json);
}

void listing_number(struct listing *l, uint64_t n)
{
	struct buf b = BUF_INIT(LINE_MAX_BYTES);

	buf_u64(&b, n);
	put_cell(l, buf_view(&b), buf_view(&b));
	buf_release(&b);
}

void listing_bool(struct listing *l, bool yes)
{
	put_cell(l, yes ? S("yes") : S("no"), yes ? S("true") : S("false"));
}

void listing_time(struct listing *l, int64_t ms)
{
	struct buf b = BUF_INIT(LINE_MAX_BYTES);

	if (ms == 0) {
		put_cell(l, S("-"), S("null"));
		return;
	}
	time_put(&b, ms);
	listing_text(l, buf_view(&b));
	buf_release(&b);
}

void listing_end(struct listing *l)
{
	if (l->json)
		fputs(l->rows ? "\n]\n" : "]\n", stdout);
	buf_release(&l->line);
}
