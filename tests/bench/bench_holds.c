/*
 * What a held request costs: N TLS connections, each with a parked request (bench_holds [N] [loops]).
 *
 * The server runs in a process of its own, so that its memory, CPU and descriptors are its own; the client spreads its
 * connections over 127.0.0.x. An answer carries the time of its wake, so latency is from http_hold_wake() to the
 * client's read of the whole answer (one clock, one machine, both sides on the same cores). Kernel memory is the growth
 * of all slabs, which belongs to both ends.
 */
#include <gateway/http/server.h>
#include <gateway/net/tls.h>
#include <tests/support/client.h>

#include <base/log.h>
#include <base/mem.h>

#include <errno.h>
#include <malloc.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	HOLDS_DEFAULT = 10000,
	HOLDS_MAX = 19000, /* descriptors of one process here */
	CONNECTIONS_AN_ADDRESS = 4000,
	SINGLE_WAKES = 500,
	WORKERS = 4,
	QUEUE = 1024,
	ANSWER_MAX = 1024,
};

/* A request as phones send it: about 500 bytes of head, 13 of body. */
static const char request_fmt[] =
	"POST /hold?Cmd=Ping&User=ann%%40example.test&DeviceId=ABCDEF0123456789&DeviceType=iPhone HTTP/1.1\r\n"
	"Host: mail.example.test\r\n"
	"Authorization: Basic YW5uQGV4YW1wbGUudGVzdDpub3QgYSByZWFsIHBhc3N3b3Jk\r\n"
	"User-Agent: Apple-iPhone15C2/2104.60\r\n"
	"MS-ASProtocolVersion: 16.1\r\nX-MS-PolicyKey: 1234567890\r\n"
	"Content-Type: application/vnd.ms-sync.wbxml\r\nAccept-Encoding: gzip, deflate\r\n"
	"Accept-Language: en-us\r\nAccept: */*\r\nConnection: keep-alive\r\n"
	"X-Index: %zu\r\nContent-Length: 13\r\n\r\n0123456789abc";

struct holds {
	size_t n;
	struct http_hold **at;
	_Atomic int64_t *woken_ns;
	struct http_server *server;
};

enum command { COMMAND_STATS, COMMAND_WAKE, COMMAND_WAKE_ALL, COMMAND_TRIM };

struct message {
	enum command command;
	size_t index;
};

struct stats {
	unsigned port;
	size_t held, connections, rss;
	int64_t cpu_us;
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static NORETURN void die(const char *what)
{
	perror(what);
	exit(1);
}

static int64_t cpu_us(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (int64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 + u.ru_utime.tv_usec + u.ru_stime.tv_usec;
}

/* The number after a name in a file of /proc, in kilobytes. */
static size_t proc_kb(const char *file, const char *name)
{
	char line[256];
	size_t kb = 0;
	FILE *f = fopen(file, "r");

	if (!f)
		die(file);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)))
			kb = (size_t)strtoull(line + strlen(name), NULL, 10);
	fclose(f);
	return kb;
}

/* The server. */

static void on_wake(struct http_request *r, struct worker *w, enum http_wake reason, void *ctx)
{
	struct holds *all = ctx;
	struct http_response resp;
	size_t i = (size_t)(uintptr_t)r->owner;

	(void)w;
	if (reason == HTTP_WAKE_GONE) {
		http_respond_status(r, 0);
		return;
	}
	http_response_init(&resp, 200, ANSWER_MAX);
	resp.content_type = S("application/vnd.ms-sync.wbxml");
	buf_fmt(&resp.body, "%lld", (long long)atomic_load(&all->woken_ns[i]));
	http_respond(r, &resp);
}

static void hold(struct http_request *r, struct worker *w, void *ctx)
{
	struct holds *all = ctx;
	struct http_hold *h = http_hold_new(r, on_wake, all);
	uint64_t i;

	(void)w;
	if (str_to_u64(http_header(r, "X-Index"), all->n - 1, &i))
		abort();
	r->owner = (void *)(uintptr_t)i;
	http_hold_unref(&all->at[i]);
	all->at[i] = http_hold_ref(h);
	http_hold(&h);
}

static void wake(struct holds *all, size_t i)
{
	atomic_store(&all->woken_ns[i], now_ns());
	http_hold_wake(all->at[i]);
}

static void serve_commands(struct holds *all, int control, unsigned port)
{
	struct message m;

	while (read(control, &m, sizeof(m)) == (ssize_t)sizeof(m)) {
		struct http_counts counts = http_server_counts(all->server);
		struct stats st = { port, counts.held, counts.connections,
				    proc_kb("/proc/self/status", "VmRSS:") * 1024, cpu_us() };

		if (m.command == COMMAND_WAKE)
			wake(all, m.index);
		else if (m.command == COMMAND_TRIM)
			malloc_trim(0);
		else if (m.command == COMMAND_WAKE_ALL)
			for (size_t i = 0; i < all->n; i++)
				wake(all, i);
		else if (write(control, &st, sizeof(st)) != (ssize_t)sizeof(st))
			break;
	}
}

static void server(size_t n, unsigned loops, int control)
{
	char dir[] = "/tmp/roost-bench-XXXXXX", cert[64], key[64];
	struct holds all = { .n = n, .at = mem_array(n, sizeof(all.at[0])), .woken_ns = mem_array(n, sizeof(int64_t)) };
	struct http_route route = { "/hold", 1u << HTTP_POST, hold, &all, 0, NULL };
	struct http_server_args args = { .routes = &route, .routes_n = 1 };
	struct listener_args la = { .address = "0.0.0.0:0", .open = http_server_open };
	struct net_tls_cert names = { NULL, cert, key };
	struct listener *ls;
	struct net *net;
	struct pool *pool;
	struct net_tls *tls;
	struct buf why = BUF_INIT(512), path = BUF_INIT(256);

	if (!mkdtemp(dir))
		die("mkdtemp");
	buf_fmt(&path, "%s/cert.pem", dir);
	memcpy(cert, path.p, path.n);
	cert[path.n] = '\0';
	buf_clear(&path);
	buf_fmt(&path, "%s/key.pem", dir);
	memcpy(key, path.p, path.n);
	key[path.n] = '\0';
	buf_release(&path);
	client_make_cert("mail.example.test", cert, key);
	log_set_level(LOG_LEVEL_WARN);
	net_raise_fd_limit();
	if (net_start(&(struct net_args){ clock_real(), loops, HOLDS_MAX }, &net) ||
	    pool_start(WORKERS, QUEUE, &pool) || net_tls_new(&names, 1, &tls, &why))
		die("start");
	args.net = net;
	args.pool = pool;
	if (http_server_start(&args, &all.server))
		die("http_server_start");
	la.tls = tls;
	la.ctx = all.server;
	if (listener_open(net, &la, &ls, &why))
		die("listener_open");
	unlink(cert);
	unlink(key);
	rmdir(dir);
	serve_commands(&all, control, listener_port(ls));

	listener_close(&ls);
	for (size_t i = 0; i < n; i++)
		http_hold_unref(&all.at[i]);
	http_server_drain(all.server, CLIENT_DEADLINE_MS);
	pool_drain(pool);
	http_server_stop(&all.server);
	net_stop(&net);
	pool_stop(&pool);
	net_tls_free(&tls);
	free(all.at);
	free((void *)(uintptr_t)all.woken_ns);
}

/* The client. */

struct end {
	int fd;
	SSL *ssl;
	int64_t latency_ns; /* of its last answer; -1: none yet */
};

struct bench {
	size_t n;
	struct end *ends;
	int control;
	struct stats before;
	size_t slab_before_kb;
};

static void order(struct bench *b, enum command command, size_t i)
{
	struct message m = { command, i };

	if (write(b->control, &m, sizeof(m)) != (ssize_t)sizeof(m))
		die("control");
}

static struct stats ask(struct bench *b)
{
	struct stats st;

	order(b, COMMAND_STATS, 0);
	if (read(b->control, &st, sizeof(st)) != (ssize_t)sizeof(st))
		die("control");
	return st;
}

static struct stats await_held(struct bench *b, size_t n)
{
	struct stats st;

	do
		st = ask(b);
	while (st.held != n);
	return st;
}

static void send_request(struct bench *b, size_t i)
{
	struct buf text = BUF_INIT(4096);
	size_t n;

	buf_fmt(&text, request_fmt, i);
	b->ends[i].latency_ns = -1;
	if (buf_status(&text) || SSL_write_ex(b->ends[i].ssl, text.p, text.n, &n) != 1)
		die("SSL_write");
	buf_release(&text);
}

static void connect_one(struct bench *b, SSL_CTX *ctx, size_t i)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons((uint16_t)b->before.port) };
	struct end *e = &b->ends[i];

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)(i / CONNECTIONS_AN_ADDRESS));
	e->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (e->fd < 0 || connect(e->fd, (const struct sockaddr *)&in, sizeof(in)))
		die("connect");
	e->ssl = SSL_new(ctx);
	SSL_set_fd(e->ssl, e->fd);
	if (SSL_connect(e->ssl) != 1)
		die("SSL_connect");
}

/* Blocking: an answer is small and comes whole, or nearly. */
static void read_answer(struct end *e)
{
	char text[2 * ANSWER_MAX];
	size_t n = 0, got;
	const char *body = NULL;

	while (!body || body[4] == '\0') {
		if (SSL_read_ex(e->ssl, text + n, sizeof(text) - 1 - n, &got) != 1)
			die("SSL_read");
		n += got;
		text[n] = '\0';
		body = strstr(text, "\r\n\r\n");
	}
	e->latency_ns = now_ns() - strtoll(body + 4, NULL, 10);
}

static int compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void print_latency(const char *what, int64_t *ns, size_t n)
{
	qsort(ns, n, sizeof(ns[0]), compare);
	printf("%-28s p50 %.3f ms  p99 %.3f ms  max %.3f ms\n", what, (double)ns[n / 2] / 1e6,
	       (double)ns[n - 1 - n / 100] / 1e6, (double)ns[n - 1] / 1e6);
}

static void print_memory(struct bench *b, const char *what)
{
	struct stats st = ask(b);
	double n = (double)b->n;

	printf("%-28s RSS %.1f KB each (%.1f MB), kernel slabs %.1f KB each (both ends)\n", what,
	       (double)(st.rss - b->before.rss) / 1024 / n, (double)st.rss / 1024 / 1024,
	       (double)(proc_kb("/proc/meminfo", "Slab:") - b->slab_before_kb) / n);
}

static void print_cpu(const char *what, size_t n, int64_t server_us, int64_t client_us, int64_t began_ns)
{
	printf("%-28s server CPU %.1f us each, client CPU %.1f us each, %.2f s in all\n", what,
	       (double)server_us / (double)n, (double)client_us / (double)n, (double)(now_ns() - began_ns) / 1e9);
}

static void connect_all(struct bench *b, SSL_CTX *ctx)
{
	int64_t client = cpu_us(), began = now_ns();

	for (size_t i = 0; i < b->n; i++) {
		connect_one(b, ctx, i);
		send_request(b, i);
	}
	await_held(b, b->n);
	print_cpu("connect and hold", b->n, ask(b).cpu_us - b->before.cpu_us, cpu_us() - client, began);
}

static void wake_single(struct bench *b)
{
	int64_t ns[SINGLE_WAKES], client = cpu_us(), server_us = ask(b).cpu_us, began = now_ns();

	for (size_t k = 0; k < SINGLE_WAKES; k++) {
		size_t i = k * 7919 % b->n;

		order(b, COMMAND_WAKE, i);
		read_answer(&b->ends[i]);
		ns[k] = b->ends[i].latency_ns;
		send_request(b, i);
		await_held(b, b->n);
	}
	print_latency("wake one of all", ns, SINGLE_WAKES);
	print_cpu("wake one and hold again", SINGLE_WAKES, ask(b).cpu_us - server_us, cpu_us() - client, began);
}

static void watch_all(struct bench *b, int epoll)
{
	for (size_t i = 0; i < b->n; i++) {
		struct epoll_event ev = { .events = EPOLLIN, .data.ptr = &b->ends[i] };

		if (epoll_ctl(epoll, EPOLL_CTL_ADD, b->ends[i].fd, &ev))
			die("epoll_ctl");
	}
}

static void wake_all(struct bench *b)
{
	enum { EVENTS = 256 };
	int64_t *ns = mem_array(b->n, sizeof(ns[0])), client = cpu_us(), server_us = ask(b).cpu_us, began;
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	watch_all(b, epoll);
	began = now_ns();
	order(b, COMMAND_WAKE_ALL, 0);
	for (size_t left = b->n; left;) {
		struct epoll_event events[EVENTS];
		int n = epoll_wait(epoll, events, EVENTS, -1);

		for (int i = 0; i < n; i++) {
			struct end *e = events[i].data.ptr;

			if (e->latency_ns >= 0)
				continue;
			read_answer(e);
			left--;
		}
	}
	close(epoll);
	for (size_t i = 0; i < b->n; i++)
		ns[i] = b->ends[i].latency_ns;
	print_latency("wake all", ns, b->n);
	print_cpu("wake all", b->n, ask(b).cpu_us - server_us, cpu_us() - client, began);
	free(ns);
}

static void hold_all_again(struct bench *b)
{
	int64_t client = cpu_us(), server_us = ask(b).cpu_us, began = now_ns();

	for (size_t i = 0; i < b->n; i++)
		send_request(b, i);
	await_held(b, b->n);
	print_cpu("hold all again", b->n, ask(b).cpu_us - server_us, cpu_us() - client, began);
}

static void client(size_t n, int control)
{
	struct bench b = { .n = n, .ends = mem_array(n, sizeof(b.ends[0])), .control = control };
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	net_raise_fd_limit();
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	b.before = ask(&b);
	b.slab_before_kb = proc_kb("/proc/meminfo", "Slab:");
	connect_all(&b, ctx);
	print_memory(&b, "held, before any wake");
	wake_single(&b);
	wake_all(&b);
	print_memory(&b, "at rest, after waking all");
	hold_all_again(&b);
	print_memory(&b, "held again");
	order(&b, COMMAND_TRIM, 0);
	print_memory(&b, "held again, malloc_trim");
	for (size_t i = 0; i < n; i++) {
		SSL_free(b.ends[i].ssl);
		close(b.ends[i].fd);
	}
	SSL_CTX_free(ctx);
	free(b.ends);
}

int main(int argc, char **argv)
{
	uint64_t n = HOLDS_DEFAULT, loops = 1;
	int control[2], status;
	pid_t pid;

	if ((argc > 1 && str_to_u64(str_of(argv[1]), HOLDS_MAX, &n)) ||
	    (argc > 2 && str_to_u64(str_of(argv[2]), NET_MAX_LOOPS, &loops)) || argc > 3 || n == 0 || loops == 0) {
		fputs("usage: bench_holds [HOLDS] [LOOPS]\n", stderr);
		return 2;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control))
		die("socketpair");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		close(control[0]);
		server((size_t)n, (unsigned)loops, control[1]);
		return 0;
	}
	close(control[1]);
	printf("%zu requests held over TLS, %u loop(s), %d workers\n", (size_t)n, (unsigned)loops, WORKERS);
	client((size_t)n, control[0]);
	close(control[0]);
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status))
		return 1;
	return 0;
}
