/* What the commands about policies share. */
#ifndef ROOSTCTL_POLICY_H
#define ROOSTCTL_POLICY_H

#include <store/policy.h>
#include <tools/roostctl/args.h>

struct ctl;

enum {
	POLICY_SPREAD_S = 60,       /* over which phones in hold are woken, unless --spread says otherwise */
	POLICY_SPREAD_MAX_S = 3600, /* they come by themselves after their heartbeat anyway */
};

/* What --spread says; says itself what was wrong with it. */
enum status policy_spread(const struct args *args, uint64_t *ret_s);
/* Tells roostd, after the commit. */
enum status policy_changed(struct ctl *c, const struct args *args);
/* Says what an error of the store means for the policy of that name. */
enum status policy_fail(enum err e, const char *name);

#endif
