/*
 * The Calendar class (MS-ASCAL): an event of the store as ApplicationData (event.c), and the other way (event_write.c). One
 * table of properties each; which of them a protocol version knows is asked of the code pages. Worker threads.
 */
#ifndef GATEWAY_ACTIVESYNC_EVENT_H
#define GATEWAY_ACTIVESYNC_EVENT_H

#include <gateway/activesync/item_class.h>
#include <gateway/content/calendar.h>

enum {
	EVENT_MAX_EXCEPTIONS = 256, /* MS-ASCAL R24311 */
	EVENT_MAX_UID_CHARS = 300,
	EVENT_MAX_TEXT_BYTES = 32 * 1024,
	EVENT_MAX_BODY_BYTES = 512 * 1024,
	EVENT_MAX_ATTENDEES = 500,
	EVENT_MAX_ATTACHMENTS = CAL_ATTACHMENTS_MAX, /* and EVENT_ATTACHED_MAX octets (mailbox/event.h) */
	EVENT_MAX_REMINDER_MINUTES = 60 * 24 * 366,
};

/* A phone is to see that there is an event, and why it does not repeat on it. */
#define EVENT_UNREADABLE "[This event can't be read]"
#define EVENT_PRIVATE "Private appointment"
#define EVENT_ODD "[This event repeats by a rule that this device can't show: " STR_FMT "]\n"

enum err event_put(struct wbxml_writer *w, const struct item_view *v, const struct item *item) MUST_CHECK;
enum err event_put_placeholder(struct wbxml_writer *w, const struct item_view *v, const struct item *item) MUST_CHECK;
enum err event_write(const struct item_write *asked, struct item_written *ret) MUST_CHECK;

/*
 * From 16.0 on the answer to an Add says the UID that the server gave (MS-ASCAL R2223), and that to either the references of
 * attachments that the phone adds (MS-ASAIRS R1082).
 */
enum err event_answer(struct wbxml_writer *w, const struct item_answer *asked) MUST_CHECK;

/* One attachment of an event; client_id may be empty. */
enum err event_put_attachment(struct wbxml_writer *w, const struct item *item, const struct cal_attachment *is,
			      struct str client_id) MUST_CHECK;

/* What somebody with whom the calendar is shared must not change: it or one of its instances is private, or it can't be read. */
bool event_is_private(struct arena *a, struct str octets);

/* Location from 16.0 on (MS-ASAIRS 2.2.2.28). */
enum { EVENT_PLACE_FIELDS = 13 };
struct event_place_field {
	enum wbxml_tag tag;
	size_t at; /* a struct str in struct cal_event */
};
extern const struct event_place_field event_place_fields[EVENT_PLACE_FIELDS];

/* Compact dateTime (MS-ASDTYPE 2.7.2): 20261122T083000Z. */
void event_put_time(struct wbxml_writer *w, enum wbxml_tag tag, int64_t ms);
/* Recurrence (2.2.2.37). */
void event_put_recurrence(struct wbxml_writer *w, const struct cal_recurrence *r, enum eas_version version);
/* After its START. *ret_until: Until as it was said, INT64_MIN without. An empty one is CAL_NEVER. ERR_INVALID, ERR_LIMIT. */
enum err event_parse_recurrence(struct wbxml_reader *r, struct cal_recurrence *ret, int64_t *ret_until) MUST_CHECK;

#endif
