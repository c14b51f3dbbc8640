/* Which maildrops are open: one session each. */
#include <gateway/pop3/session.h>

#include <base/mem.h>
#include <base/table.h>

#include <pthread.h>
#include <stdlib.h>

struct pop3_drops {
	pthread_mutex_t lock;
	struct table *open; /* mailbox number to anything */
};

struct pop3_drops *pop3_drops_new(void)
{
	struct pop3_drops *d = mem_alloc(sizeof(*d));

	pthread_mutex_init(&d->lock, NULL);
	d->open = table_new();
	return d;
}

void pop3_drops_free(struct pop3_drops **dp)
{
	if (!*dp)
		return;
	table_free(&(*dp)->open);
	pthread_mutex_destroy(&(*dp)->lock);
	free(*dp);
	*dp = NULL;
}

bool pop3_drops_take(struct pop3_drops *d, int64_t mailbox)
{
	uint64_t key = (uint64_t)mailbox;
	bool taken;

	pthread_mutex_lock(&d->lock);
	taken = !table_get(d->open, table_key_u64(&key));
	if (taken)
		table_set(d->open, table_key_u64(&key), d);
	pthread_mutex_unlock(&d->lock);
	return taken;
}

void pop3_drops_give(struct pop3_drops *d, int64_t mailbox)
{
	uint64_t key = (uint64_t)mailbox;

	pthread_mutex_lock(&d->lock);
	table_remove(d->open, table_key_u64(&key));
	pthread_mutex_unlock(&d->lock);
}
