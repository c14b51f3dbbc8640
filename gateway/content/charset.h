/*
 * Character sets to UTF-8, streaming. What people really send is in one table, under the names they really use; glibc
 * iconv does the converting, and is only ever asked for what is in that table (its ISO-2022-CN-EXT had CVE-2024-2961).
 * Octets that are no text become U+FFFD; nothing fails. Names that several systems took for a larger set are read as
 * that larger set (iso-8859-1 as windows-1252, gb2312 as GB18030, ks_c_5601-1987 as code page 949).
 */
#ifndef CONTENT_CHARSET_H
#define CONTENT_CHARSET_H

#include <base/buf.h>

#include <iconv.h>

enum charset_kind {
	CHARSET_UTF8,  /* checked; what is invalid becomes U+FFFD */
	CHARSET_MIXED, /* declared ASCII, nothing, or unknown: UTF-8 where it is valid, else windows-1252 */
	CHARSET_1252,
	CHARSET_ICONV,
};

struct charset {
	const char *name;  /* as sent, without case, with letters and digits only: the key of the table */
	const char *iconv; /* glibc's name; NULL but for CHARSET_ICONV */
	unsigned cpid;     /* the Windows code page of that name (InternetCPID, MS-ASEMAIL 2.2.2.40) */
	enum charset_kind kind;
};

enum { CHARSET_NAME_MAX = 64 };

/* The row of a name, compared by its letters and digits; NULL where it is empty or unknown. Any thread. */
const struct charset *charset_find(struct str name);

/* The code point of an octet in windows-1252. Any thread. */
uint32_t charset_1252(unsigned char octet);

/* Rows of the table, for its test. */
const struct charset *charset_table(size_t *ret_n);

enum { CHARSET_HELD_MAX = 32 };

struct charset_stream {
	enum charset_kind kind;
	iconv_t cd;
	bool open; /* cd is one */
	char held[CHARSET_HELD_MAX];
	size_t held_n; /* octets of a character that is not complete yet */
};

/* cs may be NULL: CHARSET_MIXED. Never fails: where iconv lacks the set, CHARSET_MIXED is used. */
void charset_init(struct charset_stream *st, const struct charset *cs);
/* Appends whole UTF-8 characters to b. The result does not depend on how the input is cut. */
void charset_put(struct charset_stream *st, struct buf *b, struct str bytes);
/* What is incomplete at the end becomes U+FFFD. */
void charset_finish(struct charset_stream *st, struct buf *b);
void charset_release(struct charset_stream *st);

/* The three in one, for short text. */
void charset_convert(const struct charset *cs, struct buf *b, struct str bytes);

#endif
