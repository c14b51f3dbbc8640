/* What a trusted proxy says first: whom it speaks for. Not a byte behind its header is taken: that is TLS's, or ours. */
#include <gateway/net/proxy.h>
#include <gateway/net/stream_priv.h>

#include <base/log.h>

#include <errno.h>
#include <sys/socket.h>

static void take_source(struct stream *s, const struct proxy_header *h)
{
	if (h->source == PROXY_IP)
		net_ip_host(&h->ip, s->peer);
	else if (h->source == PROXY_UNIX)
		net_addr_host(&(struct net_addr){ .sa.ss_family = AF_UNIX }, s->peer);
}

/* Removes from the socket what is known to belong to the header. */
static bool take(struct stream *s, size_t n)
{
	ssize_t got = recv(s->fd, loop_scratch(s->loop), n, 0);

	return got >= 0 && (size_t)got == n;
}

static void refuse(struct stream *s, const char *problem)
{
	log_warn("proxy", "peer=%s problem=%s", log_quote(stream_peer(s)).text, log_quote(str_of(problem)).text);
	stream_end(s, STREAM_END_ABORTED);
}

/* The header is judged from a peek, so that the bytes behind it stay where they are. */
static void judge(struct stream *s, size_t before)
{
	struct proxy_header h;
	enum proxy_result result = proxy_parse(buf_view(&s->in), &h);
	size_t mine = result == PROXY_DONE ? h.n - before : s->in.n - before;

	if (result == PROXY_BAD) {
		refuse(s, "no PROXY header; a proxy that is trusted must send one");
	} else if (!take(s, mine)) {
		stream_end(s, STREAM_END_PEER);
	} else if (result == PROXY_DONE) {
		take_source(s, &h);
		buf_release(&s->in);
		s->proxied = false;
		stream_begin(s);
	}
}

void stream_read_proxy(struct stream *s)
{
	size_t before = s->in.n;
	ssize_t n = recv(s->fd, loop_scratch(s->loop), PROXY_V2_MAX_BYTES - before, MSG_PEEK);

	if (n > 0) {
		buf_put(&s->in, loop_scratch(s->loop), (size_t)n);
		judge(s, before);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		stream_end(s, STREAM_END_PEER);
	}
}
