/*
 * A Sync request (MS-ASCMD 2.2.1.21) as a value: what the bytes said, before the store is asked anything. Pure, any
 * thread.
 */
#ifndef GATEWAY_ACTIVESYNC_SYNC_REQUEST_H
#define GATEWAY_ACTIVESYNC_SYNC_REQUEST_H

#include <gateway/activesync/sync_options.h>

#include <base/arena.h>

enum {
	SYNC_MAX_COLLECTIONS = 1000, /* above it Status 15 with this Limit (MS-ASCMD R4464) */
	SYNC_MAX_COMMANDS = 200,     /* of all collections together (MS-ASCMD R5659) */
	SYNC_MAX_WINDOW = 512,       /* MS-ASCMD R4768 */
	SYNC_DEFAULT_WINDOW = 100,   /* MS-ASCMD R4767 */
	SYNC_MAX_ID_CHARS = 64,      /* CollectionId, ServerId, ClientId, SyncKey (MS-ASCMD R2036) */
};

enum sync_command_kind { SYNC_ADD, SYNC_CHANGE, SYNC_DELETE, SYNC_FETCH };

struct sync_command {
	enum sync_command_kind kind;
	struct str id;             /* ClientId of an Add, else ServerId */
	struct wbxml_reader data;  /* just after the START of ApplicationData, for Add and Change */
	struct str canonical;      /* the command in one fixed encoding, for recognising it when it comes again */
};

struct sync_collection {
	struct str id;             /* CollectionId */
	struct str key;            /* SyncKey */
	bool get_changes;
	bool deletes_as_moves;
	bool conversation_mode;
	unsigned window;           /* 1 to SYNC_MAX_WINDOW */
	bool has_options;
	struct sync_options options;
	struct sync_command *commands;
	size_t commands_n;
	bool foreign_class;        /* a Class other than Email was named (12.1) */
};

struct sync_request {
	struct sync_collection *collections;
	size_t collections_n;
	bool partial;
	bool has_window;
	unsigned window;           /* of the whole response */
	bool has_hold;
	uint32_t hold_s;           /* Wait (in seconds) or HeartbeatInterval */
	bool hold_in_minutes;      /* Wait: a Limit is told in minutes */
};

/* Statuses of the whole request (MS-ASCMD 2.2.3.177.17); 0: it was read. */
enum sync_request_status {
	SYNC_REQUEST_OK = 0,
	SYNC_REQUEST_MALFORMED = 4,
	SYNC_REQUEST_TOO_MANY_COLLECTIONS = 15,
};

/*
 * Reads the children of the root, Sync, whose START was read (`root`). Texts borrow from the document, the rest is in the
 * arena. ERR_INVALID: the WBXML itself is bad (r->why). ERR_BUSY: the arena is full. ERR_OK with *ret_status other
 * than 0: a protocol error of the whole request.
 */
enum err sync_request_parse(struct wbxml_reader *r, struct wbxml_scope *root, struct arena *arena,
			    struct sync_request *ret, enum sync_request_status *ret_status) MUST_CHECK;

#endif
