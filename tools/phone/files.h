/* Small files of the phone's store: whole reads, whole writes, appends. Names are relative to an open directory. */
#ifndef PHONE_FILES_H
#define PHONE_FILES_H

#include <base/buf.h>

/* Opens the directory, made where it is missing. -1 with the reason in why. at: AT_FDCWD or a directory. */
int files_open_dir(int at, const char *path, struct buf *why);
/* Appends the file's bytes to `to`. A file that is missing has none. */
enum err files_read(int dir, const char *name, struct buf *to, struct buf *why) MUST_CHECK;
/* The new bytes or the old ones are there at any time, never a part. */
enum err files_replace(int dir, const char *name, struct str bytes, struct buf *why) MUST_CHECK;
enum err files_append(int dir, const char *name, struct str bytes, struct buf *why) MUST_CHECK;
/* Removes a file; one that is missing is no error. */
enum err files_remove(int dir, const char *name, struct buf *why) MUST_CHECK;

/* s with everything but letters, digits, '-', '_' and ':' as %XX: a file name, or a word in a line. */
void files_put_escaped(struct buf *b, struct str s);
enum err files_put_unescaped(struct buf *b, struct str s) MUST_CHECK;

#endif
