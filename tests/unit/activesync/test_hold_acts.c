/*
 * What an administrator did while a request waited, or was on its way to wait: nothing goes out any more, also where
 * nobody told the server of it.
 */
#include "fixture.h"

#include <push/push.h>
#include <store/account.h>
#include <store/device.h>
#include <store/login_mode.h>

#include <tests/support/hex.h>

#include <pthread.h>
#include <time.h>

enum { ROUNDS = 60, SWEEP_US = 6000 };

static struct store_tx *begin(struct fixture *f)
{
	struct store_tx *tx;

	assert_ok(store_begin(f->server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	return tx;
}

static enum err block(struct fixture *f, struct store_tx *tx, int64_t device)
{
	(void)device;
	return access_exempt(tx, f->ann.id, str_of(f->phone.device_id), ACCESS_BLOCK);
}

static enum err quarantine(struct fixture *f, struct store_tx *tx, int64_t device)
{
	(void)f;
	(void)device;
	return access_setting_set(tx, ACCESS_DEFAULT_LEVEL, S("quarantine"));
}

static enum err wipe(struct fixture *f, struct store_tx *tx, int64_t device)
{
	(void)f;
	return device_wipe_request(tx, device, DEVICE_WIPE_FULL, false);
}

static enum err take_away(struct fixture *f, struct store_tx *tx, int64_t device)
{
	(void)f;
	return device_remove(tx, device);
}

static enum err switch_off(struct fixture *f, struct store_tx *tx, int64_t device)
{
	(void)device;
	return access_switch(tx, f->ann.id, false);
}

static enum err disable(struct fixture *f, struct store_tx *tx, int64_t device)
{
	(void)device;
	return account_set_enabled(tx, f->ann.id, false);
}

static enum err change_password(struct fixture *f, struct store_tx *tx, int64_t device)
{
	(void)device;
	return account_set_password(tx, f->ann.id, S("*"));
}

static enum err want_app_passwords(struct fixture *f, struct store_tx *tx, int64_t device)
{
	(void)device;
	return login_mode_set(tx, f->ann.id, SERVICE_ACTIVESYNC, LOGIN_APP);
}

static enum err want_a_policy(struct fixture *f, struct store_tx *tx, int64_t device)
{
	int64_t id;

	(void)f;
	(void)device;
	TRY(policy_create(tx, S("strict"), &id));
	return policy_assign(tx, POLICY_FOR_EVERYONE, 0, id);
}

static const struct act {
	const char *what;
	enum err (*do_it)(struct fixture *f, struct store_tx *tx, int64_t device);
} acts[] = {
	{ "block", block },
	{ "quarantine", quarantine },
	{ "wipe", wipe },
	{ "remove", take_away },
	{ "switch off", switch_off },
	{ "disable", disable },
	{ "password", change_password },
	{ "app passwords alone", want_app_passwords },
	{ "policy", want_a_policy },
};

static void act_of(struct fixture *f, const struct act *act)
{
	int64_t device = fixture_device(f);
	struct store_tx *tx = begin(f);

	assert_ok(act->do_it(f, tx, device));
	assert_ok(store_commit(&tx));
}

static void send_ping(struct fixture *f, int64_t folder)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(1024);

	/* Page 0D: 45 Ping, 48 HeartbeatInterval, 49 Folders, 4A Folder, 4B Id. */
	buf_fmt(&text, "03 01 6A 00 00 0D 45 48 03 '480' 00 01 49 4A 4B 03 '%lld' 00 01 01 01 01%c", (long long)folder,
		'\0');
	eas_phone_send(&f->phone, "Ping", hex(&f->arena, text.p));
}

static int64_t ready(struct fixture *f)
{
	int64_t inbox = fixture_role(f, FOLDER_INBOX);

	fixture_learn_hierarchy(f);
	fixture_sync(f, inbox);
	return inbox;
}

static void a_ping_that_waited_is_not_told_of_mail(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < countof(acts); i++) {
		FIXTURE(f);
		int64_t inbox = ready(&f);
		struct eas_reply r;

		send_ping(&f, inbox);
		server_await_held(&f.server, 1);
		act_of(&f, &acts[i]);
		fixture_add_item(&f, inbox, 0);
		r = eas_phone_receive(&f.phone);
		if (r.status != 200 || !str_eq(eas_reply_text(&r, "Status", 0), S("1")))
			fail_msg("%s: HTTP %d " STR_FMT, acts[i].what, r.status, STR_ARG(r.xml));
	}
}

static void a_sync_that_waited_gives_no_mail(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < countof(acts); i++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT(1024);
		FIXTURE(f);
		int64_t inbox = ready(&f);
		struct str key = fixture_issue(&f, inbox);
		struct eas_reply r;

		/* Page 00: 45 Sync, 5C Collections, 4F Collection, 4B SyncKey, 52 CollectionId, 69 HeartbeatInterval. */
		buf_fmt(&text,
			"03 01 6A 00 45 5C 4F 4B 03 '" STR_FMT
			"' 00 01 52 03 '%lld' 00 01 01 01 69 03 '480' 00 01 01%c",
			STR_ARG(key), (long long)inbox, '\0');
		eas_phone_send(&f.phone, "Sync", hex(&f.arena, text.p));
		server_await_held(&f.server, 1);
		act_of(&f, &acts[i]);
		fixture_add_item(&f, inbox, 0);
		r = eas_phone_receive(&f.phone);
		if (r.status != 200 || r.body.n != 0)
			fail_msg("%s: HTTP %d " STR_FMT, acts[i].what, r.status, STR_ARG(r.xml));
	}
}

struct later {
	struct fixture *f;
	int64_t device;
	int round;
	enum err err;
};

static void linger(int round)
{
	int64_t us = (int64_t)round * 7919 % SWEEP_US;
	struct timespec begun, now;

	clock_gettime(CLOCK_MONOTONIC, &begun);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - begun.tv_sec) * 1000000 + (now.tv_nsec - begun.tv_nsec) / 1000 < us);
}

/* Another moment of the request's way in each round; as roostctl does it, with its word to the server. */
static void *block_later(void *arg)
{
	struct later *l = arg;
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	linger(l->round);
	l->err = store_begin(l->f->server.store, STORE_DIRECTORY, STORE_WRITE, &tx);
	if (!l->err)
		l->err = block(l->f, tx, l->device);
	if (!l->err)
		l->err = store_commit(&tx);
	push_end_device(l->f->server.push, l->device);
	return NULL;
}

static void unblock(struct fixture *f)
{
	struct store_tx *tx = begin(f);

	assert_ok(access_exempt(tx, f->ann.id, str_of(f->phone.device_id), ACCESS_UNDECIDED));
	assert_ok(store_commit(&tx));
}

/* Whether it was refused, or ended: it never waits on, since the clock stands still. */
static void a_request_that_was_let_in_before_the_act_does_not_wait_after_it(void **unused)
{
	FIXTURE(f);
	int64_t inbox = ready(&f);

	(void)unused;
	for (int round = 0; round < ROUNDS; round++) {
		struct later l = { .f = &f, .device = fixture_device(&f), .round = round };
		struct eas_reply r;
		pthread_t thread;

		assert_int_equal(pthread_create(&thread, NULL, block_later, &l), 0);
		send_ping(&f, inbox);
		r = eas_phone_receive(&f.phone);
		pthread_join(thread, NULL);
		assert_ok(l.err);
		if (!str_eq(eas_reply_text(&r, "Status", 0), S("1")) &&
		    !str_eq(eas_reply_text(&r, "Status", 0), S("129")))
			fail_msg("round %d: HTTP %d " STR_FMT, round, r.status, STR_ARG(r.xml));
		unblock(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ping_that_waited_is_not_told_of_mail),
		cmocka_unit_test(a_sync_that_waited_gives_no_mail),
		cmocka_unit_test(a_request_that_was_let_in_before_the_act_does_not_wait_after_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
