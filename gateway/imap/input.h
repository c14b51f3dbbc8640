/*
 * The words of IMAP's grammar (RFC 9051 section 9): a cursor over one whole command, as reader.h gives it. The first
 * thing that does not fit stops it: all that follows gives nothing, and the reader asks once, at the end (in_end()).
 * Pure; strings that need no change are borrowed from the command, the others lie in the arena. Any thread.
 */
#ifndef GATEWAY_IMAP_INPUT_H
#define GATEWAY_IMAP_INPUT_H

#include <base/arena.h>

struct imap_in {
	struct str text;
	size_t at; /* where it stands; after an error, where that is */
	struct arena *arena;
	const char *why; /* what was wrong, for people; NULL: nothing */
	unsigned nesting;
};

/* text: without its CRLF at the end. */
struct imap_in imap_in_of(struct arena *a, struct str text);

static inline bool in_ok(const struct imap_in *in)
{
	return !in->why;
}
/* The first error stays. */
void in_fail(struct imap_in *in, const char *why);

char in_peek(const struct imap_in *in);   /* '\0' at the end and after an error */
bool in_try(struct imap_in *in, char c);  /* takes c where it comes next */
void in_char(struct imap_in *in, char c); /* c must come next */
static inline void in_sp(struct imap_in *in)
{
	in_char(in, ' ');
}
/* Parentheses, counted: IMAP_MAX_NESTING. */
void in_open(struct imap_in *in);
bool in_try_open(struct imap_in *in);
void in_close(struct imap_in *in);
bool in_try_close(struct imap_in *in);
/* Between the elements of a list: true for a blank, false where its parenthesis closes, which is taken. */
bool in_more(struct imap_in *in);
/* Nothing may follow. */
void in_end(struct imap_in *in);

/* A word in any case, if the next one is that and ends there (at what is no letter, digit, '.', '-' or '='). */
bool in_try_word(struct imap_in *in, const char *word);
/* The next run of characters that are in no way special; never empty without an error. */
struct str in_atom(struct imap_in *in);
struct str in_astring(struct imap_in *in); /* atom (']' too), quoted or literal */
struct str in_string(struct imap_in *in);  /* quoted or literal, also literal8 */
/* A string, or NIL: .p NULL. */
struct str in_nstring(struct imap_in *in);
/* A LIST pattern: as in_astring(), with wildcards. */
struct str in_pattern(struct imap_in *in);
uint64_t in_number(struct imap_in *in); /* up to 2^63 - 1 */
uint32_t in_nz_number(struct imap_in *in);

#endif
