/* Limits of ActiveSync: what a phone may ask and what an answer may hold. Each has a test at it and one past it. */
#ifndef GATEWAY_ACTIVESYNC_LIMITS_H
#define GATEWAY_ACTIVESYNC_LIMITS_H

enum {
	EAS_MAX_QUERY_BYTES = 2048, /* the part of the URI after '?' */
	/* Bodies: what the command can need, by its own limits. */
	EAS_MAX_BODY_NONE = 4 * 1024, /* of commands that have none: passed over */
	EAS_MAX_BODY_FOLDERSYNC = 4 * 1024,
	EAS_MAX_BODY_FOLDER = 16 * 1024, /* FolderCreate, FolderUpdate, FolderDelete */
	EAS_MAX_BODY_GETITEMESTIMATE = 1024 * 1024,
	EAS_MAX_BODY_ITEMOPERATIONS = 512 * 1024,
	EAS_MAX_BODY_MOVEITEMS = 512 * 1024,
	EAS_MAX_BODY_MEETINGRESPONSE = 4 * 1024 * 1024,
	EAS_MAX_BODY_FIND = 64 * 1024,
	EAS_MAX_BODY_PING = 256 * 1024,
	EAS_MAX_BODY_PROVISION = 64 * 1024,
	EAS_MAX_BODY_SEARCH = 64 * 1024,
	EAS_MAX_BODY_SENDMAIL = 64 * 1024 * 1024,
	EAS_MAX_SEND_CLIENT_ID_CHARS = 40,   /* MS-ASCMD_R952 */
	EAS_MAX_FORWARDEES = 100,            /* of an event: as many as ResolveRecipients looks up at once */
	EAS_MAX_MIME_LOOK_BYTES = 64 * 1024, /* in which a message's first field begins */
	EAS_MAX_BODY_SETTINGS = 256 * 1024,
	EAS_MAX_BODY_RESOLVERECIPIENTS = 256 * 1024,
	EAS_MAX_BODY_VALIDATECERT = 4 * 1024 * 1024,
	EAS_MAX_BODY_SYNC = 32 * 1024 * 1024,
	EAS_MAX_RESPONSE_BYTES = 16 * 1024 * 1024, /* in memory; what is inserted from blobs comes on top (insert.h) */
	EAS_MAX_PAGE_BYTES = 4 * 1024 * 1024, /* a Sync response is cut here (MoreAvailable); a larger item is alone */
	EAS_MAX_TEXT_BODY_BYTES = 4 * 1024 * 1024,   /* plain text or HTML of a mail; what is longer is truncated */
	EAS_MAX_FLAT_BODY_BYTES = 12 * 1024 * 1024,  /* the same of 2.5, MIME too, which stands in memory there */
	EAS_MIN_INSERT_BYTES = 256 * 1024,           /* MIME above it is inserted, not copied */
	EAS_MAX_ITEM_ARENA_BYTES = 64 * 1024 * 1024, /* structure and rendering of one item */
	/* Of an ItemOperations answer: the document, and its parts together. A phone fetches more with Range. */
	EAS_MAX_FETCH_BYTES = 48 * 1024 * 1024,
	EAS_MAX_ITEM_OPERATIONS = 100,     /* MS-ASCMD_R7490 */
	EAS_MAX_SYNC_KEY_BYTES = 64,       /* MS-ASCMD SyncKey */
	EAS_MAX_ID_CHARS = 64,             /* ServerId, CollectionId (MS-ASCMD_R985) */
	EAS_MAX_FOLDER_NAME_CHARS = 256,   /* MS-ASCMD_R2194 */
	EAS_MAX_RECIPIENTS = 100,          /* of a ResolveRecipients (MS-ASCMD_R5656) */
	EAS_MAX_GROUP_CERTIFICATES = 100,  /* people of a group whose certificates are looked for */
	EAS_MAX_CERTIFICATES = 100,        /* of a ValidateCert, and of its chain (MS-ASCMD_R5662) */
	EAS_MAX_MOVES = 1000,              /* MS-ASCMD_R5653 */
	EAS_MAX_MEETING_RESPONSES = 100,   /* MS-ASCMD 3.1.5.10 */
	EAS_MAX_ESTIMATES = 1000,          /* collections of a GetItemEstimate (MS-ASCMD_R5647) */
	EAS_MAX_SETTINGS = 5,              /* properties of a Settings request: each once */
	EAS_MAX_SEARCH_RESULTS = 100,      /* of an answer (MS-ASCMD_R3733, R3735) */
	EAS_MAX_SEARCH_TEXTS = 16,         /* FreeText elements of a query */
	EAS_MAX_SEARCH_FOLDERS = 300,      /* CollectionId elements of a query */
	EAS_MAX_SEARCH_VALUE_BYTES = 1024, /* MS-ASCMD_R5263 */
	EAS_MAX_SCHEMA = 128,              /* elements of a Schema: more than any class has */
	EAS_MIN_HEARTBEAT_S = 60,
	EAS_MAX_HEARTBEAT_S = 3540,
	EAS_MAX_PING_FOLDERS = 300,
	EAS_KEEP_ALIVE_MS = 15000,                   /* half of the silence that the most impatient client bears */
	EAS_MAX_DEVICE_INFORMATION_CHARS = 1024,     /* each value (MS-ASCMD_R3110, R3179, R3441, R4696) */
	EAS_TEXT_HANDOVER_MS = 3 * 24 * 3600 * 1000, /* a phone unheard of for so long sends no text message any more */
};

#endif
