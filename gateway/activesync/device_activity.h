/*
 * What devices did last, remembered in memory and written when they come again, at most once in EAS_ACTIVITY_S unless it
 * is news (a first sync, another error): every request says it, and one write a minute is enough. Any thread but
 * eas_activity_flush(), which is a worker's.
 */
#ifndef GATEWAY_ACTIVESYNC_DEVICE_ACTIVITY_H
#define GATEWAY_ACTIVESYNC_DEVICE_ACTIVITY_H

#include <gateway/activesync/command.h>

struct eas_activities;

enum {
	EAS_ACTIVITY_S = 60,         /* what is no news is written at most so often */
	EAS_ACTIVITIES_MAX = 200000, /* devices that are remembered */
};

struct eas_activities *eas_activities_new(void);
void eas_activities_free(struct eas_activities **ap);

/* The request is answered with that status; EAS_STATUS_OK: nothing was wrong. */
void eas_activity_note(struct eas_request *rq, unsigned status);
/* Did its last command but Ping carry a policy key? False where it is not known. */
bool eas_activity_shows_key(struct eas *eas, int64_t device);
/* The device is there: writes what was remembered of it, and that it was seen. No transaction may be open. */
enum err eas_activity_flush(struct eas *eas, int64_t device) MUST_CHECK;

#endif
