/*
 * A direct-mapped table of fingerprints: a folder of a device has one place, by the hash of who it is, and there stands
 * the hash of who it is and its key. Two folders at one place push each other out, which is only forgetting; that
 * 64 bits agree by chance is less likely than a broken machine.
 */
#include <gateway/activesync/issued.h>

#include <base/mem.h>
#include <base/table.h>
#include <gateway/activesync/limits.h>

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

struct eas_issued {
	_Atomic uint64_t prints[EAS_ISSUED_MAX];
	_Atomic uint64_t arrivals[EAS_ISSUED_MAX]; /* 16 bits of who it is, 48 of the request's number */
};
enum { ARRIVAL_BITS = 48 };

struct identity {
	int64_t mailbox, device, folder;
	char key[EAS_MAX_SYNC_KEY_BYTES];
};

struct eas_issued *eas_issued_new(void)
{
	return mem_alloc(sizeof(struct eas_issued));
}

void eas_issued_free(struct eas_issued **ip)
{
	free(*ip);
	*ip = NULL;
}

static uint64_t hash_of(const struct identity *id)
{
	return table_hash(str_from(id, offsetof(struct identity, key)));
}

static _Atomic uint64_t *place_of(struct eas_issued *issued, const struct identity *id)
{
	return &issued->prints[hash_of(id) % EAS_ISSUED_MAX];
}

static uint64_t print_of(struct identity *id, struct str key)
{
	assert(key.n <= sizeof(id->key));
	memcpy(id->key, key.p, key.n);
	return table_hash(str_from(id, sizeof(*id)));
}

void eas_issued_note(struct eas_issued *issued, int64_t mailbox, int64_t device, int64_t folder, struct str key)
{
	struct identity id = { .mailbox = mailbox, .device = device, .folder = folder };
	uint64_t print = print_of(&id, key);

	atomic_store(place_of(issued, &id), print);
}

bool eas_issued_is(struct eas_issued *issued, int64_t mailbox, int64_t device, int64_t folder, struct str key)
{
	struct identity id = { .mailbox = mailbox, .device = device, .folder = folder };
	uint64_t print = print_of(&id, key);

	return atomic_load(place_of(issued, &id)) == print;
}

bool eas_issued_arrive(struct eas_issued *issued, int64_t mailbox, int64_t device, int64_t folder, uint64_t request)
{
	const struct identity id = { .mailbox = mailbox, .device = device, .folder = folder };
	uint64_t hash = hash_of(&id), who = hash >> ARRIVAL_BITS << ARRIVAL_BITS, mine, former;
	_Atomic uint64_t *place = &issued->arrivals[hash % EAS_ISSUED_MAX];

	mine = who | (request & ((UINT64_C(1) << ARRIVAL_BITS) - 1));
	former = atomic_load(place);
	do {
		if (former >> ARRIVAL_BITS == who >> ARRIVAL_BITS && former > mine)
			return false;
	} while (!atomic_compare_exchange_weak(place, &former, mine));
	return true;
}
