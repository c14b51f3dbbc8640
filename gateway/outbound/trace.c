/* Trace fields (RFC 5321 4.4). */
#include <gateway/outbound/attempt.h>

#include <base/buf.h>
#include <gateway/content/header_write.h>

/* "from a (b) with ESMTPSA": the part before "with", and it. */
static void split_origin(struct str origin, struct str *ret_from, struct str *ret_with)
{
	size_t at = origin.n;

	for (size_t i = 0; i + 5 <= origin.n; i++)
		if (str_starts(str_slice(origin, i, origin.n), S("with ")) && (i == 0 || origin.p[i - 1] == ' '))
			at = i;
	*ret_from = str_trim(str_slice(origin, 0, at));
	*ret_with = str_trim(str_slice(origin, at, origin.n));
}

void attempt_put_trace(const struct attempt *at, struct buf *b, bool with_return_path)
{
	const struct queue_entry *entry = &at->entry;
	struct str from, with;

	split_origin(entry->origin, &from, &with);
	if (with_return_path)
		buf_fmt(b, "Return-Path: <" STR_FMT ">\r\n", STR_ARG(entry->sender));
	buf_cstr(b, "Received: ");
	if (from.n)
		buf_fmt(b, STR_FMT "\r\n\t", STR_ARG(from));
	buf_fmt(b, "by %s", at->args->service->hostname);
	if (with.n)
		buf_fmt(b, " " STR_FMT, STR_ARG(with));
	buf_fmt(b, " id q%llx;\r\n\t", (unsigned long long)entry->id);
	header_date_write(b, entry->created_ms);
	buf_cstr(b, "\r\n");
}
