/*
 * What the zone of a domain has to say so that clients find this server: `domain records` writes it, `domain check` asks
 * whether it is there.
 */
#ifndef ROOSTCTL_ZONE_H
#define ROOSTCTL_ZONE_H

#include <base/arena.h>
#include <gateway/autodiscover/autodiscover.h>
#include <tools/roostctl/listing.h>

enum { ZONE_ARENA_MAX = 1024 * 1024 }; /* for the functions below */

enum zone_type { ZONE_CNAME, ZONE_SRV, ZONE_TXT };

struct zone_record {
	struct str name; /* without a dot at the end, as all names here */
	enum zone_type type;
	struct str text; /* CNAME: the name; SRV: the host, empty: not offered (RFC 2782); TXT: what it says */
	unsigned port;   /* SRV */
};

/* A domain in its ASCII form? */
bool zone_is_domain(struct str name);
/* The records, in the order in which they are written. Arena memory; d is borrowed. */
enum err zone_of(struct arena *a, struct str domain, const struct discovery *d, struct zone_record **ret,
		 size_t *ret_n) MUST_CHECK;

/*
 * Asks the DNS for each SRV and TXT record, and for an MX, and lists what it says: a row each. resolver: "ADDRESS:PORT"
 * (IPv4); NULL: that of the system. Names of hosts are not asked for: who fetches their URLs sees whether they lead
 * anywhere. False: a record says something wrong, or there is no answer.
 */
bool zone_check(struct arena *a, struct str domain, const struct zone_record *records, size_t n, const char *resolver,
		struct listing *l);

#endif
