/* What the checks of roostctl doctor share. */
#ifndef ROOSTCTL_DOCTOR_H
#define ROOSTCTL_DOCTOR_H

#include <tools/roostctl/ctl.h>

enum doctor_result { DOCTOR_OK, DOCTOR_WARNING, DOCTOR_FAILED };

struct doctor;
/* Adds a line: what was looked at, and what is to be said of it. */
void doctor_say(struct doctor *d, const char *check, enum doctor_result result, const char *fmt, ...) PRINTF_LIKE(4, 5);

void doctor_certificates(struct doctor *d, struct ctl *c);
void doctor_listeners(struct doctor *d, struct ctl *c); /* of a server that runs */
void doctor_smarthost(struct doctor *d, struct ctl *c);

#endif
