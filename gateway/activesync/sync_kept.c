/*
 * The form: a byte for the format, then numbers in little-endian order and texts behind their length, as a request has
 * them. It is told apart from damage by its lengths and ranges; what another version of ours wrote is damage too, and
 * the phone sends the whole again.
 */
#include <gateway/activesync/sync_kept.h>

#include <gateway/activesync/item_class.h>

#include <assert.h>

enum { KEPT_FORMAT = 3 };

enum request_flag { HAS_WINDOW = 1, HAS_HOLD = 2, HOLD_IN_MINUTES = 4, REQUEST_FLAGS = 7 };
enum collection_flag {
	GET_CHANGES = 1,
	DELETES_AS_MOVES = 2,
	CONVERSATION_MODE = 4,
	HAS_CLASS = 8,
	HAS_OPTIONS = 16,
	HAS_SUPPORTED = 32,
	HAS_CONVERSATION_MODE = 64,
	TEXTS_ALONE = 128,
	COLLECTION_FLAGS = 255,
};

/* ---- writing ---- */

static void put_u32(struct buf *out, uint32_t v)
{
	for (int shift = 0; shift < 32; shift += 8)
		buf_char(out, (char)(v >> shift & 0xff));
}

static void put_text(struct buf *out, struct str s)
{
	assert(s.n <= UINT8_MAX);
	buf_char(out, (char)s.n);
	buf_str(out, s);
}

static void put_options(struct buf *out, const struct eas_options *o)
{
	CLEANUP(buf_release) struct buf bytes = BUF_INIT(EAS_OPTIONS_MAX_BYTES);

	eas_options_put(&bytes, o);
	put_text(out, buf_view(&bytes));
}

static void put_collection(struct buf *out, const struct eas_sync_collection *c)
{
	unsigned flags = (c->get_changes ? GET_CHANGES : 0u) | (c->deletes_as_moves ? DELETES_AS_MOVES : 0u) |
			 (c->conversation_mode ? CONVERSATION_MODE : 0u) | (c->has_class ? HAS_CLASS : 0u) |
			 (c->has_options ? HAS_OPTIONS : 0u) | (c->supported.how ? HAS_SUPPORTED : 0u) |
			 (c->has_conversation_mode ? HAS_CONVERSATION_MODE : 0u) | (c->texts_alone ? TEXTS_ALONE : 0u);

	put_text(out, c->id);
	put_text(out, c->key);
	buf_char(out, (char)flags);
	put_u32(out, c->window);
	if (c->has_class) /* 0: of a name that no class has */
		buf_char(out, (char)(c->class ? c->class->folder : 0));
	if (c->has_options)
		put_options(out, &c->options);
	if (c->supported.how)
		eas_supported_put(out, &c->supported);
}

void eas_sync_keep(struct buf *out, const struct eas_sync_request *q)
{
	unsigned flags = (q->has_window ? HAS_WINDOW : 0u) | (q->has_hold ? HAS_HOLD : 0u) |
			 (q->hold_in_minutes ? HOLD_IN_MINUTES : 0u);

	buf_char(out, KEPT_FORMAT);
	buf_char(out, (char)flags);
	put_u32(out, q->window);
	put_u32(out, q->hold_s);
	put_u32(out, (uint32_t)q->collections_n);
	for (size_t i = 0; i < q->collections_n; i++)
		put_collection(out, &q->collections[i]);
}

/* ---- reading ---- */

static enum err take(struct str *rest, size_t n, struct str *ret)
{
	if (n > rest->n)
		return ERR_CORRUPT;
	*ret = str_slice(*rest, 0, n);
	*rest = str_slice(*rest, n, rest->n);
	return ERR_OK;
}

static enum err take_u8(struct str *rest, unsigned max, unsigned *ret)
{
	struct str byte;

	TRY(take(rest, 1, &byte));
	*ret = (unsigned char)byte.p[0];
	return *ret <= max ? ERR_OK : ERR_CORRUPT;
}

static enum err take_u32(struct str *rest, uint32_t min, uint32_t max, uint32_t *ret)
{
	struct str bytes;
	uint32_t v = 0;

	TRY(take(rest, 4, &bytes));
	for (unsigned i = 0; i < 4; i++)
		v |= (uint32_t)(unsigned char)bytes.p[i] << (8 * i);
	*ret = v;
	return v >= min && v <= max ? ERR_OK : ERR_CORRUPT;
}

static enum err take_text(struct str *rest, unsigned max, struct str *ret)
{
	unsigned n;

	TRY(take_u8(rest, max, &n));
	return n ? take(rest, n, ret) : ERR_CORRUPT;
}

static enum err take_collection(struct str *rest, struct eas_sync_collection *c)
{
	struct str options, supported;
	unsigned flags, class;

	TRY(take_text(rest, EAS_SYNC_MAX_ID_CHARS, &c->id));
	TRY(take_text(rest, EAS_SYNC_MAX_ID_CHARS, &c->key));
	TRY(take_u8(rest, COLLECTION_FLAGS, &flags));
	TRY(take_u32(rest, 1, EAS_SYNC_MAX_WINDOW, &c->window));
	c->get_changes = flags & GET_CHANGES;
	c->deletes_as_moves = flags & DELETES_AS_MOVES;
	c->conversation_mode = flags & CONVERSATION_MODE;
	c->has_conversation_mode = flags & HAS_CONVERSATION_MODE;
	c->has_class = flags & HAS_CLASS;
	c->has_options = flags & HAS_OPTIONS;
	c->texts_alone = flags & TEXTS_ALONE;
	if (c->has_class) {
		TRY(take_u8(rest, FOLDER_CLASS_MAX_ - 1, &class));
		c->class = item_class_of_folder((enum folder_class) class, EAS_16_1);
	}
	if (c->has_options) {
		TRY(take_text(rest, EAS_OPTIONS_MAX_BYTES, &options));
		c->options = eas_options_get(options);
	}
	if (flags & HAS_SUPPORTED) {
		TRY(take(rest, EAS_SUPPORTED_BYTES, &supported));
		c->supported = eas_supported_get((const unsigned char *)supported.p);
	}
	return ERR_OK;
}

static enum err take_head(struct str *rest, struct eas_sync_request *q, uint32_t *ret_n)
{
	unsigned format, flags;

	TRY(take_u8(rest, KEPT_FORMAT, &format));
	TRY(take_u8(rest, REQUEST_FLAGS, &flags));
	TRY(take_u32(rest, 1, EAS_SYNC_MAX_WINDOW, &q->window));
	TRY(take_u32(rest, 0, INT32_MAX, &q->hold_s));
	TRY(take_u32(rest, 1, EAS_SYNC_MAX_COLLECTIONS, ret_n));
	q->has_window = flags & HAS_WINDOW;
	q->has_hold = flags & HAS_HOLD;
	q->hold_in_minutes = flags & HOLD_IN_MINUTES;
	return format == KEPT_FORMAT ? ERR_OK : ERR_CORRUPT;
}

enum err eas_sync_recall(struct arena *a, struct str kept, struct eas_sync_request *ret)
{
	struct eas_sync_request q = { 0 };
	uint32_t n;

	TRY(take_head(&kept, &q, &n));
	q.collections = arena_array(a, n, sizeof(*q.collections));
	if (!q.collections)
		return ERR_BUSY;
	for (; q.collections_n < n; q.collections_n++)
		TRY(take_collection(&kept, &q.collections[q.collections_n]));
	if (kept.n)
		return ERR_CORRUPT;
	*ret = q;
	return ERR_OK;
}

/* ---- what is left out ---- */

static struct eas_sync_collection *find(const struct eas_sync_request *q, struct str id)
{
	for (size_t i = 0; i < q->collections_n; i++)
		if (str_eq(q->collections[i].id, id))
			return &q->collections[i];
	return NULL;
}

static enum err put_in_place(struct eas_sync_request *all, const struct eas_sync_collection *c)
{
	struct eas_sync_collection *former = find(all, c->id);

	if (!former && all->collections_n == EAS_SYNC_MAX_COLLECTIONS)
		return ERR_LIMIT;
	*(former ? former : &all->collections[all->collections_n++]) = *c;
	return ERR_OK;
}

enum err eas_sync_merge(struct arena *a, const struct eas_sync_request *former, const struct eas_sync_request *q,
			struct eas_sync_request *ret)
{
	struct eas_sync_request all = *former;

	all.collections = arena_array(a, former->collections_n + q->collections_n, sizeof(*all.collections));
	if (!all.collections)
		return ERR_BUSY;
	memcpy(all.collections, former->collections, former->collections_n * sizeof(*all.collections));
	for (size_t i = 0; i < q->collections_n; i++)
		TRY(put_in_place(&all, &q->collections[i]));
	if (q->has_window) {
		all.has_window = true;
		all.window = q->window;
	}
	if (q->has_hold) {
		all.has_hold = true;
		all.hold_s = q->hold_s;
		all.hold_in_minutes = q->hold_in_minutes;
	}
	*ret = all;
	return ERR_OK;
}
