/*
 * Text messages from a phone: whatever ApplicationData says, in any version that has them, it is refused or becomes a mail of one plain
 * part, which says no more than it was given: nothing of it becomes a field of its own, and what was said of people comes back.
 */
#include <gateway/activesync/email_text.h>
#include <gateway/content/body.h>
#include <gateway/content/crlf.h>
#include <gateway/content/header.h>

#include <assert.h>
#include <string.h>

enum { ARENA_MAX = 16 * 1024 * 1024, MAIL_MAX = 4 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Fields that a text message can have; each once. */
static void check_fields(struct str header)
{
	static const char *const names[] = { "From",
					     "To",
					     "Date",
					     "Message-ID",
					     "Subject",
					     "References",
					     "Importance",
					     "X-Roost-Text-From",
					     "MIME-Version",
					     "Content-Type",
					     "X-Roost-Text-To",
					     "Content-Transfer-Encoding" };
	bool seen[countof(names)] = { false };
	struct header_field field;

	while (header_next(&header, &field)) {
		size_t i = 0;

		while (i < countof(names) && !str_ieq(field.name, str_of(names[i])))
			i++;
		assert(i < countof(names) && !seen[i]);
		seen[i] = true;
	}
}

static void read_back(struct arena *a, struct str octets, const struct email_text *t)
{
	struct message m = { .source = mail_source_of_str(&octets) };
	const struct mime_part *root;
	enum err e;

	e = mime_parse(a, &m.source, &m.structure);
	assert(e == ERR_OK && m.structure.parts_n == 1);
	root = &m.structure.parts[0];
	check_fields(str_slice(octets, (size_t)root->hdr_off, (size_t)(root->hdr_off + root->hdr_len)));
	e = mail_summary_make(a, &m.source, &m.structure, &m.summary);
	assert(e == ERR_OK);
	e = email_text_people(a, &m);
	assert(e == ERR_OK && (t->from.n > 0 || m.summary.from.n == 0) && (t->to.n > 0 || m.summary.to.n == 0));
}

static void check_text(struct arena *a, const struct email_text *t)
{
	static const struct email_text_owner owner = { STR_INIT("Ann"), STR_INIT("ann@example.test"), 1700000000000,
						       42 };
	CLEANUP(buf_release) struct buf raw = BUF_INIT(MAIL_MAX), octets = BUF_INIT(MAIL_MAX);
	struct crlf_stream crlf = { 0 };

	if (email_text_write(a, t, &owner, body_sink_buf(&raw)))
		return;
	crlf_put(&crlf, &octets, buf_view(&raw)); /* as the store takes it in */
	assert(buf_status(&octets) == ERR_OK);
	read_back(a, buf_view(&octets), t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum eas_version versions[] = { EAS_14_0, EAS_14_1, EAS_16_0, EAS_16_1 };
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
	CLEANUP(buf_release) struct buf doc = BUF_INIT(1 << 20);
	struct wbxml_reader r;
	struct email_text t;

	buf_put(&doc, "\x03\x01\x6a\x00\x5d", 5);
	buf_put(&doc, data, size < (1 << 19) ? size : 1 << 19);
	buf_char(&doc, '\x01');
	wbxml_reader_init(&r, buf_view(&doc));
	if (wbxml_root(&r, TAG_AIRSYNC_APPLICATIONDATA))
		return 0;
	if (!email_text_parse(&r, versions[size % countof(versions)], &t))
		check_text(&a, &t);
	email_text_release(&t);
	return 0;
}
