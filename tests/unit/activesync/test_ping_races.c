/*
 * The races of held requests, with Ping as the one that is held: nothing here waits for the server to have come to a
 * certain point, so that over many rounds the other party comes at every one.
 */
#include "fixture.h"

#include <gateway/activesync/hold.h>
#include <push/push.h>
#include <store/item.h>

#include <tests/support/hex.h>

#include <pthread.h>
#include <time.h>

enum {
	ROUNDS = 300,
	PHONES = 40,
	SWEEP_US = 8000, /* a commit, or a Ping that is on its way, takes less */
};

static void send_ping(struct fixture *f, struct eas_phone *p, int64_t folder)
{
	struct buf text = BUF_INIT(1024);

	/* Page 0D: 45 Ping, 48 HeartbeatInterval, 49 Folders, 4A Folder, 4B Id. */
	buf_fmt(&text, "03 01 6A 00 00 0D 45 48 03 '480' 00 01 49 4A 4B 03 '%lld' 00 01 01 01 01%c", (long long)folder,
		'\0');
	eas_phone_send(p, "Ping", hex(&f->arena, text.p));
	buf_release(&text);
}

static bool status_is(const struct eas_reply *r, const char *status)
{
	return r->status == 200 && str_eq(eas_reply_text(r, "Status", 0), str_of(status));
}

static int64_t ready(struct fixture *f)
{
	int64_t inbox = fixture_role(f, FOLDER_INBOX);

	fixture_learn_hierarchy(f);
	fixture_sync(f, inbox);
	return inbox;
}

/* Another moment of the sweep in each round. */
static void linger(int round)
{
	int64_t us = (int64_t)round * 7919 % SWEEP_US;
	struct timespec begun, now;

	clock_gettime(CLOCK_MONOTONIC, &begun);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - begun.tv_sec) * 1000000 + (now.tv_nsec - begun.tv_nsec) / 1000 < us);
}

static bool nothing_waits(void *arg)
{
	struct fixture *f = arg;

	return push_count(f->server.push) == 0 && http_server_counts(f->server.http).held == 0;
}

static bool one_waits(void *arg)
{
	struct fixture *f = arg;

	return push_count(f->server.push) == 1 && http_server_counts(f->server.http).held == 1;
}

struct delivery {
	struct fixture *f;
	int64_t folder;
	enum err err;
};

/* On a thread of its own. */
static void *deliver(void *arg)
{
	struct delivery *d = arg;
	const struct item_new item = { .folder = d->folder, .key = SERVER_NOW_MS, .received_ms = SERVER_NOW_MS };
	struct store_tx *tx = NULL;
	struct item made;

	d->err = store_begin(d->f->server.store, d->f->ann.mailbox, STORE_WRITE, &tx);
	if (!d->err)
		d->err = item_add(tx, &item, &made);
	if (!d->err)
		d->err = store_commit(&tx);
	store_tx_end(&tx);
	return NULL;
}

/* Before the watch, between watch and check, between check and hold, or after: it is told. */
static void a_change_at_any_moment_is_told(void **unused)
{
	FIXTURE(f);
	struct delivery d = { .f = &f, .folder = ready(&f) };

	(void)unused;
	for (int i = 0; i < ROUNDS; i++) {
		pthread_t thread;
		struct eas_reply r;

		fixture_sync(&f, d.folder);
		assert_int_equal(pthread_create(&thread, NULL, deliver, &d), 0);
		linger(i);
		send_ping(&f, &f.phone, d.folder);
		r = eas_phone_receive(&f.phone);
		assert_true(status_is(&r, "2"));
		assert_int_equal(pthread_join(thread, NULL), 0);
		assert_ok(d.err);
	}
	client_await(nothing_waits, &f, "nothing is left");
}

/* A phone that lost its network sends ping after ping: one of them is held, the others are answered. */
static void pings_that_chase_each_other_leave_one(void **unused)
{
	FIXTURE(f);
	int64_t inbox = ready(&f);
	struct eas_phone phones[PHONES];
	unsigned changed = 0, ended = 0;

	(void)unused;
	for (size_t i = 0; i < PHONES; i++) {
		phones[i] = eas_phone_new(f.server.port);
		send_ping(&f, &phones[i], inbox);
	}
	client_await(one_waits, &f, "one is held");
	fixture_add_item(&f, inbox, STORE_NOBODY);
	for (size_t i = 0; i < PHONES; i++) {
		struct eas_reply r = eas_phone_receive(&phones[i]);

		changed += status_is(&r, "2");
		ended += status_is(&r, "1");
		eas_phone_release(&phones[i]);
	}
	assert_int_equal(changed + ended, PHONES);
	assert_true(changed >= 1);
	client_await(nothing_waits, &f, "nothing is left");
}

static void phones_that_go_at_any_moment_leave_nothing(void **unused)
{
	FIXTURE(f);
	int64_t inbox = ready(&f);

	(void)unused;
	for (int i = 0; i < ROUNDS; i++) {
		send_ping(&f, &f.phone, inbox);
		linger(i);
		if (i % 3 == 0)
			fixture_read_item(&f, inbox, fixture_add_item(&f, inbox, STORE_NOBODY));
		eas_phone_hang_up(&f.phone);
		if (i % 3 == 0)
			fixture_sync(&f, inbox);
	}
	client_await(nothing_waits, &f, "nothing is left");
}

/* The deadline fires while the change does: one answer, whichever it is. */
static void a_change_at_the_deadline_gives_one_answer(void **unused)
{
	FIXTURE(f);
	int64_t inbox = ready(&f);

	(void)unused;
	for (int i = 0; i < ROUNDS / 3; i++) {
		struct eas_reply r;

		fixture_sync(&f, inbox);
		send_ping(&f, &f.phone, inbox);
		server_await_held(&f.server, 1);
		if (i % 2)
			fixture_add_item(&f, inbox, STORE_NOBODY);
		server_advance(&f.server, 481000);
		if (i % 2 == 0)
			fixture_add_item(&f, inbox, STORE_NOBODY);
		r = eas_phone_receive(&f.phone);
		assert_true(status_is(&r, i % 2 ? "2" : "1"));
	}
	client_await(nothing_waits, &f, "nothing is left");
}

static void shutdown_ends_holds_at_any_moment(void **unused)
{
	(void)unused;
	for (int round = 0; round < 5; round++) {
		FIXTURE(f);
		int64_t inbox = ready(&f);
		struct eas_phone phones[8];

		for (size_t i = 0; i < countof(phones); i++) {
			phones[i] = eas_phone_new(f.server.port);
			phones[i].device_id = i % 2 ? "Odd" : "Even";
			send_ping(&f, &phones[i], inbox);
		}
		server_unlisten(&f.server);
		assert_int_equal(push_count(f.server.push), 0);
		for (size_t i = 0; i < countof(phones); i++)
			eas_phone_release(&phones[i]);
	}
}

static void the_longest_hold_is_the_configured_one_within_bounds(void **unused)
{
	static const struct {
		unsigned configured, longest;
	} cases[] = {
		{ 0, EAS_MAX_HEARTBEAT_S },
		{ 1, EAS_MIN_HEARTBEAT_S },
		{ EAS_MIN_HEARTBEAT_S, EAS_MIN_HEARTBEAT_S },
		{ 300, 300 },
		{ EAS_MAX_HEARTBEAT_S, EAS_MAX_HEARTBEAT_S },
		{ EAS_MAX_HEARTBEAT_S + 1, EAS_MAX_HEARTBEAT_S },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		const struct eas eas = { .config.max_hold_s = cases[i].configured };

		assert_int_equal(eas_hold_max_s(&eas), cases[i].longest);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_at_any_moment_is_told),
		cmocka_unit_test(pings_that_chase_each_other_leave_one),
		cmocka_unit_test(phones_that_go_at_any_moment_leave_nothing),
		cmocka_unit_test(a_change_at_the_deadline_gives_one_answer),
		cmocka_unit_test(shutdown_ends_holds_at_any_moment),
		cmocka_unit_test(the_longest_hold_is_the_configured_one_within_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
