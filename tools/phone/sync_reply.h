/* Responses of the Sync command (MS-ASCMD 2.2.1.21, MS-ASEMAIL, MS-ASAIRS). Pure. */
#ifndef PHONE_SYNC_REPLY_H
#define PHONE_SYNC_REPLY_H

#include "pim.h"
#include "sync_request.h"

enum flag_state { FLAG_CLEARED = 0, FLAG_COMPLETE = 1, FLAG_SET = 2 }; /* MS-ASEMAIL 2.2.2.74: the Status */

struct mail {
	bool has_read, read, has_flag;
	uint32_t flag; /* enum flag_state */
	struct str subject, from, to, received, message_class;
	struct item_body body;
};

/* Into a struct mail: the children of ApplicationData, or of Properties. */
doc_read mail_read_properties;

enum sync_kind { SYNC_ADD, SYNC_CHANGE, SYNC_GONE, SYNC_SOFT_DELETE };

/* A command of the server, or its answer to one of ours. */
struct sync_item {
	struct sync_item *next;
	enum sync_kind kind;
	uint32_t status;                 /* of an answer */
	struct str server_id, client_id; /* client_id: of the answer to an Add */
	enum item_class class;
	struct mail mail; /* of another class: */
	struct pim pim;
};

struct sync_list {
	struct sync_item *first;
	struct sync_item **tail;
	uint32_t n;
	enum item_class class;
};

struct sync_collection_reply {
	struct sync_collection_reply *next;
	uint32_t status; /* MS-ASCMD 2.2.3.177.17 */
	bool more;
	struct str id, key;
	struct sync_list commands, responses;
	const struct sync_collection *asked; /* private, as below */
	size_t asked_n;
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
	const struct sync_collection *asked; /* private */
	size_t asked_n;
};

/* asked: the folders with their classes; what is none of them is read as mail, for who asked finds that wrong. */
enum err sync_parse(struct doc *d, struct str bytes, const struct sync_collection *asked, size_t n,
		    struct sync_reply *ret) MUST_CHECK;

#endif
