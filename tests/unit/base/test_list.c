/* The intrusive list. */
#include <base/list.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

struct item {
	char name;
	struct list node;
};

static void expect(const struct list *head, const char *names)
{
	char there[8] = "", back[8] = "";
	size_t n = 0;

	list_for_each (it, head)
		there[n++] = list_entry(it, struct item, node)->name;
	for (const struct list *it = head->prev; it != head; it = it->prev)
		back[--n] = list_entry(it, const struct item, node)->name;
	assert_string_equal(there, names);
	assert_string_equal(back, names);
}

static void nodes_stand_in_the_order_they_were_put(void **unused)
{
	struct item a = { 'a', { 0 } }, b = { 'b', { 0 } }, c = { 'c', { 0 } }, d = { 'd', { 0 } };
	struct list head;

	(void)unused;
	list_init(&head);
	assert_true(list_empty(&head));
	expect(&head, "");
	list_append(&head, &b.node);
	list_append(&head, &d.node);
	list_prepend(&head, &a.node);
	list_insert_before(&d.node, &c.node);
	expect(&head, "abcd");
	assert_false(list_empty(&head));
	list_remove(&b.node);
	list_remove(&b.node);
	expect(&head, "acd");
}

static void a_safe_walk_may_remove_the_current_node(void **unused)
{
	struct item items[5] = { { 'a', { 0 } }, { 'b', { 0 } }, { 'c', { 0 } }, { 'd', { 0 } }, { 'e', { 0 } } };
	struct list head;

	(void)unused;
	list_init(&head);
	for (size_t i = 0; i < countof(items); i++)
		list_append(&head, &items[i].node);
	list_for_each_safe (it, &head)
		if (strchr("ace", list_entry(it, struct item, node)->name))
			list_remove(it);
	expect(&head, "bd");
	list_for_each_safe (it, &head)
		list_remove(it);
	assert_true(list_empty(&head));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes_stand_in_the_order_they_were_put),
		cmocka_unit_test(a_safe_walk_may_remove_the_current_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
