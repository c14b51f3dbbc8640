/* MoveItems and GetItemEstimate (MS-ASCMD 2.2.1.12, 2.2.1.9): requests and responses of a phone. Pure. */
#ifndef PHONE_MOVE_H
#define PHONE_MOVE_H

#include "sync_request.h"

enum { MOVE_DONE = 3, MOVE_MAX_ITEMS = 1000 }; /* MS-ASCMD 2.2.3.177.10; 3.1.5.10 */

struct move_item {
	struct str id, from; /* SrcMsgId, SrcFldId */
};
struct move_result {
	struct move_result *next;
	struct str id, moved; /* SrcMsgId; DstMsgId, where it moved */
	uint32_t status;
};
struct move_reply {
	uint32_t status; /* of the whole; 0: none */
	struct move_result *results, **tail;
};

void move_ask(struct buf *out, const struct move_item *items, size_t n, struct str to);
enum err move_parse(struct doc *d, struct str bytes, struct move_reply *ret) MUST_CHECK;

struct estimate_reply {
	uint32_t status; /* of the collection, or of the whole */
	bool has_collection;
	struct str id;
	uint32_t n;
};

void estimate_ask(struct buf *out, enum eas_version v, const struct sync_collection *c, uint32_t filter);
/* Of a request for one collection. */
enum err estimate_parse(struct doc *d, struct str bytes, struct estimate_reply *ret) MUST_CHECK;

#endif
