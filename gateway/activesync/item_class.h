/*
 * The classes of items: what Sync and the other commands have to know of mails, contacts and the like, a row each
 * (item_class.c). A command asks the row and never which class it is. A folder holds items of one class.
 *
 * A class whose items phones write as a whole (a contact, a task) gives `write` and takes sync_written_add() and
 * sync_written_change() (sync_written.c) for its commands; its item is a text (vCard, iCalendar) in the store's blobs
 * (gateway/mailbox/entry.h). Static data; worker threads.
 */
#ifndef GATEWAY_ACTIVESYNC_ITEM_CLASS_H
#define GATEWAY_ACTIVESYNC_ITEM_CLASS_H

#include <gateway/activesync/item_view.h>
#include <store/folder.h>

struct eas_request;
struct eas_profile;
struct sync_job;
struct sync_work;
struct sync_command;
struct sync_result;
struct item_write;
struct item_answer;
struct item_written;
struct entry_part;

/* Command number i of the collection, in the write transaction; `command` is the one that the store keeps. */
typedef enum err sync_class_fn(struct sync_job *job, struct sync_work *c, struct store_tx *tx, size_t i,
			       const struct sync_command *command, struct sync_result *result);

struct item_class {
	struct str name;          /* Class (MS-ASCMD 2.2.3.27) */
	enum folder_class folder; /* of the folders that hold it */
	enum eas_version since;   /* its folders are not told to versions before */
	unsigned default_type;    /* Type (MS-ASCMD 2.2.3.186.3) of the folder that every mailbox has; 0: by its role */
	unsigned user_type;       /* of another one, also to FolderCreate */
	unsigned filters;         /* 1u << FilterType that it has (MS-ASCMD 2.2.3.68.2); 0: FilterType is passed over */
	bool no_supported;        /* Supported is refused (MS-ASNOTE R114) */
	bool deletes_move;        /* DeletesAsMoves means something: Deleted Items can hold it */
	/* ApplicationData of an item that the phone has not; of one that can't be read, as that. */
	enum err (*put)(struct wbxml_writer *w, const struct item_view *v, const struct item *item);
	/* Of one whose octets the phone has: what can change beside them. */
	enum err (*put_change)(struct wbxml_writer *w, const struct item_view *v, const struct item *item);
	/* Of one that the phone is known not to take (loop_guard.h). */
	enum err (*put_placeholder)(struct wbxml_writer *w, const struct item_view *v, const struct item *item);
	sync_class_fn *add, *change;
	/*
	 * The new octets of an item, from ApplicationData; pure. ERR_INVALID, ERR_LIMIT, ERR_UNSUPPORTED: Status 6 of the
	 * command, nothing of it is done.
	 */
	enum err (*write)(const struct item_write *asked, struct item_written *ret);
	/* Is an item of these octets nobody's concern but its owner's? put() shows it to guests as such. NULL: never. */
	bool (*is_private)(struct arena *a, struct str octets);
	/* What is kept beside the octets of an item that was written, in the transaction. NULL: nothing. */
	enum err (*index)(struct arena *a, struct store_tx *tx, int64_t item, struct str octets);
	/* The item of that folder that is the same thing, which an Add of these octets then changes. ERR_NOT_FOUND. NULL: none. */
	enum err (*find_same)(struct arena *a, struct store_tx *tx, int64_t folder, struct str octets,
			      struct item *ret);
	/* ApplicationData of the answer to an Add or a Change that was done, where it has one. NULL: never. */
	enum err (*answer)(struct wbxml_writer *w, const struct item_answer *asked);
};

/* A command that was done, and its item as it is now. */
struct item_answer {
	struct arena *arena;
	struct store_tx *tx;
	enum eas_version version;
	int64_t folder, item;
	int64_t collection;       /* what the phone calls the folder (place.h) */
	bool is_new;              /* an Add */
	struct wbxml_reader data; /* as in struct item_write */
};

struct item_write {
	struct arena *arena;
	enum eas_version version;
	struct str before;        /* octets as they are; empty: a new item */
	struct wbxml_reader data; /* ApplicationData, whose START was just read */
	struct str uid;           /* of the item that a new one takes the place of; empty: a UID of its own */
	struct str owner;         /* the account's address */
	struct str instance;      /* of an event's series that one alone is meant; empty: the item */
	bool deletes;             /* that instance is to go; there are no data */
	const struct eas_supported *supported;
	const struct eas_profile *profile;
	int64_t now_ms;
	uint64_t unique; /* of this write: for identifiers */
};

struct item_written {
	struct buf octets;        /* the caller releases it, in every case; equal to `before`: nothing changes */
	int64_t key;              /* what filters compare (struct item) */
	bool normalised;          /* what is stored is not all that the phone sent: it is to be told */
	struct entry_part *parts; /* what is to lie beside it; arena memory */
	size_t parts_n;
};

/* NULL: there is none, or `v` has not heard of it. */
const struct item_class *item_class_of_folder(enum folder_class folder, enum eas_version v);
/* By the name in a Class element; NULL: no such class. */
const struct item_class *item_class_named(struct str name);
/* The class whose folders a phone makes with this Type; NULL: none. */
const struct item_class *item_class_of_type(uint64_t type, enum eas_version v);
/* The class of the folder that the item is in. ERR_NOT_FOUND: `v` is not shown it. */
enum err item_class_of_item(struct arena *a, struct store_tx *tx, const struct item *item, enum eas_version v,
			    const struct item_class **ret) MUST_CHECK;

/*
 * Class SMS (MS-ASMS, 14.0 on): text messages, which lie among the mails of a folder and are told apart by ITEM_TEXT. A folder is
 * never of this class; a row is it all the same, for showing them.
 */
const struct item_class *item_class_texts(void);
/* Can a folder hold text messages for `v`? In 14.0 only Inbox, Outbox and Sent Items (MS-ASMS 3.1.4.1). */
bool item_class_has_texts(const struct item_class *of_folder, enum folder_role role, enum eas_version v);

/* Can its items be given at all? NULL: no. */
bool item_class_syncs(const struct item_class *class);
/* Is FilterType one that the class has? */
bool item_class_filters(const struct item_class *class, uint8_t filter);

#endif
