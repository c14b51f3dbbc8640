/*
 * Files of large bodies, in the blobs folder of a mailbox: written under tmp/, flushed, and renamed to ab/HASH-UNIQUE.
 * The name is new each time, even for the same octets: a sweeper that looks at an old file of that name, finds it
 * unreferenced and removes it, can never meet a new one (rule 18 of the sync engine). Any thread.
 */
#ifndef STORE_BLOB_FILE_H
#define STORE_BLOB_FILE_H

#include <store/internal.h>

enum {
	BLOB_NAME_MAX = 96, /* "ab/", 64 hexadecimal digits, '-', 16 more, NUL */
	BLOB_UNIQUE_SIZE = 8,
};

struct blob_file {
	char *folder; /* of the mailbox's blobs */
	char *path;   /* where it is now: under tmp/, or under its name; NULL: nowhere */
	int fd;
	char name[BLOB_NAME_MAX]; /* below folder, once it is published */
};

/* A new file under tmp/. The folder is made where it is missing. */
enum err blob_file_create(struct store *s, int64_t mailbox, struct blob_file *ret) MUST_CHECK;
enum err blob_file_write(struct blob_file *f, struct str octets) MUST_CHECK;
/* Flushes and renames: octets and name are on disk when it returns. */
enum err blob_file_publish(struct store *s, struct blob_file *f, const unsigned char *sha256) MUST_CHECK;
/* Removes it wherever it is, unless it is kept. */
void blob_file_release(struct blob_file *f, bool keep);

/* Opens what a row names; *ret_size is the file's. ERR_NOT_FOUND: it is not there. */
enum err blob_file_open(struct store *s, int64_t mailbox, struct str name, int *ret_fd, uint64_t *ret_size) MUST_CHECK;

#endif
