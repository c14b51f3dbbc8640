/* Mailboxes with a use (RFC 6154), which are the folders with a role. Any thread. */
#ifndef GATEWAY_IMAP_SPECIAL_H
#define GATEWAY_IMAP_SPECIAL_H

#include <gateway/imap/input.h>
#include <store/folder.h>

/* "\Sent"; NULL: that role is none of IMAP's uses. */
const char *imap_special_name(enum folder_role role);
/* A use attribute; FOLDER_ROLE_MAX_: one that we don't have. */
enum folder_role imap_special_read(struct imap_in *in);

#endif
