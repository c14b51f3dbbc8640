/*
 * Devices that hammer: too many requests, the same one over and over, another User-Agent each time. Such a device is
 * turned away for a while. By account and device, never by address: many phones come through one proxy. In memory
 * alone; a restart forgives. Thread-safe.
 */
#ifndef GATEWAY_ACTIVESYNC_THROTTLE_H
#define GATEWAY_ACTIVESYNC_THROTTLE_H

#include <base/str.h>

enum {
	EAS_THROTTLE_WINDOW_S = 60,       /* in which requests are counted */
	EAS_THROTTLE_AGENT_S = 24 * 3600, /* in which changes of the User-Agent are (MS-ASHTTP 3.2.5.1.1) */
	EAS_THROTTLE_BLOCK_DEFAULT_S = 300,
	EAS_THROTTLE_MAX_DEVICES =
		65536, /* remembered; beyond it the quiet ones are forgotten, and then no new one is counted */
};

/* 0: no bound. */
struct eas_throttle_limits {
	unsigned commands;    /* within EAS_THROTTLE_WINDOW_S */
	unsigned repeats;     /* of one request, byte by byte, with no other between, within EAS_THROTTLE_WINDOW_S */
	unsigned user_agents; /* changes within EAS_THROTTLE_AGENT_S */
	unsigned block_s;     /* how long it is turned away; 0: EAS_THROTTLE_BLOCK_DEFAULT_S */
};

struct eas_throttle;
struct eas_throttle *eas_throttle_new(const struct eas_throttle_limits *limits);
void eas_throttle_free(struct eas_throttle **tp);

struct eas_throttle_request {
	int64_t account;
	struct str device_id;
	struct str user_agent;
	struct str query, body; /* what makes it the same as the last one */
	int64_t now_ms;         /* monotonic */
};
/*
 * Counts the request. Returns NULL, or why the device is turned away (a value of X-MS-ASThrottle) and for how many seconds
 * more. *ret_begins: this request was the one too many.
 */
const char *eas_throttle_ask(struct eas_throttle *t, const struct eas_throttle_request *rq, unsigned *ret_retry_s,
			     bool *ret_begins);

#endif
