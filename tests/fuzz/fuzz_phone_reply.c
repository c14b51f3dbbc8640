/* The phone's HTTP parser: any bytes, whole and one by one, end in the same state with the same body. */
#include <tools/phone/reply.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void feed(struct reply *r, struct str text, size_t step)
{
	size_t used = 1;

	for (size_t at = 0; at < text.n && used && r->state != REPLY_DONE && r->state != REPLY_BAD; at += used)
		reply_feed(r, str_slice(text, at, at + step), &used);
	reply_end(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	CLEANUP(buf_release) struct buf room = BUF_INIT(1024 * 1024);
	struct reply whole, single;
	struct str body;

	reply_init(&whole);
	reply_init(&single);
	feed(&whole, str_from(data, n), n + 1);
	feed(&single, str_from(data, n), 1);
	if (whole.state != single.state || whole.status != single.status ||
	    (whole.state == REPLY_DONE && !str_eq(buf_view(&whole.body), buf_view(&single.body))))
		abort();
	if (whole.state == REPLY_DONE && reply_body(&whole, &room, &body) == ERR_OK && body.n && !body.p)
		abort();
	reply_release(&whole);
	reply_release(&single);
	return 0;
}
