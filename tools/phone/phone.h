/* One phone at work: its settings, its state, its connection, and the response it is reading. One thread. */
#ifndef PHONE_PHONE_H
#define PHONE_PHONE_H

#include "doc.h"
#include "settings.h"
#include "state.h"

struct phone {
	struct settings settings;
	struct identity identity; /* with the policy key of the state */
	struct wire wire;
	struct state state;
	struct arena arena; /* of the response being read */
	struct reply reply;
	struct buf unpacked, password, why;
	enum command command; /* the last one sent */
	uint32_t posts;       /* requests sent, for --cut-at */
};

enum {
	PHONE_MAX_ARENA_BYTES = 64 * 1024 * 1024,
	PHONE_MAX_PASSWORD_BYTES = 64 * 1024, /* of the file, too */
};

/* Opens the store and resolves the server. */
enum err phone_init(struct phone *p, const struct settings *s) MUST_CHECK;
void phone_release(struct phone *p);

/*
 * Sends a command and gives its decoded body (empty where there is none), valid until the next one. hold_s: how long
 * the server may hold it. ERR_STALE: cut, as asked.
 */
enum err phone_post(struct phone *p, enum command c, const struct buf *body, uint32_t hold_s,
		    struct str *ret) MUST_CHECK;
/* The same for OPTIONS; the headers are in p->reply. */
enum err phone_options(struct phone *p) MUST_CHECK;
/* For reading what phone_post() gave. */
struct doc phone_doc(struct phone *p);

enum { PHONE_MAX_BODY_BYTES = REQUEST_MAX_BYTES / 2 };

#endif
