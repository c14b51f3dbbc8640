/*
 * HTTP requests of a phone (MS-ASHTTP 2.2.1): request line with the plain or the base64 query, headers, body. Pure.
 */
#ifndef PHONE_REQUEST_H
#define PHONE_REQUEST_H

#include "url.h"

#include <base/buf.h>
#include <wbxml/codepage.h>

enum command {
	COMMAND_SYNC,
	COMMAND_FOLDER_SYNC,
	COMMAND_GET_ITEM_ESTIMATE,
	COMMAND_ITEM_OPERATIONS,
	COMMAND_MEETING_RESPONSE,
	COMMAND_MOVE_ITEMS,
	COMMAND_PING,
	COMMAND_PROVISION,
	COMMAND_SEND_MAIL,
	COMMAND_SETTINGS,
	COMMAND_SMART_FORWARD,
	COMMAND_SMART_REPLY,
	COMMAND_MAX_
};

/* Below 14.0 the body of a request that sends is the message itself (MS-ASCMD 2.2.1.17). */
static inline bool command_sends_mail(enum command c)
{
	return c == COMMAND_SEND_MAIL || c == COMMAND_SMART_FORWARD || c == COMMAND_SMART_REPLY;
}

/* What a mail is about, below 14.0 in the query (MS-ASHTTP 2.2.1.1.1.2.5). Without an item: it is new. */
struct mail_source_query {
	struct str folder, item;
};

/* Who asks. Strings are the caller's. */
struct identity {
	struct url url;
	struct str user, password, device_id, device_type;
	enum eas_version version;
	bool base64_query;
	bool accepts_parts;             /* ItemOperations: octets behind the document (MS-ASHTTP_R440) */
	uint32_t policy_key;            /* 0: none yet */
	struct mail_source_query about; /* of the next mail that is sent */
};

enum {
	REQUEST_MAX_BYTES = 4 * 1024 * 1024,
	REQUEST_MAX_FIELD = 255, /* device id and type: their length is one byte of the base64 query (R31, R42) */
};

const char *command_name(enum command c);
void request_put(struct buf *out, const struct identity *id, enum command c, struct str body);
void request_put_options(struct buf *out, const struct identity *id);

/* The query alone, without '?'; for tests. */
void query_put_plain(struct buf *out, const struct identity *id, enum command c);
void query_put_base64(struct buf *out, const struct identity *id, enum command c);

#endif
