/*
 * Drafts from a phone: whatever ApplicationData says, it is refused or becomes a message that our readers read, with every
 * attachment that was added, octet by octet; and made once more from that it changes nothing.
 */
#include <gateway/activesync/email_draft.h>
#include <gateway/content/body.h>
#include <gateway/content/crlf.h>

#include <assert.h>

enum { ARENA_MAX = 64 * 1024 * 1024, MAIL_MAX = 16 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct mail {
	struct arena arena;
	struct buf octets;
	struct str view;
	struct message message; /* without a blob */
};

static enum err write_draft(struct mail *m, const struct draft_edit *edit)
{
	static const struct draft_author by = { STR_INIT("Ann"), STR_INIT("ann@example.test"), 1700000000000, 42 };
	CLEANUP(buf_release) struct buf raw = BUF_INIT(MAIL_MAX);
	struct crlf_stream crlf = { 0 };

	TRY(draft_write(&m->arena, NULL, edit, &by, body_sink_buf(&raw)));
	crlf_put(&crlf, &m->octets, buf_view(&raw)); /* as the store takes it in */
	return buf_status(&m->octets);
}

static void mail_release(struct mail *m)
{
	arena_release(&m->arena);
	buf_release(&m->octets);
}

static void read_back(struct mail *m)
{
	enum err e;

	m->view = buf_view(&m->octets);
	m->message.source = mail_source_of_str(&m->view);
	e = mime_parse(&m->arena, &m->message.source, &m->message.structure);
	assert(e == ERR_OK);
	e = mail_summary_make(&m->arena, &m->message.source, &m->message.structure, &m->message.summary);
	assert(e == ERR_OK);
}

static bool has_octets(struct mail *m, size_t part, struct str want)
{
	CLEANUP(buf_release) struct buf got = BUF_INIT(MAIL_MAX);
	uint64_t total;
	enum err e = body_part_decode(&m->message.source, &m->message.structure.parts[part], 0, UINT64_MAX,
				      body_sink_buf(&got), &total);

	assert(e == ERR_OK);
	return str_eq(buf_view(&got), want);
}

/* Each that was added is there, but for messages, whose lines end as the store wants it. */
static void check_attachments(struct mail *m, const struct email_draft *d)
{
	struct body_attachment *list;
	size_t n;
	enum err e = body_attachments(&m->arena, &m->message.structure, 0, &list, &n);

	assert(e == ERR_OK && n >= d->files.added_n);
	for (size_t i = 0; i < d->files.added_n; i++) {
		bool found = str_ieq(d->files.added[i].part.content_type, S("message/rfc822"));

		for (size_t k = 0; k < n && !found; k++)
			found = has_octets(m, list[k].part, d->files.added[i].part.bytes);
		assert(found);
	}
}

static void check_again(struct mail *m, struct email_draft *d)
{
	bool same = false;
	enum err e;

	d->edit.added_n = 0;
	e = draft_unchanged(&m->arena, &m->message, &d->edit, &same);
	assert(e == ERR_OK);
}

static void check_draft(struct email_draft *d, struct arena *a)
{
	CLEANUP(mail_release) struct mail m = { .arena = ARENA_INIT(ARENA_MAX), .octets = BUF_INIT(MAIL_MAX) };
	struct compose_part *parts = arena_array(a, d->files.added_n, sizeof(*parts));

	assert(parts);
	for (size_t i = 0; i < d->files.added_n; i++)
		parts[i] = d->files.added[i].part;
	d->edit.added = parts;
	d->edit.added_n = d->files.added_n;
	if (write_draft(&m, &d->edit))
		return;
	read_back(&m);
	if (!d->edit.has_body || d->edit.body != BODY_MIME)
		check_attachments(&m, d);
	check_again(&m, d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
	CLEANUP(buf_release) struct buf doc = BUF_INIT(1 << 20);
	struct wbxml_reader r;
	struct email_draft d;

	buf_put(&doc, "\x03\x01\x6a\x00\x5d", 5);
	buf_put(&doc, data, size < (1 << 19) ? size : 1 << 19);
	buf_char(&doc, '\x01');
	wbxml_reader_init(&r, buf_view(&doc));
	if (wbxml_root(&r, TAG_AIRSYNC_APPLICATIONDATA))
		return 0;
	if (!email_draft_parse(&a, &r, EAS_16_1, &d))
		check_draft(&d, &a);
	email_draft_release(&d);
	return 0;
}
