/* ItemOperations and Settings (MS-ASCMD 2.2.1.10, 2.2.1.18): requests and responses of a phone. Pure. */
#ifndef PHONE_OPERATIONS_H
#define PHONE_OPERATIONS_H

#include "sync_reply.h"
#include "sync_request.h"

enum { FETCH_MAX_ITEMS = 50 };

struct fetch_item {
	struct str id, folder; /* ServerId, CollectionId */
};

/* Each whole, in the body type of the options. */
void fetch_ask(struct buf *out, const struct sync_options *o, const struct fetch_item *items, size_t n);

struct fetch_result {
	struct fetch_result *next;
	uint32_t status; /* MS-ASCMD 2.2.3.177.8 */
	struct str id, folder;
	struct mail mail;
};
struct fetch_reply {
	uint32_t status;
	struct fetch_result *results, **tail;
};
enum err fetch_parse(struct doc *d, struct str bytes, struct fetch_reply *ret) MUST_CHECK;

/* Octets that stand behind the document: which part, 0 being the document (MS-ASCMD 2.2.1.10.1.1). */
enum err parts_get(struct buf *why, struct str bytes, uint32_t n, struct str *ret) MUST_CHECK;

/* DeviceInformation is set, UserInformation asked for. */
void settings_ask(struct buf *out);
struct settings_reply {
	uint32_t status, device_status, user_status;
	struct str address; /* the first SMTPAddress; empty: none */
};
enum err settings_read(struct doc *d, struct str bytes, struct settings_reply *ret) MUST_CHECK;

#endif
