#include <store/sql/btree_page.h>

/*
 * "B-tree Page Header Format": the octet that tells the kind at 0, the number of cells at 3, the right-most child at 8, and
 * of an interior page 12 octets in all. The offsets of the cells follow, two octets each. An interior cell begins with the
 * number of the page whose keys are at most its own.
 */
enum {
	KIND_INDEX = 0x02,
	KIND_TABLE = 0x05,
	AT_CELLS = 3,
	AT_LAST_CHILD = 8,
	HEADER_BYTES = 12,
	OFFSET_BYTES = 2,
	CHILD_BYTES = 4
};

static size_t u16_at(struct str page, size_t at)
{
	return (size_t)((unsigned)(unsigned char)page.p[at] << 8 | (unsigned char)page.p[at + 1]);
}

static uint32_t u32_at(struct str page, size_t at)
{
	return (uint32_t)u16_at(page, at) << 16 | (uint32_t)u16_at(page, at + 2);
}

bool btree_children_of(struct str page, struct btree_children *ret)
{
	if (page.n < BTREE_PAGE_MIN || page.n > BTREE_PAGE_MAX || (page.p[0] != KIND_INDEX && page.p[0] != KIND_TABLE))
		return false;
	*ret = (struct btree_children){ .page = page,
					.kind = page.p[0] == KIND_INDEX ? BTREE_INDEX : BTREE_TABLE,
					.cells = u16_at(page, AT_CELLS) };
	return ret->cells <= (page.n - HEADER_BYTES) / (OFFSET_BYTES + CHILD_BYTES);
}

/* The page's last child comes behind those of its cells. */
static bool next_at(struct btree_children *c, size_t *ret)
{
	if (c->at > c->cells)
		return false;
	*ret = c->at < c->cells ? u16_at(c->page, HEADER_BYTES + OFFSET_BYTES * c->at) : AT_LAST_CHILD;
	c->at++;
	return true;
}

bool btree_children_next(struct btree_children *c, uint32_t *ret_page)
{
	size_t at;

	while (next_at(c, &at)) {
		if (at + CHILD_BYTES > c->page.n)
			continue;
		*ret_page = u32_at(c->page, at);
		if (*ret_page)
			return true;
	}
	return false;
}
