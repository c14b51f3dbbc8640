/*
 * vCards (RFC 6350, RFC 2426; vCard 2.1 is read): the lines of one as they are, so that what is not known stays octet by
 * octet, and what is said of a property (group, parameters, components of a value) read on demand. A card that was read is
 * changed by its lines and written again; texts borrow from what was read or from the arena. Pure, any thread.
 */
#ifndef CONTENT_VCARD_H
#define CONTENT_VCARD_H

#include <base/arena.h>
#include <base/buf.h>

enum {
	VCARD_MAX_BYTES = 16 * 1024 * 1024,
	VCARD_MAX_PROPERTIES = 4096,
	VCARD_MAX_PARAMS = 4096, /* octets of a line's parameters that are looked at; the others are kept */
	VCARD_LINE = 75,         /* octets of a written line, without its end (RFC 6350 3.2) */
	VCARD_VALUES = 16,       /* components of a value that are told apart */
};

struct vcard_property {
	struct str group;  /* empty: none */
	struct str name;   /* as it was written; compared without case */
	struct str params; /* as written, with the ';' in front of each; empty: none */
	struct str value;  /* unfolded, escaped as in a vCard 3.0 or 4.0 */
	bool gone;         /* not to be written */
};

struct vcard {
	struct arena *arena;
	struct vcard_property *properties; /* without BEGIN, END and VERSION */
	size_t n, room;
	bool v4; /* else 3.0, into which 2.1 is turned */
};

/*
 * The lines of one card, from BEGIN:VCARD to END:VCARD; what stands before and behind is passed over. 2.1's
 * quoted-printable and character sets become UTF-8, its nameless parameters TYPEs.
 * ERR_INVALID: no card. ERR_LIMIT: too many lines, or the arena is full.
 */
enum err vcard_parse(struct arena *a, struct str text, struct vcard *ret) MUST_CHECK;
/* An empty one. */
enum err vcard_init(struct arena *a, struct vcard *ret) MUST_CHECK;
/* With CRLF, folded. */
void vcard_write(struct buf *out, const struct vcard *card);

/* ---- properties ---- */

/* The next one of that name behind *at, which counts on; NULL at the end. */
struct vcard_property *vcard_next(const struct vcard *card, const char *name, size_t *at);
struct vcard_property *vcard_find(const struct vcard *card, const char *name);
/* A new one behind the others; ERR_LIMIT. */
enum err vcard_add(struct vcard *card, struct str name, struct str params, struct vcard_property **ret) MUST_CHECK;
/* The value of the first parameter of that name, without quotes; empty: none. */
struct str vcard_param(const struct vcard_property *p, const char *name);
/* Is it among the values of TYPE? */
bool vcard_has_type(const struct vcard_property *p, const char *type);
/* A parameter and its value in the place of the one that there is; ERR_LIMIT. */
enum err vcard_set_param(struct vcard *card, struct vcard_property *p, const char *name, struct str value) MUST_CHECK;

/* ---- values ---- */

/* Component number i of a structured value, as text. ERR_LIMIT: the arena is full. */
enum err vcard_component(struct arena *a, const struct vcard_property *p, char separator, size_t i,
			 struct str *ret) MUST_CHECK;
/* How many components it has; an empty value has one. */
size_t vcard_components(const struct vcard_property *p, char separator);
/* The whole value as one text. */
enum err vcard_text(struct arena *a, const struct vcard_property *p, struct str *ret) MUST_CHECK;
/* The same the other way; what lies between other components stays as it is written. */
enum err vcard_set_component(struct vcard *card, struct vcard_property *p, char separator, size_t i,
			     struct str text) MUST_CHECK;
enum err vcard_set_text(struct vcard *card, struct vcard_property *p, struct str text) MUST_CHECK;

/* ---- files of many ---- */

enum vcard_split { VCARD_NEED_MORE, VCARD_DONE, VCARD_BAD };

/* Cuts a stream into cards, however its bytes come. */
struct vcard_splitter {
	struct buf card; /* VCARD_DONE: one card; VCARD_BAD: it was longer than VCARD_MAX_BYTES, and is passed over */
	size_t line;     /* where the last line of it begins */
	unsigned depth;  /* of BEGINs that are open; a card may lie in another (2.1's AGENT) */
	bool too_long;
};

void vcard_split_init(struct vcard_splitter *s);
/* *ret_used: bytes that were taken. With VCARD_DONE and VCARD_BAD the next call begins the next card. */
enum vcard_split vcard_split(struct vcard_splitter *s, struct str bytes, size_t *ret_used);
/* At the end of the stream: was a card cut off? */
bool vcard_split_open(const struct vcard_splitter *s);
void vcard_split_release(struct vcard_splitter *s);

#endif
