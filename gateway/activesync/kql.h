/*
 * What users type into a phone's search field, as a query (MS-KQL, the part of it that mail has): words that must all be
 * there, "phrases", AND, OR, NOT (or -), parentheses, and properties such as from:ann, subject:"offer", received>=2026-01-31,
 * isread:false. What is no property is text. There is no wrong text: what cannot be read as anything else is a word.
 * Pure, any thread.
 */
#ifndef GATEWAY_ACTIVESYNC_KQL_H
#define GATEWAY_ACTIVESYNC_KQL_H

#include <store/search.h>

enum {
	KQL_TEXT_MAX = 8 * 1024, /* octets of it all */
	KQL_DEPTH_MAX = 12,      /* parentheses and NOTs in each other; what is deeper is text */
	KQL_WORDS_MAX = 100,     /* words and phrases */
};

/*
 * The tree and its strings live in the arena. ERR_INVALID: there is no word in it. ERR_LIMIT: too long, too many words,
 * or one that is longer than the index knows.
 */
enum err kql_parse(struct arena *a, struct str text, struct search_node *ret) MUST_CHECK;

#endif
