/* Writers of one mailbox: their line, the commit they share, and what each is told. */
#include "notes.h"

#include <store/group.h>

#include <sched.h>
#include <sys/wait.h>

#define FILL                                                         \
	"PRAGMA max_page_count = 1; CREATE TABLE big (octets BLOB);" \
	"INSERT INTO big VALUES (zeroblob(10000000))"

enum { MAILBOX = 1 };

/* What a thread writes, and what it was told. */
struct writer_thread {
	pthread_t thread;
	struct fixture *f;
	int64_t writer;
	enum { PLAN_COMMIT, PLAN_DUPLICATE, PLAN_GIVE_UP, PLAN_ORPHAN, PLAN_FILL, PLAN_STEP, PLAN_STEP_FILL } plan;
	enum err result;
};

static enum err give_up(struct writer_thread *t)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(t->f->store, MAILBOX, STORE_WRITE, &tx));
	TRY(notes_write(tx, t->writer, 1));
	store_touched(tx, 1, t->writer);
	return ERR_DENIED;
}

/* The second statement fails; the caller goes on as if it had not. */
static enum err duplicate(struct writer_thread *t)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(t->f->store, MAILBOX, STORE_WRITE, &tx));
	TRY(notes_write(tx, t->writer, 1));
	(void)!notes_write(tx, t->writer, 1);
	return store_commit(&tx);
}

static enum err execute(struct writer_thread *t, const char *text)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(t->f->store, MAILBOX, STORE_WRITE, &tx));
	TRY(notes_write(tx, t->writer, 1));
	(void)!sql_exec(store_tx_db(tx), text);
	return store_commit(&tx);
}

static enum err fill(struct store_tx *tx)
{
	return sql_exec(store_tx_db(tx), FILL);
}

/* Writes 1, and 3; what it does in between fails, and is undone. */
static enum err step(struct writer_thread *t, enum err (*fails)(struct store_tx *tx))
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	uint64_t change;

	TRY(store_begin(t->f->store, MAILBOX, STORE_WRITE, &tx));
	TRY(notes_write(tx, t->writer, 1));
	TRY(store_step_begin(tx));
	TRY(store_change_number(tx, &change));
	store_touched(tx, 2, t->writer);
	TRY(notes_write(tx, t->writer, 2));
	(void)!(fails ? fails(tx) : notes_write(tx, t->writer, 2));
	TRY(store_step_undo(tx));
	store_touched(tx, 1, t->writer);
	TRY(notes_write(tx, t->writer, 3));
	return store_commit(&tx);
}

static void *run_writer(void *arg)
{
	struct writer_thread *t = arg;

	switch (t->plan) {
	case PLAN_COMMIT:
		t->result = notes_commit(t->f->store, MAILBOX, t->writer, 1);
		break;
	case PLAN_DUPLICATE:
		t->result = duplicate(t);
		break;
	case PLAN_GIVE_UP:
		t->result = give_up(t);
		break;
	case PLAN_ORPHAN: /* breaks the COMMIT, not the statement */
		t->result = execute(t, "INSERT INTO child (id) VALUES (1)");
		break;
	case PLAN_FILL:
		t->result = execute(t, FILL);
		break;
	case PLAN_STEP:
		t->result = step(t, NULL);
		break;
	case PLAN_STEP_FILL:
		t->result = step(t, fill);
		break;
	}
	return NULL;
}

static size_t in_line(struct store *s)
{
	struct database *d = database_enter(s, MAILBOX);
	size_t n = 0;

	pthread_mutex_lock(&s->lock);
	list_for_each (it, &d->writers)
		n++;
	pthread_mutex_unlock(&s->lock);
	database_leave(s, &d);
	return n;
}

static void start(struct writer_thread *t, struct fixture *f, int64_t writer)
{
	t->f = f;
	t->writer = writer;
	assert_int_equal(pthread_create(&t->thread, NULL, run_writer, t), 0);
}

/* All writers stand in line, in their order, behind a transaction of ours, which then commits. Returns the flushes. */
static uint64_t run_behind_one(struct fixture *f, struct writer_thread *threads, size_t n, int64_t hold_ms)
{
	struct store_tx *tx;

	assert_ok(store_begin(f->store, MAILBOX, STORE_WRITE, &tx));
	assert_ok(notes_write(tx, 0, 1));
	for (size_t i = 0; i < n; i++) {
		start(&threads[i], f, (int64_t)i + 1);
		while (in_line(f->store) < i + 1)
			sched_yield();
	}
	clock_fake_advance(&f->clock, hold_ms);
	uint64_t flushes = store_flushes(f->store);
	(void)!store_commit(&tx);
	for (size_t i = 0; i < n; i++)
		pthread_join(threads[i].thread, NULL);
	return store_flushes(f->store) - flushes;
}

static void assert_told_the_truth(struct fixture *f, const struct writer_thread *threads, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (notes_has(f, MAILBOX, threads[i].writer, 1) != (threads[i].result == ERR_OK))
			fail_msg("writer %zu was told: %s", i + 1, err_text(threads[i].result));
	}
}

static void writers_in_line_share_one_commit(void **unused)
{
	enum { N = 8 };
	FIXTURE(f);
	struct writer_thread threads[N] = { 0 };

	(void)unused;
	notes_make(&f, MAILBOX);
	assert_int_equal(run_behind_one(&f, threads, N, 0), 1);
	for (size_t i = 0; i < N; i++)
		assert_ok(threads[i].result);
	assert_told_the_truth(&f, threads, N);
	/* Each has a change number of its own, published in their order. */
	assert_int_equal(fixture_number(&f, MAILBOX, &notes_head), N);
	assert_int_equal(f.published_n, N);
	for (size_t i = 0; i < N; i++) {
		assert_int_equal(f.published[i].change, i + 1);
		assert_int_equal(f.published[i].author, i + 1);
	}
}

static void a_group_has_a_limit_of_writers(void **unused)
{
	enum { N = GROUP_MAX_WRITERS };
	FIXTURE(f);
	struct writer_thread threads[N] = { 0 };

	(void)unused;
	notes_make(&f, MAILBOX);
	assert_int_equal(run_behind_one(&f, threads, N - 1, 0), 1); /* with ours as many as fit */
	struct store_tx *tx;
	assert_ok(store_begin(f.store, MAILBOX, STORE_WRITE, &tx));
	assert_ok(sql_exec(store_tx_db(tx), "DELETE FROM note"));
	assert_ok(store_commit(&tx));
	assert_int_equal(run_behind_one(&f, threads, N, 0), 2); /* one past */
	assert_told_the_truth(&f, threads, N);
}

static void an_old_group_is_committed_at_once(void **unused)
{
	enum { N = 3 };
	static const struct {
		int64_t age_ms;
		uint64_t flushes;
	} cases[] = { { GROUP_MAX_AGE_MS - 1, 1 }, { GROUP_MAX_AGE_MS, 2 } };

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		FIXTURE(f);
		struct writer_thread threads[N] = { 0 };

		notes_make(&f, MAILBOX);
		assert_int_equal(run_behind_one(&f, threads, N, cases[i].age_ms), cases[i].flushes);
		assert_told_the_truth(&f, threads, N);
	}
}

static void who_fails_in_a_group_fails_alone(void **unused)
{
	enum { N = 6 };
	FIXTURE(f);
	struct writer_thread threads[N] = {
		[1] = { .plan = PLAN_DUPLICATE }, [3] = { .plan = PLAN_GIVE_UP }, [5] = { .plan = PLAN_GIVE_UP }
	};

	(void)unused;
	notes_make(&f, MAILBOX);
	assert_int_equal(run_behind_one(&f, threads, N, 0), 1);
	assert_ok(threads[0].result);
	assert_err(threads[1].result, ERR_EXISTS);
	assert_ok(threads[2].result);
	assert_err(threads[3].result, ERR_DENIED);
	assert_ok(threads[4].result);
	assert_told_the_truth(&f, threads, N);
	assert_true(notes_has(&f, MAILBOX, 0, 1));
	assert_int_equal(f.published_n, 3); /* who has failed publishes nothing */
	assert_int_equal(fixture_number(&f, MAILBOX, &notes_head), 3);
}

/* For PLAN_ORPHAN. */
static void orphans_make(struct fixture *f)
{
	struct store_tx *tx;

	assert_ok(store_begin(f->store, MAILBOX, STORE_WRITE, &tx));
	assert_ok(sql_exec(store_tx_db(tx), "CREATE TABLE parent (id INTEGER PRIMARY KEY);"
					    "CREATE TABLE child (id INTEGER REFERENCES parent (id)"
					    " DEFERRABLE INITIALLY DEFERRED)"));
	assert_ok(store_commit(&tx));
}

static void a_failed_commit_fails_all_of_its_group(void **unused)
{
	enum { N = 3 };
	FIXTURE(f);
	struct writer_thread threads[N] = { [1] = { .plan = PLAN_ORPHAN } };

	(void)unused;
	notes_make(&f, MAILBOX);
	orphans_make(&f);
	run_behind_one(&f, threads, N, 0);
	for (size_t i = 0; i < N; i++)
		assert_err(threads[i].result, ERR_NOT_FOUND);
	assert_int_equal(fixture_number(&f, MAILBOX, &notes_count), 0);
	assert_int_equal(f.published_n, 0);
	assert_ok(notes_commit(f.store, MAILBOX, 1, 1));
}

/* The engine may roll back the whole transaction by itself: nobody may be told that what he wrote is kept. */
static void a_full_disk_is_told_to_whom_it_concerns(void **unused)
{
	enum { N = 4 };
	FIXTURE(f);
	struct writer_thread threads[N] = { [1] = { .plan = PLAN_FILL } };

	(void)unused;
	notes_make(&f, MAILBOX);
	run_behind_one(&f, threads, N, 0);
	assert_err(threads[1].result, ERR_FULL);
	assert_told_the_truth(&f, threads, N);
}

/* Of a step that is undone nothing stays, whatever becomes of its writer. */
static void assert_steps_undone(struct fixture *f, const struct writer_thread *threads, size_t n)
{
	assert_told_the_truth(f, threads, n);
	for (size_t i = 0; i < n; i++) {
		assert_false(notes_has(f, MAILBOX, threads[i].writer, 2));
		if (threads[i].plan == PLAN_STEP || threads[i].plan == PLAN_STEP_FILL)
			assert_int_equal(notes_has(f, MAILBOX, threads[i].writer, 3), threads[i].result == ERR_OK);
	}
	for (size_t i = 0; i < f->published_n; i++) {
		assert_int_equal(f->published[i].folder, 1);
		assert_int_equal(f->published[i].change, i + 1);
	}
	assert_int_equal(fixture_number(f, MAILBOX, &notes_head), f->published_n);
}

static void a_step_that_is_undone_in_a_group_is_nobody_elses_loss(void **unused)
{
	enum { N = 6 };
	FIXTURE(f);
	struct writer_thread threads[N] = { [0] = { .plan = PLAN_STEP },
					    [2] = { .plan = PLAN_STEP },
					    [3] = { .plan = PLAN_GIVE_UP },
					    [5] = { .plan = PLAN_STEP } };

	(void)unused;
	notes_make(&f, MAILBOX);
	assert_int_equal(run_behind_one(&f, threads, N, 0), 1);
	for (size_t i = 0; i < N; i++)
		assert_err(threads[i].result, i == 3 ? ERR_DENIED : ERR_OK);
	assert_int_equal(f.published_n, N - 1);
	assert_steps_undone(&f, threads, N);
}

/* The engine rolls back all of the group, and the step with it, or the step alone. */
static void a_full_disk_in_a_step_is_told_to_whom_it_concerns(void **unused)
{
	enum { N = 4 };
	FIXTURE(f);
	struct writer_thread threads[N] = { [1] = { .plan = PLAN_STEP_FILL }, [2] = { .plan = PLAN_STEP } };

	(void)unused;
	notes_make(&f, MAILBOX);
	run_behind_one(&f, threads, N, 0);
	assert_steps_undone(&f, threads, N);
}

static void a_failed_commit_takes_the_kept_and_the_undone_alike(void **unused)
{
	enum { N = 3 };
	FIXTURE(f);
	struct writer_thread threads[N] = { { .plan = PLAN_STEP }, { .plan = PLAN_ORPHAN }, { .plan = PLAN_STEP } };

	(void)unused;
	notes_make(&f, MAILBOX);
	orphans_make(&f);
	run_behind_one(&f, threads, N, 0);
	for (size_t i = 0; i < N; i++)
		assert_err(threads[i].result, ERR_NOT_FOUND);
	assert_int_equal(f.published_n, 0);
	assert_int_equal(fixture_number(&f, MAILBOX, &notes_count), 0);
	assert_steps_undone(&f, threads, N);
}

/* Many short lives at once; what was acknowledged is there, what was refused is not, and no number is given twice. */
struct life {
	struct fixture *f;
	int64_t writer;
	_Atomic unsigned kept;
	enum err result; /* what ended it; the main thread judges */
};

enum { LIFE_STEPS = 40, LIVES = 8 };

static void *live(void *arg)
{
	struct life *l = arg;

	for (int64_t n = 0; n < LIFE_STEPS; n++) {
		struct writer_thread t = { .f = l->f, .writer = 1000 + l->writer, .plan = PLAN_GIVE_UP };

		if ((n + l->writer) % 5 == 0) {
			run_writer(&t);
		} else if (notes_commit(l->f->store, MAILBOX, l->writer, n) == ERR_OK) {
			l->kept++;
		}
	}
	return NULL;
}

static void eight_threads_on_one_mailbox_lose_nothing(void **unused)
{
	FIXTURE(f);
	pthread_t threads[LIVES];
	struct life lives[LIVES];
	unsigned kept = 0;

	(void)unused;
	notes_make(&f, MAILBOX);
	for (int64_t i = 0; i < LIVES; i++) {
		lives[i] = (struct life){ .f = &f, .writer = i + 1 };
		assert_int_equal(pthread_create(&threads[i], NULL, live, &lives[i]), 0);
	}
	for (size_t i = 0; i < LIVES; i++) {
		pthread_join(threads[i], NULL);
		kept += lives[i].kept;
	}
	assert_int_equal(kept, LIVES * LIFE_STEPS * 4 / 5);
	assert_int_equal(fixture_number(&f, MAILBOX, &notes_count), kept);
	assert_int_equal(fixture_number(&f, MAILBOX, &notes_head), kept);
	assert_int_equal(f.published_n, kept);
	for (size_t i = 0; i < kept; i++)
		assert_int_equal(f.published[i].change, i + 1);
}

/* More databases than handles, and more threads than either: connections are opened, lent, evicted all the time. */
enum { MANY = 6 };

static bool reads_head(struct store *s, int64_t mailbox)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	uint64_t head;

	return store_begin(s, mailbox, STORE_READ, &tx) == ERR_OK && store_head(tx, &head) == ERR_OK && head > 0;
}

static void *wander(void *arg)
{
	struct life *l = arg;

	for (int64_t n = 0; n < LIFE_STEPS; n++) {
		int64_t mailbox = 1 + (n + l->writer) % MANY;

		if (notes_commit(l->f->store, mailbox, l->writer, n) == ERR_OK && reads_head(l->f->store, mailbox))
			l->kept++;
	}
	return NULL;
}

static void threads_share_few_handles_of_many_mailboxes(void **unused)
{
	CLEANUP(fixture_release) struct fixture f = { 0 };
	pthread_t threads[LIVES];
	struct life lives[LIVES];
	int64_t rows = 0;

	(void)unused;
	fixture_open(&f, 2);
	for (int64_t m = 1; m <= MANY; m++)
		notes_make(&f, m);
	for (int64_t i = 0; i < LIVES; i++) {
		lives[i] = (struct life){ .f = &f, .writer = i + 1 };
		assert_int_equal(pthread_create(&threads[i], NULL, wander, &lives[i]), 0);
	}
	for (size_t i = 0; i < LIVES; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(lives[i].kept, LIFE_STEPS);
	}
	for (int64_t m = 1; m <= MANY; m++)
		rows += fixture_number(&f, m, &notes_count);
	assert_int_equal(rows, LIVES * LIFE_STEPS);
	assert_true(f.store->handles <= 2);
}

/* Writers of a mailbox that is removed under them are told so, at the latest by the next transaction. */
static void *write_until_refused(void *arg)
{
	struct life *l = arg;

	do
		l->result = notes_commit(l->f->store, MAILBOX, l->writer, l->kept++);
	while (l->result == ERR_OK);
	return NULL;
}

/* More readers than handles: nearly each of them opens a connection. */
static void *read_until_refused(void *arg)
{
	struct life *l = arg;

	do {
		CLEANUP(store_tx_end) struct store_tx *tx = NULL;
		uint64_t head;

		l->result = store_begin(l->f->store, MAILBOX, STORE_READ, &tx);
		if (!l->result)
			l->result = store_head(tx, &head);
		l->kept++;
	} while (l->result == ERR_OK);
	return NULL;
}

static void a_mailbox_can_be_removed_under_its_writers(void **unused)
{
	FIXTURE(f);
	pthread_t threads[LIVES];
	struct life lives[LIVES];

	(void)unused;
	notes_make(&f, MAILBOX);
	for (int64_t i = 0; i < LIVES; i++) {
		lives[i] = (struct life){ .f = &f, .writer = i + 1 };
		assert_int_equal(pthread_create(&threads[i], NULL, write_until_refused, &lives[i]), 0);
	}
	while (fixture_number(&f, MAILBOX, &notes_head) < LIVES)
		sched_yield();
	assert_ok(store_mailbox_remove(f.store, MAILBOX));
	for (size_t i = 0; i < LIVES; i++) {
		pthread_join(threads[i], NULL);
		assert_err(lives[i].result, ERR_NOT_FOUND);
	}
	struct store_tx *tx;
	assert_err(store_begin(f.store, MAILBOX, STORE_READ, &tx), ERR_NOT_FOUND);
	assert_int_equal(table_count(f.store->databases), 0);
}

enum { REMOVALS = 30, READS_BEFORE_REMOVAL = 4 };

static void a_mailbox_is_not_removed_while_it_is_being_opened(void **unused)
{
	CLEANUP(fixture_release) struct fixture f = { 0 };

	(void)unused;
	fixture_open(&f, 2);
	for (int round = 0; round < REMOVALS; round++) {
		pthread_t threads[LIVES];
		struct life lives[LIVES];

		notes_make(&f, MAILBOX);
		for (int64_t i = 0; i < LIVES; i++) {
			lives[i] = (struct life){ .f = &f };
			assert_int_equal(pthread_create(&threads[i], NULL, read_until_refused, &lives[i]), 0);
		}
		while (lives[LIVES - 1].kept < READS_BEFORE_REMOVAL)
			sched_yield();
		assert_ok(store_mailbox_remove(f.store, MAILBOX));
		for (size_t i = 0; i < LIVES; i++) {
			pthread_join(threads[i], NULL);
			assert_err(lives[i].result, ERR_NOT_FOUND);
		}
	}
}

/* Two processes: the lock of the file, and the engine's busy timeout. */
static int write_many(const char *state_dir, const struct clock *clock, int64_t writer)
{
	struct store_config config = { .state_dir = state_dir, .clock = clock, .max_handles = 4 };
	struct store *s;

	if (store_open(&config, &s) != ERR_OK)
		return 1;
	for (int64_t n = 0; n < LIFE_STEPS; n++) {
		if (notes_commit(s, MAILBOX, writer, n) != ERR_OK)
			return 2;
	}
	store_close(&s);
	return 0;
}

static void two_processes_take_turns(void **unused)
{
	FIXTURE(f);
	pid_t children[2];

	(void)unused;
	notes_make(&f, MAILBOX);
	fixture_reopen(&f); /* no connection is carried across fork */
	for (int64_t i = 0; i < 2; i++) {
		children[i] = fork();
		if (children[i] == 0)
			_exit(write_many(f.dir.path, &f.clock.clock, i + 1));
	}
	for (size_t i = 0; i < 2; i++) {
		int status = -1;

		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	assert_int_equal(fixture_number(&f, MAILBOX, &notes_count), 2 * LIFE_STEPS);
	assert_int_equal(fixture_number(&f, MAILBOX, &notes_head), 2 * LIFE_STEPS);
}

/* Eight threads leave the lock free for moments only; who waits for it in another process must catch one. */
struct crowd {
	struct fixture *f;
	int64_t writer;
	_Atomic bool *stop;
	enum err result;
};

static void *write_until_told(void *arg)
{
	struct crowd *c = arg;

	for (int64_t n = 0; !c->result && !*c->stop; n++)
		c->result = notes_commit(c->f->store, MAILBOX, c->writer, n);
	return NULL;
}

static void another_process_is_not_starved(void **unused)
{
	FIXTURE(f);
	pthread_t threads[LIVES];
	struct crowd crowd[LIVES];
	_Atomic bool stop = false;
	int status = -1;
	int go[2];
	char byte = 0;

	(void)unused;
	notes_make(&f, MAILBOX);
	fixture_reopen(&f);
	assert_int_equal(pipe(go), 0);
	pid_t child = fork();
	if (child == 0)
		_exit(read(go[0], &byte, 1) == 1 ? write_many(f.dir.path, &f.clock.clock, 100) : 3);
	for (int64_t i = 0; i < LIVES; i++) {
		crowd[i] = (struct crowd){ .f = &f, .writer = i + 1, .stop = &stop };
		assert_int_equal(pthread_create(&threads[i], NULL, write_until_told, &crowd[i]), 0);
	}
	assert_int_equal(write(go[1], &byte, 1), 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	stop = true;
	for (size_t i = 0; i < LIVES; i++) {
		pthread_join(threads[i], NULL);
		assert_ok(crowd[i].result);
	}
	close(go[0]);
	close(go[1]);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writers_in_line_share_one_commit),
		cmocka_unit_test(a_group_has_a_limit_of_writers),
		cmocka_unit_test(an_old_group_is_committed_at_once),
		cmocka_unit_test(who_fails_in_a_group_fails_alone),
		cmocka_unit_test(a_failed_commit_fails_all_of_its_group),
		cmocka_unit_test(a_full_disk_is_told_to_whom_it_concerns),
		cmocka_unit_test(a_step_that_is_undone_in_a_group_is_nobody_elses_loss),
		cmocka_unit_test(a_full_disk_in_a_step_is_told_to_whom_it_concerns),
		cmocka_unit_test(a_failed_commit_takes_the_kept_and_the_undone_alike),
		cmocka_unit_test(eight_threads_on_one_mailbox_lose_nothing),
		cmocka_unit_test(threads_share_few_handles_of_many_mailboxes),
		cmocka_unit_test(a_mailbox_can_be_removed_under_its_writers),
		cmocka_unit_test(a_mailbox_is_not_removed_while_it_is_being_opened),
		cmocka_unit_test(two_processes_take_turns),
		cmocka_unit_test(another_process_is_not_starved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
