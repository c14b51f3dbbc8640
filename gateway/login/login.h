/*
 * Who asks by HTTP: Basic (RFC 7617), the same challenge for every service, so that a client that has answered one answers
 * the others. Worker threads.
 */
#ifndef GATEWAY_LOGIN_LOGIN_H
#define GATEWAY_LOGIN_LOGIN_H

#include <gateway/auth/auth.h>
#include <gateway/http/http.h>

struct login_gate {
	struct auth *auth;
	enum auth_service service;
	/* Begins a refusal, with the headers that every answer of the service has. NULL: http_response_init() alone. */
	void (*response_init)(struct http_response *resp, int status);
	struct str device; /* as of struct auth_attempt */
};

/*
 * True: *ret is the account that asks, its address in the request's arena. False: it is answered. 401 where there is no
 * login that holds; 503 with Retry-After where it may hold later (too many wrong ones before, a busy store); else 500.
 */
bool login_basic(struct http_request *r, const struct login_gate *gate, struct auth_identity *ret);

#endif
