/* The hash table against a plain array, and SipHash against another implementation. */
#include <base/table.h>

#include <base/siphash.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* Taken from CPython 3.11, whose hash of bytes is SipHash-1-3 (PYTHONHASHSEED=0: a key of zeroes). */
static void siphash_matches_another_implementation(void **unused)
{
	static const struct {
		size_t n; /* of the bytes 0, 1, 2 … */
		uint64_t hash;
	} cases[] = {
		{ 1, 0x68a914128e01e473 }, { 7, 0x2f098ab0c751325a },  { 8, 0xead411e67ebe2eea },
		{ 9, 0x75927f9d95124362 }, { 16, 0x8972188433a5c5b7 }, { 31, 0x169739443111d49b },
	};
	static const uint64_t zero[2];
	char bytes[32];

	(void)unused;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)i;
	for (size_t i = 0; i < countof(cases); i++)
		assert_true(siphash13(zero, str_from(bytes, cases[i].n)) == cases[i].hash);
}

static void the_key_counts_and_the_hash_is_stable_in_a_process(void **unused)
{
	static const uint64_t one[2] = { 1, 0 }, other[2] = { 0, 1 };

	(void)unused;
	assert_true(siphash13(one, S("a")) != siphash13(other, S("a")));
	assert_true(table_hash(S("a")) == table_hash(S("a")));
	assert_true(table_hash(S("a")) != table_hash(S("b")));
	assert_true(table_hash(STR_EMPTY) == table_hash(S("")));
}

static void values_are_stored_replaced_and_removed(void **unused)
{
	struct table *t = table_new();
	int a, b;

	(void)unused;
	assert_null(table_get(t, S("x")));
	assert_null(table_remove(t, S("x")));
	assert_null(table_set(t, S("x"), &a));
	assert_ptr_equal(table_set(t, S("x"), &b), &a);
	assert_ptr_equal(table_get(t, S("x")), &b);
	assert_null(table_set(t, STR_EMPTY, &a)); /* the empty key is one too */
	assert_null(table_get(t, S("x\0")));
	assert_int_equal(table_count(t), 2);
	assert_ptr_equal(table_remove(t, S("x")), &b);
	assert_null(table_remove(t, S("x")));
	assert_ptr_equal(table_get(t, S("")), &a);
	assert_int_equal(table_count(t), 1);
	table_free(&t);
	assert_null(t);
	table_free(&t);
}

static void keys_are_copied(void **unused)
{
	struct table *t = table_new();
	char key[] = "abc";
	int value;

	(void)unused;
	table_set(t, str_of(key), &value);
	key[0] = 'x';
	assert_ptr_equal(table_get(t, S("abc")), &value);
	assert_null(table_get(t, S("xbc")));
	table_free(&t);
}

enum { KEYS = 500, STEPS = 200000 };

/* A long random run of sets and removes agrees with an array at each step, and a walk at the end. */
static void a_random_run_agrees_with_an_array(void **unused)
{
	static char model[KEYS]; /* 1: in the table */
	static char values[KEYS];
	struct table *t = table_new();
	uint32_t random = 12345;
	size_t count = 0, at = 0, seen = 0;
	struct str key;
	void *value;

	(void)unused;
	for (int step = 0; step < STEPS; step++) {
		uint64_t k;
		bool had;

		random = random * 1664525 + 1013904223;
		k = (random >> 8) % KEYS;
		had = model[k];
		model[k] = (random >> 30) != 0; /* three sets to a remove */
		if (step > STEPS / 2)
			model[k] = !model[k]; /* and the other way round */
		value = model[k] ? table_set(t, table_key_u64(&k), &values[k]) : table_remove(t, table_key_u64(&k));
		assert_ptr_equal(value, had ? &values[k] : NULL);
		count = count - had + (size_t)model[k];
		assert_int_equal(table_count(t), count);
		assert_ptr_equal(table_get(t, table_key_u64(&k)), model[k] ? &values[k] : NULL);
	}
	while (table_next(t, &at, &key, &value)) {
		uint64_t k;

		assert_int_equal(key.n, sizeof(k));
		memcpy(&k, key.p, sizeof(k));
		assert_ptr_equal(value, &values[k]);
		assert_int_equal(model[k], 1);
		model[k] = 0;
		seen++;
	}
	assert_int_equal(seen, count);
	table_free(&t);
}

static void a_walk_may_remove_what_it_stands_on(void **unused)
{
	struct table *t = table_new();
	static char values[KEYS];
	size_t at = 0, seen = 0;
	struct str key;
	void *value;

	(void)unused;
	assert_false(table_next(t, &at, &key, &value));
	for (uint64_t k = 0; k < KEYS; k++)
		table_set(t, table_key_u64(&k), &values[k]);
	while (table_next(t, &at, &key, &value)) {
		assert_ptr_equal(table_remove(t, key), value);
		seen++;
	}
	assert_int_equal(seen, KEYS);
	assert_int_equal(table_count(t), 0);
	table_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(siphash_matches_another_implementation),
		cmocka_unit_test(the_key_counts_and_the_hash_is_stable_in_a_process),
		cmocka_unit_test(values_are_stored_replaced_and_removed),
		cmocka_unit_test(keys_are_copied),
		cmocka_unit_test(a_random_run_agrees_with_an_array),
		cmocka_unit_test(a_walk_may_remove_what_it_stands_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
