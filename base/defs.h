/* The small words every file uses: attributes, array length, scope cleanup, early return. libc only. */
#ifndef BASE_DEFS_H
#define BASE_DEFS_H

#include <stddef.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))
#define NORETURN __attribute__((noreturn))

/* Calls fn(&variable) when the variable goes out of scope; fn accepts a zeroed variable. */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

#define countof(array) (sizeof(array) / sizeof((array)[0]))

#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* The only macro that returns: leaves the function with the error, if there is one. */
#define TRY(expr)                     \
	do {                          \
		enum err e_ = (expr); \
		if (e_)               \
			return e_;    \
	} while (0)

#endif
