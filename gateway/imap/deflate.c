/* Compression of a session. */
#include <gateway/imap/deflate.h>

#include <base/mem.h>
#include <gateway/imap/limits.h>

#include <stdlib.h>
#include <zlib.h>

enum {
	WINDOW_IN = -15,
	WINDOW_OUT = -13,
	LEVEL = 3,
	MEMORY = 6,
	PLAIN_BYTES = 32 * 1024,
	ROOM_BYTES = 32 * 1024,
	PIECES_MAX_BYTES = 1024 * 1024
};

struct imap_deflate {
	z_stream in;
	struct buf plain; /* read and not consumed */
	bool full;        /* inflate() had no room for all, and may hold more that no input is left for */
	/* Lengths of the pieces (uint32_t) of what was packed last, and how many of them are cut off. */
	struct buf pieces;
	size_t cut;
};

struct imap_deflate *imap_deflate_new(void)
{
	struct imap_deflate *d = mem_alloc(sizeof(*d));

	d->plain = BUF_INIT(PLAIN_BYTES);
	d->pieces = BUF_INIT(PIECES_MAX_BYTES);
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
	buf_release(&d->pieces);
	free(d);
	*dp = NULL;
}

enum err imap_deflate_take(struct imap_deflate *d, struct str *bytes)
{
	while (d->plain.n == 0 && (bytes->n || d->full)) {
		char *room = buf_reserve(&d->plain, PLAIN_BYTES);
		int rc;

		if (!room)
			return ERR_LIMIT;
		d->in.next_in = (Bytef *)(uintptr_t)bytes->p;
		d->in.avail_in = (uInt)bytes->n;
		d->in.next_out = (Bytef *)room;
		d->in.avail_out = PLAIN_BYTES;
		rc = inflate(&d->in, Z_SYNC_FLUSH);
		buf_added(&d->plain, PLAIN_BYTES - d->in.avail_out);
		*bytes = str_slice(*bytes, bytes->n - d->in.avail_in, bytes->n);
		d->full = d->in.avail_out == 0;
		if (rc != Z_OK && rc != Z_BUF_ERROR)
			return ERR_CORRUPT;
	}
	return ERR_OK;
}

struct str imap_deflate_plain(const struct imap_deflate *d)
{
	return buf_view(&d->plain);
}

void imap_deflate_consume(struct imap_deflate *d, size_t n)
{
	buf_consume(&d->plain, n);
	if (d->plain.n == 0)
		buf_release(&d->plain);
}

static void deflate_piece(z_stream *z, struct str bytes, struct buf *out)
{
	z->next_in = (Bytef *)(uintptr_t)bytes.p;
	z->avail_in = (uInt)bytes.n;
	do {
		char *room = buf_reserve(out, ROOM_BYTES);

		if (!room)
			return;
		z->next_out = (Bytef *)room;
		z->avail_out = ROOM_BYTES;
		deflate(z, Z_SYNC_FLUSH);
		buf_added(out, ROOM_BYTES - z->avail_out);
	} while (z->avail_out == 0);
}

static void deflate_all(struct imap_deflate *d, z_stream *z, struct str bytes, struct buf *out)
{
	buf_clear(&d->pieces);
	d->cut = 0;
	while (bytes.n) {
		size_t before = out->n;
		uint32_t length;

		deflate_piece(z, str_slice(bytes, 0, IMAP_DEFLATE_PIECE_BYTES), out);
		length = (uint32_t)(out->n - before);
		buf_put(&d->pieces, &length, sizeof(length));
		bytes = str_slice(bytes, IMAP_DEFLATE_PIECE_BYTES, bytes.n);
	}
	if (!out->err)
		out->err = buf_status(&d->pieces);
}

void imap_deflate_pack(struct imap_deflate *d, struct buf *b)
{
	struct buf packed = BUF_INIT(b->max);
	z_stream z = { 0 };

	if (b->n == 0 || b->err)
		return;
	if (deflateInit2(&z, LEVEL, Z_DEFLATED, WINDOW_OUT, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK) {
		b->err = ERR_BUSY;
		return;
	}
	deflate_all(d, &z, buf_view(b), &packed);
	deflateEnd(&z);
	buf_release(b);
	*b = packed;
}

bool imap_deflate_piece(struct imap_deflate *d, struct str *packed, struct str *ret)
{
	uint32_t length;

	if (d->cut == d->pieces.n) {
		buf_release(&d->pieces);
		d->cut = 0;
		return false;
	}
	memcpy(&length, d->pieces.p + d->cut, sizeof(length));
	d->cut += sizeof(length);
	*ret = str_slice(*packed, 0, length);
	*packed = str_slice(*packed, length, packed->n);
	return true;
}
