/* The table of mechanisms, and an exchange from its begin to its end. */
#include <gateway/auth/sasl_priv.h>

#include <base/mem.h>

#include <openssl/crypto.h>
#include <stdlib.h>

/* In the order in which they are offered. */
static const struct sasl_mechanism mechanisms[] = {
	{ "SCRAM-SHA-256-PLUS", .plus = true, .take = sasl_scram_take },
	{ "SCRAM-SHA-256", .take = sasl_scram_take },
	{ "PLAIN", .take = sasl_plain_take },
	{ "LOGIN", .asks = true, .take = sasl_login_take },
};

static bool can_bind(const struct sasl_channel *c)
{
	return c->exporter.n || c->end_point.n;
}

static bool offered(const struct sasl_mechanism *m, const struct sasl_channel *c)
{
	return c->secure && (!m->plus || can_bind(c));
}

void sasl_list(const struct sasl_channel *channel, const char *prefix, struct buf *out)
{
	for (size_t i = 0; i < countof(mechanisms); i++) {
		if (!offered(&mechanisms[i], channel))
			continue;
		buf_cstr(out, prefix);
		buf_cstr(out, mechanisms[i].name);
	}
}

static const struct sasl_mechanism *find(struct str name, const struct sasl_channel *channel)
{
	for (size_t i = 0; i < countof(mechanisms); i++)
		if (str_ieq(name, str_of(mechanisms[i].name)))
			return offered(&mechanisms[i], channel) ? &mechanisms[i] : NULL;
	return NULL;
}

struct sasl *sasl_new(struct str mechanism, const struct sasl_channel *channel)
{
	const struct sasl_mechanism *m = find(mechanism, channel);
	struct sasl *s;

	if (!m)
		return NULL;
	s = mem_alloc(sizeof(*s));
	s->mechanism = m;
	s->channel = *channel;
	s->plus_offered = can_bind(channel);
	s->login.max = s->password.max = s->authorize.max = SASL_MAX_MESSAGE_BYTES;
	s->nonce.max = s->gs2.max = SASL_MAX_MESSAGE_BYTES;
	s->said.max = 4 * SASL_MAX_MESSAGE_BYTES;
	return s;
}

static void wipe(struct buf *b)
{
	OPENSSL_cleanse(b->p, b->cap);
	buf_release(b);
}

void sasl_free(struct sasl **sp)
{
	struct sasl *s = *sp;

	if (!s)
		return;
	wipe(&s->login);
	wipe(&s->password);
	wipe(&s->authorize);
	wipe(&s->nonce);
	wipe(&s->gs2);
	wipe(&s->said);
	OPENSSL_cleanse(s, sizeof(*s));
	free(s);
	*sp = NULL;
}

const char *sasl_name(const struct sasl *s)
{
	return s->mechanism->name;
}

enum sasl_result sasl_begin(struct sasl *s, struct str initial, struct buf *out)
{
	if (initial.p)
		return sasl_put(s, initial, out);
	if (s->mechanism->asks)
		sasl_login_ask(s, out);
	return SASL_CHALLENGE;
}

enum sasl_result sasl_put(struct sasl *s, struct str answer, struct buf *out)
{
	if (answer.n > SASL_MAX_MESSAGE_BYTES)
		return SASL_MALFORMED;
	return s->mechanism->take(s, answer, out);
}

struct str sasl_login(const struct sasl *s)
{
	return buf_view(&s->login);
}

struct str sasl_password(const struct sasl *s)
{
	return buf_view(&s->password);
}

struct str sasl_authorize(const struct sasl *s)
{
	return buf_view(&s->authorize);
}

void sasl_set_nonce(struct sasl *s, struct str nonce)
{
	buf_clear(&s->nonce);
	buf_str(&s->nonce, nonce);
}
