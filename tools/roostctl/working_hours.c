/* roostctl account working-hours, domain working-hours: when people work. */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/runs.h>

#include <gateway/content/timezone.h>
#include <store/working_hours.h>

#include <stdio.h>

enum what { GET, SET, UNSET };

/* Of whom: an account, or 0 and a domain in lower case. */
struct whom {
	int64_t account;
	struct str domain;
};

static enum err apply(struct ctl *c, const struct whom *whom, enum what what, struct working_hours *hours)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, what == GET ? STORE_READ : STORE_WRITE, &tx));
	if (what == GET)
		return working_hours_get(tx, whom->account, whom->domain, hours);
	TRY(what == SET ? working_hours_set(tx, whom->account, whom->domain, hours)
			: working_hours_unset(tx, whom->account, whom->domain));
	return store_commit(&tx);
}

static enum status say(struct ctl *c, const struct whom *whom, const char *name)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(1024);
	struct working_hours hours;
	enum err e = apply(c, whom, GET, &hours);

	if (e && e != ERR_NOT_FOUND)
		return ctl_fail(e, "%s", name);
	if (e)
		buf_cstr(&text, "default");
	else
		working_hours_put(&text, &hours);
	printf(STR_FMT "\n", STR_ARG(buf_view(&text)));
	return ctl_flush();
}

static bool read_zone(const char *word, struct working_hours *ret)
{
	struct str zone = str_of(word);
	struct zone_rules rules;

	if (zone.n > WORKING_ZONE_MAX || zone_by_name(zone, &rules)) {
		ctl_say("%s: not a time zone such as Europe/Berlin", word);
		return false;
	}
	memcpy(ret->zone, zone.p, zone.n);
	return true;
}

static bool read_hours(const struct args *args, struct working_hours *ret)
{
	*ret = (struct working_hours){ 0 };
	if (args->words_n < 3 || working_days_parse(str_of(args->word[1]), &ret->days) ||
	    working_times_parse(str_of(args->word[2]), &ret->begins, &ret->ends)) {
		ctl_say("expected days and times, such as mon-fri 8:00-17:00, or default");
		return false;
	}
	return args->words_n < 4 || read_zone(args->word[3], ret);
}

static enum status run(struct ctl *c, const struct args *args, const struct whom *whom)
{
	struct working_hours hours;
	bool unset;
	enum err e;

	if (args->words_n == 1)
		return say(c, whom, args->word[0]);
	unset = args->words_n == 2 && str_eq(str_of(args->word[1]), S("default"));
	if (!unset && !read_hours(args, &hours))
		return STATUS_MISUSED;
	e = apply(c, whom, unset ? UNSET : SET, &hours);
	return e ? ctl_fail(e, "%s", args->word[0]) : STATUS_DONE;
}

enum status account_run_working_hours(struct ctl *c, const struct args *args)
{
	struct account account;

	if (ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	return run(c, args, &(struct whom){ account.id, STR_EMPTY });
}

enum status domain_run_working_hours(struct ctl *c, const struct args *args)
{
	CLEANUP(buf_release) struct buf domain = BUF_INIT(ACCOUNT_DOMAIN_MAX);

	if (!ctl_domain(args->word[0], &domain))
		return STATUS_MISUSED;
	return run(c, args, &(struct whom){ 0, buf_view(&domain) });
}
