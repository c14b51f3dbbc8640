/* GetFolder, FindFolder (MS-OXWSFOLD, MS-OXWSSRCH). */
#include <gateway/ews/folders.h>

#include <store/folder.h>

static const struct ews_refusal denied = { "ErrorAccessDenied", "Access is denied. Check credentials and try again." };

/* *ret_why NULL: *ret is the folder. */
static enum err find_one(const struct ews_tree *t, const struct ews_choice *ref, int64_t *ret,
			 const struct ews_refusal **ret_why)
{
	bool own;

	TRY(ews_ref_is_own(t->call, ref, &own));
	*ret_why = own ? ews_tree_resolve(t, ref, ret) : &denied;
	return ERR_OK;
}

/* Shapes with properties of their own choice get those that a folder has: exchangelib asks for IdOnly and a list. */
static int shape_of(const struct ews_folder_shape *shape)
{
	return shape->AdditionalProperties ? EWS_ALL_PROPERTIES : shape->BaseShape;
}

static enum err get_one(const struct ews_tree *t, const struct ews_choice *ref, int shape, const struct ews_type *type,
			struct ews_folder_message *m)
{
	const struct ews_type *folders = ews_type_of(type, "Folders");
	const struct ews_refusal *why;
	struct ews_choice *list;
	struct ews_folders *at;
	int64_t id;

	TRY(find_one(t, ref, &id, &why));
	if (why) {
		ews_fail(&m->response, why->code, why->text);
		return ERR_OK;
	}
	ews_succeed(&m->response);
	at = ews_make(t->call->arena, type, m, "Folders", 1);
	list = at ? ews_make(t->call->arena, folders, at, "choices", 1) : NULL;
	if (!list)
		return ERR_LIMIT;
	return ews_tree_put(t, id, shape, ews_type_of(folders, "choices"), list);
}

enum err ews_get_folder_run(struct ews_call *c, const void *request, void *answer)
{
	const struct ews_get_folder *asked = request;
	const struct ews_list *ids = &asked->FolderIds->choices;
	const struct ews_choice *id = ids->items;
	struct ews_folder_message *messages;
	const struct ews_type *type;
	struct ews_tree tree;

	TRY(ews_tree_read(c, &tree));
	TRY(ews_messages(c, &ews_get_folder_answer_type, answer, ids->n, &messages, &type));
	for (size_t i = 0; i < ids->n; i++)
		TRY(get_one(&tree, &id[i], shape_of(asked->FolderShape), type, &messages[i]));
	return ERR_OK;
}

/* ---- FindFolder ---- */

static bool is_below(const struct ews_tree *t, int64_t id, int64_t above, bool deep)
{
	int64_t parent = ews_tree_parent(t, id);

	if (id == EWS_FOLDER_ROOT)
		return false;
	return parent == above || (deep && is_below(t, parent, above, deep)); /* FOLDER_DEPTH_MAX bounds it */
}

/* The ids below a folder: the top of the mailbox is one of them below the root. */
static enum err list_below(const struct ews_tree *t, int64_t above, bool deep, int64_t **ret, size_t *ret_n)
{
	int64_t *ids = arena_array(t->call->arena, t->n + 1, sizeof(*ids));
	size_t n = 0;

	if (!ids)
		return ERR_LIMIT;
	if (above == EWS_FOLDER_ROOT)
		ids[n++] = EWS_FOLDER_TOP;
	for (size_t i = 0; i < t->n; i++)
		if (is_below(t, t->list[i].id, above, deep))
			ids[n++] = t->list[i].id;
	*ret = ids;
	*ret_n = n;
	return ERR_OK;
}

struct window {
	size_t from, to;
};

static struct window window_of(const struct ews_page *page, size_t n)
{
	struct window w = { 0, n };
	size_t max;

	if (!page)
		return w;
	max = page->MaxEntriesReturned == EWS_ABSENT ? n : (size_t)page->MaxEntriesReturned;
	w.from = (size_t)page->Offset < n ? (size_t)page->Offset : n;
	if (page->BasePoint == 1) { /* from the end */
		w.to = n - w.from;
		w.from = w.to > max ? w.to - max : 0;
	} else if (n - w.from > max) {
		w.to = w.from + max;
	}
	return w;
}

static enum err put_found(const struct ews_tree *t, const struct ews_find_folder *asked, int64_t above,
			  const struct ews_type *type, struct ews_find_folder_message *m)
{
	const struct ews_type *root_type = ews_type_of(type, "RootFolder");
	const struct ews_type *folders_type = ews_type_of(root_type, "Folders");
	struct ews_root_folder *root = ews_make(t->call->arena, type, m, "RootFolder", 1);
	struct ews_folders *folders = root ? ews_make(t->call->arena, root_type, root, "Folders", 1) : NULL;
	struct ews_choice *list;
	struct window w;
	int64_t *ids;
	size_t n;

	if (!folders)
		return ERR_LIMIT;
	TRY(list_below(t, above, asked->Traversal == EWS_DEEP, &ids, &n));
	if (asked->Traversal == EWS_SOFT_DELETED)
		n = 0;
	w = window_of(asked->IndexedPageFolderView, n);
	list = ews_make(t->call->arena, folders_type, folders, "choices", w.to - w.from);
	if (!list)
		return ERR_LIMIT;
	root->IndexedPagingOffset = (int)w.to;
	root->TotalItemsInView = (int)n;
	root->IncludesLastItemInRange = w.to == n;
	for (size_t i = w.from; i < w.to; i++)
		TRY(ews_tree_put(t, ids[i], shape_of(asked->FolderShape), ews_type_of(folders_type, "choices"),
				 &list[i - w.from]));
	return ERR_OK;
}

static enum err find_below(const struct ews_tree *t, const struct ews_find_folder *asked, const struct ews_choice *ref,
			   const struct ews_type *type, struct ews_find_folder_message *m)
{
	const struct ews_refusal *why;
	int64_t above;

	TRY(find_one(t, ref, &above, &why));
	if (!why && asked->Restriction) {
		ews_fail(&m->response, "ErrorUnsupportedPathForQuery", "Folders are not searched by their properties.");
		return ERR_OK;
	}
	if (why) {
		ews_fail(&m->response, why->code, why->text);
		return ERR_OK;
	}
	ews_succeed(&m->response);
	return put_found(t, asked, above, type, m);
}

enum err ews_find_folder_run(struct ews_call *c, const void *request, void *answer)
{
	const struct ews_find_folder *asked = request;
	const struct ews_list *refs = &asked->ParentFolderIds->choices;
	const struct ews_choice *ref = refs->items;
	struct ews_find_folder_message *messages;
	const struct ews_type *type;
	struct ews_tree tree;

	TRY(ews_tree_read(c, &tree));
	TRY(ews_messages(c, &ews_find_folder_answer_type, answer, refs->n, &messages, &type));
	for (size_t i = 0; i < refs->n; i++)
		TRY(find_below(&tree, asked, &ref[i], type, &messages[i]));
	return ERR_OK;
}
