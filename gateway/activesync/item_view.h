/* How an item is to be shown: to which version, with which options, and into what. A value. */
#ifndef GATEWAY_ACTIVESYNC_ITEM_VIEW_H
#define GATEWAY_ACTIVESYNC_ITEM_VIEW_H

#include <gateway/activesync/sync_options.h>
#include <store/item.h>

struct eas_inserts;
struct eas_parts;

struct item_view {
	struct store_tx *tx;
	struct arena *arena; /* of one item */
	struct str owner;    /* the address of whose item it is; empty: not known */
	int64_t mount;       /* where the phone has the item's folder, if that is another one's (place.h); 0: its own */
	bool guest;          /* somebody else looks at it: of what is private he is told no more than when */
	enum eas_version version;
	const struct eas_options *options;
	struct eas_inserts *inserts; /* of the buffer that is written to */
	enum wbxml_tag container;    /* of the properties: ApplicationData, or Properties of ItemOperations */
	bool no_body;                /* Search: none was asked for */
	uint64_t told;               /* change number up to which the phone knows the item, for what has changed */
	struct eas_parts *parts;     /* ItemOperations: the body is a part of the answer; NULL: it stands in it */
};

#endif
