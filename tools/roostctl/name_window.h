/*
 * The names of a folder in order, a window at a time: a folder of any size costs the memory of one window. Each window
 * reads the folder again, which for 100,000 names takes a fiftieth of the time that their import takes.
 */
#ifndef ROOSTCTL_NAME_WINDOW_H
#define ROOSTCTL_NAME_WINDOW_H

#include <base/err.h>
#include <base/str.h>

enum { NAME_WINDOW = 8192 };

/* Zero-initialise. */
struct name_window {
	char **names;
	size_t n;
	char *last; /* of the window before */
};

/* The next names, bytewise in order, without "." and ".."; ret->n is 0 at the end. ERR_IO: errno tells. */
enum err name_window_next(struct name_window *w, const char *path) MUST_CHECK;
void name_window_release(struct name_window *w);
/* How many names there are; 0 where the folder cannot be read. */
uint64_t name_count(const char *path);

#endif
