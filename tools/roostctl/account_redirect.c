/* roostctl account redirect: where the clients of an account are sent that lives elsewhere. */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/runs.h>

#include <gateway/control/announce.h>
#include <store/redirect.h>

#include <stdio.h>

static enum err get(struct ctl *c, int64_t account, struct redirect *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx));
	return redirect_get(&c->arena, tx, account, ret);
}

static enum err set(struct ctl *c, int64_t account, const struct redirect *r)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(redirect_set(tx, account, r));
	return store_commit(&tx);
}

static enum status say(struct ctl *c, const struct account *account, const char *whose)
{
	struct redirect r;
	enum err e = get(c, account->id, &r);
	struct str said = r.address.n ? r.address : r.url;

	if (e)
		return ctl_fail(e, "%s", whose);
	if (said.n == 0)
		said = S("none");
	printf("%.*s\n", str_printf_len(said), said.p);
	return ctl_flush();
}

static struct redirect read_target(struct str word)
{
	if (str_eq(word, S("none")))
		return (struct redirect){ STR_EMPTY, STR_EMPTY };
	if (str_index(word, '@') < word.n)
		return (struct redirect){ .address = word };
	return (struct redirect){ .url = word };
}

enum status account_run_redirect(struct ctl *c, const struct args *args)
{
	struct redirect r;
	struct account account;
	enum err e;

	if (ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	if (args->words_n == 1)
		return say(c, &account, args->word[0]);
	r = read_target(str_of(args->word[1]));
	e = set(c, account.id, &r);
	if (e == ERR_INVALID || e == ERR_LIMIT) {
		ctl_say("%s: no address, no https://HOST[:PORT], and not none", args->word[1]);
		return STATUS_MISUSED;
	}
	if (e)
		return ctl_fail(e, "%s", args->word[0]);
	announce_account(c->announcer, account.id); /* what is held ends, so that clients ask soon */
	return STATUS_DONE;
}
