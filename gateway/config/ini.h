/*
 * Strict reader of INI text: pure, one row a call, views into the text. Any thread.
 *
 *	# a comment stands on a line of its own, as does ; this one
 *	[section]
 *	[section label]
 *	key = value
 *
 * Lines end in LF or CRLF and are trimmed of blanks. Names of sections and keys are lower-case ASCII letters, digits
 * and '_'; a label is any text without ']'. A value is the rest of its line, in UTF-8, and may be empty; one that seems
 * to hold a comment (" #", " ;") is an error, since other readers would cut it there.
 */
#ifndef GATEWAY_CONFIG_INI_H
#define GATEWAY_CONFIG_INI_H

#include <base/str.h>

enum ini_kind { INI_SECTION, INI_VALUE, INI_BAD };

struct ini_row {
	enum ini_kind kind;
	unsigned line;             /* counted from 1 */
	struct str section, label; /* of an INI_SECTION */
	struct str key, value;     /* of an INI_VALUE */
	const char *why;           /* of an INI_BAD, for people */
};

/* Start with { text, 0 }. */
struct ini_reader {
	struct str rest;
	unsigned line; /* lines read so far */
};

/* False at the end of the text. After INI_BAD the next call goes on with the next line. */
bool ini_next(struct ini_reader *r, struct ini_row *ret);

#endif
