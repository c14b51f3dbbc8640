/* Variable-length numbers and counted strings. */
#include <gateway/content/blob.h>

void blob_put_u64(struct buf *b, uint64_t v)
{
	while (v > 0x7f) {
		buf_char(b, (char)(unsigned char)(v | 0x80));
		v >>= 7;
	}
	buf_char(b, (char)v);
}

void blob_put_i64(struct buf *b, int64_t v)
{
	uint64_t twice = (uint64_t)v << 1;

	blob_put_u64(b, v < 0 ? ~twice : twice);
}

void blob_put_str(struct buf *b, struct str s)
{
	blob_put_u64(b, s.n);
	buf_str(b, s);
}

uint64_t blob_u64(struct blob_reader *r)
{
	uint64_t v = 0;

	for (unsigned shift = 0; !r->bad && r->rest.n && shift < 64; shift += 7) {
		unsigned char c = (unsigned char)r->rest.p[0];

		r->rest = str_slice(r->rest, 1, r->rest.n);
		if (shift == 63 && c > 1)
			break;
		v |= (uint64_t)(c & 0x7f) << shift;
		if (c < 0x80)
			return v;
	}
	r->bad = true;
	return 0;
}

uint64_t blob_u64_max(struct blob_reader *r, uint64_t max)
{
	uint64_t v = blob_u64(r);

	if (v <= max)
		return v;
	r->bad = true;
	return 0;
}

int64_t blob_i64(struct blob_reader *r)
{
	uint64_t v = blob_u64(r);

	return (int64_t)(v & 1 ? ~(v >> 1) : v >> 1);
}

struct str blob_str(struct blob_reader *r)
{
	uint64_t n = blob_u64_max(r, r->rest.n);
	struct str s;

	if (!r->bad && n > r->rest.n)
		r->bad = true;
	if (r->bad)
		return STR_EMPTY;
	s = str_slice(r->rest, 0, (size_t)n);
	r->rest = str_slice(r->rest, (size_t)n, r->rest.n);
	return s;
}

enum err blob_end(const struct blob_reader *r)
{
	return r->bad || r->rest.n ? ERR_CORRUPT : ERR_OK;
}
