/* Sync requests and what is read of their answers. */
#include <tests/bench/sync_client.h>

#include <base/base64.h>
#include <wbxml/wbxml.h>

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

enum { REQUEST_MAX = 8192, ANSWER_MAX = 64 * 1024 * 1024, WINDOW = 512, TRUNCATION = 32 * 1024 };

static NORETURN void die(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(1);
}

static void put_options(struct wbxml_writer *w)
{
	wbxml_open(w, TAG_AIRSYNC_OPTIONS);
	wbxml_put_u64(w, TAG_AIRSYNC_FILTERTYPE, 0);
	wbxml_open(w, TAG_AIRSYNCBASE_BODYPREFERENCE);
	wbxml_put_u64(w, TAG_AIRSYNCBASE_TYPE, 2);
	wbxml_put_u64(w, TAG_AIRSYNCBASE_TRUNCATIONSIZE, TRUNCATION);
	wbxml_close(w, TAG_AIRSYNCBASE_BODYPREFERENCE);
	wbxml_close(w, TAG_AIRSYNC_OPTIONS);
}

static void put_body(struct sync_client *c)
{
	bool first = str_eq(str_of(c->key), S("0"));
	struct wbxml_writer w;

	buf_clear(&c->body);
	wbxml_writer_init(&w, &c->body);
	wbxml_open(&w, TAG_AIRSYNC_SYNC);
	wbxml_open(&w, TAG_AIRSYNC_COLLECTIONS);
	wbxml_open(&w, TAG_AIRSYNC_COLLECTION);
	wbxml_put_text(&w, TAG_AIRSYNC_SYNCKEY, str_of(c->key));
	wbxml_put_i64(&w, TAG_AIRSYNC_COLLECTIONID, c->folder);
	if (!first) {
		wbxml_put_u64(&w, TAG_AIRSYNC_GETCHANGES, 1);
		wbxml_put_u64(&w, TAG_AIRSYNC_WINDOWSIZE, WINDOW);
		put_options(&w);
	}
	wbxml_close(&w, TAG_AIRSYNC_COLLECTION);
	wbxml_close(&w, TAG_AIRSYNC_COLLECTIONS);
	wbxml_close(&w, TAG_AIRSYNC_SYNC);
	if (wbxml_writer_end(&w))
		die("request too large");
}

static void put_request(struct sync_client *c)
{
	struct buf pair = BUF_INIT(256), *b = &c->request;

	put_body(c);
	buf_clear(b);
	buf_fmt(&pair, "%s:secret", c->login);
	buf_fmt(b, "POST /Microsoft-Server-ActiveSync?Cmd=Sync&User=%s&DeviceId=%s&DeviceType=iPhone HTTP/1.1\r\n",
		c->login, c->device);
	buf_cstr(b, "Host: bench.example.test\r\nUser-Agent: Apple-iPhone15C2/2104.60\r\n"
		    "MS-ASProtocolVersion: 16.1\r\nContent-Type: application/vnd.ms-sync.wbxml\r\n"
		    "Authorization: Basic ");
	base64_put(b, buf_view(&pair));
	buf_fmt(b, "\r\n%sContent-Length: %zu\r\n\r\n", c->gzip ? "Accept-Encoding: gzip, deflate\r\n" : "", c->body.n);
	buf_str(b, buf_view(&c->body));
	if (buf_status(b))
		die("request too large");
	buf_release(&pair);
}

/* RFC 1952, whole. */
static struct str unpack(struct buf *plain, struct str packed)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)packed.p, .avail_in = (uInt)packed.n };
	int rc = inflateInit2(&z, 15 + 16);

	buf_clear(plain);
	while (rc == Z_OK) {
		enum { STEP = 1 << 20 };

		z.next_out = buf_reserve(plain, STEP);
		z.avail_out = STEP;
		if (!z.next_out)
			die("answer too large");
		rc = inflate(&z, Z_NO_FLUSH);
		buf_added(plain, STEP - z.avail_out);
	}
	inflateEnd(&z);
	if (rc != Z_STREAM_END)
		die("answer is not gzip");
	return buf_view(plain);
}

static void read_answer(struct sync_client *c, struct str doc, struct sync_page *page)
{
	struct wbxml_reader r;
	enum wbxml_event ev;

	wbxml_reader_init(&r, doc);
	while ((ev = wbxml_next(&r)) != WBXML_DONE) {
		if (ev == WBXML_BAD)
			die(wbxml_why_text(r.why));
		if (ev == WBXML_START && r.tag == TAG_AIRSYNC_ADD)
			page->adds++;
		if (ev == WBXML_START && r.tag == TAG_AIRSYNC_MOREAVAILABLE)
			page->more = true;
		if (ev == WBXML_TEXT && r.tag == TAG_AIRSYNC_STATUS && !str_eq(r.text, S("1")))
			die("Sync was refused");
		if (ev == WBXML_TEXT && r.tag == TAG_AIRSYNC_SYNCKEY && r.text.n < sizeof(c->key)) {
			memcpy(c->key, r.text.p, r.text.n);
			c->key[r.text.n] = '\0';
		}
	}
}

struct sync_page sync_client_ask(struct sync_client *c)
{
	struct sync_page page = { 0 };
	struct answer a;
	struct str body;

	put_request(c);
	client_send(&c->http, buf_view(&c->request));
	a = client_answer(&c->http);
	if (a.status != 200)
		die("not 200");
	body = str_from(c->http.in.p + a.body_at, a.body_n);
	page.bytes = body.n;
	if (body.n && client_header(&c->http, &a, "Content-Encoding").n)
		body = unpack(&c->plain, body);
	if (body.n)
		read_answer(c, body, &page);
	client_consume(&c->http, a.total);
	return page;
}

struct sync_client sync_client_new(const char *socket, const char *login, const char *device, int64_t folder, bool gzip)
{
	struct sync_client c = { .http = client_connect_unix(socket),
				 .login = login,
				 .device = device,
				 .folder = folder,
				 .gzip = gzip,
				 .key = "0",
				 .request = BUF_INIT(REQUEST_MAX),
				 .body = BUF_INIT(REQUEST_MAX),
				 .plain = BUF_INIT(ANSWER_MAX) };

	sync_client_ask(&c);
	return c;
}

void sync_client_release(struct sync_client *c)
{
	client_close(&c->http);
	buf_release(&c->request);
	buf_release(&c->body);
	buf_release(&c->plain);
}
