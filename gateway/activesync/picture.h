/*
 * Pictures of people in the answers of Search, Find and ResolveRecipients (MS-ASCMD 2.2.3.135): the same in each, under tags
 * of its own. Worker threads.
 */
#ifndef GATEWAY_ACTIVESYNC_PICTURE_H
#define GATEWAY_ACTIVESYNC_PICTURE_H

#include <gateway/activesync/command.h>

/* What is asked for; once copied, what may be given still. */
struct eas_pictures {
	bool wanted;
	uint64_t max_octets; /* of one picture (MaxSize) */
	uint64_t left;       /* MaxPictures */
};

struct eas_picture_tags {
	enum wbxml_tag picture, status, data, max_size, max_pictures;
};

/* The option in a request, at whose tag the reader is. ERR_INVALID: it has another shape. */
enum err eas_pictures_parse(struct wbxml_reader *r, const struct eas_picture_tags *tags,
			    struct eas_pictures *ret) MUST_CHECK;
/*
 * An account's picture, or why it is not there; of a transaction of the directory. An answer of EAS_MAX_PAGE_BYTES takes no
 * further pictures.
 */
enum err eas_picture_put(struct wbxml_writer *w, const struct eas_picture_tags *tags, struct store_tx *tx,
			 int64_t account, struct eas_pictures *allowed) MUST_CHECK;

#endif
