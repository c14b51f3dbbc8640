/* The Ping command (MS-ASCMD 2.2.1.13). Pure. */
#ifndef PHONE_PING_H
#define PHONE_PING_H

#include "doc.h"

/* MS-ASCMD 2.2.3.177.11 */
enum ping_status {
	PING_EXPIRED = 1,
	PING_CHANGED = 2,
	PING_MISSING = 3,
	PING_SYNTAX = 4,
	PING_HEARTBEAT_RANGE = 5,
	PING_TOO_MANY_FOLDERS = 6,
	PING_HIERARCHY = 7,
	PING_SERVER_ERROR = 8,
};

struct ping_folder {
	struct ping_folder *next;
	struct str id;
};

struct ping_reply {
	uint32_t status, heartbeat_s, max_folders; /* 0: absent */
	struct ping_folder *folders;
	struct ping_folder **tail; /* private */
};

void ping_ask(struct buf *out, uint32_t heartbeat_s, const struct str *folders, size_t n);
/* Also checks that each status has what belongs to it and no more. */
enum err ping_parse(struct doc *d, struct str bytes, struct ping_reply *ret) MUST_CHECK;

#endif
