/* What a device has to be told about the folders themselves. */
#include <store/folder_rows.h>
#include <store/hierarchy.h>

struct reader {
	int64_t device;
	const struct feed_state *st;
};

/* A device that begins again has forgotten what it did. */
static bool mine(const struct reader *r, int64_t by)
{
	return r->device != STORE_NOBODY && by == r->device && r->st->w > 0;
}

static bool judge(const struct reader *r, const struct folder *f, enum hierarchy_kind *ret)
{
	bool known = f->created <= r->st->w || mine(r, f->created_by);

	*ret = f->deleted ? HIERARCHY_DELETE : known ? HIERARCHY_UPDATE : HIERARCHY_ADD;
	if (f->deleted)
		return known && f->deleted > r->st->w && !mine(r, f->deleted_by);
	return !known || !mine(r, f->modified_by);
}

/* Deletes first: a name may have gone to another folder. */
static size_t collect(const struct reader *r, const struct folder *rows, size_t n, struct hierarchy_entry *ret)
{
	size_t count = 0;

	for (int deletes = 1; deletes >= 0; deletes--)
		for (size_t i = 0; i < n; i++) {
			enum hierarchy_kind kind;

			if (judge(r, &rows[i], &kind) && (kind == HIERARCHY_DELETE) == deletes)
				ret[count++] = (struct hierarchy_entry){ kind, rows[i] };
		}
	return count;
}

enum err hierarchy_read(struct arena *a, struct store_tx *tx, int64_t device, struct feed_state *st,
			struct hierarchy_entry **ret, size_t *ret_n)
{
	struct reader r = { device, st };
	struct folder *rows;
	uint64_t head;
	size_t n;

	TRY(folder_head(tx, FOLDER_ROOT, &head));
	*ret = NULL;
	*ret_n = 0;
	if (st->w == head)
		return ERR_OK;
	TRY(folder_rows_since(a, tx, st->w, st->w ? device : STORE_NOBODY, &rows, &n));
	*ret = arena_array(a, n + 1, sizeof(**ret));
	if (!*ret)
		return ERR_LIMIT;
	*ret_n = collect(&r, rows, n, *ret);
	st->w = head;
	return ERR_OK;
}
