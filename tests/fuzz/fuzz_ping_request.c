/*
 * A Ping request: read the same in another encoding, and the same again from what is kept of it. What is left out is
 * taken from a former one, so that the whole has either both of its parts or is not complete.
 */
#include "encode_again.h"

#include <gateway/activesync/ping_request.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DOCUMENT_BYTES = 1 << 20 };

static enum err parse(struct str doc, struct eas_ping *ret)
{
	struct wbxml_reader r;
	struct wbxml_scope root;

	*ret = (struct eas_ping){ 0 };
	wbxml_reader_init(&r, doc);
	TRY(wbxml_root(&r, TAG_PING_PING));
	root = wbxml_enter(&r);
	return eas_ping_parse(&r, &root, ret);
}

static void check_memory(const struct eas_ping *p)
{
	struct buf text = BUF_INIT(DOCUMENT_BYTES);
	struct eas_ping kept;

	eas_ping_remember(&text, p);
	if (buf_status(&text) || eas_ping_recall(buf_view(&text), &kept) || !eas_ping_equal(p, &kept))
		abort();
	buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eas_ping former = {
		.has_heartbeat = true, .has_folders = true, .heartbeat_s = 480, .n = 1, .folders = { 5 }
	};
	struct buf again = BUF_INIT(DOCUMENT_BYTES);
	struct str doc = str_from(data, size);
	struct eas_ping first, second;
	enum err e = parse(doc, &first);

	if (encode_again(doc, &again) &&
	    (parse(buf_view(&again), &second) != e || (!e && !eas_ping_equal(&first, &second))))
		abort();
	if (!e && first.n > EAS_MAX_PING_FOLDERS)
		abort();
	if (!e) {
		eas_ping_complete(&first, &former);
		if (!eas_ping_is_complete(&first))
			abort();
		check_memory(&first);
	}
	buf_release(&again);
	return 0;
}
