#include "shared_fixture.h"

#include <gateway/mailbox/event.h>
#include <gateway/mailbox/mount.h>
#include <store/share.h>

int64_t role_of(struct fixture *f, int64_t mailbox, enum folder_role role)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	int64_t id;

	assert_ok(store_begin(f->server.store, mailbox, STORE_READ, &tx));
	assert_ok(folder_by_role(tx, role, &id));
	return id;
}

void shared_open(struct shared *s)
{
	fixture_start(&s->f);
	s->bob = server_add_account(&s->f.server, "bob@example.test", "secret");
	s->calendar = role_of(&s->f, s->bob.mailbox, FOLDER_DEFAULT_CALENDAR);
}

void shared_close(struct shared *s)
{
	fixture_stop(&s->f);
}
void change_share(struct shared *s, int64_t folder, bool shares, bool edits)
{
	const struct share share = { .owner = s->bob.id,
				     .guest = s->f.ann.id,
				     .folder = folder,
				     .calendar = folder == s->calendar,
				     .edits = edits };
	struct store_tx *tx;

	assert_ok(store_begin(s->f.server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(shares ? share_set(tx, &share) : share_unset(tx, &share));
	assert_ok(store_commit(&tx));
}

void share_with(struct shared *s, int64_t folder, bool edits)
{
	change_share(s, folder, true, edits);
	assert_ok(mounts_settle(s->f.server.store, s->f.ann.mailbox));
}

size_t mounts_of(struct shared *s, int64_t *ret_id)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct folder *mounts;
	size_t n;

	assert_ok(store_begin(s->f.server.store, s->f.ann.mailbox, STORE_READ, &tx));
	assert_ok(folder_mounts(&s->f.arena, tx, &mounts, &n));
	*ret_id = n ? mounts[0].id : 0;
	return n;
}

/* Shares bob's calendar; ann's phone knows the mount, which is returned. */
int64_t share_calendar(struct shared *s, bool edits)
{
	int64_t mount;

	share_with(s, s->calendar, edits);
	fixture_learn_hierarchy(&s->f);
	assert_int_equal(mounts_of(s, &mount), 1);
	return mount;
}

/* In bob's mailbox, by nobody. */
int64_t put_event(struct shared *s, const char *octets)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	const struct event_new event = { .folder = s->calendar, .octets = str_of(octets), .by = AUTHOR_NOBODY };
	struct item made;

	assert_ok(store_begin(s->f.server.store, s->bob.mailbox, STORE_WRITE, &tx));
	assert_ok(event_add(&s->f.arena, tx, &event, &made));
	assert_ok(store_commit(&tx));
	return made.id;
}

struct str event_octets(struct shared *s, int64_t id)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct str text;
	struct item item;

	assert_ok(store_begin(s->f.server.store, s->bob.mailbox, STORE_READ, &tx));
	assert_ok(item_get(&s->f.arena, tx, s->calendar, id, &item));
	assert_ok(entry_read(&s->f.arena, tx, &item, &text));
	return text;
}

size_t events_of(struct shared *s, int64_t mailbox, int64_t folder)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct item *items;
	size_t n;

	assert_ok(store_begin(s->f.server.store, mailbox, STORE_READ, &tx));
	assert_ok(item_list(&s->f.arena, tx, folder, 0, 100, &items, &n));
	return n;
}

const char *name_of(struct shared *s, int64_t mount, int64_t item)
{
	return commands(&s->f, "%lld:%lld", (long long)mount, (long long)item);
}

struct str xml_of(struct eas_reply *r)
{
	return r->xml;
}

bool says(struct str xml, const char *text)
{
	return str_find(xml, str_of(text)) < xml.n;
}

/* ---- answers for the owner ---- */

/* Page 08, as in test_meeting_response.c. */
struct eas_reply answer(struct shared *s, const char *response, int64_t folder, int64_t item)
{
	return eas_phone_ask(
		&s->f.phone, "MeetingResponse",
		doc(&s->f, HEAD "00 08 47 49 4C 03 '%s' 00 01 46 03 '%lld' 00 01 48 03 '%lld:%lld' 00 01 12 01 01",
		    response, (long long)folder, (long long)folder, (long long)item));
}
