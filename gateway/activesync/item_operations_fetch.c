/* Fetch of ItemOperations (MS-ASCMD 2.2.3.67.1): an item, or an attachment of one. */
#include <gateway/activesync/item_operations.h>

#include <gateway/activesync/attachment.h>
#include <gateway/activesync/attachment_ref.h>
#include <gateway/activesync/item_class.h>
#include <gateway/activesync/place.h>
#include <gateway/activesync/server_id.h>
#include <gateway/mailbox/entry.h>

#include <base/base64.h>

/* `class`: of the item that is given; NULL where none is. */
static void begin(struct item_ops_job *job, const struct item_op *op, enum item_op_status status,
		  const struct item_class *class)
{
	struct wbxml_writer *w = &job->w;

	wbxml_open(w, TAG_ITEMOPERATIONS_FETCH);
	wbxml_put_u64(w, TAG_ITEMOPERATIONS_STATUS, status);
	if (op->collection.n)
		wbxml_put_text(w, TAG_AIRSYNC_COLLECTIONID, op->collection);
	if (op->item.n)
		wbxml_put_text(w, TAG_AIRSYNC_SERVERID, op->item);
	if (op->long_id.n)
		wbxml_put_text(w, TAG_SEARCH_LONGID, op->long_id);
	if (class)
		wbxml_put_text(w, TAG_AIRSYNC_CLASS, class->name);
	if (op->reference.n)
		wbxml_put_text(w, TAG_AIRSYNCBASE_FILEREFERENCE, op->reference);
	if (op->link.n)
		wbxml_put_text(w, TAG_DOCUMENTLIBRARY_LINKID, op->link);
}

static void put_refusal(struct item_ops_job *job, const struct item_op *op, enum item_op_status status)
{
	begin(job, op, status, NULL);
	wbxml_close(&job->w, TAG_ITEMOPERATIONS_FETCH);
}

/* ---- an item ---- */

struct found {
	struct store_tx *tx, *other; /* the one it is read in; of another mailbox, ended with it */
	struct eas_place place;
	struct item item;
};

static void found_end(struct found *f)
{
	store_tx_end(&f->other);
}

/* In the own mailbox, or where the folder that the phone names lies. */
static enum err find_place(struct item_ops_job *job, struct str collection, struct found *ret)
{
	struct folder folder;
	int64_t id;

	TRY(server_id_parse_folder(collection, &id));
	TRY(folder_get(&job->scratch, job->tx, id, &folder));
	TRY(eas_place_of(job->rq, &folder, &ret->place));
	if (!ret->place.shared)
		return ERR_OK;
	TRY(store_begin(job->rq->eas->store, ret->place.mailbox, STORE_READ, &ret->other));
	ret->tx = ret->other;
	return ERR_OK;
}

/* Of the own mailbox by its number; of a folder that is shared by the name that a search told. */
static enum err find_long(struct item_ops_job *job, struct str long_id, struct found *ret)
{
	int64_t named_in, id;

	if (server_id_parse_long(long_id, &id) == ERR_OK)
		return item_find(&job->scratch, job->tx, id, &ret->item);
	TRY(server_id_parse_item(long_id, &named_in, &id));
	TRY(find_place(job, str_slice(long_id, 0, str_index(long_id, ':')), ret));
	return ret->place.shared ? item_get(&job->scratch, ret->tx, ret->place.folder, id, &ret->item) : ERR_NOT_FOUND;
}

static enum err find_item(struct item_ops_job *job, const struct item_op *op, struct found *ret)
{
	int64_t named_in, id;

	ret->tx = job->tx;
	ret->place.owner = job->rq->address;
	if (op->long_id.n)
		return find_long(job, op->long_id, ret);
	TRY(find_place(job, op->collection, ret));
	TRY(server_id_parse_item(op->item, &named_in, &id));
	if (named_in != ret->place.collection)
		return ERR_NOT_FOUND;
	return item_get(&job->scratch, ret->tx, ret->place.folder, id, &ret->item);
}

/* MS-ASCMD 2.2.3.158: is it to be in the answer? */
static bool wants(const struct item_op *op, enum wbxml_tag tag)
{
	for (size_t i = 0; i < op->schema_n; i++)
		if (op->schema[i] == (uint16_t)tag)
			return true;
	return !op->has_schema;
}

static enum err put_item(struct item_ops_job *job, const struct item_op *op)
{
	CLEANUP(found_end) struct found found = { 0 };
	const struct item_class *class;
	struct eas_options allowed;
	struct item_view view = { .arena = &job->scratch,
				  .version = job->rq->version,
				  .options = &allowed,
				  .inserts = &job->inserts,
				  .container = TAG_ITEMOPERATIONS_PROPERTIES,
				  .no_body = !wants(op, TAG_AIRSYNCBASE_BODY),
				  .parts = job->parts };

	TRY(find_item(job, op, &found));
	view.tx = found.tx;
	view.owner = found.place.owner;
	view.guest = found.place.shared;
	view.mount = found.place.shared ? found.place.collection : 0;
	TRY(item_class_of_item(&job->scratch, found.tx, &found.item, job->rq->version, &class));
	if (!item_class_syncs(class))
		return ERR_NOT_FOUND;
	allowed = eas_policy_options(&job->rq->limits, class->folder, &op->options);
	begin(job, op, ITEM_OP_DONE, class);
	if (op->has_schema)
		wbxml_only(&job->w, op->schema, op->schema_n);
	TRY(class->put(&job->w, &view, &found.item));
	wbxml_only(&job->w, NULL, 0);
	wbxml_close(&job->w, TAG_ITEMOPERATIONS_FETCH);
	return job->parts ? buf_status(&job->parts->octets) : buf_status(job->w.out);
}

/* ---- an attachment ---- */

/* Base64 of octets that come in pieces: what is left over of one waits for the next. */
struct base64_text {
	struct wbxml_writer *w;
	char rest[3];
	size_t rest_n;
};

static void put_base64(struct wbxml_writer *w, struct str octets)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(octets.n / 3 * 4 + 4);

	base64_put(&text, octets);
	wbxml_text_piece(w, buf_view(&text));
}

static enum err put_octets(void *ctx, struct str octets)
{
	struct base64_text *t = ctx;
	size_t whole;

	while (t->rest_n && octets.n) {
		t->rest[t->rest_n++] = octets.p[0];
		octets = str_slice(octets, 1, octets.n);
		if (t->rest_n == sizeof(t->rest)) {
			put_base64(t->w, str_from(t->rest, t->rest_n));
			t->rest_n = 0;
		}
	}
	whole = octets.n - octets.n % sizeof(t->rest);
	put_base64(t->w, str_slice(octets, 0, whole));
	for (; whole < octets.n; whole++)
		t->rest[t->rest_n++] = octets.p[whole];
	return buf_status(t->w->out);
}

struct wanted {
	struct eas_attachment attachment;
	uint64_t from, max; /* octets asked for */
	uint64_t total;     /* with a range */
};

static void wanted_close(struct wanted *a)
{
	eas_attachment_close(&a->attachment);
}

static enum err decode(const struct wanted *a, uint64_t from, uint64_t max, struct body_sink sink, uint64_t *total)
{
	return eas_attachment_decode(&a->attachment, from, max, sink, total);
}

/* MS-ASCMD_R234, R2130: base64 in the document; with parts (R236) the octets as they are. */
static enum err put_data(struct item_ops_job *job, const struct wanted *a)
{
	struct base64_text text = { .w = &job->w };
	uint64_t total;

	if (job->parts) {
		TRY(decode(a, a->from, a->max, body_sink_buf(&job->parts->octets), &total));
		wbxml_put_u64(&job->w, TAG_ITEMOPERATIONS_PART, eas_parts_close(job->parts));
		return ERR_OK;
	}
	wbxml_text_begin(&job->w, TAG_ITEMOPERATIONS_DATA);
	TRY(decode(a, a->from, a->max, (struct body_sink){ put_octets, &text }, &total));
	put_base64(&job->w, str_from(text.rest, text.rest_n));
	wbxml_text_end(&job->w, TAG_ITEMOPERATIONS_DATA);
	return ERR_OK;
}

/* The range that is given, and the size of the whole; unasked they make some phones fail. */
static void put_range(struct item_ops_job *job, const struct wanted *a)
{
	CLEANUP(buf_release) struct buf range = BUF_INIT(64);

	buf_u64(&range, a->from);
	buf_char(&range, '-');
	buf_u64(&range, a->from + a->max - 1);
	wbxml_put_text(&job->w, TAG_ITEMOPERATIONS_RANGE, buf_view(&range));
	wbxml_put_u64(&job->w, TAG_ITEMOPERATIONS_TOTAL, a->total);
}

static enum err drop_octets(void *ctx, struct str octets)
{
	(void)ctx, (void)octets;
	return ERR_OK;
}

/* MS-ASCMD_R3713, R3715: as much of the range as there is. ERR_INVALID: it begins behind the end. */
static enum err fit_range(struct wanted *a, const struct item_op *op)
{
	a->from = 0;
	a->max = UINT64_MAX;
	if (!op->has_range)
		return ERR_OK;
	TRY(decode(a, 0, 0, (struct body_sink){ drop_octets, NULL }, &a->total));
	if (op->from >= a->total)
		return ERR_INVALID;
	a->from = op->from;
	a->max = (op->to < a->total ? op->to + 1 : a->total) - op->from;
	return ERR_OK;
}

/*
 * Where the item lies that a reference names: in the own mailbox wherever it is by now; of somebody else's, in the folder that is
 * shared, and nothing that is private.
 */
static enum err find_attached(struct item_ops_job *job, struct str reference, struct found *ret)
{
	const struct item_class *class;
	struct str octets, part;
	int64_t id;
	enum err e;

	ret->tx = job->tx;
	e = find_place(job, str_slice(reference, 0, str_index(reference, ':')), ret);
	if (!ret->place.shared)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	TRY(e);
	TRY(attachment_ref_parse(reference, &id, &part));
	TRY(item_get(&job->scratch, ret->tx, ret->place.folder, id, &ret->item));
	TRY(item_class_of_item(&job->scratch, ret->tx, &ret->item, job->rq->version, &class));
	TRY(entry_read(&job->scratch, ret->tx, &ret->item, &octets));
	return class->is_private && class->is_private(&job->scratch, octets) ? ERR_NOT_FOUND : ERR_OK;
}

static enum err put_attachment(struct item_ops_job *job, const struct item_op *op)
{
	CLEANUP(found_end) struct found found = { 0 };
	CLEANUP(wanted_close) struct wanted a = { 0 };

	TRY(find_attached(job, op->reference, &found));
	TRY(eas_attachment_open(&job->scratch, found.tx, op->reference, &a.attachment));
	TRY(eas_attachment_allowed(&job->rq->limits, &a.attachment)); /* MS-ASPROV_R206 */
	TRY(fit_range(&a, op));
	begin(job, op, ITEM_OP_DONE, NULL);
	wbxml_open(&job->w, TAG_ITEMOPERATIONS_PROPERTIES);
	if (op->has_range)
		put_range(job, &a);
	wbxml_put_text(&job->w, TAG_AIRSYNCBASE_CONTENTTYPE, a.attachment.content_type);
	TRY(put_data(job, &a));
	wbxml_close(&job->w, TAG_ITEMOPERATIONS_PROPERTIES);
	wbxml_close(&job->w, TAG_ITEMOPERATIONS_FETCH);
	return buf_status(job->w.out);
}

/* ---- both ---- */

/* What is wrong with the operation alone; ITEM_OP_DONE: the error is the request's. */
static enum item_op_status status_of(enum err e, const struct item_op *op)
{
	switch ((int)e) {
	case ERR_NOT_FOUND:
		return op->has_reference ? ITEM_OP_BAD_ATTACHMENT : ITEM_OP_NOT_FOUND;
	case ERR_INVALID:
		return ITEM_OP_BAD_RANGE;
	case ERR_LIMIT:
		return ITEM_OP_TOO_LARGE;
	case ERR_DENIED: /* MS-ASCMD_R4167 */
		return ITEM_OP_DENIED;
	case ERR_CORRUPT:
		return ITEM_OP_SERVER;
	default:
		return ITEM_OP_DONE;
	}
}

static bool names_something(const struct item_op *op)
{
	return op->has_reference || op->long_id.n || (op->collection.n && op->item.n);
}

enum err item_op_fetch(struct item_ops_job *job, const struct item_op *op)
{
	const struct wbxml_mark mark = wbxml_mark(&job->w);
	size_t parts_n = job->parts ? job->parts->n : 0;
	enum err e;

	arena_reset(&job->scratch);
	if (op->status != ITEM_OP_DONE || !names_something(op)) {
		put_refusal(job, op, op->status != ITEM_OP_DONE ? op->status : ITEM_OP_MALFORMED);
		return ERR_OK;
	}
	e = op->has_reference ? put_attachment(job, op) : put_item(job, op);
	if (!e)
		return ERR_OK;
	if (status_of(e, op) == ITEM_OP_DONE)
		return e;
	wbxml_rewind(&job->w, mark);
	eas_inserts_rewind(&job->inserts, mark.n);
	if (job->parts)
		eas_parts_rewind(job->parts, parts_n);
	put_refusal(job, op, status_of(e, op));
	return ERR_OK;
}
