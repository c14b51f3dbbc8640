/* The base64 form of a query (MS-ASHTTP 2.2.1.1.1.1), as a phone makes it. */
#ifndef TESTS_SUPPORT_EAS_QUERY_ENCODE_H
#define TESTS_SUPPORT_EAS_QUERY_ENCODE_H

#include <base/base64.h>
#include <gateway/activesync/query.h>

static inline void eas_query_put_text(struct buf *b, struct str text)
{
	buf_char(b, (char)text.n);
	buf_str(b, text);
}

static inline void eas_query_put_parameter(struct buf *b, int tag, struct str value)
{
	if (!value.p)
		return;
	buf_char(b, (char)tag);
	eas_query_put_text(b, value);
}

/* Texts are at most 255 bytes. */
static inline void eas_query_encode(struct buf *out, const struct eas_query *q)
{
	const char options = (char)q->options;
	struct buf b = BUF_INIT(8192);

	buf_char(&b, (char)q->version);
	buf_char(&b, (char)q->code);
	buf_char(&b, (char)(q->locale & 255));
	buf_char(&b, (char)(q->locale >> 8));
	eas_query_put_text(&b, q->device_id);
	buf_char(&b, q->policy_key ? 4 : 0);
	for (int i = 0; i < 32 && q->policy_key; i += 8)
		buf_char(&b, (char)(q->policy_key >> i & 255));
	eas_query_put_text(&b, q->device_type);
	eas_query_put_parameter(&b, 0, q->attachment_name);
	eas_query_put_parameter(&b, 1, q->collection_id);
	eas_query_put_parameter(&b, 3, q->item_id);
	eas_query_put_parameter(&b, 4, q->long_id);
	eas_query_put_parameter(&b, 6, q->occurrence);
	if (q->options)
		eas_query_put_parameter(&b, 7, str_from(&options, 1));
	eas_query_put_parameter(&b, 8, q->user);
	base64_put(out, buf_view(&b));
	buf_release(&b);
}

static inline bool eas_query_same(const struct eas_query *a, const struct eas_query *b)
{
	return a->base64 == b->base64 && a->version == b->version && a->code == b->code && a->locale == b->locale &&
	       a->policy_key == b->policy_key && a->options == b->options && str_eq(a->command, b->command) &&
	       str_eq(a->user, b->user) && str_eq(a->device_id, b->device_id) &&
	       str_eq(a->device_type, b->device_type) && str_eq(a->attachment_name, b->attachment_name) &&
	       str_eq(a->collection_id, b->collection_id) && str_eq(a->item_id, b->item_id) &&
	       str_eq(a->long_id, b->long_id) && str_eq(a->occurrence, b->occurrence);
}

#endif
