/* A first Sync of a folder to its end, and what each of its windows cost the server. Failures end the bench. */
#ifndef TESTS_BENCH_FIRST_SYNC_H
#define TESTS_BENCH_FIRST_SYNC_H

#include <tests/bench/daemon.h>
#include <tests/bench/sync_client.h>

/* Returns how many items came. */
size_t first_sync(const struct daemon *d, struct sync_client *c);
/* The same, and prints it: the first twenty windows against the last twenty. `what` is plural. */
void first_sync_print(const struct daemon *d, struct sync_client *c, const char *what, const char *how);

#endif
