/*
 * compose_samples N: writes N composed mails to stdout for a reader that nobody here wrote (compose_judge.py): of each
 * the length of what follows and then, as records of "name length octets", what was put in and the mail.
 */
#include "compose_sample.h"

#include <stdio.h>
#include <stdlib.h>

enum { SEED_BYTES = 1024 };

static void record(const char *name, struct str value)
{
	printf("%s %zu\n", name, value.n);
	fwrite(value.p ? value.p : "", 1, value.n, stdout);
	putchar('\n');
}

static void seed(unsigned char *to, size_t n, uint64_t round)
{
	uint64_t x = round * 0x9E3779B97F4A7C15u + 7;

	for (size_t i = 0; i < n; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		to[i] = (unsigned char)(x & 1 ? x >> 8 : (x >> 8) % 35);
	}
}

static void print(const struct compose_sample *s)
{
	record("mail", buf_view(&s->mail));
	record("subject", s->subject);
	for (size_t i = 0; i < s->to_n; i++) {
		record("to-name", s->to[i].name);
		record("to-local", s->to[i].local);
		record("to-domain", s->to[i].domain);
	}
	if (s->plain.p)
		record("plain", s->plain);
	if (s->html.p)
		record("html", s->html);
	for (int pass = 1; pass >= 0; pass--)
		for (size_t i = 0; i < s->parts_n; i++) {
			if (s->parts[i].is_inline != (pass == 1))
				continue;
			record("part-type", s->parts[i].content_type);
			record("part-name", s->parts[i].name);
			record("part-bytes", s->parts[i].bytes);
		}
	record("end", STR_EMPTY);
}

int main(int argc, char **argv)
{
	uint64_t n = 0;

	if (argc != 2 || str_to_u64(str_of(argv[1]), UINT32_MAX, &n))
		return 2;
	for (uint64_t i = 0; i < n; i++) {
		CLEANUP(compose_sample_release) struct compose_sample s;
		unsigned char octets[SEED_BYTES];

		seed(octets, sizeof(octets), i);
		compose_sample_make(&s, str_from(octets, sizeof(octets)));
		print(&s);
	}
	return 0;
}
