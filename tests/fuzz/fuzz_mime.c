/*
 * The MIME parser: a message has one structure, given whole or by the octet; the structure is a tree of ranges inside
 * the message; its blob reads back the same; summary, bodies and attachments work on it.
 */
#include "support.h"

#include <base/utf8.h>

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_tree(const struct mime_structure *m)
{
	for (size_t i = 0; i < m->parts_n; i++) {
		const struct mime_part *p = &m->parts[i], *parent = i ? &m->parts[p->parent] : NULL;

		assert(p->hdr_off + p->hdr_len == p->body_off);
		assert(p->body_off <= m->size && p->body_len <= m->size - p->body_off);
		assert(!parent ||
		       (p->parent < (int32_t)i && parent->kind != MIME_LEAF && p->hdr_off >= parent->body_off));
		assert(p->kind == MIME_LEAF || (i + 1 < m->parts_n && m->parts[i + 1].parent == (int32_t)i));
		assert(utf8_valid(p->name) && utf8_valid(p->content_id));
	}
}

static void check_sections(const struct mime_structure *m)
{
	for (size_t i = 0; i < m->parts_n; i++) {
		CLEANUP(buf_release) struct buf section = BUF_INIT(2000);
		size_t found;

		mime_section_put(&section, m, i);
		assert(mime_section_find(m, buf_view(&section), &found) == ERR_OK);
		/* The multipart that is the body of a message shares the section of that message. */
		assert(found == i || (m->parts[i].kind == MIME_MULTIPART && m->parts[i].parent == (int32_t)found));
	}
}

static void check_use(struct mail *m)
{
	CLEANUP(buf_release) struct buf plain = BUF_INIT(TEST_FILE_MAX), html = BUF_INIT(TEST_FILE_MAX);
	struct body_attachment *list;
	struct body_result result;
	struct mail_summary s;
	enum err e;
	size_t n;

	e = mail_summary_make(&m->arena, &m->source, &m->mime, &s);
	assert(e == ERR_OK && utf8_valid(s.subject) && utf8_valid(s.from) && utf8_valid(s.preview));
	e = mail_render(m, BODY_PLAIN, 1000, &plain, &result);
	assert(e == ERR_OK && plain.n <= 1000 && utf8_valid(buf_view(&plain)));
	e = mail_render(m, BODY_HTML, UINT64_MAX, &html, &result);
	assert(e == ERR_OK && html.n == result.estimated_bytes && utf8_valid(buf_view(&html)));
	e = body_attachments(&m->arena, &m->mime, 0, &list, &n);
	assert(e == ERR_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(buf_release) struct buf a = BUF_INIT(TEST_FILE_MAX), b = BUF_INIT(TEST_FILE_MAX);
	CLEANUP(buf_release) struct buf c = BUF_INIT(TEST_FILE_MAX), blob = BUF_INIT(TEST_FILE_MAX);
	CLEANUP(mail_release) struct mail whole, cut;
	struct mime_structure stored;
	enum err e;

	mail_load(&whole, str_from(data, size), 0);
	mail_load(&cut, str_from(data, size), 1);
	structure_text(&a, &whole.mime);
	structure_text(&b, &cut.mime);
	assert(str_eq(buf_view(&a), buf_view(&b)));
	check_tree(&whole.mime);
	check_sections(&whole.mime);
	mime_structure_put(&blob, &whole.mime);
	e = mime_structure_get(&whole.arena, buf_view(&blob), &stored);
	assert(e == ERR_OK);
	structure_text(&c, &stored);
	assert(str_eq(buf_view(&a), buf_view(&c)));
	check_use(&whole);
	return 0;
}
