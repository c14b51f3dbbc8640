/* Compression of a session. */
#include <gateway/imap/deflate.h>

#include <base/mem.h>
#include <gateway/imap/limits.h>

#include <stdlib.h>
#include <zlib.h>

enum { WINDOW_IN = -15, WINDOW_OUT = -13, LEVEL = 3, MEMORY = 6, PIECE_BYTES = 32 * 1024 };

struct imap_deflate {
	z_stream in;
	struct buf plain; /* read and not consumed */
};

struct imap_deflate *imap_deflate_new(void)
{
	struct imap_deflate *d = mem_alloc(sizeof(*d));

	d->plain = BUF_INIT(PIECE_BYTES);
	if (inflateInit2(&d->in, WINDOW_IN) != Z_OK) {
		free(d);
		return NULL;
	}
	return d;
}

void imap_deflate_free(struct imap_deflate **dp)
{
	struct imap_deflate *d = *dp;

	if (!d)
		return;
	inflateEnd(&d->in);
	buf_release(&d->plain);
	free(d);
	*dp = NULL;
}

/* One round; false: nothing more can be had from this input. */
static bool inflate_some(struct imap_deflate *d, struct stream *s)
{
	struct str in = stream_input(s);
	char *room = in.n ? buf_reserve(&d->plain, PIECE_BYTES - d->plain.n) : NULL;
	size_t had = PIECE_BYTES - d->plain.n;
	int rc;

	if (!room || had == 0)
		return false;
	d->in.next_in = (Bytef *)(uintptr_t)in.p;
	d->in.avail_in = (uInt)in.n;
	d->in.next_out = (Bytef *)room;
	d->in.avail_out = (uInt)had;
	rc = inflate(&d->in, Z_SYNC_FLUSH);
	buf_added(&d->plain, had - d->in.avail_out);
	stream_consume(s, in.n - d->in.avail_in);
	if (rc != Z_OK && rc != Z_BUF_ERROR) {
		stream_abort(s); /* damaged, or it says that it has ended */
		return false;
	}
	return d->plain.n == 0 && in.n > d->in.avail_in;
}

/* inflate() may hold output that no input is left for: it is asked with none, too. */
struct str imap_deflate_input(struct imap_deflate *d, struct stream *s)
{
	while (d->plain.n == 0 && inflate_some(d, s))
		;
	return buf_view(&d->plain);
}

void imap_deflate_consume(struct imap_deflate *d, size_t n)
{
	buf_consume(&d->plain, n);
	if (d->plain.n == 0)
		buf_release(&d->plain);
}

static void deflate_all(z_stream *z, struct str bytes, struct buf *out)
{
	z->next_in = (Bytef *)(uintptr_t)bytes.p;
	z->avail_in = (uInt)bytes.n;
	do {
		char *room = buf_reserve(out, PIECE_BYTES);

		if (!room)
			return;
		z->next_out = (Bytef *)room;
		z->avail_out = PIECE_BYTES;
		deflate(z, Z_FULL_FLUSH);
		buf_added(out, PIECE_BYTES - z->avail_out);
	} while (z->avail_out == 0);
}

void imap_deflate_pack(struct imap_deflate *d, struct buf *b)
{
	struct buf packed = BUF_INIT(b->max);
	z_stream z = { 0 };

	(void)d;
	if (b->n == 0 || b->err)
		return;
	if (deflateInit2(&z, LEVEL, Z_DEFLATED, WINDOW_OUT, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK) {
		b->err = ERR_BUSY;
		return;
	}
	deflate_all(&z, buf_view(b), &packed);
	deflateEnd(&z);
	buf_release(b);
	*b = packed;
}
