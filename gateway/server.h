/*
 * The parts of the running server and how they hang together. For the units that wire it (main.c, listen.c, answers.c)
 * alone; the parts do not know it.
 */
#ifndef GATEWAY_SERVER_H
#define GATEWAY_SERVER_H

#include <gateway/autodiscover/autodiscover.h>
#include <gateway/ews/ews.h>
#include <gateway/config/config.h>
#include <gateway/control/announce_server.h>
#include <gateway/http/server.h>
#include <gateway/imap/imap.h>
#include <gateway/inspect.h>
#include <gateway/lmtp/lmtp.h>
#include <gateway/net/net.h>
#include <gateway/outbound/outbound.h>
#include <gateway/pop3/pop3.h>
#include <gateway/submission/submission.h>

#include <pthread.h>

enum {
	SERVER_MAX_LISTENERS = 10 * CONFIG_MAX_ADDRESSES + 1,
	SERVER_OWN_ROUTES = 2,
};

struct server {
	struct config config;
	int lock; /* of the state directory; -1 none */
	struct store *store;
	struct push *push;
	struct auth *auth;
	struct imap_server *imap;
	struct send_service sender;
	struct relay_config relay;
	struct outbound *outbound;
	struct eas *eas;
	struct pool *pool;
	struct net *net;
	struct net_tls *tls;
	struct autodiscover *autodiscover;
	struct ews *ews;
	struct discovery discovery;
	struct http_server *http;
	struct http_server *redirect; /* [http] listen_redirect; NULL none */
	struct housekeeping *housekeeping;
	struct http_route routes[SERVER_OWN_ROUTES + AUTODISCOVER_ROUTES + EWS_ROUTES];
	struct http_route redirect_route;
	struct announce_server announce;
	struct inspect inspect;
	pthread_mutex_t reloading;
	struct lmtp_server lmtp;
	struct pop3_server pop3;
	struct submission_server submission;
	struct listener *listeners[SERVER_MAX_LISTENERS];
	size_t listeners_n;
};

/* The protocols' listeners. False: it is in the log what failed; so with all below. */
bool server_listen(struct server *sv) MUST_CHECK;
/* The socket of roostctl (gateway/control/announce_server.h). */
bool server_listen_control(struct server *sv) MUST_CHECK;
/* A listener, which stop() closes. */
bool server_listen_at(struct server *sv, const struct listener_args *args) MUST_CHECK;
/* By a signal, by changed files, or asked by roostctl. NULL: done; else why not. Any thread. */
const char *server_reload_tls(struct server *sv);

#endif
