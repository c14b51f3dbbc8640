/*
 * How often each mail came by in a run: which occurrence of its octets in its folder it is. Sixteen bytes a slot, so that
 * a hundred thousand mails cost 4 MB. It keeps 64 bits of the SHA-256: two mails that share them and the folder (chance
 * 1 in 30 million for a million mails) are taken for equal, and a second run may then add one of them again; none is lost.
 */
#ifndef ROOSTCTL_OCCURRENCES_H
#define ROOSTCTL_OCCURRENCES_H

#include <stdint.h>

struct occurrences;

struct occurrences *occurrences_new(void);
void occurrences_free(struct occurrences **op);
/* 1 for the first of these octets in that folder, 2 for the second, … */
uint64_t occurrences_add(struct occurrences *o, int64_t folder, const unsigned char *sha256);

#endif
