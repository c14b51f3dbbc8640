/*
 * What people are told of devices: the administrators (store/access.h, ACCESS_ADMINS) of phones that wait or were kept
 * out or wiped, the user of a wipe; and the mail that a phone in quarantine sees. A mail that can't be delivered is
 * logged, and stops nothing. Worker threads; no transaction may be open.
 */
#ifndef GATEWAY_ACTIVESYNC_DEVICE_NOTICE_H
#define GATEWAY_ACTIVESYNC_DEVICE_NOTICE_H

#include <gateway/activesync/command.h>

enum { EAS_NOTICES_MAX = 5 }; /* of an account within an hour; those of a wipe do not count */

void eas_notice_quarantine(struct eas_request *rq, const struct device *d, struct str reason);
void eas_notice_blocked(struct eas_request *rq, const struct device *d, struct str reason);
/* The device has acknowledged a wipe. */
void eas_notice_wiped(struct eas_request *rq, const struct device *d, unsigned status);

#define EAS_QUARANTINE_SUBJECT S("This phone is waiting for permission")
/* The text for the user. */
enum err eas_notice_waiting(struct eas_request *rq, struct buf *text) MUST_CHECK;

#endif
