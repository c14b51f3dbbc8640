/* FolderDelete (MS-ASCMD 2.2.1.4): a folder with everything below it. */
#include <gateway/activesync/folder_command.h>
#include <store/folder.h>

static enum err apply(struct eas_request *rq, struct store_tx *tx, const struct folder_request *q,
		      const struct author *by, struct sync_result *ret)
{
	enum err e = folder_id_parse(q->server_id, &ret->item);

	(void)rq;
	if (!e)
		e = ret->item == FOLDER_ROOT ? ERR_DENIED : folder_delete(tx, ret->item, by);
	ret->status = e == ERR_DENIED      ? FOLDER_SPECIAL /* R4047; of a folder below it too */
		      : e == ERR_NOT_FOUND ? FOLDER_MISSING /* R4049 */
					   : FOLDER_DONE;
	return ret->status == FOLDER_DONE ? e : ERR_OK;
}

void eas_folderdelete(struct eas_request *rq)
{
	static const struct folder_verb verb = {
		.kind = SYNC_DELETE,
		.fields = FOLDER_FIELD_KEY | FOLDER_FIELD_SERVER_ID,
		.apply = apply,
	};

	eas_folder_command(rq, &verb);
}
