/*
 * Phones and the server's side of their requests, as the commands' property test and the rules' tests drive them: the
 * phone is a model of a client that retries, defers, undoes and begins again; the server side is the shape that
 * store/sync.h prescribes for a Sync request.
 */
#ifndef TESTS_STORE_PHONES_H
#define TESTS_STORE_PHONES_H

#include "lives.h"

#include <store/sync.h>

enum { PHONES_MAX = 3, HELD_MAX = 512, COMMANDS_MAX = 64, PAGE_MAX = 64, NAME_MAX_ = 40 };

/* An item as a phone can name it: folder 0 or 1 of the life, and the id. */
struct sid {
	int f;
	int64_t id;
};
static inline bool sid_eq(struct sid a, struct sid b)
{
	return a.f == b.f && a.id == b.id;
}

/* What a phone shows of an item: content, read state, filter key. */
struct shown {
	int64_t v, r, k;
};

/* Parts of an item that a command sets. */
struct body {
	bool has_v, has_r, has_k;
	struct shown is;
};

struct command {
	enum sync_command_kind kind;
	char client_id[NAME_MAX_]; /* of an Add */
	struct sid sid;            /* of the others */
	struct body body;
	int64_t tag; /* of an Add: which wish of the user's it is */
};
struct response {
	const struct command *command;
	int status;
	struct sid sid;
};
struct entry {
	enum feed_kind kind;
	struct sid sid;
	struct shown is;
};

/* Who wrote contents, for the check that no conflict is one of a device with itself. */
struct written {
	int64_t id, who;
	uint64_t change;
};

struct world {
	struct lives *lives;
	unsigned long seed;
	struct rnd rnd;
	int64_t folder[2];
	struct written written[4096];
	size_t written_n;
	int64_t added[1024], undone[1024], dead[1024]; /* tags */
	size_t added_n, undone_n, dead_n;
	int64_t last_token;
	unsigned keys_issued;
	bool settling; /* nobody but the phones acts any more */
	bool calm;     /* nothing happens by chance */
};

/* A property does not hold: tells the seed and ends the test. */
void must(const struct world *w, bool ok, const char *text);

struct exchange { /* a Sync of one folder */
	int64_t device;
	int f;
	const char *key;
	struct command *commands;
	size_t commands_n;
	bool get;
	size_t window;
	int64_t goal;
	int32_t filter;
	bool server_wins;

	/* The answer. */
	int status;
	char new_key[SYNC_KEY_MAX + 1];
	struct response responses[COMMANDS_MAX];
	size_t responses_n;
	struct entry page[PAGE_MAX];
	size_t page_n;
	bool more;
};
void server_sync(struct world *w, struct exchange *x);
/* EAS MoveItems: status 3 with the target, or 1. */
int server_move(struct world *w, int64_t device, struct sid from, int to, struct sid *ret);
bool server_ping(struct world *w, int64_t device, int f, int64_t goal, int32_t filter);
/* What somebody at a desktop does now and then. */
void desktop(struct world *w);

struct held {
	struct sid sid;
	struct shown is;
};
struct late { /* a request that the phone gave up and that the server has not read yet */
	bool used;
	char key[SYNC_KEY_MAX + 1];
	struct command commands[COMMANDS_MAX];
	struct exchange x;
};
struct pending { /* a Change or Delete that the server has not taken yet */
	struct sid sid;
	enum sync_command_kind kind;
	struct body body;
	struct shown base;
};
struct wish { /* an Add that the server has not taken yet */
	char client_id[NAME_MAX_];
	struct shown is;
	int64_t tag;
};
struct phone {
	struct world *w;
	int64_t device;
	char key[2][SYNC_KEY_MAX + 1];
	struct held held[HELD_MAX];
	size_t held_n;
	struct pending pending[COMMANDS_MAX];
	size_t pending_n;
	struct wish wishes[2][COMMANDS_MAX];
	size_t wishes_n[2];
	bool moving;
	struct sid move_from;
	int move_to;
	int64_t goal[2];
	int32_t filter[2];
	bool keeps;   /* its own edit stands when the server's version comes */
	bool new_ids; /* invents its ClientIds anew for each request */
	bool defers;  /* leaves commands out of a request and sends them in a later one */
	bool remaps;  /* shows a moved item at once; others wait for the target's Add */
	bool server_wins;
	struct late late[SYNC_FORMERS]; /* more of them than answers are remembered would cost a Status 3 */
};

/* LOST_LATE: the server works on it later, behind requests that the phone makes after it. */
enum lost { LOST_NOTHING, LOST_REQUEST, LOST_RESPONSE, LOST_LATE };
void phone_init(struct phone *p, struct world *w, int64_t device);
void phone_user(struct phone *p); /* adds, edits, flags, deletes, moves or undoes */
/* One exchange; true when there may be more. */
bool phone_sync(struct phone *p, int f, enum lost lost, bool get, size_t window);
void phone_move(struct phone *p, enum lost lost);
void phone_late_arrives(struct phone *p, size_t which); /* if there is one */
const struct held *phone_find(const struct phone *p, struct sid sid);

#endif
