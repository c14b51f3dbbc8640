/* FolderCreate (MS-ASCMD 2.2.1.3). */
#include <gateway/activesync/folder_command.h>
#include <gateway/activesync/item_class.h>
#include <store/folder.h>

/*
 * MS-ASCMD_R4654: of the types that a phone may make, those that there are; 1 is as 12, and 16, a journal, is none of ours.
 * What would not be shown to who made it is none either.
 */
static enum folder_class class_of(uint64_t type, enum eas_version v)
{
	enum { GENERIC = 1, MAIL = 12 };
	const struct item_class *class = item_class_of_type(type == GENERIC ? MAIL : type, v);

	return class ? class->folder : 0;
}

static enum folder_status refusal(enum err e)
{
	switch ((int)e) {
	case ERR_EXISTS:
		return FOLDER_NAME_TAKEN; /* R4013 */
	case ERR_NOT_FOUND:
		return FOLDER_NO_PARENT; /* R4019 */
	case ERR_LIMIT:
		return FOLDER_SERVER_ERROR; /* too deep, or too many */
	default:
		return 0;
	}
}

static enum err apply(struct eas_request *rq, struct store_tx *tx, const struct folder_request *q,
		      const struct author *by, struct sync_result *ret)
{
	struct folder_new folder = { .name = q->name, .class = class_of(q->type, rq->version), .by = *by };
	enum err e;

	ret->status = FOLDER_MALFORMED; /* R4035: a type of the folders that every mailbox has, too */
	if (!folder.class || !folder_name_valid(q->name))
		return ERR_OK;
	e = folder_id_parse(q->parent, &folder.parent);
	if (!e)
		e = folder_create(tx, &folder, &ret->item);
	ret->status = e ? (int)refusal(e) : FOLDER_DONE;
	ret->folder = folder.parent;
	return ret->status ? ERR_OK : e;
}

void eas_foldercreate(struct eas_request *rq)
{
	static const struct folder_verb verb = {
		.kind = SYNC_ADD,
		.fields = FOLDER_FIELD_KEY | FOLDER_FIELD_PARENT | FOLDER_FIELD_NAME | FOLDER_FIELD_TYPE,
		.apply = apply,
	};

	eas_folder_command(rq, &verb);
}
