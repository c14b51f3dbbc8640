/* The texts of a mail, for the index. */
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

	for (size_t i = 0; i < SEARCH_FIELD_MAX_; i++)
		buf_clear(&ret->field[i]);
	put_summary(&m->summary, ret);
	for (size_t i = 0; i < countof(steps); i++)
		if (steps[i](a, m, ret) == ERR_IO)
			return ERR_IO;
	return ERR_OK;
}
