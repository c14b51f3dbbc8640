/* roostctl folder share, unshare, shares: who else sees a calendar. */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/listing.h>
#include <tools/roostctl/runs.h>

#include <store/folder.h>
#include <store/share.h>

struct parties {
	struct account owner, guest;
};

static enum err read_calendar(struct ctl *c, int64_t mailbox, struct folder *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	int64_t id;

	TRY(store_begin(c->store, mailbox, STORE_READ, &tx));
	TRY(folder_by_role(tx, FOLDER_DEFAULT_CALENDAR, &id));
	return folder_get(&c->arena, tx, id, ret);
}

static enum status find_parties(struct ctl *c, const struct args *args, struct parties *ret)
{
	struct folder calendar;
	enum err e;

	if (ctl_account(c, args->word[0], &ret->owner) || ctl_account(c, args->word[2], &ret->guest))
		return STATUS_FAILED;
	e = read_calendar(c, ret->owner.mailbox, &calendar);
	if (e)
		return ctl_fail(e, "%s", args->word[0]);
	if (str_ieq(calendar.name, str_of(args->word[1])))
		return STATUS_DONE;
	ctl_say("%s: only the calendar that every mailbox has can be shared, " STR_FMT, args->word[1],
		STR_ARG(calendar.name));
	return STATUS_FAILED;
}

static enum err apply(struct ctl *c, const struct parties *p, bool shares, bool meetings)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(shares ? share_set(tx, p->owner.id, p->guest.id, meetings) : share_unset(tx, p->owner.id, p->guest.id));
	return store_commit(&tx);
}

enum status folder_run_share(struct ctl *c, const struct args *args)
{
	struct parties p;
	enum err e;

	if (find_parties(c, args, &p))
		return STATUS_FAILED;
	e = apply(c, &p, true, args->option[OPTION_MEETINGS] != NULL);
	if (e == ERR_INVALID) {
		ctl_say("%s: has it already", args->word[2]);
		return STATUS_FAILED;
	}
	return e ? ctl_fail(e, "%s", args->word[2]) : STATUS_DONE;
}

enum status folder_run_unshare(struct ctl *c, const struct args *args)
{
	struct parties p;
	enum err e;

	if (find_parties(c, args, &p))
		return STATUS_FAILED;
	e = apply(c, &p, false, false);
	return e ? ctl_fail(e, "%s", args->word[2]) : STATUS_DONE;
}

static const struct column columns[] = { { "folder", "FOLDER", 16 },
					 { "guest", "GUEST", 32 },
					 { "meetings", "MEETINGS", 8 } };

static enum err read_shares(struct ctl *c, int64_t owner, struct share **ret, size_t *ret_n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx));
	return share_list(&c->arena, tx, owner, ret, ret_n);
}

enum status folder_run_shares(struct ctl *c, const struct args *args)
{
	struct account owner;
	struct folder calendar;
	struct share *shares;
	struct listing l;
	size_t n;
	enum err e;

	if (ctl_account(c, args->word[0], &owner))
		return STATUS_FAILED;
	e = read_calendar(c, owner.mailbox, &calendar);
	if (!e)
		e = read_shares(c, owner.id, &shares, &n);
	if (e)
		return ctl_fail(e, "%s", args->word[0]);
	listing_begin(&l, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_TABLE));
	for (size_t i = 0; i < n; i++) {
		listing_text(&l, calendar.name);
		listing_text(&l, shares[i].address);
		listing_bool(&l, shares[i].meetings);
	}
	listing_end(&l);
	return ctl_flush();
}
