/* Making of mails, and of mailboxes of them. */
#include <tests/bench/mails.h>

#include <base/base64.h>
#include <base/mem.h>
#include <gateway/mailbox/intake.h>
#include <store/folder.h>

enum {
	KINDS = 20, /* one of each comes in turn: 9 plain, 8 with HTML, 3 with an attachment */
	HTML_FROM = 9,
	ATTACHMENT_FROM = 17,
	LINE_BYTES = 72,
	QP_LINE_BYTES = 72,
	ATTACHMENT_LINE_BYTES = 57, /* 76 in base64 */
	BATCH = 250,
	MINUTE_MS = 60 * 1000,
};

#define BOUNDARY "=_bench_0123456789"

/* splitmix64: small, and the same everywhere. */
static uint64_t next(uint64_t *random)
{
	uint64_t z = *random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static const char *word(uint64_t *random)
{
	static const char *const words[] = {
		"the",  "of",      "and",    "meeting",  "report", "Thursday", "please",   "invoice",
		"to",   "in",      "number", "Grüße",    "is",     "we",       "would",    "tomorrow",
		"with", "table",   "for",    "project",  "über",   "review",   "have",     "this",
		"team", "budget",  "can",    "you",      "office", "draft",    "naïve",    "attached",
		"from", "session", "later",  "customer", "as",     "soon",     "possible", "thanks",
	};

	return words[next(random) % countof(words)];
}

/* About n bytes of lines, with a blank line here and there. */
static void put_text(struct buf *out, uint64_t *random, size_t n)
{
	size_t end = out->n + n, line = out->n;

	while (out->n < end) {
		buf_cstr(out, word(random));
		if (out->n - line < LINE_BYTES) {
			buf_char(out, ' ');
			continue;
		}
		buf_cstr(out, next(random) % 6 ? "\r\n" : ".\r\n\r\n");
		line = out->n;
	}
	buf_cstr(out, "\r\n");
}

/* Quoted-printable (RFC 2045 section 6.7) of text with CRLF line ends. */
static void put_qp(struct buf *out, struct str text)
{
	size_t line = out->n;

	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c == '\r' || c == '\n') {
			buf_char(out, (char)c);
			line = out->n;
			continue;
		}
		if (out->n - line > QP_LINE_BYTES) {
			buf_cstr(out, "=\r\n");
			line = out->n;
		}
		if (c == '=' || c >= 0x80)
			buf_fmt(out, "=%02X", c);
		else
			buf_char(out, (char)c);
	}
}

static void put_html(struct buf *out, uint64_t *random, size_t n)
{
	struct buf html = BUF_INIT(4 * BENCH_MAIL_MAX_BYTES), text = BUF_INIT(BENCH_MAIL_MAX_BYTES);

	buf_cstr(&html, "<html><head><style>p { margin: 0 }</style></head><body>\r\n");
	while (html.n < n) {
		buf_clear(&text);
		put_text(&text, random, 300);
		buf_fmt(&html,
			"<p class=\"text\" style=\"font-family: Arial, sans-serif; font-size: 12pt\">%s "
			"<b>%s</b><br>\r\n",
			word(random), word(random));
		buf_str(&html, buf_view(&text));
		buf_cstr(&html, "<a href=\"https://www.example.test/page?id=1&amp;x=2\">more</a>&nbsp;</p>\r\n");
	}
	buf_cstr(&html, "</body></html>\r\n");
	put_qp(out, buf_view(&html));
	buf_release(&html);
	buf_release(&text);
}

static void put_attachment(struct buf *out, uint64_t *random, size_t n)
{
	size_t end = out->n + n;

	while (out->n < end) {
		uint64_t octets[8];

		for (size_t i = 0; i < countof(octets); i++)
			octets[i] = next(random);
		base64_put(out, str_from(octets, ATTACHMENT_LINE_BYTES));
		buf_cstr(out, "\r\n");
	}
}

static void put_part(struct buf *out, const char *head)
{
	buf_fmt(out, "--" BOUNDARY "\r\n%s\r\n", head);
}

#define TEXT_HEAD "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"

static void put_alternative(struct buf *out, uint64_t *random, size_t n)
{
	buf_cstr(out, "Content-Type: multipart/alternative; boundary=\"" BOUNDARY "\"\r\n\r\n");
	put_part(out, TEXT_HEAD);
	put_text(out, random, n / 4);
	put_part(out, "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n");
	put_html(out, random, n / 8 * 5);
	buf_cstr(out, "--" BOUNDARY "--\r\n");
}

static void put_mixed(struct buf *out, uint64_t *random, size_t n)
{
	buf_cstr(out, "Content-Type: multipart/mixed; boundary=\"" BOUNDARY "\"\r\n\r\n");
	put_part(out, TEXT_HEAD);
	put_text(out, random, n / 4);
	put_part(out, "Content-Type: application/pdf; name=\"report.pdf\"\r\n"
		      "Content-Disposition: attachment; filename=\"report.pdf\"\r\n"
		      "Content-Transfer-Encoding: base64\r\n");
	put_attachment(out, random, n / 4 * 3);
	buf_cstr(out, "--" BOUNDARY "--\r\n");
}

void bench_mail_put(struct buf *out, uint64_t n)
{
	uint64_t random = n;
	/* Headers and ends of lines come on top. */
	size_t size = BENCH_MAIL_MIN_BYTES + next(&random) % (BENCH_MAIL_MAX_BYTES - BENCH_MAIL_MIN_BYTES - 1024);

	buf_fmt(out, "Received: from mx.example.org by mail.example.test; Thu, 01 Jan 2026 00:00:00 +0000\r\n");
	buf_fmt(out, "From: \"%s %s\" <sender%llu@example.org>\r\n", word(&random), word(&random),
		(unsigned long long)(n % 1000));
	buf_cstr(out, "To: Ann <ann@example.test>, bob@example.test\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\n");
	buf_fmt(out, "Subject: Re: %s %s %llu\r\n", word(&random), word(&random), (unsigned long long)n);
	buf_fmt(out, "Message-ID: <%llu@example.org>\r\nMIME-Version: 1.0\r\n", (unsigned long long)n);
	if (n % KINDS >= ATTACHMENT_FROM) {
		put_mixed(out, &random, size);
	} else if (n % KINDS >= HTML_FROM) {
		put_alternative(out, &random, size);
	} else {
		buf_cstr(out, TEXT_HEAD "\r\n");
		put_text(out, &random, size);
	}
}

/* ---- mailboxes ---- */

struct batch {
	struct intake *intake[BATCH];
	struct store_blob_writer *blob[BATCH];
	size_t n;
};

static void batch_release(struct batch *b)
{
	for (size_t i = 0; i < BATCH; i++) {
		store_blob_writer_drop(&b->blob[i]);
		intake_free(&b->intake[i]);
	}
}

static enum err make(struct store *s, const char *state_dir, int64_t mailbox, uint64_t number, struct buf *text,
		     struct intake **in, struct store_blob_writer **blob)
{
	buf_clear(text);
	bench_mail_put(text, number);
	TRY(buf_status(text));
	TRY(intake_new(state_dir, INTAKE_MAX_BYTES_DEFAULT, in));
	TRY(intake_put(*in, buf_view(text)));
	TRY(intake_finish(*in));
	return intake_store(*in, s, mailbox, blob);
}

static enum err add(const struct batch *b, struct store *s, int64_t mailbox, int64_t oldest_ms)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct intake_item item = { .received_ms = oldest_ms };
	int64_t id;

	TRY(store_begin(s, mailbox, STORE_WRITE, &tx));
	TRY(folder_by_role(tx, FOLDER_INBOX, &item.folder));
	for (size_t i = 0; i < b->n; i++, item.received_ms += MINUTE_MS)
		TRY(intake_add(b->intake[i], tx, b->blob[i], &item, &id));
	return store_commit(&tx);
}

enum err bench_mailbox_fill(struct store *s, const char *state_dir, int64_t mailbox, uint64_t first, uint64_t n,
			    int64_t newest_ms)
{
	struct buf text = BUF_INIT(4 * BENCH_MAIL_MAX_BYTES);
	enum err e = ERR_OK;

	for (uint64_t done = 0; !e && done < n;) {
		struct batch b = { .n = n - done < BATCH ? (size_t)(n - done) : BATCH };

		for (size_t i = 0; !e && i < b.n; i++)
			e = make(s, state_dir, mailbox, first + done + i, &text, &b.intake[i], &b.blob[i]);
		if (!e)
			e = add(&b, s, mailbox, newest_ms - (int64_t)(n - 1 - done) * MINUTE_MS);
		batch_release(&b);
		done += b.n;
	}
	buf_release(&text);
	return e;
}
