/*
 * The property of text messages: three phones of different versions write texts into Inbox and Outbox at random, say that they send
 * and that they do not, send what lies in their Outbox and move it to Sent Items, lose requests and answers, say them again or not,
 * begin anew and are removed. In the end each text is where it belongs once, each phone shows what there is, and no text was sent
 * twice, nor kept from being sent.
 *
 *	test_text_lives --lives N --first SEED --trace
 */
#include <tests/store/rnd.h>
#include <tests/unit/activesync/class_fixture.h>

#include <base/log.h>
#include <gateway/mailbox/message.h>
#include <store/device.h>
#include <store/sync.h>

#include <stdio.h>
#include <stdlib.h>

enum { PHONES = 3, STEPS = 160, TEXTS_MAX = 120, TOKENS_MAX = 120, KEY_BYTES = 80, LANDINGS_MAX = 40 };
enum place { INBOX, OUTBOX, PLACES };

#define OF_CLASS(c) "57 50 03 '" c "' 00 01 01 "
#define ASK OF_CLASS("Email") OF_CLASS("SMS")

struct text {
	unsigned token;
	char id[40]; /* empty: the server is not known to have it */
	bool handed; /* another phone is to send it */
};

struct box {
	char key[KEY_BYTES]; /* "0": to begin */
	struct text texts[TEXTS_MAX];
	size_t n;
	bool quiet; /* the last Sync was answered and brought nothing */
};

struct phone {
	const char *version;
	char device[16];
	bool sends;  /* as its user has it */
	bool unsaid; /* and the server has not heard, as far as it knows */
	bool ready;  /* it has synced its Outbox since */
	struct box boxes[PLACES];
};

static struct life {
	struct fixture f;
	unsigned long seed;
	struct rnd rnd;
	bool trace;
	struct phone phones[PHONES];
	int64_t folders[PLACES], sent_items;
	unsigned tokens;
	unsigned sent[TOKENS_MAX];
	enum place place[TOKENS_MAX];
	bool gone[TOKENS_MAX];  /* with a phone that had not brought it for sure */
	bool local[TOKENS_MAX]; /* sent by who wrote it, and not brought */
	unsigned long syncs, lost, sendings, refusals;
} l;
static unsigned long lives = 5, first = 1;

#define must(ok, ...)                                                                                       \
	do {                                                                                                \
		if (!(ok)) {                                                                                \
			print_error(__VA_ARGS__);                                                           \
			fail_msg(" (the life of seed %lu: --lives 1 --first %lu --trace)", l.seed, l.seed); \
		}                                                                                           \
	} while (0)
#define note(...)                            \
	do {                                 \
		if (l.trace)                 \
			printf(__VA_ARGS__); \
	} while (0)

/* ---- requests ---- */

/* What the loss leaves of the answer; the server has acted in half of the cases. */
static bool ask(struct phone *p, const char *command, struct str body, bool loses, struct eas_reply *ret)
{
	l.f.phone.device_id = p->device;
	l.f.phone.version = p->version;
	if (loses && rnd_percent(&l.rnd, 40)) {
		note("%s: %s never arrives\n", p->device, command);
		l.lost++;
		return false;
	}
	*ret = eas_phone_ask(&l.f.phone, command, body);
	must(ret->status == 200, "%s: HTTP %d to %s", p->device, ret->status, command);
	if (!loses)
		return true;
	note("%s: the answer to %s is lost\n", p->device, command);
	l.lost++;
	return false;
}

static bool any_loss(void)
{
	return rnd_percent(&l.rnd, 25);
}

/* Page 12: 45 Settings, 56 DeviceInformation, 48 Set, 61 EnableOutboundSMS. */
static void says_whether_it_sends(struct phone *p, bool loses)
{
	struct eas_reply r;

	if (!p->unsaid)
		return;
	note("%s: says %d\n", p->device, p->sends);
	p->unsaid =
		!ask(p, "Settings", doc(&l.f, HEAD "00 12 45 56 48 61 03 '%d' 00 01 01 01 01", p->sends), loses, &r);
}

/* ---- a phone's Sync ---- */

static struct text *find(struct box *b, struct str id)
{
	for (size_t i = 0; i < b->n; i++)
		if (str_eq(str_of(b->texts[i].id), id))
			return &b->texts[i];
	return NULL;
}

static void drop(struct box *b, struct text *t)
{
	*t = b->texts[--b->n];
}

static struct text *put(struct box *b)
{
	struct text *t = &b->texts[b->n++];

	must(b->n < TEXTS_MAX, "too many texts");
	*t = (struct text){ 0 };
	return t;
}

static char *add_of(unsigned token)
{
	const char *xml = commands(&l.f,
				   "<Email:From>\"Bob\" [MOBILE:+15550100]</><Email:To>\"Ann\" [MOBILE:+15550199]</>"
				   "<Email:DateReceived>2025-12-31T10:00:00.000Z</><AirSyncBase:Body><AirSyncBase:"
				   "Type>1</><AirSyncBase:Data>T%u.</></>",
				   token);

	return commands(&l.f, "47 50 03 'SMS' 00 01 4C 03 'c%u' 00 01 5D %s 01 01 ", token, elements(&l.f, xml));
}

/* The piece between two words, from *at on, which goes behind it. */
static bool cut(struct str *rest, const char *begin, const char *end, struct str *ret)
{
	size_t from = str_find(*rest, str_of(begin)), to;

	if (from == rest->n)
		return false;
	*rest = str_slice(*rest, from + strlen(begin), rest->n);
	to = str_find(*rest, str_of(end));
	*ret = str_slice(*rest, 0, to);
	*rest = str_slice(*rest, to, rest->n);
	return true;
}

static struct str one(struct str of, const char *begin, const char *end)
{
	struct str ret = STR_EMPTY;

	(void)cut(&of, begin, end, &ret);
	return ret;
}

static unsigned token_of(struct str words)
{
	uint64_t n = 0;

	must(str_to_u64(words, TOKENS_MAX, &n) == ERR_OK, "no token: " STR_FMT, STR_ARG(words));
	return (unsigned)n;
}

static void copy_id(struct text *t, struct str id)
{
	must(id.n && id.n < sizeof(t->id), "an id of %zu", id.n);
	memcpy(t->id, id.p, id.n);
	t->id[id.n] = '\0';
}

static void take_added(struct phone *p, enum place place, struct str response)
{
	struct box *b = &p->boxes[place];
	const unsigned token = token_of(one(response, "<ClientId>c", "<"));
	struct str status = one(response, "<Status>", "<");

	note("  T%u: " STR_FMT "\n", token, STR_ARG(status));
	for (size_t i = 0; i < b->n; i++) {
		struct text *t = &b->texts[i];

		if (t->token != token || t->id[0])
			continue;
		if (str_eq(status, S("1"))) {
			copy_id(t, one(response, "<ServerId>", "<"));
			t->handed = place == OUTBOX && !p->sends;
			return;
		}
		must(str_eq(status, S("6")) && place == OUTBOX, "%s: T%u: " STR_FMT, p->device, token,
		     STR_ARG(response));
		l.refusals++;
		if (!p->sends || p->unsaid) /* it tries again */
			return;
		l.sent[token]++;
		l.local[token] = true;
		note("  %s sends it itself\n", p->device);
		drop(b, t);
		return;
	}
}

static void take_responses(struct phone *p, enum place place, struct str xml)
{
	struct str all = one(xml, "<Responses>", "</Responses>"), add;

	while (cut(&all, "<Add>", "</Add>", &add))
		take_added(p, place, add);
}

static void take_commands(struct phone *p, enum place place, struct str xml)
{
	static const char *const ends[][2] = { { "<SoftDelete>", "</SoftDelete>" }, { "<Delete>", "</Delete>" } };
	struct str all = one(xml, "<Commands>", "</Commands>"), rest, command;
	struct box *b = &p->boxes[place];

	for (size_t i = 0; i < countof(ends); i++)
		for (rest = all; cut(&rest, ends[i][0], ends[i][1], &command);) {
			struct text *t = find(b, one(command, "<ServerId>", "<"));

			note("  told: %s " STR_FMT "\n", ends[i][0], STR_ARG(one(command, "<ServerId>", "<")));
			if (t)
				drop(b, t);
		}
	for (rest = all; cut(&rest, "<Add>", "</Add>", &command);) {
		struct str id = one(command, "<ServerId>", "<");
		struct text *t;

		must(!find(b, id), "%s: told of " STR_FMT ", which it has", p->device, STR_ARG(id));
		t = put(b);
		copy_id(t, id);
		t->token = token_of(one(command, "<airsyncbase:Data>T", "."));
		note("  told: T%u " STR_FMT "\n", t->token, STR_ARG(id));
	}
}

static void begin_anew(struct box *b)
{
	memcpy(b->key, "0", 2);
	b->quiet = false;
	for (size_t i = b->n; i-- > 0;)
		if (b->texts[i].id[0])
			drop(b, &b->texts[i]);
}

/* Who sends has what its answer leaves it. */
static void is_ready(struct phone *p, enum place place)
{
	struct box *b = &p->boxes[place];

	if (place != OUTBOX || p->unsaid)
		return;
	p->ready = true;
	for (size_t i = 0; i < b->n && p->sends; i++)
		b->texts[i].handed = false;
}

static void take_sync(struct phone *p, enum place place, const struct eas_reply *r)
{
	struct box *b = &p->boxes[place];
	struct str key = r->body.n ? one(r->xml, "<SyncKey>", "<") : STR_EMPTY, status;

	if (!r->body.n) {
		b->quiet = true;
		is_ready(p, place);
		return;
	}
	status = one(one(r->xml, "<Collection>", "</Collection>"), "<Status>", "<");
	if (str_eq(status, S("3"))) {
		note("  it is to begin anew\n");
		begin_anew(b);
		return;
	}
	must(str_eq(status, S("1")), "%s: " STR_FMT, p->device, STR_ARG(r->xml));
	must(key.n && key.n < KEY_BYTES, "no key");
	b->quiet = false;
	take_responses(p, place, r->xml);
	take_commands(p, place, r->xml);
	memcpy(b->key, key.p, key.n);
	b->key[key.n] = '\0';
	is_ready(p, place);
}

/* With those of its texts that the server is not known to have, as chance wants it. */
static void syncs(struct phone *p, enum place place, bool loses)
{
	struct box *b = &p->boxes[place];
	const bool begins = strcmp(b->key, "0") == 0;
	char *said = commands(&l.f, "%s", "");
	struct eas_reply r = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < b->n && !begins; i++)
		if (!b->texts[i].id[0] && (!loses || rnd_percent(&l.rnd, 60))) {
			said = commands(&l.f, "%s%s", said, add_of(b->texts[i].token));
			n++;
		}
	note("%s: Sync of %d, key %s, %zu texts\n", p->device, (int)place, b->key, n);
	l.syncs++;
	if (!ask(p, "Sync",
		 sync_doc(&l.f, l.folders[place], b->key,
			  begins ? "" : commands(&l.f, ASK "%s%s%s", n ? "56 " : "", said, n ? "01 " : ""), ""),
		 loses, &r)) {
		b->quiet = false;
		return;
	}
	if (begins) {
		struct str key = one(r.xml, "<SyncKey>", "<");

		must(key.n && key.n < KEY_BYTES, "no first key: " STR_FMT, STR_ARG(r.xml));
		memcpy(b->key, key.p, key.n);
		b->key[key.n] = '\0';
		return;
	}
	take_sync(p, place, &r);
}

/* ---- what users do ---- */

static void writes(struct phone *p)
{
	const enum place place = rnd_percent(&l.rnd, 70) ? OUTBOX : INBOX;
	struct text *t;

	if (l.tokens + 1 == TOKENS_MAX)
		return;
	t = put(&p->boxes[place]);
	t->token = ++l.tokens;
	l.place[t->token] = place;
	note("%s: writes T%u into %d\n", p->device, t->token, (int)place);
}

/* What it has sent it says before anything else. */
static void moves_to_sent(struct phone *p, const struct text *t)
{
	struct eas_reply r;

	while (!ask(p, "MoveItems",
		    doc(&l.f, HEAD "00 05 45 46 47 03 '%s' 00 01 48 03 '%lld' 00 01 49 03 '%lld' 00 01 01 01", t->id,
			(long long)l.folders[OUTBOX], (long long)l.sent_items),
		    any_loss(), &r))
		;
	note("%s: moves T%u: " STR_FMT "\n", p->device, t->token, STR_ARG(eas_reply_text(&r, "Status", 0)));
	must(str_eq(eas_reply_text(&r, "Status", 0), S("3")), "%s: T%u is not moved: " STR_FMT, p->device, t->token,
	     STR_ARG(r.xml));
}

static void sends(struct phone *p)
{
	struct box *b = &p->boxes[OUTBOX];

	if (!p->sends || p->unsaid || !p->ready)
		return;
	for (size_t i = b->n; i-- > 0;) {
		struct text *t = &b->texts[i];

		if (!t->id[0] || t->handed || rnd_percent(&l.rnd, 30))
			continue;
		note("%s: sends T%u\n", p->device, t->token);
		l.sendings++;
		must(++l.sent[t->token] == 1, "%s: T%u was sent before", p->device, t->token);
		moves_to_sent(p, t);
		drop(b, t);
	}
}

static void changes_its_mind(struct phone *p)
{
	p->sends = !p->sends;
	p->unsaid = true;
	p->ready = false;
	says_whether_it_sends(p, any_loss());
}

static void resets(struct phone *p)
{
	note("%s: begins anew by itself\n", p->device);
	begin_anew(&p->boxes[rnd_below(&l.rnd, PLACES)]);
}

/* It is lost, with what it had; its user's next one has its name. */
static void is_removed(struct phone *p)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct device d;
	enum err e;

	note("%s: is removed\n", p->device);
	assert_ok(store_begin(l.f.server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	e = device_find(&l.f.arena, tx, l.f.ann.id, str_of(p->device), &d);
	if (!e) {
		assert_ok(device_remove(tx, d.id));
		assert_ok(store_commit(&tx));
		assert_ok(store_begin(l.f.server.store, l.f.ann.mailbox, STORE_WRITE, &tx));
		assert_ok(sync_forget(tx, d.id));
		assert_ok(store_commit(&tx));
	}
	for (size_t k = 0; k < PLACES; k++) {
		struct box *b = &p->boxes[k];

		for (size_t i = 0; i < b->n; i++)
			if (!b->texts[i].id[0])
				l.gone[b->texts[i].token] = true;
		b->n = 0;
		begin_anew(b);
	}
	p->sends = p->unsaid = p->ready = false;
}

static void syncs_any(struct phone *p)
{
	if (p->unsaid)
		says_whether_it_sends(p, any_loss());
	else
		syncs(p, rnd_percent(&l.rnd, 70) ? OUTBOX : INBOX, any_loss());
}

static const struct {
	unsigned weight;
	void (*act)(struct phone *p);
} acts[] = {
	{ 25, writes }, { 90, syncs_any }, { 25, sends }, { 8, changes_its_mind }, { 4, resets }, { 1, is_removed }
};

static void one_step(void)
{
	struct phone *p = &l.phones[rnd_below(&l.rnd, PHONES)];
	unsigned total = 0;
	size_t at, i = 0;

	server_advance(&l.f.server, 1000);
	for (size_t k = 0; k < countof(acts); k++)
		total += acts[k].weight;
	at = rnd_below(&l.rnd, total);
	while (at >= acts[i].weight)
		at -= acts[i++].weight;
	acts[i].act(p);
	arena_reset(&l.f.arena);
	arena_reset(&l.f.phone.arena);
}

/* ---- the end ---- */

/* The last one sends, and all come to rest. */
static void land(void)
{
	note("---- all lands\n");
	for (size_t i = 0; i < PHONES; i++) {
		struct phone *p = &l.phones[i];

		p->unsaid |= p->sends != (i == 0);
		p->sends = i == 0;
		p->ready &= !p->unsaid;
		says_whether_it_sends(p, false);
	}
	for (unsigned n = 0, quiet = 0; quiet < 3; n++) {
		bool rests = true;

		must(n < LANDINGS_MAX, "the phones never come to rest");
		for (size_t i = 0; i < PHONES; i++)
			for (size_t k = 0; k < PLACES; k++) {
				syncs(&l.phones[i], (enum place)k, false);
				sends(&l.phones[i]);
				rests &= l.phones[i].boxes[k].quiet;
				arena_reset(&l.f.arena);
				arena_reset(&l.f.phone.arena);
			}
		quiet = rests ? quiet + 1 : 0;
	}
}

static void count_in(int64_t folder, unsigned ret[TOKENS_MAX])
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct item *items;
	size_t n;

	memset(ret, 0, TOKENS_MAX * sizeof(*ret));
	assert_ok(store_begin(l.f.server.store, l.f.ann.mailbox, STORE_READ, &tx));
	assert_ok(item_list(&l.f.arena, tx, folder, 0, 1000, &items, &n));
	for (size_t i = 0; i < n; i++) {
		CLEANUP(message_close) struct message m = { 0 };

		assert_ok(message_open(&l.f.arena, tx, &items[i], &m));
		ret[token_of(one(m.summary.preview, "T", "."))]++;
	}
}

static void compare(void)
{
	static unsigned inbox[TOKENS_MAX], outbox[TOKENS_MAX], sent[TOKENS_MAX];

	count_in(l.folders[INBOX], inbox);
	count_in(l.folders[OUTBOX], outbox);
	count_in(l.sent_items, sent);
	for (unsigned t = 1; t <= l.tokens; t++) {
		const bool out = l.place[t] == OUTBOX;

		must(outbox[t] == 0, "T%u lies in the Outbox still", t);
		must(sent[t] + inbox[t] <= 1, "T%u is there %u times", t, sent[t] + inbox[t]);
		must(!out || l.sent[t] == 1 || l.gone[t], "T%u was sent %u times", t, l.sent[t]);
		must(l.gone[t] || l.local[t] || (out ? sent[t] : inbox[t]) == 1, "T%u is lost", t);
		must(!l.local[t] || sent[t] == 0, "T%u was sent by who wrote it, and lies there too", t);
		for (size_t i = 0; i < PHONES; i++) {
			const struct box *b = &l.phones[i].boxes[INBOX];
			unsigned n = 0;

			for (size_t k = 0; k < b->n; k++)
				n += b->texts[k].token == t;
			must(n == inbox[t], "%s shows T%u %u times", l.phones[i].device, t, n);
		}
	}
}

static void live(void)
{
	static const char *const versions[] = { "14.0", "14.1", "16.0", "16.1" };
	size_t at;

	fixture_start(&l.f);
	l.rnd = (struct rnd){ l.seed };
	l.tokens = 0;
	memset(l.sent, 0, sizeof(l.sent));
	memset(l.gone, 0, sizeof(l.gone));
	memset(l.local, 0, sizeof(l.local));
	l.folders[INBOX] = fixture_role(&l.f, FOLDER_INBOX);
	l.folders[OUTBOX] = fixture_role(&l.f, FOLDER_OUTBOX);
	l.sent_items = fixture_role(&l.f, FOLDER_SENT);
	at = rnd_below(&l.rnd, countof(versions));
	for (size_t i = 0; i < PHONES; i++) {
		l.phones[i] = (struct phone){ .version = versions[(at + i) % countof(versions)] };
		snprintf(l.phones[i].device, sizeof(l.phones[i].device), "PHONE%zu", i);
		for (size_t k = 0; k < PLACES; k++)
			memcpy(l.phones[i].boxes[k].key, "0", 2);
	}
	for (unsigned i = 0; i < STEPS; i++)
		one_step();
	land();
	compare();
	fixture_stop(&l.f);
	memset(&l.f, 0, sizeof(l.f));
}

static void no_text_is_lost_or_sent_twice(void **unused)
{
	(void)unused;
	for (l.seed = first; l.seed < first + lives; l.seed++)
		live();
	print_message("%lu lives: %lu Syncs, %lu requests or answers lost, %lu texts sent, %lu refused\n", lives,
		      l.syncs, l.lost, l.sendings, l.refusals);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(no_text_is_lost_or_sent_twice) };

	log_set_level(LOG_LEVEL_ERROR);
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--trace") == 0)
			l.trace = true;
		else if (i + 1 < argc && strcmp(argv[i], "--lives") == 0)
			lives = strtoul(argv[++i], NULL, 10);
		else if (i + 1 < argc && strcmp(argv[i], "--first") == 0)
			first = strtoul(argv[++i], NULL, 10);
	setvbuf(stdout, NULL, _IONBF, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
