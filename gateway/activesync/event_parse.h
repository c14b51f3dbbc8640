/* What a phone says of an event, as it says it (event_parse.c). For event_write.c. Pure, any thread. */
#ifndef GATEWAY_ACTIVESYNC_EVENT_PARSE_H
#define GATEWAY_ACTIVESYNC_EVENT_PARSE_H

#include <gateway/activesync/attachment_parse.h>
#include <gateway/activesync/event.h>

/* What one ApplicationData or one Exception says. */
struct event_said {
	unsigned what;       /* enum cal_field */
	struct cal_event to; /* what it says of those; times are below */
	bool has_start, has_end, has_all_day, has_zone, has_rule_until, all_day, deleted, has_exceptions, has_subject;
	int64_t start_ms, end_ms, until_ms, instance_ms;
	struct zone_rules zone;
	char label[ZONE_LABEL_MAX];
	struct eas_attachments_said files; /* added and taken away */
	struct event_said *exceptions;
	size_t exceptions_n;
};

/*
 * Reads asked->data. Texts borrow from the document or live in the arena. ERR_INVALID, ERR_LIMIT, ERR_UNSUPPORTED: values
 * that there are not, too many of them, a body of a kind that events have not.
 */
enum err event_parse(const struct item_write *asked, struct event_said *ret) MUST_CHECK;

#endif
