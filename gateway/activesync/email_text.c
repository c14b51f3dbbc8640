/* Text messages from a phone, as mails. */
#include <gateway/activesync/email_text.h>

#include <gateway/activesync/time_text.h>

#define FIELD_FROM S("X-Roost-Text-From")
#define FIELD_TO S("X-Roost-Text-To")
#define NOWHERE S("mobile.invalid") /* RFC 2606: no answer goes there by mail */

enum { HEADER_MAX = 512 * 1024, NUMBER_MAX = 64, SUBJECT_NUMBERS = 8 };

/* ---- what the phone says ---- */

static enum err parse_body(struct wbxml_reader *r, struct email_text *t)
{
	struct wbxml_scope scope = wbxml_enter(r);
	enum err bad = ERR_OK;
	uint64_t type = 0;

	while (wbxml_child(r, &scope, &bad)) {
		if (r->tag == TAG_AIRSYNCBASE_TYPE)
			TRY(wbxml_u64(r, BODY_PLAIN, BODY_MIME, &type));
		else if (r->tag == TAG_AIRSYNCBASE_DATA)
			TRY(wbxml_text(r, &t->body));
		else
			TRY(wbxml_skip(r));
	}
	TRY(bad);
	if (type != BODY_PLAIN)
		return ERR_INVALID;
	return t->body.n <= EMAIL_TEXT_MAX_BYTES ? ERR_OK : ERR_LIMIT;
}

static enum err parse_people(struct wbxml_reader *r, struct str *ret)
{
	TRY(wbxml_text(r, ret));
	return ret->n <= EMAIL_TEXT_MAX_PEOPLE ? ERR_OK : ERR_LIMIT;
}

static enum err parse_received(struct wbxml_reader *r, struct email_text *t)
{
	struct str text;

	TRY(wbxml_text(r, &text));
	t->has_received = true;
	return time_text_parse(text, &t->received_ms);
}

static enum err parse_importance(struct wbxml_reader *r, struct email_text *t)
{
	uint64_t v;

	if (wbxml_u64(r, MAIL_IMPORTANCE_LOW, MAIL_IMPORTANCE_HIGH, &v))
		return ERR_INVALID;
	t->importance = (enum mail_importance)v;
	return ERR_OK;
}

static enum err parse_field(struct wbxml_reader *r, struct email_text *t)
{
	switch ((unsigned)r->tag) {
	case TAG_EMAIL_FROM:
		return parse_people(r, &t->from);
	case TAG_EMAIL_TO:
		return parse_people(r, &t->to);
	case TAG_EMAIL_DATERECEIVED:
		return parse_received(r, t);
	case TAG_EMAIL_IMPORTANCE:
		return parse_importance(r, t);
	case TAG_AIRSYNCBASE_BODY:
		return parse_body(r, t);
	case TAG_EMAIL_INTERNETCPID: /* what follows from the rest */
	case TAG_EMAIL_SUBJECT:
	case TAG_EMAIL_THREADTOPIC:
	case TAG_EMAIL_DISPLAYTO:
	case TAG_EMAIL_MESSAGECLASS:
	case TAG_EMAIL_CONTENTCLASS:
		return wbxml_skip(r);
	default:
		return email_change_field(r, &t->change);
	}
}

enum err email_text_parse(struct wbxml_reader *r, enum eas_version version, struct email_text *ret)
{
	struct wbxml_scope scope = wbxml_enter(r);
	enum err bad = ERR_OK;

	*ret = (struct email_text){ .importance = MAIL_IMPORTANCE_NORMAL };
	email_change_init(&ret->change);
	while (wbxml_child(r, &scope, &bad)) {
		if (!wbxml_tag_in(r->tag, version))
			return ERR_INVALID;
		TRY(parse_field(r, ret));
	}
	return bad;
}

void email_text_release(struct email_text *t)
{
	email_change_release(&t->change);
}

/* ---- people: "Ann" [MOBILE:+15550100]; "Bob" [MOBILE:…] ---- */

static bool is_number_char(char c)
{
	return (c >= '0' && c <= '9') || c == '+' || c == '*' || c == '#';
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_';
}

/* What a number has that an address can have; senders with a name instead of a number keep its letters. */
static enum err take_number(struct arena *a, struct str text, struct str *ret)
{
	CLEANUP(buf_release) struct buf number = BUF_INIT(NUMBER_MAX);

	for (size_t i = 0; i < text.n && number.n < NUMBER_MAX; i++)
		if (is_number_char(text.p[i]) || is_name_char(text.p[i]))
			buf_char(&number, text.p[i]);
	return arena_str(a, buf_view(&number), ret) ? ERR_BUSY : ERR_OK;
}

static struct str take_name(struct str text)
{
	text = str_trim(text);
	while (text.n && (text.p[0] == ';' || text.p[0] == ',' || text.p[0] == ' '))
		text = str_slice(text, 1, text.n);
	if (text.n >= 2 && text.p[0] == '"' && text.p[text.n - 1] == '"')
		text = str_slice(text, 1, text.n - 1);
	return str_slice(text, 0, text.n < HEADER_ADDRESS_TEXT_MAX ? text.n : HEADER_ADDRESS_TEXT_MAX);
}

/* Where the next number stands: behind "[MOBILE:"; text.n: nowhere. */
static size_t next_mobile(struct str text)
{
	const struct str open = S("[MOBILE:");

	for (size_t i = 0; i + open.n <= text.n; i++)
		if (str_istarts(str_slice(text, i, text.n), open))
			return i;
	return text.n;
}

struct people {
	struct header_address list[EMAIL_TEXT_MAX_NUMBERS];
	size_t n;
};

static enum err add_person(struct arena *a, struct people *p, struct str name, struct str number)
{
	struct header_address *to = &p->list[p->n];

	if (p->n == countof(p->list))
		return ERR_OK;
	*to = (struct header_address){ .name = take_name(name), .domain = NOWHERE };
	TRY(take_number(a, number, &to->local));
	p->n += to->local.n > 0;
	return ERR_OK;
}

/* A text without such a number is one itself. */
static enum err read_people(struct arena *a, struct str text, struct people *p)
{
	size_t at = next_mobile(text);

	p->n = 0;
	if (at == text.n)
		return add_person(a, p, STR_EMPTY, text);
	while (at < text.n) {
		struct str behind = str_slice(text, at + S("[MOBILE:").n, text.n);
		size_t end = str_index(behind, ']');

		TRY(add_person(a, p, str_slice(text, 0, at), str_slice(behind, 0, end)));
		text = str_slice(behind, end + (end < behind.n), behind.n);
		at = next_mobile(text);
	}
	return ERR_OK;
}

/* ---- as a mail ---- */

static struct header_address owner_address(const struct email_text_owner *owner)
{
	size_t at = str_index(owner->address, '@');

	return (struct header_address){ .name = owner->name,
					.local = str_slice(owner->address, 0, at),
					.domain = str_slice(owner->address, at + (at < owner->address.n),
							    owner->address.n) };
}

/* The address field, and what the phone said where it said something. */
static enum err put_people(struct arena *a, struct buf *header, struct str said, struct str field, struct str as_said,
			   const struct email_text_owner *owner)
{
	struct people *people = arena_alloc(a, sizeof(*people));

	if (!people)
		return ERR_BUSY;
	TRY(read_people(a, said, people));
	if (people->n == 0)
		people->list[people->n++] = owner_address(owner);
	compose_field_addresses(header, field, people->list, people->n);
	if (said.n)
		compose_field_text(header, as_said, said);
	return ERR_OK;
}

/*
 * One conversation is what was said with the same people, whoever said it: they have the same subject and the same first
 * message, which there is not. The number is the same always, a name may change.
 */
static enum err put_conversation(struct arena *a, struct buf *header, const struct email_text *t)
{
	CLEANUP(buf_release) struct buf numbers = BUF_INIT(SUBJECT_NUMBERS * (NUMBER_MAX + 1));
	struct people *with = arena_alloc(a, sizeof(*with));

	if (!with)
		return ERR_BUSY;
	TRY(read_people(a, t->from, with));
	if (with->n == 0)
		TRY(read_people(a, t->to, with));
	for (size_t i = 0; i < with->n && i < SUBJECT_NUMBERS; i++) {
		buf_char(&numbers, i ? ',' : ' ');
		buf_str(&numbers, with->list[i].local);
	}
	TRY(buf_status(&numbers));
	buf_fmt(header, "Subject: SMS" STR_FMT "\r\n", STR_ARG(buf_view(&numbers)));
	if (with->n)
		buf_fmt(header, "References: <text." STR_FMT "@" STR_FMT ">\r\n", STR_ARG(str_trim(buf_view(&numbers))),
			STR_ARG(NOWHERE));
	return ERR_OK;
}

static enum err put_header(struct arena *a, struct buf *header, const struct email_text *t,
			   const struct email_text_owner *owner)
{
	static const char *const importances[] = { "low", "normal", "high" };

	TRY(put_people(a, header, t->from, S("From"), FIELD_FROM, owner));
	TRY(put_people(a, header, t->to, S("To"), FIELD_TO, owner));
	compose_field_date(header, S("Date"), t->has_received ? t->received_ms : owner->now_ms);
	buf_fmt(header, "Message-ID: <%016llx.text@" STR_FMT ">\r\n", (unsigned long long)owner->unique,
		STR_ARG(NOWHERE));
	TRY(put_conversation(a, header, t));
	if (t->importance != MAIL_IMPORTANCE_NORMAL)
		buf_fmt(header, "Importance: %s\r\n", importances[t->importance]);
	return buf_status(header);
}

enum err email_text_write(struct arena *a, const struct email_text *t, const struct email_text_owner *owner,
			  struct body_sink sink)
{
	CLEANUP(buf_release) struct buf header = BUF_INIT(HEADER_MAX);
	struct compose c;

	TRY(put_header(a, &header, t, owner));
	compose_init(&c, sink, owner->unique);
	compose_put(&c, buf_view(&header));
	compose_text(&c, S("text/plain"), t->body);
	return compose_finish(&c);
}

/* ---- back to phones ---- */

static enum err take_field(struct arena *a, struct str raw, struct str *ret)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(4 * EMAIL_TEXT_MAX_PEOPLE);

	header_text(&text, raw);
	TRY(buf_status(&text));
	return arena_str(a, buf_view(&text), ret);
}

enum err email_text_people(struct arena *a, struct message *m)
{
	const struct mime_part *root = &m->structure.parts[0];
	struct mail_summary *s = &m->summary;
	struct header_field field;
	struct str header;
	char *octets;

	if (root->hdr_len > HEADER_MAX)
		return ERR_LIMIT;
	octets = arena_alloc(a, (size_t)root->hdr_len + 1);
	if (!octets)
		return ERR_LIMIT;
	TRY(mail_source_read(&m->source, root->hdr_off, octets, (size_t)root->hdr_len));
	s->from = s->to = STR_EMPTY;
	header = str_from(octets, (size_t)root->hdr_len);
	while (header_next(&header, &field)) {
		if (str_ieq(field.name, FIELD_FROM))
			TRY(take_field(a, field.raw, &s->from));
		else if (str_ieq(field.name, FIELD_TO))
			TRY(take_field(a, field.raw, &s->to));
	}
	return ERR_OK;
}
