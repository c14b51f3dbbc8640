/* What the tests of events and meetings share. */
#include "meeting_fixture.h"

#include <gateway/mailbox/event.h>
#include <store/blob.h>
#include <store/queue.h>

enum { MAILS_MAX = 20, MAIL_BYTES = 16384 };

int64_t calendar_item(struct fixture *f)
{
	return only_item(f, fixture_role(f, FOLDER_DEFAULT_CALENDAR));
}

struct str stored_octets(struct fixture *f)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct str octets;
	struct item item;

	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_READ, &tx));
	assert_ok(item_find(&f->arena, tx, calendar_item(f), &item));
	assert_ok(entry_read(&f->arena, tx, &item, &octets));
	return octets;
}

struct cal_series stored(struct fixture *f)
{
	struct cal_series s;

	assert_ok(cal_series_read(&f->arena, stored_octets(f), &s));
	return s;
}

void receive(struct fixture *f, const char *mail)
{
	deliver_octets(f, f->ann.mailbox, str_of(mail));
}

struct str queued(struct fixture *f, size_t *ret_n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(buf_release) struct buf all = BUF_INIT(1 << 20);
	struct str ret;

	*ret_n = 0;
	assert_ok(store_begin(f->server.store, STORE_DIRECTORY, STORE_READ, &tx));
	for (int64_t id = 1; id < MAILS_MAX; id++) {
		CLEANUP(store_blob_close) struct store_blob *blob = NULL;
		struct queue_entry entry;
		char octets[MAIL_BYTES];
		size_t got;

		if (queue_get(&f->arena, tx, id, &entry))
			continue;
		++*ret_n;
		assert_ok(store_blob_open(tx, entry.blob, &blob));
		assert_ok(store_blob_read(blob, 0, octets, sizeof(octets), &got));
		buf_put(&all, octets, got);
	}
	assert_ok(arena_str(&f->arena, buf_view(&all), &ret));
	return ret;
}

void add_event(struct fixture *f, const char *lines)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(buf_release) struct buf text = BUF_INIT(1 << 16);
	int64_t folder = fixture_role(f, FOLDER_DEFAULT_CALENDAR);
	struct item item;

	buf_fmt(&text,
		"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:plan-1\r\nSUMMARY:Plan\r\n"
		"DTSTAMP:20260701T000000Z\r\n%sEND:VEVENT\r\nEND:VCALENDAR\r\n",
		lines);
	assert_ok(buf_status(&text));
	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_WRITE, &tx));
	assert_ok(event_add(&f->arena, tx, &(struct event_new){ .folder = folder, .octets = buf_view(&text) }, &item));
	assert_ok(store_commit(&tx));
}

void assert_status_(struct eas_reply *r, const char *status, const char *what)
{
	if (!r->xml.p || !str_eq(eas_reply_text(r, "Status", 0), str_of(status)))
		fail_msg("%s: not %s", what, status);
}
