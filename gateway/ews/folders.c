/* Folders as elements. */
#include <gateway/ews/folders.h>

#include <base/base64.h>
#include <gateway/ews/folder_names.h>
#include <gateway/ews/id.h>

#include <stdlib.h>

#define ROLE_OF(id, name, role) role,
static const int roles[] = { EWS_DISTINGUISHED(ROLE_OF) };
#define INDEX_OF(id, name, role) NAME_##id,
enum { EWS_DISTINGUISHED(INDEX_OF) NAME_MAX_ };

static const struct {
	enum ews_folder_kind kind;
	struct str class;
} classes[FOLDER_CLASS_MAX_] = {
	[FOLDER_MAIL] = { EWS_FOLDER, STR_INIT("IPF.Note") },
	[FOLDER_CALENDAR] = { EWS_CALENDAR_FOLDER, STR_INIT("IPF.Appointment") },
	[FOLDER_CONTACTS] = { EWS_CONTACTS_FOLDER, STR_INIT("IPF.Contact") },
	[FOLDER_TASKS] = { EWS_TASKS_FOLDER, STR_INIT("IPF.Task") },
	[FOLDER_NOTES] = { EWS_FOLDER, STR_INIT("IPF.StickyNote") },
};

static int by_id(const void *a, const void *b)
{
	const struct ews_leaf *x = a, *y = b;

	return (x->folder->id > y->folder->id) - (x->folder->id < y->folder->id);
}

static struct ews_leaf *find_leaf(const struct ews_tree *t, int64_t id)
{
	const struct folder wanted = { .id = id };
	const struct ews_leaf key = { &wanted, 0 };

	return t->n ? bsearch(&key, t->by_id, t->n, sizeof(key), by_id) : NULL;
}

static const struct folder *find(const struct ews_tree *t, int64_t id)
{
	const struct ews_leaf *leaf = find_leaf(t, id);

	return leaf ? leaf->folder : NULL;
}

static enum err index_folders(struct ews_tree *t)
{
	t->by_id = arena_array(t->call->arena, t->n ? t->n : 1, sizeof(*t->by_id));
	if (!t->by_id)
		return ERR_LIMIT;
	for (size_t i = 0; i < t->n; i++) {
		t->by_id[i].folder = &t->list[i];
		if (t->list[i].role != FOLDER_ROLE_NONE)
			t->by_role[t->list[i].role] = t->list[i].id;
	}
	if (t->n)
		qsort(t->by_id, t->n, sizeof(*t->by_id), by_id);
	for (size_t i = 0; i < t->n; i++) {
		struct ews_leaf *parent = find_leaf(t, t->list[i].parent);

		if (parent)
			parent->children++;
		else
			t->top_children++;
	}
	return ERR_OK;
}

enum err ews_tree_read(struct ews_call *c, struct ews_tree *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	*ret = (struct ews_tree){ .call = c };
	TRY(store_begin(c->ews->args.store, c->who->mailbox, STORE_READ, &tx));
	TRY(folder_list(c->arena, tx, &ret->list, &ret->n));
	return index_folders(ret);
}

static const struct ews_refusal not_found = { "ErrorFolderNotFound",
					      "The specified folder could not be found in the store." };
static const struct ews_refusal malformed = { "ErrorInvalidIdMalformed", "Id is malformed." };

static const struct ews_refusal *resolve_distinguished(const struct ews_tree *t, const struct ews_distinguished_id *d,
						       int64_t *ret)
{
	int role = roles[d->Id];

	if (role == EWS_IS_NOWHERE)
		return &not_found;
	if (role == EWS_IS_ROOT) {
		*ret = d->Id == NAME_ROOT ? EWS_FOLDER_ROOT : EWS_FOLDER_TOP;
		return NULL;
	}
	*ret = t->by_role[role];
	return *ret ? NULL : &not_found;
}

const struct ews_refusal *ews_tree_resolve(const struct ews_tree *t, const struct ews_choice *ref, int64_t *ret)
{
	const struct ews_folder_id *written = ref->value;
	struct ews_id id;

	if (ref->which == EWS_REF_DISTINGUISHED)
		return resolve_distinguished(t, ref->value, ret);
	if (ews_id_read(written->Id, EWS_EWS_ID, &id) || id.item != 0)
		return &malformed;
	*ret = id.folder;
	if (id.mailbox != t->call->who->mailbox)
		return &not_found;
	return id.folder == EWS_FOLDER_ROOT || id.folder == EWS_FOLDER_TOP || find(t, id.folder) ? NULL : &not_found;
}

enum err ews_ref_is_own(struct ews_call *c, const struct ews_choice *ref, bool *ret)
{
	const struct ews_distinguished_id *d = ref->value;

	*ret = true;
	if (ref->which != EWS_REF_DISTINGUISHED || !d->Mailbox || d->Mailbox->EmailAddress.n == 0)
		return ERR_OK;
	return ews_is_own(c, d->Mailbox->EmailAddress, ret);
}

int64_t ews_tree_parent(const struct ews_tree *t, int64_t id)
{
	const struct folder *f = find(t, id);

	return f ? f->parent : EWS_FOLDER_ROOT;
}

/* Changes whenever the folder or what is in it does. */
static enum err put_id(const struct ews_tree *t, int64_t id, const struct ews_type *type, const char *name,
		       struct ews_folder *to)
{
	CLEANUP(buf_release) struct buf key = BUF_INIT(64), text = BUF_INIT(64);
	struct ews_folder_id *at = ews_make(t->call->arena, type, to, name, 1);
	const struct folder *f = find(t, id);

	if (!at)
		return ERR_LIMIT;
	buf_fmt(&key, "%llu.%llu", f ? (unsigned long long)f->modified : 0, f ? (unsigned long long)f->head : 0);
	base64_put(&text, buf_view(&key));
	TRY(arena_str(t->call->arena, buf_view(&text), &at->ChangeKey));
	return ews_id_write(t->call->arena, &(struct ews_id){ t->call->who->mailbox, id, 0 }, EWS_EWS_ID, &at->Id);
}

static int count_children(const struct ews_tree *t, int64_t id)
{
	const struct ews_leaf *leaf = find_leaf(t, id);

	if (id == EWS_FOLDER_ROOT)
		return 1;
	return (int)(leaf ? leaf->children : t->top_children);
}

static int clipped(uint64_t n)
{
	return n < INT_MAX ? (int)n : INT_MAX;
}

static void put_properties(const struct ews_tree *t, int64_t id, const struct folder *f, int shape,
			   struct ews_folder *to)
{
	to->DisplayName = f ? f->name : id == EWS_FOLDER_ROOT ? S("root") : S("Top of Information Store");
	to->ChildFolderCount = count_children(t, id);
	to->TotalCount = f ? clipped(f->total) : 0;
	if (!f || f->class == FOLDER_MAIL || f->class == FOLDER_TASKS || f->class == FOLDER_NOTES)
		to->UnreadCount = f ? clipped(f->unread) : 0;
	if (f && shape == EWS_ALL_PROPERTIES)
		to->FolderClass = classes[f->class].class;
}

enum err ews_tree_put(const struct ews_tree *t, int64_t id, int shape, const struct ews_type *type,
		      struct ews_choice *ret)
{
	const struct folder *f = find(t, id);
	enum ews_folder_kind kind = f ? classes[f->class].kind : EWS_FOLDER;
	const struct ews_type *folder = type->fields[kind].type;
	struct ews_folder *to = ews_new_struct(t->call->arena, folder);

	if (!to)
		return ERR_LIMIT;
	*ret = (struct ews_choice){ kind, to };
	TRY(put_id(t, id, folder, "FolderId", to));
	if (shape == EWS_ID_ONLY)
		return ERR_OK;
	put_properties(t, id, f, shape, to);
	if (shape == EWS_ALL_PROPERTIES && id != EWS_FOLDER_ROOT)
		return put_id(t, ews_tree_parent(t, id), folder, "ParentFolderId", to);
	return ERR_OK;
}
