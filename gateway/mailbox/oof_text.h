/* The out-of-office message in the form that a client asks for. */
#ifndef GATEWAY_MAILBOX_OOF_TEXT_H
#define GATEWAY_MAILBOX_OOF_TEXT_H

#include <base/buf.h>
#include <store/oof.h>

enum { OOF_TEXT_MAX = 16 * (OOF_REPLY_MAX + 1) }; /* bytes of a message in another form than it was kept in */

/* Appends it as HTML or as plain text; as it is where it has that form. */
void oof_text_put(struct buf *b, const struct oof_message *m, bool html);

#endif
