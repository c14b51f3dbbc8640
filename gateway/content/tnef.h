/*
 * The files in a winmail.dat (MS-OXTNEF), by where their octets lie in it. The reader is given the octets in pieces of any
 * size and keeps none but short texts: a file of 25 MB is an offset and a length. What is broken, or not understood, is so as a
 * whole: checksums are looked at, every length is held against what encloses it. Any thread; one reader by one at a time.
 */
#ifndef CONTENT_TNEF_H
#define CONTENT_TNEF_H

#include <base/arena.h>
#include <base/buf.h>

enum {
	TNEF_FILES_MAX = 500,        /* attachments; more are not understood */
	TNEF_FIELD_MAX = 4096,       /* octets of a text that is read; a longer one is absent; a multiple of 4 */
	TNEF_TEXTS_MAX = 256 * 1024, /* octets of all texts, in UTF-8; what comes after them is absent */
};

/* Texts are UTF-8 without control characters, empty where absent. */
struct tnef_file {
	struct str name;         /* the long one, if there are two */
	struct str content_type; /* as written: anybody's text */
	struct str content_id, location;
	uint64_t off, len; /* of its octets in the TNEF */
	bool has_data;
	bool is_object; /* a message or an OLE object: the octets are no file */
};

struct tnef {
	struct tnef_file *files;
	size_t files_n;
	struct str message_class;
	bool has_body; /* there is a text in it: plain, HTML or RTF */
};

struct tnef_reader;
typedef void tnef_step(struct tnef_reader *r, struct str field);

struct tnef_reader {
	struct arena *arena; /* the caller's; the texts go there */
	tnef_step *step;     /* what takes the field, once it is complete */
	uint64_t skip;       /* octets to pass over before the field */
	size_t want, field_n;
	uint64_t at;       /* octets read */
	uint64_t left;     /* of the attribute, not yet asked for */
	uint16_t sum;      /* of the octets since the attribute's data began */
	uint16_t data_sum; /* of its data */
	bool of_file;      /* the properties are a file's, not the message's */
	uint32_t props_left, values_left, value_len;
	uint16_t type, id; /* of the property */
	uint32_t codepage;
	size_t texts_n;
	struct buf files; /* struct tnef_file */
	struct str message_class;
	bool has_body;
	enum err err;
	char field[TNEF_FIELD_MAX];
};

/* The texts go into `a`, which outlives what is read. */
void tnef_init(struct tnef_reader *r, struct arena *a);
/* ERR_INVALID: broken, no more octets are of use. ERR_LIMIT: too many files, or the arena is full. */
enum err tnef_put(struct tnef_reader *r, struct str octets) MUST_CHECK;
/* That was all. *ret is in the arena. Errors as above; *ret is then untouched. */
enum err tnef_finish(struct tnef_reader *r, struct tnef *ret) MUST_CHECK;
void tnef_release(struct tnef_reader *r); /* for CLEANUP */

#endif
