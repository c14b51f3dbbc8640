/*
 * THREAD (RFC 5256): mails put into threads, by their subjects alone (ORDEREDSUBJECT) or by who answers whom (REFERENCES).
 * Of each mail only numbers are kept: ids and subjects are hashed with the process's seed, so that no sender can choose
 * which of them meet. The work is O(n log n) whatever the mails say. Any thread.
 */
#ifndef GATEWAY_IMAP_THREAD_H
#define GATEWAY_IMAP_THREAD_H

#include <gateway/content/summary.h>
#include <gateway/imap/input.h>
#include <store/item.h>

enum imap_threading { IMAP_THREAD_ORDEREDSUBJECT, IMAP_THREAD_REFERENCES, IMAP_THREADING_MAX_ };

/* The algorithm's name. */
enum imap_threading in_threading(struct imap_in *in);

/*
 * Appends what is needed of a mail. summary may be NULL (its octets can't be read): it stands alone then. ids: what it refers
 * to matters too.
 */
void imap_thread_put(const struct item *item, const struct mail_summary *summary, bool ids, struct buf *out);

/* What a mail is called in the answer. */
typedef uint32_t imap_thread_number(void *ctx, uint32_t uid);
/*
 * Appends the threads: " (…)(…)", or nothing where there is no mail. mails: as they were put, in the order of UIDs. steps:
 * what looking after loops may take (IMAP_MAX_THREAD_STEPS); who comes past it below another that way stands alone.
 * ERR_LIMIT: they refer to more than IMAP_MAX_THREAD_NODES others, or out is full.
 */
enum err imap_thread_answer(enum imap_threading how, struct str mails, uint64_t steps, imap_thread_number *number,
			    void *ctx, struct buf *out) MUST_CHECK;

#endif
