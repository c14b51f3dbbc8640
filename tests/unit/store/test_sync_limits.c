/* Limits of what a sync line keeps, at the limit and one past it; and the size of it all. */
#include "mailbox_fixture.h"

#include <store/folder.h>
#include <store/sync.h>

/* A line whose confirmed key has been presented. */
static struct sync_line begun(struct mailbox *m)
{
	struct feed_state st = feed_state_fresh(1);
	struct sync_line line;
	struct str key;
	char shown[SYNC_KEY_MAX + 1];

	assert_ok(sync_line_load(m->tx, ANN, m->inbox, &line));
	assert_ok(sync_line_restart(m->tx, &line, &st, STR_EMPTY, &key));
	assert_true(key.n <= SYNC_KEY_MAX);
	memcpy(shown, key.p, key.n + 1);
	mailbox_next(m);
	assert_ok(sync_line_load(m->tx, ANN, m->inbox, &line));
	assert_int_equal(sync_line_present(&line, str_of(shown)), SYNC_BEGINS);
	return line;
}

static void options_have_a_limit(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	static char bytes[SYNC_OPTIONS_MAX + 1];
	struct sync_line line = begun(&m);
	struct feed_state st = *sync_line_state(&line);
	bool due;

	for (size_t over = 0; over < 2; over++) {
		struct str options = { bytes, SYNC_OPTIONS_MAX + over };
		enum err expected = over ? ERR_LIMIT : ERR_OK;

		struct sync_line other = line;
		assert_err(sync_line_advance(&other, &st, options, FIXTURE_NOW_MS, &due), expected);
		other = line;
		assert_err(sync_line_issue(&other, &st, options), expected);
	}
}

/* A phone gives its options once; without news its key stays, and the options must be there next time. */
static void options_are_kept_without_news(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	struct sync_line line = begun(&m);
	struct feed_state st = *sync_line_state(&line);
	char key[SYNC_KEY_MAX + 1];
	bool due;

	assert_ok(sync_commands_begin(m.tx, &line, NULL, 0, NULL));
	assert_ok(sync_line_advance(&line, &st, S("html"), FIXTURE_NOW_MS, &due));
	assert_true(due);
	memcpy(key, sync_line_key(&line).p, sync_line_key(&line).n + 1);
	assert_ok(sync_line_store(m.tx, &line));
	mailbox_next(&m);
	assert_ok(sync_line_load(m.tx, ANN, m.inbox, &line));
	assert_int_equal(sync_line_present(&line, str_of(key)), SYNC_CURRENT);
	assert_true(
		str_eq(str_from(line.slot[SYNC_CONFIRMED].options, line.slot[SYNC_CONFIRMED].options_n), S("html")));
	assert_ok(sync_line_advance(&line, &st, S("html"), FIXTURE_NOW_MS, &due));
	assert_false(due);
	assert_ok(sync_line_advance(&line, &st, S("html"), FIXTURE_NOW_MS + SYNC_TOUCH_S * INT64_C(1000), &due));
	assert_true(due); /* so that housekeeping knows it alive */
}

static void commands_have_a_limit(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	static struct sync_command commands[SYNC_RESULTS_MAX + 1];
	static struct sync_result results[SYNC_RESULTS_MAX + 1];
	static char name[SYNC_NAME_MAX + 1];
	struct sync_line line = begun(&m), other = line;

	memset(name, 'n', sizeof(name));
	for (size_t i = 0; i < countof(commands); i++)
		commands[i] = (struct sync_command){ .kind = SYNC_CHANGE, .name = { name, SYNC_NAME_MAX } };
	assert_err(sync_commands_begin(m.tx, &other, commands, SYNC_RESULTS_MAX + 1, results), ERR_LIMIT);
	other = line;
	commands[7].name.n++;
	assert_err(sync_commands_begin(m.tx, &other, commands, SYNC_RESULTS_MAX, results), ERR_LIMIT);
	commands[7].name.n--;
	assert_ok(sync_commands_begin(m.tx, &line, commands, SYNC_RESULTS_MAX, results));
	assert_ok(sync_line_issue(&line, sync_line_state(&line), STR_EMPTY));
	assert_ok(sync_commands_end(m.tx, &line, commands, SYNC_RESULTS_MAX, results));
	assert_ok(sync_line_store(m.tx, &line));
}

/* Rule 5: of Adds that never come again the oldest are forgotten. */
static void orphans_have_a_limit(void **unused)
{
	(void)unused;
	static const struct sql_def count = { "test_orphans", "SELECT COUNT(*) FROM sync_result WHERE orphan = 1" };
	MAILBOX_OPEN(m);
	struct sync_line line = begun(&m);
	char key[SYNC_KEY_MAX + 1];

	memcpy(key, line.slot[SYNC_CONFIRMED].key, sizeof(key));
	for (int round = 0; round < 3; round++) {
		static struct sync_command commands[SYNC_ORPHANS_MAX / 2 + 1];
		static struct sync_result results[countof(commands)];

		for (size_t i = 0; i < countof(commands); i++) {
			commands[i] = (struct sync_command){ .kind = SYNC_ADD, .name = S("c") };
			sync_command_hash(&commands[i],
					  str_from(&(size_t){ i + 1000 * (size_t)round }, sizeof(size_t)));
		}
		assert_ok(sync_commands_begin(m.tx, &line, commands, countof(commands), results));
		for (size_t i = 0; i < countof(commands); i++) {
			struct item made = mailbox_add(&m, m.inbox);

			results[i] = (struct sync_result){
				.status = 1, .folder = m.inbox, .item = made.id, .created = made.created
			};
		}
		assert_ok(sync_line_issue(&line, sync_line_state(&line), STR_EMPTY));
		assert_ok(sync_commands_end(m.tx, &line, commands, countof(commands), results));
		assert_ok(sync_line_store(m.tx, &line));
		mailbox_next(&m);
		assert_ok(sync_line_load(m.tx, ANN, m.inbox, &line));
		assert_int_equal(sync_line_present(&line, str_of(key)), SYNC_REPEATS);
	}
	assert_ok(sync_commands_begin(m.tx, &line, NULL, 0, NULL));
	assert_ok(sync_line_store(m.tx, &line));
	mailbox_next(&m);
	assert_int_equal(fixture_number(&m.f, MAILBOX, &count), SYNC_ORPHANS_MAX);
}

static void a_cached_request_has_a_limit(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	static char bytes[SYNC_CACHE_MAX + 1];
	struct str got;

	assert_err(sync_cache_get(&m.a, m.tx, ANN, SYNC_CACHE_PING, &got), ERR_NOT_FOUND);
	assert_ok(sync_cache_put(m.tx, ANN, SYNC_CACHE_PING, (struct str){ bytes, SYNC_CACHE_MAX }));
	assert_err(sync_cache_put(m.tx, ANN, SYNC_CACHE_PING, (struct str){ bytes, SYNC_CACHE_MAX + 1 }), ERR_LIMIT);
	assert_ok(sync_cache_put(m.tx, ANN, SYNC_CACHE_REQUEST, S("r")));
	assert_ok(sync_cache_get(&m.a, m.tx, ANN, SYNC_CACHE_PING, &got));
	assert_int_equal(got.n, SYNC_CACHE_MAX);
	assert_err(sync_cache_get(&m.a, m.tx, BOB, SYNC_CACHE_PING, &got), ERR_NOT_FOUND);
	assert_ok(sync_forget(m.tx, ANN));
	assert_err(sync_cache_get(&m.a, m.tx, ANN, SYNC_CACHE_REQUEST, &got), ERR_NOT_FOUND);
	assert_ok(sync_cache_put(m.tx, ANN, SYNC_CACHE_PING, S("a")));
	assert_ok(sync_cache_put(m.tx, BOB, SYNC_CACHE_PING, S("b")));
	assert_ok(sync_forget_all(m.tx));
	assert_err(sync_cache_get(&m.a, m.tx, ANN, SYNC_CACHE_PING, &got), ERR_NOT_FOUND);
	assert_err(sync_cache_get(&m.a, m.tx, BOB, SYNC_CACHE_PING, &got), ERR_NOT_FOUND);
}

/* The promise of a sync state under 1 KB, whatever the folder: two generations with options of the usual size. */
static void a_line_takes_less_than_a_kilobyte(void **unused)
{
	(void)unused;
	static const struct sql_def bytes = {
		"test_bytes", "SELECT SUM(14 * 8 + LENGTH(sync_key) + LENGTH(options)) FROM sync_generation"
	};
	MAILBOX_OPEN(m);
	static char options[128];
	struct sync_line line = begun(&m);

	assert_ok(sync_commands_begin(m.tx, &line, NULL, 0, NULL));
	assert_ok(sync_line_issue(&line, sync_line_state(&line), str_from(options, sizeof(options))));
	assert_ok(sync_line_store(m.tx, &line));
	mailbox_next(&m);
	int64_t n = fixture_number(&m.f, MAILBOX, &bytes);
	assert_true(n > 0 && n < 1024);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_have_a_limit),         cmocka_unit_test(options_are_kept_without_news),
		cmocka_unit_test(commands_have_a_limit),        cmocka_unit_test(orphans_have_a_limit),
		cmocka_unit_test(a_cached_request_has_a_limit), cmocka_unit_test(a_line_takes_less_than_a_kilobyte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
