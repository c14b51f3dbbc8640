/* MB/s of writing and of reading a Sync response of 100 mails with bodies of 2.6 KB. */
#include <wbxml/wbxml.h>

#include <base/clock.h>

#include <assert.h>
#include <stdio.h>

enum { MAILS = 100, BODY_LINES = 38, ROUNDS = 5000, DOC_MAX = 1 << 20 };

static void write_mail(struct wbxml_writer *w, struct str body)
{
	wbxml_open(w, TAG_AIRSYNC_ADD);
	wbxml_put_text(w, TAG_AIRSYNC_SERVERID, S("1:12345"));
	wbxml_open(w, TAG_AIRSYNC_APPLICATIONDATA);
	wbxml_put_text(w, TAG_EMAIL_FROM, S("\"Ann Example\" <ann@example.test>"));
	wbxml_put_text(w, TAG_EMAIL_SUBJECT, S("Minutes of the meeting, and the date of the next"));
	wbxml_put_text(w, TAG_EMAIL_DATERECEIVED, S("2026-01-02T03:04:05.678Z"));
	wbxml_put_bool(w, TAG_EMAIL_READ, false);
	wbxml_open(w, TAG_AIRSYNCBASE_BODY);
	wbxml_put_u64(w, TAG_AIRSYNCBASE_TYPE, 1);
	wbxml_put_u64(w, TAG_AIRSYNCBASE_ESTIMATEDDATASIZE, body.n);
	wbxml_put_text(w, TAG_AIRSYNCBASE_DATA, body);
	wbxml_close(w, TAG_AIRSYNCBASE_BODY);
	wbxml_put_opaque(w, TAG_EMAIL2_CONVERSATIONID, S("0123456789abcdef"));
	wbxml_close(w, TAG_AIRSYNC_APPLICATIONDATA);
	wbxml_close(w, TAG_AIRSYNC_ADD);
}

static void write_response(struct buf *out, struct str body)
{
	struct wbxml_writer w;
	enum err e;

	buf_clear(out);
	wbxml_writer_init(&w, out);
	wbxml_open(&w, TAG_AIRSYNC_SYNC);
	for (int i = 0; i < MAILS; i++)
		write_mail(&w, body);
	wbxml_close(&w, TAG_AIRSYNC_SYNC);
	e = wbxml_writer_end(&w);
	assert(!e);
	(void)e;
}

static void read_response(struct str doc)
{
	struct wbxml_reader r;

	wbxml_reader_init(&r, doc);
	while (wbxml_next(&r) < WBXML_DONE)
		;
	assert(!r.why);
}

static void report(const char *what, int64_t start_ms, size_t doc_n)
{
	int64_t ms = clock_mono_ms(clock_real()) - start_ms + 1;

	printf("%s %zu bytes: %.1f us, %.0f MB/s\n", what, doc_n, (double)ms * 1000 / ROUNDS,
	       (double)doc_n * ROUNDS / 1000 / (double)ms);
}

int main(void)
{
	struct buf doc = BUF_INIT(DOC_MAX), body = BUF_INIT(DOC_MAX);
	int64_t start;

	for (int i = 0; i < BODY_LINES; i++)
		buf_cstr(&body, "Text of a mail as people write it, about as long as a line is wont to be\r\n");
	start = clock_mono_ms(clock_real());
	for (int i = 0; i < ROUNDS; i++)
		write_response(&doc, buf_view(&body));
	report("writing", start, doc.n);
	start = clock_mono_ms(clock_real());
	for (int i = 0; i < ROUNDS; i++)
		read_response(buf_view(&doc));
	report("reading", start, doc.n);
	buf_release(&doc);
	buf_release(&body);
	return 0;
}
