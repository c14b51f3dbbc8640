/* roostctl policy assign, unassign, default: who has which policy; roostctl policy group. */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/listing.h>
#include <tools/roostctl/policy.h>
#include <tools/roostctl/runs.h>

#include <store/account_group.h>

#include <stdio.h>

static enum status group_fail(enum err e, const char *name)
{
	static const char *const texts[ERR_MAX_] = {
		[ERR_NOT_FOUND] = "no such group",
		[ERR_EXISTS] = "there is such a group already",
		[ERR_INVALID] = "not a name: letters, digits, '-', '_' and '.', at most 64, and not none",
	};

	if (!texts[e])
		return ctl_fail(e, "%s", name);
	ctl_say("%s: %s", name, texts[e]);
	return STATUS_FAILED;
}

/* ---- assignments ---- */

/* The policy's number; 0 for none. */
static enum err find_policy(struct ctl *c, struct store_tx *tx, struct str name, int64_t *ret)
{
	struct policy p = { 0 };
	enum err e;

	*ret = 0;
	if (str_eq(name, S(POLICY_NONE)))
		return ERR_OK;
	e = policy_find(&c->arena, tx, name, &p);
	*ret = p.id;
	return e == ERR_CORRUPT ? ERR_OK : e;
}

struct targets {
	const char *group; /* or NULL, and then accounts */
	int64_t *accounts;
	int n;
};

static enum status find_targets(struct ctl *c, const struct args *args, int from, struct targets *ret)
{
	*ret = (struct targets){ .group = args->option[OPTION_GROUP], .n = args->words_n - from };
	if (!ret->group == (ret->n == 0)) {
		ctl_say("expected either addresses of accounts or --group GROUP");
		return STATUS_MISUSED;
	}
	ret->accounts = arena_array(&c->arena, (size_t)ret->n + 1, sizeof(*ret->accounts));
	if (!ret->accounts)
		return ctl_fail(ERR_LIMIT, "the addresses");
	for (int i = 0; i < ret->n; i++) {
		struct account account;

		if (ctl_account(c, args->word[from + i], &account))
			return STATUS_FAILED;
		ret->accounts[i] = account.id;
	}
	return STATUS_DONE;
}

static enum err assign_all(struct store_tx *tx, const struct targets *t, int64_t group, int64_t policy)
{
	if (t->group)
		return policy_assign(tx, POLICY_FOR_GROUP, group, policy);
	for (int i = 0; i < t->n; i++)
		TRY(policy_assign(tx, POLICY_FOR_ACCOUNT, t->accounts[i], policy));
	return ERR_OK;
}

enum status policy_run_assign(struct ctl *c, const struct args *args)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	int64_t policy, group = 0;
	enum status status;
	struct targets t;
	uint64_t spread;
	enum err e;

	status = policy_spread(args, &spread);
	if (!status)
		status = find_targets(c, args, 1, &t);
	if (status)
		return status;
	e = store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx);
	if (!e)
		e = find_policy(c, tx, str_of(args->word[0]), &policy);
	if (e)
		return policy_fail(e, args->word[0]);
	e = t.group ? account_group_find(tx, str_of(t.group), &group) : ERR_OK;
	if (e)
		return group_fail(e, t.group);
	e = assign_all(tx, &t, group, policy);
	if (!e)
		e = store_commit(&tx);
	return e ? ctl_fail(e, "%s", args->word[0]) : policy_changed(c, args);
}

static enum err unassign_all(struct store_tx *tx, const struct targets *t, int *ret_at)
{
	int64_t group;

	*ret_at = 0;
	if (t->group) {
		TRY(account_group_find(tx, str_of(t->group), &group));
		return policy_unassign(tx, POLICY_FOR_GROUP, group);
	}
	for (; *ret_at < t->n; ++*ret_at)
		TRY(policy_unassign(tx, POLICY_FOR_ACCOUNT, t->accounts[*ret_at]));
	return ERR_OK;
}

enum status policy_run_unassign(struct ctl *c, const struct args *args)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	enum status status;
	struct targets t;
	uint64_t spread;
	enum err e;
	int at = 0;

	status = policy_spread(args, &spread);
	if (!status)
		status = find_targets(c, args, 0, &t);
	if (status)
		return status;
	e = store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx);
	if (!e)
		e = unassign_all(tx, &t, &at);
	if (e == ERR_NOT_FOUND) {
		ctl_say("%s: has no policy of its own", t.group ? t.group : args->word[at]);
		return STATUS_FAILED;
	}
	if (!e)
		e = store_commit(&tx);
	return e ? ctl_fail(e, "the assignment") : policy_changed(c, args);
}

static enum status say_default(struct ctl *c)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct policy_assignment *list;
	struct str name = S(POLICY_NONE);
	size_t n = 0;
	enum err e = store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx);

	if (!e)
		e = policy_assignments(&c->arena, tx, &list, &n);
	if (e)
		return ctl_fail(e, "the default");
	for (size_t i = 0; i < n; i++)
		if (list[i].scope == POLICY_FOR_EVERYONE)
			name = list[i].policy;
	printf(STR_FMT "\n", STR_ARG(name));
	return ctl_flush();
}

static enum err set_default(struct ctl *c, struct str name)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	int64_t policy;
	enum err e;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(find_policy(c, tx, name, &policy));
	e = policy ? policy_assign(tx, POLICY_FOR_EVERYONE, 0, policy) : policy_unassign(tx, POLICY_FOR_EVERYONE, 0);
	if (policy || e != ERR_NOT_FOUND) /* none is what there was */
		TRY(e);
	return store_commit(&tx);
}

enum status policy_run_default(struct ctl *c, const struct args *args)
{
	uint64_t spread;
	enum err e;

	if (args->words_n == 0)
		return say_default(c);
	if (policy_spread(args, &spread))
		return STATUS_MISUSED;
	e = set_default(c, str_of(args->word[0]));
	return e ? policy_fail(e, args->word[0]) : policy_changed(c, args);
}

/* ---- groups ---- */

enum status policy_group_run_list(struct ctl *c, const struct args *args)
{
	static const struct column columns[] = { { "name", "NAME", 24 }, { "members", "MEMBERS", 0 } };
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct account_group *groups;
	struct listing l;
	size_t n = 0;
	enum err e = store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx);

	if (!e)
		e = account_group_list(&c->arena, tx, &groups, &n);
	if (e)
		return ctl_fail(e, "the groups cannot be listed");
	listing_begin(&l, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_TABLE));
	for (size_t i = 0; i < n; i++) {
		listing_text(&l, groups[i].name);
		listing_number(&l, groups[i].members);
	}
	listing_end(&l);
	return ctl_flush();
}

enum status policy_group_run_show(struct ctl *c, const struct args *args)
{
	static const struct column columns[] = { { "address", "ADDRESS", 0 } };
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct str *members;
	struct listing l;
	size_t n = 0;
	int64_t id;
	enum err e = store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx);

	if (!e)
		e = account_group_find(tx, str_of(args->word[0]), &id);
	if (!e)
		e = account_group_members(&c->arena, tx, id, &members, &n);
	if (e)
		return group_fail(e, args->word[0]);
	listing_begin(&l, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_TABLE));
	for (size_t i = 0; i < n; i++)
		listing_text(&l, members[i]);
	listing_end(&l);
	return ctl_flush();
}

enum status policy_group_run_create(struct ctl *c, const struct args *args)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	enum err e = store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx);

	if (!e)
		e = account_group_create(tx, str_of(args->word[0]));
	if (!e)
		e = store_commit(&tx);
	return e ? group_fail(e, args->word[0]) : STATUS_DONE;
}

enum status policy_group_run_delete(struct ctl *c, const struct args *args)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	int64_t id;
	enum err e = store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx);

	if (!e)
		e = account_group_find(tx, str_of(args->word[0]), &id);
	if (!e)
		e = account_group_delete(tx, id);
	if (!e)
		e = store_commit(&tx);
	return e ? group_fail(e, args->word[0]) : policy_changed(c, args);
}

static enum status change_members(struct ctl *c, const struct args *args,
				  enum err (*change)(struct store_tx *tx, int64_t id, int64_t account))
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct targets t = { .n = args->words_n - 1 };
	int64_t id;
	enum err e;

	t.accounts = arena_array(&c->arena, (size_t)t.n, sizeof(*t.accounts));
	if (!t.accounts)
		return ctl_fail(ERR_LIMIT, "the addresses");
	for (int i = 0; i < t.n; i++) {
		struct account account;

		if (ctl_account(c, args->word[1 + i], &account))
			return STATUS_FAILED;
		t.accounts[i] = account.id;
	}
	e = store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx);
	if (!e)
		e = account_group_find(tx, str_of(args->word[0]), &id);
	if (e)
		return group_fail(e, args->word[0]);
	for (int i = 0; !e && i < t.n; i++) {
		e = change(tx, id, t.accounts[i]);
		if (e == ERR_NOT_FOUND) {
			ctl_say("%s: is not in the group %s", args->word[1 + i], args->word[0]);
			return STATUS_FAILED;
		}
	}
	if (!e)
		e = store_commit(&tx);
	return e ? ctl_fail(e, "%s", args->word[0]) : policy_changed(c, args);
}

enum status policy_group_run_add(struct ctl *c, const struct args *args)
{
	return change_members(c, args, account_group_add);
}

enum status policy_group_run_remove(struct ctl *c, const struct args *args)
{
	return change_members(c, args, account_group_remove);
}
