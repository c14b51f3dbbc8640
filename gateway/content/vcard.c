/* Changes with the syntax of vCards: lines, folding, parameters, what 2.1 has of its own. */
#include <gateway/content/vcard.h>

#include <gateway/content/charset.h>
#include <gateway/content/transfer.h>

#include <base/utf8.h>

enum { CONVERTED_MAX = VCARD_MAX_BYTES };

/* ---- lines ---- */

/* The next line of the text as it lies there, without its end. */
static bool next_raw(struct str *rest, struct str *ret)
{
	if (rest->n == 0)
		return false;
	*ret = str_slice(*rest, 0, str_index(*rest, '\n'));
	*rest = str_slice(*rest, ret->n + 1, rest->n);
	if (ret->n && ret->p[ret->n - 1] == '\r')
		ret->n--;
	return true;
}

static bool is_continued(struct str rest)
{
	return rest.n && (rest.p[0] == ' ' || rest.p[0] == '\t');
}

static size_t folded_length(struct str rest)
{
	size_t n = 0;
	struct str more;

	while (is_continued(rest) && next_raw(&rest, &more))
		n += more.n;
	return n;
}

/* A line with those that continue it. */
static enum err next_line(struct arena *a, struct str *rest, struct str *ret)
{
	struct str more, line = STR_EMPTY;
	char *p;

	if (!next_raw(rest, &line)) {
		*ret = STR_EMPTY;
		return ERR_OK;
	}
	*ret = line;
	if (!is_continued(*rest))
		return ERR_OK;
	p = arena_array(a, line.n + folded_length(*rest), 1);
	if (!p)
		return ERR_LIMIT;
	memcpy(p, line.p, line.n);
	ret->p = p;
	while (is_continued(*rest) && next_raw(rest, &more)) {
		memcpy(p + ret->n, more.p + 1, more.n - 1);
		ret->n += more.n - 1;
	}
	return ERR_OK;
}

/* ---- what 2.1 has of its own ---- */

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* The next of ";NAME=value;NAME=value"; quotes hide ';'. */
static bool next_param(struct str *rest, struct str *ret)
{
	bool quoted = false;
	size_t i;

	if (rest->n == 0)
		return false;
	for (i = 1; i < rest->n && (quoted || rest->p[i] != ';'); i++)
		quoted ^= rest->p[i] == '"';
	*ret = str_slice(*rest, 1, i);
	*rest = str_slice(*rest, i, rest->n);
	return true;
}

static void param_parts(struct str param, struct str *name, struct str *value)
{
	size_t at = str_index(param, '=');

	*name = str_slice(param, 0, at);
	*value = str_slice(param, at + 1, param.n);
}

struct old_params {
	bool quoted_printable;
	const struct charset *charset;
};

static bool is_encoding(struct str s)
{
	return str_ieq(s, S("QUOTED-PRINTABLE")) || str_ieq(s, S("BASE64")) || str_ieq(s, S("8BIT")) ||
	       str_ieq(s, S("7BIT")) || str_ieq(s, S("B"));
}

/* A nameless one is an encoding or a type. */
static void old_param_parts(struct str param, struct str *name, struct str *value)
{
	param_parts(param, name, value);
	if (str_index(param, '=') < param.n)
		return;
	*value = *name;
	*name = is_encoding(*value) ? S("ENCODING") : S("TYPE");
}

static bool says_quoted_printable(struct str name, struct str value)
{
	return str_ieq(name, S("ENCODING")) && str_ieq(value, S("QUOTED-PRINTABLE"));
}

/* Parameters as 3.0 has them; what says how the value is written goes into *old. */
static void convert_params(struct buf *out, struct str params, struct old_params *old)
{
	struct str param, name, value;

	while (next_param(&params, &param)) {
		old_param_parts(param, &name, &value);
		if (says_quoted_printable(name, value))
			old->quoted_printable = true;
		else if (str_ieq(name, S("CHARSET")))
			old->charset = charset_find(value);
		else if (str_ieq(name, S("ENCODING")) && (str_ieq(value, S("BASE64")) || str_ieq(value, S("B"))))
			buf_cstr(out, ";ENCODING=b");
		else if (!str_ieq(name, S("ENCODING")))
			buf_fmt(out, ";" STR_FMT "=" STR_FMT, STR_ARG(name), STR_ARG(value));
	}
}

/* Of 2.1 only ';' is escaped, and that in structured values; the rest is text as it stands. */
static void escape_old(struct buf *out, struct str text, bool structured)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '\\' && i + 1 < text.n && str_index(S(";,:\\"), text.p[i + 1]) < 4) {
			c = text.p[++i];
			if (c != ':')
				buf_char(out, '\\');
			buf_char(out, c);
		} else if (c == '\r') {
			if (i + 1 == text.n || text.p[i + 1] != '\n')
				buf_cstr(out, "\\n");
		} else if (c == '\n') {
			buf_cstr(out, "\\n");
		} else {
			if (c == '\\' || (c == ',' && structured))
				buf_char(out, '\\');
			buf_char(out, c);
		}
	}
}

static void decode_old(struct buf *out, struct str value, const struct old_params *old)
{
	struct buf octets = BUF_INIT(CONVERTED_MAX);
	struct transfer_stream qp = { .encoding = TRANSFER_QUOTED_PRINTABLE };

	if (old->quoted_printable) {
		transfer_put(&qp, &octets, value);
		transfer_finish(&qp, &octets);
		value = buf_view(&octets);
	}
	charset_convert(old->charset ? old->charset : charset_find(STR_EMPTY), out, value);
	if (buf_status(&octets))
		out->err = octets.err;
	buf_release(&octets);
}

static bool is_structured(struct str name)
{
	return str_ieq(name, S("N")) || str_ieq(name, S("ADR")) || str_ieq(name, S("ORG")) ||
	       str_ieq(name, S("CATEGORIES")) || str_ieq(name, S("NICKNAME"));
}

static enum err convert_old(struct arena *a, struct vcard_property *p)
{
	CLEANUP(buf_release)
	struct buf params = BUF_INIT(CONVERTED_MAX), text = BUF_INIT(CONVERTED_MAX),
		   value = BUF_INIT(2 * CONVERTED_MAX);
	struct old_params old = { 0 };

	convert_params(&params, p->params, &old);
	decode_old(&text, p->value, &old);
	TRY(buf_status(&params));
	TRY(buf_status(&text));
	/* A list is one in 2.1 too. */
	escape_old(&value, buf_view(&text),
		   is_structured(p->name) && !str_ieq(p->name, S("CATEGORIES")) && !str_ieq(p->name, S("NICKNAME")));
	TRY(buf_status(&value));
	TRY(arena_str(a, buf_view(&params), &p->params));
	return arena_str(a, buf_view(&value), &p->value);
}

/* A value of 2.1 that is quoted-printable goes on in the next line where it ends in '='. */
static bool is_quoted_printable(const struct vcard_property *p)
{
	struct str rest = p->params, param, name, value;

	while (next_param(&rest, &param)) {
		old_param_parts(param, &name, &value);
		if (says_quoted_printable(name, value))
			return true;
	}
	return false;
}

static bool is_soft_broken(const struct vcard_property *p)
{
	return p->value.n && p->value.p[p->value.n - 1] == '=' && is_quoted_printable(p);
}

/* Octets of an older character set in a card that should have none. */
static enum err to_utf8(struct arena *a, struct vcard_property *p)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(CONVERTED_MAX);

	charset_convert(charset_find(vcard_param(p, "CHARSET")), &text, p->value);
	TRY(buf_status(&text));
	return arena_str(a, buf_view(&text), &p->value);
}

static enum err join_soft(struct arena *a, struct str *rest, struct vcard_property *p)
{
	CLEANUP(buf_release) struct buf all = BUF_INIT(CONVERTED_MAX);
	struct str line;

	if (!is_soft_broken(p))
		return ERR_OK;
	buf_str(&all, p->value);
	while (all.n && all.p[all.n - 1] == '=' && !all.err) {
		buf_truncate(&all, all.n - 1);
		if (!next_raw(rest, &line))
			break;
		if (line.n && (line.p[0] == ' ' || line.p[0] == '\t'))
			line = str_slice(line, 1, line.n);
		buf_str(&all, line);
	}
	TRY(buf_status(&all));
	return arena_str(a, buf_view(&all), &p->value);
}

/* Of 2.1 a base64 value ends at an empty line, and its lines need no blank in front. */
static enum err join_base64(struct arena *a, struct str *rest, struct vcard_property *p)
{
	CLEANUP(buf_release) struct buf all = BUF_INIT(CONVERTED_MAX);
	struct str line, behind = *rest;

	if (str_ifind(p->params, S("BASE64")) == p->params.n)
		return ERR_OK;
	buf_str(&all, p->value);
	while (next_raw(&behind, &line)) {
		struct str trimmed = str_trim(line);

		if (str_index(line, ':') < line.n)
			break;
		*rest = behind;
		if (trimmed.n == 0)
			break;
		buf_str(&all, trimmed);
	}
	TRY(buf_status(&all));
	return arena_str(a, buf_view(&all), &p->value);
}

/* ---- a card ---- */

/* name, parameters and value of a line; false: it is none. */
static bool split_line(struct str line, struct vcard_property *ret)
{
	size_t i = 0, dot = SIZE_MAX;
	bool quoted = false;
	size_t params;

	while (i < line.n && (is_name_char(line.p[i]) || line.p[i] == '.')) {
		if (line.p[i] == '.')
			dot = i;
		i++;
	}
	*ret = (struct vcard_property){ .name = str_slice(line, 0, i) };
	if (dot != SIZE_MAX) {
		ret->group = str_slice(line, 0, dot);
		ret->name = str_slice(line, dot + 1, i);
	}
	params = i;
	for (; i < line.n && (quoted || line.p[i] != ':'); i++)
		quoted ^= line.p[i] == '"';
	ret->params = str_slice(line, params, i);
	if (i == line.n || ret->name.n == 0 || (ret->params.n && ret->params.p[0] != ';'))
		return false;
	ret->value = str_slice(line, i + 1, line.n);
	return true;
}

static bool is_line(const struct vcard_property *p, const char *name, const char *value)
{
	return str_ieq(p->name, str_of(name)) && str_ieq(str_trim(p->value), str_of(value));
}

static enum err append(struct vcard *card, const struct vcard_property *p)
{
	if (card->n == VCARD_MAX_PROPERTIES)
		return ERR_LIMIT;
	if (card->n == card->room) {
		size_t room = card->room ? card->room * 2 : 32;
		struct vcard_property *more = arena_array(card->arena, room, sizeof(*more));

		if (!more)
			return ERR_LIMIT;
		if (card->n)
			memcpy(more, card->properties, card->n * sizeof(*more));
		card->properties = more;
		card->room = room;
	}
	card->properties[card->n++] = *p;
	return ERR_OK;
}

enum err vcard_init(struct arena *a, struct vcard *ret)
{
	*ret = (struct vcard){ .arena = a, .v4 = true };
	return ERR_OK;
}

/* VERSION may stand anywhere in old cards, and what is read depends on it. */
static bool is_old(struct str text)
{
	struct str line;
	struct vcard_property p;

	while (next_raw(&text, &line))
		if (split_line(line, &p) && str_ieq(p.name, S("VERSION")))
			return str_eq(str_trim(p.value), S("2.1"));
	return false;
}

static enum err take_line(struct vcard *card, bool old, struct str *rest, struct vcard_property *p)
{
	if (old || is_quoted_printable(p)) { /* which some write into 3.0 too */
		TRY(join_soft(card->arena, rest, p));
		if (old)
			TRY(join_base64(card->arena, rest, p));
		TRY(convert_old(card->arena, p));
	} else if (!utf8_valid(p->value)) {
		TRY(to_utf8(card->arena, p));
	}
	if (!str_ieq(p->name, S("VERSION")))
		return append(card, p);
	card->v4 = str_eq(str_trim(p->value), S("4.0"));
	return ERR_OK;
}

enum err vcard_parse(struct arena *a, struct str text, struct vcard *ret)
{
	struct vcard card = { .arena = a };
	bool begun = false, old = is_old(text);
	struct vcard_property p;
	unsigned depth = 0;
	struct str line;

	if (text.n > VCARD_MAX_BYTES)
		return ERR_LIMIT;
	while (text.n) {
		TRY(next_line(a, &text, &line));
		if (!split_line(line, &p))
			continue; /* what is no line of a card is none of what we keep */
		if (is_line(&p, "BEGIN", "VCARD")) {
			begun = true;
			if (depth++ == 0)
				continue;
		}
		if (is_line(&p, "END", "VCARD") && begun && --depth == 0) {
			*ret = card;
			return ERR_OK;
		}
		/* Another END would end it when it is read again. */
		if (begun && depth == 1 && !str_ieq(p.name, S("BEGIN")) && !str_ieq(p.name, S("END")))
			TRY(take_line(&card, old, &text, &p));
	}
	return ERR_INVALID;
}

/* ---- writing ---- */

static void fold(struct buf *out, struct str line)
{
	size_t max = VCARD_LINE;

	while (line.n > max) {
		size_t n = max;

		while (n > 1 && ((unsigned char)line.p[n] & 0xc0) == 0x80)
			n--;
		buf_str(out, str_slice(line, 0, n));
		buf_cstr(out, "\r\n ");
		line = str_slice(line, n, line.n);
		max = VCARD_LINE - 1;
	}
	buf_str(out, line);
	buf_cstr(out, "\r\n");
}

static void write_one(struct buf *out, struct buf *line, const struct vcard_property *p)
{
	buf_clear(line);
	if (p->group.n) {
		buf_str(line, p->group);
		buf_char(line, '.');
	}
	buf_str(line, p->name);
	buf_str(line, p->params);
	buf_char(line, ':');
	buf_str(line, p->value);
	if (buf_status(line))
		out->err = line->err;
	fold(out, buf_view(line));
}

void vcard_write(struct buf *out, const struct vcard *card)
{
	struct buf line = BUF_INIT(VCARD_MAX_BYTES * 2);

	buf_cstr(out, "BEGIN:VCARD\r\n");
	buf_cstr(out, card->v4 ? "VERSION:4.0\r\n" : "VERSION:3.0\r\n");
	for (size_t i = 0; i < card->n; i++)
		if (!card->properties[i].gone)
			write_one(out, &line, &card->properties[i]);
	buf_cstr(out, "END:VCARD\r\n");
	buf_release(&line);
}

/* ---- properties ---- */

struct vcard_property *vcard_next(const struct vcard *card, const char *name, size_t *at)
{
	while (*at < card->n) {
		struct vcard_property *p = &card->properties[(*at)++];

		if (!p->gone && str_ieq(p->name, str_of(name)))
			return p;
	}
	return NULL;
}

struct vcard_property *vcard_find(const struct vcard *card, const char *name)
{
	size_t at = 0;

	return vcard_next(card, name, &at);
}

enum err vcard_add(struct vcard *card, struct str name, struct str params, struct vcard_property **ret)
{
	const struct vcard_property p = { .name = name, .params = params };

	TRY(append(card, &p));
	*ret = &card->properties[card->n - 1];
	return ERR_OK;
}

static struct str unquoted(struct str s)
{
	return s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"' ? str_slice(s, 1, s.n - 1) : s;
}

struct str vcard_param(const struct vcard_property *p, const char *wanted)
{
	struct str rest = str_slice(p->params, 0, VCARD_MAX_PARAMS), param, name, value;

	while (next_param(&rest, &param)) {
		param_parts(param, &name, &value);
		if (str_ieq(name, str_of(wanted)))
			return unquoted(value);
	}
	return STR_EMPTY;
}

bool vcard_has_type(const struct vcard_property *p, const char *type)
{
	struct str rest = str_slice(p->params, 0, VCARD_MAX_PARAMS), param, name, values, value;

	while (next_param(&rest, &param)) {
		param_parts(param, &name, &values);
		if (str_ieq(param, str_of(type))) /* as 2.1 has it, and some 3.0 too */
			return true;
		if (!str_ieq(name, S("TYPE")))
			continue;
		values = unquoted(values);
		while (str_cut(&values, ',', &value))
			if (str_ieq(unquoted(value), str_of(type)))
				return true;
	}
	return false;
}

enum err vcard_set_param(struct vcard *card, struct vcard_property *p, const char *wanted, struct str to)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(VCARD_MAX_BYTES);
	struct str rest = p->params, param, name, value;

	while (next_param(&rest, &param)) {
		param_parts(param, &name, &value);
		if (!str_ieq(name, str_of(wanted))) {
			buf_char(&out, ';');
			buf_str(&out, param);
		}
	}
	if (to.n)
		buf_fmt(&out, ";%s=" STR_FMT, wanted, STR_ARG(to));
	TRY(buf_status(&out));
	return arena_str(card->arena, buf_view(&out), &p->params);
}

/* ---- values ---- */

/* The next component as it is written. */
static bool next_component(struct str *rest, char separator, struct str *ret)
{
	size_t i = 0;

	if (!rest->p)
		return false;
	while (i < rest->n && rest->p[i] != separator)
		i += rest->p[i] == '\\' && i + 1 < rest->n ? 2 : 1;
	*ret = str_slice(*rest, 0, i);
	*rest = i < rest->n ? str_slice(*rest, i + 1, rest->n) : STR_EMPTY;
	return true;
}

static enum err unescape(struct arena *a, struct str raw, struct str *ret)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(VCARD_MAX_BYTES * 3u);

	for (size_t i = 0; i < raw.n; i++) {
		char c = raw.p[i];

		if (c == '\\' && i + 1 < raw.n) {
			c = raw.p[++i];
			if (c == 'n' || c == 'N')
				c = '\n';
			else if (c != ',' && c != ';' && c != '\\' && c != ':')
				buf_char(&text, '\\');
		}
		buf_char(&text, c);
	}
	TRY(buf_status(&text));
	return arena_str(a, buf_view(&text), ret);
}

static void escape(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '\r' && i + 1 < text.n && text.p[i + 1] == '\n')
			continue;
		if (c == '\n' || c == '\r') {
			buf_cstr(out, "\\n");
			continue;
		}
		if (c == ',' || c == ';' || c == '\\')
			buf_char(out, '\\');
		buf_char(out, c);
	}
}

enum err vcard_component(struct arena *a, const struct vcard_property *p, char separator, size_t i, struct str *ret)
{
	struct str rest = p->value, raw = STR_EMPTY;

	*ret = STR_EMPTY;
	do
		if (!next_component(&rest, separator, &raw))
			return ERR_OK;
	while (i-- > 0);
	return unescape(a, raw, ret);
}

size_t vcard_components(const struct vcard_property *p, char separator)
{
	struct str rest = p->value, raw;
	size_t n = 0;

	while (next_component(&rest, separator, &raw))
		n++;
	return n ? n : 1;
}

enum err vcard_text(struct arena *a, const struct vcard_property *p, struct str *ret)
{
	return unescape(a, p->value, ret);
}

enum err vcard_set_component(struct vcard *card, struct vcard_property *p, char separator, size_t i, struct str text)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(VCARD_MAX_BYTES);
	struct str rest = p->value, raw;

	for (size_t k = 0; k <= i || rest.p; k++) {
		if (!next_component(&rest, separator, &raw))
			raw = STR_EMPTY;
		if (k)
			buf_char(&out, separator);
		if (k == i)
			escape(&out, text);
		else
			buf_str(&out, raw);
	}
	TRY(buf_status(&out));
	return arena_str(card->arena, buf_view(&out), &p->value);
}

enum err vcard_set_text(struct vcard *card, struct vcard_property *p, struct str text)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(VCARD_MAX_BYTES);

	escape(&out, text);
	TRY(buf_status(&out));
	return arena_str(card->arena, buf_view(&out), &p->value);
}

/* ---- files of many ---- */

void vcard_split_init(struct vcard_splitter *s)
{
	*s = (struct vcard_splitter){ .card = BUF_INIT(VCARD_MAX_BYTES) };
}

static bool line_is(struct str line, const char *name)
{
	struct vcard_property p;

	return split_line(line, &p) && is_line(&p, name, "VCARD");
}

/* A line has ended; true: the card too. */
static bool end_line(struct vcard_splitter *s)
{
	struct str line = str_slice(buf_view(&s->card), s->line, s->card.n);

	/* What continues a line is none of its own: there an AGENT of 3.0 has its card. */
	line = is_continued(line) ? STR_EMPTY : str_trim(line);
	if (line_is(line, "BEGIN"))
		s->depth++;
	else if (s->depth && line_is(line, "END"))
		s->depth--;
	else if (s->depth == 0) {
		buf_clear(&s->card); /* between cards */
		s->line = 0;
		return false;
	} else {
		s->line = s->card.n;
		return false;
	}
	s->line = s->card.n;
	return s->depth == 0;
}

static enum vcard_split finish_card(struct vcard_splitter *s)
{
	return s->too_long ? VCARD_BAD : VCARD_DONE;
}

enum vcard_split vcard_split(struct vcard_splitter *s, struct str bytes, size_t *ret_used)
{
	if (s->line && s->depth == 0) { /* the former one was given */
		buf_clear(&s->card);
		s->line = 0;
		s->too_long = false;
	}
	for (size_t i = 0; i < bytes.n; i++) {
		buf_char(&s->card, bytes.p[i]);
		if (s->card.err) { /* keeps looking for its end, in what comes after */
			s->too_long = true;
			buf_clear(&s->card);
			s->line = 0;
		}
		if (bytes.p[i] == '\n' && end_line(s)) {
			*ret_used = i + 1;
			return finish_card(s);
		}
	}
	*ret_used = bytes.n;
	return VCARD_NEED_MORE;
}

bool vcard_split_open(const struct vcard_splitter *s)
{
	return s->depth > 0;
}

void vcard_split_release(struct vcard_splitter *s)
{
	buf_release(&s->card);
}
