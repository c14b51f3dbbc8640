/*
 * A borrowed view of bytes with a length. It may hold NUL and need not end in one; a C string is made only at the
 * edge of a C API (arena_cstr). Nothing here allocates or fails unless it says so. Any thread.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <base/defs.h>
#include <base/err.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

#define S(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
/* The same as the initialiser of a static table's member. */
/* clang-format off */
#define STR_INIT(literal) { "" literal, sizeof(literal) - 1 }
/* clang-format on */
#define STR_EMPTY ((struct str){ NULL, 0 })

/* For printf's "%.*s". Lengths above INT_MAX are cut. */
#define STR_FMT "%.*s"
#define STR_ARG(s) str_printf_len(s), (s).p ? (s).p : ""

static inline struct str str_of(const char *cstr)
{
	return (struct str){ cstr, cstr ? strlen(cstr) : 0 };
}

static inline struct str str_from(const void *p, size_t n)
{
	return (struct str){ p, n };
}

int str_printf_len(struct str s);
bool str_eq(struct str a, struct str b);
bool str_ieq(struct str a, struct str b); /* ASCII letters without case */
int str_cmp(struct str a, struct str b);  /* bytewise, shorter first */
bool str_starts(struct str s, struct str prefix);
bool str_istarts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* From byte a up to byte b (not included), both clipped to the length. */
struct str str_slice(struct str s, size_t a, size_t b);
struct str str_trim(struct str s); /* ASCII space, tab, CR, LF from both ends */

/* Index of the first c, or s.n. */
size_t str_index(struct str s, char c);
/* Index of the first needle, or s.n; an empty needle is at 0. */
size_t str_find(struct str s, struct str needle);
size_t str_ifind(struct str s, struct str needle);

/*
 * Cuts *rest at the first sep: the part before it goes to *ret_head, *rest keeps what follows. The last part comes
 * with *rest.p == NULL; returns false once there is nothing left, so `while (str_cut(&rest, ',', &head))` sees every
 * part, empty ones too.
 */
bool str_cut(struct str *rest, char sep, struct str *ret_head);

/* Whole string as decimal digits, no sign, no blanks; ERR_INVALID, or ERR_LIMIT for a number above max. */
enum err str_to_u64(struct str s, uint64_t max, uint64_t *ret) MUST_CHECK;
/* With a sign '-' or none; ERR_LIMIT for what does not fit. */
enum err str_to_i64(struct str s, int64_t *ret) MUST_CHECK;
/* Whole string as hexadecimal digits of either case, at most 16. */
enum err str_hex_to_u64(struct str s, uint64_t *ret) MUST_CHECK;

static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

#endif
