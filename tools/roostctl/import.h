/*
 * One run of roostctl import. Sources are recognised by what is in them: a folder with cur/ and new/ is a Maildir, a
 * file that begins "From " an mbox, one with BEGIN:VCALENDAR a calendar, one with BEGIN:VCARD contacts, one that begins with a header field a message; any
 * other folder is walked. What
 * cannot be read is named and left out, the run goes on, and its status is 1 in the end. Only where the store fails does it
 * stop. Memory: a batch, a window of names, and 16 to 43 bytes a mail to tell equal ones apart.
 */
#ifndef ROOSTCTL_IMPORT_H
#define ROOSTCTL_IMPORT_H

#include <store/folder.h>
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/progress.h>

#include <sys/types.h>

struct batch;

enum {
	IMPORT_CHUNK = 64 * 1024,
	IMPORT_DEPTH_MAX = 32, /* folders in folders */
	IMPORT_ROOT = 0,       /* no folder's number: what import_root() says */
};
#define IMPORT_MESSAGE_MAX (UINT64_C(1) << 30) /* bytes of one mail: what another server took is not refused here */

/* What a folder of contacts, tasks or notes has, read once in a run: what tells its entries from others. */
struct import_known {
	int64_t folder;
	struct table *uids; /* NULL: not in use */
};

struct import {
	struct ctl *ctl;
	int64_t mailbox;
	bool below; /* --folder: all goes into it or below it, also what else would stand beside the Inbox */
	int depth;  /* of the folder that is walked */
	struct batch *batch;
	struct progress progress;
	uint64_t bad;                    /* named and left out */
	uint64_t gone;                   /* deleted at the source and only not yet compacted away */
	enum err failed;                 /* of the store: the run stops */
	const char *named;               /* --folder; NULL: none */
	int64_t root;                    /* see import_root(); 0: no mail has come */
	bool rootless;                   /* that folder cannot be made: the run stops */
	unsigned told_elsewhere;         /* 1 << class: it was said that --folder is none of it */
	uint64_t events, events_known;   /* of calendars: added, there already */
	uint64_t entries, entries_known; /* contacts, tasks and notes */
	struct import_known known[3];    /* contacts, tasks, notes: one folder of each class in a run */
};

/* No failure of the store and no Ctrl-C so far. */
bool import_goes_on(const struct import *im);
/* "roostctl: PATH: …", and counts. */
void import_bad(struct import *im, const char *path, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* A folder below `parent`, made where it is missing; 0 where that failed, which was said. */
int64_t import_folder(struct import *im, int64_t parent, struct str name, const char *path);

/*
 * Where mail goes for which IMPORT_ROOT stands: the folder that --folder names, else the Inbox. It is made when the first mail comes, so
 * that a calendar makes no folder of mail. 0 where that failed, which was said. Another folder comes back as it is.
 */
int64_t import_root(struct import *im, int64_t folder);

/*
 * Where the events, contacts, tasks or notes of this run go: the folder of that class that --folder names, else the one of that
 * role, which every mailbox has; what was named and is not there is said once.
 */
enum err import_entries_folder(struct import *im, enum folder_class class, enum folder_role role,
			       int64_t *ret_id) MUST_CHECK;

/* The sources, each into a folder. */
void import_path(struct import *im, const char *path);
bool import_is_maildir(const char *path);
void import_maildir(struct import *im, const char *path, int64_t folder);
void import_file(struct import *im, const char *path, int64_t folder);

struct import_mail;
/* The rest of a file, of which `first` was read, as one message. */
void import_message(struct import *im, const char *path, int fd, struct str first, const struct import_mail *mail);
/* Into the calendar that --folder names, else the one that every mailbox has. */
void import_calendar(struct import *im, const char *path, int fd, struct str first);
/* Contacts: into the folder that --folder names, if it is of their class, else the one that every mailbox has. */
void import_cards(struct import *im, const char *path, int fd, struct str first);
/* The tasks and notes of a calendar's text, the same way; how many there were. */
size_t import_todos(struct import *im, const char *path, struct arena *a, struct str text);
void import_mbox(struct import *im, const char *path, int fd, struct str first, int64_t folder);

/* Calls f for each name of a folder, in their order; path is that of the entry. */
typedef void import_entry(struct import *im, const char *path, const char *name, int64_t folder);
void import_each(struct import *im, const char *path, int64_t folder, import_entry *f);

/* As read(2), but goes on after a signal; -1 is told as a bad file. */
ssize_t import_read(struct import *im, const char *path, int fd, char *chunk);

#endif
