/*
 * GetAttachment (MS-ASCMD 2.2.1.7), up to 12.1: the octets of an attachment as the body of the answer, with its type.
 * Its failures are HTTP statuses.
 */
#include <gateway/activesync/attachment.h>
#include <gateway/activesync/command.h>
#include <gateway/activesync/respond.h>
#include <gateway/activesync/trace.h>
#include <store/store.h>

static enum err read_octets(struct eas_request *rq, struct store_tx *tx, struct eas_attachment *a, struct buf *out,
			    struct str *ret_type)
{
	uint64_t total;

	TRY(eas_attachment_open(rq->arena, tx, rq->attachment_name, a));
	TRY(eas_attachment_allowed(&rq->limits, a));
	TRY(eas_attachment_decode(a, 0, UINT64_MAX, body_sink_buf(out), &total));
	*ret_type = a->content_type;
	return ERR_OK;
}

static enum err read(struct eas_request *rq, struct buf *out, struct str *ret_type)
{
	CLEANUP(eas_attachment_close) struct eas_attachment a = { 0 };
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_READ, &tx));
	return read_octets(rq, tx, &a, out, ret_type);
}

/* A header must carry it; what a mail calls the type of a part is anybody's text. */
static struct str as_header(struct str type)
{
	for (size_t i = 0; i < type.n; i++)
		if (type.p[i] <= ' ' || type.p[i] > '~')
			return S("application/octet-stream");
	return type;
}

void eas_get_attachment(struct eas_request *rq)
{
	struct http_response resp;
	struct str type;
	enum err e;

	eas_response_init(&resp, 200);
	resp.body.max = EAS_MAX_FETCH_BYTES;
	e = read(rq, &resp.body, &type);
	if (e) {
		http_response_release(&resp);
		/* MS-ASCMD_R166: 500 for one that is not there. */
		if (e == ERR_DENIED) /* by the policy; 403 */
			eas_respond_http(rq->http, eas_status_http(EAS_STATUS_DEVICE_BLOCKED));
		else
			eas_respond_http(rq->http, e == ERR_NOT_FOUND ? 500 : eas_status_http(eas_status_of_err(e)));
		return;
	}
	resp.content_type = as_header(type); /* MS-ASCMD_R164 */
	eas_trace_answer(rq, &resp);
	http_respond(rq->http, &resp);
}
