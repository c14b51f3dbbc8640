#include <store/group.h>

#include <base/fault.h>
#include <base/mem.h>
#include <store/sql/sql.h>

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

/* One open transaction of the engine. Only the thread that has the slot touches it. */
struct group {
	struct handle *handle;
	unsigned members;       /* who have committed into it */
	struct list waiting;    /* struct writer, the members but for the one at work */
	struct changes changes; /* of the members */
	int64_t begun_ms;       /* monotonic */
	bool savepoint;         /* the one at work can be undone alone; else he is the first */
	enum err lost;          /* the engine rolled back by itself, or what failed could not be undone */
};

/* A thread that waits, on its own stack: for the slot, or for the commit. */
struct writer {
	struct list node;
	pthread_cond_t wake;
	bool woken;
	enum err result;
};

void changes_add(struct changes *c, const struct store_change *change)
{
	if (c->n == c->cap) {
		c->cap = c->cap ? 2 * c->cap : 4;
		c->p = mem_resize(c->p, c->cap * sizeof(*c->p));
	}
	c->p[c->n++] = *change;
}

void changes_release(struct changes *c)
{
	free(c->p);
	*c = (struct changes){ 0 };
}

/* Under the lock, which is let go meanwhile. */
static enum err wait_in(struct store *s, struct list *line)
{
	struct writer w = { .woken = false };

	pthread_cond_init(&w.wake, NULL);
	list_append(line, &w.node);
	while (!w.woken)
		pthread_cond_wait(&w.wake, &s->lock);
	pthread_cond_destroy(&w.wake);
	return w.result;
}

/* Under the lock. */
static void wake_first(struct list *line, enum err result)
{
	struct writer *w = list_entry(line->next, struct writer, node);

	list_remove(&w->node);
	w->result = result;
	w->woken = true;
	pthread_cond_signal(&w->wake);
}

/* Under the lock: the slot goes to the next in line, and with it the group, if there is one. */
static void pass_slot(struct database *d)
{
	if (list_empty(&d->writers))
		d->writing = false;
	else
		wake_first(&d->writers, ERR_OK);
}

static void take_slot(struct store *s, struct database *d)
{
	pthread_mutex_lock(&s->lock);
	if (d->writing)
		(void)!wait_in(s, &d->writers);
	d->writing = true;
	pthread_mutex_unlock(&s->lock);
}

static void release_slot(struct store *s, struct database *d)
{
	pthread_mutex_lock(&s->lock);
	pass_slot(d);
	pthread_mutex_unlock(&s->lock);
}

/*
 * Another process may have removed the mailbox; its file would take our writes and keep nothing. (Readers see the
 * past there, which harms nobody.) An index is made anew instead.
 */
static enum err require_file(struct store *s, struct database *d)
{
	CLEANUP(path_free) char *path = path_database(s, d->id);

	if (access(path, F_OK) == 0)
		return ERR_OK;
	if (database_is_index(d->id)) {
		database_renew(s, d);
		return ERR_OK;
	}
	database_forget(s, d);
	return ERR_NOT_FOUND;
}

static enum err group_open(struct store *s, struct database *d)
{
	struct handle *h;

	TRY(require_file(s, d));
	TRY(handle_take(s, d, &h));
	enum err e = sql_begin(h->db, true);
	if (e) {
		handle_give(s, &h);
		return e;
	}
	d->group = mem_alloc(sizeof(*d->group));
	d->group->handle = h;
	d->group->begun_ms = clock_mono_ms(s->config.clock);
	list_init(&d->group->waiting);
	return ERR_OK;
}

/* The end of the engine's transaction, for all members. Before the slot is passed, so that publications keep the order. */
static enum err group_end(struct store *s, struct database *d)
{
	struct group *g = d->group;
	enum err e = ERR_OK;

	if (g->lost || g->members == 0) {
		sql_rollback(g->handle->db);
		e = g->lost;
	} else {
		uint64_t commits = sql_counts(g->handle->db).commits;

		fault_point("store.commit.before");
		e = sql_commit(g->handle->db);
		fault_point("store.commit.after");
		if (sql_counts(g->handle->db).commits != commits)
			store_flushed(s);
	}
	if (!e && g->changes.n && s->config.publish)
		s->config.publish(s->config.ctx, g->changes.p, g->changes.n);
	fault_point("store.commit.published");
	d->group = NULL;
	handle_give(s, &g->handle);
	changes_release(&g->changes);
	pthread_mutex_lock(&s->lock);
	while (!list_empty(&g->waiting))
		wake_first(&g->waiting, e);
	pthread_mutex_unlock(&s->lock);
	free(g);
	return e;
}

enum err group_enter(struct store *s, struct database *d, struct sql_db **ret)
{
	enum err e;

	take_slot(s, d);
	if (!d->group) {
		e = group_open(s, d);
		if (e) {
			release_slot(s, d);
			return e;
		}
	} else {
		d->group->savepoint = true;
		e = sql_savepoint(d->group->handle->db);
		if (e) {
			group_undo(s, d);
			return e;
		}
	}
	*ret = d->group->handle->db;
	return ERR_OK;
}

static bool may_pass_on(struct store *s, const struct database *d)
{
	const struct group *g = d->group;

	return !g->lost && g->members > 0 && !list_empty(&d->writers) && g->members < GROUP_MAX_WRITERS &&
	       clock_mono_ms(s->config.clock) - g->begun_ms < GROUP_MAX_AGE_MS;
}

/*
 * Passes the open group on and, as a member, waits for its end. False where there is nobody to take it, or it is time
 * to commit.
 */
static bool passed_on(struct store *s, struct database *d, bool member, enum err *ret)
{
	pthread_mutex_lock(&s->lock);
	bool pass = may_pass_on(s, d);
	if (pass) {
		struct group *g = d->group;

		pass_slot(d);
		*ret = member ? wait_in(s, &g->waiting) : ERR_OK;
	}
	pthread_mutex_unlock(&s->lock);
	return pass;
}

enum err group_commit(struct store *s, struct database *d, const struct changes *changes)
{
	struct group *g = d->group;
	struct sql_db *db = g->handle->db;
	enum err e = sql_tx_error(db);

	if (!e && g->savepoint)
		e = sql_savepoint_release(db);
	if (e) {
		group_undo(s, d);
		return e;
	}
	g->members++;
	fault_point("store.commit.joined");
	for (size_t i = 0; i < changes->n; i++)
		changes_add(&g->changes, &changes->p[i]);
	if (!passed_on(s, d, true, &e)) {
		e = group_end(s, d);
		release_slot(s, d);
	}
	return e;
}

/* Undoes the one at work; where that cannot be done alone the group is lost, and each of its members is told. */
static void undo_member(struct group *g)
{
	struct sql_db *db = g->handle->db;
	enum err e;

	if (!sql_in_transaction(db)) { /* after some failures (disk full, I/O) */
		e = sql_tx_error(db);
		g->lost = e ? e : ERR_IO;
	} else if (g->savepoint) {
		g->lost = sql_savepoint_undo(db);
	} else {
		assert(g->members == 0);
	}
}

void group_undo(struct store *s, struct database *d)
{
	enum err unused;

	undo_member(d->group);
	if (passed_on(s, d, false, &unused))
		return;
	(void)!group_end(s, d);
	release_slot(s, d);
}
