/* Names of attachments. */
#include <gateway/activesync/attachment_ref.h>

#include <gateway/activesync/server_id.h>

static const struct str by_id = STR_INIT("cid:");

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

void attachment_ref_put(struct buf *b, const struct item *item, const struct mime_structure *m, size_t part)
{
	buf_cstr(b, server_id_item(item->folder, item->id).text);
	buf_char(b, ':');
	if (item->flags & ITEM_DRAFT && attachment_ref_lasts(m, part)) {
		buf_str(b, by_id);
		buf_str(b, m->parts[part].content_id);
	} else {
		mime_section_put(b, m, part);
	}
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

enum err attachment_ref_find(const struct mime_structure *m, struct str name, size_t *ret)
{
	if (str_starts(name, by_id))
		return find_id(m, str_slice(name, by_id.n, name.n), ret);
	return mime_section_find(m, name, ret) ? ERR_NOT_FOUND : ERR_OK;
}
