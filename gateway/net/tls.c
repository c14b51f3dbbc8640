/* TLS contexts: loading, choice by SNI, reload by swapping a reference-counted set. */
#include <gateway/net/tls.h>

#include <base/mem.h>
#include <gateway/net/tls_session.h>

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { TLS_TICKET_KEY_BYTES = 80, TLS_ERROR_TEXT_MAX = 256 };

/* What tells one version of a file from the next. */
struct stamp {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec mtime;
};

struct cert {
	char *name, *certificate, *key;
	struct stamp certificate_stamp, key_stamp; /* as of the last attempt to read them */
};

/* One generation of contexts. A session holds a reference to the set it began with. */
struct tls_set {
	_Atomic size_t refs;
	size_t n;
	struct {
		SSL_CTX *ctx;
		char *name;
	} entry[];
};

struct net_tls {
	pthread_mutex_t lock; /* guards set and the stamps; nothing else is locked while it is held */
	struct tls_set *set;
	size_t n;
	struct cert *certs;
	unsigned char ticket_key[TLS_TICKET_KEY_BYTES]; /* the same for every generation */
};

struct tls_session {
	SSL *ssl;
	struct tls_set *set;
};

static void set_unref(struct tls_set *set)
{
	if (!set || atomic_fetch_sub(&set->refs, 1) != 1)
		return;
	for (size_t i = 0; i < set->n; i++) {
		SSL_CTX_free(set->entry[i].ctx);
		free(set->entry[i].name);
	}
	free(set);
}

static enum err complain(struct buf *why, const char *file)
{
	char text[TLS_ERROR_TEXT_MAX];

	/* The first of the queue is the cause ("No such file or directory"), those behind it only pass it on. */
	ERR_error_string_n(ERR_peek_error(), text, sizeof(text));
	ERR_clear_error();
	buf_fmt(why, "%s: %s", file, text);
	return ERR_INVALID;
}

static bool name_matches(const char *pattern, const char *sni)
{
	const char *dot = strchr(sni, '.');

	if (!pattern)
		return false;
	if (pattern[0] == '*' && pattern[1] == '.')
		return dot && str_ieq(str_of(pattern + 1), str_of(dot));
	return str_ieq(str_of(pattern), str_of(sni));
}

static bool serves(const struct tls_set *set, size_t i, const char *sni)
{
	X509 *x = SSL_CTX_get0_certificate(set->entry[i].ctx);

	return name_matches(set->entry[i].name, sni) ||
	       X509_check_host(x, sni, 0, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, NULL) == 1;
}

/* RFC 6066 section 3; an unknown name gets the first certificate, not an alert: phones say why they refuse it. */
static int choose_by_sni(SSL *ssl, int *alert, void *arg)
{
	const char *sni = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	struct tls_set *set = arg;

	(void)alert;
	if (!sni)
		return SSL_TLSEXT_ERR_NOACK;
	for (size_t i = 0; i < set->n; i++)
		if (serves(set, i, sni)) {
			SSL_set_SSL_CTX(ssl, set->entry[i].ctx);
			return SSL_TLSEXT_ERR_OK;
		}
	return SSL_TLSEXT_ERR_NOACK;
}

/* RFC 7301. A client that offers only other protocols is served nevertheless: ours is the only one there is. */
static int choose_alpn(SSL *ssl, const unsigned char **ret, unsigned char *ret_n, const unsigned char *offer,
		       unsigned offer_n, void *arg)
{
	static const unsigned char ours[] = "\x08http/1.1";
	unsigned char *chosen;

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto(&chosen, ret_n, ours, sizeof(ours) - 1, offer, offer_n) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK;
	*ret = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static void ctx_harden(SSL_CTX *ctx, struct net_tls *t)
{
	static const unsigned char id[] = "roost";

	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
					 SSL_OP_PRIORITIZE_CHACHA);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	/* Tickets carry the session: nothing is remembered here, and a restart of all phones stays cheap. */
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_session_id_context(ctx, id, sizeof(id) - 1);
	SSL_CTX_set_num_tickets(ctx, 1);
	SSL_CTX_set_tlsext_ticket_keys(ctx, t->ticket_key, sizeof(t->ticket_key));
	SSL_CTX_set_alpn_select_cb(ctx, choose_alpn, NULL);
}

static enum err ctx_load(SSL_CTX *ctx, const struct cert *c, struct buf *why)
{
	ERR_clear_error();
	if (SSL_CTX_use_certificate_chain_file(ctx, c->certificate) != 1)
		return complain(why, c->certificate);
	if (SSL_CTX_use_PrivateKey_file(ctx, c->key, SSL_FILETYPE_PEM) != 1)
		return complain(why, c->key);
	if (SSL_CTX_check_private_key(ctx) != 1)
		return complain(why, c->key);
	return ERR_OK;
}

static enum err set_load(struct net_tls *t, struct tls_set **ret, struct buf *why)
{
	struct tls_set *set = mem_alloc(sizeof(*set) + t->n * sizeof(set->entry[0]));

	atomic_init(&set->refs, 1);
	for (; set->n < t->n; set->n++) {
		const struct cert *c = &t->certs[set->n];
		SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
		enum err e = ctx ? ctx_load(ctx, c, why) : ERR_IO;

		if (e) {
			SSL_CTX_free(ctx);
			set_unref(set);
			return e;
		}
		ctx_harden(ctx, t);
		set->entry[set->n].ctx = ctx;
		set->entry[set->n].name = c->name ? mem_cstr(c->name) : NULL;
	}
	/* Only the context that a session begins with is asked; it lives no longer than the set. */
	SSL_CTX_set_tlsext_servername_callback(set->entry[0].ctx, choose_by_sni);
	SSL_CTX_set_tlsext_servername_arg(set->entry[0].ctx, set);
	*ret = set;
	return ERR_OK;
}

static struct stamp stamp_of(const char *file)
{
	struct stat st;

	if (stat(file, &st))
		return (struct stamp){ 0 };
	return (struct stamp){ st.st_dev, st.st_ino, st.st_size, st.st_mtim };
}

static bool stamp_same(const struct stamp *a, const struct stamp *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size && a->mtime.tv_sec == b->mtime.tv_sec &&
	       a->mtime.tv_nsec == b->mtime.tv_nsec;
}

bool net_tls_changed(struct net_tls *t)
{
	bool changed = false;

	pthread_mutex_lock(&t->lock);
	for (size_t i = 0; i < t->n && !changed; i++) {
		struct stamp certificate = stamp_of(t->certs[i].certificate), key = stamp_of(t->certs[i].key);

		changed = !stamp_same(&certificate, &t->certs[i].certificate_stamp) ||
			  !stamp_same(&key, &t->certs[i].key_stamp);
	}
	pthread_mutex_unlock(&t->lock);
	return changed;
}

/* Before reading, so that a change meanwhile is seen as one. */
static void take_stamps(struct net_tls *t)
{
	pthread_mutex_lock(&t->lock);
	for (size_t i = 0; i < t->n; i++) {
		t->certs[i].certificate_stamp = stamp_of(t->certs[i].certificate);
		t->certs[i].key_stamp = stamp_of(t->certs[i].key);
	}
	pthread_mutex_unlock(&t->lock);
}

enum err net_tls_reload(struct net_tls *t, struct buf *why)
{
	struct tls_set *fresh, *old;

	take_stamps(t);
	TRY(set_load(t, &fresh, why));
	pthread_mutex_lock(&t->lock);
	old = t->set;
	t->set = fresh;
	pthread_mutex_unlock(&t->lock);
	set_unref(old);
	return ERR_OK;
}

enum err net_tls_new(const struct net_tls_cert *certs, size_t n, struct net_tls **ret, struct buf *why)
{
	struct net_tls *t;
	enum err e;

	if (n == 0 || n > NET_TLS_MAX_CERTS)
		return ERR_LIMIT;
	t = mem_alloc(sizeof(*t));
	pthread_mutex_init(&t->lock, NULL);
	t->n = n;
	t->certs = mem_array(n, sizeof(t->certs[0]));
	for (size_t i = 0; i < n; i++)
		t->certs[i] = (struct cert){ .name = certs[i].name ? mem_cstr(certs[i].name) : NULL,
					     .certificate = mem_cstr(certs[i].certificate),
					     .key = mem_cstr(certs[i].key) };
	e = RAND_bytes(t->ticket_key, sizeof(t->ticket_key)) == 1 ? net_tls_reload(t, why) : ERR_IO;
	if (e)
		net_tls_free(&t);
	else
		*ret = t;
	return e;
}

void net_tls_free(struct net_tls **tp)
{
	struct net_tls *t = *tp;

	if (!t)
		return;
	set_unref(t->set);
	for (size_t i = 0; i < t->n; i++) {
		free(t->certs[i].name);
		free(t->certs[i].certificate);
		free(t->certs[i].key);
	}
	free(t->certs);
	OPENSSL_cleanse(t->ticket_key, sizeof(t->ticket_key));
	pthread_mutex_destroy(&t->lock);
	free(t);
	*tp = NULL;
}

struct tls_session *tls_session_new(struct net_tls *t, int fd)
{
	struct tls_session *s = mem_alloc(sizeof(*s));

	pthread_mutex_lock(&t->lock);
	s->set = t->set;
	atomic_fetch_add(&s->set->refs, 1);
	pthread_mutex_unlock(&t->lock);
	s->ssl = SSL_new(s->set->entry[0].ctx);
	if (!s->ssl || SSL_set_fd(s->ssl, fd) != 1)
		tls_session_free(&s);
	else
		SSL_set_accept_state(s->ssl);
	return s;
}

void tls_session_free(struct tls_session **sp)
{
	struct tls_session *s = *sp;

	if (!s)
		return;
	SSL_free(s->ssl);
	set_unref(s->set);
	free(s);
	*sp = NULL;
}

static enum tls_want outcome(struct tls_session *s, int rc)
{
	if (rc == 1)
		return TLS_DONE;
	switch (SSL_get_error(s->ssl, rc)) {
	case SSL_ERROR_WANT_READ:
		return TLS_WANT_READ;
	case SSL_ERROR_WANT_WRITE:
		return TLS_WANT_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return TLS_EOF;
	default:
		break;
	}
	return TLS_FAILED;
}

enum tls_want tls_handshake(struct tls_session *s)
{
	ERR_clear_error();
	return outcome(s, SSL_do_handshake(s->ssl));
}

enum tls_want tls_read(struct tls_session *s, void *p, size_t n, size_t *ret_n)
{
	enum tls_want want;

	ERR_clear_error();
	want = outcome(s, SSL_read_ex(s->ssl, p, n, ret_n));
	/* A connection closed without close_notify: HTTP and mail carry their own lengths, so it is an end like any. */
	if (want == TLS_FAILED && ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		return TLS_EOF;
	return want;
}

enum tls_want tls_write(struct tls_session *s, const void *p, size_t n, size_t *ret_n)
{
	ERR_clear_error();
	return outcome(s, SSL_write_ex(s->ssl, p, n, ret_n));
}

static size_t export_binding(SSL *ssl, unsigned char ret[TLS_BINDING_MAX_BYTES])
{
	static const char label[] = "EXPORTER-Channel-Binding";
	enum { EXPORTED_BYTES = 32 };

	/* Below 1.3 it is unique only with an extension that not every client has (RFC 9266 section 4.2). */
	if (SSL_version(ssl) < TLS1_3_VERSION)
		return 0;
	return SSL_export_keying_material(ssl, ret, EXPORTED_BYTES, label, sizeof(label) - 1, NULL, 0, 0) == 1
		       ? EXPORTED_BYTES
		       : 0;
}

/* RFC 5929 section 4.1: by the hash of the certificate's signature, SHA-256 for those that are too weak. */
static size_t certificate_binding(const SSL *ssl, unsigned char ret[TLS_BINDING_MAX_BYTES])
{
	X509 *x = SSL_get_certificate(ssl);
	unsigned n = TLS_BINDING_MAX_BYTES;
	const EVP_MD *md;
	int nid;

	if (!x || !X509_get_signature_info(x, &nid, NULL, NULL, NULL))
		return 0;
	if (nid == NID_md5 || nid == NID_sha1)
		nid = NID_sha256;
	md = EVP_get_digestbynid(nid);
	return md && EVP_MD_get_size(md) <= TLS_BINDING_MAX_BYTES && X509_digest(x, md, ret, &n) ? n : 0;
}

size_t tls_binding(const struct tls_session *s, enum tls_binding kind, unsigned char ret[TLS_BINDING_MAX_BYTES])
{
	size_t n = kind == TLS_BINDING_EXPORTER ? export_binding(s->ssl, ret) : certificate_binding(s->ssl, ret);

	ERR_clear_error();
	return n;
}

void tls_say_goodbye(struct tls_session *s)
{
	ERR_clear_error();
	if (SSL_is_init_finished(s->ssl))
		SSL_shutdown(s->ssl);
}
