/*
 * The second opinion: libwbxml's converters, through its public headers, in a forked child under limits, because a few
 * bytes can crash it or make it work for minutes. Call it from a process without other threads.
 */
#ifndef TOOLS_LIBWBXML_JUDGE_H
#define TOOLS_LIBWBXML_JUDGE_H

#include <base/buf.h>

enum libwbxml_outcome {
	LIBWBXML_CONVERTED, /* the result is in out */
	LIBWBXML_REFUSED,   /* its message is in out */
	LIBWBXML_DIED,      /* by a signal or a limit; out is empty */
	LIBWBXML_OUTCOME_MAX_
};

/* Each appends to out; ERR_IO where no child could be made, ERR_LIMIT where the result is longer than out may be. */
enum err libwbxml_to_xml(struct str wbxml, struct buf *out, enum libwbxml_outcome *ret) MUST_CHECK;
enum err libwbxml_to_wbxml(struct str xml, struct buf *out, enum libwbxml_outcome *ret) MUST_CHECK;

#endif
