/*
 * Types of the schema as tables: an element of a request becomes a struct, a struct an element of an answer. A row is a
 * field: its name, its kind, where in the struct it is. What a later stage adds are rows.
 *
 * Reading is by local names (clients mix namespaces) and in any order, but strict otherwise: an element that the type does
 * not have, one too many, one that is missing, or a value that is none of its kind is a schema error. Pure; any thread.
 */
#ifndef GATEWAY_EWS_SCHEMA_H
#define GATEWAY_EWS_SCHEMA_H

#include <gateway/xml/xml_read.h>
#include <gateway/xml/xml_write.h>

#include <limits.h>

enum { EWS_ABSENT = INT_MIN }; /* of EWS_BOOL, EWS_INT and EWS_ENUM: it was not there; is not written */

enum ews_kind {
	EWS_TEXT,     /* struct str; .p NULL: absent */
	EWS_BOOL,     /* int: 0, 1, EWS_ABSENT */
	EWS_INT,      /* int; the row has its bounds */
	EWS_ENUM,     /* int: index into the row's names */
	EWS_TIME,     /* struct ews_time */
	EWS_STRUCT,   /* pointer to the row's type; NULL: absent */
	EWS_LIST,     /* struct ews_list of the row's type: the element repeated */
	EWS_CHOICES,  /* struct ews_list of struct ews_choice: each child is one of the row's type's fields */
	EWS_ANYTHING, /* passed over; never written */
};

enum ews_place {
	EWS_TYPES,     /* an element of the types' namespace, written with the prefix t */
	EWS_MESSAGES,  /* of the messages', with m */
	EWS_ATTRIBUTE, /* of the element itself */
	EWS_CONTENT,   /* the element's own text */
};

/* xs:dateTime. Without a zone it is local time of somewhere that the request tells elsewhere. */
struct ews_time {
	bool set, zoned;
	int64_t ms; /* since 1970, UTC or local */
};

struct ews_list {
	void *items; /* structs of the type, one behind the other */
	size_t n;
};

struct ews_type;
struct ews_choice {
	size_t which; /* field of the type */
	void *value;  /* of that field's type */
};

struct ews_field {
	const char *name; /* without a prefix */
	enum ews_kind kind;
	enum ews_place place;
	bool required; /* in a request */
	size_t at;
	const struct ews_type *type;
	const char *const *names; /* ended by NULL */
	int min, max;
};

struct ews_type {
	size_t size;
	const struct ews_field *fields;
	size_t fields_n;
	bool open; /* whatever is in it is passed over */
};

#define EWS_TYPE(struct_name, rows)                                                           \
	{                                                                                     \
		.size = sizeof(struct struct_name), .fields = rows, .fields_n = countof(rows) \
	}

/*
 * A zeroed struct of the type whose absent numbers are EWS_ABSENT. NULL: the arena is full.
 */
void *ews_new_struct(struct arena *a, const struct ews_type *type);
/* The same for one that lies somewhere already. */
void ews_init_struct(const struct ews_type *type, void *at);

/* The type of a field's struct; the field is there (asserted). */
const struct ews_type *ews_type_of(const struct ews_type *type, const char *name);
/*
 * Puts a new struct (EWS_STRUCT) or n of them (EWS_LIST, EWS_CHOICES: of struct ews_choice) into a field of *of, and gives
 * the first. NULL: the arena is full.
 */
void *ews_make(struct arena *a, const struct ews_type *type, void *of, const char *name, size_t n);

/*
 * ERR_INVALID: the element is none of that type; *ret_why (in the arena) says what is wrong with it. ERR_LIMIT: the arena is
 * full. Texts are the tree's own.
 */
enum err ews_read(struct arena *a, const struct xml_node *node, const struct ews_type *type, void **ret,
		  struct str *ret_why) MUST_CHECK;

/* The element that `name` (with its prefix) calls, with what is in the struct. Errors are the buffer's. */
void ews_write(struct xml_writer *w, const char *name, const struct ews_type *type, const void *value);

/* xs:dateTime; ERR_INVALID. */
enum err ews_time_read(struct str text, struct ews_time *ret) MUST_CHECK;
void ews_time_put(struct buf *b, const struct ews_time *t);

#endif
