/* Names of attachments. */
#include <gateway/activesync/attachment_ref.h>

#include <gateway/activesync/server_id.h>

static const struct str by_id = STR_INIT("cid:"), stored = STR_INIT("att:");

/* The only part with that Content-ID; ERR_NOT_FOUND where there is none, or another one too. */
static enum err find_id(const struct mime_structure *m, struct str id, size_t *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < m->parts_n; i++) {
		if (!str_eq(m->parts[i].content_id, id))
			continue;
		*ret = i;
		n++;
	}
	return id.n && n == 1 ? ERR_OK : ERR_NOT_FOUND;
}

bool attachment_ref_lasts(const struct mime_structure *m, size_t part)
{
	size_t found;

	return find_id(m, m->parts[part].content_id, &found) == ERR_OK;
}

static void put_item(struct buf *b, const struct item *item)
{
	buf_cstr(b, server_id_item(item->folder, item->id).text);
	buf_char(b, ':');
}

void attachment_ref_put_place(struct buf *b, const struct item *item, const struct mime_structure *m, size_t part,
			      size_t inner)
{
	put_item(b, item);
	mime_section_put(b, m, part);
	if (inner) {
		buf_char(b, '/');
		buf_u64(b, inner);
	}
}

void attachment_ref_put(struct buf *b, const struct item *item, const struct mime_structure *m, size_t part,
			size_t inner)
{
	if (!(item->flags & ITEM_DRAFT) || !attachment_ref_lasts(m, part)) {
		attachment_ref_put_place(b, item, m, part, inner);
		return;
	}
	put_item(b, item);
	buf_str(b, by_id);
	buf_str(b, m->parts[part].content_id);
}

void attachment_ref_put_stored(struct buf *b, const struct item *item, struct str name)
{
	put_item(b, item);
	buf_str(b, stored);
	buf_str(b, name);
}

bool attachment_ref_is_stored(struct str *name)
{
	if (!str_starts(*name, stored))
		return false;
	*name = str_slice(*name, stored.n, name->n);
	return true;
}

enum err attachment_ref_parse(struct str reference, int64_t *ret_item, struct str *ret_part)
{
	struct str rest = reference, folder_text, item_text;
	int64_t folder;

	if (!str_cut(&rest, ':', &folder_text) || !str_cut(&rest, ':', &item_text) || !rest.p)
		return ERR_NOT_FOUND;
	*ret_part = rest;
	return server_id_parse_item(str_slice(reference, 0, folder_text.n + 1 + item_text.n), &folder, ret_item);
}

enum err attachment_ref_cut_inner(struct str *name, size_t *ret_inner)
{
	size_t slash = str_index(*name, '/');
	uint64_t inner;

	*ret_inner = 0;
	if (str_starts(*name, by_id) || slash == name->n)
		return ERR_OK;
	if (str_to_u64(str_slice(*name, slash + 1, name->n), SIZE_MAX, &inner) || inner == 0)
		return ERR_NOT_FOUND;
	*name = str_slice(*name, 0, slash);
	*ret_inner = (size_t)inner;
	return ERR_OK;
}

enum err attachment_ref_find(const struct mime_structure *m, struct str name, size_t *ret)
{
	if (str_starts(name, by_id))
		return find_id(m, str_slice(name, by_id.n, name.n), ret);
	return mime_section_find(m, name, ret) ? ERR_NOT_FOUND : ERR_OK;
}
