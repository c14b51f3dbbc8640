/* Reading a configuration: rows into fields, every error with its line. */
#include <gateway/config/config.h>

#include <base/table.h>
#include <gateway/config/ini.h>
#include <gateway/config/keys.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

/* A row is copied into a field of its size, noted by its line, and a section may make a certificate. */
enum { ARENA_MAX = 64 * CONFIG_MAX_FILE_BYTES };

/* Whoever may run programs here may hand in mail, as through any MTA; the socket's folder can narrow it. */
enum {
	DEFAULT_SOCKET_MODE = 0666,
	/* A minute's. No phone comes near: an account's first sync is a few requests a second, never twice the same. */
	DEFAULT_THROTTLE_COMMANDS = 6000,
	DEFAULT_THROTTLE_REPEATS = 600,
};

static const char default_state_dir[] = "/var/lib/roost";

struct reading {
	struct config *config;
	struct table *seen; /* of sections and keys: the line they stand on */
	const char *name;
	struct buf *errors;
	bool failed;

	/* The section the reader is in. */
	struct str section, label;
	bool known; /* its keys are looked at; else one error was enough */
	struct config_certificate *certificate;
	unsigned certificates;
};

static void fail_at(struct reading *r, unsigned line, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void fail_at(struct reading *r, unsigned line, const char *fmt, ...)
{
	size_t before = r->errors->n;
	va_list ap;

	r->failed = true;
	buf_fmt(r->errors, "%s:", r->name);
	if (line)
		buf_fmt(r->errors, "%u:", line);
	buf_char(r->errors, ' ');
	va_start(ap, fmt);
	buf_vfmt(r->errors, fmt, ap);
	va_end(ap);
	buf_char(r->errors, '\n');
	if (buf_status(r->errors))
		buf_truncate(r->errors, before); /* whole lines only */
}

/* Notes a section (key empty) or key; returns the line on which the same stood before, or 0. */
static unsigned note(struct reading *r, struct str key, unsigned line)
{
	unsigned *mine = arena_new(&r->config->arena, unsigned), *before;
	struct buf path = BUF_INIT(CONFIG_MAX_FILE_BYTES);

	if (!mine)
		return 0; /* as full as this, reading the value fails, too */
	*mine = line;
	buf_fmt(&path, STR_FMT "\n" STR_FMT "\n" STR_FMT, STR_ARG(r->section), STR_ARG(r->label), STR_ARG(key));
	before = table_set(r->seen, buf_view(&path), mine);
	buf_release(&path);
	return before ? *before : 0;
}

static void begin_certificate(struct reading *r, unsigned line)
{
	struct config_certificate **at = &r->config->tls, *c;

	if (r->certificates++ == CONFIG_MAX_CERTIFICATES) {
		fail_at(r, line, "more than %d certificates", CONFIG_MAX_CERTIFICATES);
		return;
	}
	c = arena_new(&r->config->arena, struct config_certificate);
	if (!c || (r->label.n && arena_cstr(&r->config->arena, r->label, &c->name))) {
		fail_at(r, line, "does not fit into memory");
		return;
	}
	while (r->label.n && *at)
		at = &(*at)->next;
	c->next = *at; /* [tls] goes to the front */
	*at = c;
	r->certificate = c;
}

static void read_section(struct reading *r, const struct ini_row *row)
{
	unsigned before;

	r->section = row->section;
	r->label = row->label;
	r->known = false;
	r->certificate = NULL;
	if (!config_section_known(row->section)) {
		fail_at(r, row->line, "unknown section [" STR_FMT "]", STR_ARG(row->section));
		return;
	}
	if (row->label.n && !config_section_labelled(row->section)) {
		fail_at(r, row->line, "[" STR_FMT "] takes no name", STR_ARG(row->section));
		return;
	}
	before = note(r, STR_EMPTY, row->line);
	if (before) {
		fail_at(r, row->line, "this section stands on line %u already", before);
		return;
	}
	r->known = true;
	if (config_section_labelled(row->section))
		begin_certificate(r, row->line);
}

static void read_value(struct reading *r, const struct ini_row *row)
{
	const struct config_key *key;
	const char *why;
	unsigned before;
	char *base;

	if (r->section.n == 0) {
		fail_at(r, row->line, "a key before the first [section]");
		return;
	}
	if (!r->known)
		return;
	key = config_key_find(r->section, row->key);
	if (!key) {
		fail_at(r, row->line, "unknown key %.*s in [" STR_FMT "]", STR_ARG(row->key), STR_ARG(r->section));
		return;
	}
	before = note(r, row->key, row->line);
	if (before) {
		fail_at(r, row->line, "%s stands on line %u already", key->key, before);
		return;
	}
	base = config_section_labelled(r->section) ? (char *)r->certificate : (char *)r->config;
	if (!base)
		return;
	why = key->read(&r->config->arena, key, row->value, base + key->offset);
	if (why)
		fail_at(r, row->line, "%s %s", key->key, why);
}

/* Nobody could log in, or no handshake could be made. */
static bool needs_tls(const struct config *c, const struct config_addresses *listen,
		      const struct config_addresses *listen_tls, bool plain_login)
{
	return (listen_tls->n || (listen->n && !plain_login)) && (!c->tls || c->tls->name);
}

/* What no line alone shows. */
static void check_whole(struct reading *r)
{
	const struct config *c = r->config;

	for (const struct config_certificate *t = c->tls; t; t = t->next)
		if (!t->certificate || !t->key)
			fail_at(r, 0, "[tls%s%s] needs certificate and key", t->name ? " " : "",
				t->name ? t->name : "");
	if (c->http.listen.n && (!c->tls || c->tls->name))
		fail_at(r, 0, "[http] listen needs [tls] with certificate and key");
	if (c->imap.listen_tls.n && (!c->tls || c->tls->name))
		fail_at(r, 0, "[imap] listen_tls needs [tls] with certificate and key");
	if (c->imap.listen.n && !c->imap.plain_login && (!c->tls || c->tls->name))
		fail_at(r, 0, "[imap] listen needs [tls] with certificate and key, or plain_login = on");
	if (!c->autodiscover.profile_certificate != !c->autodiscover.profile_key)
		fail_at(r, 0, "[autodiscover] profile_certificate and profile_key need each other");
	if (needs_tls(c, &c->pop3.listen, &c->pop3.listen_tls, c->pop3.plain_login))
		fail_at(r, 0, "[pop3] listen and listen_tls need [tls] with certificate and key");
	if (needs_tls(c, &c->submission.listen, &c->submission.listen_tls, c->submission.plain_login))
		fail_at(r, 0, "[submission] listen and listen_tls need [tls] with certificate and key");
	if (c->server.proxy_protocol && c->server.trusted_proxies.n == 0 && !c->server.trusted_proxies.unix_peers)
		fail_at(r, 0, "[server] proxy_protocol = on needs trusted_proxies");
}

static enum err set_defaults(struct config *c)
{
	char name[HOST_NAME_MAX + 1] = "";

	if (!c->server.state_dir)
		c->server.state_dir = default_state_dir;
	if (c->server.hostname)
		return ERR_OK;
	if (gethostname(name, sizeof(name) - 1))
		return ERR_IO;
	return arena_cstr(&c->arena, name[0] ? str_of(name) : S("localhost"), &c->server.hostname);
}

static void read_rows(struct reading *r, struct str text)
{
	struct ini_reader ini = { text, 0 };
	struct ini_row row;

	while (ini_next(&ini, &row)) {
		if (row.kind == INI_BAD)
			fail_at(r, row.line, "%s", row.why);
		else if (row.kind == INI_SECTION)
			read_section(r, &row);
		else
			read_value(r, &row);
	}
	if (!r->failed)
		check_whole(r);
}

enum err config_parse(struct str text, const char *name, struct config *ret, struct buf *errors)
{
	struct config c = { .server.log_level = LOG_LEVEL_INFO,
			    .activesync.throttle_commands = DEFAULT_THROTTLE_COMMANDS,
			    .activesync.throttle_repeats = DEFAULT_THROTTLE_REPEATS,
			    .lmtp.socket_mode = DEFAULT_SOCKET_MODE,
			    .arena = ARENA_INIT(ARENA_MAX) };
	struct reading r = { .config = &c, .seen = table_new(), .name = name, .errors = errors };
	enum err e;

	read_rows(&r, text);
	table_free(&r.seen);
	e = r.failed ? ERR_INVALID : set_defaults(&c);
	if (e) {
		config_release(&c);
		return e;
	}
	*ret = c;
	return ERR_OK;
}

/* ERR_IO: errno tells why. */
static enum err read_file(const char *path, struct buf *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), why = 0;
	ssize_t n = -1;
	char *room;

	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	while ((room = buf_reserve(ret, 4096))) {
		n = read(fd, room, 4096);
		why = n < 0 ? errno : 0;
		if (n <= 0)
			break;
		buf_added(ret, (size_t)n);
	}
	close(fd);
	TRY(buf_status(ret));
	errno = why;
	return why ? ERR_IO : ERR_OK;
}

enum err config_load(const char *path, struct config *ret, struct buf *errors)
{
	struct buf text = BUF_INIT(CONFIG_MAX_FILE_BYTES + 4096);
	enum err e = read_file(path, &text);

	if (!e && text.n > CONFIG_MAX_FILE_BYTES)
		e = ERR_LIMIT;
	if (e == ERR_IO)
		buf_fmt(errors, "%s: %s\n", path, strerror(errno));
	else if (e)
		buf_fmt(errors, "%s: %s\n", path, e == ERR_NOT_FOUND ? "no such file" : err_text(e));
	else
		e = config_parse(buf_view(&text), path, ret, errors);
	buf_release(&text);
	return e;
}

void config_release(struct config *c)
{
	arena_release(&c->arena);
	*c = (struct config){ 0 };
}
