/* What may stand in the configuration. Documented for people in docs/configuration.md. */
#include <gateway/config/keys.h>

#include <gateway/net/addr.h>

#define FULL "does not fit into memory"

static const char *put_text(struct arena *a, struct str value, const char **field)
{
	return arena_cstr(a, value, field) ? FULL : NULL;
}

static const char *read_path(struct arena *a, const struct config_key *key, struct str value, void *field)
{
	(void)key;
	if (!str_starts(value, S("/")))
		return "must be an absolute path";
	return put_text(a, value, field);
}

static bool is_label(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = ascii_lower(s.p[i]);

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
			return false;
	}
	return s.n > 0 && s.n <= 63 && s.p[0] != '-' && s.p[s.n - 1] != '-';
}

/* A host or mail domain (RFC 1123 section 2.1), in lower case. Other scripts are written in their xn-- form. */
static const char *read_domain(struct arena *a, const struct config_key *key, struct str value, void *field)
{
	struct str rest = value, label;
	char *copy;

	(void)key;
	if (value.n > 253)
		return "must be a domain name of at most 253 letters";
	if (value.n == 0)
		return "must be a domain name";
	while (str_cut(&rest, '.', &label))
		if (!is_label(label))
			return "must be a domain name, like mail.example.test";
	copy = arena_alloc(a, value.n + 1);
	if (!copy)
		return FULL;
	for (size_t i = 0; i < value.n; i++)
		copy[i] = ascii_lower(value.p[i]);
	*(const char **)field = copy;
	return NULL;
}

/* "https://mail.example.test", and a port where it is not 443; what stands behind it is left to the program. */
static const char *read_url(struct arena *a, const struct config_key *key, struct str value, void *field)
{
	struct str host = str_slice(value, sizeof("https://") - 1, value.n);

	(void)key;
	if (!str_starts(value, S("https://")) || host.n == 0 || str_index(host, '/') < host.n)
		return "must be like https://mail.example.test, without a path";
	return put_text(a, value, field);
}

static const char *read_name(struct arena *a, const struct config_key *key, struct str value, void *field)
{
	if (value.n == 0 || value.n > key->max)
		return "must be a name of at most 60 letters";
	return put_text(a, value, field);
}

static const char *read_endpoint(struct arena *a, const struct config_key *key, struct str value, void *field)
{
	struct config_endpoint *endpoint = field;
	struct str rest = value, host;
	uint64_t port;

	if (str_eq(value, S("off"))) {
		endpoint->off = true;
		return NULL;
	}
	if (!str_cut(&rest, ':', &host) || str_to_u64(rest, 65535, &port) || port == 0)
		return "must be a host and a port, like mail.example.test:993, or off";
	endpoint->port = (unsigned)port;
	return read_domain(a, key, host, &endpoint->host);
}

static const char *read_level(struct arena *a, const struct config_key *key, struct str value, void *field)
{
	static const char *const names[] = { [LOG_LEVEL_ERROR] = "error",
					     [LOG_LEVEL_WARN] = "warn",
					     [LOG_LEVEL_INFO] = "info",
					     [LOG_LEVEL_DEBUG] = "debug" };

	(void)a;
	(void)key;
	for (size_t i = 0; i < countof(names); i++) {
		if (!str_eq(value, str_of(names[i])))
			continue;
		*(enum log_level *)field = (enum log_level)i;
		return NULL;
	}
	return "must be error, warn, info or debug";
}

struct unit {
	char letter; /* behind the number; 0: none */
	uint64_t worth;
};

/* A number with a unit or none, between key->min and key->max. False: it is not. */
static bool read_scaled(struct str value, const struct unit *units, const struct config_key *key, uint64_t *ret)
{
	uint64_t number, worth = 1;

	for (const struct unit *u = units; u->letter; u++) {
		if (value.n && ascii_lower(value.p[value.n - 1]) == u->letter) {
			worth = u->worth;
			value.n--;
			break;
		}
	}
	if (str_to_u64(value, key->max / worth, &number) || number * worth < key->min)
		return false;
	*ret = number * worth;
	return true;
}

/* Their bounds stand in the message: one message for each key with such a value. */
static const char *read_hold(struct arena *a, const struct config_key *key, struct str value, void *field)
{
	static const struct unit units[] = { { 's', 1 }, { 'm', 60 }, { 0, 0 } };

	(void)a;
	return read_scaled(value, units, key, field) ? NULL : "must be from 60 to 3540 seconds, like 540, 540s or 9m";
}

static const char *read_block(struct arena *a, const struct config_key *key, struct str value, void *field)
{
	static const struct unit units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 0, 0 } };

	(void)a;
	return read_scaled(value, units, key, field) ? NULL : "must be from 1 second to 24 hours, like 300, 5m or 14h";
}

static const char *read_smarthost_tls(struct arena *a, const struct config_key *key, struct str value, void *field)
{
	static const char *const names[] = { [CONFIG_SMARTHOST_STARTTLS] = "starttls",
					     [CONFIG_SMARTHOST_TLS] = "tls",
					     [CONFIG_SMARTHOST_PLAIN] = "off" };

	(void)a;
	(void)key;
	for (size_t i = 0; i < countof(names); i++) {
		if (!str_eq(value, str_of(names[i])))
			continue;
		*(enum config_smarthost_tls *)field = (enum config_smarthost_tls)i;
		return NULL;
	}
	return "must be starttls, tls or off";
}

static const char *read_expires(struct arena *a, const struct config_key *key, struct str value, void *field)
{
	static const struct unit units[] = { { 'h', 3600 }, { 'd', 86400 }, { 0, 0 } };

	(void)a;
	return read_scaled(value, units, key, field) ? NULL : "must be from 1 hour to 14 days, like 12h or 5d";
}

static const char *read_user(struct arena *a, const struct config_key *key, struct str value, void *field)
{
	if (value.n == 0 || value.n > key->max)
		return "must be a login of at most 256 letters";
	return put_text(a, value, field);
}

static const char *read_count(struct arena *a, const struct config_key *key, struct str value, void *field)
{
	static const struct unit none[] = { { 0, 0 } };

	(void)a;
	return read_scaled(value, none, key, field) ? NULL : "must be a number up to 1000000; 0 is no bound";
}

static const char *read_bytes(struct arena *a, const struct config_key *key, struct str value, void *field)
{
	static const struct unit units[] = { { 'k', 1 << 10 }, { 'm', 1 << 20 }, { 'g', 1 << 30 }, { 0, 0 } };

	(void)a;
	return read_scaled(value, units, key, field) ? NULL : "must be from 64K to 1G bytes, like 65536, 64K or 25M";
}

/* Splits at blanks and commas. */
static bool next_word(struct str *rest, struct str *ret)
{
	size_t from = 0, to;

	while (from < rest->n && (rest->p[from] == ' ' || rest->p[from] == '\t' || rest->p[from] == ','))
		from++;
	to = from;
	while (to < rest->n && rest->p[to] != ' ' && rest->p[to] != '\t' && rest->p[to] != ',')
		to++;
	*ret = str_slice(*rest, from, to);
	*rest = str_slice(*rest, to, rest->n);
	return ret->n > 0;
}

static const char *read_addresses(struct arena *a, const struct config_key *key, struct str value, void *field)
{
	struct config_addresses *list = field;
	struct net_addr unused;
	struct str word;

	(void)key;
	while (next_word(&value, &word)) {
		if (list->n == CONFIG_MAX_ADDRESSES)
			return "must be at most 16 addresses";
		if (arena_cstr(a, word, &list->text[list->n]))
			return FULL;
		if (net_addr_parse(list->text[list->n++], &unused))
			return "must be addresses like 127.0.0.1:8443, [::1]:8443 or unix:/path";
	}
	return NULL;
}

static const char *read_ranges(struct arena *a, const struct config_key *key, struct str value, void *field)
{
	struct str word;

	(void)a;
	(void)key;
	while (next_word(&value, &word)) {
		enum err e = net_ranges_add(field, word);

		if (e == ERR_LIMIT)
			return "must be at most 64 addresses and networks";
		if (e)
			return "must be addresses, networks or unix, like 192.0.2.1, 192.0.2.0/24, 2001:db8::/32";
	}
	return NULL;
}

static const char *read_switch(struct arena *a, const struct config_key *key, struct str value, void *field)
{
	bool on = str_eq(value, S("on"));

	(void)a;
	(void)key;
	if (!on && !str_eq(value, S("off")))
		return "must be on or off";
	*(bool *)field = on;
	return NULL;
}

/* Octal digits, as chmod takes them. */
static const char *read_mode(struct arena *a, const struct config_key *key, struct str value, void *field)
{
	unsigned mode = 0;

	(void)a;
	for (size_t i = 0; i < value.n && mode <= key->max; i++) {
		if (value.p[i] < '0' || value.p[i] > '7')
			return "must be octal digits, like 0660";
		mode = mode * 8 + (unsigned)(value.p[i] - '0');
	}
	if (mode < key->min || mode > key->max)
		return "must be from 0600 to 0777";
	*(unsigned *)field = mode;
	return NULL;
}

static const char *read_version(struct arena *a, const struct config_key *key, struct str value, void *field)
{
	static const struct {
		const char *text;
		unsigned number;
	} versions[] = { { "2.5", 25 },   { "12.0", 120 }, { "12.1", 121 }, { "14.0", 140 },
			 { "14.1", 141 }, { "16.0", 160 }, { "16.1", 161 } };

	(void)a;
	(void)key;
	for (size_t i = 0; i < countof(versions); i++) {
		if (!str_eq(value, str_of(versions[i].text)))
			continue;
		*(unsigned *)field = versions[i].number;
		return NULL;
	}
	return "must be 2.5, 12.0, 12.1, 14.0, 14.1, 16.0 or 16.1";
}

#define CONFIG(field) offsetof(struct config, field)
#define CERTIFICATE(field) offsetof(struct config_certificate, field)
#define KIB UINT64_C(1024)
#define GIB (KIB * 1024 * 1024)

static const struct config_key keys[] = {
	{ "server", "hostname", read_domain, CONFIG(server.hostname), 0, 0 },
	{ "server", "default_domain", read_domain, CONFIG(server.default_domain), 0, 0 },
	{ "server", "state_dir", read_path, CONFIG(server.state_dir), 0, 0 },
	{ "server", "log_level", read_level, CONFIG(server.log_level), 0, 0 },
	{ "server", "trusted_proxies", read_ranges, CONFIG(server.trusted_proxies), 0, 0 },
	{ "server", "proxy_protocol", read_switch, CONFIG(server.proxy_protocol), 0, 0 },
	{ "tls", "certificate", read_path, CERTIFICATE(certificate), 0, 0 },
	{ "tls", "key", read_path, CERTIFICATE(key), 0, 0 },
	{ "http", "listen", read_addresses, CONFIG(http.listen), 0, 0 },
	{ "http", "listen_plain", read_addresses, CONFIG(http.listen_plain), 0, 0 },
	{ "http", "listen_redirect", read_addresses, CONFIG(http.listen_redirect), 0, 0 },
	{ "http", "max_hold", read_hold, CONFIG(http.max_hold_s), 60, 3540 },
	{ "http", "max_body", read_bytes, CONFIG(http.max_body), 64 * KIB, GIB },
	{ "activesync", "min_version", read_version, CONFIG(activesync.min_version), 0, 0 },
	{ "activesync", "max_version", read_version, CONFIG(activesync.max_version), 0, 0 },
	{ "activesync", "throttle_commands", read_count, CONFIG(activesync.throttle_commands), 0, 1000000 },
	{ "activesync", "throttle_repeats", read_count, CONFIG(activesync.throttle_repeats), 0, 1000000 },
	{ "activesync", "throttle_user_agents", read_count, CONFIG(activesync.throttle_user_agents), 0, 1000000 },
	{ "activesync", "throttle_block", read_block, CONFIG(activesync.throttle_block_s), 1, 86400 },
	{ "smime", "authorities", read_path, CONFIG(smime.authorities), 0, 0 },
	{ "smime", "revocation_lists", read_path, CONFIG(smime.revocation_lists), 0, 0 },
	{ "lmtp", "listen", read_addresses, CONFIG(lmtp.listen), 0, 0 },
	{ "lmtp", "max_message", read_bytes, CONFIG(lmtp.max_message), 64 * KIB, GIB },
	{ "lmtp", "socket_mode", read_mode, CONFIG(lmtp.socket_mode), 0600, 0777 },
	{ "imap", "listen", read_addresses, CONFIG(imap.listen), 0, 0 },
	{ "imap", "listen_tls", read_addresses, CONFIG(imap.listen_tls), 0, 0 },
	{ "imap", "max_message", read_bytes, CONFIG(imap.max_message), 64 * KIB, GIB },
	{ "imap", "plain_login", read_switch, CONFIG(imap.plain_login), 0, 0 },
	{ "imap", "literal_minus", read_switch, CONFIG(imap.literal_minus), 0, 0 },
	{ "autodiscover", "url", read_url, CONFIG(autodiscover.url), 0, 0 },
	{ "autodiscover", "provider", read_name, CONFIG(autodiscover.provider), 0, 60 },
	{ "autodiscover", "imap", read_endpoint, CONFIG(autodiscover.imap), 0, 0 },
	{ "autodiscover", "imap_starttls", read_endpoint, CONFIG(autodiscover.imap_starttls), 0, 0 },
	{ "autodiscover", "pop3", read_endpoint, CONFIG(autodiscover.pop3), 0, 0 },
	{ "autodiscover", "pop3_starttls", read_endpoint, CONFIG(autodiscover.pop3_starttls), 0, 0 },
	{ "autodiscover", "submission", read_endpoint, CONFIG(autodiscover.submission), 0, 0 },
	{ "autodiscover", "submission_starttls", read_endpoint, CONFIG(autodiscover.submission_starttls), 0, 0 },
	{ "autodiscover", "profile_certificate", read_path, CONFIG(autodiscover.profile_certificate), 0, 0 },
	{ "autodiscover", "profile_key", read_path, CONFIG(autodiscover.profile_key), 0, 0 },
	{ "outbound", "smarthost", read_endpoint, CONFIG(outbound.smarthost), 0, 0 },
	{ "outbound", "tls", read_smarthost_tls, CONFIG(outbound.tls), 0, 0 },
	{ "outbound", "user", read_user, CONFIG(outbound.user), 0, 256 },
	{ "outbound", "password_file", read_path, CONFIG(outbound.password_file), 0, 0 },
	{ "outbound", "ca_file", read_path, CONFIG(outbound.ca_file), 0, 0 },
	{ "outbound", "max_message", read_bytes, CONFIG(outbound.max_message), 64 * KIB, GIB },
	{ "outbound", "expires", read_expires, CONFIG(outbound.expires_s), 3600, UINT64_C(14) * 86400 },
	{ "pop3", "listen", read_addresses, CONFIG(pop3.listen), 0, 0 },
	{ "pop3", "listen_tls", read_addresses, CONFIG(pop3.listen_tls), 0, 0 },
	{ "pop3", "plain_login", read_switch, CONFIG(pop3.plain_login), 0, 0 },
	{ "submission", "listen", read_addresses, CONFIG(submission.listen), 0, 0 },
	{ "submission", "listen_tls", read_addresses, CONFIG(submission.listen_tls), 0, 0 },
	{ "submission", "plain_login", read_switch, CONFIG(submission.plain_login), 0, 0 },
};

const struct config_key *config_key_find(struct str section, struct str key)
{
	for (size_t i = 0; i < countof(keys); i++)
		if (str_eq(section, str_of(keys[i].section)) && str_eq(key, str_of(keys[i].key)))
			return &keys[i];
	return NULL;
}

const struct config_key *config_key_at(size_t i)
{
	return i < countof(keys) ? &keys[i] : NULL;
}

bool config_section_known(struct str section)
{
	for (size_t i = 0; i < countof(keys); i++)
		if (str_eq(section, str_of(keys[i].section)))
			return true;
	return false;
}

bool config_section_labelled(struct str section)
{
	return str_eq(section, S("tls"));
}
