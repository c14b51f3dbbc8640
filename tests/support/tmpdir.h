/* A folder of its own for a test, removed with all in it when the scope ends. */
#ifndef TESTS_SUPPORT_TMPDIR_H
#define TESTS_SUPPORT_TMPDIR_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct tmpdir {
	char path[64];
};

static inline struct tmpdir tmpdir_make(void)
{
	struct tmpdir t = { "/tmp/roost-test-XXXXXX" };

	if (!mkdtemp(t.path)) {
		perror("mkdtemp");
		abort();
	}
	return t;
}

static inline int tmpdir_remove_entry(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

/* For CLEANUP. */
static inline void tmpdir_remove(struct tmpdir *t)
{
	if (t->path[0])
		nftw(t->path, tmpdir_remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	t->path[0] = '\0';
}

#endif
