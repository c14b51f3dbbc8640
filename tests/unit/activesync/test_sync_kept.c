/* Kept Sync requests as bytes, and what a request means that leaves things out. */
#include <gateway/activesync/sync_kept.h>

#include <base/mem.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static struct eas_sync_collection inbox(void)
{
	struct eas_sync_collection c = {
		.id = S("1"), .key = S("41"), .get_changes = true, .window = 25, .has_options = true
	};

	c.options = eas_options_default;
	c.options.filter = 3;
	c.options.body[BODY_HTML] = (struct body_preference){ .asked = true, .truncation = 32768, .preview = 140 };
	return c;
}

static struct eas_sync_collection sent(void)
{
	return (struct eas_sync_collection){ .id = S("4"),
					     .key = S("0"),
					     .deletes_as_moves = true,
					     .has_conversation_mode = true,
					     .conversation_mode = true,
					     .window = 512 };
}

static void assert_same(const struct eas_sync_request *a, const struct eas_sync_request *b)
{
	struct buf x = BUF_INIT(EAS_SYNC_KEPT_BYTES), y = BUF_INIT(EAS_SYNC_KEPT_BYTES);

	eas_sync_keep(&x, a);
	eas_sync_keep(&y, b);
	assert_true(str_eq(buf_view(&x), buf_view(&y)));
	buf_release(&x);
	buf_release(&y);
}

static void a_request_comes_back_as_it_was_kept(void **unused)
{
	struct eas_sync_collection list[] = { inbox(), sent() };
	const struct eas_sync_request q = { .collections = list,
					    .collections_n = 2,
					    .has_window = true,
					    .window = 50,
					    .has_hold = true,
					    .hold_s = 600,
					    .hold_in_minutes = true };
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 20);
	CLEANUP(buf_release) struct buf kept = BUF_INIT(EAS_SYNC_KEPT_BYTES);
	struct eas_sync_request got;

	(void)unused;
	eas_sync_keep(&kept, &q);
	assert_int_equal(eas_sync_recall(&a, buf_view(&kept), &got), ERR_OK);
	assert_same(&q, &got);
	assert_int_equal(got.collections_n, 2);
	assert_true(str_eq(got.collections[0].key, S("41")));
	assert_true(got.collections[0].get_changes && !got.collections[0].deletes_as_moves);
	assert_int_equal(got.collections[0].options.body[BODY_HTML].truncation, 32768);
	assert_true(got.collections[1].conversation_mode && !got.collections[1].has_options);
	assert_true(got.has_hold && got.hold_in_minutes && got.hold_s == 600 && got.window == 50);
}

/* Every prefix, and every byte changed: an error, or a request within its limits that is kept again as it is. */
static void damage_is_noticed_or_harmless(void **unused)
{
	struct eas_sync_collection list[] = { inbox(), sent() };
	const struct eas_sync_request q = { .collections = list, .collections_n = 2, .window = 512 };
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 20);
	CLEANUP(buf_release) struct buf kept = BUF_INIT(EAS_SYNC_KEPT_BYTES);
	struct eas_sync_request got;

	(void)unused;
	eas_sync_keep(&kept, &q);
	for (size_t n = 0; n < kept.n; n++)
		assert_int_equal(eas_sync_recall(&a, str_slice(buf_view(&kept), 0, n), &got), ERR_CORRUPT);
	buf_char(&kept, 0);
	assert_int_equal(eas_sync_recall(&a, buf_view(&kept), &got), ERR_CORRUPT);
	buf_truncate(&kept, kept.n - 1);
	for (size_t i = 0; i < kept.n; i++) {
		for (unsigned flip = 1; flip < 256; flip++) {
			kept.p[i] = (char)(kept.p[i] ^ (char)flip);
			arena_reset(&a);
			if (eas_sync_recall(&a, buf_view(&kept), &got) == ERR_OK) {
				assert_in_range(got.collections_n, 1, EAS_SYNC_MAX_COLLECTIONS);
				for (size_t k = 0; k < got.collections_n; k++)
					assert_in_range(got.collections[k].window, 1, EAS_SYNC_MAX_WINDOW);
			}
			kept.p[i] = (char)(kept.p[i] ^ (char)flip);
		}
	}
}

/* MS-ASCMD_R3643, R3644: what is named stands in place of the former, what is not stays. */
static void a_partial_replaces_what_it_names(void **unused)
{
	struct eas_sync_collection former_list[] = { inbox(), sent() };
	struct eas_sync_collection newer = { .id = S("4"), .key = S("77"), .window = 100 };
	struct eas_sync_collection another = { .id = S("9"), .key = S("0"), .window = 100 };
	struct eas_sync_collection asked[] = { newer, another };
	const struct eas_sync_request former = {
		.collections = former_list, .collections_n = 2, .window = 512, .has_hold = true, .hold_s = 600
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 20);
	struct eas_sync_request got;

	(void)unused;
	assert_int_equal(eas_sync_merge(&a, &former,
					&(struct eas_sync_request){ .collections = asked, .collections_n = 2 }, &got),
			 ERR_OK);
	assert_int_equal(got.collections_n, 3);
	assert_true(str_eq(got.collections[0].key, S("41")));
	assert_int_equal(got.collections[0].window, 25);
	assert_true(str_eq(got.collections[1].key, S("77")));
	assert_false(got.collections[1].conversation_mode);
	assert_true(str_eq(got.collections[2].id, S("9")));
	assert_true(got.has_hold && got.hold_s == 600);
	assert_true(str_eq(former_list[1].key, S("0"))); /* the former is not touched */

	assert_int_equal(
		eas_sync_merge(&a, &former,
			       &(struct eas_sync_request){ .has_hold = true, .hold_s = 60, .hold_in_minutes = true },
			       &got),
		ERR_OK);
	assert_true(got.hold_s == 60 && got.hold_in_minutes && got.collections_n == 2);
	assert_int_equal(
		eas_sync_merge(&a, &former, &(struct eas_sync_request){ .has_window = true, .window = 7 }, &got),
		ERR_OK);
	assert_true(got.has_window && got.window == 7 && got.hold_s == 600);
}

/* MS-ASCMD_R4464: 1000 collections in all, and one more. */
static void a_partial_does_not_pass_the_limit(void **unused)
{
	struct eas_sync_collection *list = mem_array(EAS_SYNC_MAX_COLLECTIONS, sizeof(*list));
	struct eas_sync_collection one = { .id = S("new"), .key = S("0"), .window = 1 };
	struct eas_sync_request former = { .collections = list, .collections_n = EAS_SYNC_MAX_COLLECTIONS - 1 };
	const struct eas_sync_request q = { .collections = &one, .collections_n = 1 };
	CLEANUP(arena_release) struct arena a = ARENA_INIT(16 << 20);
	struct eas_sync_request got;

	(void)unused;
	for (size_t i = 0; i < EAS_SYNC_MAX_COLLECTIONS; i++)
		list[i] = (struct eas_sync_collection){ .id = S("old"), .key = S("1"), .window = 1 };
	assert_int_equal(eas_sync_merge(&a, &former, &q, &got), ERR_OK);
	assert_int_equal(got.collections_n, EAS_SYNC_MAX_COLLECTIONS);
	former.collections_n++;
	assert_int_equal(eas_sync_merge(&a, &former, &q, &got), ERR_LIMIT);
	free(list);
}

/* The longest request of all fits what it is kept in for a hold. */
static void the_longest_request_can_be_kept(void **unused)
{
	static const char text[EAS_SYNC_MAX_ID_CHARS + 1] =
		"0123456789012345678901234567890123456789012345678901234567890123";
	struct eas_sync_collection *list = mem_array(EAS_SYNC_MAX_COLLECTIONS, sizeof(*list));
	const struct eas_sync_request q = { .collections = list,
					    .collections_n = EAS_SYNC_MAX_COLLECTIONS,
					    .window = 1 };
	CLEANUP(buf_release) struct buf kept = BUF_INIT(EAS_SYNC_KEPT_BYTES);

	(void)unused;
	for (size_t i = 0; i < EAS_SYNC_MAX_COLLECTIONS; i++)
		list[i] = (struct eas_sync_collection){
			.id = str_of(text), .key = str_of(text), .window = 1, .has_options = true
		};
	eas_sync_keep(&kept, &q);
	assert_int_equal(buf_status(&kept), ERR_OK);
	free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_comes_back_as_it_was_kept),
		cmocka_unit_test(damage_is_noticed_or_harmless),
		cmocka_unit_test(a_partial_replaces_what_it_names),
		cmocka_unit_test(a_partial_does_not_pass_the_limit),
		cmocka_unit_test(the_longest_request_can_be_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
