/*
 * The documents of FolderSync, Sync, Ping and MoveItems: requests as a phone writes them, answers as it reads them (MS-ASCMD
 * 2.2.1.5, 2.2.1.12, 2.2.1.13, 2.2.1.21; MS-ASEMAIL). Pure.
 */
#ifndef TESTS_REPLAY_ANSWERS_H
#define TESTS_REPLAY_ANSWERS_H

#include <base/buf.h>
#include <wbxml/wbxml.h>

enum { KEY_MAX = 64, FOLDERS_MAX = 12, ENTRIES_MAX = 520, RESPONSES_MAX = 64, CATEGORIES = 3 };

/* What can change of a mail. */
struct shown {
	bool read, flagged;
	unsigned categories; /* bit n: category_names[n] */
};
extern const char *const category_names[CATEGORIES];

struct mail_told {
	bool has_read, has_flag, has_categories, has_received, has_subject, has_body;
	struct shown is;
	int64_t received_ms;
	struct str subject; /* borrowed from the document */
};

enum entry_kind { ENTRY_ADD, ENTRY_CHANGE, ENTRY_DELETE, ENTRY_SOFTDELETE, ENTRY_FETCH };

/* A command of the server, or (with a status) its answer to one of the phone's. */
struct entry {
	enum entry_kind kind;
	unsigned status;
	int64_t folder, id;
	struct mail_told mail;
};

struct answer_collection {
	int64_t folder;
	unsigned status;
	bool more;
	char key[KEY_MAX + 1];
	struct entry entries[ENTRIES_MAX], responses[RESPONSES_MAX];
	size_t entries_n, responses_n;
};

struct answer_sync {
	unsigned status; /* of the whole; 0: none */
	size_t n;
	struct answer_collection collections[FOLDERS_MAX];
};
/* ERR_INVALID: what no server may say. */
enum err answer_sync_read(struct str document, struct answer_sync *ret) MUST_CHECK;

struct answer_folder {
	enum entry_kind kind; /* ENTRY_CHANGE: Update */
	int64_t id, parent;
	unsigned type;
	struct str name; /* borrowed */
};
struct answer_hierarchy {
	unsigned status;
	uint64_t count;
	char key[KEY_MAX + 1];
	struct answer_folder changes[64];
	size_t n;
};
enum err answer_hierarchy_read(struct str document, struct answer_hierarchy *ret) MUST_CHECK;

struct answer_ping {
	unsigned status;
	int64_t folders[FOLDERS_MAX];
	size_t n;
};
enum err answer_ping_read(struct str document, struct answer_ping *ret) MUST_CHECK;

struct answer_move {
	struct str source; /* SrcMsgId, borrowed */
	unsigned status;
	int64_t folder, id; /* DstMsgId; 0: none */
};
enum { MOVE_ANSWERS_MAX = 8 };
enum err answer_moves_read(struct str document, struct answer_move ret[MOVE_ANSWERS_MAX], size_t *ret_n) MUST_CHECK;

/* Requests. */
struct ask_command {
	enum entry_kind kind; /* CHANGE, DELETE, FETCH */
	int64_t id;
	bool has_read, has_flag, has_categories;
	struct shown is;
};
struct ask_collection {
	int64_t folder;
	const char *key;
	unsigned window; /* 0: not said */
	bool no_changes, keeps_deleted /* DeletesAsMoves 0 */, says_options;
	unsigned filter, body_type; /* body_type 0: none */
	const struct ask_command *commands;
	size_t commands_n;
};
/* hold_minutes 0: does not wait. */
void ask_sync(struct buf *out, enum eas_version v, const struct ask_collection *c, size_t n, unsigned hold_minutes);
/* The collections stand in the place of those of the request before; the others are as they were. */
void ask_sync_partially(struct buf *out, enum eas_version v, const struct ask_collection *c, size_t n);
void ask_foldersync(struct buf *out, const char *key);
struct ask_move {
	int64_t from, id, to;
};
void ask_moves(struct buf *out, const struct ask_move *m, size_t n);
/* "folder:id" */
void put_item_name(struct buf *out, int64_t folder, int64_t id);
void ask_ping(struct buf *out, unsigned heartbeat_s, const int64_t *folders, size_t n);

#endif
