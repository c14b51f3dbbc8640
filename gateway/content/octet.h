/* Classes of octets that several readers of mail text share. Any thread. */
#ifndef CONTENT_OCTET_H
#define CONTENT_OCTET_H

#include <base/str.h>

static inline bool octet_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static inline bool octet_is_eol(char c)
{
	return c == '\r' || c == '\n';
}

static inline bool octet_is_space(char c)
{
	return octet_is_blank(c) || octet_is_eol(c);
}

static inline bool octet_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool octet_is_alpha(char c)
{
	return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}

/* Value of a hexadecimal digit, or -1. */
static inline int octet_hex(char c)
{
	if (octet_is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The octet whose two hexadecimal digits s holds at i, or -1. */
static inline int octet_hex_pair(struct str s, size_t i)
{
	if (s.n < 2 || i > s.n - 2 || octet_hex(s.p[i]) < 0 || octet_hex(s.p[i + 1]) < 0)
		return -1;
	return octet_hex(s.p[i]) << 4 | octet_hex(s.p[i + 1]);
}

#endif
