/* What is typed into a search field: always a tree that the store takes, or a refusal; the same text, the same tree. */
#include <gateway/activesync/kql.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 16 << 20 };

static unsigned depth_of(const struct search_node *node)
{
	unsigned deepest = 0;

	for (size_t i = 0; i < node->children_n; i++) {
		unsigned depth = depth_of(&node->children[i]);

		deepest = depth > deepest ? depth : deepest;
	}
	return deepest + 1;
}

static bool is_same(const struct search_node *a, const struct search_node *b)
{
	if (a->kind != b->kind || a->children_n != b->children_n || !str_eq(a->text, b->text) ||
	    a->fields != b->fields || a->from != b->from || a->to != b->to)
		return false;
	for (size_t i = 0; i < a->children_n; i++)
		if (!is_same(&a->children[i], &b->children[i]))
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT(ARENA_BYTES);
	struct search_node first, second;
	struct str text = str_from(data, size);
	enum err e = kql_parse(&a, text, &first);

	if (e && e != ERR_INVALID && e != ERR_LIMIT)
		abort();
	if (kql_parse(&a, text, &second) != e)
		abort();
	/* One more level is the And of a request. */
	if (!e && (depth_of(&first) >= SEARCH_DEPTH_MAX || !is_same(&first, &second)))
		abort();
	arena_release(&a);
	return 0;
}
