/* Listening sockets: binding, accepting, refusing at the door. A listener lives on its net's first loop. */
#include <gateway/net/net_priv.h>

#include <base/log.h>
#include <base/mem.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { LISTEN_BACKLOG = 4096 };

struct listener {
	struct net *net;
	struct listener_args args;
	char *address;
	struct net_addr addr;
	struct watch watch;
	struct timer pause;
	int fd;
	int reserve; /* given up for a moment where descriptors are out, to refuse with */
	bool full;   /* the limit was met and logged; until one is taken again */
};

struct net_tls *listener_tls(const struct listener *ls)
{
	return ls->args.tls;
}

void listener_opens(struct listener *ls, struct stream *s)
{
	s->from = NULL;
	ls->args.open(s, ls->args.ctx);
}

bool listener_proxies(const struct listener *ls, const struct net_addr *peer)
{
	return ls->args.proxies && net_ranges_have(ls->args.proxies, peer);
}

static int open_reserve(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void refuse(const struct listener *ls, int fd)
{
	if (!ls->args.tls && ls->args.refusal.n)
		(void)!send(fd, ls->args.refusal.p, ls->args.refusal.n, MSG_DONTWAIT | MSG_NOSIGNAL);
	close(fd);
}

static void tune(int fd, const struct net_addr *peer)
{
	static const struct {
		int level, name, value;
	} options[] = {
		{ IPPROTO_TCP, TCP_NODELAY, 1 },
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, NET_KEEPALIVE_IDLE_S },
		{ IPPROTO_TCP, TCP_KEEPINTVL, NET_KEEPALIVE_INTERVAL_S },
		{ IPPROTO_TCP, TCP_KEEPCNT, NET_KEEPALIVE_PROBES },
		{ IPPROTO_TCP, TCP_USER_TIMEOUT, NET_USER_TIMEOUT_MS },
	};

	if (peer->sa.ss_family == AF_UNIX)
		return;
	/* A connection works without them, only less well. */
	for (size_t i = 0; i < countof(options); i++)
		(void)!setsockopt(fd, options[i].level, options[i].name, &options[i].value, sizeof(options[i].value));
}

/* A new connection on its way to the loop that gets it. */
struct arrival {
	struct task task;
	struct listener *ls;
	struct loop *loop;
	int fd;
	struct net_addr peer;
};

static void arrive(struct task *t)
{
	struct arrival *a = container_of(t, struct arrival, task);

	stream_new(a->ls->net, a->loop, a->ls, a->fd, &a->peer);
	free(a);
}

static void admit(struct listener *ls, int fd, const struct net_addr *peer)
{
	struct arrival *a;

	if (!net_take_place(ls->net)) {
		if (!ls->full)
			log_warn("listen", "address=%s problem=\"too many connections\" refused=yes", ls->address);
		ls->full = true;
		refuse(ls, fd);
		return;
	}
	ls->full = false;
	tune(fd, peer);
	a = mem_alloc(sizeof(*a));
	*a = (struct arrival){ { NULL, arrive }, ls, net_next_loop(ls->net), fd, *peer };
	loop_post(a->loop, &a->task);
}

/*
 * No descriptor is left: the one in reserve lets the first in the line be refused instead of hanging, then nobody is
 * asked in for a while.
 */
static void out_of_descriptors(struct listener *ls)
{
	int fd;

	log_warn("listen", "address=%s problem=\"%s\" pause_ms=%d", ls->address, strerror(errno), NET_ACCEPT_PAUSE_MS);
	if (ls->reserve >= 0)
		close(ls->reserve);
	fd = accept4(ls->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd >= 0)
		refuse(ls, fd);
	ls->reserve = open_reserve();
	watch_remove(&ls->watch);
	timer_set(ls->watch.loop, &ls->pause, loop_now_ms(ls->watch.loop) + NET_ACCEPT_PAUSE_MS);
}

static bool accept_one(struct listener *ls)
{
	struct net_addr peer = { .len = sizeof(peer.sa) };
	int fd = accept4(ls->fd, (struct sockaddr *)&peer.sa, &peer.len, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0) {
		admit(ls, fd, &peer);
		return true;
	}
	if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
		out_of_descriptors(ls);
	return errno == ECONNABORTED || errno == EINTR;
}

static void listener_ready(struct watch *w, uint32_t events)
{
	struct listener *ls = container_of(w, struct listener, watch);

	(void)events;
	for (int i = 0; i < NET_ACCEPTS_A_TURN && accept_one(ls); i++)
		;
}

static void pause_over(struct timer *t)
{
	struct listener *ls = container_of(t, struct listener, pause);

	if (watch_set(&ls->watch, EPOLLIN))
		timer_set(ls->watch.loop, t, loop_now_ms(ls->watch.loop) + NET_ACCEPT_PAUSE_MS);
}

/* A socket file that nobody answers at is left from a server that was killed. */
static bool unlink_stale(const struct net_addr *a)
{
	const struct sockaddr_un *un = (const struct sockaddr_un *)&a->sa;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); /* a full line is no reason to wait */
	bool stale;

	if (fd < 0)
		return false;
	stale = connect(fd, (const struct sockaddr *)&a->sa, a->len) && errno == ECONNREFUSED;
	close(fd);
	return stale && unlink(un->sun_path) == 0;
}

static bool bind_to(int fd, const struct net_addr *a)
{
	const int on = 1;

	(void)!setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (a->sa.ss_family == AF_INET6) /* 0.0.0.0 is a listener of its own */
		(void)!setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (!bind(fd, (const struct sockaddr *)&a->sa, a->len))
		return true;
	return errno == EADDRINUSE && a->sa.ss_family == AF_UNIX && unlink_stale(a) &&
	       !bind(fd, (const struct sockaddr *)&a->sa, a->len);
}

/* Nobody can connect before listen(), so the file has its mode in time. */
static bool give_mode(const struct net_addr *a, mode_t mode)
{
	const struct sockaddr_un *un = (const struct sockaddr_un *)&a->sa;

	return !mode || a->sa.ss_family != AF_UNIX || !chmod(un->sun_path, mode);
}

static enum err open_socket(struct listener *ls, struct buf *why)
{
	enum err e = net_addr_parse(ls->address, &ls->addr);

	if (e) {
		buf_fmt(why, "%s: not an address (127.0.0.1:8443, [::1]:8443 or unix:/path)", ls->address);
		return e;
	}
	ls->fd = socket(ls->addr.sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ls->fd < 0 || !bind_to(ls->fd, &ls->addr) || !give_mode(&ls->addr, ls->args.mode) ||
	    listen(ls->fd, LISTEN_BACKLOG)) {
		buf_fmt(why, "%s: %s", ls->address, strerror(errno));
		return ERR_IO;
	}
	ls->addr.len = sizeof(ls->addr.sa);
	(void)!getsockname(ls->fd, (struct sockaddr *)&ls->addr.sa, &ls->addr.len);
	return ERR_OK;
}

static void listener_free(struct listener *ls)
{
	const struct sockaddr_un *un = (const struct sockaddr_un *)&ls->addr.sa;

	if (ls->fd >= 0)
		close(ls->fd);
	if (ls->reserve >= 0)
		close(ls->reserve);
	if (ls->watch.loop && un->sun_family == AF_UNIX)
		unlink(un->sun_path);
	free(ls->address);
	free(ls);
}

static void begin(void *arg)
{
	struct listener *ls = arg;

	pause_over(&ls->pause);
}

enum err listener_open(struct net *n, const struct listener_args *a, struct listener **ret, struct buf *why)
{
	struct listener *ls = mem_alloc(sizeof(*ls));
	enum err e;

	ls->net = n;
	ls->args = *a;
	ls->address = mem_cstr(a->address);
	ls->fd = -1;
	ls->reserve = open_reserve();
	ls->pause.fire = pause_over;
	e = open_socket(ls, why);
	if (e) {
		listener_free(ls);
		return e;
	}
	watch_init(&ls->watch, net_loop(n, 0), ls->fd, listener_ready);
	loop_call(ls->watch.loop, begin, ls);
	*ret = ls;
	return ERR_OK;
}

static void finish(void *arg)
{
	struct listener *ls = arg;

	watch_remove(&ls->watch);
	timer_clear(ls->watch.loop, &ls->pause);
}

void listener_close(struct listener **lp)
{
	struct listener *ls = *lp;

	if (!ls)
		return;
	loop_call(ls->watch.loop, finish, ls);
	net_forget_listener(ls->net, ls); /* comes behind the arrivals that are under way */
	listener_free(ls);
	*lp = NULL;
}

unsigned listener_port(const struct listener *ls)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)&ls->addr.sa;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&ls->addr.sa;

	if (in->sin_family == AF_INET)
		return ntohs(in->sin_port);
	return in6->sin6_family == AF_INET6 ? ntohs(in6->sin6_port) : 0;
}
