/*
 * Was a mail sent to its recipient as a blind copy (ReceivedAsBcc, MS-ASEMAIL 2.2.2.59)? Its envelope alone named him: none of
 * his addresses, and no group that he is in, stands in To, Cc, Resent-To or Resent-Cc. What came through a mailing list names the list, and is none; nor is
 * one whose header is too long to be read whole. Worker threads; no transaction may be open.
 */
#ifndef GATEWAY_MAILBOX_BLIND_H
#define GATEWAY_MAILBOX_BLIND_H

#include <store/store.h>

struct intake;

/* After intake_finish(), before each mailbox's intake_add(): what that mailbox is told. */
void blind_consider(struct intake *in, struct store *s, int64_t mailbox);

#endif
