#include <tools/roostctl/listing.h>

#include <base/utf8.h>

#include <stdio.h>
#include <time.h>

enum { LINE_MAX_BYTES = 1024 * 1024, TITLE_WIDTH = 16, MS_PER_S = 1000 };

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
	static const char *const ends[] = { [LISTING_TABLE] = "\n", [LISTING_BLOCKS] = "\n", [LISTING_JSON] = "}" };

	while (l->form == LISTING_TABLE && l->line.n > 0 && l->line.p[l->line.n - 1] == ' ')
		buf_truncate(&l->line, l->line.n - 1);
	buf_cstr(&l->line, ends[l->form]);
	fwrite(l->line.p, 1, l->line.n, stdout);
	buf_clear(&l->line);
	l->at = 0;
	l->rows++;
}

static void put_json(struct listing *l, const struct column *column, struct str value)
{
	const char *begin = l->rows ? ",\n{" : "\n{";

	buf_fmt(&l->line, "%s\"%s\": " STR_FMT, l->at ? ", " : begin, column->key, STR_ARG(value));
}

static void put_padded(struct buf *b, struct str text, int width)
{
	size_t n = put_plain(b, text);

	for (; n < (size_t)width; n++)
		buf_char(b, ' ');
	buf_cstr(b, "  ");
}

static void put_line(struct buf *b, const struct column *column, struct str text)
{
	put_padded(b, str_of(column->title), TITLE_WIDTH);
	put_plain(b, text);
	buf_char(b, '\n');
}

/* One cell: for people, and as the JSON value that it is. */
static void put_cell(struct listing *l, struct str plain, struct str json)
{
	const struct column *column = &l->columns[l->at];

	if (l->form == LISTING_JSON)
		put_json(l, column, json);
	else if (column->title && l->form == LISTING_TABLE)
		put_padded(&l->line, plain, column->width);
	else if (column->title)
		put_line(&l->line, column, plain);
	if (++l->at == l->columns_n)
		put_row(l);
}

enum listing_form listing_form(const char *json_option, enum listing_form form)
{
	return json_option ? LISTING_JSON : form;
}

void listing_begin(struct listing *l, const struct column *columns, size_t n, enum listing_form form)
{
	*l = (struct listing){ .columns = columns, .columns_n = n, .form = form, .line = BUF_INIT(LINE_MAX_BYTES) };
	if (form == LISTING_JSON)
		fputc('[', stdout);
	for (size_t i = 0; form == LISTING_TABLE && i < n; i++)
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
	if (l->form == LISTING_JSON)
		fputs(l->rows ? "\n]\n" : "]\n", stdout);
	buf_release(&l->line);
}
