#include <store/handles.h>

#include <base/mem.h>
#include <store/schema/schema.h>
#include <store/sql/sql.h>

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

static struct str database_key(const int64_t *id)
{
	return str_from(id, sizeof(*id));
}

static struct database *database_new(int64_t id)
{
	struct database *d = mem_alloc(sizeof(*d));

	d->id = id;
	list_init(&d->handles);
	list_init(&d->writers);
	return d;
}

static void database_free_unused(struct store *s, struct database *d)
{
	if (d->users || !list_empty(&d->handles))
		return;
	assert(!d->writing && !d->group && list_empty(&d->writers));
	table_remove(s->databases, database_key(&d->id));
	free(d);
}

struct database *database_enter(struct store *s, int64_t id)
{
	pthread_mutex_lock(&s->lock);
	struct database *d = table_get(s->databases, database_key(&id));
	if (!d) {
		d = database_new(id);
		table_set(s->databases, database_key(&id), d);
	}
	d->users++;
	pthread_mutex_unlock(&s->lock);
	return d;
}

void database_leave(struct store *s, struct database **dp)
{
	struct database *d = *dp;

	*dp = NULL;
	pthread_mutex_lock(&s->lock);
	d->users--;
	database_free_unused(s, d);
	pthread_mutex_unlock(&s->lock);
}

static void unlink_idle(struct handle *h)
{
	list_remove(&h->in_store);
	list_remove(&h->in_database);
}

/* Closing may write a checkpoint, so it is done without the lock. */
static void close_handle(struct handle *h)
{
	sql_close(&h->db);
	free(h);
}

/* Under the lock: unlinks one handle that is too many, for the caller to close. */
static struct handle *surplus(struct store *s)
{
	if (s->handles <= s->config.max_handles || list_empty(&s->idle))
		return NULL;

	struct handle *h = list_entry(s->idle.next, struct handle, in_store);
	unlink_idle(h);
	s->handles--;
	database_free_unused(s, h->database);
	return h;
}

static const struct schema *schema_of(int64_t id)
{
	if (id == STORE_DIRECTORY)
		return &schema_directory;
	return database_is_index(id) ? &schema_search : &schema_mailbox;
}

static enum err open_db(struct store *s, int64_t id, struct sql_db **ret)
{
	CLEANUP(path_free) char *path = path_database(s, id);
	const struct schema *schema = schema_of(id);
	struct sql_db *db;

	TRY(sql_open(path, database_is_index(id) ? SQL_CREATE : 0, &db));
	enum err e = schema_apply(db, schema, clock_wall_ms(s->config.clock));
	if (e)
		sql_close(&db);
	else
		*ret = db;
	return e;
}

static enum err open_handle(struct store *s, struct database *d, struct handle **ret)
{
	struct sql_db *db;

	TRY(open_db(s, d->id, &db));
	struct handle *h = mem_alloc(sizeof(*h));
	h->database = d;
	h->db = db;
	list_init(&h->in_store);
	list_init(&h->in_database);
	*ret = h;
	return ERR_OK;
}

static enum err err_gone(const struct database *d)
{
	return database_is_index(d->id) ? ERR_BUSY : ERR_NOT_FOUND;
}

/* Another process may have removed the mailbox while we opened it; what the engine says of that is of no use. */
static enum err err_of_opening(struct store *s, const struct database *d, enum err e)
{
	CLEANUP(path_free) char *path = path_database(s, d->id);

	return e && d->id != STORE_DIRECTORY && access(path, F_OK) != 0 ? err_gone(d) : e;
}

/* Under the lock. */
static void end_opening(struct store *s, struct database *d)
{
	if (--d->opening == 0)
		pthread_cond_broadcast(&s->opened);
}

enum err handle_take(struct store *s, struct database *d, struct handle **ret)
{
	struct handle *extra = NULL;

	pthread_mutex_lock(&s->lock);
	bool gone = d->gone;
	unsigned epoch = d->epoch;
	if (!gone && !list_empty(&d->handles)) {
		*ret = list_entry(d->handles.next, struct handle, in_database);
		unlink_idle(*ret);
		pthread_mutex_unlock(&s->lock);
		return ERR_OK;
	}
	if (!gone) {
		s->handles++;
		d->opening++;
		extra = surplus(s);
	}
	pthread_mutex_unlock(&s->lock);
	if (gone)
		return err_gone(d);
	if (extra)
		close_handle(extra);

	enum err e = err_of_opening(s, d, open_handle(s, d, ret));
	if (!e)
		(*ret)->epoch = epoch;
	pthread_mutex_lock(&s->lock);
	if (e)
		s->handles--;
	end_opening(s, d);
	pthread_mutex_unlock(&s->lock);
	return e;
}

void handle_give(struct store *s, struct handle **hp)
{
	struct handle *h = *hp;

	*hp = NULL;
	sql_rollback(h->db);
	pthread_mutex_lock(&s->lock);
	if (h->database->gone || h->epoch != h->database->epoch) {
		s->handles--;
	} else {
		/* The one used last is the next to be taken: its cache is warm. */
		list_append(&s->idle, &h->in_store);
		list_prepend(&h->database->handles, &h->in_database);
		h = surplus(s);
	}
	pthread_mutex_unlock(&s->lock);
	if (h)
		close_handle(h);
}

uint64_t store_rows_stepped(struct store *s, const char *prefix)
{
	uint64_t rows = 0;

	pthread_mutex_lock(&s->lock);
	list_for_each (it, &s->idle)
		rows += sql_rows_stepped(list_entry(it, struct handle, in_store)->db, prefix);
	pthread_mutex_unlock(&s->lock);
	return rows;
}

/* Under the lock: moves all idle handles of d to a list of the caller's. */
static void detach_idle(struct store *s, struct database *d, struct list *ret)
{
	list_init(ret);
	while (!list_empty(&d->handles)) {
		struct handle *h = list_entry(d->handles.next, struct handle, in_database);

		unlink_idle(h);
		list_append(ret, &h->in_store);
		s->handles--;
	}
}

static void close_list(struct list *handles)
{
	list_for_each_safe (it, handles)
		close_handle(list_entry(it, struct handle, in_store));
}

void database_forget(struct store *s, struct database *d)
{
	struct list idle;

	pthread_mutex_lock(&s->lock);
	d->gone = true;
	while (d->opening > 0)
		pthread_cond_wait(&s->opened, &s->lock);
	detach_idle(s, d, &idle);
	pthread_mutex_unlock(&s->lock);
	close_list(&idle);
}

void database_admit(struct store *s, struct database *d)
{
	pthread_mutex_lock(&s->lock);
	d->gone = false;
	d->epoch++;
	pthread_mutex_unlock(&s->lock);
}

void database_renew(struct store *s, struct database *d)
{
	struct list idle;

	pthread_mutex_lock(&s->lock);
	d->epoch++;
	detach_idle(s, d, &idle);
	pthread_mutex_unlock(&s->lock);
	close_list(&idle);
}

bool database_is_mine(struct store *s, const struct database *d)
{
	pthread_mutex_lock(&s->lock);
	bool mine = d->users == 1;
	pthread_mutex_unlock(&s->lock);
	return mine;
}

void handles_close(struct store *s)
{
	while (!list_empty(&s->idle)) {
		struct handle *h = list_entry(s->idle.next, struct handle, in_store);

		unlink_idle(h);
		database_free_unused(s, h->database);
		close_handle(h);
	}
	assert(table_count(s->databases) == 0);
}
