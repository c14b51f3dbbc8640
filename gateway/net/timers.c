/* The loop's timers. */
#include <gateway/net/timers.h>

#include <base/mem.h>

#include <stdlib.h>

static void place(struct timers *ts, size_t i, struct timer *t)
{
	ts->heap[i] = t;
	t->slot = i + 1;
}

static void sift_up(struct timers *ts, size_t i, struct timer *t)
{
	while (i > 0 && ts->heap[(i - 1) / 2]->at_ms > t->at_ms) {
		place(ts, i, ts->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	place(ts, i, t);
}

static void sift_down(struct timers *ts, size_t i, struct timer *t)
{
	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < ts->n && ts->heap[child + 1]->at_ms < ts->heap[child]->at_ms)
			child++;
		if (child >= ts->n || ts->heap[child]->at_ms >= t->at_ms)
			break;
		place(ts, i, ts->heap[child]);
		i = child;
	}
	place(ts, i, t);
}

void timers_clear(struct timers *ts, struct timer *t)
{
	size_t i = t->slot;
	struct timer *last;

	if (!i)
		return;
	t->slot = 0;
	last = ts->heap[--ts->n];
	if (last == t)
		return;
	if (last->at_ms < t->at_ms)
		sift_up(ts, i - 1, last);
	else
		sift_down(ts, i - 1, last);
}

void timers_set(struct timers *ts, struct timer *t, int64_t at_ms)
{
	timers_clear(ts, t);
	t->at_ms = at_ms;
	if (ts->n == ts->cap) {
		ts->cap = ts->cap ? ts->cap * 2 : 64;
		ts->heap = mem_resize(ts->heap, ts->cap * sizeof(struct timer *));
	}
	sift_up(ts, ts->n++, t);
}

struct timer *timers_first(const struct timers *ts)
{
	return ts->n ? ts->heap[0] : NULL;
}

void timers_release(struct timers *ts)
{
	free(ts->heap);
	*ts = (struct timers){ 0 };
}
