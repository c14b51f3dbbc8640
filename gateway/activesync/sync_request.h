/*
 * A Sync request (MS-ASCMD 2.2.1.21) as a value: what the bytes said, before the store is asked anything. Pure, any
 * thread.
 */
#ifndef GATEWAY_ACTIVESYNC_SYNC_REQUEST_H
#define GATEWAY_ACTIVESYNC_SYNC_REQUEST_H

#include <gateway/activesync/sync_options.h>

#include <base/arena.h>

enum {
	EAS_SYNC_MAX_COLLECTIONS = 1000, /* above it Status 15 with this Limit (MS-ASCMD R4464) */
	EAS_SYNC_MAX_COMMANDS = 200,     /* of all collections together (MS-ASCMD R5659) */
	EAS_SYNC_MAX_WINDOW = 512,       /* MS-ASCMD R4768 */
	EAS_SYNC_DEFAULT_WINDOW = 100,   /* MS-ASCMD R4767 */
	EAS_SYNC_MAX_ID_CHARS = 64,      /* CollectionId, ServerId, ClientId, SyncKey (MS-ASCMD R2036) */
};

enum eas_sync_command_kind { EAS_SYNC_ADD, EAS_SYNC_CHANGE, EAS_SYNC_DELETE, EAS_SYNC_FETCH };

struct eas_sync_command {
	enum eas_sync_command_kind kind;
	struct str id;            /* ClientId of an Add, else ServerId */
	bool text;                /* Class SMS */
	struct str instance;      /* InstanceId: one of an event's series; empty: the whole item */
	struct wbxml_reader data; /* just after the START of ApplicationData, for Add and Change */
	bool send;                /* email2:Send: the draft is not to be kept but sent (MS-ASEMAIL 2.2.2.69) */
	struct str canonical;     /* the command in one fixed encoding, for recognising it when it comes again */
};

struct eas_sync_collection {
	struct str id;  /* CollectionId */
	struct str key; /* SyncKey */
	bool get_changes;
	bool deletes_as_moves;
	bool has_conversation_mode, conversation_mode;
	unsigned window; /* 1 to EAS_SYNC_MAX_WINDOW */
	bool has_options;
	bool texts_alone; /* they are of class SMS alone */
	struct eas_options options;
	struct eas_sync_command *commands;
	size_t commands_n;
	bool has_class;                 /* Class was named (up to 12.1) */
	const struct item_class *class; /* NULL: not named, or none that there is */
	struct eas_supported supported; /* counts with key 0 alone (MS-ASCMD R4547) */
};

struct eas_sync_request {
	struct eas_sync_collection *collections;
	size_t collections_n;
	bool partial;
	bool has_window;
	unsigned window; /* of the whole response */
	bool has_hold;
	uint32_t hold_s;      /* Wait (in seconds) or HeartbeatInterval */
	bool hold_in_minutes; /* Wait: a Limit is told in minutes */
};

/* Statuses of the whole request (MS-ASCMD 2.2.3.177.17); 0: it was read. */
enum eas_sync_status {
	EAS_SYNC_OK = 0,
	EAS_SYNC_MALFORMED = 4,
	EAS_SYNC_TOO_MANY_COLLECTIONS = 15,
	EAS_SYNC_BAD_PART_TYPE = 164, /* MS-ASCMD R5412 */
};

/*
 * Reads the children of the root, Sync, whose START was read (`root`). Texts borrow from the document, the rest is in the
 * arena. Elements that `version` does not know are no elements of Sync. ERR_INVALID: the WBXML itself is bad (r->why). ERR_BUSY: the arena is full. ERR_OK with *ret_status other
 * than 0: a protocol error of the whole request.
 */
enum err eas_sync_parse(struct wbxml_reader *r, struct wbxml_scope *root, struct arena *arena, enum eas_version version,
			struct eas_sync_request *ret, enum eas_sync_status *ret_status) MUST_CHECK;

#endif
