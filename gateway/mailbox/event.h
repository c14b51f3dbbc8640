/*
 * Events of a mailbox: iCalendar in folders of calendars (gateway/mailbox/entry.h), with the plan of their occurrences
 * (content/calendar_expand.h) as the item's summary. All functions need an open transaction of the mailbox.
 */
#ifndef GATEWAY_MAILBOX_EVENT_H
#define GATEWAY_MAILBOX_EVENT_H

#include <gateway/content/calendar_expand.h>
#include <gateway/content/mime.h>
#include <gateway/mailbox/entry.h>

/* The filter key of an event: when its last occurrence ends. */
static inline int64_t event_key(const struct cal_plan *plan)
{
	return plan->last_ms == CAL_ENDLESS ? ITEM_KEY_ALWAYS : plan->last_ms;
}

/*
 * Keeps the plan of an event that was stored, and its UID, in the same write transaction. A plan that is too large is made
 * anew whenever it is asked for. Only a failing store is an error.
 */
enum err event_index(struct store_tx *tx, int64_t item, struct str uid, const struct cal_plan *plan) MUST_CHECK;
/* The same, from the event's octets. */
enum err event_index_octets(struct arena *a, struct store_tx *tx, int64_t item, struct str octets) MUST_CHECK;
/* The plan of an item, kept or made. ERR_INVALID: it has no time. */
enum err event_plan(struct arena *a, struct store_tx *tx, int64_t item, struct cal_plan *ret) MUST_CHECK;

struct event_new {
	int64_t folder;
	struct str octets; /* iCalendar of one series */
	const struct entry_part *parts;
	size_t parts_n;
	int64_t now_ms;
	struct author by;
};
/* ERR_INVALID: no event, or one without a time. */
enum err event_add(struct arena *a, struct store_tx *tx, const struct event_new *event, struct item *ret) MUST_CHECK;
/*
 * Other octets for an event that is there; the same ones change nothing. Attachments that they name and that are new are put
 * before (entry_parts_put()); those that they do not name any more go.
 */
enum err event_edit(struct arena *a, struct store_tx *tx, const struct item *item, struct str octets,
		    const struct author *by) MUST_CHECK;

/* ---- attachments ---- */

enum { EVENT_ATTACHED_MAX = 16 * 1024 * 1024 }; /* octets of all attachments of an event, decoded */

/* The mail that a calendar came in: its parts are what ATTACH lines with a Content-ID mean. */
struct event_mail {
	const struct mail_source *source;
	const struct mime_structure *structure;
};
/* A calendar as it is stored, and what is to be stored beside it. */
struct event_taken {
	struct str octets;
	struct entry_part *parts;
	size_t parts_n;
};
/*
 * Takes the contents of attachments out of a calendar. `mail` may be NULL. ERR_LIMIT: there are too many, or they are too
 * large; of a mail those are left out, which still has them. Arena memory. ERR_INVALID: no calendar.
 */
enum err event_take(struct arena *a, struct str octets, const struct event_mail *mail,
		    struct event_taken *ret) MUST_CHECK;
/*
 * The other way: the stored octets of an item with the contents in them, each once, where it is named first. One that is missing
 * is left out.
 */
enum err event_give(struct arena *a, struct store_tx *tx, int64_t item, struct str octets, struct buf *out) MUST_CHECK;
/* The id under which contents of that name are stored. */
enum err event_part_id(struct arena *a, struct str name, struct str contents, struct str *ret) MUST_CHECK;
/* The contents. ERR_NOT_FOUND. */
enum err event_part_read(struct arena *a, struct store_tx *tx, int64_t item, struct str id, struct str *ret) MUST_CHECK;

/*
 * The event of this UID in that folder; ERR_NOT_FOUND. *ret has its strings in the arena. An instance of a series that is not
 * there whole is an event of its own, and no event of that UID.
 */
enum err event_by_uid(struct arena *a, struct store_tx *tx, int64_t folder, struct str uid,
		      struct item *ret) MUST_CHECK;
/* The same in any calendar: in that folder first, into which mail puts its events. */
enum err event_anywhere(struct arena *a, struct store_tx *tx, int64_t folder, struct str uid,
			struct item *ret) MUST_CHECK;
/* Such an instance, in any calendar. */
enum err event_by_instance(struct arena *a, struct store_tx *tx, int64_t folder, struct str uid, int64_t instance_ms,
			   struct item *ret) MUST_CHECK;
/* All of them, in all calendars; arena memory. */
enum err event_instances(struct arena *a, struct store_tx *tx, struct str uid, int64_t **ret, size_t *ret_n) MUST_CHECK;
/* In that folder, by the UID that octets of an event have. */
enum err event_same_uid(struct arena *a, struct store_tx *tx, int64_t folder, struct str octets,
			struct item *ret) MUST_CHECK;

#endif
