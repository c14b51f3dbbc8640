/* roostctl doctor: certificates, listeners, the smarthost. */
#include <tools/roostctl/doctor.h>

#include <gateway/auth/certificate.h>
#include <gateway/net/addr.h>

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum {
	FILE_MAX = 1024 * 1024,
	DAY_S = 24 * 60 * 60,
	WARN_DAYS = 14,
	CONNECT_MS = 5000,
	PORT_TEXT = 16,
	NAME_MAX_BYTES = 512
};

static enum err read_file(const char *path, struct buf *b)
{
	FILE *f = fopen(path, "rb");
	char piece[4096];
	size_t n;

	if (!f)
		return ERR_NOT_FOUND;
	while ((n = fread(piece, 1, sizeof(piece), f)))
		buf_put(b, piece, n);
	fclose(f);
	return buf_status(b);
}

/* ---- certificates ---- */

static void check_expiry(struct doctor *d, const char *path, int64_t expires_s)
{
	int64_t days = (expires_s - (int64_t)time(NULL)) / DAY_S;

	if (expires_s <= (int64_t)time(NULL))
		doctor_say(d, "certificate", DOCTOR_FAILED, "%s: expired", path);
	else
		doctor_say(d, "certificate", days < WARN_DAYS ? DOCTOR_WARNING : DOCTOR_OK, "%s: good for %lld days",
			   path, (long long)days);
}

/* A certificate file that is in use, as DER. */
static bool load(struct doctor *d, const char *path, struct buf *der)
{
	CLEANUP(buf_release) struct buf file = BUF_INIT(FILE_MAX);
	struct certificate_facts facts;
	enum err e = read_file(path, &file);

	if (!e)
		e = certificate_read(buf_view(&file), der);
	if (!e)
		e = certificate_describe(buf_view(der), &facts);
	if (e)
		doctor_say(d, "certificate", DOCTOR_FAILED, "%s: %s", path, err_text(e));
	else
		check_expiry(d, path, facts.expires_s);
	return !e;
}

static void check_name(struct doctor *d, struct ctl *c, struct str name, enum doctor_result missing)
{
	for (const struct config_certificate *t = c->config.tls; t; t = t->next) {
		CLEANUP(buf_release) struct buf file = BUF_INIT(FILE_MAX), der = BUF_INIT(CERTIFICATE_MAX_BYTES);

		if (read_file(t->certificate, &file) || certificate_read(buf_view(&file), &der) ||
		    !certificate_names(buf_view(&der), name))
			continue;
		doctor_say(d, "name", DOCTOR_OK, STR_FMT ": in %s", STR_ARG(name), t->certificate);
		return;
	}
	doctor_say(d, "name", missing, STR_FMT ": in no certificate", STR_ARG(name));
}

static enum err read_domains(struct ctl *c, struct str **ret, size_t *ret_n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx));
	return account_domains(&c->arena, tx, ret, ret_n);
}

void doctor_certificates(struct doctor *d, struct ctl *c)
{
	static const char *const labels[] = { "autodiscover", "autoconfig" };
	struct str *domains;
	size_t n;

	if (!c->config.tls) {
		doctor_say(d, "certificate", DOCTOR_WARNING, "there is no TLS: somebody else has to end it");
		return;
	}
	for (const struct config_certificate *t = c->config.tls; t; t = t->next) {
		CLEANUP(buf_release) struct buf der = BUF_INIT(CERTIFICATE_MAX_BYTES);

		(void)load(d, t->certificate, &der);
	}
	check_name(d, c, str_of(c->config.server.hostname), DOCTOR_FAILED);
	if (read_domains(c, &domains, &n))
		n = 0;
	for (size_t i = 0; i < n * countof(labels); i++) {
		CLEANUP(buf_release) struct buf name = BUF_INIT(NAME_MAX_BYTES);

		buf_fmt(&name, "%s." STR_FMT, labels[i % countof(labels)], STR_ARG(domains[i / countof(labels)]));
		check_name(d, c, buf_view(&name), DOCTOR_WARNING);
	}
}

/* ---- ports ---- */

/* Connects within CONNECT_MS; NULL or why not. */
static const char *try_connect(const struct sockaddr *sa, socklen_t len)
{
	int fd = socket(sa->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error = 0;
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t error_n = sizeof(error);
	const char *why = NULL;

	if (fd < 0)
		return "no socket";
	if (connect(fd, sa, len) && errno != EINPROGRESS)
		error = errno;
	else if (poll(&p, 1, CONNECT_MS) != 1)
		why = "no answer";
	else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_n))
		error = EIO;
	close(fd);
	return error ? "refused or out of reach" : why;
}

static void check_listeners(struct doctor *d, const char *what, const struct config_addresses *addresses)
{
	for (size_t i = 0; i < addresses->n; i++) {
		struct net_addr a;
		const char *why = "not an address";

		if (str_ends(str_of(addresses->text[i]), S(":0"))) /* the kernel chose */
			continue;
		if (!net_addr_parse(addresses->text[i], &a))
			why = try_connect((const struct sockaddr *)&a.sa, a.len);

		doctor_say(d, what, why ? DOCTOR_FAILED : DOCTOR_OK, "%s: %s", addresses->text[i],
			   why ? why : "answers");
	}
}

void doctor_smarthost(struct doctor *d, struct ctl *c)
{
	const struct config_endpoint *at = &c->config.outbound.smarthost;
	CLEANUP(buf_release) struct buf port = BUF_INIT(PORT_TEXT);
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	const char *why = "no such host";

	if (!at->host)
		return;
	buf_fmt(&port, "%u%c", at->port, '\0');
	if (getaddrinfo(at->host, port.p, &hints, &list) == 0)
		for (const struct addrinfo *a = list; a && why; a = a->ai_next)
			why = try_connect(a->ai_addr, a->ai_addrlen);
	if (list)
		freeaddrinfo(list);
	doctor_say(d, "smarthost", why ? DOCTOR_FAILED : DOCTOR_OK, "%s:%u: %s", at->host, at->port,
		   why ? why : "answers");
}

void doctor_listeners(struct doctor *d, struct ctl *c)
{
	const struct {
		const char *what;
		const struct config_addresses *addresses;
	} all[] = {
		{ "https", &c->config.http.listen },
		{ "http", &c->config.http.listen_plain },
		{ "redirect", &c->config.http.listen_redirect },
		{ "lmtp", &c->config.lmtp.listen },
		{ "imap", &c->config.imap.listen },
		{ "imaps", &c->config.imap.listen_tls },
		{ "pop3", &c->config.pop3.listen },
		{ "pop3s", &c->config.pop3.listen_tls },
		{ "submission", &c->config.submission.listen },
		{ "submissions", &c->config.submission.listen_tls },
	};

	for (size_t i = 0; i < countof(all); i++)
		check_listeners(d, all[i].what, all[i].addresses);
}
