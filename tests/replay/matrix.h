/*
 * The replay matrix: each command's request as a row, with what stands in it when it is asked first, and what the phone
 * makes of it when it asks again because no answer came.
 */
#ifndef TESTS_REPLAY_MATRIX_H
#define TESTS_REPLAY_MATRIX_H

#include "life.h"

enum { SCENE_MAILS = 4, SCENE_READS = 3, REFERENCE_MAX = 64 };

/* One cell: phone 0 asks, phone 1 looks on. */
struct scene {
	struct world *w;
	int64_t inbox, sent, deleted;
	int64_t mails[SCENE_MAILS]; /* of the inbox, which both phones have */
	bool repeats;               /* it asks again */
	unsigned window;            /* of Sync */
	bool moves_deleted;         /* of Sync */
	size_t pings;               /* of Ping: folders */
	bool brief;                 /* of Ping */
	/* of requests that change no mail (reads.c) */
	unsigned parts; /* bit n: its n-th part is said */
	bool otherwise; /* says something else in them */
	char references[SCENE_READS][REFERENCE_MAX];
	int64_t received_ms[SCENE_MAILS]; /* of the mails */
	uint32_t offered;                 /* the temporary policy key that the phone has */
};

/* How it asks again. */
enum again { AGAIN_SAME, AGAIN_CHANGED, AGAIN_LESS, AGAIN_MORE, AGAIN_MAX_ };

struct row {
	const char *what;
	bool (*ask)(struct scene *s, enum loss loss); /* false: no answer */
	void (*prepare)(struct scene *s);
	void (*again[AGAIN_MAX_])(struct scene *s); /* NULL: there is no such way */
	enum eas_version from;                      /* the first version that has it */
};
extern const struct row rows[];
extern const size_t rows_n;
/* Those that change no mail. */
extern const struct row read_rows[];
extern const size_t read_rows_n;

#endif
