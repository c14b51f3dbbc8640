/* Names in a Maildir: of messages ("1700000000.M1P2.host,S=3:2,RS") and of Maildir++ folders (".Sent.2025"). Pure. */
#ifndef ROOSTCTL_MAILDIR_H
#define ROOSTCTL_MAILDIR_H

#include <base/buf.h>

struct maildir_name {
	unsigned flags;  /* enum item_flag */
	int64_t time_ms; /* the seconds it begins with; 0: none */
};

/* Any name is one; letters of its flags that are not known are passed over. */
struct maildir_name maildir_name_parse(struct str name);

/*
 * One level of a folder's name in modified UTF-7 (RFC 3501 section 5.1.3) as UTF-8. What is not well-formed is taken
 * for UTF-8 as it stands, as some servers write it.
 */
void maildir_folder_decode(struct buf *b, struct str name);

#endif
