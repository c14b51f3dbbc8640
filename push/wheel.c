/*
 * A tick is a number of ten digits in base 64. A node sits at the level of the highest digit in which its tick differs
 * from now, in the slot of that digit: so every occupied slot lies ahead of now's own digit, none wraps around, and
 * whatever is on a lower level is due before everything on a higher one.
 */
#include "wheel.h"

#include <assert.h>

static unsigned digit_shift(unsigned level)
{
	return level * WHEEL_BITS;
}

void wheel_init(struct wheel *w, uint64_t now)
{
	*w = (struct wheel){ .now = now };
	for (unsigned level = 0; level < WHEEL_LEVELS; level++)
		for (unsigned slot = 0; slot < WHEEL_SLOTS; slot++)
			list_init(&w->slots[level][slot]);
}

static void place(struct wheel *w, struct wheel_node *node, uint64_t tick)
{
	unsigned level = (63 - (unsigned)__builtin_clzll(tick ^ w->now)) / WHEEL_BITS;
	unsigned slot = (unsigned)(tick >> digit_shift(level)) & (WHEEL_SLOTS - 1);

	assert(level < WHEEL_LEVELS);
	node->level = (uint8_t)level;
	node->slot = (uint8_t)slot;
	w->occupied[level] |= UINT64_C(1) << slot;
	list_append(&w->slots[level][slot], &node->link);
}

void wheel_add(struct wheel *w, struct wheel_node *node)
{
	place(w, node, node->tick > w->now ? node->tick : w->now + 1);
}

void wheel_remove(struct wheel *w, struct wheel_node *node)
{
	list_remove(&node->link);
	if (list_empty(&w->slots[node->level][node->slot]))
		w->occupied[node->level] &= ~(UINT64_C(1) << node->slot);
}

/* The nearest occupied slot, as the first tick of its range. */
static bool nearest(const struct wheel *w, unsigned *ret_level, unsigned *ret_slot, uint64_t *ret_tick)
{
	for (unsigned level = 0; level < WHEEL_LEVELS; level++) {
		unsigned shift = digit_shift(level), slot;

		if (!w->occupied[level])
			continue;
		slot = (unsigned)__builtin_ctzll(w->occupied[level]);
		*ret_level = level;
		*ret_slot = slot;
		*ret_tick = (w->now >> (shift + WHEEL_BITS) << (shift + WHEEL_BITS)) | (uint64_t)slot << shift;
		return true;
	}
	return false;
}

static void empty_slot(struct wheel *w, unsigned level, unsigned slot, struct list *due)
{
	struct list *head = &w->slots[level][slot];

	w->occupied[level] &= ~(UINT64_C(1) << slot);
	list_for_each_safe (it, head) {
		struct wheel_node *node = list_entry(it, struct wheel_node, link);

		list_remove(it);
		if (node->tick <= w->now)
			list_append(due, it);
		else
			place(w, node, node->tick);
	}
}

void wheel_advance(struct wheel *w, uint64_t now, struct list *due)
{
	unsigned level, slot;
	uint64_t tick;

	while (nearest(w, &level, &slot, &tick) && tick <= now) {
		w->now = tick;
		empty_slot(w, level, slot, due);
	}
	if (now > w->now)
		w->now = now;
}

bool wheel_next(const struct wheel *w, uint64_t *ret_tick)
{
	unsigned level, slot;

	return nearest(w, &level, &slot, ret_tick);
}
