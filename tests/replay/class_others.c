/* Everybody who is no phone of ann's: the mail, the desk, and the post office. */
#include "class_life.h"

#include <gateway/mailbox/entry.h>
#include <gateway/mailbox/event.h>
#include <store/blob.h>

#include <stdio.h>
#include <stdlib.h>

static void send_meeting(struct life *l, const char *method, const char *uid, unsigned n, bool one)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(1 << 16);
	unsigned hour = 8 + (unsigned)rnd_below(&l->rnd, 8);
	bool reply = strcmp(method, "REPLY") == 0;

	buf_fmt(&b,
		"From: Bob <bob@example.org>\r\nTo: ann@example.test\r\nSubject: Lunch\r\nMIME-Version: 1.0\r\n"
		"Content-Type: text/calendar; charset=utf-8; method=%s\r\n\r\n"
		"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:%s\r\nBEGIN:VEVENT\r\nUID:%s\r\nDTSTAMP:20260101T000000Z\r\n"
		"SUMMARY:Meeting %u\r\nSEQUENCE:%u\r\nDTSTART:202602%02uT%02u0000Z\r\nDTEND:202602%02uT%02u3000Z\r\n",
		method, method, uid, n, (unsigned)rnd_below(&l->rnd, 4), 3 + n, hour, 3 + n, hour);
	if (reply)
		buf_cstr(&b,
			 "ORGANIZER:mailto:ann@example.test\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.org\r\n");
	else
		buf_cstr(&b,
			 "ORGANIZER;CN=Bob:mailto:bob@example.org\r\nATTENDEE;RSVP=TRUE:mailto:ann@example.test\r\n");
	if (one)
		buf_fmt(&b, "RECURRENCE-ID:202602%02uT090000Z\r\n", 5 + n);
	else if (n % 2)
		buf_cstr(&b, "RRULE:FREQ=DAILY;COUNT=7\r\n");
	buf_cstr(&b, "END:VEVENT\r\nEND:VCALENDAR\r\n");
	note(l, "mail: %s %s%s\n", method, uid, one ? ", one instance" : "");
	deliver_octets(&l->f, l->f.ann.mailbox, buf_view(&b));
	life_settle(l);
}

void other_mail(struct life *l)
{
	static const char *const methods[] = { "REQUEST", "REQUEST", "REQUEST", "CANCEL", "COUNTER", "REPLY" };
	const char *method = methods[rnd_below(&l->rnd, countof(methods))];
	unsigned n = (unsigned)rnd_below(&l->rnd, MEETINGS);
	bool reply = strcmp(method, "REPLY") == 0;
	char uid[32];

	snprintf(uid, sizeof(uid), reply ? "p%u" : "u%u@example.org",
		 reply ? 1 + (unsigned)rnd_below(&l->rnd, l->tokens + 1) : n);
	send_meeting(l, method, uid, n, rnd_percent(&l->rnd, 25));
}

void other_invitation(struct life *l)
{
	send_meeting(l, "REQUEST", "u0@example.org", 0, false);
}

/* ---- folders ---- */

static struct store_tx *begin(struct life *l, int64_t mailbox, enum store_mode mode)
{
	struct store_tx *tx;

	assert_ok(store_begin(l->f.server.store, mailbox, mode, &tx));
	return tx;
}

static enum class class_of(const struct folder *folder) {
	static const enum class classes[FOLDER_CLASS_MAX_] = { [FOLDER_MAIL] = MAIL,
							       [FOLDER_CALENDAR] = CALENDAR,
							       [FOLDER_CONTACTS] = CONTACTS,
							       [FOLDER_TASKS] = TASKS,
							       [FOLDER_NOTES] = NOTES };

	return folder->role == FOLDER_RECIPIENT_CACHE ? MAIL : classes[folder->class];
}

/* Those of a class, the default one first. */
static size_t folders_of(struct life *l, int64_t mailbox, enum class c, struct folder ret[BOXES_MAX])
{
	struct store_tx *tx = begin(l, mailbox, STORE_READ);
	struct folder *list;
	size_t n, found = 0;

	assert_ok(folder_list(&l->f.arena, tx, &list, &n));
	assert_ok(store_commit(&tx));
	for (size_t i = 0; i < n; i++)
		if (class_of(&list[i]) == c && !list[i].mount_mailbox && found < BOXES_MAX) {
			ret[found++] = list[i];
			if (list[i].role != FOLDER_ROLE_NONE) {
				ret[found - 1] = ret[0];
				ret[0] = list[i];
			}
		}
	return found;
}

/* Without its folds, so that words can be looked for. */
static const char *unfolded(struct life *l, struct str text)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(1 << 20);
	const char *ret;

	for (size_t i = 0; i < text.n; i++)
		if (str_starts(str_slice(text, i, text.n), S("\r\n ")))
			i += 2;
		else
			buf_char(&out, text.p[i]);
	assert_ok(arena_cstr(&l->f.arena, buf_view(&out), &ret));
	return ret;
}

/* The octets of each item of a folder. */
static void walk(struct life *l, int64_t mailbox, int64_t folder, void (*each)(void *ctx, const char *octets),
		 void *ctx)
{
	struct store_tx *tx = begin(l, mailbox, STORE_READ);
	struct item *items;
	struct folder row;
	size_t n = 0;

	if (!folder_get(&l->f.arena, tx, folder, &row))
		assert_ok(item_list(&l->f.arena, tx, folder, 0, 4 * ITEMS_MAX, &items, &n));
	for (size_t i = 0; i < n; i++) {
		struct str text;

		assert_ok(entry_read(&l->f.arena, tx, &items[i], &text));
		each(ctx, unfolded(l, text));
	}
	assert_ok(store_commit(&tx));
}

static void is_uncertain(void *ctx, const char *octets)
{
	struct life *l = ctx;
	unsigned token = token_of(strstr(octets, "VERSION"));

	if (l->fates[token] != GONE)
		l->fates[token] = UNCERTAIN;
}

void folder_ends(struct life *l, int64_t mailbox, int64_t folder)
{
	walk(l, mailbox, folder, is_uncertain, l);
}

/* Whose program it is: ann's or cleo's. */
static int64_t whose(struct life *l)
{
	return l->lent_n && rnd_percent(&l->rnd, 30) ? l->cleo.mailbox : l->f.ann.mailbox;
}

static void make_folder(struct life *l, int64_t mailbox, const char *name, enum folder_class class)
{
	const struct folder_new folder = { .name = str_of(name), .class = class };
	struct store_tx *tx = begin(l, mailbox, STORE_WRITE);
	int64_t id;

	assert_ok(folder_create(tx, &folder, &id));
	assert_ok(store_commit(&tx));
	if (mailbox == l->cleo.mailbox)
		lent_add(l, id);
}

static void rename_folder(struct life *l, int64_t mailbox, int64_t folder, const char *name)
{
	struct store_tx *tx = begin(l, mailbox, STORE_WRITE);

	assert_ok(folder_update(tx, folder, FOLDER_ROOT, str_of(name), &AUTHOR_NOBODY));
	assert_ok(store_commit(&tx));
}

static void remove_folder(struct life *l, int64_t mailbox, int64_t folder)
{
	struct store_tx *tx;

	folder_ends(l, mailbox, folder);
	tx = begin(l, mailbox, STORE_WRITE);
	assert_ok(folder_delete(tx, folder, &AUTHOR_NOBODY));
	assert_ok(store_commit(&tx));
	if (mailbox == l->cleo.mailbox)
		lent_remove(l, folder);
}

void other_folder(struct life *l)
{
	enum class c = (enum class)rnd_below(&l->rnd, ENTRY_CLASSES);
	static const enum folder_class classes[] = { FOLDER_CALENDAR, FOLDER_CONTACTS, FOLDER_TASKS, FOLDER_NOTES };
	struct folder list[BOXES_MAX];
	int64_t mailbox = whose(l);
	size_t n = folders_of(l, mailbox, c, list), most = mailbox == l->cleo.mailbox ? 2 : 3;
	size_t chance = rnd_below(&l->rnd, 100);
	char name[32];

	snprintf(name, sizeof(name), "Desk %u", ++l->spoken);
	if (n < most && chance < 60) {
		note(l, "desk of %lld: folder %s of class %u\n", (long long)mailbox, name, c);
		make_folder(l, mailbox, name, classes[c]);
	} else if (n > 1 && chance < 80) {
		note(l, "desk of %lld: folder %lld is %s\n", (long long)mailbox, (long long)list[1].id, name);
		rename_folder(l, mailbox, list[1].id, name);
	} else if (n > 1) {
		note(l, "desk of %lld: folder %lld goes\n", (long long)mailbox, (long long)list[1].id);
		remove_folder(l, mailbox, list[1].id);
	}
	life_settle(l);
}

/* ---- the desk ---- */

static void import_card(struct life *l, int64_t mailbox, int64_t folder)
{
	CLEANUP(store_tx_end) struct store_tx *tx = begin(l, mailbox, STORE_WRITE);
	struct item made;
	char card[200];

	l->kept[l->tokens] = true;
	snprintf(card, sizeof(card),
		 "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:d%u\r\nN:T%u.;Desk;;;\r\nFN:Desk\r\nORG:KEEP\r\nEND:VCARD\r\n",
		 l->tokens, l->tokens);
	assert_ok(entry_add(
		tx,
		&(struct entry){
			.folder = folder, .octets = str_of(card), .key = ITEM_KEY_ALWAYS, .by = AUTHOR_NOBODY },
		&made));
	assert_ok(store_commit(&tx));
}

static void import_event(struct life *l, int64_t mailbox, int64_t folder)
{
	CLEANUP(store_tx_end) struct store_tx *tx = begin(l, mailbox, STORE_WRITE);
	struct item made;
	char event[300];

	snprintf(event, sizeof(event),
		 "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:d%u\r\nDTSTAMP:20260101T000000Z\r\n"
		 "DTSTART:202602%02uT090000Z\r\nDTEND:202602%02uT100000Z\r\nSUMMARY:v0 T%u.\r\nX-DESK:kept\r\n"
		 "END:VEVENT\r\nEND:VCALENDAR\r\n",
		 l->tokens, 1 + l->tokens % 28, 1 + l->tokens % 28, l->tokens);
	assert_ok(event_add(&l->f.arena, tx,
			    &(struct event_new){ .folder = folder, .octets = str_of(event), .by = AUTHOR_NOBODY },
			    &made));
	assert_ok(store_commit(&tx));
}

void other_import(struct life *l)
{
	enum class c = rnd_percent(&l->rnd, 50) ? CALENDAR : CONTACTS;
	struct folder list[BOXES_MAX];
	int64_t mailbox = whose(l);
	size_t n = folders_of(l, mailbox, c, list);
	int64_t folder = list[rnd_below(&l->rnd, n)].id;

	for (size_t i = 1 + rnd_below(&l->rnd, 3); i > 0 && l->tokens + 1 < TOKENS_MAX; i--) {
		l->fates[++l->tokens] = THERE;
		note(l, "desk: T%u comes into %lld of %lld\n", l->tokens, (long long)folder, (long long)mailbox);
		if (c == CALENDAR)
			import_event(l, mailbox, folder);
		else
			import_card(l, mailbox, folder);
	}
	life_settle(l);
}

void other_removal(struct life *l)
{
	enum class c = (enum class)rnd_below(&l->rnd, ENTRY_CLASSES);
	struct store_tx *tx;
	struct folder list[BOXES_MAX];
	int64_t mailbox = whose(l);
	size_t n = folders_of(l, mailbox, c, list);
	int64_t folder = list[rnd_below(&l->rnd, n)].id;
	const struct author nobody = AUTHOR_NOBODY;
	struct item *items;
	struct str text;
	unsigned token;

	tx = begin(l, mailbox, STORE_WRITE);
	assert_ok(item_list(&l->f.arena, tx, folder, 0, 1, &items, &n));
	if (n) {
		assert_ok(entry_read(&l->f.arena, tx, &items[0], &text));
		token = token_of(strstr(unfolded(l, text), "VERSION"));
		l->fates[token] = GONE;
		l->untold[token] = true;
		note(l, "desk: %lld:%lld of %lld goes\n", (long long)folder, (long long)items[0].id,
		     (long long)mailbox);
		assert_ok(item_expunge(tx, folder, items[0].id, &nobody));
	}
	assert_ok(store_commit(&tx));
	life_settle(l);
}

static void count_one(void *ctx, const char *octets)
{
	unsigned *counts = ctx;

	counts[token_of(strstr(octets, "VERSION"))]++;
}

void count_kept_back(struct life *l, unsigned ret[TOKENS_MAX])
{
	for (size_t i = 0; i < l->lent_n; i++)
		if (l->lent[i].how == LENT_NOT)
			walk(l, l->cleo.mailbox, l->lent[i].folder, count_one, ret);
}

/* ---- the post office ---- */

static void hash_of(const struct buf *b, char ret[32])
{
	const struct str text = buf_view(b);
	struct queue_name name;

	assert_ok(queue_name_derive("told", &text, 1, &name));
	memcpy(ret, name.octets, sizeof(name.octets));
}

/* What the calendar in a message says to whom, but for when and which; of what it speaks. */
static struct told told_of(struct str octets, struct str to)
{
	static const char *const passing[] = { "DTSTAMP", "SEQUENCE", "LAST-MODIFIED", "CREATED", "--" };
	CLEANUP(buf_release) struct buf said = BUF_INIT(1 << 20), about = BUF_INIT(1 << 20);
	struct str line, rest = str_slice(octets, str_find(octets, S("BEGIN:VCALENDAR")), octets.n);
	struct told ret;

	buf_str(&about, to);
	while (str_cut(&rest, '\n', &line)) {
		bool passes = false;

		for (size_t i = 0; i < countof(passing); i++)
			passes |= str_starts(line, str_of(passing[i]));
		if (!passes)
			buf_str(&said, line);
		if (str_starts(line, S("UID:")) || str_starts(line, S("RECURRENCE-ID")))
			buf_str(&about, line);
	}
	hash_of(&about, ret.about);
	hash_of(&said, ret.said);
	return ret;
}

/* The same twice, one behind the other, is once too often. */
static void once(struct life *l, struct str octets, struct str to)
{
	const struct told is = told_of(octets, to);
	size_t i = 0;

	while (i < l->told_n && memcmp(l->told[i].about, is.about, sizeof(is.about)) != 0)
		i++;
	must(l, i == l->told_n || memcmp(l->told[i].said, is.said, sizeof(is.said)) != 0,
	     STR_FMT " is told twice: " STR_FMT, STR_ARG(to), STR_ARG(octets));
	if (i == l->told_max) {
		l->told_max = 2 * l->told_max + 64;
		l->told = realloc(l->told, l->told_max * sizeof(*l->told));
		assert_non_null(l->told);
	}
	l->told[i] = is;
	l->told_n += i == l->told_n;
}

static struct str read_blob(struct life *l, struct store_tx *tx, int64_t id)
{
	CLEANUP(store_blob_close) struct store_blob *blob = NULL;
	static char octets[1 << 18];
	struct str ret;
	size_t got;

	assert_ok(store_blob_open(tx, id, &blob));
	assert_ok(store_blob_read(blob, 0, octets, sizeof(octets), &got));
	assert_ok(arena_str(&l->f.arena, str_from(octets, got), &ret));
	return ret;
}

void post_office(struct life *l)
{
	struct queue_entry *list, entry;
	struct store_tx *tx;
	size_t n;

	tx = begin(l, STORE_DIRECTORY, STORE_READ);
	assert_ok(queue_list(&l->f.arena, tx, l->posted, true, 100, &list, &n));
	assert_ok(store_commit(&tx));
	for (size_t i = 0; i < n; i++) {
		struct str octets;

		tx = begin(l, STORE_DIRECTORY, STORE_READ);
		assert_ok(queue_get(&l->f.arena, tx, list[i].id, &entry));
		octets = read_blob(l, tx, entry.blob);
		assert_ok(store_commit(&tx));
		l->posted = entry.id;
		for (size_t k = 0; k < entry.recipients_n; k++) {
			struct str to = entry.recipients[k].address;

			note(l, "post: to " STR_FMT "\n" STR_FMT "\n", STR_ARG(to), STR_ARG(octets));
			l->letters++;
			once(l, octets, to);
			if (str_eq(to, S("bea@example.test")))
				deliver_octets(&l->f, l->bea.mailbox, octets);
			else if (str_eq(to, S("ann@example.test")))
				deliver_octets(&l->f, l->f.ann.mailbox, octets);
			else if (str_eq(to, S("cleo@example.test")) && l->lent_n)
				deliver_octets(&l->f, l->cleo.mailbox, octets);
		}
	}
	life_settle(l);
}

/* ---- the end ---- */

struct meetings {
	struct life *l;
	struct {
		unsigned n; /* how many of this name */
		bool invited, off;
		char words[40]; /* "v17 T4." */
		char uid[80], organizer[200];
		const char *owner;
	} of[TOKENS_MAX];
	const char *owner; /* of the calendar that is read */
};

static void note_meeting(void *ctx, const char *octets)
{
	struct meetings *m = ctx;
	const char *at = octets, *v = strstr(octets, "SUMMARY:v");
	unsigned token = token_of(strstr(octets, "VERSION"));
	char words[40] = "";

	if (!token || !v)
		return;
	m->of[token].n++;
	must(m->l, cut(m->l, &at, "UID:", "\r\n", m->of[token].uid, sizeof(m->of[token].uid)), "no UID: %s", octets);
	at = octets;
	cut(m->l, &at, "\nORGANIZER", "\r\n", m->of[token].organizer, sizeof(m->of[token].organizer));
	m->of[token].owner = m->owner;
	m->of[token].off = strstr(octets, "STATUS:CANCELLED") != NULL;
	m->of[token].invited = strstr(octets, "mailto:bea@example.test") != NULL;
	/* An instance may have other words; the series has its name. */
	for (at = octets; cut(m->l, &at, "SUMMARY:", "\r\n", words, sizeof(words));)
		if (token_of(words) == token)
			memcpy(m->of[token].words, words, sizeof(words));
}

void compare_meetings(struct life *l, bool all_tell)
{
	static struct meetings ann, bea;
	struct folder list[BOXES_MAX];
	size_t n = folders_of(l, l->f.ann.mailbox, CALENDAR, list);

	memset(&ann, 0, sizeof(ann));
	memset(&bea, 0, sizeof(bea));
	ann.l = bea.l = l;
	ann.owner = "mailto:ann@example.test";
	for (size_t i = 0; i < n; i++)
		walk(l, l->f.ann.mailbox, list[i].id, note_meeting, &ann);
	n = l->lent_n ? folders_of(l, l->cleo.mailbox, CALENDAR, list) : 0;
	ann.owner = "mailto:cleo@example.test";
	for (size_t i = 0; i < n; i++) /* whom ann's phones invite to what is cleo's */
		walk(l, l->cleo.mailbox, list[i].id, note_meeting, &ann);
	n = folders_of(l, l->bea.mailbox, CALENDAR, list);
	for (size_t i = 0; i < n; i++)
		walk(l, l->bea.mailbox, list[i].id, note_meeting, &bea);
	for (unsigned t = 1; t <= l->tokens; t++) {
		bool holds = bea.of[t].n && !bea.of[t].off;

		must(l, bea.of[t].n <= 1, "bea has T%u twice", t);
		must(l, !holds || !ann.of[t].n || strcmp(ann.of[t].uid, bea.of[t].uid) == 0,
		     "T%u is another meeting to ann than to bea", t);
		must(l, !holds || !ann.of[t].n || strstr(bea.of[t].organizer, ann.of[t].owner),
		     "T%u lies with %s, and bea's has ORGANIZER%s", t, ann.of[t].owner, bea.of[t].organizer);
		if (!all_tell || !holds || l->fates[t] == UNCERTAIN || l->untold[t])
			continue;
		must(l, ann.of[t].n && ann.of[t].invited, "bea still has T%u, which was called off", t);
		must(l, strcmp(ann.of[t].words, bea.of[t].words) == 0, "ann has %s and bea %s", ann.of[t].words,
		     bea.of[t].words);
	}
}
