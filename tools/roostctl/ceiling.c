/* roostctl account max-version, device max-version: which ActiveSync versions a phone is offered. */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/runs.h>

#include <gateway/control/announce.h>
#include <store/ceiling.h>
#include <store/device.h>
#include <wbxml/codepage.h>

#include <stdio.h>

static enum err get(struct ctl *c, int64_t account, struct str device_id, unsigned *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx));
	return ceiling_get(tx, account, device_id, ret);
}

static enum err set(struct ctl *c, int64_t account, struct str device_id, unsigned version)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(ceiling_set(tx, account, device_id, version));
	return store_commit(&tx);
}

static enum status say(struct ctl *c, int64_t account, struct str device_id, const char *whose)
{
	unsigned version;
	enum err e = get(c, account, device_id, &version);

	if (e)
		return ctl_fail(e, "%s", whose);
	if (version)
		printf("%u.%u\n", version / 10, version % 10);
	else
		printf("none\n");
	return ctl_flush();
}

static enum status run(struct ctl *c, const struct args *args, int words_n, struct str device_id)
{
	const char *whose = args->word[words_n - 1];
	struct account account;
	enum eas_version v;
	unsigned version = 0;
	enum err e;

	if (ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	if (args->words_n == words_n)
		return say(c, account.id, device_id, whose);
	if (eas_version_parse(str_of(args->word[words_n]), &v) == ERR_OK) {
		version = eas_version_number(v);
	} else if (!str_eq(str_of(args->word[words_n]), S("none"))) {
		ctl_say("%s: no version of ActiveSync, and not none", args->word[words_n]);
		return STATUS_MISUSED;
	}
	e = set(c, account.id, device_id, version);
	if (e)
		return ctl_fail(e, "%s", whose);
	announce_account(c->announcer, account.id); /* what is held ends, so that the phone asks soon */
	return STATUS_DONE;
}

enum status ceiling_run_account(struct ctl *c, const struct args *args)
{
	return run(c, args, 1, S(""));
}

enum status ceiling_run_device(struct ctl *c, const struct args *args)
{
	if (device_id_valid(str_of(args->word[1])))
		return run(c, args, 2, str_of(args->word[1]));
	ctl_say("%s: not a device id", args->word[1]);
	return STATUS_MISUSED;
}
