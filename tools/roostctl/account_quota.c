/* roostctl account quota: how much mail an account may keep. */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/runs.h>

#include <store/quota.h>

#include <stdio.h>

/* "none", or a number; octets with k, m, g behind it. */
static bool read_limit(const char *word, uint64_t max, bool units, uint64_t *ret)
{
	static const struct {
		char letter;
		unsigned shift;
	} known[] = { { 'k', 10 }, { 'm', 20 }, { 'g', 30 } };
	struct str s = str_of(word);
	unsigned shift = 0;

	if (str_eq(s, S("none"))) {
		*ret = 0;
		return true;
	}
	for (size_t i = 0; units && s.n > 1 && i < countof(known); i++)
		if (ascii_lower(s.p[s.n - 1]) == known[i].letter)
			shift = known[i].shift;
	if (shift)
		s.n--;
	if (str_to_u64(s, max >> shift, ret) || *ret == 0)
		return false;
	*ret <<= shift;
	return true;
}

static enum err read_quota(struct ctl *c, int64_t mailbox, struct quota *limits, struct quota *used)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, mailbox, STORE_READ, &tx));
	TRY(quota_limits(tx, limits));
	return quota_used(tx, used);
}

static void say_one(const char *what, uint64_t used, uint64_t limit)
{
	if (limit)
		printf("%s %llu of %llu\n", what, (unsigned long long)used, (unsigned long long)limit);
	else
		printf("%s %llu of none\n", what, (unsigned long long)used);
}

static enum status say(struct ctl *c, const struct account *account, const char *whose)
{
	struct quota limits, used;
	enum err e = read_quota(c, account->mailbox, &limits, &used);

	if (e)
		return ctl_fail(e, "%s", whose);
	say_one("bytes", used.bytes, limits.bytes);
	say_one("messages", used.messages, limits.messages);
	return ctl_flush();
}

static enum err set(struct ctl *c, int64_t mailbox, const struct quota *limits)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, mailbox, STORE_WRITE, &tx));
	TRY(quota_set(tx, limits));
	return store_commit(&tx);
}

enum status account_run_quota(struct ctl *c, const struct args *args)
{
	struct quota limits = { 0 };
	struct account account;
	enum err e;

	if (ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	if (args->words_n == 1)
		return say(c, &account, args->word[0]);
	if (!read_limit(args->word[1], QUOTA_MAX_BYTES, true, &limits.bytes) ||
	    (args->words_n > 2 && !read_limit(args->word[2], QUOTA_MAX_MESSAGES, false, &limits.messages))) {
		ctl_say("a limit is a number from 1 on (of bytes, with k, m or g behind it if you like), or none");
		return STATUS_MISUSED;
	}
	e = set(c, account.mailbox, &limits);
	return e ? ctl_fail(e, "%s", args->word[0]) : STATUS_DONE;
}
