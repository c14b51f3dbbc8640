/*
 * Flags and keywords. The system flags and $Forwarded are the store's flags, which phones set too; every other keyword
 * is one of the categories that phones know. A category that is no atom ("Red category") can't be said in IMAP: it is
 * not shown, and stays when a client replaces all flags. Any thread.
 */
#ifndef GATEWAY_IMAP_FLAGS_H
#define GATEWAY_IMAP_FLAGS_H

#include <base/buf.h>
#include <gateway/imap/input.h>
#include <store/item.h>

struct imap_flags {
	unsigned flags;       /* enum item_flag */
	struct str *keywords; /* each once, without regard to case */
	size_t n;
};

/* A parenthesised list; bare: also without parentheses, as STORE allows. \Recent is taken and forgotten. */
struct imap_flags in_flags(struct imap_in *in, bool bare);

/* "(\Seen $Forwarded Work)" */
void imap_put_flags(struct buf *b, unsigned flags, struct str keywords);
/* "\Seen \Answered …" of the flags that can be set. */
#define IMAP_SYSTEM_FLAGS "\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded"

/* Is it in a stored list, without regard to case? */
bool imap_keyword_has(struct str stored, struct str keyword);

enum imap_flags_how { IMAP_FLAGS_SET, IMAP_FLAGS_ADD, IMAP_FLAGS_REMOVE };
/* The stored list as it becomes, in the arena. ERR_LIMIT: too long. */
enum err imap_keywords_apply(struct arena *a, struct str stored, const struct imap_flags *f, enum imap_flags_how how,
			     struct str *ret) MUST_CHECK;

#endif
