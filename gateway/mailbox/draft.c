/*
 * Writing drafts. The header is that of the base, less the fields that are given; the content is the base's own, octet
 * by octet, where only the header changes, and composed anew otherwise.
 */
#include <gateway/mailbox/draft.h>

#include <base/utf8.h>
#include <gateway/content/html_text.h>

struct draft {
	struct arena *arena;
	const struct mail_source *source; /* of the base; NULL: there is none */
	const struct mime_structure *structure;
	const struct draft_edit *edit;
	const struct draft_author *by;
	struct buf header;
};

/* ---- the header ---- */

static enum err read_header(const struct mail_source *source, const struct mime_structure *m, struct buf *ret)
{
	const struct mime_part *root = &m->parts[0];
	void *p;

	if (root->hdr_len > DRAFT_HEADER_MAX)
		return ERR_LIMIT;
	p = buf_reserve(ret, (size_t)root->hdr_len);
	if (!p)
		return ERR_BUSY;
	TRY(mail_source_read(source, root->hdr_off, p, (size_t)root->hdr_len));
	buf_added(ret, (size_t)root->hdr_len);
	return ERR_OK;
}

static struct str field_of(struct str header, struct str name)
{
	struct header_field field;

	while (header_next(&header, &field))
		if (str_ieq(field.name, name))
			return field.raw;
	return STR_EMPTY;
}

static const struct {
	struct str name;
	size_t field; /* of struct draft_edit */
} address_fields[] = {
	{ STR_INIT("To"), offsetof(struct draft_edit, to) },
	{ STR_INIT("Cc"), offsetof(struct draft_edit, cc) },
	{ STR_INIT("Bcc"), offsetof(struct draft_edit, bcc) },
	{ STR_INIT("Reply-To"), offsetof(struct draft_edit, reply_to) },
};

static const struct draft_field *address_field(const struct draft_edit *edit, size_t i)
{
	return (const struct draft_field *)(const void *)((const char *)edit + address_fields[i].field);
}

/* Does a field of the base go, because it is written anew? */
static bool is_replaced(const struct draft_edit *edit, struct str name)
{
	static const struct str priorities[] = { STR_INIT("Importance"), STR_INIT("X-Priority"),
						 STR_INIT("X-MSMail-Priority"), STR_INIT("Priority") };

	if (str_istarts(name, S("Content-")) || str_ieq(name, S("MIME-Version")) || str_ieq(name, S("Date")))
		return true;
	for (size_t i = 0; i < countof(address_fields); i++)
		if (str_ieq(name, address_fields[i].name))
			return address_field(edit, i)->given;
	for (size_t i = 0; i < countof(priorities); i++)
		if (str_ieq(name, priorities[i]))
			return edit->has_importance;
	return str_ieq(name, S("Subject")) && edit->subject.given;
}

static void put_kept(struct draft *d, struct str header)
{
	struct header_field field;

	while (header_next(&header, &field)) {
		if (is_replaced(d->edit, field.name))
			continue;
		buf_str(&d->header, field.name);
		buf_char(&d->header, ':');
		buf_str(&d->header, field.raw);
		buf_cstr(&d->header, "\r\n");
	}
}

/* By whom and under which id, where the base does not say it. */
static void put_origin(struct draft *d, struct str base)
{
	const struct draft_author *by = d->by;
	struct header_address from = { .name = by->name };
	size_t at = str_index(by->address, '@');

	from.local = str_slice(by->address, 0, at);
	from.domain = str_slice(by->address, at + 1, by->address.n);
	if (!field_of(base, S("From")).p)
		compose_field_addresses(&d->header, S("From"), &from, 1);
	if (!field_of(base, S("Message-ID")).p) {
		buf_fmt(&d->header, "Message-ID: <%016llx.%llx@", (unsigned long long)by->unique,
			(unsigned long long)by->now_ms);
		buf_str(&d->header, from.domain);
		buf_cstr(&d->header, ">\r\n");
	}
	compose_field_date(&d->header, S("Date"), by->now_ms);
}

static enum err put_given(struct draft *d)
{
	static const char *const importances[] = { "low", "normal", "high" };

	for (size_t i = 0; i < countof(address_fields); i++) {
		const struct draft_field *field = address_field(d->edit, i);
		struct header_address *list;
		size_t n;

		if (!field->given)
			continue;
		TRY(header_addresses(d->arena, field->text, &list, &n));
		compose_field_addresses(&d->header, address_fields[i].name, list, n);
	}
	if (d->edit->subject.given)
		compose_field_text(&d->header, S("Subject"), d->edit->subject.text);
	if (d->edit->has_importance && d->edit->importance != MAIL_IMPORTANCE_NORMAL)
		buf_fmt(&d->header, "Importance: %s\r\n", importances[d->edit->importance]);
	return ERR_OK;
}

static enum err make_header(struct draft *d)
{
	CLEANUP(buf_release) struct buf base = BUF_INIT(DRAFT_HEADER_MAX);

	if (d->source)
		TRY(read_header(d->source, d->structure, &base));
	put_origin(d, buf_view(&base));
	TRY(put_given(d));
	put_kept(d, buf_view(&base));
	return buf_status(&d->header);
}

/* ---- the content ---- */

struct texts {
	struct buf plain, html;
};

static void texts_release(struct texts *t)
{
	buf_release(&t->plain);
	buf_release(&t->html);
}

static enum err render(struct draft *d, enum body_type type, struct buf *ret)
{
	const struct body_request request = { .type = type, .max_bytes = UINT64_MAX };
	struct body_result result;

	return body_render(d->arena, d->source, d->structure, 0, &request, body_sink_buf(ret), &result);
}

/* What a reader without HTML sees. Too much of it is left out: the HTML is there. */
static void plain_of_html(struct str html, struct buf *ret)
{
	struct html_text h;

	html_text_init(&h, true);
	html_text_put(&h, ret, html);
	html_text_finish(&h, ret);
	if (ret->err == ERR_LIMIT)
		buf_clear(ret);
}

static enum err make_texts(struct draft *d, struct texts *t, struct compose_mail *m)
{
	const struct draft_edit *edit = d->edit;
	bool html = edit->has_body ? edit->body == BODY_HTML
				   : d->source && body_native(d->arena, d->structure) == BODY_HTML;

	m->plain = S("");
	if (edit->has_body) {
		*(html ? &m->html : &m->plain) = edit->text.n ? edit->text : S("");
		if (html)
			plain_of_html(edit->text, &t->plain);
	} else if (d->source) {
		if (html)
			TRY(render(d, BODY_HTML, &t->html));
		TRY(render(d, BODY_PLAIN, &t->plain));
	}
	TRY(buf_status(&t->plain));
	if (t->plain.n)
		m->plain = buf_view(&t->plain);
	if (t->html.n)
		m->html = buf_view(&t->html);
	return ERR_OK;
}

static bool is_deleted(const struct draft_edit *edit, size_t part)
{
	for (size_t i = 0; i < edit->deleted_n; i++)
		if (edit->deleted[i] == part)
			return true;
	return false;
}

static enum err make_parts(struct draft *d, struct compose_mail *m)
{
	struct body_attachment *list = NULL;
	struct compose_part *parts;
	size_t n = 0;

	if (d->source)
		TRY(body_attachments(d->arena, d->structure, 0, &list, &n));
	parts = arena_array(d->arena, n + d->edit->added_n, sizeof(*parts));
	if (!parts)
		return ERR_LIMIT;
	for (size_t i = 0; i < n; i++) {
		const struct mime_part *part = &d->structure->parts[list[i].part];

		if (is_deleted(d->edit, list[i].part))
			continue;
		parts[m->parts_n++] = (struct compose_part){ .is_inline = part->disposition == MIME_INLINE,
							     .source = d->source,
							     .part = part };
	}
	for (size_t i = 0; i < d->edit->added_n; i++)
		parts[m->parts_n++] = d->edit->added[i];
	m->parts = parts;
	return ERR_OK;
}

static bool keeps_content(const struct draft *d)
{
	return d->source && !d->edit->has_body && d->edit->added_n == 0 && d->edit->deleted_n == 0;
}

static enum err write_content(struct draft *d, struct compose *c)
{
	CLEANUP(texts_release) struct texts t = { BUF_INIT(DRAFT_TEXT_MAX), BUF_INIT(DRAFT_TEXT_MAX) };
	struct compose_mail m = { .header = buf_view(&d->header) };

	if (keeps_content(d)) {
		compose_put(c, m.header);
		compose_put(c, S("MIME-Version: 1.0\r\n"));
		compose_part(c, &(struct compose_part){ .source = d->source, .part = &d->structure->parts[0] });
		return ERR_OK;
	}
	TRY(make_texts(d, &t, &m));
	TRY(make_parts(d, &m));
	compose_mail(c, &m);
	return ERR_OK;
}

static enum err write_draft(struct draft *d, struct body_sink sink)
{
	struct compose c;
	enum err e, finished;

	TRY(make_header(d));
	compose_init(&c, sink, d->by->unique);
	e = write_content(d, &c);
	finished = compose_finish(&c);
	return e ? e : finished;
}

/* A message in place of what there was: as it is, unless something of it is to be changed. */
static enum err write_message(struct draft *d, struct body_sink sink)
{
	struct str text = d->edit->text;
	struct mail_source source = mail_source_of_str(&text);
	struct draft_edit edit = *d->edit;
	struct mime_structure structure;
	struct draft whole = *d;
	enum err e;

	if (edit.added_n == 0 && !edit.has_importance)
		return sink.put(sink.ctx, text);
	TRY(mime_parse(d->arena, &source, &structure));
	edit.to = edit.cc = edit.bcc = edit.reply_to = edit.subject = (struct draft_field){ 0 };
	edit.has_body = false;
	edit.deleted_n = 0; /* parts of what is replaced */
	whole.source = &source;
	whole.structure = &structure;
	whole.edit = &edit;
	e = write_draft(&whole, sink);
	d->header = whole.header;
	return e;
}

enum err draft_write(struct arena *a, const struct message *base, const struct draft_edit *edit,
		     const struct draft_author *by, struct body_sink sink)
{
	struct draft d = { .arena = a,
			   .source = base ? &base->source : NULL,
			   .structure = base ? &base->structure : NULL,
			   .edit = edit,
			   .by = by,
			   .header = BUF_INIT(DRAFT_HEADER_MAX) };
	enum err e = edit->has_body && edit->body == BODY_MIME ? write_message(&d, sink) : write_draft(&d, sink);

	buf_release(&d.header);
	return e;
}

/* ---- is there anything to do? ---- */

static enum err same_addresses(struct arena *a, struct str base, const struct draft_field *field, bool *ret)
{
	struct header_address *was, *is;
	size_t was_n, is_n;

	TRY(header_addresses(a, base, &was, &was_n));
	TRY(header_addresses(a, field->text, &is, &is_n));
	*ret = was_n == is_n;
	for (size_t i = 0; i < is_n && *ret; i++)
		*ret = str_eq(was[i].name, is[i].name) && str_eq(was[i].local, is[i].local) &&
		       str_eq(was[i].domain, is[i].domain) && str_eq(was[i].group, is[i].group);
	return ERR_OK;
}

static enum err same_header(struct arena *a, const struct message *base, const struct draft_edit *edit, bool *ret)
{
	CLEANUP(buf_release) struct buf header = BUF_INIT(DRAFT_HEADER_MAX);
	CLEANUP(buf_release) struct buf subject = BUF_INIT(DRAFT_HEADER_MAX);

	TRY(read_header(&base->source, &base->structure, &header));
	header_text(&subject, field_of(buf_view(&header), S("Subject")));
	TRY(buf_status(&subject));
	*ret = (!edit->subject.given || str_eq(buf_view(&subject), str_trim(edit->subject.text))) &&
	       (!edit->has_importance || edit->importance == base->summary.importance);
	for (size_t i = 0; i < countof(address_fields) && *ret; i++)
		if (address_field(edit, i)->given)
			TRY(same_addresses(a, field_of(buf_view(&header), address_fields[i].name),
					   address_field(edit, i), ret));
	return ERR_OK;
}

/* Texts are the same whatever their line ends are, and those at their end. */
static bool same_text(struct str a, struct str b)
{
	size_t i = 0, k = 0;

	a = str_trim(a);
	b = str_trim(b);
	while (i < a.n || k < b.n) {
		if (i < a.n && a.p[i] == '\r')
			i++;
		else if (k < b.n && b.p[k] == '\r')
			k++;
		else if (i < a.n && k < b.n && a.p[i] == b.p[k])
			i++, k++;
		else
			return false;
	}
	return true;
}

static enum err same_body(struct arena *a, const struct message *base, const struct draft_edit *edit, bool *ret)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(DRAFT_TEXT_MAX);
	struct draft d = { .arena = a, .source = &base->source, .structure = &base->structure };

	*ret = edit->body == BODY_MIME || body_native(a, &base->structure) == edit->body;
	if (!*ret)
		return ERR_OK;
	TRY(render(&d, edit->body, &text));
	*ret = same_text(buf_view(&text), edit->text);
	return ERR_OK;
}

enum err draft_unchanged(struct arena *a, const struct message *base, const struct draft_edit *edit, bool *ret)
{
	enum err e = ERR_OK;

	*ret = edit->added_n == 0 && edit->deleted_n == 0;
	if (*ret)
		e = same_header(a, base, edit, ret);
	if (!e && *ret && edit->has_body)
		e = same_body(a, base, edit, ret);
	if (e == ERR_LIMIT) { /* too large to compare: it is written anew */
		*ret = false;
		e = ERR_OK;
	}
	return e;
}
