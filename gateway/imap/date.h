/* Dates of IMAP (RFC 9051 date-time, date). Any thread. */
#ifndef GATEWAY_IMAP_DATE_H
#define GATEWAY_IMAP_DATE_H

#include <base/buf.h>
#include <gateway/imap/input.h>

/* " 1-Jan-2026 00:00:00 +0000" in quotes. */
void imap_put_date_time(struct buf *b, int64_t ms);
/* The same read; ms since 1970 UTC. */
int64_t in_date_time(struct imap_in *in);
/* "1-Jan-2026", in quotes or without: 00:00 UTC of that day, in ms. */
int64_t in_date(struct imap_in *in);

#endif
