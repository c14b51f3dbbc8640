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

#endif
