/*
 * Inside of Search (MS-ASCMD 2.2.1.16) and Find (2.2.1.2): the request as a value, and what both share: which mails a
 * query means, which people, and which of them stand in the answer. Worker threads, one request each.
 */
#ifndef GATEWAY_ACTIVESYNC_SEARCH_H
#define GATEWAY_ACTIVESYNC_SEARCH_H

#include <gateway/activesync/command.h>
#include <gateway/activesync/picture.h>
#include <gateway/activesync/place.h>
#include <gateway/activesync/sync_options.h>
#include <gateway/mailbox/people.h>
#include <store/search.h>

/* Status of Search's Store (MS-ASCMD 2.2.3.177.13). Find has its own for the same, in one table (find.c). */
enum search_status {
	SEARCH_DONE = 1,
	SEARCH_BAD = 2,
	SEARCH_SERVER = 3,
	SEARCH_BAD_LINK = 4, /* of document libraries (MS-ASCMD_R4336) */
	SEARCH_DENIED = 5,
	SEARCH_TOO_COMPLEX = 8,
	SEARCH_TIMED_OUT = 10,
	SEARCH_FOLDERSYNC = 11,
	SEARCH_END_OF_RANGE = 12,
	SEARCH_BLOCKED = 13,
	SEARCH_BAD_PART_TYPE = 164, /* MS-ASCON_R241 */
};
enum search_status eas_search_status(enum err e);

enum search_store { SEARCH_STORE_UNKNOWN, SEARCH_STORE_MAILBOX, SEARCH_STORE_GAL, SEARCH_STORE_DOCUMENTS };

enum search_class { /* of a query, as bits */
		    SEARCH_CLASS_EMAIL = 1 << 0,
		    SEARCH_CLASS_CALENDAR = 1 << 1,
		    SEARCH_CLASS_CONTACTS = 1 << 2,
		    SEARCH_CLASS_TASKS = 1 << 3,
		    SEARCH_CLASS_NOTES = 1 << 4,
		    SEARCH_CLASS_SMS = 1 << 5,
};

struct eas_search_request {
	enum search_store store;
	enum search_status status; /* SEARCH_DONE: nothing is wrong with it as it was asked */
	struct str text;           /* GAL */
	struct str link;           /* LinkId of a document library; empty: none */
	struct str words[EAS_MAX_SEARCH_TEXTS];
	size_t words_n;
	struct str collections[EAS_MAX_SEARCH_FOLDERS];
	size_t collections_n;
	unsigned classes;        /* enum search_class; 0: any */
	struct str conversation; /* .p NULL: any */
	int64_t received_from, received_to;
	bool deep; /* subfolders too */
	struct eas_pictures pictures;
	bool has_body;     /* a BodyPreference was given */
	uint64_t from, to; /* Range, both included */
	struct eas_options options;
};

extern const struct eas_search_request eas_search_default;

/* "m-n" with m <= n (MS-ASCMD_R3725). */
bool eas_search_range(struct str text, uint64_t *from, uint64_t *to) MUST_CHECK;
/* false: no class at all. */
bool eas_search_class(struct str name, enum eas_version v, unsigned *ret) MUST_CHECK;

/* A Search request. Texts borrow from the document. ERR_INVALID: it has another shape. */
enum err eas_search_parse(struct eas_request *rq, struct eas_search_request *ret) MUST_CHECK;

struct eas_hit {
	const struct eas_place *place;
	int64_t item, received_ms;
};
struct eas_hits {
	uint64_t total; /* of all that match */
	struct eas_hit *list;
	size_t n;
};
/*
 * The items that match, in the range that is asked for, the newest first; in the arena of the request. Those of folders that others
 * share are looked for where they lie, if they are named: by its texts nothing is found there that a guest is not shown. ERR_STALE:
 * a folder that is not there, or not shared any more. ERR_LIMIT: too complex. ERR_BUSY: an index could not be brought to head in time.
 */
enum err eas_search_items(struct eas_request *rq, const struct eas_search_request *s, struct eas_hits *ret) MUST_CHECK;

/* Read transactions, each of the mailbox that was last asked for: zeroed before the first hit, ended with eas_hit_views_end(). */
struct eas_hit_views {
	struct store_tx *own, *other;
	int64_t other_mailbox;
};
void eas_hit_views_end(struct eas_hit_views *v);
/*
 * The item of a hit, and the transaction that it is seen in, which is the views'. ERR_NOT_FOUND: it has gone meanwhile, out of the
 * folder that is shared too, or became private there.
 */
enum err eas_hit_open(struct eas_request *rq, struct arena *a, const struct eas_search_request *s,
		      const struct eas_hit *hit, struct eas_hit_views *views, struct store_tx **ret_tx,
		      struct item *ret) MUST_CHECK;
/* What the phone calls the folder of such an item. */
struct server_id eas_hit_collection(const struct eas_hit *hit, const struct item *item);

extern const struct eas_picture_tags eas_search_picture_tags, eas_find_picture_tags;

struct eas_search_people_tags {
	enum wbxml_tag result, properties;
};
/* Those of the range that is asked for, with what the address book tells of each; counts them. */
enum err eas_search_put_people(struct eas_request *rq, const struct eas_search_request *asked,
			       const struct people *found, struct wbxml_writer *w,
			       const struct eas_search_people_tags *tags, uint64_t *given) MUST_CHECK;
/* "m-n" of what is given. */
void eas_search_put_range(struct wbxml_writer *w, enum wbxml_tag tag, uint64_t from, uint64_t n);

#endif
