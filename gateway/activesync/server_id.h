/* Names of folders and items in ActiveSync: a folder's number, and folder:item. Pure, any thread. */
#ifndef GATEWAY_ACTIVESYNC_SERVER_ID_H
#define GATEWAY_ACTIVESYNC_SERVER_ID_H

#include <base/buf.h>

enum { SERVER_ID_BYTES = 48 };

struct server_id {
	char text[SERVER_ID_BYTES];
};

struct server_id server_id_item(int64_t folder, int64_t item);
struct server_id server_id_folder(int64_t folder);
/* ERR_NOT_FOUND: no name of ours, so of nothing that exists. */
enum err server_id_parse_folder(struct str text, int64_t *ret) MUST_CHECK;
/* LongId: an item by its number alone, which no move changes. One behind a mount (place.h) has its ServerId for it. */
enum err server_id_parse_long(struct str text, int64_t *ret_item) MUST_CHECK;
enum err server_id_parse_item(struct str text, int64_t *ret_folder, int64_t *ret_item) MUST_CHECK;

#endif
