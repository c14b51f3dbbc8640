/* The load command: many phones in one process. */
#ifndef PHONE_LOAD_H
#define PHONE_LOAD_H

#include "phone.h"

enum {
	LOAD_MAX_STARTING = 64, /* devices that log in at the same time */
	LOAD_SPARE_DESCRIPTORS = 32,
};

enum err command_load(struct phone *p);

#endif
