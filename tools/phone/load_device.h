/*
 * One of many phones: its connection and the step of its life it is at. It provisions, syncs its inbox, holds a Ping,
 * and on a wake syncs and pings again. Driven by whoever watches its descriptor; keeps no mail and no files.
 */
#ifndef PHONE_LOAD_DEVICE_H
#define PHONE_LOAD_DEVICE_H

#include "settings.h"

#include <base/arena.h>

struct device;

/* What every device shares. */
struct fleet {
	const struct settings *settings;
	struct str password;
	struct endpoint endpoint;
	struct arena arena;  /* of the response being read */
	struct buf unpacked; /* too */
	struct buf why;      /* the first fault */
	int epoll;           /* a device registers its descriptor here, with itself as the event's data */
	int64_t (*now_us)(void);
	void (*on_held)(struct fleet *f, struct device *d); /* its first Ping is sent */
	void (*on_wake)(struct fleet *f, int64_t at_us);    /* a Ping told of changes */
	uint64_t mails, requests;
};

enum { LOAD_MAX_ARENA_BYTES = 64 * 1024 * 1024 };

struct device *device_new(struct fleet *f, uint32_t number, struct buf *why); /* connects; NULL: see why */
void device_free(struct device **dp);
/* Its descriptor is ready. ERR_INVALID, ERR_IO: it has failed, see f->why. */
enum err device_ready(struct device *d) MUST_CHECK;

#endif
