/* Certificates: loading with errors that name the file, choice by SNI, versions, ALPN, renegotiation. */
#include <gateway/net/net.h>
#include <gateway/net/tls.h>

#include <tests/support/client.h>
#include <tests/support/tmpdir.h>

#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

enum { PATH_BYTES = 128, CERTS = 3 };

struct fixture {
	struct tmpdir dir;
	struct {
		char certificate[PATH_BYTES], key[PATH_BYTES];
	} file[CERTS];
	struct net *net;
	struct net_tls *tls;
	struct listener *listener;
	unsigned port;
};

static const char *const names[CERTS] = { "mail.example.test", "other.example.test", "*.wild.test" };

static void on_closed(struct stream *s, enum stream_end why)
{
	(void)s;
	(void)why;
}

static void on_input(struct stream *s)
{
	stream_write(s, stream_input(s));
	stream_consume(s, stream_input(s).n);
}

static void on_open(struct stream *s, void *ctx)
{
	static const struct stream_events events = { .input = on_input, .closed = on_closed };

	stream_attach(s, &events, ctx);
}

static void name_file(struct fixture *f, char ret[PATH_BYTES], const char *kind, size_t i)
{
	struct buf b = BUF_INIT(PATH_BYTES);

	buf_fmt(&b, "%s/%s%zu.pem%c", f->dir.path, kind, i, '\0');
	assert_int_equal(buf_status(&b), ERR_OK);
	memcpy(ret, b.p, b.n);
	buf_release(&b);
}

static void write_file(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

static void fixture_files(struct fixture *f)
{
	*f = (struct fixture){ .dir = tmpdir_make() };
	for (size_t i = 0; i < CERTS; i++) {
		name_file(f, f->file[i].certificate, "cert", i);
		name_file(f, f->file[i].key, "key", i);
		client_make_cert(names[i], f->file[i].certificate, f->file[i].key);
	}
}

static enum err load(struct fixture *f, struct buf *why)
{
	struct net_tls_cert certs[CERTS];

	for (size_t i = 0; i < CERTS; i++)
		certs[i] =
			(struct net_tls_cert){ i == 1 ? "alias.test" : NULL, f->file[i].certificate, f->file[i].key };
	return net_tls_new(certs, CERTS, &f->tls, why);
}

static void fixture_start(struct fixture *f)
{
	struct listener_args a = { .address = "127.0.0.1:0", .open = on_open };
	struct buf why = BUF_INIT(1024);

	fixture_files(f);
	assert_int_equal(load(f, &why), ERR_OK);
	assert_int_equal(net_start(&(struct net_args){ clock_real(), 1, 100 }, &f->net), ERR_OK);
	a.tls = f->tls;
	assert_int_equal(listener_open(f->net, &a, &f->listener, &why), ERR_OK);
	f->port = listener_port(f->listener);
	buf_release(&why);
}

static void fixture_stop(struct fixture *f)
{
	listener_close(&f->listener);
	net_stop(&f->net);
	net_tls_free(&f->tls);
	for (size_t i = 0; i < CERTS; i++) {
		unlink(f->file[i].certificate);
		unlink(f->file[i].key);
	}
	assert_int_equal(rmdir(f->dir.path), 0);
}

static void the_certificate_is_chosen_by_the_name_asked_for(void **unused)
{
	static const struct {
		const char *what, *sni;
		size_t expect;
	} cases[] = {
		{ "the first", "mail.example.test", 0 },
		{ "another by its own name", "other.example.test", 1 },
		{ "letters of another case", "OTHER.example.TEST", 1 },
		{ "another by the name it was configured with", "alias.test", 1 },
		{ "below a wildcard", "a.wild.test", 2 },
		{ "two labels below a wildcard", "a.b.wild.test", 0 },
		{ "unknown", "nobody.test", 0 },
		{ "none", NULL, 0 },
	};
	struct fixture f;

	(void)unused;
	fixture_start(&f);
	for (size_t i = 0; i < countof(cases); i++) {
		struct client c = client_connect(f.port);
		char subject[64];
		X509 *x;

		client_start_tls(&c, cases[i].sni, NULL);
		x = SSL_get1_peer_certificate(c.ssl);
		X509_NAME_get_text_by_NID(X509_get_subject_name(x), NID_commonName, subject, sizeof(subject));
		if (strcmp(subject, names[cases[i].expect]))
			fail_msg("%s: got %s", cases[i].what, subject);
		X509_free(x);
		client_close(&c);
	}
	fixture_stop(&f);
}

static void what_is_wrong_with_a_file_is_told_with_its_name(void **unused)
{
	static const struct {
		const char *what;
		bool key;
		const char *text; /* NULL: the file is missing */
		const char *told;
	} cases[] = {
		{ "no certificate file", false, NULL, "No such file or directory" },
		{ "no key file", true, NULL, "No such file or directory" },
		{ "a certificate that is none", false, "hello\n", "no start line" },
		{ "a key that is none", true, "hello\n", "unsupported" },
		{ "an empty certificate", false, "", "no start line" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf why = BUF_INIT(1024);
		struct fixture f;
		const char *path;

		fixture_files(&f);
		path = cases[i].key ? f.file[1].key : f.file[1].certificate;
		unlink(path);
		if (cases[i].text)
			write_file(path, cases[i].text);
		if (load(&f, &why) != ERR_INVALID || !str_starts(buf_view(&why), str_of(path)) ||
		    str_find(buf_view(&why), str_of(cases[i].told)) == why.n)
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(buf_view(&why)));
		assert_null(f.tls);
		buf_release(&why);
		fixture_stop(&f);
	}
}

static void a_key_of_another_certificate_is_refused(void **unused)
{
	struct buf why = BUF_INIT(1024);
	struct fixture f;

	(void)unused;
	fixture_files(&f);
	client_make_cert("third.test", f.file[0].certificate, f.file[1].key);
	assert_int_equal(load(&f, &why), ERR_INVALID);
	assert_true(str_starts(buf_view(&why), str_of(f.file[0].key)));
	buf_release(&why);
	fixture_stop(&f);
}

static void the_number_of_certificates_has_limits(void **unused)
{
	struct net_tls_cert many[NET_TLS_MAX_CERTS + 1] = { { NULL, "", "" } };
	struct net_tls *tls = NULL;
	struct buf why = BUF_INIT(1024);

	(void)unused;
	assert_int_equal(net_tls_new(many, 0, &tls, &why), ERR_LIMIT);
	assert_int_equal(net_tls_new(many, NET_TLS_MAX_CERTS + 1, &tls, &why), ERR_LIMIT);
	buf_release(&why);
}

static void a_reload_that_fails_changes_nothing(void **unused)
{
	struct buf why = BUF_INIT(1024);
	struct fixture f;
	struct client c;

	(void)unused;
	fixture_start(&f);
	write_file(f.file[0].certificate, "broken\n");
	assert_true(net_tls_changed(f.tls));
	assert_int_equal(net_tls_reload(f.tls, &why), ERR_INVALID);
	assert_false(net_tls_changed(f.tls)); /* told once, not at every look */
	c = client_connect(f.port);
	client_start_tls(&c, "mail.example.test", NULL);
	client_send(&c, S("still"));
	assert_true(client_read(&c, 5));
	client_close(&c);
	buf_release(&why);
	fixture_stop(&f);
}

static bool handshake(struct fixture *f, int min, int max)
{
	struct client c = client_connect(f->port);
	bool ok;

	c.ctx = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_security_level(c.ctx, 0);
	SSL_CTX_set_min_proto_version(c.ctx, min);
	SSL_CTX_set_max_proto_version(c.ctx, max);
	c.ssl = SSL_new(c.ctx);
	SSL_set_fd(c.ssl, c.fd);
	ok = SSL_connect(c.ssl) == 1;
	client_close(&c);
	return ok;
}

static void versions_below_1_2_are_refused(void **unused)
{
	static const struct {
		const char *what;
		int version;
		bool ok;
	} cases[] = {
		{ "TLS 1.0", TLS1_VERSION, false },
		{ "TLS 1.1", TLS1_1_VERSION, false },
		{ "TLS 1.2", TLS1_2_VERSION, true },
		{ "TLS 1.3", TLS1_3_VERSION, true },
	};
	struct fixture f;

	(void)unused;
	fixture_start(&f);
	for (size_t i = 0; i < countof(cases); i++)
		if (handshake(&f, cases[i].version, cases[i].version) != cases[i].ok)
			fail_msg("%s", cases[i].what);
	fixture_stop(&f);
}

static void alpn_answers_http_1_1(void **unused)
{
	const unsigned char *chosen;
	unsigned n;
	struct fixture f;
	struct client c;

	(void)unused;
	fixture_start(&f);
	c = client_connect(f.port);
	client_start_tls(&c, NULL, NULL);
	SSL_get0_alpn_selected(c.ssl, &chosen, &n);
	assert_int_equal(n, 8);
	assert_memory_equal(chosen, "http/1.1", 8);
	client_close(&c);
	fixture_stop(&f);
}

/* RFC 5746 would allow it; a peer could make us work without end. */
static void renegotiation_is_refused(void **unused)
{
	struct fixture f;
	struct client c;
	char byte;
	size_t n;

	(void)unused;
	fixture_start(&f);
	c = client_connect(f.port);
	c.ctx = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_max_proto_version(c.ctx, TLS1_2_VERSION);
	c.ssl = SSL_new(c.ctx);
	SSL_set_fd(c.ssl, c.fd);
	assert_int_equal(SSL_connect(c.ssl), 1);
	assert_int_equal(SSL_renegotiate(c.ssl), 1);
	assert_int_not_equal(SSL_do_handshake(c.ssl) == 1 && SSL_read_ex(c.ssl, &byte, 1, &n), 1);
	client_close(&c);
	fixture_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_certificate_is_chosen_by_the_name_asked_for),
		cmocka_unit_test(what_is_wrong_with_a_file_is_told_with_its_name),
		cmocka_unit_test(a_key_of_another_certificate_is_refused),
		cmocka_unit_test(the_number_of_certificates_has_limits),
		cmocka_unit_test(a_reload_that_fails_changes_nothing),
		cmocka_unit_test(versions_below_1_2_are_refused),
		cmocka_unit_test(alpn_answers_http_1_1),
		cmocka_unit_test(renegotiation_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
