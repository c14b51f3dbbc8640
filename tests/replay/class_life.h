/*
 * Random lives of calendars, contacts, tasks and notes: what the parts of test_class_lives share. One thread drives all of it;
 * what the server does on threads of its own is waited for, so that a seed gives the same life again.
 *
 *	class_phone.c   what a phone holds, and what answers make of it
 *	class_ask.c     its requests, over connections that break
 *	class_users.c   what users write and touch
 *	class_others.c  the mail, programs that write into the store, the post office
 *	class_lent.c    folders of somebody else's, among ann's
 *	class_end.c     all land, and are compared
 */
#ifndef TESTS_REPLAY_CLASS_LIFE_H
#define TESTS_REPLAY_CLASS_LIFE_H

#include <tests/store/rnd.h>
#include <tests/unit/activesync/class_fixture.h>

enum {
	PHONES = 3, /* of ann */
	ITEMS_MAX = 110,
	PENDING_MAX = 6,
	BOXES_MAX = 22,
	LENT_MAX = 8,
	MOVES_MAX = 3,
	XML_MAX = 5000,
	KEY_BYTES = 80,
	TOKENS_MAX = 400,
	MEETINGS = 4,
};
enum class { CALENDAR, CONTACTS, TASKS, NOTES, ENTRY_CLASSES, MAIL = ENTRY_CLASSES };

/* An entry as a phone has it: as it was told last, or as it said itself. */
struct shown {
	char id[40];
	bool said;    /* xml is what the phone said; not all that there is */
	bool owed;    /* its Change was refused: the server's is to come */
	bool refused; /* its Delete was, by whom it belongs to: it is to come as an Add */
	char xml[XML_MAX];
};

enum kind { ADD, CHANGE, DELETE, FETCH };
struct pending {
	enum kind kind;
	char id[40]; /* ServerId, or ClientId */
	char instance[24];
	char xml[XML_MAX];
};

struct box { /* a folder as a phone knows it */
	int64_t folder;
	enum class c;
	char name[32];
	char key[KEY_BYTES]; /* "0": not synced, or to begin again */
	bool lost;           /* an answer about it was lost and no other one has come */
	bool more;
	bool looks;  /* it is somebody else's, to be looked into, when it is asked */
	bool looked; /* so it was when a request was lost that would have changed it */
	struct shown items[ITEMS_MAX];
	size_t n;
	struct pending pending[PENDING_MAX];
	size_t pending_n;
};

/* Where a request is lost; the server has acted on it in all cases but the first. */
enum loss { LOSS_NONE, LOSS_REQUEST, LOSS_BEFORE, LOSS_HALF, LOSS_AFTER, LOSS_MAX_ };

struct moving {
	char id[40];
	int64_t from, to;
};

/* A folder that the user makes, renames or deletes, and whose answer has not come. */
enum folder_act { FOLDER_ACT_NONE, FOLDER_ACT_CREATE, FOLDER_ACT_UPDATE, FOLDER_ACT_DELETE };
struct folder_wish {
	enum folder_act act;
	int64_t id;
	unsigned type;
	char name[32];
};

/* An answer to an invitation. */
struct meeting_wish {
	char id[40];
	int64_t folder;
	unsigned answer; /* 0: none */
	bool one;        /* of a series */
};

enum waiting { WAITING_NOT, WAITING_PING, WAITING_SYNC };

struct phone {
	struct life *l;
	const char *version, *login;
	char device[16];
	bool ghosts; /* says Supported: it has no companies */
	bool remaps; /* shows what it moved in the target at once; else when it is told */
	char hierarchy_key[KEY_BYTES];
	bool stale; /* the server wants it to look at its folders */
	struct box boxes[BOXES_MAX];
	size_t boxes_n;
	struct moving moves[MOVES_MAX];
	size_t moves_n;
	struct folder_wish folder_wish;
	struct meeting_wish meeting_wish;
	struct eas_phone held; /* on which it waits */
	enum waiting waiting;
	int64_t asked[BOXES_MAX]; /* what that is about */
	size_t asked_n;
};

/* What a phone or the desk has made, by its name, which never changes. */
enum fate { UNKNOWN, THERE, GONE, UNCERTAIN /* an answer about its end was lost */ };

/* The last message to somebody about an event: hashes. */
struct told {
	char about[32], said[32];
};

/* A folder of cleo's, and what ann may do with it. */
enum lent_how { LENT_NOT, LENT_TO_LOOK, LENT_TO_EDIT, LENT_HOW_MAX_ };
struct lent {
	int64_t folder;
	enum folder_role role;
	enum lent_how how;
};

struct life {
	struct fixture f;
	unsigned long seed;
	struct rnd rnd;
	bool trace;
	struct server_account bea;  /* whom ann's phones invite */
	struct server_account cleo; /* who lends folders to ann */
	struct lent lent[LENT_MAX];
	size_t lent_n; /* 0: a life without her */
	struct phone phones[PHONES + 1], fresh;
	enum fate fates[TOKENS_MAX];
	bool untold[TOKENS_MAX]; /* taken away at the desk, which tells nobody */
	bool kept[TOKENS_MAX];   /* a card with a company, which nobody takes away */
	unsigned tokens, spoken;
	int64_t posted; /* messages of the queue up to this one are delivered */
	struct told *told;
	size_t told_n, told_max;
	unsigned long syncs, lost, moves, crossed, waits, answers, letters, lent_changes,
		lent_refusals; /* what has been lived */
};

void life_fail(const struct life *l) __attribute__((noreturn));
#define must(l, ok, ...)                          \
	do {                                      \
		if (!(ok)) {                      \
			print_error(__VA_ARGS__); \
			life_fail(l);             \
		}                                 \
	} while (0)
#define note(l, ...)                         \
	do {                                 \
		if ((l)->trace)              \
			printf(__VA_ARGS__); \
	} while (0)

/* ---- class_phone.c ---- */

bool phone_is_16(const struct phone *p);
bool version_has_class(const char *version, enum class c);
struct box *phone_box(struct phone *p, int64_t folder); /* NULL: it knows none */
struct box *phone_box_of(struct phone *p, enum class c, size_t nth);
size_t phone_boxes_of(const struct phone *p, enum class c);
struct shown *box_find(struct box *b, const char *id);
struct pending *box_pend(struct box *b, enum kind kind, const char *id); /* NULL: there is no room, or one for it */
/* The name in an entry, "T17."; 0: none. */
unsigned token_of(const char *xml);
/* The text between two words, from *rest on, which goes behind it. */
bool cut(const struct life *l, const char **rest, const char *begin, const char *end, char *out, size_t max);

/* What of a Sync was asked for a folder. */
struct asked {
	int64_t folder;
	char key[KEY_BYTES];
	unsigned window;
	struct pending went[PENDING_MAX];
	size_t n;
};
/* What it has deleted and got no answer for it does not show, and does not say again. */
void phone_gives_up(struct box *b, const struct asked *a);
/* Returns how much was told. */
size_t phone_take_sync(struct phone *p, const struct eas_reply *r, const struct asked *asked, size_t n);
bool phone_take_folders(struct phone *p, const struct eas_reply *r); /* true: news */
void phone_take_moves(struct phone *p, const struct eas_reply *r);   /* of p->moves */
/* Of p->folder_wish. */
void phone_take_folder_act(struct phone *p, const struct eas_reply *r);

/* ---- class_ask.c ---- */

void phone_init(struct phone *p, struct life *l, const char *version, const char *login, const char *device);
void phone_release(struct phone *p);
struct sync_how {
	enum loss loss;
	unsigned window;
	bool quiet;   /* no commands, nothing at random */
	bool crosses; /* another request with the same key was given up before, and is read behind this one */
};
/* Returns what was told; -1: the answer was lost. */
int phone_sync(struct phone *p, struct box *b, struct sync_how how);
bool phone_foldersync(struct phone *p, enum loss loss); /* false: lost */
bool phone_move(struct phone *p, enum loss loss);       /* with all of p->moves */
bool phone_folder_act(struct phone *p, enum loss loss); /* p->folder_wish */
bool phone_answer(struct phone *p, enum loss loss);     /* p->meeting_wish */
void phone_fetch(struct phone *p, struct box *b, const struct shown *s);
void phone_wait(struct phone *p, enum waiting how);
/* A Ping that still waits, after whatever others have done, has nothing to tell. */
void phone_checks_wait(struct phone *p);
void phone_hang_up(struct phone *p);
bool phone_is_answered(struct phone *p);
void phone_take_held(struct phone *p, enum loss loss);
/* Every request that waits has been looked at again: it is answered, or it waits on. */
void life_settle(struct life *l);

/* ---- class_end.c ---- */

/* Syncs and delivers until nothing comes any more. */
void life_land(struct life *l);
/* The phone shows what a new one of its version is shown, and what it was granted. */
void life_compare(struct phone *p);

/* ---- class_users.c ---- */

/* Each pends one command, if there is room. */
void user_adds(struct phone *p, struct box *b);
void user_edits(struct phone *p, struct box *b, const struct shown *some);
void user_touches(struct phone *p, struct box *b);
void user_drags(struct phone *p, struct box *b);
void user_wishes_folder(struct phone *p);
void user_wishes_answer(struct phone *p);

/* ---- class_others.c ---- */

void other_mail(struct life *l);
void other_invitation(struct life *l); /* of Bob, the first of his */
void other_import(struct life *l);
void other_folder(struct life *l);
void other_removal(struct life *l);
/* What is queued comes to who is here; nobody is told the same twice. */
void post_office(struct life *l);
/* A folder goes, with what it has. */
void folder_ends(struct life *l, int64_t mailbox, int64_t folder);
/* How many entries of each name are in what cleo does not lend. */
void count_kept_back(struct life *l, unsigned ret[TOKENS_MAX]);
/* In the end: what ann's meetings are in bea's calendar. */
void compare_meetings(struct life *l, bool all_tell);

/* ---- class_lent.c ---- */

void lent_begin(struct life *l);
void other_lends(struct life *l);
void lent_add(struct life *l, int64_t folder);
void lent_remove(struct life *l, int64_t folder);
/* What a folder of ann's stands for now; NULL: it is her own, or stands for nothing any more. */
const struct lent *lent_behind(struct life *l, int64_t folder);
bool lent_is_mount(struct life *l, int64_t folder);            /* or it was */
uint64_t lent_digest(struct life *l, const struct lent *what); /* of what is in it */

#endif
