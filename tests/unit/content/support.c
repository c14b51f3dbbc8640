#include "support.h"

#include <gateway/content/crlf.h>

#include <assert.h>
#include <stdio.h>

void mail_load(struct mail *m, struct str text, size_t chunk)
{
	struct crlf_stream crlf = { 0 };
	struct mime_parser *p;
	struct str rest;
	enum err e;

	*m = (struct mail){ .bytes = BUF_INIT(TEST_FILE_MAX), .arena = ARENA_INIT(TEST_ARENA_MAX) };
	crlf_put(&crlf, &m->bytes, text);
	assert(buf_status(&m->bytes) == ERR_OK);
	m->view = rest = buf_view(&m->bytes);
	m->source = mail_source_of_str(&m->view);
	p = mime_parser_new(&m->arena);
	while (rest.n) {
		struct str piece = str_slice(rest, 0, chunk ? chunk : rest.n);

		mime_parser_put(p, piece);
		rest = str_slice(rest, piece.n, rest.n);
	}
	e = mime_parser_finish(p, &m->mime);
	assert(e == ERR_OK);
	mime_parser_free(&p);
}

void mail_release(struct mail *m)
{
	buf_release(&m->bytes);
	arena_release(&m->arena);
}

enum err file_read(struct buf *b, const char *path)
{
	FILE *f = fopen(path, "rb");
	char chunk[4096];
	size_t n;

	if (!f)
		return ERR_NOT_FOUND;
	while ((n = fread(chunk, 1, sizeof(chunk), f)))
		buf_put(b, chunk, n);
	fclose(f);
	return buf_status(b);
}

void structure_text(struct buf *b, const struct mime_structure *m)
{
	buf_fmt(b, "size %llu\n", (unsigned long long)m->size);
	for (size_t i = 0; i < m->parts_n; i++) {
		const struct mime_part *p = &m->parts[i];
		const struct str texts[] = { p->charset, p->name, p->content_id, p->location, p->variant };

		buf_fmt(b, "%zu<%d " STR_FMT "/" STR_FMT " h%llu+%llu b%llu+%llu l%llu k%d f%u e%d d%d", i, p->parent,
			STR_ARG(p->type), STR_ARG(p->subtype), (unsigned long long)p->hdr_off,
			(unsigned long long)p->hdr_len, (unsigned long long)p->body_off,
			(unsigned long long)p->body_len, (unsigned long long)p->lines, (int)p->kind, p->flags,
			(int)p->encoding, (int)p->disposition);
		for (size_t k = 0; k < countof(texts); k++) {
			buf_char(b, '|');
			buf_str(b, texts[k]);
		}
		buf_char(b, '\n');
	}
}

enum err mail_render(struct mail *m, enum body_type type, uint64_t max_bytes, struct buf *out, struct body_result *ret)
{
	struct body_request request = { .type = type, .max_bytes = max_bytes };

	return body_render(&m->arena, &m->source, &m->mime, 0, &request, body_sink_buf(out), ret);
}
