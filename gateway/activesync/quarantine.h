/*
 * What a phone in quarantine is shown: the folders that every phone needs, and in the Inbox one mail that tells why it
 * waits. Nothing of the mailbox but the names of those folders, and nothing is kept: its keys are words ("Q1", "Q2") that
 * no sync line knows, so that a phone which is allowed begins anew by itself, and one that was allowed before does too.
 * What it sends is not taken. A phone in discovery sees the same without the mail.
 */
#ifndef GATEWAY_ACTIVESYNC_QUARANTINE_H
#define GATEWAY_ACTIVESYNC_QUARANTINE_H

#include <gateway/activesync/command.h>

/* In place of the command's handler; from 12.0 on. */
void eas_quarantine(struct eas_request *rq);

#endif
