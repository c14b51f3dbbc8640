/* What the units of search share: statements on the index, and the words of its table `short`. For search_*.c alone. */
#ifndef STORE_SEARCH_ROWS_H
#define STORE_SEARCH_ROWS_H

#include <store/internal.h>
#include <store/item_rows.h>
#include <store/search.h>
#include <store/stmt.h>

#include <base/buf.h>

/* Items as bits, by id; those above `max` are of after the transaction. */
struct search_bits {
	uint64_t *words;
	int64_t max;
};
enum err search_bits_new(struct arena *a, int64_t max, struct search_bits *ret) MUST_CHECK;
static inline bool search_bits_has(const struct search_bits *b, int64_t item)
{
	return item >= 0 && item <= b->max && b->words[item / 64] >> (item % 64) & 1;
}
static inline size_t search_bits_words(const struct search_bits *b)
{
	return (size_t)(b->max / 64 + 1);
}

/* Can the index answer this node, with all below it, in one go? */
bool search_match_is_one(const struct search_node *node);
/* The items that match such a node, or a TEXT of any length. */
enum err search_match(struct store_tx *index, const struct search_node *node, struct search_bits *ret) MUST_CHECK;

/* The items that are put in as hidden. */
enum err search_hidden(struct store_tx *index, struct search_bits *ret) MUST_CHECK;

/* A statement on the index, which holds one mailbox: the numbers are $1 and up. The caller resets it. */
enum err search_open(struct store_tx *index, const struct sql_def *def, struct stmt_args args,
		     struct sql_stmt **ret) MUST_CHECK;

/*
 * Each character of a folded text, and each two that follow each other, once, with a blank between: what a text that is
 * too short for three characters is found by. A blank of the text is no character.
 */
void search_short_put(struct buf *out, struct str text);
/* One or two characters as such a word. */
void search_short_word(struct buf *out, struct str text);
/* Characters of a text, up to 3: fewer than that are looked for in `short`. */
size_t search_length(struct str text);

#endif
