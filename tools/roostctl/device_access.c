/* roostctl device allow, block, unlist, wipe, wipe-cancel: what is decided about a single device. */
#include <tools/roostctl/device.h>
#include <tools/roostctl/runs.h>

#include <gateway/control/announce.h>
#include <store/access.h>

#include <stdio.h>
#include <unistd.h>

/* ---- the account's lists ---- */

enum { REASON_MAX = 256 };

/* Not only when the phone asks next: its text messages are another one's to send at once. */
static enum err note_blocked(struct store_tx *tx, int64_t device)
{
	const struct access_decision d = { .level = ACCESS_BLOCK, .reason = ACCESS_BY_LIST };
	CLEANUP(buf_release) struct buf reason = BUF_INIT(REASON_MAX);

	access_reason_put(&reason, &d);
	TRY(buf_status(&reason));
	return device_set_access(tx, device, ACCESS_BLOCK, buf_view(&reason));
}

/* *ret_device: the partnership, 0 where there is none. */
static enum err exempt(struct ctl *c, const struct account *account, struct str device_id, enum access_level level,
		       int64_t *ret_device)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct device d = { 0 };
	enum err e;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(access_exempt(tx, account->id, device_id, level));
	e = device_find(&c->arena, tx, account->id, device_id, &d);
	if (e != ERR_NOT_FOUND)
		TRY(e);
	*ret_device = d.id;
	if (d.id && level == ACCESS_BLOCK)
		TRY(note_blocked(tx, d.id));
	return store_commit(&tx);
}

/* What is held for it ends, so that it hears at once; the others' look again, since another one may send the text messages now. */
static void announce_decided(struct ctl *c, const struct account *account, int64_t device)
{
	announce_device(c->announcer, device);
	announce_committed(c->announcer, account->mailbox);
}

static enum status run_exempt(struct ctl *c, const struct args *args, enum access_level level)
{
	struct account account;
	int64_t device;
	enum err e;

	if (!device_id_valid(str_of(args->word[1]))) {
		ctl_say("%s: expected a device id: letters, digits, '-', '_' and '.', at most %d", args->word[1],
			DEVICE_ID_MAX);
		return STATUS_MISUSED;
	}
	if (ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	e = exempt(c, &account, str_of(args->word[1]), level, &device);
	if (e)
		return ctl_fail(e, "%s", args->word[1]);
	if (device)
		announce_decided(c, &account, device);
	return STATUS_DONE;
}

enum status device_run_allow(struct ctl *c, const struct args *args)
{
	return run_exempt(c, args, ACCESS_ALLOW);
}

enum status device_run_block(struct ctl *c, const struct args *args)
{
	return run_exempt(c, args, ACCESS_BLOCK);
}

enum status device_run_unlist(struct ctl *c, const struct args *args)
{
	return run_exempt(c, args, ACCESS_UNDECIDED);
}

/* ---- wipe ---- */

enum { ANSWER_MAX = 256 };

/* The second step: on a terminal the device id is typed again; a script says --yes. */
static bool confirmed(const struct args *args, const struct device *d, bool account_only)
{
	char answer[ANSWER_MAX];

	if (args->option[OPTION_YES])
		return true;
	if (!isatty(STDIN_FILENO)) {
		ctl_say("%s: %s would be erased; say --yes to do so", args->word[1],
			account_only ? "the account on it" : "all that is on it");
		return false;
	}
	fprintf(stderr, "%s on %s (" STR_FMT ", " STR_FMT ") will be erased. Type its device id to go on: ",
		account_only ? "The account" : "Everything", args->word[1], STR_ARG(d->type), STR_ARG(d->info.model));
	if (!fgets(answer, sizeof(answer), stdin) || !str_eq(str_trim(str_of(answer)), d->device_id)) {
		ctl_say("%s: that is another id; nothing is done", args->word[1]);
		return false;
	}
	return true;
}

static enum status parse_then(const struct args *args, bool *ret_allows)
{
	const char *then = args->option[OPTION_THEN];

	*ret_allows = then && str_eq(str_of(then), S("allow"));
	if (!then || *ret_allows || str_eq(str_of(then), S("block")))
		return STATUS_DONE;
	ctl_say("--then %s: expected allow or block", then);
	return STATUS_MISUSED;
}

static enum err request_wipe(struct ctl *c, int64_t device, enum device_wipe kind, bool allows)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(device_wipe_request(tx, device, kind, allows));
	return store_commit(&tx);
}

enum status device_run_wipe(struct ctl *c, const struct args *args)
{
	bool account_only = args->option[OPTION_ACCOUNT_ONLY], allows;
	struct account account;
	struct device d;
	enum err e;

	if (parse_then(args, &allows))
		return STATUS_MISUSED;
	if (ctl_device(c, args, &account, &d))
		return STATUS_FAILED;
	if (account_only && d.protocol < DEVICE_ACCOUNT_WIPE_FROM) {
		ctl_say("%s: speaks ActiveSync %u.%u; a wipe of the account alone needs 16.1", args->word[1],
			d.protocol / 10, d.protocol % 10);
		return STATUS_FAILED;
	}
	if (!confirmed(args, &d, account_only))
		return STATUS_FAILED;
	e = request_wipe(c, d.id, account_only ? DEVICE_WIPE_ACCOUNT : DEVICE_WIPE_FULL, allows);
	if (e)
		return ctl_fail(e, "%s", args->word[1]);
	announce_decided(c, &account, d.id);
	return STATUS_DONE;
}

static enum err cancel_wipe(struct ctl *c, int64_t device)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(device_wipe_cancel(tx, device));
	return store_commit(&tx);
}

enum status device_run_wipe_cancel(struct ctl *c, const struct args *args)
{
	struct account account;
	struct device d;
	enum err e;

	if (ctl_device(c, args, &account, &d))
		return STATUS_FAILED;
	e = cancel_wipe(c, d.id);
	if (e == ERR_NOT_FOUND)
		ctl_say("%s: no wipe is requested", args->word[1]);
	else if (e == ERR_DENIED)
		ctl_say("%s: the device has been told already", args->word[1]);
	else if (e)
		return ctl_fail(e, "%s", args->word[1]);
	return e ? STATUS_FAILED : STATUS_DONE;
}
