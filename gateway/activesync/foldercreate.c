/* FolderCreate (MS-ASCMD 2.2.1.3). */
#include <gateway/activesync/folder_command.h>
#include <gateway/activesync/item_class.h>
#include <gateway/activesync/status.h>
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

/* Too many (MS-ASCMD_R4932; before 14.0 there was no such status), or too deep. */
static enum err refuse_limit(struct store_tx *tx, enum eas_version v, int *ret_status)
{
	int64_t n;

	TRY(folder_count(tx, &n));
	*ret_status = n >= FOLDER_MAX && v >= EAS_14_0 ? EAS_STATUS_TOO_MANY_FOLDERS : FOLDER_SERVER_ERROR;
	return ERR_OK;
}

/* Sets the status of an error that a phone can bring about; any other passes. */
static enum err refuse(struct store_tx *tx, enum eas_version v, enum err e, int *ret_status)
{
	switch ((int)e) {
	case ERR_EXISTS:
		*ret_status = FOLDER_NAME_TAKEN; /* R4013 */
		return ERR_OK;
	case ERR_NOT_FOUND:
		*ret_status = FOLDER_NO_PARENT; /* R4019 */
		return ERR_OK;
	case ERR_LIMIT:
		return refuse_limit(tx, v, ret_status);
	default:
		return e;
	}
}

/* R4016: nothing is put below the recipient cache. */
static enum err is_cache(struct eas_request *rq, struct store_tx *tx, int64_t parent, bool *ret)
{
	struct folder folder;

	*ret = false;
	if (parent == FOLDER_ROOT)
		return ERR_OK;
	TRY(folder_get(rq->arena, tx, parent, &folder));
	*ret = folder.role == FOLDER_RECIPIENT_CACHE;
	return ERR_OK;
}

static enum err apply(struct eas_request *rq, struct store_tx *tx, const struct folder_request *q,
		      const struct author *by, struct sync_result *ret)
{
	struct folder_new folder = { .name = q->name, .class = class_of(q->type, rq->version), .by = *by };
	bool below_cache = false;
	enum err e;

	ret->status = FOLDER_MALFORMED; /* R4035: a type of the folders that every mailbox has, too */
	if (!folder.class || !folder_name_valid(q->name))
		return ERR_OK;
	e = folder_id_parse(q->parent, &folder.parent);
	if (!e)
		e = is_cache(rq, tx, folder.parent, &below_cache);
	if (!e && !below_cache)
		e = folder_create(tx, &folder, &ret->item);
	ret->status = below_cache ? FOLDER_SPECIAL : FOLDER_DONE;
	ret->folder = folder.parent;
	return e ? refuse(tx, rq->version, e, &ret->status) : ERR_OK;
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
