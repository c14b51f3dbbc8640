/* Sync's odd forms over a real connection: bounds that are named, windows over several folders, Supported, Conflict, key 0. */
#include "sync_fixture.h"

#include <gateway/activesync/sync_request.h>
#include <gateway/mailbox/empty.h>

static struct str many_collections(struct fixture *f, unsigned n)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(1 << 20);
	struct str whole;

	buf_cstr(&text, HEAD "45 5C ");
	for (unsigned i = 0; i < n; i++)
		buf_fmt(&text, "4F 4B 03 '1' 00 01 52 03 '%u' 00 01 01 ", 1000 + i);
	buf_fmt(&text, "01 01%c", '\0');
	assert_ok(buf_status(&text));
	whole = doc(f, "%s", text.p);
	return whole;
}

/* MS-ASCMD_R4464: Status 15 and the number that may be. */
/* MS-ASCMD_R3231 */
static void more_collections_than_may_be_names_the_number(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	fixture_learn_hierarchy(&f);
	r = eas_phone_ask(&f.phone, "Sync", many_collections(&f, EAS_SYNC_MAX_COLLECTIONS + 1));
	assert_xml(r, "<Sync xmlns=\"AirSync\"><Status>15</Status><Limit>1000</Limit></Sync>");
	r = eas_phone_ask(&f.phone, "Sync", many_collections(&f, EAS_SYNC_MAX_COLLECTIONS));
	assert_int_equal(eas_reply_count(&r, "Collection"), EAS_SYNC_MAX_COLLECTIONS);
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("12"))); /* none of them is there */
}

enum { WINDOW_UNSAID = 100 };
enum { FOLDERS = 3, MAILS = 3, ALL = 4, EACH = 2, ROUNDS_MAX = 20 };

struct shelf {
	int64_t folder;
	const char *key;
	unsigned got;
};

static char *ask_shelf(struct fixture *f, const struct shelf *s)
{
	return commands(f, "4F 4B 03 '%s' 00 01 52 03 '%lld' 00 01 55 03 '%d' 00 01 01", s->key, (long long)s->folder,
			EACH);
}

/* A collection of the answer belongs to its shelf; ret: how many Adds it brings. */
static unsigned take_collection(struct fixture *f, struct shelf *shelves, struct str xml)
{
	struct eas_reply one = { .xml = xml };
	struct str id = eas_reply_text(&one, "CollectionId", 0);
	unsigned adds = (unsigned)eas_reply_count(&one, "Add");
	uint64_t folder;

	assert_ok(str_to_u64(id, INT64_MAX, &folder));
	for (unsigned i = 0; i < FOLDERS; i++)
		if (shelves[i].folder == (int64_t)folder) {
			shelves[i].key = key_of(f, &one);
			shelves[i].got += adds;
		}
	assert_true(adds <= EACH);
	assert_int_equal(has_more(&one), shelves[folder - (uint64_t)shelves[0].folder].got < MAILS);
	return adds;
}

/* MS-ASCMD_R4768: a window for all of them, and one for each. Nothing is passed over, and nothing comes twice. */
/* MS-ASCMD_R4782 */
static void a_window_is_shared_by_the_collections(void **unused)
{
	FIXTURE(f);
	struct shelf shelves[FOLDERS];
	unsigned rounds = 0, got = 0;

	(void)unused;
	for (unsigned i = 0; i < FOLDERS; i++) {
		const char name[] = { 'F', (char)('0' + i), '\0' };

		shelves[i] = (struct shelf){ .folder = fixture_add_folder(&f, name, FOLDER_MAIL, FOLDER_ROOT) };
		assert_int_equal(shelves[i].folder, shelves[0].folder + i);
		for (unsigned k = 0; k < MAILS; k++)
			fixture_add_item(&f, shelves[i].folder, STORE_NOBODY);
		shelves[i].key = first_key(&f, shelves[i].folder);
	}
	for (; got < FOLDERS * MAILS; rounds++) {
		struct eas_reply r;
		unsigned now = 0;
		struct str rest;

		assert_true(rounds < ROUNDS_MAX);
		r = eas_phone_ask(&f.phone, "Sync",
				  doc(&f, HEAD "45 5C %s %s %s 01 55 03 '%d' 00 01 01", ask_shelf(&f, &shelves[0]),
				      ask_shelf(&f, &shelves[1]), ask_shelf(&f, &shelves[2]), ALL));
		rest = r.xml;
		for (size_t at; (at = str_find(rest, S("<Collection>"))) < rest.n;) {
			size_t to = str_find(rest, S("</Collection>"));

			now += take_collection(&f, shelves, str_slice(rest, at, to));
			rest = str_slice(rest, to + 1, rest.n);
		}
		assert_in_range(now, 1, ALL);
		got += now;
	}
	for (unsigned i = 0; i < FOLDERS; i++)
		assert_int_equal(shelves[i].got, MAILS);
}

static void fill(struct fixture *f, int64_t folder, unsigned n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct item made;

	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_WRITE, &tx));
	for (unsigned i = 0; i < n; i++)
		assert_ok(item_add(tx, &(struct item_new){ .folder = folder, .key = SERVER_NOW_MS }, &made));
	assert_ok(store_commit(&tx));
}

static unsigned gone_of(struct fixture *f, int64_t folder, const char **key, const char *more, bool *ret_more)
{
	struct eas_reply r = sync_with(f, folder, *key, more);

	*key = key_of(f, &r);
	*ret_more = has_more(&r);
	return (unsigned)(eas_reply_count(&r, "SoftDelete") + eas_reply_count(&r, "Delete"));
}

/* MS-ASCMD_R4771, MS-ASCMD_R3456, MS-ASCMD_R4767: what goes counts as what comes does, by the filter and by a hand. */
static void what_goes_keeps_to_the_window_too(void **unused)
{
	static const char filtered[] = "55 03 '%u' 00 01 57 58 03 '%u' 00 01 01";
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), folder;
	const char *key = first_key(&f, inbox);
	struct emptied emptied;
	struct eas_reply r;
	size_t adds;
	bool more;

	(void)unused;
	deliver_n(&f, 5);
	r = sync_with(&f, inbox, key, commands(&f, filtered, 100, 2));
	key = key_of(&f, &r);
	clock_fake_advance(&f.server.clock, (int64_t)4 * 24 * 3600 * 1000);
	for (unsigned left = 5; left; left -= left < 2 ? left : 2) {
		assert_int_equal(gone_of(&f, inbox, &key, commands(&f, filtered, 2, 2), &more), left < 2 ? left : 2);
		assert_int_equal(more, left > 2);
	}
	folder = fixture_add_folder(&f, "Full", FOLDER_MAIL, FOLDER_ROOT);
	fill(&f, folder, WINDOW_UNSAID + 1);
	r = sync_with(&f, folder, first_key(&f, folder), "");
	assert_int_equal(eas_reply_count(&r, "Add"), WINDOW_UNSAID);
	assert_true(has_more(&r));
	key = sync_all(&f, folder, key_of(&f, &r), &adds);
	assert_int_equal(adds, 1);
	assert_ok(mailbox_empty(f.server.store, f.ann.mailbox, folder, false, &emptied));
	assert_int_equal(gone_of(&f, folder, &key, "", &more), WINDOW_UNSAID);
	assert_true(more);
	assert_int_equal(gone_of(&f, folder, &key, "", &more), 1);
	assert_false(more);
}

/* MS-ASCMD 2.2.3.179: what stands there is read and, for mail, means nothing. */
static void supported_is_taken_with_key_0(void **unused)
{
	static const char *const forms[] = { "20", "60 00 02 15 16 00 00 01" };
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);

	(void)unused;
	deliver_n(&f, 1);
	for (size_t i = 0; i < countof(forms); i++) {
		struct eas_reply r = sync_with(&f, inbox, "0", forms[i]);
		size_t adds;

		assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
		(void)sync_all(&f, inbox, key_of(&f, &r), &adds);
		assert_int_equal(adds, 1);
	}
}

/*
 * MS-ASCMD 2.2.3.34: who wins where both changed an item. Of mail only marks can be changed, and marks of both sides are
 * merged: neither setting loses one (rule 10 of docs/sync.md).
 */
static void marks_of_both_sides_are_merged_whoever_is_to_win(void **unused)
{
	static const char *const settings[] = { "57 5B 03 '0' 00 01 01", "57 5B 03 '1' 00 01 01" };

	(void)unused;
	for (size_t i = 0; i < countof(settings); i++) {
		FIXTURE(f);
		int64_t inbox = fixture_role(&f, FOLDER_INBOX), id;
		const char *key;
		struct eas_reply r;
		struct item item;
		size_t adds;

		deliver_n(&f, 1);
		id = only_item(&f, inbox);
		key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
		fixture_read_item(&f, inbox, id);
		r = sync_with(&f, inbox, key,
			      commands(&f,
				       "%s 56 48 4D 03 '%lld:%lld' 00 01 5D 00 02 7A 7B 03 '2' 00 01 "
				       "7D 03 'for Follow Up' 00 01 01 01 00 00 01 01",
				       settings[i], (long long)inbox, (long long)id));
		assert_int_equal(eas_reply_count(&r, "Responses"), 0);
		assert_true(str_eq(eas_reply_text(&r, "email:Read", 0), S("1")));
		item = item_of(&f, inbox, id);
		assert_int_equal(item.flags & (ITEM_SEEN | ITEM_FLAGGED), ITEM_SEEN | ITEM_FLAGGED);
	}
}

/* Rule 6: key 0 again is the same beginning, and the former key is good until the new one is shown. */
static void key_0_twice_is_one_beginning(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	const char *former, *first, *again;
	struct eas_reply r;
	size_t adds;

	(void)unused;
	deliver_n(&f, 2);
	former = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	first = first_key(&f, inbox);
	again = first_key(&f, inbox);
	assert_string_equal(first, again);
	assert_string_not_equal(first, former);
	r = sync_with(&f, inbox, former, "");
	assert_int_equal(r.body.n, 0);
	r = sync_with(&f, inbox, first, "");
	assert_int_equal(eas_reply_count(&r, "Add"), 2);
	r = sync_with(&f, inbox, former, "");
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("3")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(more_collections_than_may_be_names_the_number),
		cmocka_unit_test(a_window_is_shared_by_the_collections),
		cmocka_unit_test(what_goes_keeps_to_the_window_too),
		cmocka_unit_test(supported_is_taken_with_key_0),
		cmocka_unit_test(marks_of_both_sides_are_merged_whoever_is_to_win),
		cmocka_unit_test(key_0_twice_is_one_beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
