/* Sync requests as values: what reading them costs. What they mean is asked over a connection (test_sync.c). */
#include <gateway/activesync/sync_request.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { ARENA_BYTES = 1024 * 1024 };

static void put_collection(struct wbxml_writer *w, unsigned id)
{
	wbxml_open(w, TAG_AIRSYNC_COLLECTION);
	wbxml_put_u64(w, TAG_AIRSYNC_SYNCKEY, 1);
	wbxml_put_u64(w, TAG_AIRSYNC_COLLECTIONID, id);
	wbxml_empty(w, TAG_AIRSYNC_COMMANDS);
	wbxml_close(w, TAG_AIRSYNC_COLLECTION);
}

/* A request of that many collections, each with an empty Commands. */
static enum eas_sync_status parse_collections(unsigned n, struct eas_sync_request *ret)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(ARENA_BYTES);
	CLEANUP(buf_release) struct buf bytes = BUF_INIT(ARENA_BYTES);
	enum eas_sync_status status;
	struct wbxml_writer w;
	struct wbxml_reader r;
	struct wbxml_scope root;

	wbxml_writer_init(&w, &bytes);
	wbxml_open(&w, TAG_AIRSYNC_SYNC);
	wbxml_open(&w, TAG_AIRSYNC_COLLECTIONS);
	for (unsigned i = 0; i < n; i++)
		put_collection(&w, i + 1);
	wbxml_close(&w, TAG_AIRSYNC_COLLECTIONS);
	wbxml_close(&w, TAG_AIRSYNC_SYNC);
	assert_int_equal(wbxml_writer_end(&w), ERR_OK);
	wbxml_reader_init(&r, buf_view(&bytes));
	assert_int_equal(wbxml_root(&r, TAG_AIRSYNC_SYNC), ERR_OK);
	root = wbxml_enter(&r);
	assert_int_equal(eas_sync_parse(&r, &root, &arena, ret, &status), ERR_OK);
	return status;
}

/* Room for commands is made once a request, not once a collection. MS-ASCMD_R4464: one more than the limit. */
static void as_many_collections_as_there_may_be_are_read_in_little_memory(void **unused)
{
	struct eas_sync_request q;

	(void)unused;
	assert_int_equal(parse_collections(EAS_SYNC_MAX_COLLECTIONS, &q), EAS_SYNC_OK);
	assert_int_equal(q.collections_n, EAS_SYNC_MAX_COLLECTIONS);
	assert_int_equal(parse_collections(EAS_SYNC_MAX_COLLECTIONS + 1, &q), EAS_SYNC_TOO_MANY_COLLECTIONS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_many_collections_as_there_may_be_are_read_in_little_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
