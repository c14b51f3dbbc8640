/*
 * The stored form of a structure. A body begins where its header ends, and parts lie inside their parent: offsets are
 * stored as distances, so that a part of a usual message takes 20 to 60 octets.
 */
#include <gateway/content/mime.h>

#include <gateway/content/blob.h>

static void part_put(struct buf *b, const struct mime_structure *m, size_t i)
{
	const struct mime_part *part = &m->parts[i];
	uint64_t base = i ? m->parts[part->parent].body_off : 0;

	if (i)
		blob_put_u64(b, i - (size_t)part->parent);
	blob_put_u64(b, part->hdr_off - base);
	blob_put_u64(b, part->hdr_len);
	blob_put_u64(b, part->body_len);
	blob_put_u64(b, part->lines);
	blob_put_u64(b, part->flags);
	blob_put_u64(b, part->kind);
	blob_put_u64(b, part->encoding);
	blob_put_u64(b, part->disposition);
	blob_put_str(b, part->type);
	blob_put_str(b, part->subtype);
	blob_put_str(b, part->charset);
	blob_put_str(b, part->name);
	blob_put_str(b, part->content_id);
	blob_put_str(b, part->location);
	blob_put_str(b, part->variant);
}

void mime_structure_put(struct buf *b, const struct mime_structure *m)
{
	blob_put_u64(b, MIME_PARSER_VERSION);
	blob_put_u64(b, m->size);
	blob_put_u64(b, m->parts_n);
	for (size_t i = 0; i < m->parts_n; i++)
		part_put(b, m, i);
}

/* A parent is the part before or one that holds that one: the order of a tree walk. */
static bool parent_fits(const struct mime_structure *m, size_t i, int32_t parent)
{
	for (int32_t at = (int32_t)i - 1; at >= parent; at = m->parts[at].parent)
		if (at == parent)
			return true;
	return false;
}

static void part_get(struct blob_reader *r, struct mime_structure *m, size_t i)
{
	struct mime_part *part = &m->parts[i];
	uint64_t base = 0;

	part->parent = -1;
	if (i) {
		part->parent = (int32_t)(i - blob_u64_max(r, i));
		if (!parent_fits(m, i, part->parent)) {
			r->bad = true;
			return;
		}
		base = m->parts[part->parent].body_off;
	}
	part->hdr_off = base + blob_u64_max(r, m->size - base);
	part->hdr_len = blob_u64_max(r, m->size - part->hdr_off);
	part->body_off = part->hdr_off + part->hdr_len;
	part->body_len = blob_u64_max(r, m->size - part->body_off);
	part->lines = blob_u64_max(r, part->body_len);
	part->flags = (uint32_t)blob_u64_max(r, MIME_FLAGS_ALL);
	part->kind = (enum mime_kind)blob_u64_max(r, MIME_KIND_MAX_ - 1);
	part->encoding = (enum transfer_encoding)blob_u64_max(r, TRANSFER_MAX_ - 1);
	part->disposition = (enum mime_disposition)blob_u64_max(r, MIME_DISPOSITION_MAX_ - 1);
	part->type = blob_str(r);
	part->subtype = blob_str(r);
	part->charset = blob_str(r);
	part->name = blob_str(r);
	part->content_id = blob_str(r);
	part->location = blob_str(r);
	part->variant = blob_str(r);
}

enum err mime_structure_get(struct arena *a, struct str blob, struct mime_structure *ret)
{
	struct mime_structure m = { 0 };
	struct blob_reader r = { 0 };

	TRY(arena_str(a, blob, &r.rest));
	if (blob_u64(&r) != MIME_PARSER_VERSION)
		return r.bad ? ERR_CORRUPT : ERR_STALE;
	m.size = blob_u64_max(&r, INT64_MAX);
	m.parts_n = (size_t)blob_u64_max(&r, MIME_PARTS_MAX);
	if (r.bad || m.parts_n == 0)
		return ERR_CORRUPT;
	m.parts = arena_array(a, m.parts_n, sizeof(*m.parts));
	if (!m.parts)
		return ERR_LIMIT;
	for (size_t i = 0; i < m.parts_n && !r.bad; i++)
		part_get(&r, &m, i);
	TRY(blob_end(&r));
	*ret = m;
	return ERR_OK;
}
