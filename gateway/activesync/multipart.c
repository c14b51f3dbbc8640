/* MultiPartResponse (MS-ASCMD 2.2.1.10.1.1): a count, an offset and a length of each part, the parts. */
#include <gateway/activesync/multipart.h>

#include <assert.h>

#define CONTENT_TYPE_MULTIPART S("application/vnd.ms-sync.multipart")

enum { NUMBER_BYTES = 4, META_BYTES = 2 * NUMBER_BYTES };

void eas_parts_release(struct eas_parts *p)
{
	buf_release(&p->octets);
	p->n = 0;
}

static size_t end_of(const struct eas_parts *p, size_t n)
{
	return n ? p->end[n - 1] : 0;
}

size_t eas_parts_close(struct eas_parts *p)
{
	assert(p->n < countof(p->end));
	p->end[p->n++] = p->octets.n;
	return p->n;
}

void eas_parts_rewind(struct eas_parts *p, size_t n)
{
	assert(n <= p->n);
	p->octets.err = ERR_OK;
	buf_truncate(&p->octets, end_of(p, n));
	p->n = n;
}

/* Integers are little-endian. Everything fits: both buffers have ceilings far below 2^31. */
static void put_number(struct buf *b, size_t v)
{
	for (int shift = 0; shift < 32; shift += 8)
		buf_char(b, (char)(v >> shift & 0xff));
}

static void put_parts(struct buf *b, struct str document, const struct eas_parts *p)
{
	size_t first = NUMBER_BYTES + META_BYTES * (p->n + 1);

	put_number(b, p->n + 1);
	put_number(b, first);
	put_number(b, document.n);
	for (size_t i = 0; i < p->n; i++) {
		put_number(b, first + document.n + end_of(p, i));
		put_number(b, p->end[i] - end_of(p, i));
	}
	buf_str(b, document);
	buf_str(b, str_slice(buf_view(&p->octets), 0, end_of(p, p->n)));
}

void eas_respond_multipart(struct eas_request *rq, struct wbxml_writer *w, const struct eas_parts *parts)
{
	struct http_response *resp = &rq->response;
	struct buf all = BUF_INIT(NUMBER_BYTES + META_BYTES * (parts->n + 1) + resp->body.n + parts->octets.n);

	if (buf_status(&resp->body) == ERR_OK && buf_status(&parts->octets) == ERR_OK) {
		put_parts(&all, buf_view(&resp->body), parts);
		buf_release(&resp->body);
		resp->body = all;
		resp->content_type = CONTENT_TYPE_MULTIPART;
	}
	eas_respond_wbxml(rq, w);
}
