/* "Last seen" of devices: every request says it, a write a minute is enough. */
#include <store/device_seen.h>

#include <base/mem.h>
#include <store/device.h>
#include <store/internal.h>
#include <store/sql/sql.h>

#include <stdlib.h>

static const struct sql_def seen_update = { "device_seen",
					    "UPDATE device SET last_seen_ms = $2 WHERE partnership_id = $1" };

/* Is a write due? Then it counts as done, so that of several threads one does it. */
static bool due(struct store *s, int64_t id)
{
	int64_t now_ms = clock_mono_ms(s->config.clock);
	struct str key = str_from(&id, sizeof(id));
	bool is_due = true;

	pthread_mutex_lock(&s->lock);
	int64_t *written_ms = table_get(s->seen, key);
	if (!written_ms) {
		written_ms = mem_alloc(sizeof(*written_ms));
		table_set(s->seen, key, written_ms);
	} else {
		is_due = now_ms - *written_ms >= (int64_t)DEVICE_SEEN_S * 1000;
	}
	if (is_due)
		*written_ms = now_ms;
	pthread_mutex_unlock(&s->lock);
	return is_due;
}

static enum err write_seen(struct store *s, int64_t id)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct sql_stmt *st;

	TRY(store_begin(s, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(sql_use(store_tx_db(tx), &seen_update, &st));
	sql_bind_i64(st, 1, id);
	sql_bind_i64(st, 2, clock_wall_ms(s->config.clock));
	TRY(sql_run(st));
	return store_commit(&tx);
}

static void forget(struct store *s, int64_t id)
{
	pthread_mutex_lock(&s->lock);
	free(table_remove(s->seen, str_from(&id, sizeof(id))));
	pthread_mutex_unlock(&s->lock);
}

enum err device_seen(struct store *s, int64_t id)
{
	if (!due(s, id))
		return ERR_OK;
	enum err e = write_seen(s, id);
	if (e)
		forget(s, id); /* the next request tries again */
	return e;
}

void device_seen_release(struct store *s)
{
	size_t at = 0;
	struct str key;
	void *written_ms;

	while (table_next(s->seen, &at, &key, &written_ms))
		free(written_ms);
	table_free(&s->seen);
}
