/* Limits of IMAP sessions. Each has a test at it and one past it. */
#ifndef GATEWAY_IMAP_LIMITS_H
#define GATEWAY_IMAP_LIMITS_H

enum {
	IMAP_MAX_COMMAND = 64 * 1024,      /* bytes of a command with its literals, but for messages */
	IMAP_MAX_COMMAND_EARLY = 8 * 1024, /* the same before login */
	IMAP_MAX_TAG = 126,
	IMAP_MAX_UNSYNCED = 4096,    /* bytes of a literal "{n+}" with LITERAL- (RFC 7888 section 5) */
	IMAP_MAX_NESTING = 32,       /* open parentheses */
	IMAP_MAX_RANGES = 16 * 1024, /* ranges of a sequence set */
	IMAP_MAX_SEARCH_KEYS = 1024, /* of a SEARCH, keys within keys included */
	IMAP_MAX_FETCH_ITEMS = 128,
	IMAP_MAX_THREAD_NODES = 2 * 1024 * 1024,   /* mails of a THREAD, and others that they refer to */
	IMAP_MAX_THREAD_STEPS = 20 * 1000 * 1000,  /* of its looking after loops; what is left then stands alone */
	IMAP_MAX_PATTERNS = 32,                    /* of a LIST */
	IMAP_MAX_PATTERN_STEPS = 1000000,          /* of a LIST's matching, over all names */
	IMAP_MAX_NAME = 1024,                      /* bytes of a mailbox name */
	IMAP_MAX_KEYWORD = 128,                    /* bytes of one keyword */
	IMAP_MAX_APPENDS = 1000,                   /* messages of one MULTIAPPEND */
	IMAP_MAX_APPEND_MEMORY = 64 * 1024 * 1024, /* bytes of them that wait for the last one */
	IMAP_MAX_BAD_EARLY = 5,                    /* bad commands before login, then BYE */
	IMAP_MAX_BAD = 50,                         /* and after it */
	IMAP_MAX_EARLY_COMMANDS = 50,              /* commands of any kind before login */
	IMAP_MAX_LOGINS = 3,                       /* refused logins of a connection */
	IMAP_PIECE_BYTES = 64 * 1024,              /* of a message, given to a worker at a time */
	IMAP_SLICE_BYTES = 256 * 1024,             /* of an answer, made by a worker at a time */
	IMAP_SLICE_ROWS = 500,                     /* of the store, changed in one transaction */
	IMAP_SLICE_FLAGS = 4000,                   /* the same where the flags of many are changed as one */
	IMAP_SLICE_RUNS = 1000,                    /* of such "many" in it */
	IMAP_ARENA_BYTES = 4 * 1024 * 1024,        /* what one command's arguments may take */
	IMAP_INPUT_BYTES = 32 * 1024,
	IMAP_LOGIN_TIMEOUT_MS = 60 * 1000,
	IMAP_TIMEOUT_MS = 30 * 60 * 1000,    /* RFC 3501 5.4: at least that */
	IMAP_PROGRESS_MS = 5000,             /* between two words on how far a command is */
	IMAP_IDLE_REMIND_MS = 2 * 60 * 1000, /* a word to who idles, so that routers on the way do not forget him */
	IMAP_MIN_BATCH = 500,                /* mails of a batch (RFC 10022 3.1.3.2) */
	IMAP_MAX_BATCHED = 100000,           /* mails that a range of batches may span (3.1.5) */
	IMAP_MAX_NOTIFY_GROUPS = 32,         /* of a NOTIFY */
	IMAP_MAX_NOTIFY_NAMES = 200,         /* of mailboxes in it */
	IMAP_MAX_NOTIFY_FOLDERS = 900,       /* that it watches: push/push.h takes 1000 */
	IMAP_MAX_USER_CONNECTIONS = 50,      /* of one account */
	IMAP_MAX_EARLY_PER_ADDRESS = 50,     /* of one address, not yet logged in */
};

#endif
