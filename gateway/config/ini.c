/* INI text, a line at a time. */
#include <gateway/config/ini.h>

#include <base/utf8.h>

static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_')
			return false;
	}
	return s.n > 0;
}

static bool is_text(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] < ' ' && s.p[i] != '\t') || s.p[i] == 0x7f)
			return false;
	return utf8_valid(s);
}

static bool seems_to_hold_a_comment(struct str value)
{
	for (size_t i = 0; i < value.n; i++)
		if ((value.p[i] == '#' || value.p[i] == ';') &&
		    (i == 0 || value.p[i - 1] == ' ' || value.p[i - 1] == '\t'))
			return true;
	return false;
}

static const char *read_section(struct str line, struct ini_row *ret)
{
	struct str inside = str_slice(line, 1, line.n - 1), name;

	if (line.p[line.n - 1] != ']' || str_index(inside, ']') < inside.n)
		return "a section is [name] or [name label], alone on its line";
	inside = str_trim(inside);
	name = str_slice(inside, 0, str_index(inside, ' '));
	if (!is_name(name))
		return "the name of a section is lower-case letters, digits and '_'";
	ret->kind = INI_SECTION;
	ret->section = name;
	ret->label = str_trim(str_slice(inside, name.n, inside.n));
	return NULL;
}

static const char *read_value(struct str line, struct ini_row *ret)
{
	size_t equals = str_index(line, '=');

	if (equals == line.n)
		return "neither a comment, nor [section], nor key = value";
	ret->key = str_trim(str_slice(line, 0, equals));
	ret->value = str_trim(str_slice(line, equals + 1, line.n));
	if (!is_name(ret->key))
		return "the name of a key is lower-case letters, digits and '_'";
	if (seems_to_hold_a_comment(ret->value))
		return "a comment stands on a line of its own";
	ret->kind = INI_VALUE;
	return NULL;
}

bool ini_next(struct ini_reader *r, struct ini_row *ret)
{
	static const struct str byte_order_mark = STR_INIT("\xef\xbb\xbf");
	struct str line;

	if (r->line == 0 && str_starts(r->rest, byte_order_mark))
		r->rest = str_slice(r->rest, byte_order_mark.n, r->rest.n);
	while (str_cut(&r->rest, '\n', &line)) {
		r->line++;
		line = str_trim(line);
		if (line.n == 0 || line.p[0] == '#' || line.p[0] == ';')
			continue;
		*ret = (struct ini_row){ .line = r->line };
		if (!is_text(line))
			ret->why = "not UTF-8 text, or control characters in it";
		else if (line.p[0] == '[')
			ret->why = read_section(line, ret);
		else
			ret->why = read_value(line, ret);
		if (ret->why)
			ret->kind = INI_BAD;
		return true;
	}
	return false;
}
