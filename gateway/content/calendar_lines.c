/* Content lines (RFC 5545 section 3.1). */
#include <gateway/content/calendar_lines.h>

#include <base/utf8.h>

enum { FOLD_AT = 75 }; /* octets of a line without its end */

/* ---- reading ---- */

/* Up to the next line that is no continuation; false at the end. */
static bool next_line(struct str *rest, struct str *ret)
{
	size_t n;

	if (rest->n == 0)
		return false;
	n = str_index(*rest, '\n');
	while (n + 1 < rest->n && (rest->p[n + 1] == ' ' || rest->p[n + 1] == '\t'))
		n += 1 + str_index(str_slice(*rest, n + 1, rest->n), '\n');
	*ret = str_slice(*rest, 0, n);
	*rest = str_slice(*rest, n + 1, rest->n);
	while (ret->n && ret->p[ret->n - 1] == '\r')
		ret->n--;
	return true;
}

static struct str name_of(struct str line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] != ':' && line.p[n] != ';' && line.p[n] != '\r' && line.p[n] != '\n')
		n++;
	return str_slice(line, 0, n);
}

/* Over its folds; a line whose name has one comes in one piece, or others would read a name that we do not know. */
static enum err whole_name(struct arena *a, struct str *line, struct str *ret)
{
	*ret = name_of(*line);
	if (ret->n == line->n || line->p[ret->n] == ':' || line->p[ret->n] == ';')
		return ERR_OK;
	TRY(ical_unfold(a, *line, line));
	*ret = name_of(*line);
	return ERR_OK;
}

static enum err append(struct arena *a, struct ical_part *part, struct str raw, struct ical_part *child)
{
	struct ical_entry *e = arena_new(a, struct ical_entry);

	if (!e)
		return ERR_LIMIT;
	*e = (struct ical_entry){ .part = child, .name = child ? child->name : name_of(raw), .raw = raw };
	if (part->last)
		part->last->next = e;
	else
		part->first = e;
	part->last = e;
	return ERR_OK;
}

enum err ical_new(struct arena *a, struct str name, struct ical_part **ret)
{
	struct ical_part *part = arena_new(a, struct ical_part);

	if (!part)
		return ERR_LIMIT;
	part->name = name;
	*ret = part;
	return ERR_OK;
}

/* What is left open at the end ends there. */
static enum err parse_part(struct arena *a, struct str *rest, struct ical_part *root)
{
	struct ical_part *open[ICAL_DEPTH_MAX] = { root };
	size_t depth = 1;
	struct str line;

	while (next_line(rest, &line)) {
		struct str value, name;

		TRY(whole_name(a, &line, &name));
		value = str_trim(ical_value(line));
		if (str_ieq(name, S("END"))) {
			if (!str_ieq(value, open[depth - 1]->name))
				return ERR_INVALID;
			if (--depth == 0)
				return ERR_OK;
		} else if (str_ieq(name, S("BEGIN"))) {
			if (depth == ICAL_DEPTH_MAX)
				return ERR_LIMIT;
			TRY(ical_new(a, value, &open[depth]));
			TRY(append(a, open[depth - 1], STR_EMPTY, open[depth]));
			depth++;
		} else if (line.n) {
			TRY(append(a, open[depth - 1], line, NULL));
		}
	}
	return ERR_OK;
}

/* An event that stands alone is taken as a calendar of it. */
enum err ical_parse(struct arena *a, struct str text, struct ical_part **ret, struct str *rest)
{
	static const struct str alone[] = { STR_INIT("VEVENT"), STR_INIT("VTODO"), STR_INIT("VJOURNAL") };
	struct ical_part *root, *child;
	struct str line;

	if (str_starts(text, S("\xEF\xBB\xBF")))
		text = str_slice(text, 3, text.n);
	while (next_line(&text, &line)) {
		struct str begin = str_trim(line), kind = str_trim(ical_value(begin));
		bool bare = false;

		if (!str_ieq(name_of(begin), S("BEGIN")))
			continue;
		for (size_t i = 0; i < countof(alone); i++)
			bare |= str_ieq(kind, alone[i]);
		if (!bare && !str_ieq(kind, S("VCALENDAR")))
			continue;
		TRY(ical_new(a, S("VCALENDAR"), &root));
		child = root;
		if (bare) {
			TRY(ical_new(a, kind, &child));
			TRY(append(a, root, STR_EMPTY, child));
		}
		TRY(parse_part(a, &text, child));
		*ret = root;
		if (rest)
			*rest = text;
		return ERR_OK;
	}
	return ERR_INVALID;
}

/* How many octets of a line's fold begin there; 0: none. */
static size_t fold_at(struct str raw, size_t at)
{
	size_t end = at + (raw.p[at] == '\r' && at + 1 < raw.n && raw.p[at + 1] == '\n');

	return raw.p[end] == '\n' && end + 1 < raw.n ? end + 2 - at : 0;
}

enum err ical_unfold(struct arena *a, struct str raw, struct str *ret)
{
	char *p = arena_alloc(a, raw.n + 1);
	size_t n = 0;

	if (!p)
		return ERR_LIMIT;
	for (size_t i = 0; i < raw.n; i++) {
		size_t fold = fold_at(raw, i);

		if (fold)
			i += fold - 1;
		else
			p[n++] = raw.p[i];
	}
	*ret = str_from(p, n);
	return ERR_OK;
}

static bool starts_at(struct str raw, size_t at, struct str text)
{
	size_t n = 0;

	while (n < text.n && at < raw.n) {
		size_t fold = fold_at(raw, at);

		if (!fold && raw.p[at] != text.p[n])
			return false;
		n += !fold;
		at += fold ? fold : 1;
	}
	return n == text.n;
}

bool ical_raw_has(struct str raw, struct str text)
{
	for (size_t at = 0; at < raw.n; at++)
		if (starts_at(raw, at, text))
			return true;
	return false;
}

enum err ical_zone_name(struct arena *a, const struct ical_part *zone, struct str *ret)
{
	const struct ical_entry *id = ical_line_find(zone->first, S("TZID"));
	struct str line;

	*ret = STR_EMPTY;
	if (!id)
		return ERR_OK;
	TRY(ical_unfold(a, id->raw, &line));
	TRY(ical_text_read(a, ical_value(line), ret));
	*ret = str_trim(*ret);
	return ERR_OK;
}

bool ical_has_zone(struct arena *a, const struct ical_part *calendar, struct str name)
{
	for (struct ical_entry *e = ical_part_find(calendar->first, S("VTIMEZONE")); e;
	     e = ical_part_find(e->next, S("VTIMEZONE"))) {
		struct str its;

		if (!ical_zone_name(a, e->part, &its) && str_eq(its, str_trim(name)))
			return true;
	}
	return false;
}

struct str ical_value(struct str line)
{
	bool quoted = false;

	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] == '"')
			quoted = !quoted;
		else if (line.p[i] == ':' && !quoted)
			return str_slice(line, i + 1, line.n);
	}
	return STR_EMPTY;
}

struct ical_entry *ical_line_find(struct ical_entry *from, struct str name)
{
	while (from && (from->part || !str_ieq(from->name, name)))
		from = from->next;
	return from;
}

struct ical_entry *ical_part_find(struct ical_entry *from, struct str name)
{
	while (from && (!from->part || !str_ieq(from->name, name)))
		from = from->next;
	return from;
}

/* ---- writing ---- */

void ical_put(struct buf *b, const struct ical_part *part)
{
	buf_fmt(b, "BEGIN:" STR_FMT "\r\n", STR_ARG(part->name));
	for (const struct ical_entry *e = part->first; e; e = e->next) {
		if (e->part) {
			ical_put(b, e->part);
			continue;
		}
		buf_str(b, e->raw);
		buf_cstr(b, "\r\n");
	}
	buf_fmt(b, "END:" STR_FMT "\r\n", STR_ARG(part->name));
}

static void remove_if(struct ical_part *part, const struct ical_entry *entry, struct str name)
{
	struct ical_entry **at = &part->first;

	part->last = NULL;
	while (*at) {
		if (entry ? *at == entry : !(*at)->part && str_ieq((*at)->name, name)) {
			*at = (*at)->next;
			continue;
		}
		part->last = *at;
		at = &(*at)->next;
	}
}

void ical_remove(struct ical_part *part, struct str name)
{
	remove_if(part, NULL, name);
}

void ical_remove_entry(struct ical_part *part, const struct ical_entry *entry)
{
	remove_if(part, entry, STR_EMPTY);
}

/* A value is one line, whoever gave it: behind a line end in it would come a line of his. */
static enum err without_controls(struct arena *a, struct str line, struct str *ret)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(line.n + 1);

	for (size_t i = 0; i < line.n; i++)
		if ((unsigned char)line.p[i] >= ' ' ? line.p[i] != 0x7f : line.p[i] == '\t')
			buf_char(&b, line.p[i]);
	TRY(buf_status(&b));
	return arena_str(a, buf_view(&b), ret);
}

static enum err fold(struct arena *a, struct str line, struct str *ret)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(2 * line.n + 8);
	size_t width = FOLD_AT;

	TRY(without_controls(a, line, &line));

	while (line.n > width) {
		size_t n = width;

		while (n > 1 && ((unsigned char)line.p[n] & 0xC0) == 0x80) /* not within a character */
			n--;
		buf_str(&b, str_slice(line, 0, n));
		buf_cstr(&b, "\r\n ");
		line = str_slice(line, n, line.n);
		width = FOLD_AT - 1;
	}
	buf_str(&b, line);
	TRY(buf_status(&b));
	return arena_str(a, buf_view(&b), ret);
}

enum err ical_add(struct arena *a, struct ical_part *part, struct str line)
{
	struct ical_entry *e = arena_new(a, struct ical_entry), **at = &part->first;

	if (!e)
		return ERR_LIMIT;
	TRY(fold(a, line, &e->raw));
	e->name = name_of(e->raw);
	while (*at && !(*at)->part)
		at = &(*at)->next;
	e->next = *at;
	*at = e;
	if (!e->next)
		part->last = e;
	return ERR_OK;
}

enum err ical_set(struct arena *a, struct ical_entry *entry, struct str line)
{
	TRY(fold(a, line, &entry->raw));
	entry->name = name_of(entry->raw);
	return ERR_OK;
}

enum err ical_add_part(struct arena *a, struct ical_part *part, struct ical_part *child)
{
	return append(a, part, STR_EMPTY, child);
}

enum err ical_copy(struct arena *a, const struct ical_part *part, struct ical_part **ret)
{
	struct ical_part *copy, *child = NULL;

	TRY(ical_new(a, part->name, &copy));
	for (const struct ical_entry *e = part->first; e; e = e->next) {
		child = NULL;
		if (e->part)
			TRY(ical_copy(a, e->part, &child));
		TRY(append(a, copy, e->raw, child));
	}
	*ret = copy;
	return ERR_OK;
}

enum err ical_text_read(struct arena *a, struct str value, struct str *ret)
{
	char *p = arena_alloc(a, value.n + 1);
	size_t n = 0;

	if (!p)
		return ERR_LIMIT;
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (c == '\\' && i + 1 < value.n) {
			c = value.p[++i];
			c = c == 'n' || c == 'N' ? '\n' : c;
		}
		p[n++] = c;
	}
	*ret = n ? str_from(p, n) : STR_EMPTY;
	return ERR_OK;
}

void ical_text_put(struct buf *b, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '\n')
			buf_cstr(b, "\\n");
		else if (c == '\\' || c == ';' || c == ',')
			buf_fmt(b, "\\%c", c);
		else if ((unsigned char)c >= ' ' || c == '\t')
			buf_char(b, c);
	}
}

void ical_quoted_put(struct buf *b, struct str text)
{
	buf_char(b, '"');
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] >= ' ')
			buf_char(b, text.p[i] == '"' ? '\'' : text.p[i]);
	buf_char(b, '"');
}
