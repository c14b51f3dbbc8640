/*
 * Held commands (Ping, Sync): register, check, hold. One place for the races between the change, the deadline, a newer
 * request, the peer's going away and shutdown.
 *
 *	eas_hold_watch(rq, &args, &hold)	// registered: no change after this is missed
 *	… check in a fresh read …
 *	something to say:  eas_hold_cancel(&hold); eas_respond_…(rq)
 *	nothing:           eas_hold_park(&hold)	// gives rq away
 *
 * on_wake then runs once, on a worker, with rq->arena of that worker and without the body: what waits keeps what it read
 * of the request, not its bytes. It answers, or begins again with the same deadline. When the peer has gone on_wake is
 * not called: the request just ends (rq->finish, written = false).
 * Worker threads only.
 */
#ifndef GATEWAY_ACTIVESYNC_HOLD_H
#define GATEWAY_ACTIVESYNC_HOLD_H

#include <gateway/activesync/command.h>
#include <push/push.h>

struct eas_hold;

enum eas_wake {
	EAS_WAKE_CHANGE,   /* one of the folders, or the hierarchy, has changed: check again */
	EAS_WAKE_DEADLINE, /* answer that nothing came */
	EAS_WAKE_ENDED, /* a newer request, an administrative act, shutdown: answer as at the deadline, without a check */
};

typedef void eas_wake_handler(struct eas_request *rq, enum eas_wake reason);

struct eas_hold_args {
	const int64_t *folders; /* copied */
	size_t folders_n;
	bool hierarchy;
	const struct push_place *elsewhere; /* place.h; copied */
	size_t elsewhere_n;
	int64_t deadline_ms; /* monotonic; eas_hold_deadline() */
	eas_wake_handler *on_wake;
};

/* The deadline of a hold of that many seconds from now. */
int64_t eas_hold_deadline(const struct eas_request *rq, unsigned seconds);
/* Longest heartbeat that is offered, in seconds: EAS_MAX_HEARTBEAT_S or less by the configuration. */
unsigned eas_hold_max_s(const struct eas *eas);

/* ERR_LIMIT: too many folders. */
enum err eas_hold_watch(struct eas_request *rq, const struct eas_hold_args *args, struct eas_hold **ret) MUST_CHECK;
void eas_hold_cancel(struct eas_hold **hp); /* NULL-safe */
void eas_hold_park(struct eas_hold **hp);

/* Ends what the device holds of this command; the dispatcher does at each new request of an EAS_HOLDS command. */
void eas_hold_supersede(struct eas *eas, int64_t device, const struct eas_command *command);

#endif
