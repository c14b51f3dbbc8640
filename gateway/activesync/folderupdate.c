/* FolderUpdate (MS-ASCMD 2.2.1.6): another name, another parent, or both. */
#include <gateway/activesync/folder_command.h>
#include <store/folder.h>

static enum folder_status refusal(enum err e)
{
	switch ((int)e) {
	case ERR_EXISTS:
		return FOLDER_NAME_TAKEN; /* R5438 */
	case ERR_NOT_FOUND:
		return FOLDER_NO_PARENT; /* R4109 */
	case ERR_DENIED:
		return FOLDER_MALFORMED; /* below itself: R4123, a semantic error */
	case ERR_LIMIT:
		return FOLDER_SERVER_ERROR; /* too deep */
	default:
		return 0;
	}
}

static enum err find(struct eas_request *rq, struct store_tx *tx, struct str server_id, struct folder *ret)
{
	int64_t id;

	TRY(folder_id_parse(server_id, &id));
	return folder_get(rq->arena, tx, id, ret);
}

static enum err apply(struct eas_request *rq, struct store_tx *tx, const struct folder_request *q,
		      const struct author *by, struct sync_result *ret)
{
	struct folder folder;
	int64_t parent;
	enum err e = find(rq, tx, q->server_id, &folder);

	if (e == ERR_NOT_FOUND) {
		ret->status = FOLDER_MISSING; /* R4106 */
		return ERR_OK;
	}
	TRY(e);
	if (folder.role != FOLDER_ROLE_NONE || !folder_name_valid(q->name)) {
		ret->status = folder.role == FOLDER_RECIPIENT_CACHE ? FOLDER_SPECIAL    /* R143, R4104 */
			      : folder.role != FOLDER_ROLE_NONE     ? FOLDER_NAME_TAKEN /* R4102 */
								    : FOLDER_MALFORMED;
		return ERR_OK;
	}
	e = folder_id_parse(q->parent, &parent);
	if (!e)
		e = folder_update(tx, folder.id, parent, q->name, by);
	ret->item = folder.id;
	ret->status = e ? (int)refusal(e) : FOLDER_DONE;
	return ret->status ? ERR_OK : e;
}

void eas_folderupdate(struct eas_request *rq)
{
	static const struct folder_verb verb = {
		.kind = SYNC_CHANGE,
		.fields = FOLDER_FIELD_KEY | FOLDER_FIELD_SERVER_ID | FOLDER_FIELD_PARENT | FOLDER_FIELD_NAME,
		.apply = apply,
	};

	eas_folder_command(rq, &verb);
}
