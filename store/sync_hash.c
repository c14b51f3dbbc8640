/* The hash by which a command is known when it comes again. */
#include <store/sync.h>

#include <openssl/sha.h>

_Static_assert(SYNC_HASH_SIZE == SHA256_DIGEST_LENGTH, "the hash is SHA-256");

void sync_command_hash(struct sync_command *command, struct str decoded)
{
	SHA256((const unsigned char *)decoded.p, decoded.n, command->hash);
}
