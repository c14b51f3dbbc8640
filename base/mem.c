/* Allocation that cannot fail. */
#include <base/mem.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *or_die(void *p)
{
	if (p)
		return p;
	fputs("roost: out of memory\n", stderr);
	abort();
}

void *mem_alloc(size_t n)
{
	return or_die(calloc(1, n ? n : 1));
}

void *mem_array(size_t count, size_t size)
{
	return or_die(calloc(count ? count : 1, size ? size : 1));
}

void *mem_resize(void *p, size_t n)
{
	return or_die(realloc(p, n ? n : 1));
}

char *mem_cstr(const char *s)
{
	return mem_cstr_n(s, strlen(s));
}

char *mem_cstr_n(const char *p, size_t n)
{
	char *copy = mem_alloc(n + 1);

	if (n)
		memcpy(copy, p, n);
	return copy;
}
