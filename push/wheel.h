/*
 * Hierarchical timer wheel over ticks, private to push/. Ten levels of 64 slots cover every tick below 2^60, so there
 * is no overflow list and no rounding of far deadlines. Adding and removing are O(1); advancing jumps from occupied
 * slot to occupied slot, whatever the time between, and moves a node at most once a level. No lock, no clock.
 */
#ifndef PUSH_WHEEL_H
#define PUSH_WHEEL_H

#include <base/list.h>

#include <stdbool.h>
#include <stdint.h>

enum { WHEEL_BITS = 6, WHEEL_SLOTS = 1 << WHEEL_BITS, WHEEL_LEVELS = 10 };

struct wheel_node {
	struct list link;
	uint64_t tick;
	uint8_t level, slot;
};

struct wheel {
	uint64_t now;
	uint64_t occupied[WHEEL_LEVELS]; /* a bit a slot */
	struct list slots[WHEEL_LEVELS][WHEEL_SLOTS];
};

void wheel_init(struct wheel *w, uint64_t now);
/* node->tick is set; one that is not after w->now is due with the next tick. */
void wheel_add(struct wheel *w, struct wheel_node *node);
void wheel_remove(struct wheel *w, struct wheel_node *node);
/* Moves the wheel to now (never back) and every node with tick <= now to the end of due, which the caller owns. */
void wheel_advance(struct wheel *w, uint64_t now, struct list *due);
/*
 * The tick at which wheel_advance() has work next: that of the nearest node, or an earlier one at which a slot of
 * a higher level has to be spread. False where the wheel is empty.
 */
bool wheel_next(const struct wheel *w, uint64_t *ret_tick);

#endif
