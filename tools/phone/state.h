/*
 * What the phone knows beside its mail: the policy key, the hierarchy's key, the folders. Kept in the store directory
 * as lines in the file `state` (words escaped as in files.h):
 *	policy KEY
 *	hierarchy SYNCKEY
 *	folder ID PARENT TYPE NAME
 */
#ifndef PHONE_STATE_H
#define PHONE_STATE_H

#include <base/buf.h>
#include <base/list.h>

struct folder {
	struct list at;
	char *id, *parent, *name;
	uint32_t type;
};

struct state {
	int dir;
	uint32_t policy_key;
	struct buf hierarchy_key; /* "0" before the first FolderSync */
	struct list folders;
};

enum err state_open(struct state *s, const char *path, struct buf *why) MUST_CHECK;
void state_close(struct state *s);
enum err state_save(const struct state *s, struct buf *why) MUST_CHECK;

struct folder *state_folder(const struct state *s, struct str id);         /* NULL */
struct folder *state_folder_named(const struct state *s, struct str name); /* by name without case, or by id; NULL */
struct folder *state_add_folder(struct state *s, struct str id, struct str parent, uint32_t type, struct str name);
void state_drop_folder(struct folder *f);
void state_forget_folders(struct state *s);

#endif
