#include <tools/roostctl/listing.h>

#include <base/utf8.h>

#include <stdio.h>
#include <time.h>

enum { LINE_MAX_BYTES = 1024 * 1024, TITLE_WIDTH = 16, MS_PER_S = 1000 };

static bool is_json_plain(char c)
{
	return (unsigned char)c >= 0x20 && c != 0x7f && c != '"' && c != '\\';
}

static void put_json_valid(struct buf *b, struct str text)
{
	size_t from = 0;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (is_json_plain(c))
			continue;
		buf_str(b, str_slice(text, from, i));
		from = i + 1;
		if (c == '"' || c == '\\')
			buf_fmt(b, "\\%c", c);
		else
			buf_fmt(b, "\\u%04x", (unsigned)c);
	}
	buf_str(b, str_slice(text, from, text.n));
}

void json_put_text(struct buf *b, struct str text)
{
	struct buf valid = BUF_INIT(LINE_MAX_BYTES);

	buf_char(b, '"');
	if (utf8_valid(text)) {
		put_json_valid(b, text);
	} else {
		utf8_put_lossy(&valid, text);
		put_json_valid(b, buf_view(&valid));
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

static bool is_printable_ascii(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < ' ' || text.p[i] > '~')
			return false;
	return true;
}

size_t listing_put_plain(struct buf *b, struct str text)
{
	size_t characters = 0, n;
	uint32_t code;

	if (is_printable_ascii(text)) { /* nearly all; a listing may have a hundred thousand rows */
		buf_str(b, text);
		return text.n;
	}
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

static void put_json_key(struct listing *l, const struct column *column)
{
	buf_cstr(&l->line, l->at ? ", \"" : l->rows ? ",\n{\"" : "\n{\"");
	buf_cstr(&l->line, column->key);
	buf_cstr(&l->line, "\": ");
}

static void put_padded(struct buf *b, struct str text, int width)
{
	size_t n = listing_put_plain(b, text);

	for (; n < (size_t)width; n++)
		buf_char(b, ' ');
	buf_cstr(b, "  ");
}

static void put_line(struct buf *b, const struct column *column, struct str text)
{
	put_padded(b, str_of(column->title), TITLE_WIDTH);
	listing_put_plain(b, text);
	buf_char(b, '\n');
}

enum cell { CELL_TEXT, CELL_VALUE }; /* in JSON a string, or as it is */

/* One cell: for people, and as the JSON value that it is. */
static void put_cell(struct listing *l, struct str plain, struct str json, enum cell kind)
{
	const struct column *column = &l->columns[l->at];

	if (l->form == LISTING_JSON) {
		put_json_key(l, column);
		if (kind == CELL_TEXT)
			json_put_text(&l->line, json);
		else
			buf_str(&l->line, json);
	} else if (column->title && l->form == LISTING_TABLE) {
		put_padded(&l->line, plain, column->width);
	} else if (column->title) {
		put_line(&l->line, column, plain);
	}
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
		put_cell(l, str_of(columns[i].title), STR_EMPTY, CELL_TEXT);
}

void listing_text(struct listing *l, struct str text)
{
	put_cell(l, text, text, CELL_TEXT);
}

void listing_number(struct listing *l, uint64_t n)
{
	struct buf b = BUF_INIT(LINE_MAX_BYTES);

	buf_u64(&b, n);
	put_cell(l, buf_view(&b), buf_view(&b), CELL_VALUE);
	buf_release(&b);
}

void listing_bool(struct listing *l, bool yes)
{
	put_cell(l, yes ? S("yes") : S("no"), yes ? S("true") : S("false"), CELL_VALUE);
}

void listing_time(struct listing *l, int64_t ms)
{
	struct buf b = BUF_INIT(LINE_MAX_BYTES);

	if (ms == 0) {
		put_cell(l, S("-"), S("null"), CELL_VALUE);
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
