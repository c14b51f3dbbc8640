/* Search and Find in folders of others: what is found there, what of it is private, and what becomes of its names. */
#include "shared_fixture.h"

#include <gateway/mailbox/entry.h>

#define PRIVATE "CLASS:PRIVATE\r\n"
#define CARD "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:c1\r\nFN:Zoe Hen\r\nN:Hen;Zoe;;;\r\nCLASS:PRIVATE\r\nEND:VCARD\r\n"

static const char *const versions[] = { "12.0", "12.1", "14.0", "14.1", "16.0", "16.1" };

/* A Search of the mailbox: what stands in And behind the class, as hex, and what stands in Options. */
static struct eas_reply search(struct shared *s, const char *class, const char *more, const char *options)
{
	return eas_phone_ask(&s->f.phone, "Search",
			     doc(&s->f,
				 HEAD "00 0F 45 47 48 03 'Mailbox' 00 01 49 53 00 00 50 03 '%s' 00 01 %s 01 01 00 0F "
				      "%s 01 01",
				 class, more, options));
}

static char *in(struct shared *s, int64_t folder)
{
	return commands(&s->f, "00 00 52 03 '%lld' 00 01 00 0F ", (long long)folder);
}

static char *in_with(struct shared *s, int64_t folder, const char *words)
{
	return commands(&s->f, "00 00 52 03 '%lld' 00 01 00 0F 55 03 '%s' 00 01 ", (long long)folder, words);
}

static struct eas_reply fetch_long(struct shared *s, const char *long_id)
{
	return eas_phone_ask(
		&s->f.phone, "ItemOperations",
		doc(&s->f, HEAD "00 14 45 46 47 03 'Mailbox' 00 01 00 0F 58 03 '%s' 00 01 01 01", long_id));
}

static void expect(const struct eas_reply *r, const char *what, const char *text)
{
	if (!holds(r, text))
		fail_msg("%s has no %s: " STR_FMT, what, text, STR_ARG(r->xml));
}

/* Into a folder of bob's, now. */
static void put_now(struct shared *s, int64_t folder, const char *octets)
{
	const struct server_account ann = s->f.ann;

	s->f.ann = s->bob;
	put_octets(&s->f, folder, octets);
	s->f.ann = ann;
}

static void share_again(struct shared *s, int64_t folder)
{
	share_with(s, folder, false);
	fixture_learn_hierarchy(&s->f);
}

/* Its LongId is its ServerId, by which it is fetched; a number alone is of the own mailbox. */
static void what_is_shared_is_found_where_it_is_named(void **state)
{
	SHARED(s);
	const int64_t item = put_event(&s, EVENT_OF("one", "")), mount = share_calendar(&s, false);
	const char *const id = name_of(&s, mount, item);

	(void)state;
	for (size_t v = 0; v < countof(versions); v++) {
		struct eas_reply r;

		s.f.phone.version = versions[v];
		r = search(&s, "Calendar", in_with(&s, mount, "LUNCH"), "");
		assert_element(&r, "Total", "1");
		assert_element(&r, "LongId", id);
		assert_element(&r, "CollectionId", commands(&s.f, "%lld", (long long)mount));
		assert_element(&r, "Subject", "one lunch");
		r = fetch_long(&s, id);
		expect(&r, versions[v], commands(&s.f, "<search:LongId>%s</search:LongId>", id));
		assert_element(&r, "Subject", "one lunch");
		r = fetch_long(&s, commands(&s.f, "%lld:%lld", (long long)s.calendar, (long long)item));
		assert_element(&r, "Status", "6");
		r = search(&s, "Email", in_with(&s, mount, "lunch"), ""); /* of a class that is not there */
		assert_element(&r, "Total", "0");
	}
	put_event(&s, EVENT_OF("two", ""));
	struct eas_reply r = search(&s, "Calendar", in_with(&s, mount, "lunch"), "");
	assert_element(&r, "Total", "2");
}

static void contacts_that_are_shared_are_found(void **state)
{
	SHARED(s);
	int64_t contacts = role_of(&s.f, s.bob.mailbox, FOLDER_DEFAULT_CONTACTS), mount;
	struct eas_reply r;

	(void)state;
	put_now(&s, contacts, CARD); /* no phone says of a contact that it is private, and a guest is shown it */
	share_again(&s, contacts);
	mounts_of(&s, &mount);
	r = search(&s, "Contacts", in_with(&s, mount, "zoe"), "");
	assert_element(&r, "Total", "1");
	assert_element(&r, "LastName", "Hen");
}

/* Nor is it found by what it is not. */
static void what_is_private_is_found_by_no_words_of_it(void **state)
{
	static const char *const words[] = { "lunch", "secret", "carl", "lunch OR secret", "NOT zebra", "size>1" };
	SHARED(s);
	const int64_t item = put_event(&s, EVENT_OF("secret", PRIVATE));
	const int64_t mount = (put_event(&s, EVENT_OF("open", "")), share_calendar(&s, true));
	struct eas_reply r;

	(void)state;
	for (size_t i = 0; i < countof(words); i++) {
		r = search(&s, "Calendar", in_with(&s, mount, words[i]), "");
		if (holds(&r, "Private appointment") || holds(&r, name_of(&s, mount, item)) || holds(&r, "<Total>2"))
			fail_msg("%s: " STR_FMT, words[i], STR_ARG(r.xml));
	}
	/* Without any it is among the others, as he is shown it. */
	r = search(&s, "Calendar", in(&s, mount), "");
	assert_element(&r, "Total", "2");
	assert_element(&r, "Subject", "Private appointment");
	assert_true(holds(&r, "open lunch") && !holds(&r, "secret lunch"));
	r = fetch_long(&s, name_of(&s, mount, item));
	assert_element(&r, "Subject", "Private appointment");
	assert_false(holds(&r, "lunch") || holds(&r, "carl"));
}

/* An event that no reader makes out may have been private: its owner finds it by its words, nobody else does. */
static void what_cannot_be_read_is_found_by_no_guest(void **state)
{
	SHARED(s);
	struct eas_reply r;

	(void)state;
	put_now(&s, s.calendar,
		"BEGIN:VCALENDAR\r\nBEGIN:VJOURNAL\r\nSUMMARY:broken lunch\r\nEND:VJOURNAL\r\nEND:VCALENDAR\r\n");
	put_event(&s, EVENT_OF("open", ""));
	const int64_t mount = share_calendar(&s, true);

	r = search(&s, "Calendar", in_with(&s, mount, "lunch"), "");
	assert_element(&r, "Total", "1");
	r = search(&s, "Calendar", in_with(&s, mount, "broken"), "");
	assert_element(&r, "Total", "0");
}

static void what_became_private_is_found_no_more(void **state)
{
	SHARED(s);
	const int64_t item = put_event(&s, EVENT_OF("one", "")), mount = share_calendar(&s, false);
	const struct author nobody = AUTHOR_NOBODY;
	struct eas_reply r = search(&s, "Calendar", in_with(&s, mount, "lunch"), "");
	struct store_tx *tx;
	struct item is;

	(void)state;
	assert_element(&r, "Total", "1");
	assert_ok(store_begin(s.f.server.store, s.bob.mailbox, STORE_WRITE, &tx));
	assert_ok(item_get(&s.f.arena, tx, s.calendar, item, &is));
	assert_ok(entry_edit(tx, &is, str_of(EVENT_OF("one", PRIVATE)), is.key, &nobody));
	assert_ok(store_commit(&tx));
	r = search(&s, "Calendar", in_with(&s, mount, "lunch"), "");
	assert_element(&r, "Total", "0");
}

/* As if they lay in one mailbox: the newest first, and Range of all. */
static void own_folders_and_others_are_searched_at_once(void **state)
{
	SHARED(s);
	const int64_t own = fixture_role(&s.f, FOLDER_DEFAULT_CALENDAR);
	int64_t mount;
	struct eas_reply r;
	char *both;

	(void)state;
	put_now(&s, s.calendar, EVENT_OF("first", ""));
	clock_fake_advance(&s.f.server.clock, 1000);
	put_octets(&s.f, own, EVENT_OF("second", ""));
	clock_fake_advance(&s.f.server.clock, 1000);
	put_now(&s, s.calendar, EVENT_OF("third", ""));
	mount = share_calendar(&s, false);
	both = commands(&s.f, "%s %s", in(&s, own), in_with(&s, mount, "lunch"));
	r = search(&s, "Calendar", both, "");
	assert_element(&r, "Total", "3");
	assert_true(str_find(r.xml, S("third lunch")) < str_find(r.xml, S("second lunch")) &&
		    str_find(r.xml, S("second lunch")) < str_find(r.xml, S("first lunch")) && holds(&r, "first lunch"));
	r = search(&s, "Calendar", both, "4A 4B 03 '1-1' 00 01 01");
	assert_true(holds(&r, "second lunch") && !holds(&r, "first") && !holds(&r, "third"));
	assert_element(&r, "Range", "1-1");
	assert_element(&r, "Total", "3");
	r = search(&s, "Calendar", both, "4A 4B 03 '3-9' 00 01 01");
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("12"))); /* MS-ASCMD_R4361 */
	/* Named twice it is found once. */
	r = search(&s, "Calendar", commands(&s.f, "%s %s", in(&s, mount), in_with(&s, mount, "lunch")), "");
	assert_element(&r, "Total", "2");
}

/* The root and all below it is the own mailbox. */
static void a_search_of_all_folders_is_of_the_own(void **state)
{
	SHARED(s);
	struct eas_reply r;

	(void)state;
	put_event(&s, EVENT_OF("one", ""));
	share_calendar(&s, true);
	r = search(&s, "Calendar", "00 00 52 03 '0' 00 01 00 0F 55 03 'lunch' 00 01 ", "4A 17 01");
	assert_element(&r, "Total", "0");
	r = search(&s, "Calendar", "00 0F 55 03 'lunch' 00 01 ", "");
	assert_element(&r, "Total", "0");
}

static struct eas_reply find(struct shared *s, int64_t folder)
{
	s->f.phone.version = "16.1";
	return eas_phone_ask(&s->f.phone, "Find",
			     doc(&s->f,
				 HEAD "00 19 45 46 03 'one' 00 01 47 48 49 4B 03 'lunch' 00 01 00 00 50 03 'Email' 00 "
				      "01 52 03 '%lld' 00 01 00 19 01 01 01 01",
				 (long long)folder));
}

/* Find knows mails alone, of which there are none in what is shared. */
static void a_find_in_what_is_shared_finds_no_mail(void **state)
{
	SHARED(s);
	struct eas_reply r;

	(void)state;
	put_event(&s, EVENT_OF("one", ""));
	r = find(&s, share_calendar(&s, false));
	assert_element(&r, "Total", "0");
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("1")));
}

/* MS-ASCMD_R4358: the hierarchy has changed. */
static void what_is_taken_back_is_not_found(void **state)
{
	SHARED(s);
	const int64_t item = put_event(&s, EVENT_OF("one", "")), mount = share_calendar(&s, true);
	struct eas_reply r = search(&s, "Calendar", in_with(&s, mount, "lunch"), "");

	(void)state;
	assert_element(&r, "Total", "1");
	change_share(&s, s.calendar, false, false);
	r = search(&s, "Calendar", in_with(&s, mount, "lunch"), "");
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("11")) && !holds(&r, "lunch"));
	r = find(&s, mount);
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("3")));
	r = fetch_long(&s, name_of(&s, mount, item));
	assert_element(&r, "Status", "6");
	assert_false(holds(&r, "lunch"));
}

static void what_was_found_is_answered_and_forwarded_by_its_long_id(void **state)
{
	SHARED(s);
	const int64_t item = put_event(&s, INVITED("plan", "")), mount = share_calendar(&s, true);
	const char *const id = name_of(&s, mount, item);
	struct eas_reply r;

	(void)state;
	s.f.phone.version = "16.1";
	r = eas_phone_ask(&s.f.phone, "MeetingResponse",
			  doc(&s.f, HEAD "00 08 47 49 4C 03 '1' 00 01 00 0F 58 03 '%s' 00 01 01 01", id));
	assert_element(&r, "Status", "1");
	assert_element(&r, "CalendarId", id);
	assert_true(says(event_octets(&s, item), "PARTSTAT=ACCEPTED"));
	r = eas_phone_ask(&s.f.phone, "SmartForward",
			  doc(&s.f,
			      HEAD "00 15 46 51 03 'f1' 00 01 4B 4E 03 '%s' 00 01 01 55 56 58 03 'eve@x.test' 00 01 01 "
				   "01 01",
			      id));
	if (r.body.n)
		fail_msg(STR_FMT, STR_ARG(r.xml));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_shared_is_found_where_it_is_named),
		cmocka_unit_test(contacts_that_are_shared_are_found),
		cmocka_unit_test(what_is_private_is_found_by_no_words_of_it),
		cmocka_unit_test(what_cannot_be_read_is_found_by_no_guest),
		cmocka_unit_test(what_became_private_is_found_no_more),
		cmocka_unit_test(own_folders_and_others_are_searched_at_once),
		cmocka_unit_test(a_search_of_all_folders_is_of_the_own),
		cmocka_unit_test(a_find_in_what_is_shared_finds_no_mail),
		cmocka_unit_test(what_is_taken_back_is_not_found),
		cmocka_unit_test(what_was_found_is_answered_and_forwarded_by_its_long_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
