/* Gzip (RFC 1952) of bodies, both ways, by zlib. */
#include <gateway/http/http_priv.h>

#include <zlib.h>

enum {
	GZIP_WINDOW = 15 + 16, /* zlib: the largest window, with gzip's frame */
	GZIP_LEVEL = 4,        /* phones' answers: half the time of the default for 3% more bytes */
	GZIP_MEMORY = 8,
	GZIP_STEP_BYTES = 16 * 1024,
};

/* zlib's counters are unsigned int; what is fed at once stays below. */
static void feed(z_stream *z, struct str *in)
{
	const size_t most = 1U << 30;
	size_t n = in->n < most ? in->n : most;

	if (z->avail_in || !n)
		return;
	z->next_in = (Bytef *)(uintptr_t)in->p;
	z->avail_in = (uInt)n;
	*in = str_slice(*in, n, in->n);
}

/* The room that is left up to the ceiling, at most one step; 0 at the ceiling. */
static size_t give_room(z_stream *z, struct buf *out)
{
	size_t left = out->max - out->n, n = left < GZIP_STEP_BYTES ? left : GZIP_STEP_BYTES;

	z->next_out = n ? buf_reserve(out, n) : NULL;
	z->avail_out = (uInt)n;
	return n;
}

/* At the ceiling one more byte of output is one too many. */
static enum err over_ceiling(z_stream *z)
{
	Bytef extra;
	int rc;

	z->next_out = &extra;
	z->avail_out = 1;
	rc = inflate(z, Z_NO_FLUSH);
	z->next_out = NULL;
	if (z->avail_out == 0)
		return ERR_LIMIT;
	return rc == Z_STREAM_END ? ERR_OK : ERR_INVALID;
}

enum err gzip_unpack(struct str in, struct buf *out)
{
	z_stream z = { 0 };
	enum err e = ERR_INVALID;
	int rc = inflateInit2(&z, GZIP_WINDOW);

	if (rc != Z_OK)
		return ERR_BUSY;
	do {
		size_t room;

		feed(&z, &in);
		room = give_room(&z, out);
		if (room == 0) {
			e = over_ceiling(&z);
			break;
		}
		rc = inflate(&z, Z_NO_FLUSH);
		buf_added(out, room - z.avail_out);
		if (rc == Z_STREAM_END) {
			e = z.avail_in || in.n ? ERR_INVALID : ERR_OK;
			break;
		}
	} while (rc == Z_OK && (z.avail_in || in.n || z.avail_out == 0));
	inflateEnd(&z);
	return e;
}

enum err gzip_pack(struct str in, struct buf *out)
{
	z_stream z = { 0 };
	enum err e = ERR_LIMIT;
	int rc = deflateInit2(&z, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY, Z_DEFAULT_STRATEGY);

	if (rc != Z_OK)
		return ERR_BUSY;
	for (;;) {
		size_t room;

		feed(&z, &in);
		room = give_room(&z, out);
		if (room == 0)
			break;
		rc = deflate(&z, in.n ? Z_NO_FLUSH : Z_FINISH);
		buf_added(out, room - z.avail_out);
		if (rc == Z_STREAM_END) {
			e = ERR_OK;
			break;
		}
	}
	deflateEnd(&z);
	return e;
}
