/* The documents of Autodiscover: facts in, bytes out. Pure; errors are the buffer's. Any thread. */
#ifndef GATEWAY_AUTODISCOVER_DOCUMENTS_H
#define GATEWAY_AUTODISCOVER_DOCUMENTS_H

#include <base/arena.h>
#include <gateway/autodiscover/autodiscover.h>

/* Of whom a document tells. */
struct discovery_user {
	struct str address;
	struct str name; /* display name; may be empty */
};

/* The better of the ways to a service; NULL: it is not offered. *ret_security says which. */
const struct discovery_endpoint *discovery_best(const struct discovery *d, enum discovery_service service,
						enum discovery_security *ret_security);
/* Is there anything for who reads mail, by IMAP or POP3, or sends it? */
bool discovery_has_mail(const struct discovery *d);
/* The part behind the last '@'; empty where there is none. */
struct str discovery_domain(struct str address);
/* A UUID (RFC 4122, version 5 by its form) that stays the same for the same name. */
void discovery_uuid(struct str name, char ret[37]);

/* MS-OXDSCLI 2.2.2, 2.2.3. */
enum pox_schema { POX_OUTLOOK, POX_MOBILESYNC };
enum pox_error {
	POX_NO_SUCH_ADDRESS = 500,
	POX_NO_OPTIONS = 501, /* the address is known, but nothing here is for who asks */
	POX_MALFORMED = 600,
	POX_NO_PROVIDER = 601,
	POX_MISCONFIGURED = 602, /* the address is known, but what is kept of it is wrong */
	POX_INTERNAL = 603,
};
struct pox_request {
	struct str address;
	enum pox_schema schema;
};
/*
 * Where clients of a user who lives elsewhere go on; one of both is set. They keep their credentials, and look for the
 * address's server or ask at the URL.
 */
struct discovery_redirect {
	struct str address, url;
};

/* 0, or the error that it is answered with. Strings are in the arena. */
int pox_request_read(struct arena *a, struct str body, struct pox_request *ret);
/* Who would be misled by a block of Exchange's own protocols, and who looks for nothing else. */
enum pox_reader { POX_MAIL_CLIENT, POX_EWS_LIBRARY };
enum pox_reader pox_reader_of(struct str user_agent);
void pox_outlook(struct buf *out, const struct discovery *d, const struct discovery_user *user, enum pox_reader reader);
void pox_mobilesync(struct buf *out, const struct discovery *d, const struct discovery_user *user);
void pox_outlook_redirect(struct buf *out, const struct discovery_redirect *to, enum pox_reader reader);
/* mobilesync has no redirect to a URL: there its settings name ActiveSync at the other server. */
void pox_mobilesync_redirect(struct buf *out, const struct discovery_redirect *to, const struct discovery_user *user);
/* The request was understood, but can't be answered now (MS-ASCMD 2.2.3.6: Error of Action). */
void pox_mobilesync_error(struct buf *out, enum pox_error e, const struct discovery_user *user);
/* For people. */
struct str pox_error_text(enum pox_error e);
/* now_ms: UTC; id: of the request. */
void pox_error(struct buf *out, enum pox_error e, int64_t now_ms, uint64_t id);

/* v2: 200 with the URL of a protocol, else 400 with what was wrong. Returns the HTTP status. protocol: .p NULL where absent. */
int v2_answer(struct buf *out, const struct discovery *d, struct str protocol);

void autoconfig_document(struct buf *out, const struct discovery *d, struct str domain);
/* The same bytes for the same facts: their digest stands in the DNS. */
void pacc_document(struct buf *out, const struct discovery *d);
enum { PACC_DIGEST_MAX = 64 };
/* What stands in the DNS: SHA-256 of the document, in base64. */
enum err pacc_digest(struct buf *out, const struct discovery *d) MUST_CHECK;

enum profile_kind { PROFILE_ACTIVESYNC, PROFILE_MAIL };
/* Without IMAP or submission there is no PROFILE_MAIL. */
bool profile_offered(const struct discovery *d, enum profile_kind kind);
void profile_document(struct buf *out, const struct discovery *d, enum profile_kind kind, struct str address);
/* Signs with the facts' certificate (CMS, RFC 5652). ERR_NOT_FOUND, ERR_INVALID: of its files. Reads files: workers only. */
enum err profile_sign(const struct discovery *d, struct str profile, struct buf *out) MUST_CHECK;

#endif
