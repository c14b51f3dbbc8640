/*
 * What the phone has of one folder: a directory with a file a message, and `index`, a journal of lines:
 *	+ SERVERID FILE TRUNCATED	a message came	(ids escaped as in files.h)
 *	r SERVERID 0|1			read
 *	f SERVERID 0|1|2		flag (MS-ASEMAIL 2.2.2.74)
 *	- SERVERID			it went
 *	k SYNCKEY			all of the above holds under this key
 * Lines behind the last `k` are of a response that was not finished: they are forgotten when the folder is opened.
 */
#ifndef PHONE_MAILBOX_H
#define PHONE_MAILBOX_H

#include <base/buf.h>
#include <base/table.h>

enum { MAILBOX_KEY_MAX_BYTES = 256 }; /* four times what a key may have (MS-ASCMD 2.2.3.181.4) */

struct message {
	char *server_id, *file;
	bool read, truncated;
	uint32_t flag;
};

struct mailbox {
	int dir;
	struct table *messages; /* by ServerId */
	struct buf key;         /* "0" before the first sync */
	struct buf journal;     /* lines that are not on disk yet */
	struct buf removed;     /* files to remove with the next commit: SERVERID NUL FILE NUL */
};

enum err mailbox_open(struct mailbox *m, int store_dir, struct str folder_id, struct buf *why) MUST_CHECK;
void mailbox_close(struct mailbox *m);

struct message *mailbox_find(const struct mailbox *m, struct str server_id); /* NULL */
/* A new message with its file's contents; extension ".eml", ".txt" or ".html". ERR_EXISTS: it is there already. */
enum err mailbox_add(struct mailbox *m, struct str server_id, const char *extension, struct str contents,
		     bool truncated, struct buf *why) MUST_CHECK;
/* The message's file anew. */
enum err mailbox_rewrite(struct mailbox *m, struct message *msg, struct str contents, struct buf *why) MUST_CHECK;
void mailbox_set_read(struct mailbox *m, struct message *msg, bool read);
void mailbox_set_flag(struct mailbox *m, struct message *msg, uint32_t flag);
/* The message, and with the next commit its file. */
void mailbox_remove(struct mailbox *m, struct message *msg);
/* What was done since the last commit holds under this key. */
enum err mailbox_commit(struct mailbox *m, struct str key, struct buf *why) MUST_CHECK;
/* Forgets everything: the next sync begins with key 0. */
enum err mailbox_reset(struct mailbox *m, struct buf *why) MUST_CHECK;

#endif
