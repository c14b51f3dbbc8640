/*
 * Small internal allocation: zeroed, never NULL (the process ends with a message). For sizes we choose. Sizes a peer
 * chooses go through struct buf or struct arena, which have a ceiling and can fail. Any thread.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t n);
void *mem_array(size_t count, size_t size);
void *mem_resize(void *p, size_t n); /* what is added is not zeroed */
char *mem_cstr(const char *s);       /* a copy; the caller frees */
char *mem_cstr_n(const char *p, size_t n);

#endif
