/*
 * A model of a phone, written from the documents: what it shows, what its user did that no answer has covered yet, and
 * what it makes of answers. It shares base/ and wbxml/ with the server and nothing else, believes nothing, and fails
 * the life (world.h) at whatever a server must not say: an Add of an item it has, a Change or SoftDelete of one it has
 * not, a key that stays the same with news under it, more news than its window takes.
 */
#ifndef TESTS_REPLAY_PHONE_H
#define TESTS_REPLAY_PHONE_H

#include "answers.h"

#include <tests/support/eas_phone.h>

struct world;

enum { PHONES_MAX = 3, HELD_MAX = 400, PENDING_MAX = 16 };

/* Where a request is lost; the server has acted on it in all cases but the first. */
enum loss {
	LOSS_NONE,
	LOSS_REQUEST, /* it never arrives */
	LOSS_BEFORE,  /* the server has begun to answer, nothing is read */
	LOSS_HALF,
	LOSS_AFTER, /* all of it is read, and lost by the phone */
	LOSS_MAX_,
};
extern const char *const loss_names[LOSS_MAX_];

/* A mail as the phone was told of it. */
struct held {
	int64_t id;
	int64_t received_ms;
	struct shown is;
};

enum pending_kind { PENDING_CHANGE, PENDING_DELETE, PENDING_FETCH };

/* What the user did and the server has not answered. */
struct pending {
	enum pending_kind kind;
	int64_t id;
	bool has_read, has_flag, has_categories;
	struct shown is;
};

/* What the user dragged to another folder. */
struct moving {
	int64_t from, id, to;
};
enum { MOVES_MAX = 4 };

struct box { /* a folder of mail */
	int64_t id, parent;
	char name[32];
	char key[KEY_MAX + 1]; /* "0": not synced, or to begin again */
	unsigned filter;       /* what its user wants */
	unsigned filter_said;  /* what the server has answered under; NEVER_SAID: nothing */
	bool lost;             /* an answer about it was lost and its request not repeated yet */
	char torn_key[KEY_MAX +
		      1]; /* the key of a request whose answer was lost, until another key was shown; else "" */
	bool restarted;   /* the server began anew since the last answer about it */
	bool more;
	bool gone; /* the server says so; FolderSync will */
	struct held held[HELD_MAX];
	size_t held_n;
	struct pending pending[PENDING_MAX];
	size_t pending_n;
};
enum { NEVER_SAID = 99 };

enum waiting { WAITING_NOT, WAITING_PING, WAITING_SYNC };

/* What a Ping was answered with. */
struct ping_verdict {
	unsigned status; /* 0: none yet, or lost */
	int64_t folders[FOLDERS_MAX];
	size_t n;
};

/* A Sync as it was sent last. */
struct sync_request {
	struct ask_collection collections[FOLDERS_MAX];
	char keys[FOLDERS_MAX][KEY_MAX + 1];
	struct ask_command commands[FOLDERS_MAX][PENDING_MAX];
	size_t n;
	bool waits;
};

struct phone {
	struct world *w;
	unsigned n;
	enum eas_version version;
	bool keeps;  /* the user's edit stands over a Change that comes in between; else it is given up */
	bool remaps; /* shows what it moved in the target at once; else when it is told */
	bool defers; /* sends some of what is pending, the rest later */
	char device[16];
	struct eas_phone http;
	struct client held_open; /* the connection on which it waits */
	enum waiting waiting;
	char hierarchy_key[KEY_MAX + 1];
	bool hierarchy_lost, hierarchy_restarted;
	char hierarchy_torn_key[KEY_MAX + 1];
	struct box boxes[FOLDERS_MAX];
	size_t boxes_n;
	struct moving moves[MOVES_MAX];
	size_t moves_n;
	int64_t asked[FOLDERS_MAX]; /* what the request that waits is about */
	size_t asked_n;
	int64_t pinged[FOLDERS_MAX]; /* what the last Ping named */
	size_t pinged_n;
	struct sync_request request;
	struct answer_sync sync; /* the last answer */
	struct ping_verdict verdict;
};

void phone_init(struct phone *p, struct world *w, unsigned n, enum eas_version v);

void phone_set_version(struct phone *p, enum eas_version v); /* before its first request */
void phone_release(struct phone *p);
struct box *phone_box(struct phone *p, int64_t folder); /* NULL: it knows none */
struct held *box_find(struct box *b, int64_t id);       /* NULL: it has it not */
struct pending *box_pending(struct box *b, int64_t id); /* NULL: nothing is pending */
void box_forget_pending(struct box *b, int64_t id);

/* False: lost. *ret_news (may be NULL): whether the hierarchy changed. */
bool phone_foldersync(struct phone *p, enum loss loss, bool *ret_news);

struct sync_wish {
	const int64_t *folders; /* that the phone knows */
	size_t n;
	unsigned window; /* 0: not said */
	bool no_changes; /* GetChanges 0 */
	bool no_commands;
	bool moves_deleted; /* DeletesAsMoves */
	uint64_t chance;    /* which of the pending commands go, and which options are said */
};
/* A Sync; false: lost. The news are in p->sync, applied. */
bool phone_sync(struct phone *p, const struct sync_wish *wish, enum loss loss);
/*
 * The Sync before once more, as a request without a body, where the phone would say the very same; false: it would
 * not, or the answer was lost, or the server wants to be told the whole.
 */
bool phone_sync_briefly(struct phone *p, enum loss loss);
/*
 * Sync of the folders of the Sync before that names only those of which the phone has other than before to say, with
 * Partial; false as above.
 */
bool phone_sync_partially(struct phone *p, const struct sync_wish *wish, enum loss loss);
/* Any other command, which the phone's state has no part in; false: lost. */
bool phone_ask(struct phone *p, const char *command, struct buf *body, enum loss loss, struct eas_reply *ret);
/* MoveItems with all that is dragged, if anything is; false: lost. Repeated as long as p->moves has them. */
bool phone_move(struct phone *p, enum loss loss);
/* How many commands of the server the last Sync brought for a folder; *ret_soft: SoftDeletes among them. */
size_t phone_news(const struct phone *p, int64_t folder, size_t *ret_soft);

/*
 * A request that may wait; afterwards p->waiting tells whether it does. One that is answered at once is taken in.
 * LOSS_NONE and LOSS_REQUEST are no choice of the phone's here: what is lost of a held request's answer is told to
 * phone_take_held().
 */
void phone_ping(struct phone *p, const int64_t *folders, size_t n, bool brief);
void phone_wait_sync(struct phone *p, const struct sync_wish *wish);
/* The same with news to tell, so that they are answered at once, and the answer lost. */
void phone_ping_cut(struct phone *p, const int64_t *folders, size_t n, enum loss loss);
void phone_wait_sync_cut(struct phone *p, const struct sync_wish *wish, enum loss loss);
/* The request that waits is given up by closing its connection. */
void phone_hang_up(struct phone *p);
/* Its answer has come. */
bool phone_is_answered(const struct phone *p);
void phone_take_held(struct phone *p, enum loss loss);
/* Of the Ping answered last; the next call has none. */
struct ping_verdict phone_verdict(struct phone *p);

#endif
