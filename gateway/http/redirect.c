/* A server that sends everybody elsewhere: what listens at port 80. */
#include <gateway/http/server.h>

enum { REDIRECT_LOCATION_MAX = 4096 }; /* a longer one is HTTP 414 */

/* The path comes decoded: what could be read as something else in a URL is encoded again (RFC 3986 section 2). */
static void put_path(struct buf *out, struct str path)
{
	static const char plain[] = "/-._~!$'()*+,;=:@";

	for (size_t i = 0; i < path.n; i++) {
		unsigned char c = (unsigned char)path.p[i];
		char lower = ascii_lower((char)c);

		if ((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || memchr(plain, c, sizeof(plain) - 1))
			buf_char(out, (char)c);
		else
			buf_fmt(out, "%%%02X", c);
	}
}

/* libmicrohttpd gives the query as it came: anything but what a header may hold is left out with all that follows. */
static void put_query(struct buf *out, struct str query)
{
	if (!query.p)
		return;
	buf_char(out, '?');
	for (size_t i = 0; i < query.n && (unsigned char)query.p[i] > ' ' && (unsigned char)query.p[i] < 0x7f; i++)
		buf_char(out, query.p[i]);
}

void http_redirect(struct http_request *r, struct worker *w, void *base_url)
{
	CLEANUP(buf_release) struct buf location = BUF_INIT(REDIRECT_LOCATION_MAX);
	struct http_response resp;

	(void)w;
	buf_cstr(&location, base_url);
	put_path(&location, r->path);
	put_query(&location, r->query);
	if (buf_status(&location)) {
		http_respond_status(r, 414);
		return;
	}
	http_response_init(&resp, 302, 0);
	http_response_header(&resp, "Location", buf_view(&location));
	http_respond(r, &resp);
}
