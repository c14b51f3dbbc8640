/* Answers: what handlers build, packing, and the writer of those that libmicrohttpd does not write. */
#include <gateway/http/http_priv.h>

#include <assert.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
	RESPONSE_HEADERS_OWN = 1024, /* what is added to the handler's headers here */
	RESPONSE_HEAD_MAX = HTTP_MAX_RESPONSE_HEADERS + 2 * RESPONSE_HEADERS_OWN,
	RESPONSE_STATUS_BODY_MAX = 128, /* "503 Service Unavailable\n" */
};

void http_response_init(struct http_response *resp, int status, size_t body_max)
{
	*resp = (struct http_response){ .status = status,
					.body = BUF_INIT(body_max),
					.headers = BUF_INIT(HTTP_MAX_RESPONSE_HEADERS) };
}

static void drop_file(struct http_response *resp)
{
	if (resp->in_file)
		close(resp->fd);
	resp->in_file = false;
}

void http_response_release(struct http_response *resp)
{
	buf_release(&resp->body);
	buf_release(&resp->headers);
	drop_file(resp);
}

void http_response_file(struct http_response *resp, int fd, uint64_t size)
{
	drop_file(resp);
	buf_release(&resp->body);
	resp->in_file = true;
	resp->fd = fd;
	resp->file_size = size;
}

uint64_t response_size(const struct http_response *resp)
{
	return resp->in_file ? resp->file_size : resp->body.n;
}

static bool is_one_line(struct str s)
{
	return str_index(s, '\r') == s.n && str_index(s, '\n') == s.n && str_index(s, '\0') == s.n;
}

void http_response_header(struct http_response *resp, const char *name, struct str value)
{
	assert(is_one_line(value));
	if (value.n == 0)
		return;
	buf_cstr(&resp->headers, name);
	buf_cstr(&resp->headers, ": ");
	buf_str(&resp->headers, value);
	buf_cstr(&resp->headers, "\r\n");
}

void response_for_status(struct http_response *resp, int status)
{
	http_response_init(resp, status, RESPONSE_STATUS_BODY_MAX);
	if (status < 200 || status == 204 || status == 304)
		return;
	resp->content_type = S("text/plain; charset=utf-8");
	if (status == 200)
		buf_cstr(&resp->body, "ok\n");
	else
		buf_fmt(&resp->body, "%d %s\n", status, MHD_get_reason_phrase_for((unsigned)status));
	if (status == 503)
		buf_fmt(&resp->headers, "Retry-After: %d\r\n", HTTP_RETRY_AFTER_S);
}

/* Types whose bytes are packed already gain nothing. */
static bool worth_packing(const struct http_exchange *ex, const struct http_response *resp)
{
	static const struct str packed[] = {
		{ "image/", 6 }, { "video/", 6 }, { "audio/", 6 }, { "application/zip", 15 }
	};

	if (!ex->gzip_ok || ex->begun || resp->in_file || resp->body.n < HTTP_GZIP_MIN_BYTES ||
	    str_ifind(buf_view(&resp->headers), S("Content-Encoding:")) < resp->headers.n)
		return false;
	for (size_t i = 0; i < countof(packed); i++)
		if (str_istarts(resp->content_type, packed[i]))
			return false;
	return true;
}

static void pack(struct http_response *resp)
{
	struct buf packed = BUF_INIT(resp->body.n - 1);

	if (gzip_pack(buf_view(&resp->body), &packed)) {
		buf_release(&packed);
		return;
	}
	buf_release(&resp->body);
	resp->body = packed;
	buf_cstr(&resp->headers, "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n");
}

/*
 * After this an answer is a status, header lines and a body; nothing in it is borrowed any more. One that did not fit
 * its ceilings becomes a 500.
 */
void response_prepare(struct http_exchange *ex)
{
	struct http_response *resp = &ex->answer;

	if (buf_status(&resp->body) || buf_status(&resp->headers)) {
		http_response_release(resp);
		response_for_status(resp, 500);
	}
	resp->headers.max += RESPONSE_HEADERS_OWN;
	if (resp->content_type.p && response_size(resp))
		http_response_header(resp, "Content-Type", resp->content_type);
	if (worth_packing(ex, resp))
		pack(resp);
	resp->content_type = STR_EMPTY;
}

/* RFC 9110 section 5.6.7; strftime would follow the locale. */
static void put_date(struct buf *b, const struct clock *clock)
{
	static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t now = (time_t)(clock_wall_ms(clock) / 1000);
	struct tm tm;

	if (gmtime_r(&now, &tm))
		buf_fmt(b, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n", days[tm.tm_wday], tm.tm_mday,
			months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void put_head(struct buf *head, const struct clock *clock, const struct http_response *resp)
{
	buf_fmt(head, "HTTP/1.1 %d %s\r\n", resp->status, MHD_get_reason_phrase_for((unsigned)resp->status));
	put_date(head, clock);
	buf_str(head, buf_view(&resp->headers));
}

static const char *end_of_head(bool keep)
{
	return keep ? "\r\n" : "Connection: close\r\n\r\n";
}

void response_begin(struct stream *s, const struct http_response *resp, bool keep)
{
	struct buf head = BUF_INIT(RESPONSE_HEAD_MAX);

	put_head(&head, loop_clock(stream_loop(s)), resp);
	buf_cstr(&head, "Transfer-Encoding: chunked\r\n");
	buf_cstr(&head, end_of_head(keep));
	stream_write_buf(s, &head);
}

void response_write(struct stream *s, bool head_only, struct http_response *resp, bool keep)
{
	struct buf head = BUF_INIT(RESPONSE_HEAD_MAX);

	put_head(&head, loop_clock(stream_loop(s)), resp);
	if (resp->status != 204 && resp->status != 304)
		buf_fmt(&head, "Content-Length: %llu\r\n", (unsigned long long)response_size(resp));
	buf_cstr(&head, end_of_head(keep));
	stream_write_buf(s, &head);
	if (!head_only)
		stream_write_buf(s, &resp->body);
}
