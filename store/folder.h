/*
 * Folders of a mailbox: a tree of rows that never forget. A folder id is given once and never used again; a deleted
 * folder leaves its row, so that every phone learns of it. The row carries what is asked for most: the folder's head
 * (the last change of any of its items), its counts and IMAP's UID numbers. Folder 0 is the root: it is listed nowhere,
 * and its head is that of the hierarchy.
 *
 * A mount is a folder's row alone: it stands for a folder of another mailbox, and shows where that is among these. Nothing lies in
 * it, nor below it: items are refused as if it were not there. Whether the other one may still be looked at is not known here.
 *
 * All functions need an open transaction of the mailbox, a write transaction where they change something. `struct str`
 * results live in the arena that is passed.
 */
#ifndef STORE_FOLDER_H
#define STORE_FOLDER_H

#include <store/author.h>

enum {
	FOLDER_ROOT = 0,
	FOLDER_NAME_MAX = 768,   /* bytes: 256 characters of three bytes */
	FOLDER_DEPTH_MAX = 32,   /* a folder directly below the root has depth 1 */
	FOLDER_MAX = 5000,       /* live folders of a mailbox */
	FOLDER_MOUNTS_MAX = 100, /* of them those of others */
};

/* Stored: append only. */
enum folder_class { FOLDER_MAIL = 1, FOLDER_CALENDAR, FOLDER_CONTACTS, FOLDER_TASKS, FOLDER_NOTES, FOLDER_CLASS_MAX_ };

/* Stored: append only. A role other than NONE is held by at most one live folder, which can't be deleted or moved. */
enum folder_role {
	FOLDER_ROLE_NONE,
	FOLDER_INBOX,
	FOLDER_DRAFTS,
	FOLDER_DELETED,
	FOLDER_SENT,
	FOLDER_OUTBOX,
	FOLDER_JUNK,
	FOLDER_ARCHIVE,
	FOLDER_DEFAULT_CALENDAR,
	FOLDER_DEFAULT_CONTACTS,
	FOLDER_DEFAULT_TASKS,
	FOLDER_DEFAULT_NOTES,
	FOLDER_RECIPIENT_CACHE, /* contacts: whom the owner wrote to (MS-ASCNTC 3.2.4.4) */
	FOLDER_ROLE_MAX_
};

struct folder {
	int64_t id, parent; /* parent FOLDER_ROOT: top level */
	struct str name;    /* UTF-8, one level; unique among its live siblings of its class, bytewise */
	enum folder_role role;
	enum folder_class class;
	uint32_t uid_validity, uid_next;
	uint64_t head;   /* last change of any of its items: HIGHESTMODSEQ */
	uint64_t purged; /* feed positions below this one can't be continued */
	uint64_t total, unread;
	uint64_t created, modified, deleted; /* change numbers; deleted 0: live */
	int64_t created_by, modified_by, deleted_by;
	int64_t mount_mailbox, mount_folder; /* a mount: of what; 0: an own folder */
};

struct folder_new {
	int64_t parent;
	struct str name;
	enum folder_role role;
	enum folder_class class;
	struct author by;
	int64_t mount_mailbox, mount_folder; /* a mount; its class is that of what it stands for */
};

/*
 * The folders every mailbox has (Inbox, Drafts, Deleted Items, Sent Items, Outbox, Junk E-mail, Calendar, Contacts,
 * Tasks, Notes, and the recipient cache); makes those whose role is still missing, so a second call does nothing. Called when the mailbox is made.
 */
enum err folder_make_defaults(struct store_tx *tx) MUST_CHECK;

/*
 * ERR_INVALID: the name is empty, not UTF-8, or holds control characters; a bad class or role. ERR_LIMIT: name, depth
 * or number. ERR_NOT_FOUND: no live parent. ERR_EXISTS: a sibling of its class has that name (at the top level "INBOX" in any case
 * is the Inbox), or another folder that role.
 */
enum err folder_create(struct store_tx *tx, const struct folder_new *f, int64_t *ret_id) MUST_CHECK;
/* How many live ones there are: FOLDER_MAX at most. */
enum err folder_count(struct store_tx *tx, int64_t *ret) MUST_CHECK;
/* Renames and moves; the same name and parent change nothing. ERR_DENIED: a role, or it would be its own ancestor. */
enum err folder_update(struct store_tx *tx, int64_t id, int64_t parent, struct str name,
		       const struct author *by) MUST_CHECK;
/*
 * With all folders below it, mounts too. Items are out of reach at once; folder_sweep() frees them later. ERR_DENIED: a role, or
 * it is a mount itself, which goes with what it is for.
 */
enum err folder_delete(struct store_tx *tx, int64_t id, const struct author *by) MUST_CHECK;
enum err folder_unmount(struct store_tx *tx, int64_t id) MUST_CHECK;

/* ERR_NOT_FOUND for deleted folders and the root. */
enum err folder_get(struct arena *a, struct store_tx *tx, int64_t id, struct folder *ret) MUST_CHECK;
enum err folder_by_role(struct store_tx *tx, enum folder_role role, int64_t *ret_id) MUST_CHECK;
/* class 0: of any class, mail first. */
enum err folder_by_name(struct store_tx *tx, int64_t parent, enum folder_class class, struct str name,
			int64_t *ret_id) MUST_CHECK;
/*
 * The mailbox is a copy that went back in time: every live folder gets a UIDVALIDITY that was never given, since UIDs may have
 * been given to other mails meanwhile. Write.
 */
enum err folder_renew_uids(struct store_tx *tx) MUST_CHECK;
/* Every live folder, parents before their children. */
enum err folder_list(struct arena *a, struct store_tx *tx, struct folder **ret, size_t *ret_n) MUST_CHECK;

/*
 * Which names there are: another one whenever folder_list() says something else of any folder's place or name, or
 * subscription_list() of what people want to see.
 */
struct folder_generation {
	uint64_t hierarchy, subscriptions;
};
enum err folder_generation(struct store_tx *tx, struct folder_generation *ret) MUST_CHECK;
/* What moves while mails come and go: of live folders whose head lies above `after`. An error ends the walk and is returned. */
struct folder_numbers {
	int64_t id;
	uint32_t uid_next;
	uint64_t total, unread, head;
};
enum err folder_list_moved(struct store_tx *tx, uint64_t after,
			   enum err (*each)(void *ctx, const struct folder_numbers *f), void *ctx) MUST_CHECK;
/* Every live mount; id, name, class and what it stands for are set. Cheap where there is none. */
enum err folder_mounts(struct arena *a, struct store_tx *tx, struct folder **ret, size_t *ret_n) MUST_CHECK;
/* Does that number stand for a mount, or did it until that went? */
enum err folder_is_mount(struct store_tx *tx, int64_t id, bool *ret) MUST_CHECK;

/* The head alone, for holds; FOLDER_ROOT: the hierarchy's. ERR_NOT_FOUND once deleted. */
enum err folder_head(struct store_tx *tx, int64_t id, uint64_t *ret) MUST_CHECK;

/* Frees up to `limit` items of deleted folders; *ret_more tells that there are others. For housekeeping. */
enum err folder_sweep(struct store_tx *tx, unsigned limit, bool *ret_more) MUST_CHECK;

#endif
