/* Mails drawn from octets: composed by us, with what a reader has to find in them. For tests, the fuzzer, and Python. */
#ifndef TESTS_CONTENT_COMPOSE_SAMPLE_H
#define TESTS_CONTENT_COMPOSE_SAMPLE_H

#include <gateway/content/compose.h>

enum { SAMPLE_PARTS_MAX = 4, SAMPLE_ADDRESSES_MAX = 5, SAMPLE_MAX = 16 * 1024 * 1024 };

struct compose_sample {
	struct arena arena;
	struct str subject; /* as a reader sees it: on one line, valid text */
	struct header_address to[SAMPLE_ADDRESSES_MAX];
	size_t to_n;
	struct str plain, html; /* with CRLF line ends */
	struct compose_part parts[SAMPLE_PARTS_MAX];
	size_t parts_n;
	int64_t date_ms;
	struct buf mail;
};

/* The same octets give the same mail. Any octets do. */
void compose_sample_make(struct compose_sample *s, struct str octets);
void compose_sample_release(struct compose_sample *s);

/* Reads the mail with our own readers and asserts that all is as it was put in; lines, too. */
void compose_sample_check(struct compose_sample *s);

#endif
