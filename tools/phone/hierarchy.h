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
	FOLDER_TASKS = 7,
	FOLDER_CALENDAR = 8,
	FOLDER_CONTACTS = 9,
	FOLDER_NOTES = 10,
	FOLDER_USER_MAIL = 12,
	FOLDER_USER_CALENDAR = 13,
	FOLDER_USER_CONTACTS = 14,
	FOLDER_USER_TASKS = 15,
	FOLDER_USER_NOTES = 17,
	FOLDER_RECIPIENTS = 19,
	FOLDER_TYPE_MAX = 19,
};

/* What a folder holds (MS-ASCMD 2.2.3.27.5). */
enum item_class { CLASS_MAIL, CLASS_CALENDAR, CLASS_CONTACTS, CLASS_TASKS, CLASS_NOTES, CLASS_MAX_ };
enum { CLASSES_ALL = (1 << CLASS_MAX_) - 1 }; /* a set of them: 1 << class */

struct str class_name(enum item_class class); /* as in the element Class */
/* Of a type that has none here: mail. */
enum item_class folder_class(uint32_t type);
/*
 * Is it a folder of those classes that a client of this version synchronises unasked? Drafts only from 16.0 on
 * (MS-ASCMD R5916), notes from 14.0 on.
 */
bool folder_takes_part(uint32_t type, unsigned classes, enum eas_version v);

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
