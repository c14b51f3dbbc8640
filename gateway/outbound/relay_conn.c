#include <gateway/outbound/relay_conn.h>

#include <base/buf.h>
#include <base/mem.h>

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>

enum {
	CONNECT_MS = 60 * 1000,
	LOGIN_MS = 5 * 60 * 1000, /* all up to the login; RFC 5321 4.5.3.2.1 */
	READ_BYTES = 4096,
	POLL_MS = 500, /* how often `stop` is looked at */
	URL_MAX = 1024,
};

struct relay_conn {
	CURL *curl;
	int fd;
	const atomic_bool *stop;
	char error[CURL_ERROR_SIZE];
};

enum err relay_init(void)
{
	return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? ERR_OK : ERR_IO;
}

static int look_at_stop(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct relay_conn *conn = ctx;

	(void)a, (void)b, (void)c, (void)d;
	return atomic_load(conn->stop);
}

/* What curl would print of the dialogue. */
static size_t swallow(char *p, size_t size, size_t n, void *ctx)
{
	(void)p, (void)ctx;
	return size * n;
}

#define SET(option, value) (ok = ok && curl_easy_setopt(c->curl, (option), (value)) == CURLE_OK)

static bool set_up(struct relay_conn *c, const struct relay_config *config, const char *url)
{
	long wait = config->wait_ms ? (long)config->wait_ms : LOGIN_MS;
	bool ok = true;

	SET(CURLOPT_URL, url);
	SET(CURLOPT_CONNECT_ONLY, 1L);
	SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	SET(CURLOPT_PROXY, ""); /* whatever the environment says */
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_ERRORBUFFER, c->error);
	SET(CURLOPT_CONNECTTIMEOUT_MS, wait < CONNECT_MS ? wait : (long)CONNECT_MS);
	SET(CURLOPT_TIMEOUT_MS, wait);
	SET(CURLOPT_NOPROGRESS, 0L);
	SET(CURLOPT_XFERINFOFUNCTION, look_at_stop);
	SET(CURLOPT_XFERINFODATA, (void *)c);
	SET(CURLOPT_WRITEFUNCTION, swallow);
	SET(CURLOPT_HEADERFUNCTION, swallow);
	SET(CURLOPT_USE_SSL, config->tls == RELAY_PLAIN ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
	SET(CURLOPT_SASL_IR, 1L); /* RFC 4954 4 */
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (config->ca_file)
		SET(CURLOPT_CAINFO, config->ca_file);
	if (config->user) {
		SET(CURLOPT_USERNAME, config->user);
		SET(CURLOPT_PASSWORD, config->password ? config->password : "");
	}
	return ok;
}

static enum err open_conn(struct relay_conn *c, const struct relay_config *config, struct buf *why)
{
	CLEANUP(buf_release) struct buf url = BUF_INIT(URL_MAX);
	curl_socket_t fd = CURL_SOCKET_BAD;

	/* The path is what EHLO says. */
	buf_fmt(&url, "%s://%s:%u/%s", config->tls == RELAY_TLS ? "smtps" : "smtp", config->host, config->port,
		config->hostname);
	buf_char(&url, '\0');
	if (buf_status(&url) || !c->curl || !set_up(c, config, url.p)) {
		buf_cstr(why, "the smarthost's settings cannot be used");
		return ERR_IO;
	}
	CURLcode code = curl_easy_perform(c->curl);
	if (code == CURLE_OK)
		code = curl_easy_getinfo(c->curl, CURLINFO_ACTIVESOCKET, &fd);
	if (code != CURLE_OK || fd == CURL_SOCKET_BAD) {
		buf_fmt(why, "%s: %s", curl_easy_strerror(code), c->error);
		return ERR_IO;
	}
	c->fd = fd;
	return ERR_OK;
}

enum err relay_conn_open(const struct relay_config *config, const atomic_bool *stop, struct relay_conn **ret,
			 struct buf *why)
{
	struct relay_conn *c = mem_alloc(sizeof(*c));

	c->stop = stop;
	c->fd = -1;
	c->curl = curl_easy_init();
	enum err e = open_conn(c, config, why);
	if (e)
		relay_conn_close(&c);
	else
		*ret = c;
	return e;
}

void relay_conn_close(struct relay_conn **cp)
{
	if (!*cp)
		return;
	curl_easy_cleanup((*cp)->curl);
	free(*cp);
	*cp = NULL;
}

/* In slices, so that a stop is seen. */
static enum err wait_for(const struct relay_conn *c, short events, unsigned wait_ms)
{
	for (unsigned waited = 0; waited < wait_ms; waited += POLL_MS) {
		struct pollfd p = { .fd = c->fd, .events = events };
		unsigned slice = wait_ms - waited < POLL_MS ? wait_ms - waited : POLL_MS;
		int n = poll(&p, 1, (int)slice);

		if (n > 0)
			return ERR_OK;
		if ((n < 0 && errno != EINTR) || atomic_load(c->stop))
			return ERR_IO;
	}
	return ERR_IO;
}

enum err relay_conn_write(struct relay_conn *c, struct str octets, unsigned wait_ms)
{
	while (octets.n) {
		size_t n = 0;
		CURLcode code = curl_easy_send(c->curl, octets.p, octets.n, &n);

		if (code == CURLE_AGAIN)
			TRY(wait_for(c, POLLOUT, wait_ms));
		else if (code != CURLE_OK)
			return ERR_IO;
		octets = str_slice(octets, n, octets.n);
	}
	return ERR_OK;
}

enum err relay_conn_read(struct relay_conn *c, struct buf *b, unsigned wait_ms)
{
	for (;;) {
		char *room = buf_reserve(b, READ_BYTES);
		size_t n = 0;

		if (!room)
			return ERR_IO;
		CURLcode code = curl_easy_recv(c->curl, room, READ_BYTES, &n);
		if (code == CURLE_OK && n > 0) {
			buf_added(b, n);
			return ERR_OK;
		}
		if (code != CURLE_AGAIN)
			return ERR_IO;
		TRY(wait_for(c, POLLIN, wait_ms));
	}
}
