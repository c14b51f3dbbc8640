#include <tools/roostctl/occurrences.h>

#include <base/mem.h>

#include <stdlib.h>
#include <string.h>

enum { SLOTS_FIRST = 1024 };

struct slot {
	uint64_t key, n; /* n 0: free */
};

struct occurrences {
	struct slot *slots;
	size_t slots_n, used; /* slots_n: a power of two */
};

struct occurrences *occurrences_new(void)
{
	struct occurrences *o = mem_alloc(sizeof(*o));

	o->slots_n = SLOTS_FIRST;
	o->slots = mem_array(o->slots_n, sizeof(*o->slots));
	return o;
}

void occurrences_free(struct occurrences **op)
{
	if (!*op)
		return;
	free((*op)->slots);
	free(*op);
	*op = NULL;
}

static struct slot *slot_of(struct occurrences *o, uint64_t key)
{
	size_t at = key & (o->slots_n - 1);

	while (o->slots[at].n && o->slots[at].key != key)
		at = (at + 1) & (o->slots_n - 1);
	return &o->slots[at];
}

static void grow(struct occurrences *o)
{
	struct occurrences larger = { mem_array(o->slots_n * 2, sizeof(*o->slots)), o->slots_n * 2, o->used };

	for (size_t i = 0; i < o->slots_n; i++)
		if (o->slots[i].n)
			*slot_of(&larger, o->slots[i].key) = o->slots[i];
	free(o->slots);
	*o = larger;
}

uint64_t occurrences_add(struct occurrences *o, int64_t folder, const unsigned char *sha256)
{
	struct slot *slot;
	uint64_t key;

	if (o->used >= o->slots_n / 4 * 3)
		grow(o);
	memcpy(&key, sha256, sizeof(key));
	key ^= (uint64_t)folder * UINT64_C(0x9e3779b97f4a7c15); /* spreads small numbers over all bits */
	slot = slot_of(o, key);
	slot->key = key;
	o->used += slot->n == 0;
	return ++slot->n;
}
