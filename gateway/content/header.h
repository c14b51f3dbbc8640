/*
 * Header fields of a message (RFC 5322, 2045, 2047, 2231): cutting a header block into fields, and reading a field's
 * raw value as text, parameters, addresses, message ids or a date. Readers are forgiving, iterative and bounded: bad
 * input gives the best guess or nothing, never an error, and costs time linear in its length. What they hand out is
 * UTF-8 that XML can carry (base/utf8.h). Any thread.
 */
#ifndef CONTENT_HEADER_H
#define CONTENT_HEADER_H

#include <base/arena.h>
#include <base/buf.h>

enum {
	HEADER_NAME_MAX = 1000,         /* a longer field name is no field */
	HEADER_PARAMS_MAX = 128,        /* parameters or pieces of them in one field; what follows is not read */
	HEADER_PARAM_VALUE_MAX = 2048,  /* octets of one decoded parameter */
	HEADER_ADDRESSES_MAX = 4096,    /* mailboxes of one field; what follows is not read */
	HEADER_ADDRESS_TEXT_MAX = 1024, /* octets of a display name, of a local part, of a domain */
	HEADER_ENCODED_WORD_MAX = 4096, /* octets of one encoded word (RFC 2047 says 75); a longer one is text */
};

/* ---- fields ---- */

struct header_field {
	struct str name; /* as written, without blanks */
	struct str raw;  /* after the colon up to the line end, folds included */
};

/* Next field of a header block; *rest keeps what follows. Lines that are no field are skipped. False at the end. */
bool header_next(struct str *rest, struct header_field *ret);

/* ---- text ---- */

/* Without folds: line ends go, and blanks around the whole value. */
void header_unfold(struct buf *b, struct str raw);

/*
 * Unstructured text: unfolded, encoded words decoded (adjacent ones joined before their octets are converted, as
 * senders cut inside characters), 8-bit octets taken for UTF-8 where they are, else windows-1252. No line ends in it.
 */
void header_text(struct buf *b, struct str raw);

/* ---- parameters ---- */

struct header_param {
	struct str name;  /* lower case */
	struct str value; /* decoded: RFC 2231 pieces joined, percent escapes and encoded words undone, quotes gone */
};

/*
 * "value; name=value; …" of Content-Type and Content-Disposition. The leading value, in lower case, goes to
 * *ret_value. All is arena memory; ERR_LIMIT where the arena is full.
 */
enum err header_params(struct arena *a, struct str raw, struct str *ret_value, struct header_param **ret,
		       size_t *ret_n) MUST_CHECK;
/* The value of a parameter, or empty with .p NULL. */
struct str header_param_get(const struct header_param *params, size_t n, struct str name);

/* ---- addresses ---- */

struct header_address {
	struct str name;   /* display name, decoded; empty where there is none */
	struct str local;  /* without quotes */
	struct str domain; /* empty for a local part alone */
	struct str group;  /* name of the group it is in, or empty */
	bool loose;        /* words stand where none may: "a@b c@d", "<a@b> c@d"; others may read another address */
};

/*
 * An address list with groups, comments and the obsolete forms (routes, comment as name, unquoted dots). An empty
 * group gives one entry with only `group` set. All is arena memory; ERR_LIMIT where the arena is full.
 */
enum err header_addresses(struct arena *a, struct str raw, struct header_address **ret, size_t *ret_n) MUST_CHECK;

/* The same with names as they were written, encoded words and 8-bit octets included: what IMAP's ENVELOPE shows. */
enum err header_addresses_raw(struct arena *a, struct str raw, struct header_address **ret, size_t *ret_n) MUST_CHECK;

/* Appends `"Name" <local@domain>`, or the address alone where there is no name. */
void header_address_put(struct buf *b, const struct header_address *addr);

/* ---- message ids ---- */

/* Next "<…>" of Message-ID, In-Reply-To or References, with its brackets; false at the end. */
bool header_msgid_next(struct str *rest, struct str *ret);

/* ---- dates ---- */

/*
 * RFC 5322 date, with obsolete zones, two-digit years, missing seconds, weekday or zone (then UTC), comments, and the
 * asctime(3) order. Milliseconds since 1970 UTC. ERR_INVALID where there is no date in it.
 */
enum err header_date(struct str raw, int64_t *ret_ms) MUST_CHECK;
/* The same as it is written, as if its zone were UTC. */
enum err header_date_local(struct str raw, int64_t *ret_ms) MUST_CHECK;

#endif
