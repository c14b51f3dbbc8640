/* The mails of an mbox file. */
#include <tools/roostctl/import.h>

#include <tools/roostctl/import_batch.h>
#include <tools/roostctl/mbox.h>
#include <tools/roostctl/mbox_status.h>

enum { HEADER_MAX = 64 * 1024 }; /* bytes of a mail in which its status fields are looked for */

struct reading {
	struct import *im;
	const char *path;
	struct mbox_reader mbox;
	struct import_mail mail;
	struct buf header; /* the first bytes of the mail */
	uint64_t bytes;    /* of the file so far */
	uint64_t mails;
	bool bad; /* the mail was told as bad */
};

static void failed(struct reading *r, enum err e)
{
	batch_drop(r->im->batch);
	r->bad = true;
	if (e == ERR_LIMIT)
		import_bad(r->im, r->path, "mail %llu is larger than %llu bytes", (unsigned long long)r->mails,
			   (unsigned long long)IMPORT_MESSAGE_MAX);
	else
		r->im->failed = e;
}

static void begin(struct reading *r, struct str from_line)
{
	enum err e = batch_begin(r->im->batch);

	r->mails++;
	r->bad = false;
	r->mail.received_ms = 0;
	(void)mbox_from_date(from_line, &r->mail.received_ms);
	buf_clear(&r->header);
	if (e)
		failed(r, e);
}

static void text(struct reading *r, struct str octets)
{
	enum err e;

	if (r->bad)
		return;
	buf_str(&r->header, str_slice(octets, 0, HEADER_MAX - r->header.n));
	e = batch_put(r->im->batch, octets);
	if (e)
		failed(r, e);
}

/* Up to the first empty line. */
static struct str header_of(struct str bytes)
{
	size_t lf = str_find(bytes, S("\n\n")), crlf = str_find(bytes, S("\n\r\n"));

	return str_slice(bytes, 0, lf < crlf ? lf : crlf);
}

static void end(struct reading *r)
{
	struct mbox_status status = mbox_status_read(header_of(buf_view(&r->header)));
	enum err e;

	if (r->bad)
		return;
	if (status.gone) {
		r->im->gone++;
		batch_drop(r->im->batch);
		return;
	}
	r->mail.flags = status.flags;
	e = batch_end(r->im->batch, &r->mail);
	if (e)
		failed(r, e);
	else
		progress_mail(&r->im->progress, r->bytes);
}

/* False where nothing else will come. */
static bool take(struct reading *r, enum mbox_event event, struct str octets)
{
	switch (event) {
	case MBOX_BEGIN:
		begin(r, octets);
		break;
	case MBOX_TEXT:
		text(r, octets);
		break;
	case MBOX_END:
		end(r);
		break;
	case MBOX_BAD:
		import_bad(r->im, r->path, "not an mbox: its first line is too long");
		return false;
	case MBOX_MORE:
		return false;
	}
	return import_goes_on(r->im);
}

static void take_bytes(struct reading *r, struct str bytes)
{
	struct str octets;

	r->bytes += bytes.n;
	while (take(r, mbox_next(&r->mbox, &bytes, &octets), octets))
		;
}

void import_mbox(struct import *im, const char *path, int fd, struct str first, int64_t folder)
{
	struct reading r = { .im = im, .path = path, .mail = { .folder = folder }, .header = BUF_INIT(HEADER_MAX) };
	char chunk[IMPORT_CHUNK];
	struct str octets;
	ssize_t n = 0;

	take_bytes(&r, first);
	while (import_goes_on(im) && r.mbox.state != MBOX_FAILED && (n = import_read(im, path, fd, chunk)) > 0)
		take_bytes(&r, str_from(chunk, (size_t)n));
	if (import_goes_on(im) && n == 0 && r.mbox.state != MBOX_FAILED)
		while (take(&r, mbox_finish(&r.mbox, &octets), octets))
			;
	batch_drop(im->batch); /* of a mail that was cut off */
	buf_release(&r.header);
}
