/*
 * A query at work. The index gives sets of items for the texts in it; from what they have in common follows which items
 * have to be looked at, and each of those is asked the whole query, so that folders, times and flags are those of now.
 */
#include <store/search_rows.h>

#include <store/conversation.h>
#include <store/rows.h>

#include <stdlib.h>

enum {
	SINGLES_MAX = 4096, /* so few candidates are fetched one by one; more, and all items are walked */
	FOLDER_SHARE = 4,   /* folders with less than one in so many of all items are walked alone */
};

#define QUERY_COLUMNS "item_id, folder_id, uid, received_ms, size, flags, keywords"

enum query_stmt { QUERY_LAST, QUERY_ITEM, QUERY_FOLDER, QUERY_KEYS, QUERY_WALK, QUERY_STMT_MAX_ };
static const struct sql_def query_sql[] = {
	[QUERY_LAST] = { "search_last", "SELECT COALESCE(MAX(item_id), 0) FROM item WHERE mailbox_id = $1" },
	[QUERY_ITEM] = { "search_item", "SELECT " QUERY_COLUMNS " FROM item WHERE mailbox_id = $1 AND item_id = $2" },
	[QUERY_FOLDER] = { "search_folder",
			   "SELECT " QUERY_COLUMNS " FROM item WHERE mailbox_id = $1 AND folder_id = $2" },
	/* Of mails the key is the received time, so that an index has all that is mostly asked for. */
	[QUERY_KEYS] = { "search_keys", "SELECT item_id, folder_id, 0, key FROM item"
					" WHERE mailbox_id = $1 AND folder_id = $2 ORDER BY key DESC" },
	[QUERY_WALK] = { "search_walk", "SELECT " QUERY_COLUMNS " FROM item WHERE mailbox_id = $1"
					/* or the engine walks another index, row by row */
					" ORDER BY folder_id, uid" },
};
static_assert(countof(query_sql) == QUERY_STMT_MAX_, "one text per statement");

/* A node as it is asked: what the index answered is a set. */
struct asked {
	const struct search_node *node;
	struct asked *children;
	struct search_bits bits;
	bool has_bits;
};

struct query {
	struct arena *arena;
	struct store_tx *tx, *index;
	int64_t last; /* item id */
	struct folder *folders;
	size_t folders_n;
	size_t nodes;
	const struct search_page *page;
	bool keys_do; /* rows are of QUERY_KEYS */
	size_t keep;  /* hits that can be in the page */
	struct rows hits;
	uint64_t total;
};

/* Columns of a row. */
struct row {
	struct search_hit hit;
	int64_t size;
	unsigned flags;
	const struct sql_stmt *st;
};

/* ---- from nodes to sets ---- */

static enum err check_shape(const struct search_node *node)
{
	bool branch = node->kind == SEARCH_AND || node->kind == SEARCH_OR || node->kind == SEARCH_NOT;

	if ((unsigned)node->kind >= SEARCH_KIND_MAX_ || (!branch && node->children_n) ||
	    (node->kind == SEARCH_NOT && node->children_n != 1))
		return ERR_INVALID;
	if (node->kind != SEARCH_TEXT)
		return ERR_OK;
	if (node->text.n == 0 || (node->fields & SEARCH_ANY) == 0)
		return ERR_INVALID;
	return node->text.n <= SEARCH_TEXT_MAX ? ERR_OK : ERR_LIMIT;
}

static enum err check(struct query *q, const struct search_node *node, unsigned depth)
{
	if (depth > SEARCH_DEPTH_MAX || ++q->nodes > SEARCH_NODES_MAX)
		return ERR_LIMIT;
	TRY(check_shape(node));
	for (size_t i = 0; i < node->children_n; i++)
		TRY(check(q, &node->children[i], depth + 1));
	return ERR_OK;
}

static enum err ask_index(struct query *q, struct asked *asked)
{
	TRY(search_bits_new(q->arena, q->last, &asked->bits));
	asked->has_bits = true;
	return asked->node->kind == SEARCH_HIDDEN ? search_hidden(q->index, &asked->bits)
						  : search_match(q->index, asked->node, &asked->bits);
}

static enum err ask_conversation(struct query *q, struct asked *asked)
{
	struct item *items;
	size_t n;

	TRY(search_bits_new(q->arena, q->last, &asked->bits));
	asked->has_bits = true;
	TRY(conversation_items(q->arena, q->tx, asked->node->text, &items, &n));
	for (size_t i = 0; i < n; i++)
		asked->bits.words[items[i].id / 64] |= UINT64_C(1) << (items[i].id % 64);
	return ERR_OK;
}

static enum err ask(struct query *q, const struct search_node *node, struct asked *ret)
{
	*ret = (struct asked){ .node = node };
	if (node->kind == SEARCH_CONVERSATION)
		return ask_conversation(q, ret);
	if (node->kind == SEARCH_TEXT || node->kind == SEARCH_HIDDEN || search_match_is_one(node))
		return ask_index(q, ret);
	if (node->children_n == 0)
		return ERR_OK;
	ret->children = arena_array(q->arena, node->children_n, sizeof(*ret->children));
	if (!ret->children)
		return ERR_LIMIT;
	for (size_t i = 0; i < node->children_n; i++)
		TRY(ask(q, &node->children[i], &ret->children[i]));
	return ERR_OK;
}

/* ---- candidates: a set that holds all that match, or no set for "any item may" ---- */

static enum err candidates(struct query *q, const struct asked *asked, struct search_bits *ret, bool *has);

static void join(struct search_bits *to, const struct search_bits *from, bool both)
{
	for (size_t i = 0; i < search_bits_words(to); i++)
		to->words[i] = both ? to->words[i] & from->words[i] : to->words[i] | from->words[i];
}

static enum err candidates_of_children(struct query *q, const struct asked *asked, struct search_bits *ret, bool *has)
{
	bool both = asked->node->kind == SEARCH_AND, any = false;

	for (size_t i = 0; i < asked->node->children_n; i++) {
		struct search_bits bits;
		bool child_has;

		TRY(candidates(q, &asked->children[i], &bits, &child_has));
		if (!child_has && !both)
			return ERR_OK; /* one of an OR may be any item */
		if (!child_has)
			continue;
		if (any)
			join(ret, &bits, both);
		else
			*ret = bits;
		any = true;
	}
	*has = any;
	return ERR_OK;
}

static enum err candidates(struct query *q, const struct asked *asked, struct search_bits *ret, bool *has)
{
	*has = false;
	if (asked->has_bits) {
		TRY(search_bits_new(q->arena, q->last, ret));
		join(ret, &asked->bits, false);
		*has = true;
		return ERR_OK;
	}
	if (asked->node->kind == SEARCH_AND || asked->node->kind == SEARCH_OR)
		return candidates_of_children(q, asked, ret, has);
	return ERR_OK;
}

static uint64_t count(const struct search_bits *bits)
{
	uint64_t n = 0;

	for (size_t i = 0; i < search_bits_words(bits); i++)
		n += (uint64_t)__builtin_popcountll(bits->words[i]);
	return n;
}

/* ---- an item is asked ---- */

static const struct folder *folder_of(const struct query *q, int64_t id)
{
	size_t low = 0, high = q->folders_n;

	while (low < high) {
		size_t at = low + (high - low) / 2;

		if (q->folders[at].id == id)
			return &q->folders[at];
		if (q->folders[at].id < id)
			low = at + 1;
		else
			high = at;
	}
	return NULL;
}

static bool is_within(const struct search_node *node, int64_t v)
{
	return v >= node->from && v < node->to;
}

static bool has_keyword(struct str keywords, struct str wanted)
{
	struct str word;

	while (str_cut(&keywords, '\n', &word))
		if (word.n && str_ieq(word, wanted))
			return true;
	return false;
}

static bool is_in_folders(const struct search_node *node, int64_t folder)
{
	size_t low = 0, high = node->folders_n;

	while (low < high) {
		size_t at = low + (high - low) / 2;

		if (node->folders[at] < folder)
			low = at + 1;
		else
			high = at;
	}
	return low < node->folders_n && node->folders[low] == folder;
}

static bool matches(const struct asked *asked, const struct row *row, const struct folder *folder);

static bool any_child(const struct asked *asked, const struct row *row, const struct folder *folder, bool wanted)
{
	for (size_t i = 0; i < asked->node->children_n; i++)
		if (matches(&asked->children[i], row, folder) == wanted)
			return true;
	return false;
}

static bool matches(const struct asked *asked, const struct row *row, const struct folder *folder)
{
	const struct search_node *node = asked->node;

	if (asked->has_bits)
		return search_bits_has(&asked->bits, row->hit.item);
	switch (node->kind) {
	case SEARCH_ALL:
		return true;
	case SEARCH_AND:
		return !any_child(asked, row, folder, false);
	case SEARCH_OR:
		return any_child(asked, row, folder, true);
	case SEARCH_NOT:
		return !matches(&asked->children[0], row, folder);
	case SEARCH_RECEIVED:
		return is_within(node, row->hit.received_ms);
	case SEARCH_SIZE:
		return is_within(node, row->size);
	case SEARCH_FLAGS:
		return (row->flags & node->set) == node->set && (row->flags & node->clear) == 0;
	case SEARCH_KEYWORD:
		return has_keyword(sql_str(row->st, 6), node->text);
	case SEARCH_CLASS:
		return folder->class == node->class;
	case SEARCH_FOLDERS:
		return is_in_folders(node, row->hit.folder);
	case SEARCH_TEXT: /* these have a set */
	case SEARCH_CONVERSATION:
	case SEARCH_HIDDEN:
	case SEARCH_KIND_MAX_:
		break;
	}
	return false;
}

/* ---- hits: those that can be in the page, the worst on top of a heap ---- */

static int by_number(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int oldest_first(const void *a, const void *b)
{
	const struct search_hit *x = a, *y = b;
	int c = by_number(x->received_ms, y->received_ms);

	return c ? c : by_number(x->item, y->item);
}

static int newest_first(const void *a, const void *b)
{
	return oldest_first(b, a);
}

static int by_uid(const void *a, const void *b)
{
	const struct search_hit *x = a, *y = b;
	int c = by_number(x->folder, y->folder);

	return c ? c : by_number(x->uid, y->uid);
}

typedef int order_fn(const void *a, const void *b);

static order_fn *order_of(const struct query *q)
{
	static order_fn *const orders[] = {
		[SEARCH_NEWEST] = newest_first, [SEARCH_OLDEST] = oldest_first, [SEARCH_BY_UID] = by_uid
	};

	return orders[q->page->order];
}

static void sift_down(struct search_hit *heap, size_t n, size_t at, order_fn *order)
{
	for (;;) {
		size_t worst = at;

		for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < n; child++)
			if (order(&heap[child], &heap[worst]) > 0)
				worst = child;
		if (worst == at)
			return;
		struct search_hit swap = heap[at];
		heap[at] = heap[worst];
		heap[worst] = swap;
		at = worst;
	}
}

static enum err add_hit(struct query *q, const struct search_hit *hit)
{
	order_fn *order = order_of(q);
	struct search_hit *heap = q->hits.p;

	q->total++;
	if (q->hits.n < q->keep) {
		struct search_hit *new = rows_add(&q->hits);

		if (!new)
			return ERR_LIMIT;
		*new = *hit;
		if (q->hits.n == q->keep)
			for (size_t i = q->hits.n / 2; i-- > 0;)
				sift_down(q->hits.p, q->hits.n, i, order);
		return ERR_OK;
	}
	if (q->keep && order(hit, &heap[0]) < 0) {
		heap[0] = *hit;
		sift_down(heap, q->hits.n, 0, order);
	}
	return ERR_OK;
}

/* ---- walking items ---- */

static void row_read(const struct query *q, const struct sql_stmt *st, struct row *ret)
{
	*ret = (struct row){
		.hit = { .item = sql_i64(st, 0), .folder = sql_i64(st, 1), .received_ms = sql_i64(st, 3) },
		.st = st,
	};
	if (q->page->order == SEARCH_BY_UID)
		ret->hit.uid = (uint32_t)sql_i64(st, 2);
	if (q->keys_do)
		return;
	ret->size = sql_i64(st, 4);
	ret->flags = (unsigned)sql_i64(st, 5);
}

static enum err look_at(struct query *q, const struct asked *asked, const struct sql_stmt *st)
{
	const struct folder *folder;
	struct row row;

	row_read(q, st, &row);
	folder = folder_of(q, row.hit.folder);
	return folder && matches(asked, &row, folder) ? add_hit(q, &row.hit) : ERR_OK;
}

/* set: NULL for every row. */
static enum err walk(struct query *q, const struct asked *asked, const struct search_bits *set, enum query_stmt which,
		     struct stmt_args args)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(q->tx, &query_sql[which], args, &st));
	for (;;) {
		bool row;

		TRY(sql_step(st, &row));
		if (!row)
			return ERR_OK;
		if (!set || search_bits_has(set, sql_i64(st, 0)))
			TRY(look_at(q, asked, st));
	}
}

static enum err walk_singles(struct query *q, const struct asked *asked, const struct search_bits *set)
{
	for (size_t i = 0; i < search_bits_words(set); i++)
		for (uint64_t word = set->words[i]; word; word &= word - 1) {
			int64_t item = (int64_t)i * 64 + __builtin_ctzll(word);

			TRY(walk(q, asked, NULL, QUERY_ITEM, ARGS(item)));
		}
	return ERR_OK;
}

/* The folders that the query asks for before all else; NULL: it does not. */
static const struct search_node *only_folders(const struct search_node *node)
{
	if (node->kind == SEARCH_FOLDERS)
		return node;
	if (node->kind == SEARCH_AND)
		for (size_t i = 0; i < node->children_n; i++)
			if (node->children[i].kind == SEARCH_FOLDERS)
				return &node->children[i];
	return NULL;
}

static bool are_small(const struct query *q, const struct search_node *folders)
{
	uint64_t all = 0, in = 0;

	for (size_t i = 0; i < q->folders_n; i++) {
		all += q->folders[i].total;
		if (is_in_folders(folders, q->folders[i].id))
			in += q->folders[i].total;
	}
	return in < all / FOLDER_SHARE;
}

static enum err walk_folders(struct query *q, const struct asked *asked, const struct search_bits *set,
			     const struct search_node *folders)
{
	for (size_t i = 0; i < q->folders_n; i++)
		if (is_in_folders(folders, q->folders[i].id))
			TRY(walk(q, asked, set, QUERY_FOLDER, ARGS(q->folders[i].id)));
	return ERR_OK;
}

/* Are item, folder and received time all that is asked of items? */
static bool needs_keys_alone(const struct search_node *node)
{
	static const bool needs_more[SEARCH_KIND_MAX_] = {
		[SEARCH_SIZE] = true, [SEARCH_FLAGS] = true, [SEARCH_KEYWORD] = true
	};

	if (needs_more[node->kind])
		return false;
	for (size_t i = 0; i < node->children_n; i++)
		if (!needs_keys_alone(&node->children[i]))
			return false;
	return true;
}

static bool are_mails(const struct query *q)
{
	for (size_t i = 0; i < q->folders_n; i++)
		if (q->folders[i].class != FOLDER_MAIL && q->folders[i].total)
			return false;
	return true;
}

static enum err walk_keys(struct query *q, const struct asked *asked, const struct search_bits *set,
			  const struct search_node *folders)
{
	q->keys_do = true;
	for (size_t i = 0; i < q->folders_n; i++)
		if (!folders || is_in_folders(folders, q->folders[i].id))
			TRY(walk(q, asked, set, QUERY_KEYS, ARGS(q->folders[i].id)));
	return ERR_OK;
}

static enum err run(struct query *q, const struct search_node *node)
{
	const struct search_node *folders = only_folders(node);
	struct search_bits set;
	struct asked asked;
	bool has;

	TRY(ask(q, node, &asked));
	TRY(candidates(q, &asked, &set, &has));
	if (has && count(&set) <= SINGLES_MAX)
		return walk_singles(q, &asked, &set);
	if (q->page->order != SEARCH_BY_UID && needs_keys_alone(node) && are_mails(q))
		return walk_keys(q, &asked, has ? &set : NULL, folders);
	if (folders && are_small(q, folders))
		return walk_folders(q, &asked, has ? &set : NULL, folders);
	return walk(q, &asked, has ? &set : NULL, QUERY_WALK, (struct stmt_args){ 0 });
}

static int by_folder(const void *a, const void *b)
{
	const struct folder *x = a, *y = b;

	return by_number(x->id, y->id);
}

static enum err prepare(struct query *q)
{
	const struct search_page *page = q->page;

	TRY(folder_list(q->arena, q->tx, &q->folders, &q->folders_n));
	if (q->folders_n)
		qsort(q->folders, q->folders_n, sizeof(*q->folders), by_folder);
	TRY(stmt_number(q->tx, &query_sql[QUERY_LAST], (struct stmt_args){ 0 }, &q->last));
	q->keep = page->limit > SIZE_MAX - page->skip ? SIZE_MAX : page->skip + page->limit;
	q->hits = rows_of(q->arena, sizeof(struct search_hit));
	return store_begin(store_tx_store(q->tx), database_index_of(store_tx_mailbox(q->tx)), STORE_READ, &q->index);
}

static void finish(const struct query *q, struct search_result *ret)
{
	size_t skip = q->page->skip < q->hits.n ? q->page->skip : q->hits.n;

	if (q->hits.n)
		qsort(q->hits.p, q->hits.n, sizeof(struct search_hit), order_of(q));
	*ret = (struct search_result){ .total = q->total,
				       .hits = q->hits.n ? (struct search_hit *)q->hits.p + skip : NULL,
				       .n = q->hits.n - skip };
}

enum err search_run(struct arena *a, struct store_tx *tx, const struct search_node *query,
		    const struct search_page *page, struct search_result *ret)
{
	struct query q = { .arena = a, .tx = tx, .page = page };
	enum err e;

	TRY(check(&q, query, 1));
	e = prepare(&q);
	if (!e)
		e = run(&q, query);
	store_tx_end(&q.index);
	if (e)
		return e;
	finish(&q, ret);
	return ERR_OK;
}
