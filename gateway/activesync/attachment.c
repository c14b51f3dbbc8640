/* Attachments by their references. */
#include <gateway/activesync/attachment.h>

#include <gateway/activesync/attachment_ref.h>

enum err eas_attachment_open(struct arena *a, struct store_tx *tx, struct str reference, struct eas_attachment *ret)
{
	struct item item;
	struct str name;
	int64_t id;
	size_t part;

	TRY(attachment_ref_parse(reference, &id, &name));
	TRY(item_find(a, tx, id, &item));
	TRY(message_open(a, tx, &item, &ret->message));
	TRY(attachment_ref_find(&ret->message.structure, name, &part));
	if (ret->message.structure.parts[part].kind == MIME_MULTIPART)
		return ERR_NOT_FOUND;
	ret->part = &ret->message.structure.parts[part];
	return ERR_OK;
}

void eas_attachment_close(struct eas_attachment *a)
{
	message_close(&a->message);
}
