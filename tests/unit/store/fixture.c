#include "fixture.h"

static void publish(void *ctx, const struct store_change *changes, size_t n)
{
	struct fixture *f = ctx;

	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < n && f->published_n < FIXTURE_PUBLISHED_MAX; i++)
		f->published[f->published_n++] = changes[i];
	pthread_mutex_unlock(&f->lock);
}

static void announce(void *ctx, int64_t mailbox)
{
	struct fixture *f = ctx;

	(void)mailbox;
	pthread_mutex_lock(&f->lock);
	f->announced++;
	pthread_mutex_unlock(&f->lock);
}

static void start(struct fixture *f, unsigned max_handles)
{
	struct store_config config = { .state_dir = f->dir.path,
				       .clock = &f->clock.clock,
				       .max_handles = max_handles,
				       .publish = publish,
				       .before_write = announce,
				       .ctx = f };

	assert_ok(store_open(&config, &f->store));
}

void fixture_open(struct fixture *f, unsigned max_handles)
{
	f->dir = tmpdir_make();
	clock_fake_init(&f->clock, FIXTURE_NOW_MS);
	pthread_mutex_init(&f->lock, NULL);
	start(f, max_handles);
}

void fixture_reopen(struct fixture *f)
{
	store_close(&f->store);
	start(f, 16);
}

void fixture_release(struct fixture *f)
{
	store_close(&f->store);
	pthread_mutex_destroy(&f->lock);
	tmpdir_remove(&f->dir);
}

int64_t fixture_number(struct fixture *f, int64_t mailbox, const struct sql_def *def)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct sql_stmt *st;
	bool row;
	int64_t number = 0;

	assert_ok(store_begin(f->store, mailbox, STORE_READ, &tx));
	assert_ok(sql_use(store_tx_db(tx), def, &st));
	assert_ok(sql_step(st, &row));
	if (row)
		number = sql_i64(st, 0);
	sql_reset(st);
	return number;
}
