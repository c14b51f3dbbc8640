/* A page of a database, of any octets: its children are no more than its size allows, and never page 0. */
#include <store/sql/btree_page.h>

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct btree_children c;
	uint32_t page;
	size_t n = 0;

	if (!btree_children_of(str_from(data, size), &c))
		return 0;
	assert(size >= BTREE_PAGE_MIN && size <= BTREE_PAGE_MAX);
	while (btree_children_next(&c, &page)) {
		assert(page);
		n++;
	}
	assert(n * 6 <= size);
	return 0;
}
