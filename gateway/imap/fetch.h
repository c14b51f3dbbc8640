/* What a FETCH asks for (RFC 9051 6.4.5; BINARY RFC 3516, CONDSTORE RFC 7162), parsed. */
#ifndef GATEWAY_IMAP_FETCH_H
#define GATEWAY_IMAP_FETCH_H

#include <gateway/imap/input.h>
#include <gateway/imap/set.h>

enum imap_fetch_kind {
	IMAP_FETCH_UID,
	IMAP_FETCH_FLAGS,
	IMAP_FETCH_DATE,
	IMAP_FETCH_SIZE,
	IMAP_FETCH_SAVED,
	IMAP_FETCH_MODSEQ,
	IMAP_FETCH_EMAILID,
	IMAP_FETCH_THREADID,
	IMAP_FETCH_ENVELOPE,
	IMAP_FETCH_STRUCTURE,
	IMAP_FETCH_STRUCTURE_PLAIN,
	IMAP_FETCH_PREVIEW,
	IMAP_FETCH_SECTION,
	IMAP_FETCH_BINARY,
	IMAP_FETCH_BINARY_SIZE,
	IMAP_FETCH_KIND_MAX_
};

enum imap_section_kind { IMAP_WHOLE, IMAP_HEADER, IMAP_FIELDS, IMAP_FIELDS_NOT, IMAP_TEXT, IMAP_MIME };

struct imap_fetch_item {
	enum imap_fetch_kind kind;
	struct str label; /* as it is written in the answer */
	/* IMAP_FETCH_SECTION and its like */
	enum imap_section_kind section;
	struct str part; /* "1.2"; empty: the message */
	struct str *fields;
	size_t fields_n;
	bool partial;
	uint64_t from, count; /* octets */
};

struct imap_fetch_args {
	struct imap_set set;
	struct imap_fetch_item *items;
	size_t n;
	bool octets;    /* something is the whole message as it stands */
	bool opens;     /* something needs its structure or its summary */
	bool decodes;   /* something of it is decoded as it is sent */
	bool shapes;    /* something needs the shape (content/imap_shape.h) */
	bool sets_seen; /* a body is read, and not peeked at */
	bool modseq;    /* it has MODSEQ or CHANGEDSINCE, which enables CONDSTORE */
	uint64_t changed_since;
	bool vanished;
	bool paged; /* PARTIAL: of the mails, by position from the first (or, negative, from the last) */
	int64_t page_from, page_to;
};

/* Header fields that the shape has. */
bool imap_fetch_is_kept(const struct imap_fetch_item *item);

/* Behind "FETCH". */
struct imap_fetch_args *in_fetch(struct imap_in *in);
/* A list of what can be fetched, in parentheses: read for its grammar and its end alone. */
void in_skip_fetch_items(struct imap_in *in);

#endif
