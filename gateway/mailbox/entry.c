/* Changes with how entries lie in the store. */
#include <gateway/mailbox/entry.h>

#include <store/blob.h>
#include <store/item_part.h>

static void writer_drop(struct store_blob_writer **w)
{
	store_blob_writer_drop(w);
}

/* The row of these octets, without a reference of ours. */
static enum err put_octets(struct store_tx *tx, struct str octets, int64_t *ret)
{
	CLEANUP(writer_drop) struct store_blob_writer *w = NULL;

	if (octets.n > ENTRY_MAX_BYTES)
		return ERR_LIMIT;
	TRY(store_blob_writer_new(store_tx_store(tx), store_tx_mailbox(tx), &w));
	TRY(store_blob_write(w, octets));
	TRY(store_blob_finish(w));
	return store_blob_attach(tx, w, ret);
}

enum err entry_add(struct store_tx *tx, const struct entry *entry, struct item *ret)
{
	struct item_new row = { .folder = entry->folder,
				.size = entry->octets.n,
				.key = entry->key,
				.received_ms = entry->now_ms,
				.flags = ITEM_SEEN,
				.by = entry->by };

	TRY(put_octets(tx, entry->octets, &row.blob));
	return item_add(tx, &row, ret);
}

enum err entry_parts_put(struct store_tx *tx, int64_t item, const struct entry_part *parts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int64_t blob;

		TRY(put_octets(tx, parts[i].octets, &blob));
		TRY(item_part_put(tx, item, parts[i].name, parts[i].content_type, blob));
	}
	return ERR_OK;
}

enum err entry_edit(struct store_tx *tx, const struct item *item, struct str octets, int64_t key,
		    const struct author *by)
{
	struct item_edit edit = { .what = ITEM_EDIT_KEY, .key = key, .size = octets.n };

	TRY(put_octets(tx, octets, &edit.blob));
	if (edit.blob != item->blob)
		edit.what |= ITEM_EDIT_CONTENT;
	return item_update(tx, item->folder, item->id, &edit, by);
}

enum err entry_read(struct arena *a, struct store_tx *tx, const struct item *item, struct str *ret)
{
	CLEANUP(store_blob_close) struct store_blob *blob = NULL;
	size_t n, got;
	char *p;

	TRY(store_blob_open(tx, item->blob, &blob));
	n = (size_t)store_blob_size(blob);
	p = arena_array(a, n ? n : 1, 1);
	if (!p || n > ENTRY_MAX_BYTES)
		return ERR_LIMIT;
	TRY(store_blob_read(blob, 0, p, n, &got));
	*ret = str_from(p, got);
	return got == n ? ERR_OK : ERR_CORRUPT;
}
