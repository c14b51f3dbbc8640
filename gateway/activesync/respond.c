/* Changes with the form of answers. */
#include <gateway/activesync/respond.h>

#include <gateway/activesync/command.h>
#include <gateway/activesync/device_activity.h>
#include <gateway/activesync/insert.h>
#include <gateway/activesync/trace.h>
#include <store/store.h>

#include <assert.h>

#define RETRY_AFTER_S S("60")
enum { STATUS_MAX_DIGITS = 10 };

/* MS-ASHTTP 2.2.2.1.2: Cache-Control and the server's version. */
void eas_response_init(struct http_response *resp, int status)
{
	http_response_init(resp, status, EAS_MAX_RESPONSE_BYTES);
	http_response_header(resp, "MS-Server-ActiveSync", eas_version_text(EAS_16_1));
	http_response_header(resp, "Cache-Control", S("private"));
}

void eas_response_init_retry(struct http_response *resp, unsigned seconds)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(STATUS_MAX_DIGITS);

	eas_response_init(resp, 503);
	buf_u64(&text, seconds);
	http_response_header(resp, "Retry-After", buf_view(&text)); /* MS-ASHTTP_R287 */
}

void eas_respond_http(struct http_request *r, int status)
{
	struct http_response resp;

	eas_response_init(&resp, status);
	if (status == 503) /* MS-ASHTTP_R287 */
		http_response_header(&resp, "Retry-After", RETRY_AFTER_S);
	if (r->owner)
		eas_trace_answer(r->owner, &resp);
	http_respond(r, &resp);
}

void eas_writer_begin(struct eas_request *rq, struct wbxml_writer *w)
{
	http_response_release(&rq->response);
	eas_response_init(&rq->response, 200);
	rq->response.content_type = EAS_CONTENT_TYPE_WBXML;
	wbxml_writer_init(w, &rq->response.body);
}

void eas_respond_wbxml(struct eas_request *rq, struct wbxml_writer *w)
{
	struct http_response resp = rq->response;

	if (wbxml_writer_end(w) != ERR_OK) {
		http_response_release(&rq->response);
		eas_respond_status(rq, EAS_STATUS_SERVER_ERROR);
		return;
	}
	if (!rq->status_told)
		eas_activity_note(rq, EAS_STATUS_OK);
	eas_trace_answer(rq, &resp);
	rq->response = (struct http_response){ 0 }; /* rq is gone once it is answered */
	http_respond(rq->http, &resp);
}

void eas_respond_inserted(struct eas_request *rq, struct wbxml_writer *w, const struct eas_inserts *inserts)
{
	uint64_t size;
	enum err e;
	int fd;

	if (inserts->n && wbxml_writer_end(w) == ERR_OK) {
		e = eas_inserts_write(inserts, buf_view(w->out), store_state_dir(rq->eas->store), &fd, &size);
		if (e) {
			eas_respond_err(rq, e);
			return;
		}
		http_response_file(&rq->response, fd, size);
	}
	eas_respond_wbxml(rq, w);
}

void eas_respond_empty(struct eas_request *rq)
{
	eas_activity_note(rq, EAS_STATUS_OK);
	if (http_answer_begun(rq->http)) /* a document has been promised */
		eas_respond_status(rq, EAS_STATUS_OK);
	else
		eas_respond_http(rq->http, 200);
}

void eas_log_status(struct eas_request *rq, unsigned status)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(STATUS_MAX_DIGITS);

	if (status == EAS_STATUS_OK)
		return;
	rq->status_told = true;
	eas_activity_note(rq, status);
	buf_u64(&text, status);
	http_log_field(rq->http, "eas", buf_view(&text));
}

void eas_respond_status(struct eas_request *rq, unsigned status)
{
	struct wbxml_writer w;

	eas_log_status(rq, status);
	if ((status >= EAS_STATUS_COMMON_MIN && rq->version < EAS_14_0 &&
	     !http_answer_begun(rq->http)) || /* MS-ASCMD_R7461, R7462 */
	    rq->command->flags & EAS_NO_DOCUMENT) {
		eas_respond_http(rq->http, eas_status_http(status));
		return;
	}
	eas_writer_begin(rq, &w);
	wbxml_open(&w, rq->command->root);
	if (rq->command->within)
		wbxml_open(&w, rq->command->within);
	wbxml_put_u64(&w, rq->command->status, status);
	if (rq->command->within)
		wbxml_close(&w, rq->command->within);
	wbxml_close(&w, rq->command->root);
	eas_respond_wbxml(rq, &w);
}

void eas_respond_err(struct eas_request *rq, enum err e)
{
	assert(e != ERR_OK);
	eas_respond_status(rq, eas_status_of_err(e));
}

void eas_respond_malformed(struct eas_request *rq, unsigned syntax)
{
	eas_respond_status(rq, rq->reader.why != WBXML_OK ? EAS_STATUS_INVALID_WBXML : syntax);
}
