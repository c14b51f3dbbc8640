/*
 * Which pages lie below an interior page of a SQLite b-tree, from its octets alone (sqlite.org/fileformat2.html, "B-tree
 * Pages"). The octets may be anything: what does not fit the page is passed over. Any thread.
 */
#ifndef STORE_SQL_BTREE_PAGE_H
#define STORE_SQL_BTREE_PAGE_H

#include <base/str.h>

enum btree_page_kind {
	BTREE_INDEX = 1u << 0, /* of an index, or a table WITHOUT ROWID */
	BTREE_TABLE = 1u << 1, /* of a table with row numbers */
};

/* The page is borrowed. */
struct btree_children {
	struct str page;
	enum btree_page_kind kind;
	size_t cells, at;
};

enum { BTREE_PAGE_MIN = 512, BTREE_PAGE_MAX = 65536 };

/* False: it is no interior page. The first page of a file is none here: before its b-tree's header lies the file's. */
bool btree_children_of(struct str page, struct btree_children *ret);
/* In the order of their keys; numbers count from 1. False: there are no more. */
bool btree_children_next(struct btree_children *c, uint32_t *ret_page);

#endif
