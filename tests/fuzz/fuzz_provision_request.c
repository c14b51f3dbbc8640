/* A Provision request: read the same in another encoding; a value that is kept is within its bounds. */
#include "encode_again.h"

#include <gateway/activesync/limits.h>
#include <gateway/activesync/provision_request.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DOCUMENT_BYTES = 1 << 20, UTF8_MAX = 4 };

static enum err parse(struct str doc, struct eas_provision *ret)
{
	struct wbxml_reader r;
	struct wbxml_scope root;

	*ret = (struct eas_provision){ 0 };
	wbxml_reader_init(&r, doc);
	TRY(wbxml_root(&r, TAG_PROVISION_PROVISION));
	root = wbxml_enter(&r);
	return eas_provision_parse(&r, &root, ret);
}

static bool is_same(const struct eas_provision *a, const struct eas_provision *b)
{
	return a->has_info == b->has_info && a->info_too_long == b->info_too_long && a->has_policy == b->has_policy &&
	       a->wipe_status == b->wipe_status && a->wipes_account == b->wipes_account &&
	       a->acknowledges == b->acknowledges && a->policy_key == b->policy_key && a->status == b->status &&
	       str_eq(a->policy_type, b->policy_type) && str_eq(a->info.model, b->info.model) &&
	       str_eq(a->info.friendly_name, b->info.friendly_name) && str_eq(a->info.os, b->info.os) &&
	       str_eq(a->info.user_agent, b->info.user_agent);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf again = BUF_INIT(DOCUMENT_BYTES);
	struct str doc = str_from(data, size);
	struct eas_provision first, second;
	enum err e = parse(doc, &first);

	if (encode_again(doc, &again) && (parse(buf_view(&again), &second) != e || (!e && !is_same(&first, &second))))
		abort();
	if (!e && !first.info_too_long && first.info.model.n > (size_t)EAS_MAX_DEVICE_INFORMATION_CHARS * UTF8_MAX)
		abort();
	if (!e && first.acknowledges && !first.has_policy)
		abort();
	buf_release(&again);
	return 0;
}
