/* Requests of the Sync command (MS-ASCMD 2.2.1.21). Pure. */
#ifndef PHONE_SYNC_REQUEST_H
#define PHONE_SYNC_REQUEST_H

#include "event.h"
#include "hierarchy.h"

enum body_kind { BODY_NONE, BODY_PLAIN = 1, BODY_HTML = 2, BODY_MIME = 4 }; /* MS-ASAIRS 2.2.2.41: the Type */

enum {
	SYNC_MAX_WINDOW = 512,
	SYNC_MAX_COMMANDS = 200, /* MS-ASCMD 3.1.5.10 */
	SYNC_MAX_FILTER = 5,     /* of mail: one month */
	SYNC_MAX_PREVIEW = 255,
	SYNC_MIME_ALWAYS = 2, /* MIMESupport */
};

struct sync_options {
	enum body_kind body;
	bool truncates;
	uint32_t truncate_bytes;
	uint32_t preview_chars; /* 0: none; from 14.0 on */
	uint32_t filter;        /* FilterType: 0 all */
	uint32_t window;
	uint32_t hold_s;      /* 0: do not hold; else HeartbeatInterval, or Wait in minutes before 14.0 */
	bool no_changes;      /* GetChanges 0 */
	bool delete_for_good; /* DeletesAsMoves 0 */
	bool partial;         /* what is not named is as in the request before */
};

enum sync_act { SYNC_READ, SYNC_UNREAD, SYNC_FLAG, SYNC_UNFLAG, SYNC_DELETE, SYNC_ADD_EVENT };

struct sync_command {
	enum sync_act act;
	struct str server_id; /* of an Add the ClientId */
	const struct event *event;
};

struct sync_collection {
	struct str id, key; /* key "0": begin */
	enum item_class class;
	const struct sync_command *commands;
	size_t commands_n;
};

/* The type of bodies that a class is asked for with. */
enum body_kind sync_body(const struct sync_options *o, enum item_class class);

void sync_ask(struct buf *out, enum eas_version v, const struct sync_options *o, const struct sync_collection *c,
	      size_t n);

#endif
