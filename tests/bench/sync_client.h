/*
 * A client that syncs one folder as a phone does: HTML bodies cut at 32 KB, 512 items a window. It reads no more of an
 * answer than its key, its Adds and whether there is more. Failures end the bench.
 */
#ifndef TESTS_BENCH_SYNC_CLIENT_H
#define TESTS_BENCH_SYNC_CLIENT_H

#include <tests/support/client.h>

struct sync_client {
	struct client http;
	const char *login, *device; /* device: letters and digits, its name */
	int64_t folder;
	bool gzip; /* asks for packed answers */
	char key[80];
	struct buf request, body, plain;
};

struct sync_page {
	size_t adds;
	bool more;
	size_t bytes; /* of the body on the wire */
};

/* Connects, begins with key 0. Password "secret". */
struct sync_client sync_client_new(const char *socket, const char *login, const char *device, int64_t folder,
				   bool gzip);
void sync_client_release(struct sync_client *c);
struct sync_page sync_client_ask(struct sync_client *c);

#endif
