/*
 * Sync requests as values: what is read of them, their limits, and what reading them costs. What they mean is asked over
 * a connection (test_sync.c).
 */
#include <gateway/activesync/sync_request.h>
#include <tests/support/hex.h>

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
	assert_int_equal(eas_sync_parse(&r, &root, &arena, EAS_16_1, ret, &status), ERR_OK);
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

/*
 * Page 00: 45 Sync, 47 Add, 48 Change, 49 Delete, 4A Fetch, 4B SyncKey, 4C ClientId, 4D ServerId, 4F Collection,
 * 50 Class, 52 CollectionId, 53 GetChanges (13 empty), 55 WindowSize, 56 Commands, 5C Collections, 5D ApplicationData,
 * 5E DeletesAsMoves. Page 02 (Email): 55 Read, 7A Flag, 3A Flag without content.
 */
#define HEAD "03 01 6A 00 "
#define TEXT(token, v) token " 03 '" v "' 00 01 "
#define COLLECTION(key, id, more) "4F " TEXT("4B", key) TEXT("52", id) more "01 "
#define SYNC(collections, more) HEAD "45 5C " collections "01 " more "01"
#define X16 "xxxxxxxxxxxxxxxx"
#define X64 X16 X16 X16 X16

struct request {
	struct arena arena;
	struct eas_sync_request q;
	enum eas_sync_status status;
};

static void request_release(struct request *rq)
{
	arena_release(&rq->arena);
}

static void request_parse(struct request *ret, const char *text)
{
	struct wbxml_scope root;
	struct wbxml_reader r;

	ret->arena = ARENA_INIT(ARENA_BYTES);
	wbxml_reader_init(&r, hex(&ret->arena, text));
	assert_int_equal(wbxml_root(&r, TAG_AIRSYNC_SYNC), ERR_OK);
	root = wbxml_enter(&r);
	assert_int_equal(eas_sync_parse(&r, &root, &ret->arena, EAS_16_1, &ret->q, &ret->status), ERR_OK);
}

/* MS-ASCMD R959, R2036, R3931, R4604: 64 characters. */
static void an_id_has_sixty_four_characters_at_most(void **unused)
{
	static const struct {
		const char *what, *doc;
		enum eas_sync_status status;
	} cases[] = {
		{ "SyncKey", SYNC(COLLECTION(X64, "1", ""), ""), EAS_SYNC_OK },
		{ "SyncKey of one more", SYNC(COLLECTION(X64 "x", "1", ""), ""), EAS_SYNC_MALFORMED },
		{ "CollectionId", SYNC(COLLECTION("7", X64, ""), ""), EAS_SYNC_OK },
		{ "CollectionId of one more", SYNC(COLLECTION("7", X64 "x", ""), ""), EAS_SYNC_MALFORMED },
		{ "ServerId", SYNC(COLLECTION("7", "1", "56 49 " TEXT("4D", X64) "01 01 "), ""), EAS_SYNC_OK },
		{ "ServerId of one more", SYNC(COLLECTION("7", "1", "56 49 " TEXT("4D", X64 "x") "01 01 "), ""),
		  EAS_SYNC_MALFORMED },
		{ "ClientId", SYNC(COLLECTION("7", "1", "56 47 " TEXT("4C", X64) "1D 01 01 "), ""), EAS_SYNC_OK },
		{ "ClientId of one more", SYNC(COLLECTION("7", "1", "56 47 " TEXT("4C", X64 "x") "1D 01 01 "), ""),
		  EAS_SYNC_MALFORMED },
		{ "no SyncKey", SYNC("4F " TEXT("52", "1") "01 ", ""), EAS_SYNC_MALFORMED },
		{ "an empty SyncKey", SYNC("4F 0B " TEXT("52", "1") "01 ", ""), EAS_SYNC_MALFORMED },
		{ "an empty CollectionId", SYNC("4F " TEXT("4B", "7") "12 01 ", ""), EAS_SYNC_MALFORMED },
		{ "an empty ServerId", SYNC(COLLECTION("7", "1", "56 49 0D 01 01 "), ""), EAS_SYNC_MALFORMED },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(request_release) struct request rq;

		request_parse(&rq, cases[i].doc);
		if (rq.status != cases[i].status)
			fail_msg("%s: %d", cases[i].what, (int)rq.status);
	}
}

/* MS-ASCMD R4767, R4768: of a collection 100 where none is named; 0, and what is above 512, are 512. */
static void a_window_is_brought_within_its_limits(void **unused)
{
	static const struct {
		const char *what, *doc;
		enum eas_sync_status status;
		unsigned collection, request;
	} cases[] = {
		{ "none", SYNC(COLLECTION("7", "1", ""), ""), EAS_SYNC_OK, 100, 512 },
		{ "0", SYNC(COLLECTION("7", "1", TEXT("55", "0")), TEXT("55", "0")), EAS_SYNC_OK, 512, 512 },
		{ "1", SYNC(COLLECTION("7", "1", TEXT("55", "1")), TEXT("55", "1")), EAS_SYNC_OK, 1, 1 },
		{ "511", SYNC(COLLECTION("7", "1", TEXT("55", "511")), TEXT("55", "511")), EAS_SYNC_OK, 511, 511 },
		{ "512", SYNC(COLLECTION("7", "1", TEXT("55", "512")), TEXT("55", "512")), EAS_SYNC_OK, 512, 512 },
		{ "513", SYNC(COLLECTION("7", "1", TEXT("55", "513")), TEXT("55", "513")), EAS_SYNC_OK, 512, 512 },
		{ "the largest", SYNC(COLLECTION("7", "1", TEXT("55", "2147483647")), ""), EAS_SYNC_OK, 512, 512 },
		{ "one more", SYNC(COLLECTION("7", "1", TEXT("55", "2147483648")), ""), EAS_SYNC_MALFORMED, 0, 0 },
		{ "a word", SYNC(COLLECTION("7", "1", TEXT("55", "all")), ""), EAS_SYNC_MALFORMED, 0, 0 },
		{ "an empty one", SYNC(COLLECTION("7", "1", "15 "), ""), EAS_SYNC_MALFORMED, 0, 0 },
		{ "a negative one of the request", SYNC(COLLECTION("7", "1", ""), TEXT("55", "-1")), EAS_SYNC_MALFORMED,
		  0, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(request_release) struct request rq;

		request_parse(&rq, cases[i].doc);
		if (rq.status != cases[i].status || (!rq.status && (rq.q.collections[0].window != cases[i].collection ||
								    rq.q.window != cases[i].request)))
			fail_msg("%s: %d", cases[i].what, (int)rq.status);
	}
}

/* MS-ASCMD R5555, R5556, R3126, R3127. With key 0 the element is not looked at: phones send it, against R3128. */
static void changes_are_wanted_but_with_key_0(void **unused)
{
	static const struct {
		const char *what, *doc;
		bool get_changes;
	} cases[] = {
		{ "key 0", SYNC(COLLECTION("0", "1", ""), ""), false },
		{ "key 0, no", SYNC(COLLECTION("0", "1", TEXT("53", "0")), ""), false },
		{ "key 0, yes", SYNC(COLLECTION("0", "1", TEXT("53", "1")), ""), false },
		{ "key 0, empty", SYNC(COLLECTION("0", "1", "13 "), ""), false },
		{ "another key", SYNC(COLLECTION("7", "1", ""), ""), true },
		{ "another key, no", SYNC(COLLECTION("7", "1", TEXT("53", "0")), ""), false },
		{ "another key, yes", SYNC(COLLECTION("7", "1", TEXT("53", "1")), ""), true },
		{ "another key, empty", SYNC(COLLECTION("7", "1", "13 "), ""), true },
		{ "no, before another key", SYNC("4F " TEXT("53", "0") TEXT("4B", "7") TEXT("52", "1") "01 ", ""),
		  false },
		{ "a key that begins with 0", SYNC(COLLECTION("01", "1", ""), ""), true },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(request_release) struct request rq;

		request_parse(&rq, cases[i].doc);
		if (rq.status || rq.q.collections[0].get_changes != cases[i].get_changes)
			fail_msg("%s: %d", cases[i].what, (int)rq.status);
	}
}

#define CHANGE(inside) SYNC(COLLECTION("7", "1", "56 48 " inside "01 01 "), "")
#define READ_IT CHANGE(TEXT("4D", "1:2") "5D 00 02 " TEXT("55", "1") "01 00 00 ")

/* A command that comes again is known by this form, however the phone wrote it. */
static void one_command_has_one_canonical_form(void **unused)
{
	static const struct {
		const char *what, *doc;
		bool same;
	} cases[] = {
		{ "itself", READ_IT, true },
		{ "with an opaque for a string", CHANGE(TEXT("4D", "1:2") "5D 00 02 55 C3 01 '1' 01 01 00 00 "), true },
		{ "with a page named that is the page",
		  CHANGE("00 00 " TEXT("4D", "1:2") "5D 00 02 " TEXT("55", "1") "01 00 00 "), true },
		{ "another item", CHANGE(TEXT("4D", "1:3") "5D 00 02 " TEXT("55", "1") "01 00 00 "), false },
		{ "another value", CHANGE(TEXT("4D", "1:2") "5D 00 02 " TEXT("55", "0") "01 00 00 "), false },
		{ "another element", CHANGE(TEXT("4D", "1:2") "5D 00 02 " TEXT("54", "1") "01 00 00 "), false },
		{ "no value", CHANGE(TEXT("4D", "1:2") "5D 00 02 15 01 00 00 "), false },
		{ "one element more", CHANGE(TEXT("4D", "1:2") "5D 00 02 " TEXT("55", "1") "3A 01 00 00 "), false },
		{ "the same in another order", CHANGE("5D 00 02 " TEXT("55", "1") "01 00 00 " TEXT("4D", "1:2")),
		  false },
	};
	CLEANUP(request_release) struct request first;

	(void)unused;
	request_parse(&first, READ_IT);
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(request_release) struct request rq;

		request_parse(&rq, cases[i].doc);
		if (rq.status || str_eq(rq.q.collections[0].commands[0].canonical,
					first.q.collections[0].commands[0].canonical) != cases[i].same)
			fail_msg("%s: %d", cases[i].what, (int)rq.status);
	}
}

/* The commands of one collection are not those of the next; Commands twice is one list. */
static void each_collection_has_its_commands(void **unused)
{
	CLEANUP(request_release) struct request rq;

	(void)unused;
	request_parse(&rq, SYNC(COLLECTION("7", "1", "56 49 " TEXT("4D", "1:1") "01 4A " TEXT("4D", "1:2") "01 01 ")
					COLLECTION("7", "2", "") COLLECTION(
						"7", "3",
						"56 49 " TEXT("4D", "3:1") "01 01 56 49 " TEXT("4D", "3:2") "01 01 "),
				""));
	assert_int_equal(rq.status, EAS_SYNC_OK);
	assert_int_equal(rq.q.collections_n, 3);
	assert_int_equal(rq.q.collections[0].commands_n, 2);
	assert_int_equal(rq.q.collections[0].commands[0].kind, EAS_SYNC_DELETE);
	assert_int_equal(rq.q.collections[0].commands[1].kind, EAS_SYNC_FETCH);
	assert_int_equal(rq.q.collections[1].commands_n, 0);
	assert_int_equal(rq.q.collections[2].commands_n, 2);
	assert_true(str_eq(rq.q.collections[2].commands[0].id, S("3:1")));
	assert_true(str_eq(rq.q.collections[2].commands[1].id, S("3:2")));
	assert_true(str_eq(rq.q.collections[0].commands[1].id, S("1:2")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_many_collections_as_there_may_be_are_read_in_little_memory),
		cmocka_unit_test(an_id_has_sixty_four_characters_at_most),
		cmocka_unit_test(a_window_is_brought_within_its_limits),
		cmocka_unit_test(changes_are_wanted_but_with_key_0),
		cmocka_unit_test(one_command_has_one_canonical_form),
		cmocka_unit_test(each_collection_has_its_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
