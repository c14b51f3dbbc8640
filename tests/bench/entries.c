/* Making of events and contacts. */
#include <tests/bench/entries.h>

#include <gateway/mailbox/event.h>
#include <store/folder.h>

enum { BATCH = 500, ENTRY_BYTES = 16 * 1024, ENTRY_ARENA_MAX = 16 * 1024 * 1024 };
#define NOW_MS INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */

static void put_line(struct buf *out, const char *name, uint64_t n)
{
	buf_fmt(out, "%s number %llu\r\n", name, (unsigned long long)n);
}

static void put_attendees(struct buf *out, uint64_t n)
{
	for (unsigned i = 0; i < n % 4; i++)
		buf_fmt(out,
			"ATTENDEE;CN=Person %u;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=TRUE:\r\n"
			" mailto:person%u@example.org\r\n",
			i, i);
}

static void put_description(struct buf *out)
{
	buf_cstr(out, "DESCRIPTION:");
	for (int i = 0; i < 8; i++)
		buf_cstr(out, "What we want to speak about\\, and who brings what:\\n\r\n ");
	buf_cstr(out, "the end.\r\n");
}

static void put_event(struct buf *out, uint64_t n, const char *times)
{
	buf_fmt(out, "BEGIN:VEVENT\r\nUID:event-%llu@example.test\r\nDTSTAMP:20260101T000000Z\r\n%s",
		(unsigned long long)n, times);
	put_line(out, "SUMMARY:Meeting", n);
	put_line(out, "LOCATION:Room", n % 100);
	buf_cstr(out, "ORGANIZER;CN=Ann:mailto:big@example.test\r\n");
	put_attendees(out, n);
	put_description(out);
	buf_cstr(out, "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Reminder\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\n"
		      "END:VEVENT\r\n");
}

static void put_zone(struct buf *out)
{
	buf_cstr(out, "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n"
		      "BEGIN:DAYLIGHT\r\nDTSTART:19810329T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n"
		      "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\n"
		      "BEGIN:STANDARD\r\nDTSTART:19961027T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\n"
		      "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n");
}

/* Days from 2016 to 2030. */
static void put_calendar(struct buf *out, uint64_t n)
{
	CLEANUP(buf_release) struct buf times = BUF_INIT(1024);
	const unsigned i = (unsigned)n, year = 2016 + i % 15, month = 1 + i / 15 % 12, day = 1 + i / 7 % 27,
		       hour = 7 + i % 10;

	buf_cstr(out, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//EN\r\n");
	put_zone(out);
	buf_fmt(&times,
		"DTSTART;TZID=Europe/Berlin:%u%02u%02uT%02u0000\r\nDTEND;TZID=Europe/Berlin:%u%02u%02uT%02u3000\r\n",
		year, month, day, hour, year, month, day, hour);
	if (n % 5 == 0)
		buf_cstr(&times, n % 2 ? "RRULE:FREQ=DAILY;INTERVAL=2\r\n" : "RRULE:FREQ=DAILY;COUNT=60\r\n");
	if (n % 10 == 0)
		buf_fmt(&times, "EXDATE;TZID=Europe/Berlin:%u%02u%02uT%02u0000\r\n", year, month, day, hour);
	buf_char(&times, '\0');
	put_event(out, n, times.p);
	if (n % 10 == 0) {
		buf_clear(&times);
		buf_fmt(&times,
			"RECURRENCE-ID;TZID=Europe/Berlin:%u%02u%02uT%02u0000\r\n"
			"DTSTART;TZID=Europe/Berlin:%u%02u%02uT180000\r\nDTEND;TZID=Europe/"
			"Berlin:%u%02u%02uT190000\r\n%c",
			year, month, day + 1, hour, year, month, day + 1, year, month, day + 1, '\0');
		put_event(out, n, times.p);
	}
	buf_cstr(out, "END:VCALENDAR\r\n");
}

static void put_daily(struct buf *out, uint64_t n)
{
	buf_fmt(out,
		"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//"
		"EN\r\nBEGIN:VEVENT\r\nUID:daily-%llu@example.test\r\n"
		"DTSTAMP:20100101T000000Z\r\nSUMMARY:Daily %llu\r\nLOCATION:Room "
		"%llu\r\nDTSTART:20100101T%02llu0000Z\r\n"
		"DURATION:PT1H\r\nRRULE:FREQ=DAILY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
		(unsigned long long)n, (unsigned long long)n, (unsigned long long)n, (unsigned long long)(n % 24));
}

static void put_card(struct buf *out, uint64_t n)
{
	const unsigned long long i = n;

	buf_fmt(out,
		"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:card-%llu@example.test\r\nN:Family%llu;Given%llu;;Dr.;\r\n"
		"FN:Dr. Given%llu Family%llu\r\nORG:Company %llu;Sales\r\nTITLE:Head of Sales\r\n"
		"EMAIL;TYPE=WORK:given%llu@example.org\r\nEMAIL;TYPE=HOME:family%llu@example.net\r\n",
		i, i, i, i, i, i % 300, i, i);
	buf_fmt(out,
		"TEL;TYPE=WORK,VOICE:+49 30 %llu\r\nTEL;TYPE=CELL:+49 170 %llu\r\nBDAY:19%02llu-0%llu-1%llu\r\n"
		"ADR;TYPE=WORK:;;Street %llu;Berlin;;10115;Germany\r\nURL:https://www.example.org/%llu\r\n"
		"NOTE:Met at the fair\\, likes to be called after lunch.\\nSpeaks German and English.\r\nEND:VCARD\r\n",
		i, i, i % 100, 1 + i % 9, i % 10, i, i);
}

/* ---- folders ---- */

struct kind {
	enum folder_role role;
	void (*put)(struct buf *out, uint64_t n);
};

static enum err add(struct arena *a, struct store_tx *tx, const struct kind *k, int64_t folder, struct str octets)
{
	struct item item;

	if (k->role == FOLDER_DEFAULT_CALENDAR)
		return event_add(a, tx, &(struct event_new){ .folder = folder, .octets = octets, .now_ms = NOW_MS },
				 &item);
	return entry_add(
		tx, &(struct entry){ .folder = folder, .octets = octets, .key = ITEM_KEY_ALWAYS, .now_ms = NOW_MS },
		&item);
}

static enum err add_some(struct store *s, int64_t mailbox, const struct kind *k, uint64_t from, uint64_t to)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ENTRY_ARENA_MAX);
	CLEANUP(buf_release) struct buf text = BUF_INIT(ENTRY_BYTES);
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	int64_t folder;

	TRY(store_begin(s, mailbox, STORE_WRITE, &tx));
	TRY(folder_by_role(tx, k->role, &folder));
	for (uint64_t n = from; n < to; n++) {
		arena_reset(&a);
		buf_clear(&text);
		k->put(&text, n);
		TRY(buf_status(&text));
		TRY(add(&a, tx, k, folder, buf_view(&text)));
	}
	return store_commit(&tx);
}

static enum err fill(struct store *s, int64_t mailbox, const struct kind *k, uint64_t n)
{
	for (uint64_t done = 0; done < n; done += BATCH)
		TRY(add_some(s, mailbox, k, done, n - done < BATCH ? n : done + BATCH));
	return ERR_OK;
}

enum err bench_calendar_fill(struct store *s, int64_t mailbox, uint64_t n)
{
	return fill(s, mailbox, &(struct kind){ FOLDER_DEFAULT_CALENDAR, put_calendar }, n);
}

enum err bench_contacts_fill(struct store *s, int64_t mailbox, uint64_t n)
{
	return fill(s, mailbox, &(struct kind){ FOLDER_DEFAULT_CONTACTS, put_card }, n);
}

enum err bench_daily_fill(struct store *s, int64_t mailbox, uint64_t n)
{
	return fill(s, mailbox, &(struct kind){ FOLDER_DEFAULT_CALENDAR, put_daily }, n);
}
