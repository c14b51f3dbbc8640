/*
 * Ids of folders and items as clients get them: octets that name the mailbox too, so that an id of one mailbox means nothing
 * in another. Written in the forms that ConvertId knows. Pure; any thread.
 */
#ifndef GATEWAY_EWS_ID_H
#define GATEWAY_EWS_ID_H

#include <base/arena.h>
#include <base/buf.h>

enum { EWS_ID_MAX = 512 }; /* bytes of a written one; longer ones are none of ours */

/* The schema's IdFormatType, in its order. */
enum ews_id_format { EWS_LEGACY_ID, EWS_EWS_ID, EWS_ENTRY_ID, EWS_HEX_ENTRY_ID, EWS_STORE_ID, EWS_OWA_ID };

struct ews_id {
	int64_t mailbox, folder;
	int64_t item; /* 0: the folder itself */
};

/* In the arena. ERR_LIMIT: it is full. */
enum err ews_id_write(struct arena *a, const struct ews_id *id, enum ews_id_format format, struct str *ret) MUST_CHECK;
/* ERR_INVALID: none of ours. */
enum err ews_id_read(struct str text, enum ews_id_format format, struct ews_id *ret) MUST_CHECK;

#endif
