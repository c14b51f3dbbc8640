/* The FolderSync command (MS-ASCMD 2.2.1.5). Pure. */
#ifndef PHONE_HIERARCHY_H
#define PHONE_HIERARCHY_H

#include "doc.h"

/* MS-ASCMD 2.2.3.186.3 */
enum folder_type {
	FOLDER_INBOX = 2,
	FOLDER_DRAFTS = 3,
	FOLDER_DELETED = 4,
	FOLDER_SENT = 5,
	FOLDER_USER_MAIL = 12,
	FOLDER_TYPE_MAX = 19,
};
/* Is it a folder of mail that a client of this version synchronises? Drafts only from 16.0 on (MS-ASCMD R5916). */
bool folder_is_mail(uint32_t type, enum eas_version v);

enum folder_change_kind { FOLDER_UPDATE, FOLDER_DELETE, FOLDER_ADD };

struct folder_change {
	struct folder_change *next;
	enum folder_change_kind kind;
	uint32_t type;
	struct str id, parent, name;
};

struct hierarchy_reply {
	uint32_t status;
	struct str key;
	bool has_changes;
	uint32_t count;
	struct folder_change *changes;
	struct folder_change **tail; /* private */
};

void hierarchy_ask(struct buf *out, struct str key);
enum err hierarchy_parse(struct doc *d, struct str bytes, struct hierarchy_reply *ret) MUST_CHECK;

#endif
