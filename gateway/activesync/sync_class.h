/* What a phone's Add and Change do with items of each kind: the commands in the rows of item_class.c. Worker threads. */
#ifndef GATEWAY_ACTIVESYNC_SYNC_CLASS_H
#define GATEWAY_ACTIVESYNC_SYNC_CLASS_H

#include <gateway/activesync/item_class.h>

/* Mails: what is not a draft is not added, and changes in its flags and categories alone (sync_mail.c). */
sync_class_fn sync_mail_add, sync_mail_change;
/* Text messages in a folder of mails, by Class SMS of the command (sync_texts.c). */
sync_class_fn sync_text_add;
/*
 * Items that are written as a whole, by their class's `write` (sync_written.c). A Change is made of the octets as they
 * are in the transaction, so that what it does not name stays, whoever wrote it.
 */
sync_class_fn sync_written_add, sync_written_change;

#endif
