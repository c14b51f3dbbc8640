/*
 * Where a collection of a phone lies: in its account's own mailbox, or, behind a mount, in that of somebody who shares the folder
 * with it. One function asks whether he still does, at each request. Of what is shared, everything but the name is in
 * the owner's mailbox: the items, and what is kept of this phone's sync of them. Worker threads.
 */
#ifndef GATEWAY_ACTIVESYNC_PLACE_H
#define GATEWAY_ACTIVESYNC_PLACE_H

#include <gateway/activesync/command.h>
#include <gateway/mailbox/send.h>
#include <push/push.h>
#include <store/folder.h>

struct eas_options;

struct eas_place {
	int64_t collection;      /* what the phone calls it: the folder, or mount, of its own mailbox */
	int64_t mailbox, folder; /* where it lies */
	int64_t account;         /* whose it is */
	struct str owner;        /* the address of that account */
	bool shared;             /* it is somebody else's */
	bool edits;              /* the phone may change what is in it */
};

/*
 * `folder` as it is in the own mailbox, in whatever transaction; texts live in the request's arena. ERR_NOT_FOUND: what is behind
 * the mount is not shared any more.
 */
enum err eas_place_of(struct eas_request *rq, const struct folder *folder, struct eas_place *ret) MUST_CHECK;

/*
 * Where the item of a ServerId or LongId lies, by the folder that the name has: the own mailbox, whatever folder it is in now, or
 * behind a mount.
 * In a transaction of its own. ERR_NOT_FOUND: behind a mount that has gone, or is not shared any more: the item's number is not one of
 * the own mailbox.
 */
enum err eas_place_of_item(struct eas_request *rq, struct str server_id, struct eas_place *ret) MUST_CHECK;

/* Whose folder it is, as who sends; of a shared one the account of the request acts for him. Errors of send_author_load(). */
enum err eas_place_author(struct eas_request *rq, const struct eas_place *place, struct send_author *ret) MUST_CHECK;

/* What those of the folders that are mounts stand for, to be watched beside them. Reads in a transaction of its own. */
enum err eas_places_watched(struct eas_request *rq, struct arena *a, const int64_t *folders, size_t n,
			    struct push_place **ret, size_t *ret_n) MUST_CHECK;

/*
 * The folder of a CollectionId, in a transaction of the own mailbox. From 14.0 on "RI" is the recipient cache too (MS-ASCMD_R2037).
 * ERR_NOT_FOUND: there is none.
 */
enum err eas_folder_of(const struct eas_request *rq, struct store_tx *tx, struct str collection,
		       struct folder *ret) MUST_CHECK;
/* MaxItems of the options, which is for the recipient cache alone: who the last one is. */
enum err eas_top_find(struct store_tx *tx, const struct folder *folder, struct eas_options *o) MUST_CHECK;

#endif
