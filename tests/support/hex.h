/* Bytes written by hand: "03 01 6A 00  45 5C 4F", blanks and newlines free; 'text' stands for its characters. */
#ifndef TESTS_SUPPORT_HEX_H
#define TESTS_SUPPORT_HEX_H

#include <base/arena.h>

#include <stdio.h>
#include <stdlib.h>

static inline unsigned hex_nibble(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c = ascii_lower(c);
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	fprintf(stderr, "not a hexadecimal digit: '%c'\n", c);
	abort();
}

/* In the arena, which must have room. */
static inline struct str hex(struct arena *a, const char *text)
{
	char *out = arena_alloc(a, strlen(text) + 1);
	size_t n = 0;

	for (const char *p = text; *p; p++) {
		if (*p == ' ' || *p == '\n')
			continue;
		if (*p == '\'') {
			for (p++; *p != '\''; p++)
				out[n++] = *p;
			continue;
		}
		out[n++] = (char)(hex_nibble(p[0]) << 4 | hex_nibble(p[1]));
		p++;
	}
	return str_from(out, n);
}

#endif
