/*
 * Where a life happens: a server in the test's own process (the fixture of the ActiveSync tests), one account a life,
 * and the hands of everybody who is no phone: who delivers, who edits at a desk, who ends the process. One thread
 * drives all of it; what the server does on its own threads is waited for, so that a seed gives the same life again.
 */
#ifndef TESTS_REPLAY_WORLD_H
#define TESTS_REPLAY_WORLD_H

#include "phone.h"

#include <tests/store/rnd.h>
#include <tests/unit/activesync/fixture.h>

#define WORLD_TEXT "Text of %lld."
#define WORLD_ATTACHMENT "Octets of %lld."

struct world {
	struct fixture f;
	struct phone phones[PHONES_MAX];
	size_t phones_n;
	unsigned long seed;
	char login[48];
	bool trace;     /* the log goes to stdout as it is written */
	struct buf log; /* of this life */
	bool attaches;  /* mails come in with an attachment: WORLD_ATTACHMENT of their received time */
	int64_t last_received_ms;
	unsigned long
		forgotten; /* Pings that woke for nothing because the server no longer knew what it had answered */
	struct eas_phone onlooker; /* asks what changes nothing */
};

void world_open(struct world *w);
void world_close(struct world *w); /* for CLEANUP */
/* An account of its own, and phones of different versions. */
void world_begin_life(struct world *w, unsigned long seed, struct rnd *rnd, size_t phones_n);
void world_end_life(struct world *w);

void world_log(struct world *w, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* A promise is broken: shows the life so far and fails the test. */
void world_fail(struct world *w, const char *fmt, ...) PRINTF_LIKE(2, 3);
#define must(w, ok, ...)                              \
	do {                                          \
		if (!(ok))                            \
			world_fail((w), __VA_ARGS__); \
	} while (0)

/* Every request that waits has been looked at again: it is answered, or it waits on. */
void world_settle(struct world *w);
/* All but the phones' own promises are off: connections break, the process ends and begins anew. */
void world_restart(struct world *w);
void world_advance(struct world *w, int64_t ms);

struct mail {
	int64_t id, received_ms;
	struct shown is;
};
/* All of a folder by id, in the arena f.arena; what the phones must hold in the end. */
size_t world_mails(struct world *w, int64_t folder, struct mail **ret);
/* Folders of mail, by id. */
struct world_folder {
	int64_t id, parent;
	char name[32];
};
size_t world_folders(struct world *w, struct world_folder ret[FOLDERS_MAX]);

/* A mail comes in, age_ms ago by its received time (made unique). */
void world_deliver(struct world *w, int64_t folder, int64_t age_ms);
/* A person at a desk; by nobody whom the feed knows. */
void world_edit(struct world *w, int64_t folder, int64_t id, const struct shown *is);
void world_move(struct world *w, int64_t from, int64_t id, int64_t to);
void world_expunge(struct world *w, int64_t folder, int64_t id);

/* Does this process still know that its answer with that key was written out whole? */
bool world_remembers(struct world *w, const char *device, int64_t folder, const char *key);
/* It does not any more, as if another folder had come to the same place of that table. */
void world_forgets(struct world *w, const char *device, int64_t folder);

#endif
