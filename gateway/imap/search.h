/* What a SEARCH asks for (RFC 9051 6.4.4), parsed: a tree of keys. */
#ifndef GATEWAY_IMAP_SEARCH_H
#define GATEWAY_IMAP_SEARCH_H

#include <gateway/imap/input.h>
#include <gateway/imap/set.h>
#include <gateway/imap/sort.h>
#include <gateway/imap/thread.h>
#include <store/item.h>

enum imap_key_kind {
	IMAP_KEY_ALL,
	IMAP_KEY_NONE,     /* nothing is \Recent here */
	IMAP_KEY_AND,      /* children */
	IMAP_KEY_OR,       /* two children */
	IMAP_KEY_NOT,      /* one child */
	IMAP_KEY_FLAG,     /* number: enum item_flag; negative: it is not set */
	IMAP_KEY_KEYWORD,  /* text; negative: it is not there */
	IMAP_KEY_SEQUENCE, /* set */
	IMAP_KEY_UID,
	IMAP_KEY_RECEIVED, /* from <= received < to, in ms; so the next two */
	IMAP_KEY_SENT,
	IMAP_KEY_SAVED,
	IMAP_KEY_LARGER, /* number */
	IMAP_KEY_SMALLER,
	IMAP_KEY_OLDER, /* number: seconds before now */
	IMAP_KEY_YOUNGER,
	IMAP_KEY_MODSEQ,
	IMAP_KEY_HEADER, /* field, text */
	IMAP_KEY_BODY,
	IMAP_KEY_TEXT,
	IMAP_KEY_EMAILID,
	IMAP_KEY_THREADID,
	IMAP_KEY_KIND_MAX_
};

struct imap_key {
	enum imap_key_kind kind;
	bool negative;
	uint64_t number;
	int64_t from, to;
	struct str field, text;
	struct imap_set set;
	struct imap_key *first, *next; /* children; the next of its parent's */
};

enum imap_search_return {
	IMAP_RETURN_MIN = 1u << 0,
	IMAP_RETURN_MAX = 1u << 1,
	IMAP_RETURN_ALL = 1u << 2,
	IMAP_RETURN_COUNT = 1u << 3,
	IMAP_RETURN_SAVE = 1u << 4,
	IMAP_RETURN_PARTIAL = 1u << 5,
};

struct imap_search_args {
	bool extended;    /* RETURN was said: the answer is an ESEARCH */
	unsigned returns; /* enum imap_search_return */
	int64_t page_from, page_to;
	struct imap_sort *sort;            /* SORT; NULL: not that */
	const enum imap_threading *thread; /* THREAD; NULL: not that */
	struct imap_key *key;
	bool modseq;      /* a key is MODSEQ */
	bool bad_charset; /* NO [BADCHARSET] */
	bool opens;       /* a key needs more than the row */
};

/* Behind "SEARCH". */
struct imap_search_args *in_search(struct imap_in *in);
/* Behind "SORT". */
struct imap_search_args *in_sort(struct imap_in *in);
/* Behind "THREAD". */
struct imap_search_args *in_thread(struct imap_in *in);

#endif
