/* ATTACH lines. */
#include <gateway/content/calendar_attach.h>

#include <base/base64.h>
#include <base/utf8.h>
#include <gateway/content/calendar_lines.h>
#include <gateway/content/header_words.h>

static const struct str cid = STR_INIT("cid:");

/* ---- writing ---- */

static void put_param(struct buf *b, const char *name, struct str value)
{
	if (value.n == 0)
		return;
	buf_fmt(b, ";%s=", name);
	ical_quoted_put(b, value);
}

static void put_head(struct buf *b, const struct cal_attachment *a)
{
	buf_fmt(b, "ATTACH;FMTTYPE=" STR_FMT, STR_ARG(a->content_type));
	put_param(b, "FILENAME", a->name);
	put_param(b, "X-ROOST-CID", a->content_id);
	if (a->is_inline)
		buf_cstr(b, ";X-ROOST-INLINE=TRUE");
}

void cal_attach_put(struct buf *b, const struct cal_attachment *a)
{
	put_head(b, a);
	buf_fmt(b, ";SIZE=%llu:cid:" STR_FMT CAL_ATTACH_DOMAIN, (unsigned long long)a->size, STR_ARG(a->id));
}

void cal_attach_put_inline(struct buf *b, const struct cal_attachment *a, struct str octets)
{
	put_head(b, a);
	buf_cstr(b, ";ENCODING=BASE64;VALUE=BINARY:");
	base64_put(b, octets);
}

/* ---- reading ---- */

/* A parameter's value, without its quotes; empty: there is none. */
static struct str param_of(struct str line, struct str name)
{
	struct str head = str_slice(line, 0, line.n - ical_value(line).n - 1);
	size_t from = 0;
	bool quoted = false;

	for (size_t i = 0; i <= head.n; i++) {
		struct str part;
		size_t at;

		if (i < head.n && head.p[i] == '"')
			quoted = !quoted;
		if (i < head.n && (head.p[i] != ';' || quoted))
			continue;
		part = str_slice(head, from, i);
		at = str_index(part, '=');
		from = i + 1;
		if (at == part.n || !str_ieq(str_slice(part, 0, at), name))
			continue;
		part = str_slice(part, at + 1, part.n);
		return part.n > 1 && part.p[0] == '"' && part.p[part.n - 1] == '"' ? str_slice(part, 1, part.n - 1)
										   : part;
	}
	return STR_EMPTY;
}

static bool is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' || strchr("()<>@,;:\\\"/[]?=", s.p[i]))
			return false;
	return s.n > 0 && s.n < 100;
}

/* Anybody's text, that goes into lines and headers. */
struct str cal_attach_type(struct str text)
{
	size_t slash = str_index(text, '/');

	if (slash < text.n && is_token(str_slice(text, 0, slash)) && is_token(str_slice(text, slash + 1, text.n)))
		return text;
	return S("application/octet-stream");
}

static struct str name_of(struct str line)
{
	static const struct str spellings[] = { STR_INIT("FILENAME"), STR_INIT("X-FILENAME"),
						STR_INIT("X-APPLE-FILENAME"), STR_INIT("X-ORACLE-FILENAME"),
						STR_INIT("X-LABEL") };
	struct str name = STR_EMPTY;

	for (size_t i = 0; i < countof(spellings) && !name.n; i++)
		name = param_of(line, spellings[i]);
	return utf8_prefix(name, CAL_ATTACH_NAME_MAX);
}

struct str cal_attach_id(struct str content_id)
{
	const struct str domain = S(CAL_ATTACH_DOMAIN);

	if (content_id.n != CAL_ATTACH_ID_CHARS + domain.n || !str_ends(content_id, domain))
		return STR_EMPTY;
	for (size_t i = 0; i < CAL_ATTACH_ID_CHARS; i++)
		if (!strchr("0123456789abcdef", content_id.p[i]) || !content_id.p[i])
			return STR_EMPTY;
	return str_slice(content_id, 0, CAL_ATTACH_ID_CHARS);
}

/* UTF-8 that XML can carry. */
static enum err keep(struct arena *a, struct str text, struct str *ret)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(3 * text.n + 1);

	header_plain_put(&b, text);
	TRY(buf_status(&b));
	return arena_str(a, str_trim(buf_view(&b)), ret);
}

static struct str without_brackets(struct str id)
{
	return str_starts(id, S("<")) && str_ends(id, S(">")) ? str_slice(id, 1, id.n - 1) : id;
}

enum err cal_attach_read(struct arena *a, struct str line, enum cal_attach_kind *ret_kind, struct cal_attachment *ret,
			 struct str *ret_value)
{
	struct str value = str_trim(ical_value(line)), id;

	*ret = (struct cal_attachment){ .is_inline = str_ieq(param_of(line, S("X-ROOST-INLINE")), S("TRUE")) };
	*ret_value = value;
	TRY(arena_str(a, cal_attach_type(param_of(line, S("FMTTYPE"))), &ret->content_type));
	TRY(keep(a, name_of(line), &ret->name));
	TRY(keep(a, utf8_prefix(param_of(line, S("X-ROOST-CID")), CAL_ATTACH_NAME_MAX), &ret->content_id));
	if (ret->name.n == 0)
		ret->name = S("attachment");
	if (str_to_u64(param_of(line, S("SIZE")), UINT32_MAX, &ret->size))
		ret->size = 0;
	if (str_ieq(param_of(line, S("VALUE")), S("BINARY")) || str_ieq(param_of(line, S("ENCODING")), S("BASE64"))) {
		*ret_kind = CAL_ATTACH_INLINE;
		return ERR_OK;
	}
	*ret_kind = str_istarts(value, cid) ? CAL_ATTACH_PART : CAL_ATTACH_ELSEWHERE;
	if (*ret_kind == CAL_ATTACH_ELSEWHERE)
		return ERR_OK;
	*ret_value = without_brackets(str_slice(value, cid.n, value.n));
	id = cal_attach_id(*ret_value);
	if (id.n)
		*ret_kind = CAL_ATTACH_STORED;
	return arena_str(a, id, &ret->id);
}

static void add_new(const struct cal_event *e, struct cal_attachment *list, size_t *n)
{
	for (size_t i = 0; i < e->attachments_n; i++) {
		size_t k = 0;

		while (k < *n && !str_eq(list[k].id, e->attachments[i].id))
			k++;
		if (k == *n)
			list[(*n)++] = e->attachments[i];
	}
}

enum err cal_series_attachments(struct arena *a, const struct cal_series *s, struct cal_attachment **ret, size_t *ret_n)
{
	size_t room = s->event.attachments_n;

	for (size_t i = 0; i < s->exceptions_n; i++)
		room += s->exceptions[i].attachments_n;
	*ret_n = 0;
	*ret = arena_array(a, room + 1, sizeof(**ret));
	if (!*ret)
		return ERR_LIMIT;
	add_new(&s->event, *ret, ret_n);
	for (size_t i = 0; i < s->exceptions_n; i++)
		add_new(&s->exceptions[i], *ret, ret_n);
	return ERR_OK;
}

/* ---- all of a calendar ---- */

static enum err walk(struct arena *a, struct ical_part *part, cal_attach_fn *each, void *ctx)
{
	struct ical_entry *next;

	for (struct ical_entry *e = part->first; e; e = next) {
		CLEANUP(arena_release) struct arena scratch = ARENA_INIT(CAL_WHOLE_MAX);
		struct str line, was;

		next = e->next;
		if (e->part) { /* an alarm's are its sound */
			if (!str_ieq(e->name, S("VALARM")))
				TRY(walk(a, e->part, each, ctx));
			continue;
		}
		if (!str_ieq(e->name, S("ATTACH")))
			continue;
		TRY(ical_unfold(&scratch, e->raw, &line));
		was = line;
		TRY(each(ctx, &line));
		if (line.n == 0)
			ical_remove_entry(part, e);
		else if (line.p != was.p)
			TRY(ical_set(a, e, line));
	}
	return ERR_OK;
}

enum err cal_attach_walk(struct arena *a, struct str text, cal_attach_fn *each, void *ctx, struct buf *out)
{
	struct ical_part *calendar;
	bool any = false;

	while (text.n) {
		enum err e = ical_parse(a, text, &calendar, &text);

		if (e == ERR_INVALID && any)
			break;
		TRY(e);
		any = true;
		TRY(walk(a, calendar, each, ctx));
		ical_put(out, calendar);
	}
	return any ? buf_status(out) : ERR_INVALID;
}
