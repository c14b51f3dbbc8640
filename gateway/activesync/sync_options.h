/*
 * What a phone asks of a collection's items: the Options of a Sync collection (MS-ASCMD 2.2.3.126.8, MS-ASAIRS
 * 2.2.2.12). They are sticky: kept with the sync line's generation until the next Options element (MS-ASAIRS R157).
 * A value type. Pure, any thread.
 */
#ifndef GATEWAY_ACTIVESYNC_OPTIONS_H
#define GATEWAY_ACTIVESYNC_OPTIONS_H

#include <gateway/activesync/supported.h>
#include <gateway/content/body.h>
#include <wbxml/wbxml.h>

#define BODY_NO_TRUNCATION UINT32_MAX /* more than an enumerator holds */
enum {
	BODY_TYPES = BODY_MIME + 1,  /* airsyncbase:Type, 1 to 4; 3 is RTF, which mail has not */
	EAS_OPTIONS_MAX_BYTES = 160, /* serialised */
	EAS_FILTER_MAX = 8,          /* FilterType of any class; above it the request is malformed */
};

struct body_preference {
	bool asked;
	bool all_or_none;
	uint8_t preview;     /* characters; 0: none asked for */
	uint32_t truncation; /* bytes, or BODY_NO_TRUNCATION */
};

struct item_class;
struct feed_state;

/* Options of class SMS (14.0 on): which text messages there are to be among the mails of the folder. */
struct eas_text_options {
	bool asked;
	uint8_t filter;
	struct body_preference body[BODY_TYPES];
};

struct eas_options {
	uint8_t filter;                          /* FilterType 0..8 */
	uint8_t mime_support;                    /* 0 never, 1 S/MIME only, 2 all */
	uint8_t mime_truncation;                 /* 0..8 */
	uint8_t conflict;                        /* 0 client wins, 1 server wins (the default) */
	struct body_preference body[BODY_TYPES]; /* by type */
	struct body_preference part[BODY_TYPES]; /* BodyPartPreference (14.1 on): plain text and HTML alone */
	struct eas_supported supported;          /* no element of Options, but kept as long as the line: the Sync's */
	const struct item_class *class;          /* of the Options; NULL: not said. Not kept */
	struct eas_text_options texts;
	uint16_t max_items; /* MaxItems (14.0 on): of the recipient cache, the first so many; 0: all */
	int64_t top;        /* with max_items: the filter key of the last of them. Not kept */
	bool of_texts;      /* the element was of class SMS, and says nothing but `texts`. Not kept */
};

extern const struct eas_options eas_options_default;

/*
 * Reads an Options element whose START was just read; what `version` does not know in it is passed over. 2.5 has no
 * BodyPreference: its Truncation and MIMESupport are taken as the preferences that they stand for. *ret starts from the defaults: an Options element replaces the
 * former ones as a whole. ERR_INVALID: unreadable or out of shape; ERR_LIMIT: a value out of its range;
 * ERR_UNSUPPORTED: Options of a class that there is not, skipped. ERR_DENIED: a BodyPartPreference of a type that
 * there is no body part of (MS-ASCMD R5412: Status 164).
 */
enum err eas_options_parse(struct wbxml_reader *r, enum eas_version version, struct eas_options *ret) MUST_CHECK;

void eas_options_put(struct buf *out, const struct eas_options *o);
/* What eas_options_put() wrote; anything else gives the defaults. */
struct eas_options eas_options_get(struct str bytes);

/*
 * What holds once `asked` was said: Options replace what was kept (R3599). Those of class SMS alone leave the others as they were;
 * those of the folder's class alone drop the class SMS (R3968).
 */
void eas_options_replace(struct eas_options *kept, const struct eas_options *asked, bool texts_alone);
/* Brings the feed's edges to what the options ask for now; `top` is set where max_items is. */
void eas_filters_set(struct feed_state *st, const struct eas_options *o, int64_t now_ms);
/* What has aged out of the filters of the state since then, goes. */
void eas_filters_age(struct feed_state *st, int64_t now_ms);

/* Bytes to which MIMETruncation cuts a MIME body (MS-ASCMD 2.2.3.111); BODY_NO_TRUNCATION for 8. */
uint32_t eas_options_mime_truncation(const struct eas_options *o);
/*
 * The oldest filter key that FilterType lets in, for feed_state_filter(). Which of them a class has is asked of the class
 * (item_class_filters); they mean the same in each that has them.
 */
int64_t eas_options_filter_goal(uint8_t filter, int64_t now_ms);

#endif
