/* Changes with the form of references to attachments. */
#include <gateway/activesync/attachment.h>

#include <gateway/activesync/server_id.h>

enum err eas_attachment_open(struct arena *a, struct store_tx *tx, struct str reference, struct eas_attachment *ret)
{
	struct str section = reference, folder_text, item_text, ids;
	struct item item;
	int64_t folder, id;
	size_t part;
	enum err e;

	if (!str_cut(&section, ':', &folder_text) || !str_cut(&section, ':', &item_text) || !section.p)
		return ERR_NOT_FOUND;
	ids = str_slice(reference, 0, folder_text.n + 1 + item_text.n);
	TRY(server_id_parse_item(ids, &folder, &id));
	TRY(item_find(a, tx, id, &item));
	TRY(message_open(a, tx, &item, &ret->message));
	e = mime_section_find(&ret->message.structure, section, &part);
	if (e || ret->message.structure.parts[part].kind == MIME_MULTIPART)
		return ERR_NOT_FOUND;
	ret->part = &ret->message.structure.parts[part];
	return ERR_OK;
}

void eas_attachment_close(struct eas_attachment *a)
{
	message_close(&a->message);
}
