/* What the parts of GetUserAvailability share: the request as it is meant, and what was found of each mailbox. */
#ifndef GATEWAY_EWS_AVAILABILITY_H
#define GATEWAY_EWS_AVAILABILITY_H

#include <gateway/ews/operation.h>
#include <gateway/ews/types_availability.h>
#include <gateway/mailbox/freebusy.h>
#include <store/visibility.h>
#include <store/working_hours.h>

enum { BUSY_TYPE_NO_DATA = 5 };

struct ews_availability {
	struct ews_call *call;
	const struct ews_get_availability *asked;
	struct busy_window window; /* with the asker's zone */
	unsigned slot_minutes;
	size_t details_left;        /* octets, of EWS_MAX_DETAILS */
	size_t people_left;         /* of EWS_MAX_GROUP_PEOPLE */
	struct working_hours hours; /* of the asker */
};

/* A mailbox that is asked about, or a group: then `people` are its members in whatever depth, and there is no calendar. */
struct ews_subject {
	const struct ews_refusal *why; /* NULL: found */
	int64_t mailbox;
	enum visibility sees; /* what the asker may see */
	struct busy_list busy;
	struct working_hours hours;
	bool is_group, is_room;
	struct ews_subject *people;
	size_t people_n;
};

extern const struct ews_refusal ews_group_too_large; /* `why` of a group that is not expanded */

/* False: the call's fault says why. */
bool ews_zone_read(const struct ews_simple_zone *from, struct zone_rules *ret);
/* In the arena. ERR_LIMIT. */
enum err ews_zone_put(struct arena *a, const struct zone_rules *zone, const struct ews_type *type,
		      struct ews_simple_zone *to) MUST_CHECK;
/* That in which hours are meant; false: the asker's, since none is named or it is not known here any more. */
bool ews_hours_zone(const struct working_hours *h, struct zone_rules *ret);
/* A time of the request; one without a zone is of the asker's. */
int64_t ews_time_utc(const struct ews_availability *v, const struct ews_time *t);
/* A moment as the asker's own time. */
struct ews_time ews_time_local(const struct ews_availability *v, int64_t utc_ms);

/* Of one mailbox, in the struct of its view. */
enum err ews_view_put(struct ews_availability *v, const struct ews_subject *s, const struct ews_type *type,
		      struct ews_busy_response *to) MUST_CHECK;
enum err ews_suggestions_put(struct ews_availability *v, const struct ews_subject *subjects,
			     struct ews_get_availability_answer *answer) MUST_CHECK;

#endif
