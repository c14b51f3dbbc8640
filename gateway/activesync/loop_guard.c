/* Changes with what is taken for a loop. */
#include <gateway/activesync/loop_guard.h>

#include <base/mem.h>
#include <base/table.h>

#include <pthread.h>
#include <stdlib.h>

enum { WINDOW_ANY = 512 }; /* a page of that many is as good as any */

/* Two folders at one place push each other out, which is only forgetting. */
struct slot {
	uint64_t who, key;
	unsigned again;
	unsigned window; /* 0: any */
};

struct eas_loops {
	pthread_mutex_t lock;
	struct slot slots[EAS_LOOP_SLOTS];
};

struct eas_loops *eas_loops_new(void)
{
	struct eas_loops *l = mem_alloc(sizeof(*l));

	pthread_mutex_init(&l->lock, NULL);
	return l;
}

void eas_loops_free(struct eas_loops **lp)
{
	if (*lp)
		pthread_mutex_destroy(&(*lp)->lock);
	free(*lp);
	*lp = NULL;
}

static void came_again(struct slot *s, uint64_t who, uint64_t key)
{
	if (s->who != who)
		*s = (struct slot){ .who = who };
	if (s->key != key)
		s->again = 0;
	s->key = key;
	s->again++;
	if (s->again >= EAS_LOOP_ALONE)
		s->window = 1;
}

/* It took what it got: the next page may be twice as long, so that what is behind comes to an end. */
static void went_on(struct slot *s, uint64_t key)
{
	s->again = 0;
	if (s->key == key)
		return;
	s->key = key;
	s->window *= 2;
	if (s->window > WINDOW_ANY)
		s->window = 0;
}

unsigned eas_loops_look(struct eas_loops *l, const struct eas_loop_look *look, unsigned *ret_window)
{
	const int64_t id[] = { look->mailbox, look->device, look->folder };
	uint64_t who = table_hash(str_from(id, sizeof(id))), key = table_hash(look->key);
	struct slot *s = &l->slots[who % EAS_LOOP_SLOTS];
	unsigned again = 0;

	*ret_window = 0;
	pthread_mutex_lock(&l->lock);
	if (look->lost && look->written)
		came_again(s, who, key);
	else if (!look->lost && s->who == who)
		went_on(s, key);
	if (s->who == who) {
		again = s->again;
		*ret_window = s->window;
	}
	pthread_mutex_unlock(&l->lock);
	return again;
}
