/* Where the server listens, and with which settings each protocol begins. */
#include <gateway/server.h>

#include <base/log.h>
#include <gateway/mailbox/intake.h>
#include <gateway/net/net.h>

bool server_listen_at(struct server *sv, const struct listener_args *args)
{
	struct buf why = BUF_INIT(CONFIG_MAX_ERROR_BYTES);
	enum err e = listener_open(sv->net, args, &sv->listeners[sv->listeners_n], &why);

	if (e)
		log_error("listen", "error=%s", log_quote(buf_view(&why)).text);
	else
		sv->listeners_n++;
	buf_release(&why);
	return !e;
}

/* Who says PROXY in front of what a client says; our own programs do not, so the announcements have none. */
static const struct net_ranges *proxies_of(const struct server *sv)
{
	return sv->config.server.proxy_protocol ? &sv->config.server.trusted_proxies : NULL;
}

static bool listen_http(struct server *sv, const struct config_addresses *addresses, struct net_tls *tls,
			struct http_server *http)
{
	for (size_t i = 0; i < addresses->n; i++)
		if (!server_listen_at(sv, &(struct listener_args){ .address = addresses->text[i],
								   .tls = tls,
								   .open = http_server_open,
								   .ctx = http,
								   .refusal = HTTP_REFUSAL,
								   .proxies = proxies_of(sv) }))
			return false;
	return true;
}

static bool listen_lmtp(struct server *sv)
{
	const struct config_addresses *addresses = &sv->config.lmtp.listen;

	sv->lmtp.store = sv->store;
	sv->lmtp.sender = &sv->sender;
	sv->lmtp.pool = sv->pool;
	sv->lmtp.clock = clock_real();
	sv->lmtp.hostname = sv->config.server.hostname;
	sv->lmtp.state_dir = sv->config.server.state_dir;
	sv->lmtp.max_message = sv->config.lmtp.max_message ? sv->config.lmtp.max_message : INTAKE_MAX_BYTES_DEFAULT;
	for (size_t i = 0; i < addresses->n; i++)
		if (!server_listen_at(sv, &(struct listener_args){ .address = addresses->text[i],
								   .open = lmtp_open,
								   .ctx = &sv->lmtp,
								   .refusal = LMTP_REFUSAL,
								   .proxies = proxies_of(sv),
								   .mode = sv->config.lmtp.socket_mode }))
			return false;
	return true;
}

/* IMAP, POP3 and the like: in clear with STARTTLS, and by TLS from the first byte. */
static bool listen_line(struct server *sv, const struct config_addresses *addresses, struct net_tls *tls,
			const struct listener_args *protocol)
{
	for (size_t i = 0; i < addresses->n; i++) {
		struct listener_args args = *protocol;

		args.address = addresses->text[i];
		args.tls = tls;
		args.proxies = proxies_of(sv);
		if (!server_listen_at(sv, &args))
			return false;
	}
	return true;
}

static bool listen_imap(struct server *sv)
{
	const struct config *c = &sv->config;
	struct listener_args args = { .open = imap_open, .refusal = IMAP_REFUSAL };

	if (c->imap.listen.n + c->imap.listen_tls.n == 0)
		return true;
	sv->imap = imap_server_new(&(struct imap_args){ .store = sv->store,
							.push = sv->push,
							.auth = sv->auth,
							.pool = sv->pool,
							.clock = clock_real(),
							.hostname = c->server.hostname,
							.state_dir = c->server.state_dir,
							.max_message = c->imap.max_message ? c->imap.max_message
											   : INTAKE_MAX_BYTES_DEFAULT,
							.tls = sv->tls,
							.plain_login = c->imap.plain_login,
							.literal_minus = c->imap.literal_minus });
	args.ctx = sv->imap;
	return listen_line(sv, &c->imap.listen, NULL, &args) && listen_line(sv, &c->imap.listen_tls, sv->tls, &args);
}

static bool listen_pop3(struct server *sv)
{
	const struct listener_args args = { .open = pop3_open, .ctx = &sv->pop3, .refusal = POP3_REFUSAL };

	sv->pop3 = (struct pop3_server){
		.store = sv->store,
		.hostname = sv->config.server.hostname,
		.tls = sv->tls,
		.login = { .auth = sv->auth,
			   .pool = sv->pool,
			   .service = AUTH_POP3,
			   .plain_ok = sv->config.pop3.plain_login },
		.drops = pop3_drops_new(),
	};
	return listen_line(sv, &sv->config.pop3.listen, NULL, &args) &&
	       listen_line(sv, &sv->config.pop3.listen_tls, sv->tls, &args);
}

static bool listen_submission(struct server *sv)
{
	const struct listener_args args = { .open = submission_open,
					    .ctx = &sv->submission,
					    .refusal = SUBMISSION_REFUSAL };

	sv->submission = (struct submission_server){
		.send = &sv->sender,
		.hostname = sv->config.server.hostname,
		.tls = sv->tls,
		.login = { .auth = sv->auth,
			   .pool = sv->pool,
			   .service = AUTH_SUBMISSION,
			   .plain_ok = sv->config.submission.plain_login },
	};
	return listen_line(sv, &sv->config.submission.listen, NULL, &args) &&
	       listen_line(sv, &sv->config.submission.listen_tls, sv->tls, &args);
}

bool server_listen(struct server *sv)
{
	return listen_http(sv, &sv->config.http.listen, sv->tls, sv->http) &&
	       listen_http(sv, &sv->config.http.listen_plain, NULL, sv->http) &&
	       listen_http(sv, &sv->config.http.listen_redirect, NULL, sv->redirect) && listen_lmtp(sv) &&
	       listen_pop3(sv) && listen_submission(sv) && listen_imap(sv);
}
