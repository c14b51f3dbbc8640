/* The table of keys: which there are, how their values are read, where they go. */
#ifndef GATEWAY_CONFIG_KEYS_H
#define GATEWAY_CONFIG_KEYS_H

#include <gateway/config/config.h>

struct config_key {
	const char *section, *key;
	/*
	 * Reads a value into the field at `field`. NULL: done; else what is wrong with it, for people. Strings are made
	 * in the arena.
	 */
	const char *(*read)(struct arena *a, const struct config_key *key, struct str value, void *field);
	size_t offset;     /* of the field in struct config; in struct config_certificate for a section with labels */
	uint64_t min, max; /* of numbers */
};

/* NULL: no such key. */
const struct config_key *config_key_find(struct str section, struct str key);
/* The keys one by one, from 0; NULL: there are no more. For the test of what is written about them. */
const struct config_key *config_key_at(size_t i);
bool config_section_known(struct str section);
/* May it stand several times, with labels? */
bool config_section_labelled(struct str section);

#endif
