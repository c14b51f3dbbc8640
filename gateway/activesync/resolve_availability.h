/* Availability of ResolveRecipients (MS-ASCMD 2.2.3.16, 2.2.3.107): when those who were found are busy, from 14.0 on. */
#ifndef GATEWAY_ACTIVESYNC_RESOLVE_AVAILABILITY_H
#define GATEWAY_ACTIVESYNC_RESOLVE_AVAILABILITY_H

#include <gateway/activesync/command.h>
#include <gateway/mailbox/freebusy.h>
#include <store/mail_group.h>

enum { AVAILABILITY_MAX_DAYS = 42 /* MS-ASCMD R5175 */, AVAILABILITY_DEFAULT_DAYS = 7 /* R2265 */ };
enum {
	AVAILABILITY_MAX_GROUP = 20 /* MS-ASCMD R4626 */,
	AVAILABILITY_MAX_PEOPLE = 200 /* of all groups of an answer */
};

/*
 * The element of a request; the window's zone stays as it is. ERR_INVALID: no StartTime, a time that is none, a span below
 * 30 minutes or above AVAILABILITY_MAX_DAYS (R2264, R2266, R3986, R5430).
 */
enum err availability_parse(struct wbxml_reader *r, struct busy_window *ret) MUST_CHECK;
/* The zone in which whole days are meant: the asker's, where his working hours name one, else UTC. */
enum err availability_zone(struct eas_request *rq, struct zone_rules *ret) MUST_CHECK;
/* The element of one recipient: digits, or the status that says why there are none. What fails is his alone. */
void availability_put(struct eas_request *rq, struct wbxml_writer *w, const struct busy_window *window,
		      struct str address);
/*
 * The same of a group: of its people as of one, each as the asker may see him (R4625). *left: of how many people of groups the
 * answer may tell still; it goes down.
 */
void availability_put_group(struct eas_request *rq, struct wbxml_writer *w, const struct busy_window *window,
			    const struct group_member *people, size_t n, size_t *left);

#endif
