/* Changes with how much of a folder goes in one transaction. */
#include <gateway/mailbox/empty.h>

#include <store/item.h>

enum {
	CHUNK_BYTES = EMPTY_CHUNK * 2 * (ITEM_KEYWORDS_MAX + ITEM_FOLLOWUP_MAX),
	LIST_BYTES = 64 * 1024 * 1024,
};

static enum err expunge_chunk(struct arena *a, struct store_tx *tx, int64_t folder, uint32_t below, uint32_t *after,
			      size_t *ret_n)
{
	const struct author nobody = AUTHOR_NOBODY;
	struct item *items;
	size_t n;

	*ret_n = 0;
	TRY(item_list(a, tx, folder, *after, EMPTY_CHUNK, &items, &n));
	for (size_t i = 0; i < n && items[i].uid < below; i++) {
		TRY(item_expunge(tx, folder, items[i].id, &nobody));
		*after = items[i].uid;
		++*ret_n;
	}
	return ERR_OK;
}

static enum err empty_chunk(struct store *s, int64_t mailbox, int64_t folder, uint32_t below, uint32_t *after,
			    size_t *ret_n)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(CHUNK_BYTES);
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(s, mailbox, STORE_WRITE, &tx));
	TRY(expunge_chunk(&a, tx, folder, below, after, ret_n));
	return *ret_n ? store_commit(&tx) : ERR_OK;
}

static enum err bound(struct store *s, int64_t mailbox, int64_t folder, uint32_t *ret_below)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(CHUNK_BYTES);
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct folder row;

	TRY(store_begin(s, mailbox, STORE_READ, &tx));
	TRY(folder_get(&a, tx, folder, &row));
	if (row.mount_mailbox) /* its owner empties it */
		return ERR_NOT_FOUND;
	*ret_below = row.uid_next;
	return ERR_OK;
}

static enum err empty_items(struct store *s, int64_t mailbox, int64_t folder, struct emptied *ret)
{
	uint32_t below, after = 0;
	size_t n;

	TRY(bound(s, mailbox, folder, &below));
	do {
		TRY(empty_chunk(s, mailbox, folder, below, &after, &n));
		ret->items += n;
	} while (n);
	return ERR_OK;
}

/* One after the other below the folder; one that must stay keeps none of the others. */
static enum err delete_below(struct arena *a, struct store_tx *tx, int64_t folder, struct emptied *ret)
{
	const struct author nobody = AUTHOR_NOBODY;
	struct folder *rows;
	enum err denied = ERR_OK;
	size_t n;

	TRY(folder_list(a, tx, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		enum err e = rows[i].parent == folder ? folder_delete(tx, rows[i].id, &nobody) : ERR_OK;

		if (e == ERR_DENIED)
			denied = e;
		else
			TRY(e);
		ret->folders += rows[i].parent == folder && e == ERR_OK;
	}
	return denied;
}

static enum err delete_subfolders(struct store *s, int64_t mailbox, int64_t folder, struct emptied *ret)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(LIST_BYTES);
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	enum err e, committed;

	TRY(store_begin(s, mailbox, STORE_WRITE, &tx));
	e = delete_below(&a, tx, folder, ret);
	if (e && e != ERR_DENIED)
		return e;
	committed = store_commit(&tx);
	return committed ? committed : e;
}

enum err mailbox_empty(struct store *s, int64_t mailbox, int64_t folder, bool with_subfolders, struct emptied *ret)
{
	enum err e;

	*ret = (struct emptied){ 0 };
	e = empty_items(s, mailbox, folder, ret);
	if (!e && with_subfolders)
		e = delete_subfolders(s, mailbox, folder, ret);
	ret->partial = e && (ret->items || ret->folders);
	return e;
}
