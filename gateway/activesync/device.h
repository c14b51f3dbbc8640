/*
 * The gates of devices, for dispatch.c: who is it, may the account have it, and may it go on? Worker threads.
 *
 * In this order: the partnership (made at first contact), a wipe that is requested, the account's switch, the policy,
 * the device's own access (store/access.h).
 */
#ifndef GATEWAY_ACTIVESYNC_DEVICE_H
#define GATEWAY_ACTIVESYNC_DEVICE_H

#include <gateway/activesync/command.h>

/*
 * Fills rq->device.id, rq->access and rq->limits. EAS_STATUS_OK, or the status that is answered: below
 * EAS_STATUS_COMMON_MIN it is the command's own.
 */
unsigned eas_gate_device(struct eas_request *rq);

/*
 * Of a request that waits, or is about to: would it still be let in as it was? A wipe, another password, a changed rule may
 * have come meanwhile. Where that cannot be told, no.
 */
bool eas_gate_still(struct eas_request *rq);

/* DeviceInformation, as far as its version has it. In a write transaction of the directory; errors of device_set_info(). */
enum err eas_device_keep_info(const struct eas_request *rq, struct store_tx *tx,
			      const struct device_info *info) MUST_CHECK;

/* What is known of a device when it asks. */
struct eas_standing {
	struct device device;
	bool enabled; /* the account's switch */
	struct policy policy;
	bool policy_damaged;
	struct access_decision access;
	struct str access_reason; /* for people */
	bool access_unkept;       /* the row says something else of it, or why */
	bool access_news;         /* something else: who is concerned hears of it */
};
enum err eas_standing_read(struct eas_request *rq, struct store_tx *tx, struct eas_standing *s) MUST_CHECK;
/* What the device is to hear; sets rq->access and rq->limits. */
unsigned eas_standing_judge(struct eas_request *rq, const struct eas_standing *s);
/* Keeps a decision that is new; in a write transaction. */
enum err eas_standing_keep(struct store_tx *tx, struct eas_standing *s) MUST_CHECK;
/* The same, in its own, and tells the administrators of it. */
enum err eas_standing_note(struct eas_request *rq, struct eas_standing *s) MUST_CHECK;

#endif
