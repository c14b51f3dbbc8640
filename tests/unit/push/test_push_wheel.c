/* The timer wheel against a plain list, over random ticks and steps. */
#include <push/wheel.h>

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

enum { NODES = 500 };

static uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static size_t list_count(const struct list *head)
{
	size_t n = 0;

	list_for_each (it, head)
		n++;
	return n;
}

static void nodes_come_out_at_their_tick_whatever_the_step(void **unused)
{
	static struct wheel w;
	static struct wheel_node nodes[NODES];
	uint64_t seed = 42, now = 12345;
	struct list due;
	size_t left = NODES;

	(void)unused;
	wheel_init(&w, now);
	list_init(&due);
	for (size_t i = 0; i < NODES; i++) {
		nodes[i].tick = now + (random_next(&seed) >> (24 + random_next(&seed) % 40));
		wheel_add(&w, &nodes[i]);
	}
	while (left > 0) {
		uint64_t next, was = now;

		assert_true(wheel_next(&w, &next));
		assert_true(next > now);
		now = random_next(&seed) % 2 ? next : next + (random_next(&seed) >> (30 + random_next(&seed) % 34));
		wheel_advance(&w, now, &due);
		list_for_each_safe (it, &due) {
			struct wheel_node *node = list_entry(it, struct wheel_node, link);

			assert_true(node->tick <= now);
			assert_true(node->tick > was || node->tick == 12345);
			wheel_remove(&w, node);
			node->tick = 0;
			left--;
		}
		for (size_t i = 0; i < NODES; i++)
			assert_true(nodes[i].tick == 0 || nodes[i].tick > now); /* 0: it is out */
	}
	assert_int_equal(list_count(&due), 0);
}

static void a_far_node_costs_a_step_a_level(void **unused)
{
	static struct wheel w;
	struct wheel_node node = { .tick = (UINT64_C(1) << 60) - 1 };
	struct list due;
	uint64_t next;
	unsigned steps = 0;

	(void)unused;
	wheel_init(&w, 0);
	list_init(&due);
	wheel_add(&w, &node);
	while (wheel_next(&w, &next)) {
		wheel_advance(&w, next, &due);
		steps++;
	}
	assert_int_equal(next, node.tick);
	assert_int_equal(steps, WHEEL_LEVELS);
	assert_int_equal(list_count(&due), 1);
}

static void a_removed_node_leaves_the_wheel_empty(void **unused)
{
	static struct wheel w;
	struct wheel_node a = { .tick = 70 }, b = { .tick = 70 };
	uint64_t next;

	(void)unused;
	wheel_init(&w, 1);
	wheel_add(&w, &a);
	wheel_add(&w, &b);
	wheel_remove(&w, &a);
	assert_true(wheel_next(&w, &next));
	wheel_remove(&w, &b);
	assert_false(wheel_next(&w, &next));
}

static void a_tick_that_has_passed_is_due_with_the_next(void **unused)
{
	static struct wheel w;
	struct wheel_node node = { .tick = 5 };
	struct list due;
	uint64_t next;

	(void)unused;
	wheel_init(&w, 1000);
	list_init(&due);
	wheel_add(&w, &node);
	assert_true(wheel_next(&w, &next));
	assert_int_equal(next, 1001);
	wheel_advance(&w, 1001, &due);
	assert_int_equal(list_count(&due), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes_come_out_at_their_tick_whatever_the_step),
		cmocka_unit_test(a_far_node_costs_a_step_a_level),
		cmocka_unit_test(a_removed_node_leaves_the_wheel_empty),
		cmocka_unit_test(a_tick_that_has_passed_is_due_with_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
