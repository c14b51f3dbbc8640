/*
 * roostd: reads the configuration, wires the parts, starts them, waits for signals, stops them; nothing else.
 *
 * What a commit publishes goes from the store to push here, since neither knows the other.
 */
#include <gateway/server.h>

#include <base/log.h>
#include <gateway/activesync/command.h>
#include <gateway/auth/auth.h>
#include <gateway/content/calendar_quiet.h>
#include <gateway/discovery/discovery.h>
#include <gateway/housekeeping.h>
#include <gateway/lock.h>
#include <gateway/net/net.h>
#include <gateway/net/tls.h>
#include <gateway/notify.h>
#include <gateway/sending.h>
#include <push/push.h>
#include <store/store.h>

#include <assert.h>
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum {
	MIN_DESCRIPTORS = 256, /* below it the server does not start */
	MAX_STORE_HANDLES = 1000,
	STORE_HANDLE_DESCRIPTORS = 3,
	MIN_WORKERS = 8,
	MIN_ACTIVE = 8,
	REDIRECT_ACTIVE = 8,             /* requests a loop that are sent elsewhere at a time */
	ACTIVE_FULL_DESCRIPTORS = 65536, /* from here on as many requests are active as may ever be */
	JOBS_A_WORKER = 256,             /* queued; above it a request is refused */
	DRAIN_MS = 10000,
	MMAP_THRESHOLD_BYTES = 256 * 1024,
	TICK_S = 5, /* how often certificates' files and housekeeping are looked at */
};

static_assert(AUTH_MAX_CONCURRENT_KDF + AUTH_MAX_WAITING_KDF < MIN_WORKERS, "passwords never take every worker");

/* What the descriptor limit allows (docs/architecture.md, "Budgets"). */
struct budget {
	size_t descriptors, connections, active; /* active: requests a loop, of two descriptors each */
	unsigned store_handles, workers, loops;
};

static struct budget budget_of(size_t descriptors)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned n = cpus < 1 ? 1 : cpus > 64 ? 64 : (unsigned)cpus;
	size_t handles = descriptors / 10 / STORE_HANDLE_DESCRIPTORS;
	struct budget b = { .descriptors = descriptors };

	b.store_handles = (unsigned)(handles > MAX_STORE_HANDLES ? MAX_STORE_HANDLES : handles);
	b.workers = n * 4 < MIN_WORKERS ? MIN_WORKERS : n * 4 > POOL_MAX_THREADS ? POOL_MAX_THREADS : n * 4;
	b.loops = n < 2 ? 1 : 2;
	b.active = HTTP_MAX_ACTIVE_DEFAULT * descriptors / ACTIVE_FULL_DESCRIPTORS;
	if (b.active < MIN_ACTIVE)
		b.active = MIN_ACTIVE;
	if (b.active > HTTP_MAX_ACTIVE_DEFAULT)
		b.active = HTTP_MAX_ACTIVE_DEFAULT;
	b.connections = descriptors - b.store_handles * (size_t)STORE_HANDLE_DESCRIPTORS - b.loops * b.active * 2;
	return b;
}

static void publish(void *ctx, const struct store_change *changes, size_t n)
{
	struct server *sv = ctx;

	for (size_t i = 0; i < n; i++) {
		const struct store_change *c = &changes[i];

		if (c->mailbox != STORE_DIRECTORY)
			push_publish(sv->push, &(struct push_change){ c->mailbox, c->folder, c->change, c->author }, 1);
	}
}

static bool fail(const char *what, enum err e)
{
	log_error("start", "what=%s error=%s", log_quote(str_of(what)).text, log_quote(str_of(err_text(e))).text);
	return false;
}

static bool take_lock(struct server *sv)
{
	struct buf why = BUF_INIT(CONFIG_MAX_ERROR_BYTES);
	enum err e = lock_state_dir(sv->config.server.state_dir, &sv->lock, &why);

	if (e)
		log_error("state_dir", "error=%s", log_quote(why.n ? buf_view(&why) : str_of(err_text(e))).text);
	buf_release(&why);
	return !e;
}

static bool start_store(struct server *sv, const struct budget *b)
{
	const struct store_config config = { .state_dir = sv->config.server.state_dir,
					     .clock = clock_real(),
					     .max_handles = b->store_handles,
					     .publish = publish,
					     .ctx = sv };
	enum err e = store_open(&config, &sv->store);

	return e ? fail(e == ERR_NOT_FOUND ? "folder of state_dir" : "store", e) : true;
}

static bool start_threads(struct server *sv, const struct budget *b)
{
	enum err e = push_start(sv->push);

	if (!e)
		e = pool_start(b->workers, (size_t)b->workers * JOBS_A_WORKER, &sv->pool);
	if (!e)
		e = net_start(&(struct net_args){ clock_real(), b->loops, b->connections }, &sv->net);
	return e ? fail("threads", e) : true;
}

static bool start_outbound(struct server *sv)
{
	struct buf why = BUF_INIT(CONFIG_MAX_ERROR_BYTES);
	const struct relay_config *relay;
	bool ok = sending_of(&sv->config, &sv->sender, &sv->relay, &relay, &why);

	if (!ok)
		log_error("outbound", "error=%s", log_quote(buf_view(&why)).text);
	buf_release(&why);
	if (!ok)
		return false;
	sv->sender.store = sv->store;
	sv->outbound = outbound_new(&(struct outbound_args){ .service = &sv->sender, .relay = relay });
	sv->sender.wake = outbound_wake;
	sv->sender.left = outbound_left;
	sv->sender.ctx = sv->outbound;
	enum err e = relay_init();
	if (!e)
		e = outbound_start(sv->outbound);
	return e ? fail("outbound", e) : true;
}

static bool start_http(struct server *sv, const struct budget *b)
{
	struct http_server_args args = { .net = sv->net,
					 .pool = sv->pool,
					 .routes = sv->routes,
					 .routes_n = countof(sv->routes),
					 .trusted = &sv->config.server.trusted_proxies,
					 .max_body = sv->config.http.max_body,
					 .max_active = b->active };
	enum err e;

	sv->routes[0] = (struct http_route){ EAS_HTTP_PATH, EAS_HTTP_METHODS, eas_http, sv->eas, 0, eas_doorman };
	sv->routes[1] = (struct http_route){ "/healthz",  1u << HTTP_GET | 1u << HTTP_HEAD, http_healthz, NULL, 0,
					     http_healthz };
	autodiscover_routes(sv->autodiscover, &sv->routes[SERVER_OWN_ROUTES]);
	ews_routes(sv->ews, &sv->routes[SERVER_OWN_ROUTES + AUTODISCOVER_ROUTES]);
	e = http_server_start(&args, &sv->http);
	return e ? fail("http", e) : true;
}

/* What comes without TLS at a port for it is sent to the one with. */
static bool start_redirect(struct server *sv)
{
	struct http_server_args args = { .net = sv->net,
					 .pool = sv->pool,
					 .routes = &sv->redirect_route,
					 .routes_n = 1,
					 .max_active = REDIRECT_ACTIVE };
	enum err e;

	if (sv->config.http.listen_redirect.n == 0)
		return true;
	sv->redirect_route = (struct http_route){
		"/", 1u << HTTP_GET | 1u << HTTP_POST, http_redirect, (void *)sv->discovery.base_url, 0, http_redirect
	};
	e = http_server_start(&args, &sv->redirect);
	return e ? fail("http redirect", e) : true;
}

static bool start_autodiscover(struct server *sv)
{
	enum err e = discovery_of(&sv->config, &sv->discovery);

	if (e)
		return fail("autodiscover", e);
	sv->autodiscover =
		autodiscover_new(&(struct autodiscover_args){ sv->store, sv->auth, clock_real(), sv->discovery });
	sv->ews = ews_new(&(struct ews_args){ sv->store, sv->auth, clock_real(), SEND_MAX_BYTES_DEFAULT });
	return true;
}

const char *server_reload_tls(struct server *sv)
{
	struct buf why = BUF_INIT(CONFIG_MAX_ERROR_BYTES);
	const char *failed = NULL;

	pthread_mutex_lock(&sv->reloading);
	if (net_tls_reload(sv->tls, &why)) {
		log_error("tls_reload", "kept=former error=%s", log_quote(buf_view(&why)).text);
		failed = "the former certificates stay: see the log";
	} else {
		log_info("tls_reload", "done=1");
	}
	pthread_mutex_unlock(&sv->reloading);
	buf_release(&why);
	return failed;
}

static bool load_tls(struct server *sv)
{
	struct net_tls_cert certs[CONFIG_MAX_CERTIFICATES];
	struct buf why = BUF_INIT(CONFIG_MAX_ERROR_BYTES);
	size_t n = 0;
	enum err e;

	for (const struct config_certificate *c = sv->config.tls; c; c = c->next)
		certs[n++] = (struct net_tls_cert){ c->name, c->certificate, c->key };
	e = net_tls_new(certs, n, &sv->tls, &why);
	if (e)
		log_error("tls", "error=%s", log_quote(buf_view(&why)).text);
	buf_release(&why);
	return !e;
}

static struct eas_config eas_config_of(const struct config *c)
{
	return (struct eas_config){ .max_hold_s = (unsigned)c->http.max_hold_s,
				    .min_version = c->activesync.min_version,
				    .max_version = c->activesync.max_version,
				    .certificates = { c->smime.authorities, c->smime.revocation_lists },
				    .throttle = { .commands = (unsigned)c->activesync.throttle_commands,
						  .repeats = (unsigned)c->activesync.throttle_repeats,
						  .user_agents = (unsigned)c->activesync.throttle_user_agents,
						  .block_s = (unsigned)c->activesync.throttle_block_s } };
}

static bool start(struct server *sv)
{
	const struct budget b = budget_of(net_raise_fd_limit());

	if (b.descriptors < MIN_DESCRIPTORS)
		return fail("descriptor limit (ulimit -n)", ERR_LIMIT);
	if (!take_lock(sv))
		return false;
	sv->push = push_new(clock_real());
	if (!start_store(sv, &b) || !start_threads(sv, &b))
		return false;
	if (!start_outbound(sv))
		return false;
	sv->auth = auth_new(sv->store, clock_real(), sv->config.server.default_domain);
	sv->eas = eas_new(&(struct eas_args){ .store = sv->store,
					      .push = sv->push,
					      .auth = sv->auth,
					      .sender = &sv->sender,
					      .clock = clock_real(),
					      .config = eas_config_of(&sv->config) });
	if (!start_autodiscover(sv) || !start_http(sv, &b) || !start_redirect(sv) || (sv->config.tls && !load_tls(sv)))
		return false;
	if (!server_listen_control(sv) || !server_listen(sv))
		return false;
	sv->housekeeping = housekeeping_new(sv->store, sv->pool, sv->auth, clock_real());
	log_info("budget", "descriptors=%zu connections=%zu active=%zu store_handles=%u workers=%u loops=%u",
		 b.descriptors, b.connections, b.loops * b.active, b.store_handles, b.workers, b.loops);
	return true;
}

/* Also what start() left half done. */
static void stop(struct server *sv)
{
	for (size_t i = 0; i < sv->listeners_n; i++)
		listener_close(&sv->listeners[i]);
	if (sv->housekeeping)
		housekeeping_stop(sv->housekeeping);
	if (sv->redirect)
		(void)http_server_drain(sv->redirect, DRAIN_MS);
	if (sv->http && !http_server_drain(sv->http, DRAIN_MS))
		log_warn("stop", "cut=%zu", http_server_counts(sv->http).active);
	if (sv->pool)
		pool_drain(sv->pool);
	if (sv->redirect)
		http_server_stop(&sv->redirect);
	if (sv->http)
		http_server_stop(&sv->http);
	if (sv->net)
		net_stop(&sv->net);
	pool_stop(&sv->pool); /* until here a session of LMTP may ask it for a worker, and is refused */
	if (sv->push)
		push_stop(sv->push);
	outbound_free(&sv->outbound);
	housekeeping_free(&sv->housekeeping);
	autodiscover_free(&sv->autodiscover);
	ews_free(&sv->ews);
	imap_server_free(&sv->imap);
	eas_free(&sv->eas);
	pop3_drops_free(&sv->pop3.drops);
	if (sv->auth && auth_log_flush(sv->auth))
		log_error("auth_log", "kept=0");
	auth_free(&sv->auth);
	push_free(&sv->push);
	net_tls_free(&sv->tls);
	if (sv->store)
		store_close(&sv->store);
	if (sv->lock >= 0)
		close(sv->lock);
}

/* Until a signal ends it. */
static void serve(struct server *sv, const sigset_t *signals)
{
	const struct timespec tick = { .tv_sec = TICK_S };

	for (;;) {
		int got = sigtimedwait(signals, NULL, &tick);

		if (got == SIGTERM || got == SIGINT)
			return;
		if (sv->tls && (got == SIGHUP || net_tls_changed(sv->tls)))
			(void)server_reload_tls(sv);
		housekeeping_tick(sv->housekeeping);
		outbound_wake(sv->outbound);
	}
}

static bool load_config(const char *path, struct config *config)
{
	struct buf errors = BUF_INIT(CONFIG_MAX_ERROR_BYTES);
	enum err e = config_load(path, config, &errors);

	if (e)
		fprintf(stderr, "%.*s", str_printf_len(buf_view(&errors)), errors.n ? errors.p : "");
	if (e && errors.n == 0)
		fprintf(stderr, "roostd: %s: %s\n", path, err_text(e));
	if (!e && config->http.listen.n + config->http.listen_plain.n == 0) {
		fprintf(stderr, "roostd: %s: nothing to listen at: set listen in [http]\n", path);
		e = ERR_INVALID;
	}
	buf_release(&errors);
	return !e;
}

static const char usage[] = "usage: roostd -c CONFIG\n"
			    "       roostd --help | --version\n";

/* The configuration's path; NULL: wrong use. */
static const char *parse_arguments(int argc, char **argv)
{
	const char *path = NULL;

	for (int c; (c = getopt(argc, argv, "c:")) != -1;)
		if (c == 'c')
			path = optarg;
		else
			return NULL;
	return optind == argc ? path : NULL;
}

/* What asks about the program, and starts nothing. */
static bool answers_about_itself(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		printf("roostd %s\n", ROOST_VERSION);
	else if (argc == 2 && strcmp(argv[1], "--help") == 0)
		printf("%sThe configuration is described in roost.conf(5), accounts are made by roostctl(1).\n", usage);
	else
		return false;
	return true;
}

int main(int argc, char **argv)
{
	static struct server sv = { .lock = -1, .reloading = PTHREAD_MUTEX_INITIALIZER };
	const char *path;
	sigset_t signals;
	bool ok;

	if (answers_about_itself(argc, argv))
		return 0;
	path = parse_arguments(argc, argv);
	if (log_start())
		return 1;
	cal_quiet_library();
	if (!path) {
		fputs(usage, stderr);
		return 2;
	}
	if (!load_config(path, &sv.config))
		return 1;
	log_set_level(sv.config.server.log_level);
	/*
	 * Answers of megabytes go back to the system when they are freed. Left alone, the allocator would raise this
	 * threshold with the first of them and keep one in each worker's heap: measured, 110 MB instead of 30.
	 */
	mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES);
	signal(SIGPIPE, SIG_IGN);
	/* Blocked before the first thread starts, so that all of them leave the signals to serve(). */
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);

	ok = start(&sv);
	if (ok) {
		log_info("ready", "version=" ROOST_VERSION " hostname=%s listeners=%zu", sv.config.server.hostname,
			 sv.listeners_n);
		notify_supervisor("READY=1");
		serve(&sv, &signals);
		log_info("stopping", "held=%zu", http_server_counts(sv.http).held);
		notify_supervisor("STOPPING=1");
		/* A second one ends the process on the spot; what was acknowledged is on disk. */
		sigdelset(&signals, SIGHUP);
		pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
	}
	stop(&sv);
	config_release(&sv.config);
	return ok ? 0 : 1;
}
