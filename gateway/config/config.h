/*
 * The configuration of roostd and roostctl: one INI file (ini.h). What is not in the file has its default; what is in
 * the file and not in the table of keys (keys.c) is an error, as are bad values and anything said twice. All errors are
 * found in one reading.
 */
#ifndef GATEWAY_CONFIG_CONFIG_H
#define GATEWAY_CONFIG_CONFIG_H

#include <base/arena.h>
#include <base/buf.h>
#include <base/log.h>
#include <gateway/net/range.h>

enum {
	CONFIG_MAX_FILE_BYTES = 1024 * 1024,
	CONFIG_MAX_ADDRESSES = 16, /* of one key */
	CONFIG_MAX_CERTIFICATES = 256,
	CONFIG_MAX_ERROR_BYTES = 16 * 1024, /* of text; a suitable ceiling for `errors` below */
};

/* "127.0.0.1:8443", "[::1]:8443", "unix:/path"; none: off. */
struct config_addresses {
	const char *text[CONFIG_MAX_ADDRESSES];
	size_t n;
};

/* Where clients are sent: "mail.example.test:993"; host NULL: not set; off: they are sent nowhere. */
struct config_endpoint {
	const char *host;
	unsigned port;
	bool off;
};

enum config_smarthost_tls { CONFIG_SMARTHOST_STARTTLS, CONFIG_SMARTHOST_TLS, CONFIG_SMARTHOST_PLAIN };

struct config_certificate {
	const char *name; /* of [tls NAME]; NULL for [tls] */
	const char *certificate, *key;
	struct config_certificate *next;
};

/* Strings are never empty: NULL where there is none. Paths are absolute. A number of 0 is "not set": see its user. */
struct config {
	struct {
		const char *hostname; /* by default the machine's */
		const char *default_domain;
		const char *state_dir;
		enum log_level log_level;
		struct net_ranges trusted_proxies;
		bool proxy_protocol;
	} server;
	struct config_certificate *tls; /* [tls] first, then in the order of the file; NULL none */
	struct {
		struct config_addresses listen, listen_plain, listen_redirect;
		uint64_t max_hold_s;
		uint64_t max_body; /* bytes */
	} http;
	struct {
		unsigned min_version, max_version; /* 161 is 16.1 */
		/* Of one device; 0: no bound. */
		uint64_t throttle_commands, throttle_repeats, throttle_user_agents;
		uint64_t throttle_block_s;
	} activesync;
	struct {                              /* certificates of people, for ValidateCert */
		const char *authorities;      /* PEM file; NULL: the system's */
		const char *revocation_lists; /* folder */
	} smime;
	struct {
		struct config_addresses listen;
		uint64_t max_message; /* bytes */
		unsigned socket_mode; /* of unix sockets */
	} lmtp;
	struct {
		struct config_addresses listen, listen_tls;
		uint64_t max_message; /* bytes of an APPEND */
		bool plain_login;     /* passwords in clear */
		bool literal_minus;   /* LITERAL- in the place of LITERAL+ */
	} imap;
	struct {                      /* what Autodiscover tells where it is not what the listeners say */
		const char *url;      /* of the web services, without a '/' at the end */
		const char *provider; /* a name for people */
		struct config_endpoint imap, imap_starttls, pop3, pop3_starttls, submission, submission_starttls;
		const char *profile_certificate, *profile_key;
	} autodiscover;
	struct {
		struct config_addresses listen, listen_tls;
		bool plain_login; /* a password may be said without TLS */
	} pop3, submission;
	struct {
		struct config_endpoint smarthost;
		enum config_smarthost_tls tls;
		const char *user, *password_file, *ca_file;
		uint64_t max_message; /* bytes */
		uint64_t expires_s;
	} outbound;
	struct arena arena; /* all of the above is in it */
};

/*
 * Reads a file. ERR_NOT_FOUND, ERR_LIMIT (too large) or ERR_IO for the file itself, ERR_INVALID for what is in it; then
 * there is nothing to release, and errors holds a line for each: "roost.conf:12: …" (as many as fit: then its status is
 * ERR_LIMIT). Blocking.
 */
enum err config_load(const char *path, struct config *ret, struct buf *errors) MUST_CHECK;

/* The same of a text; name stands in the errors. Pure but for the machine's name. */
enum err config_parse(struct str text, const char *name, struct config *ret, struct buf *errors) MUST_CHECK;

void config_release(struct config *c); /* a zeroed one too */

#endif
