/* GetHierarchy (MS-ASCMD 2.2.1.8), up to 12.1: the folders of mail, without a key. */
#include <gateway/activesync/hierarchy.h>
#include <gateway/activesync/respond.h>

static enum err read(struct eas_request *rq, struct folder **ret, size_t *ret_n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_READ, &tx));
	return folder_list(rq->arena, tx, ret, ret_n);
}

/* MS-ASCMD 2.2.3.186.4: 1 for what a user made, 2 to 6 for the folders that every mailbox has. */
static unsigned type_of(const struct folder *f)
{
	enum { USER = 1, OUTBOX = 6 };
	unsigned type = eas_folder_type(f);

	return type <= OUTBOX ? type : USER;
}

void eas_get_hierarchy(struct eas_request *rq)
{
	struct folder *folders;
	struct wbxml_writer w;
	size_t n;
	enum err e = read(rq, &folders, &n);

	if (e) { /* MS-ASCMD_R6033: 500, but where trying again helps */
		eas_respond_err(rq, e);
		return;
	}
	eas_writer_begin(rq, &w);
	wbxml_open(&w, TAG_FOLDERHIERARCHY_FOLDERS); /* R6047 */
	for (size_t i = 0; i < n; i++) {
		if (folders[i].class != FOLDER_MAIL) /* R6026 */
			continue;
		wbxml_open(&w, TAG_FOLDERHIERARCHY_FOLDER);
		wbxml_put_text(&w, TAG_FOLDERHIERARCHY_DISPLAYNAME, folders[i].name);
		wbxml_put_i64(&w, TAG_FOLDERHIERARCHY_SERVERID, folders[i].id);
		wbxml_put_u64(&w, TAG_FOLDERHIERARCHY_TYPE, type_of(&folders[i]));
		wbxml_put_i64(&w, TAG_FOLDERHIERARCHY_PARENTID, folders[i].parent);
		wbxml_close(&w, TAG_FOLDERHIERARCHY_FOLDER);
	}
	wbxml_close(&w, TAG_FOLDERHIERARCHY_FOLDERS);
	eas_respond_wbxml(rq, &w);
}
