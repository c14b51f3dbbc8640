/* Arena: a list of blocks, the newest first; a large allocation has a block of its own. */
#include <base/arena.h>

#include <sanitizer/asan_interface.h> /* its macros do nothing in a build without AddressSanitizer */
#include <stdalign.h>
#include <stdlib.h>

enum { ARENA_BLOCK = 16 * 1024 };

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	alignas(max_align_t) char bytes[];
};

static size_t block_size(const struct arena *a)
{
	return a->block ? a->block : ARENA_BLOCK;
}

static struct arena_block *block_add(struct arena *a, size_t n)
{
	size_t least = block_size(a), size = n > least ? n : least;
	struct arena_block *b;

	if (a->total > a->max || size > a->max - a->total) {
		size = n; /* near the ceiling: no more than is asked */
		if (a->total > a->max || size > a->max - a->total)
			return NULL;
	}
	if (size > SIZE_MAX - sizeof(*b))
		return NULL;
	b = malloc(sizeof(*b) + size);
	if (!b)
		return NULL;
	ASAN_POISON_MEMORY_REGION(b->bytes, size);
	b->used = 0;
	b->size = size;
	a->total += size;
	/* A block that this one allocation fills goes behind the head, whose rest stays in use. */
	if (n > least && a->head) {
		b->next = a->head->next;
		a->head->next = b;
	} else {
		b->next = a->head;
		a->head = b;
	}
	return b;
}

void *arena_alloc(struct arena *a, size_t n)
{
	const size_t align = alignof(max_align_t);
	struct arena_block *b = a->head;
	size_t taken;
	void *p;

	if (n > SIZE_MAX - align)
		return NULL;
	taken = n ? (n + align - 1) / align * align : align;
	if (!b || taken > b->size - b->used)
		b = block_add(a, taken);
	if (!b)
		return NULL;
	p = b->bytes + b->used;
	b->used += taken;
	ASAN_UNPOISON_MEMORY_REGION(p, n);
	memset(p, 0, n);
	return p;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		return NULL;
	return arena_alloc(a, count * size);
}

enum err arena_str(struct arena *a, struct str s, struct str *ret)
{
	char *p;

	if (s.n == 0) {
		*ret = STR_EMPTY;
		return ERR_OK;
	}
	p = arena_alloc(a, s.n);
	if (!p)
		return ERR_LIMIT;
	memcpy(p, s.p, s.n);
	*ret = str_from(p, s.n);
	return ERR_OK;
}

enum err arena_cstr(struct arena *a, struct str s, const char **ret)
{
	char *p;

	if (str_index(s, '\0') < s.n)
		return ERR_INVALID;
	p = arena_alloc(a, s.n + 1);
	if (!p)
		return ERR_LIMIT;
	if (s.n)
		memcpy(p, s.p, s.n);
	*ret = p;
	return ERR_OK;
}

static void free_blocks(struct arena_block *b)
{
	while (b) {
		struct arena_block *next = b->next;

		free(b);
		b = next;
	}
}

void arena_reset(struct arena *a)
{
	struct arena_block *keep = a->head;

	if (!keep)
		return;
	free_blocks(keep->next);
	keep->next = NULL;
	if (keep->size > block_size(a)) {
		arena_release(a);
		return;
	}
	ASAN_POISON_MEMORY_REGION(keep->bytes, keep->size);
	keep->used = 0;
	a->total = keep->size;
}

void arena_release(struct arena *a)
{
	free_blocks(a->head);
	a->head = NULL;
	a->total = 0;
}
