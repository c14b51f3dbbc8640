/* roostctl domain records: what a domain's zone has to say so that clients find this server, as lines of a zone file. */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/runs.h>
#include <tools/roostctl/zone.h>

#include <gateway/discovery/discovery.h>

#include <stdio.h>

enum { TTL_S = 3600 };

static void put_record(const struct zone_record *r)
{
	printf(STR_FMT ".\t%d\tIN\t", STR_ARG(r->name), TTL_S);
	if (r->type == ZONE_CNAME)
		printf("CNAME\t" STR_FMT ".\n", STR_ARG(r->text));
	else if (r->type == ZONE_TXT)
		printf("TXT\t\"" STR_FMT "\"\n", STR_ARG(r->text));
	else
		printf("SRV\t0 %d %u " STR_FMT ".\n", r->text.n > 0, r->port, STR_ARG(r->text));
}

enum status domain_run_records(struct ctl *c, const struct args *args)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ZONE_ARENA_MAX);
	const char *domain = args->word[0];
	struct zone_record *records;
	struct discovery d;
	size_t n;
	enum err e;

	if (!zone_is_domain(str_of(domain))) {
		ctl_say("%s: not a domain (in its ASCII form, without a dot at the end)", domain);
		return STATUS_MISUSED;
	}
	e = discovery_of(&c->config, &d);
	if (!e)
		e = zone_of(&a, str_of(domain), &d, &records, &n);
	if (e)
		return ctl_fail(e, "%s", domain);
	printf("; %s: how clients find %s. The MX is that of the server that hands mail on by LMTP.\n", domain, d.host);
	for (size_t i = 0; i < n; i++)
		put_record(&records[i]);
	return ctl_flush();
}
