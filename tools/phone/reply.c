/* HTTP responses. Each state has one function, which takes bytes and moves on; the walk ends where they run out. */
#include "reply.h"

#include <zlib.h>

enum { GZIP_WINDOW_BITS = 15 + 16 /* zlib: gzip framing alone */, INFLATE_STEP_BYTES = 64 * 1024 };

void reply_init(struct reply *r)
{
	*r = (struct reply){ .head = BUF_INIT(REPLY_MAX_HEAD_BYTES),
			     .body = BUF_INIT(REPLY_MAX_BODY_BYTES),
			     .line = BUF_INIT(REPLY_MAX_CHUNK_LINE_BYTES) };
}

void reply_release(struct reply *r)
{
	buf_release(&r->head);
	buf_release(&r->body);
	buf_release(&r->line);
}

struct str reply_header(const struct reply *r, const char *name)
{
	struct str rest = buf_view(&r->head), line;

	while (str_cut(&rest, '\n', &line)) {
		size_t colon = str_index(line, ':');

		if (colon < line.n && str_ieq(str_slice(line, 0, colon), str_of(name)))
			return str_trim(str_slice(line, colon + 1, line.n));
	}
	return STR_EMPTY;
}

bool reply_keeps_open(const struct reply *r)
{
	return str_starts(buf_view(&r->head), S("HTTP/1.1 ")) && !str_ieq(reply_header(r, "Connection"), S("close"));
}

/* "HTTP/1.1 200 OK" */
static bool parse_status(struct reply *r)
{
	struct str head = buf_view(&r->head);
	uint64_t status;

	if (!str_starts(head, S("HTTP/1.1 ")) && !str_starts(head, S("HTTP/1.0 ")))
		return false;
	if (str_to_u64(str_slice(head, 9, 12), 599, &status) || status < 100)
		return false;
	r->status = (int)status;
	return true;
}

static enum reply_state framing(struct reply *r)
{
	struct str coding = reply_header(r, "Transfer-Encoding"), length = reply_header(r, "Content-Length");

	if (r->status == 204 || r->status == 304)
		return REPLY_DONE;
	if (coding.p)
		return str_ieq(coding, S("chunked")) && !length.p ? REPLY_CHUNK_SIZE : REPLY_BAD;
	if (!length.p)
		return REPLY_TO_CLOSE;
	if (str_to_u64(length, REPLY_MAX_BODY_BYTES, &r->length))
		return REPLY_BAD;
	r->has_length = true;
	r->left = r->length;
	return r->left ? REPLY_LENGTH : REPLY_DONE;
}

static size_t take_head(struct reply *r, struct str bytes)
{
	size_t used = str_index(bytes, '\n');

	if (used == bytes.n) {
		buf_str(&r->head, bytes);
		return used;
	}
	buf_str(&r->head, str_slice(bytes, 0, used + 1));
	if (!str_ends(buf_view(&r->head), S("\r\n\r\n")))
		return used + 1;
	if (!parse_status(r))
		r->state = REPLY_BAD;
	else if (r->status < 200)
		buf_clear(&r->head); /* an interim response: the real one follows */
	else
		r->state = framing(r);
	return used + 1;
}

static size_t take_data(struct reply *r, struct str bytes, enum reply_state after)
{
	size_t used = bytes.n < r->left ? bytes.n : (size_t)r->left;

	buf_put(&r->body, bytes.p, used);
	r->left -= used;
	if (r->left == 0)
		r->state = after;
	return used;
}

/* A line of the chunked framing is whole in r->line, without its CRLF. */
static void take_line(struct reply *r, struct str line)
{
	if (r->state == REPLY_CHUNK_SIZE) {
		struct str digits = str_trim(str_slice(line, 0, str_index(line, ';')));

		if (str_hex_to_u64(digits, &r->left) || r->left > REPLY_MAX_BODY_BYTES)
			r->state = REPLY_BAD;
		else
			r->state = r->left ? REPLY_CHUNK_DATA : REPLY_TRAILER;
	} else if (r->state == REPLY_CHUNK_END) {
		r->state = line.n == 0 ? REPLY_CHUNK_SIZE : REPLY_BAD;
	} else if (line.n == 0) {
		r->state = REPLY_DONE;
	}
}

static size_t take_framing(struct reply *r, struct str bytes)
{
	size_t used = str_index(bytes, '\n');
	bool whole = used < bytes.n;

	used += whole;
	buf_str(&r->line, str_slice(bytes, 0, used));
	if (!whole)
		return used;
	if (buf_status(&r->line) || !str_ends(buf_view(&r->line), S("\r\n")))
		r->state = REPLY_BAD;
	else
		take_line(r, str_from(r->line.p, r->line.n - 2));
	buf_clear(&r->line);
	return used;
}

static size_t take(struct reply *r, struct str bytes)
{
	switch (r->state) {
	case REPLY_HEAD:
		return take_head(r, bytes);
	case REPLY_LENGTH:
		return take_data(r, bytes, REPLY_DONE);
	case REPLY_CHUNK_DATA:
		return take_data(r, bytes, REPLY_CHUNK_END);
	case REPLY_CHUNK_SIZE:
	case REPLY_CHUNK_END:
	case REPLY_TRAILER:
		return take_framing(r, bytes);
	case REPLY_TO_CLOSE:
		buf_str(&r->body, bytes);
		return bytes.n;
	case REPLY_DONE:
	case REPLY_BAD:
		break;
	}
	return 0;
}

enum reply_state reply_feed(struct reply *r, struct str bytes, size_t *ret_used)
{
	size_t at = 0;

	while (at < bytes.n && r->state != REPLY_DONE && r->state != REPLY_BAD) {
		at += take(r, str_slice(bytes, at, bytes.n));
		if (buf_status(&r->head) || buf_status(&r->body) || buf_status(&r->line))
			r->state = REPLY_BAD;
	}
	*ret_used = at;
	return r->state;
}

enum reply_state reply_end(struct reply *r)
{
	if (r->state != REPLY_DONE)
		r->state = r->state == REPLY_TO_CLOSE ? REPLY_DONE : REPLY_BAD;
	return r->state;
}

static enum err inflate_all(z_stream *z, struct buf *room)
{
	int rc;

	do {
		void *at = buf_reserve(room, INFLATE_STEP_BYTES);

		if (!at)
			return ERR_LIMIT;
		z->next_out = at;
		z->avail_out = INFLATE_STEP_BYTES;
		rc = inflate(z, Z_NO_FLUSH);
		buf_added(room, INFLATE_STEP_BYTES - z->avail_out);
	} while (rc == Z_OK && (z->avail_in || z->avail_out == 0));
	return rc == Z_STREAM_END && z->avail_in == 0 ? ERR_OK : ERR_INVALID;
}

static enum err gunzip(struct str packed, struct buf *room)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)packed.p, .avail_in = (uInt)packed.n };
	enum err e;

	if (inflateInit2(&z, GZIP_WINDOW_BITS) != Z_OK)
		return ERR_IO;
	e = inflate_all(&z, room);
	inflateEnd(&z);
	return e;
}

enum err reply_body(const struct reply *r, struct buf *room, struct str *ret)
{
	struct str coding = reply_header(r, "Content-Encoding");

	if (!coding.p || str_ieq(coding, S("identity"))) {
		*ret = buf_view(&r->body);
		return ERR_OK;
	}
	if (!str_ieq(coding, S("gzip")))
		return ERR_UNSUPPORTED;
	TRY(gunzip(buf_view(&r->body), room));
	*ret = buf_view(room);
	return ERR_OK;
}
