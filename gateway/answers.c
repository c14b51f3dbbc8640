/*
 * What other processes say of their writes and ask of the running server, on the socket of the state directory: wakes
 * and ends what hangs on it.
 */
#include <gateway/server.h>

#include <base/log.h>
#include <base/mem.h>
#include <gateway/net/net.h>
#include <gateway/outbound/outbound.h>
#include <push/push.h>
#include <store/store.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void mailbox_changed(void *ctx, int64_t mailbox)
{
	struct server *sv = ctx;

	if (mailbox == STORE_DIRECTORY) { /* the queue may have something new */
		outbound_wake(sv->outbound);
		return;
	}
	push_publish(sv->push,
		     &(struct push_change){ .mailbox = mailbox, .folder = PUSH_ANY_FOLDER, .author = STORE_SEVERAL },
		     1);
}

struct ending {
	struct job job;
	struct net *net;
	int64_t account;
};

static void end_sessions(struct job *job, struct worker *w)
{
	struct ending *e = container_of(job, struct ending, job);

	(void)w;
	(void)net_end_sessions(e->net, &(struct net_ending){ .account = e->account, .except = "http" });
	free(e);
}

/* Requests over HTTP log in each by itself; of them what is held ends. The other protocols' sessions are cut. */
static void account_changed(void *ctx, int64_t account)
{
	struct server *sv = ctx;
	struct ending *e = mem_alloc(sizeof(*e));

	push_end_account(sv->push, account);
	*e = (struct ending){ .job.run = end_sessions, .net = sv->net, .account = account };
	if (!pool_submit(sv->pool, &e->job)) {
		log_warn("account", "id=%lld sessions=left", (long long)account);
		free(e);
	}
}

static void device_changed(void *ctx, int64_t device)
{
	struct server *sv = ctx;

	push_end_device(sv->push, device);
}

static void policies_changed(void *ctx, int64_t within_s)
{
	enum { MS_A_SECOND = 1000 };
	struct server *sv = ctx;

	push_hasten(sv->push, within_s * MS_A_SECOND);
}

static const char *reload_asked(void *ctx)
{
	struct server *sv = ctx;

	return sv->tls ? server_reload_tls(sv) : "there is no TLS";
}

/* As by the signal: serve() ends. */
static void drain_asked(void *ctx)
{
	(void)ctx;
	(void)kill(getpid(), SIGTERM);
}

static bool ask(void *ctx, const struct ask *question, struct buf *out, const char **why)
{
	struct server *sv = ctx;

	return inspect_answer(&sv->inspect, question, out, why);
}

bool server_listen_control(struct server *sv)
{
	struct buf address = BUF_INIT(4096);
	bool ok = false;

	sv->inspect = (struct inspect){ .clock = clock_real(),
					.started_ms = clock_mono_ms(clock_real()),
					.net = sv->net,
					.http = sv->http,
					.eas = sv->eas,
					.push = sv->push,
					.pool = sv->pool,
					.reload = reload_asked,
					.drain = drain_asked,
					.ctx = sv };
	sv->announce = (struct announce_server){ .mailbox_changed = mailbox_changed,
						 .account_changed = account_changed,
						 .device_changed = device_changed,
						 .policies_changed = policies_changed,
						 .ask = ask,
						 .pool = sv->pool,
						 .ctx = sv };
	buf_fmt(&address, "unix:%s/%s", sv->config.server.state_dir, ANNOUNCE_SOCKET_NAME);
	buf_char(&address, '\0');
	if (!buf_status(&address))
		ok = server_listen_at(sv, &(struct listener_args){ .address = address.p,
								   .open = announce_server_open,
								   .ctx = &sv->announce,
								   .mode = S_IRUSR | S_IWUSR });
	buf_release(&address);
	return ok;
}
