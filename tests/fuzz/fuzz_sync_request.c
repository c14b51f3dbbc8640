/*
 * A Sync request. The same document in another encoding (every tag behind its page, strings as opaques) is read the
 * same, and each of its commands has the same canonical form: what a phone repeats is recognised however it writes it.
 */
#include "encode_again.h"

#include <gateway/activesync/sync_request.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 32 << 20, DOCUMENT_BYTES = 1 << 20 };

static bool parse(struct arena *a, struct str doc, enum eas_version v, struct eas_sync_request *ret)
{
	enum eas_sync_status status;
	struct wbxml_reader r;
	struct wbxml_scope root;

	wbxml_reader_init(&r, doc);
	if (wbxml_root(&r, TAG_AIRSYNC_SYNC))
		return false;
	root = wbxml_enter(&r);
	return eas_sync_parse(&r, &root, a, v, ret, &status) == ERR_OK && status == EAS_SYNC_OK &&
	       wbxml_done(&r) == ERR_OK;
}

static bool is_same_collection(const struct eas_sync_collection *a, const struct eas_sync_collection *b)
{
	if (!str_eq(a->id, b->id) || !str_eq(a->key, b->key) || a->commands_n != b->commands_n ||
	    a->window != b->window || a->get_changes != b->get_changes)
		return false;
	for (size_t i = 0; i < a->commands_n; i++)
		if (a->commands[i].kind != b->commands[i].kind || !str_eq(a->commands[i].id, b->commands[i].id) ||
		    !str_eq(a->commands[i].canonical, b->commands[i].canonical))
			return false;
	return true;
}

static bool is_same(const struct eas_sync_request *a, const struct eas_sync_request *b)
{
	if (a->collections_n != b->collections_n || a->has_hold != b->has_hold || a->hold_s != b->hold_s)
		return false;
	for (size_t i = 0; i < a->collections_n; i++)
		if (!is_same_collection(&a->collections[i], &b->collections[i]))
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_INIT(ARENA_BYTES);
	struct buf again = BUF_INIT(DOCUMENT_BYTES);
	struct eas_sync_request first, second;
	struct str doc = str_from(data, size);
	const enum eas_version v = (enum eas_version)(size % EAS_VERSION_MAX_); /* each input in one of them */

	if (parse(&arena, doc, v, &first) && encode_again(doc, &again) &&
	    (!parse(&arena, buf_view(&again), v, &second) || !is_same(&first, &second)))
		abort();
	buf_release(&again);
	arena_release(&arena);
	return 0;
}
