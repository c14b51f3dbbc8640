/* The configuration: what each key takes, its bounds, every error with its line. */
#include <gateway/config/config.h>

#include <base/mem.h>
#include <tests/support/tmpdir.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <unistd.h>

static struct config parsed(struct str text)
{
	struct buf errors = BUF_INIT(CONFIG_MAX_ERROR_BYTES);
	struct config c = { 0 };

	if (config_parse(text, "roost.conf", &c, &errors))
		fail_msg(STR_FMT, STR_ARG(buf_view(&errors)));
	assert_int_equal(errors.n, 0);
	return c;
}

static void an_empty_file_runs_with_the_defaults(void **unused)
{
	struct config c = parsed(S("# nothing\n"));

	(void)unused;
	assert_non_null(c.server.hostname);
	assert_null(c.server.default_domain);
	assert_string_equal(c.server.state_dir, "/var/lib/roost");
	assert_int_equal(c.server.log_level, LOG_LEVEL_INFO);
	assert_null(c.tls);
	assert_int_equal(c.http.listen.n + c.http.listen_plain.n + c.lmtp.listen.n, 0);
	assert_int_equal(c.http.max_hold_s, 0);
	assert_int_equal(c.http.max_body, 0);
	assert_int_equal(c.activesync.min_version, 0);
	assert_int_equal(c.activesync.max_version, 0);
	assert_int_equal(c.activesync.throttle_commands, 6000);
	assert_int_equal(c.activesync.throttle_repeats, 600);
	assert_int_equal(c.activesync.throttle_user_agents, 0);
	assert_int_equal(c.activesync.throttle_block_s, 0);
	assert_int_equal(c.lmtp.max_message, 0);
	assert_int_equal(c.lmtp.socket_mode, 0666);
	assert_int_equal(c.server.trusted_proxies.n, 0);
	assert_false(c.server.proxy_protocol);
	config_release(&c);
}

static void every_key_reaches_its_field(void **unused)
{
	struct config c = parsed(S("[server]\n"
				   "hostname = Mail.Example.test\n"
				   "default_domain = example.test\n"
				   "state_dir = /srv/roost\n"
				   "log_level = debug\n"
				   "trusted_proxies = 192.0.2.1, 2001:db8::/32 unix\n"
				   "proxy_protocol = on\n"
				   "[tls other.example.test]\n"
				   "certificate = /etc/b.pem\n"
				   "key = /etc/b.key\n"
				   "[tls]\n"
				   "certificate = /etc/a b.pem\n"
				   "key = /etc/a.key\n"
				   "[http]\n"
				   "listen = 127.0.0.1:8443, [::1]:8443\n"
				   "listen_plain = unix:/run/roost/http\n"
				   "max_hold = 9m\n"
				   "max_body = 25M\n"
				   "listen_redirect = 0.0.0.0:80\n"
				   "[activesync]\n"
				   "min_version = 12.1\n"
				   "max_version = 16.0\n"
				   "throttle_commands = 0\n"
				   "throttle_repeats = 120\n"
				   "throttle_user_agents = 2\n"
				   "throttle_block = 14h\n"
				   "[smime]\n"
				   "authorities = /ca.pem\n"
				   "revocation_lists = /crls\n"
				   "[outbound]\n"
				   "smarthost = smtp.example.test:587\n"
				   "tls = tls\n"
				   "user = ann@example.test\n"
				   "password_file = /etc/password\n"
				   "ca_file = /etc/ca.pem\n"
				   "max_message = 10M\n"
				   "expires = 2d\n"
				   "[autodiscover]\n"
				   "url = https://mail.example.test:444\n"
				   "provider = Example & Sons\n"
				   "imap = IMAP.example.test:993\n"
				   "imap_starttls = off\n"
				   "profile_certificate = /etc/p.pem\n"
				   "profile_key = /etc/p.key\n"
				   "[lmtp]\n"
				   "listen =\n"
				   "max_message = 100m\n"
				   "socket_mode = 0660\n"));

	(void)unused;
	assert_string_equal(c.server.hostname, "mail.example.test");
	assert_string_equal(c.server.default_domain, "example.test");
	assert_string_equal(c.server.state_dir, "/srv/roost");
	assert_int_equal(c.server.log_level, LOG_LEVEL_DEBUG);
	assert_int_equal(c.server.trusted_proxies.n, 2);
	assert_true(c.server.trusted_proxies.unix_peers);
	assert_true(c.server.proxy_protocol);
	assert_int_equal(c.lmtp.socket_mode, 0660);
	assert_int_equal(c.activesync.min_version, 121);
	assert_int_equal(c.activesync.max_version, 160);
	assert_int_equal(c.activesync.throttle_commands, 0);
	assert_int_equal(c.activesync.throttle_repeats, 120);
	assert_int_equal(c.activesync.throttle_user_agents, 2);
	assert_int_equal(c.activesync.throttle_block_s, 14 * 3600);
	assert_string_equal(c.smime.authorities, "/ca.pem");
	assert_string_equal(c.smime.revocation_lists, "/crls");
	assert_null(c.tls->name);
	assert_string_equal(c.tls->certificate, "/etc/a b.pem");
	assert_string_equal(c.tls->key, "/etc/a.key");
	assert_string_equal(c.tls->next->name, "other.example.test");
	assert_string_equal(c.tls->next->certificate, "/etc/b.pem");
	assert_null(c.tls->next->next);
	assert_int_equal(c.http.listen.n, 2);
	assert_string_equal(c.http.listen.text[0], "127.0.0.1:8443");
	assert_string_equal(c.http.listen.text[1], "[::1]:8443");
	assert_int_equal(c.http.listen_plain.n, 1);
	assert_string_equal(c.http.listen_plain.text[0], "unix:/run/roost/http");
	assert_int_equal(c.http.max_hold_s, 540);
	assert_int_equal(c.http.max_body, 25 << 20);
	assert_string_equal(c.http.listen_redirect.text[0], "0.0.0.0:80");
	assert_string_equal(c.outbound.smarthost.host, "smtp.example.test");
	assert_int_equal(c.outbound.smarthost.port, 587);
	assert_int_equal(c.outbound.tls, CONFIG_SMARTHOST_TLS);
	assert_string_equal(c.outbound.user, "ann@example.test");
	assert_string_equal(c.outbound.password_file, "/etc/password");
	assert_string_equal(c.outbound.ca_file, "/etc/ca.pem");
	assert_int_equal(c.outbound.max_message, 10 << 20);
	assert_int_equal(c.outbound.expires_s, 2 * 86400);
	assert_string_equal(c.autodiscover.url, "https://mail.example.test:444");
	assert_string_equal(c.autodiscover.provider, "Example & Sons");
	assert_string_equal(c.autodiscover.imap.host, "imap.example.test");
	assert_int_equal(c.autodiscover.imap.port, 993);
	assert_true(c.autodiscover.imap_starttls.off);
	assert_null(c.autodiscover.pop3.host);
	assert_string_equal(c.autodiscover.profile_certificate, "/etc/p.pem");
	assert_string_equal(c.autodiscover.profile_key, "/etc/p.key");
	assert_int_equal(c.lmtp.listen.n, 0);
	assert_int_equal(c.lmtp.max_message, 100 << 20);
	config_release(&c);
}

#define LABEL_63 "a23456789b23456789c23456789d23456789e23456789f23456789g23456789"

static void values_are_taken_at_their_bounds_and_refused_past_them(void **unused)
{
	static const struct {
		const char *what;
		struct str text;
		bool good;
	} cases[] = {
		{ "the oldest version", STR_INIT("[activesync]\nmin_version = 2.5"), true },
		{ "the newest version", STR_INIT("[activesync]\nmax_version = 16.1"), true },
		{ "a version that is none", STR_INIT("[activesync]\nmax_version = 16.2"), false },
		{ "a version before the first", STR_INIT("[activesync]\nmin_version = 2.1"), false },
		{ "a million commands", STR_INIT("[activesync]\nthrottle_commands = 1000000"), true },
		{ "one more", STR_INIT("[activesync]\nthrottle_repeats = 1000001"), false },
		{ "a day", STR_INIT("[activesync]\nthrottle_block = 24h"), true },
		{ "a second more", STR_INIT("[activesync]\nthrottle_block = 86401"), false },
		{ "no time", STR_INIT("[activesync]\nthrottle_block = 0"), false },
		{ "least hold", STR_INIT("[http]\nmax_hold = 60"), true },
		{ "below it", STR_INIT("[http]\nmax_hold = 59s"), false },
		{ "longest hold", STR_INIT("[http]\nmax_hold = 59m"), true },
		{ "above it", STR_INIT("[http]\nmax_hold = 3541"), false },
		{ "hold of an hour", STR_INIT("[http]\nmax_hold = 60m"), false },
		{ "no number", STR_INIT("[http]\nmax_hold = m"), false },
		{ "empty number", STR_INIT("[http]\nmax_hold ="), false },
		{ "least body", STR_INIT("[http]\nmax_body = 65536"), true },
		{ "below it", STR_INIT("[http]\nmax_body = 63k"), false },
		{ "largest body", STR_INIT("[http]\nmax_body = 1G"), true },
		{ "above it", STR_INIT("[http]\nmax_body = 1073741825"), false },
		{ "past 64 bits", STR_INIT("[http]\nmax_body = 99999999999999999999G"), false },
		{ "unknown unit", STR_INIT("[http]\nmax_body = 64T"), false },
		{ "negative", STR_INIT("[http]\nmax_body = -1"), false },
		{ "an endpoint", STR_INIT("[autodiscover]\nimap = a.test:65535"), true },
		{ "an hour", STR_INIT("[outbound]\nexpires = 1h"), true },
		{ "14 days", STR_INIT("[outbound]\nexpires = 14d"), true },
		{ "less than an hour", STR_INIT("[outbound]\nexpires = 3599"), false },
		{ "more than 14 days", STR_INIT("[outbound]\nexpires = 15d"), false },
		{ "TLS of another kind", STR_INIT("[outbound]\ntls = maybe"), false },
		{ "a port past the last", STR_INIT("[autodiscover]\nimap = a.test:65536"), false },
		{ "a host alone", STR_INIT("[autodiscover]\nimap = a.test"), false },
		{ "port 0", STR_INIT("[autodiscover]\nimap = a.test:0"), false },
		{ "a URL with a path", STR_INIT("[autodiscover]\nurl = https://a.test/"), false },
		{ "a URL without TLS", STR_INIT("[autodiscover]\nurl = http://a.test"), false },
		{ "a name of 60",
		  STR_INIT("[autodiscover]\nprovider = a23456789b23456789c23456789d23456789e23456789f23456789ghijkl"),
		  true },
		{ "a name of 61",
		  STR_INIT("[autodiscover]\nprovider = a23456789b23456789c23456789d23456789e23456789f23456789ghijklm"),
		  false },
		{ "level", STR_INIT("[server]\nlog_level = warn"), true },
		{ "no level", STR_INIT("[server]\nlog_level = Warn"), false },
		{ "networks of each kind", STR_INIT("[server]\ntrusted_proxies = 10.0.0.0/8, ::1 unix"), true },
		{ "a network with a host", STR_INIT("[server]\ntrusted_proxies = 10.0.0.1/8"), false },
		{ "a proxy by name", STR_INIT("[server]\ntrusted_proxies = proxy.example.test"), false },
		{ "a switch", STR_INIT("[server]\nproxy_protocol = off"), true },
		{ "no switch", STR_INIT("[server]\nproxy_protocol = yes"), false },
		{ "least mode", STR_INIT("[lmtp]\nsocket_mode = 600"), true },
		{ "below it", STR_INIT("[lmtp]\nsocket_mode = 0577"), false },
		{ "largest mode", STR_INIT("[lmtp]\nsocket_mode = 0777"), true },
		{ "above it", STR_INIT("[lmtp]\nsocket_mode = 01000"), false },
		{ "not octal", STR_INIT("[lmtp]\nsocket_mode = 0668"), false },
		{ "no mode", STR_INIT("[lmtp]\nsocket_mode ="), false },
		{ "relative path", STR_INIT("[server]\nstate_dir = state"), false },
		{ "empty path", STR_INIT("[server]\nstate_dir ="), false },
		{ "label of 63", STR_INIT("[server]\nhostname = " LABEL_63 ".test"), true },
		{ "label of 64", STR_INIT("[server]\nhostname = " LABEL_63 "x.test"), false },
		{ "name of 253",
		  STR_INIT("[server]\nhostname = " LABEL_63 "." LABEL_63 "." LABEL_63 "."
			   "a23456789b23456789c23456789d23456789e23456789f23456789.abcdef"),
		  true },
		{ "name of 254",
		  STR_INIT("[server]\nhostname = " LABEL_63 "." LABEL_63 "." LABEL_63 "."
			   "a23456789b23456789c23456789d23456789e23456789f23456789.abcdefg"),
		  false },
		{ "empty label", STR_INIT("[server]\nhostname = a..test"), false },
		{ "dot at the end", STR_INIT("[server]\nhostname = a.test."), false },
		{ "empty name", STR_INIT("[server]\nhostname ="), false },
		{ "hyphen at an end", STR_INIT("[server]\nhostname = -a.test"), false },
		{ "not ASCII", STR_INIT("[server]\nhostname = \xc3\xa4.test"), false },
		{ "addresses of each kind", STR_INIT("[lmtp]\nlisten = 127.0.0.1:0,[::1]:65535\tunix:/a"), true },
		{ "port past the last", STR_INIT("[lmtp]\nlisten = 127.0.0.1:65536"), false },
		{ "no port", STR_INIT("[lmtp]\nlisten = 127.0.0.1"), false },
		{ "a name for a host", STR_INIT("[lmtp]\nlisten = localhost:24"), false },
		{ "IPv6 without brackets", STR_INIT("[lmtp]\nlisten = ::1:24"), false },
		{ "unix without a path", STR_INIT("[lmtp]\nlisten = unix:"), false },
		{ "a second one that is wrong", STR_INIT("[lmtp]\nlisten = unix:/a, b"), false },
		{ "commas and blanks alone", STR_INIT("[lmtp]\nlisten = , ,"), true },
		{ "16 addresses",
		  STR_INIT("[lmtp]\nlisten = unix:/a unix:/b unix:/c unix:/d unix:/e unix:/f unix:/g unix:/h"
			   " unix:/i unix:/j unix:/k unix:/l unix:/m unix:/n unix:/o unix:/p"),
		  true },
		{ "17 addresses",
		  STR_INIT("[lmtp]\nlisten = unix:/a unix:/b unix:/c unix:/d unix:/e unix:/f unix:/g unix:/h"
			   " unix:/i unix:/j unix:/k unix:/l unix:/m unix:/n unix:/o unix:/p unix:/q"),
		  false },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf errors = BUF_INIT(CONFIG_MAX_ERROR_BYTES);
		struct config c = { 0 };
		enum err e = config_parse(cases[i].text, "roost.conf", &c, &errors);

		if (e != (cases[i].good ? ERR_OK : ERR_INVALID))
			fail_msg("%s: %s: " STR_FMT, cases[i].what, err_text(e), STR_ARG(buf_view(&errors)));
		if (e && !str_starts(buf_view(&errors), S("roost.conf:2: ")))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(buf_view(&errors)));
		buf_release(&errors);
		config_release(&c);
	}
}

static void all_errors_come_at_once_with_their_lines(void **unused)
{
	static const struct str text = STR_INIT("hostname = a.test\n"
						"[server]\n"
						"host_name = a.test\n"
						"log_level = loud\n"
						"state_dir = /a\n"
						"state_dir = /b\n"
						"what?\n"
						"[nntp]\n"
						"listen = 127.0.0.1:143\n"
						"[server]\n"
						"hostname = a.test\n"
						"[http b.test]\n"
						"[tls b.test]\n"
						"key = b.key\n"
						"[tls  b.test]\n");
	static const struct str expected = STR_INIT("c:1: a key before the first [section]\n"
						    "c:3: unknown key host_name in [server]\n"
						    "c:4: log_level must be error, warn, info or debug\n"
						    "c:6: state_dir stands on line 5 already\n"
						    "c:7: neither a comment, nor [section], nor key = value\n"
						    "c:8: unknown section [nntp]\n"
						    "c:10: this section stands on line 2 already\n"
						    "c:12: [http] takes no name\n"
						    "c:14: key must be an absolute path\n"
						    "c:15: this section stands on line 13 already\n");
	struct buf errors = BUF_INIT(CONFIG_MAX_ERROR_BYTES);
	struct config c;

	(void)unused;
	assert_int_equal(config_parse(text, "c", &c, &errors), ERR_INVALID);
	if (!str_eq(buf_view(&errors), expected))
		fail_msg(STR_FMT, STR_ARG(buf_view(&errors)));
	buf_release(&errors);
}

static void errors_beyond_the_room_are_left_out_whole(void **unused)
{
	struct buf errors = BUF_INIT(25);
	struct config c;

	(void)unused;
	assert_int_equal(config_parse(S("[a]\n[b]\n"), "c", &c, &errors), ERR_INVALID);
	assert_true(str_eq(buf_view(&errors), S("c:1: unknown section [a]\n")));
	assert_int_equal(buf_status(&errors), ERR_LIMIT);
	buf_release(&errors);
}

static void tls_needs_both_files_and_https_needs_tls(void **unused)
{
	static const struct {
		struct str text;
		const char *error;
	} cases[] = {
		{ STR_INIT("[tls]\nkey = /k"), "c: [tls] needs certificate and key\n" },
		{ STR_INIT("[tls b.test]\ncertificate = /c"), "c: [tls b.test] needs certificate and key\n" },
		{ STR_INIT("[autodiscover]\nprofile_key = /k"),
		  "c: [autodiscover] profile_certificate and profile_key need each other\n" },
		{ STR_INIT("[http]\nlisten = [::]:443"), "c: [http] listen needs [tls] with certificate and key\n" },
		{ STR_INIT("[tls b.test]\ncertificate = /c\nkey = /k\n[http]\nlisten = [::]:443"),
		  "c: [http] listen needs [tls] with certificate and key\n" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf errors = BUF_INIT(CONFIG_MAX_ERROR_BYTES);
		struct config c;

		assert_int_equal(config_parse(cases[i].text, "c", &c, &errors), ERR_INVALID);
		assert_true(str_eq(buf_view(&errors), str_of(cases[i].error)));
		buf_release(&errors);
	}
}

static void a_proxy_must_be_trusted_to_be_heard(void **unused)
{
	struct buf errors = BUF_INIT(CONFIG_MAX_ERROR_BYTES);
	struct config c;

	(void)unused;
	assert_int_equal(config_parse(S("[server]\nproxy_protocol = on\n"), "c", &c, &errors), ERR_INVALID);
	assert_true(str_eq(buf_view(&errors), S("c: [server] proxy_protocol = on needs trusted_proxies\n")));
	buf_release(&errors);
}

static void certificates_have_a_ceiling(void **unused)
{
	struct buf text = BUF_INIT(CONFIG_MAX_FILE_BYTES), errors = BUF_INIT(CONFIG_MAX_ERROR_BYTES);
	struct config c;

	(void)unused;
	for (int i = 0; i < CONFIG_MAX_CERTIFICATES; i++)
		buf_fmt(&text, "[tls n%d]\ncertificate = /c\nkey = /k\n", i);
	c = parsed(buf_view(&text));
	config_release(&c);
	buf_cstr(&text, "[tls]\n");
	assert_int_equal(config_parse(buf_view(&text), "c", &c, &errors), ERR_INVALID);
	assert_true(str_eq(buf_view(&errors), S("c:769: more than 256 certificates\n")));
	buf_release(&text);
	buf_release(&errors);
}

/* A file of `bytes` bytes, all of them comment. */
static void make_file(const char *path, size_t bytes)
{
	static char text[CONFIG_MAX_FILE_BYTES + 5000];
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

	memset(text, '#', sizeof(text));
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, bytes), bytes);
	close(fd);
}

static void a_file_is_read_up_to_its_ceiling(void **unused)
{
	static const struct {
		size_t bytes;
		enum err err;
	} cases[] = { { 0, ERR_OK },
		      { 5000, ERR_OK },
		      { CONFIG_MAX_FILE_BYTES, ERR_OK },
		      { CONFIG_MAX_FILE_BYTES + 1, ERR_LIMIT },
		      { CONFIG_MAX_FILE_BYTES + 5000, ERR_LIMIT } };

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf errors = BUF_INIT(CONFIG_MAX_ERROR_BYTES);
		CLEANUP(tmpdir_remove) struct tmpdir dir = tmpdir_make();
		struct buf path = BUF_INIT(sizeof(dir.path) + sizeof("/roost.conf"));
		struct config c = { 0 };

		buf_fmt(&path, "%s/roost.conf%c", dir.path, '\0');
		make_file(path.p, cases[i].bytes);
		assert_int_equal(config_load(path.p, &c, &errors), cases[i].err);
		assert_int_equal(errors.n > 0, cases[i].err != ERR_OK);
		config_release(&c);
		buf_release(&errors);
		buf_release(&path);
	}
}

static void a_file_that_is_not_there_says_so(void **unused)
{
	struct buf errors = BUF_INIT(CONFIG_MAX_ERROR_BYTES);
	struct config c;

	(void)unused;
	assert_int_equal(config_load("/nonexistent/roost.conf", &c, &errors), ERR_NOT_FOUND);
	assert_true(str_eq(buf_view(&errors), S("/nonexistent/roost.conf: no such file\n")));
	buf_clear(&errors);
	assert_int_equal(config_load("/", &c, &errors), ERR_IO);
	assert_true(str_eq(buf_view(&errors), S("/: Is a directory\n")));
	buf_release(&errors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_file_runs_with_the_defaults),
		cmocka_unit_test(every_key_reaches_its_field),
		cmocka_unit_test(values_are_taken_at_their_bounds_and_refused_past_them),
		cmocka_unit_test(all_errors_come_at_once_with_their_lines),
		cmocka_unit_test(errors_beyond_the_room_are_left_out_whole),
		cmocka_unit_test(tls_needs_both_files_and_https_needs_tls),
		cmocka_unit_test(a_proxy_must_be_trusted_to_be_heard),
		cmocka_unit_test(certificates_have_a_ceiling),
		cmocka_unit_test(a_file_is_read_up_to_its_ceiling),
		cmocka_unit_test(a_file_that_is_not_there_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
