/* Hexadecimal digits. Any thread. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include <base/str.h>

/* Value of a digit in either case, or -1. */
static inline int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The octet whose two digits s holds at i, or -1. */
static inline int hex_pair(struct str s, size_t i)
{
	if (s.n < 2 || i > s.n - 2 || hex_digit(s.p[i]) < 0 || hex_digit(s.p[i + 1]) < 0)
		return -1;
	return hex_digit(s.p[i]) << 4 | hex_digit(s.p[i + 1]);
}

#endif
