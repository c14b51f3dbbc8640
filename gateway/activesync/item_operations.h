/*
 * Inside of ItemOperations (MS-ASCMD 2.2.1.10): the request as a value, and the operations at work. Worker
 * threads, one request each.
 */
#ifndef GATEWAY_ACTIVESYNC_ITEM_OPERATIONS_H
#define GATEWAY_ACTIVESYNC_ITEM_OPERATIONS_H

#include <gateway/activesync/command.h>
#include <gateway/activesync/insert.h>
#include <gateway/activesync/multipart.h>
#include <gateway/activesync/sync_options.h>

/* MS-ASCMD 2.2.3.177.8; of the whole request, or of one operation. */
enum item_op_status {
	ITEM_OP_DONE = 1,
	ITEM_OP_MALFORMED = 2,
	ITEM_OP_SERVER = 3,
	ITEM_OP_BAD_LINK = 4, /* of document libraries (MS-ASCMD_R4156) */
	ITEM_OP_NOT_FOUND = 6,
	ITEM_OP_BAD_RANGE = 8,
	ITEM_OP_BAD_STORE = 9,
	ITEM_OP_TOO_LARGE = 11,
	ITEM_OP_BAD_ATTACHMENT = 15,
	ITEM_OP_DENIED = 16,
	ITEM_OP_PARTIAL = 17,
	ITEM_OP_NO_MOVE_ALWAYS = 155,
	ITEM_OP_NOT_SUPPORTED = 156, /* from 14.0 on */
	ITEM_OP_BAD_PART_TYPE = 164, /* from 14.1 on */
};

/* In the order in which the schema has their answers. */
enum item_op_kind { ITEM_OP_MOVE, ITEM_OP_EMPTY, ITEM_OP_FETCH, ITEM_OP_KIND_MAX_ };

struct item_op {
	enum item_op_kind kind;
	enum eas_version version;   /* of the request */
	enum item_op_status status; /* ITEM_OP_DONE: nothing is wrong with it as it was asked */
	struct str collection;      /* CollectionId; .p NULL where absent, as all of these */
	struct str item;            /* ServerId */
	struct str long_id;         /* LongId (server_id.h) */
	struct str reference;       /* FileReference */
	struct str link;            /* LinkId: told again in the refusal (MS-ASCMD_R1551) */
	struct str conversation;    /* ConversationId of Move, octets */
	bool has_reference;         /* also an empty one */
	bool has_link;              /* so has this */
	bool names_documents;       /* Store DocumentLibrary */
	bool has_range;
	uint64_t from, to;    /* octets, both included */
	bool with_subfolders; /* DeleteSubFolders */
	struct str target;    /* DstFldId */
	bool always;          /* MoveAlways */
	bool has_schema;
	uint16_t schema[EAS_MAX_SCHEMA]; /* the elements that are wanted */
	size_t schema_n;
	struct eas_options options;
};

struct item_ops {
	struct item_op *list; /* up to EAS_MAX_ITEM_OPERATIONS */
	size_t n;
};

/*
 * The whole document. Texts borrow from it. ERR_INVALID: malformed. ERR_LIMIT: more than EAS_MAX_ITEM_OPERATIONS.
 * ERR_BUSY: the arena is full.
 */
enum err item_ops_parse(struct eas_request *rq, struct item_ops *ret) MUST_CHECK;

struct item_ops_job {
	struct eas_request *rq;
	struct store_tx *tx;  /* of operations that only read; those that write have transactions of their own */
	struct arena scratch; /* of one operation */
	struct wbxml_writer w;
	struct eas_inserts inserts;
	struct eas_parts *parts; /* NULL: everything stands in the document */
};

/* The Fetch element of the answer. An error is the whole request's. */
enum err item_op_fetch(struct item_ops_job *job, const struct item_op *op) MUST_CHECK;

/* The EmptyFolderContents element of the answer. */
enum err item_op_move(struct item_ops_job *job, const struct item_op *op) MUST_CHECK;
enum err item_op_empty(struct item_ops_job *job, const struct item_op *op) MUST_CHECK;

#endif
