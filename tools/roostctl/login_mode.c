/* roostctl account service: which passwords open what. */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/listing.h>
#include <tools/roostctl/runs.h>

#include <gateway/control/announce.h>
#include <store/login_mode.h>

/* SERVICE=MODE. */
struct change {
	enum service service;
	bool unset; /* "default": as everyone has it */
	enum login_mode mode;
};

static enum status parse(const char *word, struct change *ret)
{
	struct str text = str_of(word), name;

	*ret = (struct change){ 0 };
	if (!str_cut(&text, '=', &name) || !text.p || service_parse(name, &ret->service)) {
		ctl_say("%s: expected SERVICE=MODE; services are activesync, imap, pop3, smtp, autodiscover and ews",
			word);
		return STATUS_MISUSED;
	}
	ret->unset = str_ieq(text, S("default"));
	if (!ret->unset && login_mode_parse(text, &ret->mode)) {
		ctl_say("%s: expected on, app, off or default", word);
		return STATUS_MISUSED;
	}
	if (ret->service == SERVICE_ACTIVESYNC && !ret->unset && ret->mode == LOGIN_OFF) {
		ctl_say("%s: say 'account activesync ADDRESS off', which tells the phones why", word);
		return STATUS_MISUSED;
	}
	return STATUS_DONE;
}

static enum status check(const struct args *args)
{
	struct change change;

	for (int i = 1; i < args->words_n; i++)
		if (parse(args->word[i], &change))
			return STATUS_MISUSED;
	return STATUS_DONE;
}

static enum err write_all(struct ctl *c, const struct args *args, int64_t account)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct change change;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	for (int i = 1; i < args->words_n; i++) {
		if (parse(args->word[i], &change))
			return ERR_INVALID;
		TRY(change.unset ? login_mode_unset(tx, account, change.service)
				 : login_mode_set(tx, account, change.service, change.mode));
	}
	return store_commit(&tx);
}

static enum err list_rows(struct ctl *c, struct listing *l, int64_t account)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	enum login_mode mode, own;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx));
	for (unsigned i = 0; i < SERVICE_MAX_; i++) {
		enum err e = login_mode_get(tx, account, (enum service)i, &own);

		if (e && e != ERR_NOT_FOUND)
			return e;
		TRY(login_mode_of(tx, account, (enum service)i, &mode));
		listing_text(l, str_of(service_name((enum service)i)));
		listing_text(l, str_of(login_mode_text(mode)));
		listing_bool(l, e == ERR_OK);
	}
	return ERR_OK;
}

static enum status say(struct ctl *c, const struct args *args, int64_t account)
{
	static const struct column columns[] = { { "service", "SERVICE", 12 },
						 { "mode", "MODE", 4 },
						 { "set", "SET HERE", 8 } };
	struct listing l;
	enum err e;

	listing_begin(&l, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_TABLE));
	e = list_rows(c, &l, account);
	listing_end(&l);
	return e ? ctl_fail(e, "%s", args->word[0]) : ctl_flush();
}

enum status login_mode_run(struct ctl *c, const struct args *args)
{
	struct account account = { .id = LOGIN_MODE_EVERYONE };
	enum err e;

	if (check(args))
		return STATUS_MISUSED;
	if (!str_eq(str_of(args->word[0]), S("everyone")) && ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	if (args->words_n == 1)
		return say(c, args, account.id);
	e = write_all(c, args, account.id);
	if (e)
		return ctl_fail(e, "%s", args->word[0]);
	if (account.id != LOGIN_MODE_EVERYONE)
		announce_account(c->announcer, account.id);
	return STATUS_DONE;
}
