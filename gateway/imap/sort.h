/*
 * SORT's order (RFC 5256, SORT=DISPLAY RFC 5957): a program of keys, and of each mail one string of octets whose order by
 * memcmp() is the program's. Any thread.
 */
#ifndef GATEWAY_IMAP_SORT_H
#define GATEWAY_IMAP_SORT_H

#include <gateway/content/summary.h>
#include <gateway/imap/input.h>
#include <store/item.h>

enum { IMAP_SORT_KEYS_MAX = 16 };

enum imap_sort_key {
	IMAP_SORT_ARRIVAL,
	IMAP_SORT_CC,
	IMAP_SORT_DATE,
	IMAP_SORT_FROM,
	IMAP_SORT_SIZE,
	IMAP_SORT_SUBJECT,
	IMAP_SORT_TO,
	IMAP_SORT_DISPLAYFROM,
	IMAP_SORT_DISPLAYTO,
	IMAP_SORT_KEY_MAX_
};

struct imap_sort {
	struct {
		enum imap_sort_key key;
		bool reverse;
	} keys[IMAP_SORT_KEYS_MAX];
	size_t n;
	bool opens; /* a key needs more than the row */
};

/* "(KEY REVERSE KEY …)". */
void in_sort_program(struct imap_in *in, struct imap_sort *ret);

/*
 * Appends the mail's octets. summary may be NULL (its octets can't be read, or no key needs them): then its texts are
 * empty. Texts compare without the case of ASCII letters. Mails that are equal in all keys are in the order of UIDs.
 */
void imap_sort_put(const struct imap_sort *sort, struct arena *a, const struct item *item,
		   const struct mail_summary *summary, struct buf *out);

/*
 * The base subject (RFC 5256 section 2.1): without marks of replies and forwards, and without what stands in brackets
 * before it, as mailing lists have it. A slice of the subject, which is decoded. *ret_reply: there was such a mark; may be
 * NULL.
 */
struct str imap_base_subject(struct str subject, bool *ret_reply);
/* When it was sent (section 2.2): when it came, where it does not say. */
int64_t imap_sort_date(const struct item *item, const struct mail_summary *s);

/*
 * Puts n UIDs into order. keys: for each in turn the length (uint32_t) of its octets and they, as they were put.
 */
void imap_sort_order(uint32_t *uids, size_t n, struct str keys);

#endif
