/* roostctl account free-busy, domain free-busy: what others of a domain may see of calendars. */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/runs.h>

#include <store/visibility.h>

#include <stdio.h>

enum what { GET, SET, UNSET };

/* Of whom: an account, or 0 and a domain in lower case. */
struct whom {
	int64_t account;
	struct str domain;
};

static enum err apply(struct ctl *c, const struct whom *whom, enum what what, enum visibility *level)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, what == GET ? STORE_READ : STORE_WRITE, &tx));
	if (what == GET)
		return visibility_get(tx, whom->account, whom->domain, level);
	TRY(what == SET ? visibility_set(tx, whom->account, whom->domain, *level)
			: visibility_unset(tx, whom->account, whom->domain));
	return store_commit(&tx);
}

static enum status say(struct ctl *c, const struct whom *whom, const char *name)
{
	enum visibility level = VISIBILITY_NONE;
	enum err e = apply(c, whom, GET, &level);

	if (e && e != ERR_NOT_FOUND)
		return ctl_fail(e, "%s", name);
	printf("%s\n", e ? "default" : visibility_name(level));
	return ctl_flush();
}

static enum status run(struct ctl *c, const struct args *args, const struct whom *whom)
{
	enum visibility level = VISIBILITY_NONE;
	bool unset;
	enum err e;

	if (args->words_n == 1)
		return say(c, whom, args->word[0]);
	unset = str_eq(str_of(args->word[1]), S("default"));
	if (!unset && visibility_parse(str_of(args->word[1]), &level)) {
		ctl_say("%s: expected none, times, titles, details or default", args->word[1]);
		return STATUS_MISUSED;
	}
	e = apply(c, whom, unset ? UNSET : SET, &level);
	return e ? ctl_fail(e, "%s", args->word[0]) : STATUS_DONE;
}

enum status account_run_free_busy(struct ctl *c, const struct args *args)
{
	struct account account;

	if (ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	return run(c, args, &(struct whom){ account.id, STR_EMPTY });
}

enum status domain_run_free_busy(struct ctl *c, const struct args *args)
{
	CLEANUP(buf_release) struct buf folded = BUF_INIT(ACCOUNT_DOMAIN_MAX);

	if (!ctl_domain(args->word[0], &folded))
		return STATUS_MISUSED;
	return run(c, args, &(struct whom){ 0, buf_view(&folded) });
}
