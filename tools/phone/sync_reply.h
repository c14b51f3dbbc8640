/* Responses of the Sync command for mail (MS-ASCMD 2.2.1.21, MS-ASEMAIL, MS-ASAIRS). Pure. */
#ifndef PHONE_SYNC_REPLY_H
#define PHONE_SYNC_REPLY_H

#include "doc.h"

struct mail_body {
	bool present, truncated, has_data;
	uint32_t type, estimated_bytes, part; /* part 0: none */
	struct str data, preview;
};

enum flag_state { FLAG_CLEARED = 0, FLAG_COMPLETE = 1, FLAG_SET = 2 }; /* MS-ASEMAIL 2.2.2.74: the Status */

struct mail {
	bool has_read, read, has_flag;
	uint32_t flag; /* enum flag_state */
	struct str subject, from, to, received, message_class;
	struct mail_body body;
};

/* Into a struct mail: the children of ApplicationData, or of Properties. */
doc_read mail_read_properties;

enum sync_kind { SYNC_ADD, SYNC_CHANGE, SYNC_GONE, SYNC_SOFT_DELETE };

/* A command of the server, or its answer to one of ours. */
struct sync_item {
	struct sync_item *next;
	enum sync_kind kind;
	uint32_t status; /* of an answer */
	struct str server_id;
	struct mail mail;
};

struct sync_list {
	struct sync_item *first;
	struct sync_item **tail;
	uint32_t n;
};

struct sync_collection_reply {
	struct sync_collection_reply *next;
	uint32_t status; /* MS-ASCMD 2.2.3.177.17 */
	bool more;
	struct str id, key;
	struct sync_list commands, responses;
};

enum sync_status {
	SYNC_OK = 1,
	SYNC_BAD_KEY = 3,
	SYNC_HIERARCHY = 12,
	SYNC_HOLD_RANGE = 14,
};

struct sync_reply {
	uint32_t status, limit; /* 0: absent */
	struct sync_collection_reply *collections;
	struct sync_collection_reply **tail; /* private */
};

enum err sync_parse(struct doc *d, struct str bytes, struct sync_reply *ret) MUST_CHECK;

#endif
