/* Attachments by their references. */
#include <gateway/activesync/attachment.h>

#include <gateway/activesync/attachment_ref.h>
#include <store/blob.h>
#include <store/item_part.h>

enum { PIECE_BYTES = 16 * 1024 };

enum err eas_attachments(struct arena *a, const struct item *item, const struct message *m,
			 struct body_attachment **ret, size_t *ret_n)
{
	if (item->flags & ITEM_DRAFT)
		return body_attachments(a, &m->structure, 0, ret, ret_n);
	return body_attachments_unpacked(a, &m->source, &m->structure, ret, ret_n);
}

void eas_attachment_put(struct wbxml_writer *w, const struct body_attachment *a, struct str reference,
			struct str client_id)
{
	wbxml_open(w, TAG_AIRSYNCBASE_ATTACHMENT);
	if (client_id.n)
		wbxml_put_text(w, TAG_AIRSYNCBASE_CLIENTID, client_id);
	wbxml_put_text(w, TAG_AIRSYNCBASE_DISPLAYNAME, a->display_name);
	wbxml_put_text(w, TAG_AIRSYNCBASE_FILEREFERENCE, reference);
	wbxml_put_u64(w, TAG_AIRSYNCBASE_METHOD, a->method);
	wbxml_put_u64(w, TAG_AIRSYNCBASE_ESTIMATEDDATASIZE, a->size);
	if (a->content_id.n)
		wbxml_put_text(w, TAG_AIRSYNCBASE_CONTENTID, a->content_id);
	if (a->location.n)
		wbxml_put_text(w, TAG_AIRSYNCBASE_CONTENTLOCATION, a->location);
	if (a->is_inline)
		wbxml_put_bool(w, TAG_AIRSYNCBASE_ISINLINE, true);
	wbxml_close(w, TAG_AIRSYNCBASE_ATTACHMENT);
}

static enum err describe(struct arena *a, size_t inner, struct eas_attachment *ret)
{
	CLEANUP(buf_release) struct buf type = BUF_INIT(2 * MIME_WORD_MAX + 1);

	ret->is_inner = inner > 0;
	if (inner)
		return body_inner_find(a, &ret->message.source, ret->part, inner, &ret->content_type, &ret->off,
				       &ret->len);
	buf_str(&type, ret->part->type);
	buf_char(&type, '/');
	buf_str(&type, ret->part->subtype);
	TRY(buf_status(&type));
	return arena_str(a, buf_view(&type), &ret->content_type);
}

static enum err open_stored(struct arena *a, struct store_tx *tx, int64_t item, struct str name,
			    struct eas_attachment *ret)
{
	int64_t blob;

	TRY(item_part_get(a, tx, item, name, &ret->content_type, &blob));
	return store_blob_open(tx, blob, &ret->blob);
}

enum err eas_attachment_open(struct arena *a, struct store_tx *tx, struct str reference, struct eas_attachment *ret)
{
	struct item item;
	struct str name;
	int64_t id;
	size_t part, inner;

	TRY(attachment_ref_parse(reference, &id, &name));
	TRY(item_find(a, tx, id, &item));
	if (attachment_ref_is_stored(&name))
		return open_stored(a, tx, id, name, ret);
	TRY(attachment_ref_cut_inner(&name, &inner));
	TRY(message_open(a, tx, &item, &ret->message));
	TRY(attachment_ref_find(&ret->message.structure, name, &part));
	if (ret->message.structure.parts[part].kind == MIME_MULTIPART)
		return ERR_NOT_FOUND;
	ret->part = &ret->message.structure.parts[part];
	return describe(a, inner, ret);
}

static enum err decode_stored(const struct eas_attachment *a, uint64_t off, uint64_t max_bytes, struct body_sink sink,
			      uint64_t *ret_total)
{
	char piece[PIECE_BYTES];
	size_t got;

	*ret_total = store_blob_size(a->blob);
	for (; max_bytes && off < *ret_total; off += got, max_bytes -= got) {
		TRY(store_blob_read(a->blob, off, piece, max_bytes < sizeof(piece) ? (size_t)max_bytes : sizeof(piece),
				    &got));
		TRY(sink.put(sink.ctx, str_from(piece, got)));
	}
	return ERR_OK;
}

enum err eas_attachment_decode(const struct eas_attachment *a, uint64_t off, uint64_t max_bytes, struct body_sink sink,
			       uint64_t *ret_total)
{
	uint64_t total, left;

	if (a->blob)
		return decode_stored(a, off, max_bytes, sink, ret_total);
	if (!a->is_inner)
		return body_part_decode(&a->message.source, a->part, off, max_bytes, sink, ret_total);
	left = off < a->len ? a->len - off : 0;
	if (max_bytes < left)
		left = max_bytes;
	if (left)
		TRY(body_part_decode(&a->message.source, a->part, a->off + off, left, sink, &total));
	*ret_total = a->len;
	return ERR_OK;
}

static enum err drop_octets(void *ctx, struct str octets)
{
	(void)ctx, (void)octets;
	return ERR_OK;
}

/* What is sent is counted, not what it is in the mail: that has a third more. */
enum err eas_attachment_allowed(const struct eas_policy_limits *l, const struct eas_attachment *a)
{
	const struct body_sink nowhere = { drop_octets, NULL };
	uint64_t total;

	if (l->no_attachments)
		return ERR_DENIED;
	if (!l->caps_attachment)
		return ERR_OK;
	TRY(eas_attachment_decode(a, 0, 0, nowhere, &total));
	return total <= l->max_attachment ? ERR_OK : ERR_LIMIT;
}

void eas_attachment_close(struct eas_attachment *a)
{
	message_close(&a->message);
	store_blob_close(&a->blob);
}
