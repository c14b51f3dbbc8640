/* A folder of its own for a test (below TMPDIR, else /tmp), removed with all in it when the scope ends. */
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
	static const char name[] = "/roost-test-XXXXXX";
	const char *base = getenv("TMPDIR");
	struct tmpdir t = { "" };
	size_t n;

	if (!base || strlen(base) + sizeof(name) > sizeof(t.path))
		base = "/tmp";
	n = strlen(base);
	memcpy(t.path, base, n);
	memcpy(t.path + n, name, sizeof(name));
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
