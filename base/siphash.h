/* SipHash-1-3 (Aumasson and Bernstein): a keyed hash for tables whose keys a peer may choose. Any thread. */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include <base/str.h>

uint64_t siphash13(const uint64_t key[2], struct str s);

#endif
