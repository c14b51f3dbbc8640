/* FolderCreate (MS-ASCMD 2.2.1.3). */
#include <gateway/activesync/folder_command.h>
#include <store/folder.h>

/* MS-ASCMD_R4654: of the types that a phone may make, those that there are; 16, a journal, is none of ours. */
static enum folder_class class_of(uint64_t type, enum eas_version v)
{
	static const enum folder_class classes[] = {
		[1] = FOLDER_MAIL,      [12] = FOLDER_MAIL,  [13] = FOLDER_CALENDAR,
		[14] = FOLDER_CONTACTS, [15] = FOLDER_TASKS, [17] = FOLDER_NOTES,
	};
	enum folder_class class = type < countof(classes) ? classes[type] : 0;

	return class == FOLDER_NOTES && v < EAS_14_0 ? 0 : class; /* it would not be shown to who made it */
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
