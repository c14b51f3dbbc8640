/* Attachments by their references. */
#include <gateway/activesync/attachment.h>

#include <gateway/activesync/attachment_ref.h>
#include <gateway/content/body.h>

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
	TRY(body_part_decode(&a->message.source, a->part, 0, 0, nowhere, &total));
	return total <= l->max_attachment ? ERR_OK : ERR_LIMIT;
}

void eas_attachment_close(struct eas_attachment *a)
{
	message_close(&a->message);
}
