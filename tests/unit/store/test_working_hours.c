/* When people work: the text of it, and what holds for whom. */
#include <store/working_hours.h>

#include <tests/support/server.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void days_and_times_are_read_and_written(void **unused)
{
	static const struct {
		const char *days, *times, *written; /* NULL: none */
	} cases[] = {
		{ "mon-fri", "8:00-17:00", "mon-fri 08:00-17:00" },
		{ "Sun,TUE-thu", "09:30-18:00", "tue-thu,sun 09:30-18:00" },
		{ "fri-mon", "0:00-24:00", "mon,fri-sun 00:00-24:00" },
		{ "sun-sat", "0:00-0:01", "mon-sun 00:00-00:01" },
		{ "mon", "8:00-8:00", NULL },
		{ "mon", "17:00-8:00", NULL },
		{ "mon", "8:00-24:01", NULL },
		{ "mon", "8:60-9:00", NULL },
		{ "mon", "8-9", NULL },
		{ "mon", "8:00-9:000", NULL },
		{ "mon", "8:00", NULL },
		{ "mon", "", NULL },
		{ "", "8:00-9:00", NULL },
		{ "moon", "8:00-9:00", NULL },
		{ "mon-", "8:00-9:00", NULL },
		{ "mon-tue-wed", "8:00-9:00", NULL },
		{ "mon,,tue", "8:00-9:00", NULL },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf text = BUF_INIT(1000);
		struct working_hours h = { 0 };
		bool ok = !working_days_parse(str_of(cases[i].days), &h.days) &&
			  !working_times_parse(str_of(cases[i].times), &h.begins, &h.ends);

		if (ok)
			working_hours_put(&text, &h);
		if (ok != (cases[i].written != NULL) || (ok && !str_eq(buf_view(&text), str_of(cases[i].written))))
			fail_msg("%s %s: " STR_FMT, cases[i].days, cases[i].times, STR_ARG(buf_view(&text)));
		buf_release(&text);
	}
}

/* MS-OXWAVLS has one time zone and periods of each mailbox; which ones is the server's. */
static void an_accounts_hours_come_before_its_domains(void **unused)
{
	const struct working_hours own = { 0x2, 60, 120, "Europe/Berlin" }, common = { 0x7f, 0, 1440, "" };
	struct server_account ann;
	struct working_hours h;
	struct store_tx *tx;
	struct server s = { 0 };

	(void)unused;
	server_open(&s);
	ann = server_add_account(&s, "ann@example.test", "secret");
	assert_int_equal(store_begin(s.store, STORE_DIRECTORY, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(working_hours_of(tx, ann.id, S("example.test"), &h), ERR_OK);
	assert_int_equal(h.days, 0x3e);
	assert_int_equal(h.begins, 480);
	assert_int_equal(working_hours_get(tx, ann.id, STR_EMPTY, &h), ERR_NOT_FOUND);
	assert_int_equal(working_hours_set(tx, 0, S("example.test"), &common), ERR_OK);
	assert_int_equal(working_hours_of(tx, ann.id, S("Example.TEST"), &h), ERR_OK);
	assert_int_equal(h.ends, 1440);
	assert_int_equal(working_hours_set(tx, ann.id, STR_EMPTY, &own), ERR_OK);
	assert_int_equal(working_hours_of(tx, ann.id, S("example.test"), &h), ERR_OK);
	assert_string_equal(h.zone, "Europe/Berlin");
	assert_int_equal(working_hours_unset(tx, ann.id, STR_EMPTY), ERR_OK);
	assert_int_equal(working_hours_of(tx, ann.id, S("example.test"), &h), ERR_OK);
	assert_int_equal(h.ends, 1440);
	assert_int_equal(store_commit(&tx), ERR_OK);
	server_close(&s);
	server_remove(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_and_times_are_read_and_written),
		cmocka_unit_test(an_accounts_hours_come_before_its_domains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
