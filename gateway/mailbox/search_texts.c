/* The texts of an item, for the index. */
#include <gateway/mailbox/search_texts.h>

#include <gateway/content/body.h>
#include <gateway/content/fold.h>
#include <gateway/content/header.h>

/* A piece that is folded may pass the bound before it is looked at. */
enum { FIELD_CEILING = 4 * SEARCH_FIELD_BYTES_MAX };

void search_texts_init(struct search_texts *t)
{
	for (size_t i = 0; i < SEARCH_FIELD_MAX_; i++)
		t->field[i] = BUF_INIT(FIELD_CEILING);
}

void search_texts_release(struct search_texts *t)
{
	for (size_t i = 0; i < SEARCH_FIELD_MAX_; i++)
		buf_release(&t->field[i]);
}

void search_texts_clear(struct search_texts *t)
{
	for (size_t i = 0; i < SEARCH_FIELD_MAX_; i++)
		buf_clear(&t->field[i]);
	t->hidden = false;
}

/* Several texts of a field stand apart. */
static void put(struct search_texts *t, enum search_field field, struct str text)
{
	struct buf *out = &t->field[field];

	if (text.n == 0 || out->n >= SEARCH_FIELD_BYTES_MAX)
		return;
	if (out->n)
		buf_char(out, ' ');
	fold_text(out, text);
}

static enum err put_bcc(struct arena *a, const struct message *m, struct search_texts *t)
{
	const struct mime_part *root = &m->structure.parts[0];
	size_t n = root->hdr_len < SUMMARY_HEADER_MAX ? (size_t)root->hdr_len : SUMMARY_HEADER_MAX;
	char *block = arena_alloc(a, n ? n : 1);
	CLEANUP(buf_release) struct buf text = BUF_INIT(8 * SUMMARY_HEADER_MAX);
	struct header_field field;
	struct str rest;

	if (!block)
		return ERR_LIMIT;
	TRY(mail_source_read(&m->source, root->hdr_off, block, n));
	rest = str_from(block, n);
	while (header_next(&rest, &field)) {
		if (!str_ieq(field.name, S("Bcc")))
			continue;
		buf_clear(&text);
		header_text(&text, field.raw);
		put(t, SEARCH_BCC, buf_view(&text));
	}
	return ERR_OK;
}

static enum err put_names(struct arena *a, const struct message *m, struct search_texts *t)
{
	struct body_attachment *list;
	size_t n;

	TRY(body_attachments(a, &m->structure, 0, &list, &n));
	for (size_t i = 0; i < n; i++)
		put(t, SEARCH_NAMES, list[i].display_name);
	return ERR_OK;
}

struct folder_sink {
	struct fold fold;
	struct buf *out;
};

static enum err fold_sink(void *ctx, struct str bytes)
{
	struct folder_sink *sink = ctx;

	fold_put(&sink->fold, sink->out, bytes);
	return sink->out->n < SEARCH_FIELD_BYTES_MAX ? buf_status(sink->out) : ERR_LIMIT;
}

static enum err put_body(struct arena *a, const struct message *m, size_t part, struct folder_sink *sink)
{
	static const struct body_request request = { .type = BODY_PLAIN, .max_bytes = UINT64_MAX };
	struct body_result result;

	sink->fold.blank = true;
	return body_render(a, &m->source, &m->structure, part, &request, (struct body_sink){ fold_sink, sink },
			   &result);
}

static enum err put_bodies(struct arena *a, const struct message *m, struct search_texts *t)
{
	struct folder_sink sink = { .out = &t->field[SEARCH_BODY] };

	TRY(put_body(a, m, 0, &sink));
	for (size_t i = 1; i < m->structure.parts_n; i++)
		if (m->structure.parts[i].kind == MIME_MESSAGE)
			TRY(put_body(a, m, i, &sink));
	return ERR_OK;
}

static void put_summary(const struct mail_summary *s, struct search_texts *t)
{
	put(t, SEARCH_SUBJECT, s->subject);
	put(t, SEARCH_FROM, s->from);
	put(t, SEARCH_FROM, s->sender);
	put(t, SEARCH_TO, s->to);
	put(t, SEARCH_CC, s->cc);
}

enum err search_texts_read(struct arena *a, const struct message *m, struct search_texts *ret)
{
	static enum err (*const steps[])(struct arena *, const struct message *,
					 struct search_texts *) = { put_bcc, put_names, put_bodies };

	search_texts_clear(ret);
	put_summary(&m->summary, ret);
	for (size_t i = 0; i < countof(steps); i++)
		if (steps[i](a, m, ret) == ERR_IO)
			return ERR_IO;
	return ERR_OK;
}

/* ---- entries ---- */

/* Of vCard and iCalendar alike. */
static const struct {
	struct str name;
	enum search_field field;
} entry_fields[] = {
	{ STR_INIT("SUMMARY"), SEARCH_SUBJECT },  { STR_INIT("FN"), SEARCH_SUBJECT },
	{ STR_INIT("ORGANIZER"), SEARCH_FROM },   { STR_INIT("ATTENDEE"), SEARCH_TO },
	{ STR_INIT("DESCRIPTION"), SEARCH_BODY }, { STR_INIT("LOCATION"), SEARCH_BODY },
	{ STR_INIT("COMMENT"), SEARCH_BODY },     { STR_INIT("CATEGORIES"), SEARCH_BODY },
	{ STR_INIT("N"), SEARCH_BODY },           { STR_INIT("NICKNAME"), SEARCH_BODY },
	{ STR_INIT("SORT-STRING"), SEARCH_BODY }, { STR_INIT("EMAIL"), SEARCH_BODY },
	{ STR_INIT("TEL"), SEARCH_BODY },         { STR_INIT("ADR"), SEARCH_BODY },
	{ STR_INIT("ORG"), SEARCH_BODY },         { STR_INIT("TITLE"), SEARCH_BODY },
	{ STR_INIT("ROLE"), SEARCH_BODY },        { STR_INIT("NOTE"), SEARCH_BODY },
	{ STR_INIT("URL"), SEARCH_BODY },         { STR_INIT("IMPP"), SEARCH_BODY },
	{ STR_INIT("CONTACT"), SEARCH_BODY },
};

/* A parameter that people read, such as CN of an attendee. Empty: none. */
static struct str param_of(struct str params, struct str which)
{
	size_t at = str_ifind(params, which);
	struct str name = str_slice(params, at + which.n, params.n);

	if (at == params.n)
		return STR_EMPTY;
	if (str_starts(name, S("\""))) {
		name = str_slice(name, 1, name.n);
		return str_slice(name, 0, str_index(name, '"'));
	}
	return str_slice(name, 0, str_index(name, ';'));
}

/* Where the value of an unfolded line begins: its ':' outside of quotes. */
static size_t value_at(struct str line)
{
	bool quoted = false;
	size_t i = 0;

	for (; i < line.n && (quoted || line.p[i] != ':'); i++)
		quoted ^= line.p[i] == '"';
	return i;
}

static void put_value(struct search_texts *t, enum search_field field, struct buf *plain, struct str value)
{
	buf_clear(plain);
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (c == '\\' && i + 1 < value.n) {
			c = value.p[++i];
			c = c == 'n' || c == 'N' ? ' ' : c;
		} else if (c == ';' || c == ',') {
			c = ' ';
		}
		buf_char(plain, c);
	}
	put(t, field, buf_view(plain));
}

static void put_line(struct search_texts *t, struct buf *plain, struct str line)
{
	const size_t colon = value_at(line);
	struct str head = str_slice(line, 0, colon), name = str_slice(head, 0, str_index(head, ';'));

	if (str_ieq(name, S("ATTACH")))
		put(t, SEARCH_NAMES, param_of(head, S(";FILENAME=")));
	name = str_index(name, '.') < name.n ? str_slice(name, str_index(name, '.') + 1, name.n) : name;
	for (size_t i = 0; i < countof(entry_fields); i++) {
		if (!str_ieq(name, entry_fields[i].name))
			continue;
		put(t, entry_fields[i].field, param_of(str_slice(head, str_index(head, ';'), head.n), S(";CN=")));
		put_value(t, entry_fields[i].field, plain, str_slice(line, colon + 1, line.n));
	}
}

/* RFC 5545 3.8.1.3: what is none of the classes is as good as PRIVATE. */
static bool is_private(struct str line)
{
	const size_t colon = value_at(line);
	struct str name = str_slice(line, 0, colon);

	return str_ieq(str_slice(name, 0, str_index(name, ';')), S("CLASS")) &&
	       !str_ieq(str_trim(str_slice(line, colon + 1, line.n)), S("PUBLIC"));
}

/* The next line, unfolded into `line`; false at the end. */
static bool next_line(struct str *rest, struct buf *line)
{
	buf_clear(line);
	if (rest->n == 0)
		return false;
	do {
		size_t n = str_index(*rest, '\n');
		struct str piece = str_slice(*rest, 0, n);

		if (str_ends(piece, S("\r")))
			piece.n--;
		buf_str(line, line->n ? str_slice(piece, 1, piece.n) : piece);
		*rest = str_slice(*rest, n + 1, rest->n);
	} while (rest->n && (rest->p[0] == ' ' || rest->p[0] == '\t'));
	return true;
}

enum err search_texts_entry(struct str octets, struct search_texts *ret)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(octets.n + 1), plain = BUF_INIT(octets.n + 1);
	const bool card = str_istarts(octets, S("BEGIN:VCARD"));
	bool alarm = false; /* what it says is no text of the item */

	search_texts_clear(ret);
	while (next_line(&octets, &line)) {
		if (str_ieq(buf_view(&line), S("BEGIN:VALARM")))
			alarm = true;
		else if (str_ieq(buf_view(&line), S("END:VALARM")))
			alarm = false;
		else if (!alarm)
			put_line(ret, &plain, buf_view(&line));
		ret->hidden |= !card && is_private(buf_view(&line));
	}
	return buf_status(&line);
}
