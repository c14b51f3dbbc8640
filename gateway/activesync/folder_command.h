/*
 * FolderCreate, FolderUpdate and FolderDelete (MS-ASCMD 2.2.1.3, 2.2.1.4, 2.2.1.6): what they share. Each is one command
 * under the hierarchy's line of keys, by the rules of Sync's commands: repeated after a lost answer it is answered as the
 * first time, not repeated it is taken back from what the phone is thought to know; it is not told to the phone that did
 * it. Worker threads.
 */
#ifndef GATEWAY_ACTIVESYNC_FOLDER_COMMAND_H
#define GATEWAY_ACTIVESYNC_FOLDER_COMMAND_H

#include <gateway/activesync/command.h>
#include <store/sync.h>

enum folder_status { /* MS-ASCMD 2.2.3.177.3, .4, .6 */
		     FOLDER_DONE = 1,
		     FOLDER_NAME_TAKEN = 2, /* FolderUpdate: or a folder that every mailbox has */
		     FOLDER_SPECIAL = 3,
		     FOLDER_MISSING = 4,
		     FOLDER_NO_PARENT = 5,
		     FOLDER_SERVER_ERROR = 6,
		     FOLDER_BAD_KEY = 9,
		     FOLDER_MALFORMED = 10,
		     FOLDER_UNKNOWN_ERROR = 11,
};

enum folder_field {
	FOLDER_FIELD_KEY = 1 << 0,
	FOLDER_FIELD_SERVER_ID = 1 << 1,
	FOLDER_FIELD_PARENT = 1 << 2,
	FOLDER_FIELD_NAME = 1 << 3,
	FOLDER_FIELD_TYPE = 1 << 4,
};

struct folder_request {
	unsigned fields; /* enum folder_field, those that were sent */
	struct str key, server_id, parent, name;
	uint64_t type;
};

struct folder_verb {
	enum sync_command_kind kind;
	unsigned fields; /* all of them have to be there, and no other */
	/* Write transaction. Does it, and says so in *ret; an error is the store's. */
	enum err (*apply)(struct eas_request *rq, struct store_tx *tx, const struct folder_request *q,
			  const struct author *by, struct sync_result *ret);
};
void eas_folder_command(struct eas_request *rq, const struct folder_verb *verb);

/* A folder's id as it was sent: FOLDER_ROOT is "0". ERR_NOT_FOUND: none of ours. */
enum err folder_id_parse(struct str id, int64_t *ret) MUST_CHECK;
/* 1 to EAS_MAX_FOLDER_NAME_CHARS characters (MS-ASCMD_R2194), and no control characters. */
bool folder_name_valid(struct str name);

#endif
