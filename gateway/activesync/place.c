/* Changes with what a mount stands for, and who may look behind it. */
#include <gateway/activesync/place.h>

#include <gateway/activesync/server_id.h>
#include <gateway/activesync/sync_options.h>
#include <gateway/mailbox/mount.h>
#include <store/feed.h>

enum err eas_place_of(struct eas_request *rq, const struct folder *folder, struct eas_place *ret)
{
	struct mount_right right;

	*ret = (struct eas_place){ .collection = folder->id,
				   .mailbox = rq->mailbox,
				   .folder = folder->id,
				   .account = rq->account,
				   .owner = rq->address,
				   .edits = true };
	if (!folder->mount_mailbox)
		return ERR_OK;
	TRY(mount_right_find(rq->arena, rq->eas->store, rq->account, folder, &right));
	ret->mailbox = folder->mount_mailbox;
	ret->folder = folder->mount_folder;
	ret->account = right.owner.id;
	ret->owner = right.owner.address;
	ret->shared = true;
	ret->edits = right.edits;
	return ERR_OK;
}

enum err eas_place_of_item(struct eas_request *rq, struct str server_id, struct eas_place *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct folder folder;
	int64_t named_in, id;
	bool is_mount;
	enum err e;

	*ret = (struct eas_place){ .mailbox = rq->mailbox, .account = rq->account };
	if (server_id_parse_item(server_id, &named_in, &id))
		return ERR_OK;
	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_READ, &tx));
	e = folder_get(rq->arena, tx, named_in, &folder);
	if (!e)
		return folder.mount_mailbox ? eas_place_of(rq, &folder, ret) : ERR_OK;
	if (e != ERR_NOT_FOUND)
		return e;
	TRY(folder_is_mount(tx, named_in, &is_mount));
	return is_mount ? ERR_NOT_FOUND : ERR_OK;
}

enum err eas_place_author(struct eas_request *rq, const struct eas_place *place, struct send_author *ret)
{
	struct send_author guest;

	TRY(send_author_load(rq->arena, rq->eas->store, place->account, ret));
	if (!place->shared)
		return ERR_OK;
	TRY(send_author_load(rq->arena, rq->eas->store, rq->account, &guest));
	ret->sent_by = guest.address;
	ret->sent_by_name = guest.name;
	return ERR_OK;
}

static bool is_among(const int64_t *folders, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (folders[i] == id)
			return true;
	return false;
}

enum err eas_places_watched(struct eas_request *rq, struct arena *a, const int64_t *folders, size_t n,
			    struct push_place **ret, size_t *ret_n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct folder *mounts;
	size_t mounts_n;

	*ret_n = 0;
	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_READ, &tx));
	TRY(folder_mounts(a, tx, &mounts, &mounts_n));
	*ret = arena_array(a, mounts_n + 1, sizeof(**ret));
	if (!*ret)
		return ERR_BUSY;
	for (size_t i = 0; i < mounts_n; i++)
		if (is_among(folders, n, mounts[i].id))
			(*ret)[(*ret_n)++] = (struct push_place){ .mailbox = mounts[i].mount_mailbox,
								  .folder = mounts[i].mount_folder };
	return ERR_OK;
}

enum err eas_folder_of(const struct eas_request *rq, struct store_tx *tx, struct str collection, struct folder *ret)
{
	int64_t id;

	if (rq->version >= EAS_14_0 && str_eq(collection, S("RI")))
		TRY(folder_by_role(tx, FOLDER_RECIPIENT_CACHE, &id));
	else
		TRY(server_id_parse_folder(collection, &id));
	return folder_get(rq->arena, tx, id, ret);
}

enum err eas_top_find(struct store_tx *tx, const struct folder *folder, struct eas_options *o)
{
	enum err e;

	if (folder->role != FOLDER_RECIPIENT_CACHE)
		o->max_items = 0;
	if (!o->max_items)
		return ERR_OK;
	e = item_key_at(tx, folder->id, o->max_items - 1u, &o->top);
	if (e == ERR_NOT_FOUND) /* there are fewer */
		o->top = FEED_GOAL_ALL;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}
