/*
 * Two phones that are told at the same time that they send the text messages which wait: both have seen that they are the one,
 * and neither's answer is stored yet (sync_keys.c).
 */
#include "class_fixture.h"

#include <store/device.h>

#include <semaphore.h>
#include <stdatomic.h>

#define OF_CLASS(c) "57 50 03 '" c "' 00 01 01 "
#define ASK OF_CLASS("Email") OF_CLASS("SMS")
#define TEXT                                                                                    \
	"<Email:From>\"Bob\" [MOBILE:+15550100]</><Email:To>\"Ann\" [MOBILE:+15550199]</>"      \
	"<Email:DateReceived>2025-12-31T10:00:00.000Z</><Email:Importance>1</><Email:Read>0</>" \
	"<AirSyncBase:Body><AirSyncBase:Type>1</><AirSyncBase:Data>Once</></><Email:InternetCPID>65001</>"

enum { PHONES = 2 };

/* Keeps the first write to the mailbox of each phone's answer back until it may go on. */
struct gate {
	int64_t mailbox;
	atomic_int came;
	sem_t here[PHONES], go[PHONES];
};

static void keep_back(void *ctx, int64_t mailbox)
{
	struct gate *g = ctx;
	int i;

	if (mailbox != g->mailbox || (i = atomic_fetch_add(&g->came, 1)) >= PHONES)
		return;
	sem_post(&g->here[i]);
	sem_wait(&g->go[i]);
}

static void speak_as(struct fixture *f, const char *device)
{
	f->phone.device_id = device;
	f->phone.version = "14.1";
}

static void says_whether_it_sends(struct fixture *f, const char *device, int sends)
{
	struct eas_reply r;

	speak_as(f, device);
	/* Page 12: 45 Settings, 56 DeviceInformation, 48 Set, 61 EnableOutboundSMS. */
	r = eas_phone_ask(&f->phone, "Settings", doc(f, HEAD "00 12 45 56 48 61 03 '%d' 00 01 01 01 01", sends));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("1")));
}

static void says_it_sends(struct fixture *f, const char *device)
{
	says_whether_it_sends(f, device, 1);
}

/* It has begun, and its next request writes nothing before it knows what it says. */
static const char *stands_at(struct fixture *f, const char *device, int64_t folder)
{
	const char *key;
	struct eas_reply r;

	speak_as(f, device);
	key = first_key(f, folder);
	r = sync_with(f, folder, key, ASK);
	return r.xml.n ? key_of(f, &r) : key;
}

static void bring(struct fixture *f, int64_t folder)
{
	const char *key = stands_at(f, "tablet", folder);
	struct eas_reply r =
		sync_with(f, folder, key,
			  commands(f, "53 03 '0' 00 01 56 47 50 03 'SMS' 00 01 4C 03 'c1' 00 01 5D %s 01 01 01",
				   elements(f, TEXT)));

	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("1")));
}

static struct eas_phone asks(struct fixture *f, const char *device, int64_t folder, const char *key, struct gate *g,
			     int i)
{
	struct eas_phone p = eas_phone_new(f->server.port);

	p.device_id = device;
	p.version = "14.1";
	eas_phone_send(&p, "Sync", sync_doc(f, folder, key, ASK, ""));
	sem_wait(&g->here[i]);
	return p;
}

static size_t told(struct eas_phone *p)
{
	struct eas_reply r = eas_phone_receive(p);
	size_t n = r.xml.n ? eas_reply_count(&r, "Add") : 0;

	assert_int_equal(r.status, 200);
	eas_phone_release(p);
	return n;
}

static void of_two_that_are_told_at_once_one_sends(void **unused)
{
	static const char *const devices[PHONES] = { "former", "next" };

	(void)unused;
	for (int first = 0; first < PHONES; first++) {
		FIXTURE(f);
		struct gate gate = { .mailbox = f.ann.mailbox };
		int64_t outbox = fixture_role(&f, FOLDER_OUTBOX);
		struct eas_phone phones[PHONES];
		const char *keys[PHONES];
		size_t adds = 0;

		says_it_sends(&f, devices[0]);
		for (int i = 0; i < PHONES; i++) {
			keys[i] = stands_at(&f, devices[i], outbox);
			sem_init(&gate.here[i], 0, 0);
			sem_init(&gate.go[i], 0, 0);
		}
		bring(&f, outbox);
		f.server.before_write_ctx = &gate;
		f.server.before_write = keep_back;
		for (int i = 0; i < PHONES; i++) {
			if (i)
				says_it_sends(&f, devices[i]);
			phones[i] = asks(&f, devices[i], outbox, keys[i], &gate, i);
		}
		for (int i = 0; i < PHONES; i++) {
			int which = i ? !first : first;

			sem_post(&gate.go[which]);
			adds += told(&phones[which]);
		}
		assert_int_equal(adds, 1);
	}
}

/* A text is told to the former sender; the next one says that it sends, and its Ping waits for the former. */
static struct eas_phone waits_for_former(struct fixture *f, int64_t outbox)
{
	struct eas_phone waiting = eas_phone_new(f->server.port);
	const char *former;
	struct eas_reply r;

	says_it_sends(f, "former");
	former = stands_at(f, "former", outbox);
	bring(f, outbox);
	speak_as(f, "former");
	r = sync_with(f, outbox, former, ASK);
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	says_it_sends(f, "next");
	assert_true(stands_at(f, "next", outbox) != NULL);
	fixture_learn_hierarchy(f);
	waiting.device_id = "next";
	waiting.version = "14.1";
	eas_phone_send(&waiting, "Ping",
		       doc(f, HEAD "00 0D 45 48 03 '480' 00 01 49 4A 4B 03 '%lld' 00 01 4C 03 'Email' 00 01 01 01 01",
			   (long long)outbox));
	server_await_held(&f->server, 1);
	return waiting;
}

static void is_woken(struct eas_phone *waiting)
{
	struct eas_reply r = eas_phone_receive(waiting);

	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("2")));
	eas_phone_release(waiting);
}

/* Who begins the Outbox anew and does not ask for texts any more has dropped what it was told: the next one is woken at once. */
static void who_waits_is_woken_by_one_that_begins_anew_without_them(void **unused)
{
	FIXTURE(f);
	int64_t outbox = fixture_role(&f, FOLDER_OUTBOX);
	struct eas_phone waiting = waits_for_former(&f, outbox);
	const char *former;

	(void)unused;
	speak_as(&f, "former");
	former = first_key(&f, outbox);
	(void)sync_with(&f, outbox, former, "");
	is_woken(&waiting);
}

/* A phone that was wiped has none any more: when it is let in again, the next one is woken. */
static void who_waits_is_woken_by_one_that_was_wiped(void **unused)
{
	FIXTURE(f);
	int64_t outbox = fixture_role(&f, FOLDER_OUTBOX);
	struct eas_phone waiting = waits_for_former(&f, outbox);
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct device former;

	(void)unused;
	assert_ok(store_begin(f.server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(device_find(&f.arena, tx, f.ann.id, S("former"), &former));
	assert_ok(device_wipe_request(tx, former.id, DEVICE_WIPE_FULL, true));
	assert_ok(device_wipe_sent(tx, former.id));
	assert_ok(device_get(&f.arena, tx, former.id, &former));
	assert_ok(device_wipe_acknowledge(tx, &former, 1));
	assert_ok(store_commit(&tx));
	speak_as(&f, "former");
	fixture_learn_hierarchy(&f);
	is_woken(&waiting);
}

/* A former sender's own text, whose answer it did not get: no other one has it while it may say it again, and keep it. */
static void a_former_senders_late_own_text_is_its_own(void **unused)
{
	FIXTURE(f);
	int64_t outbox = fixture_role(&f, FOLDER_OUTBOX);
	char *add = commands(&f, ASK "53 03 '0' 00 01 56 47 50 03 'SMS' 00 01 4C 03 'c1' 00 01 5D %s 01 01 01",
			     elements(&f, TEXT));
	const char *key, *next;
	struct eas_reply r;

	(void)unused;
	says_it_sends(&f, "former");
	key = stands_at(&f, "former", outbox);
	(void)sync_with(&f, outbox, key, add); /* its answer is lost, and it begins anew */
	says_it_sends(&f, "next");
	next = stands_at(&f, "next", outbox);
	speak_as(&f, "former");
	key = first_key(&f, outbox);
	r = sync_with(&f, outbox, key, ASK);
	key = r.xml.n ? key_of(&f, &r) : key;
	speak_as(&f, "next");
	r = sync_with(&f, outbox, next, ASK);
	assert_int_equal(r.xml.n ? eas_reply_count(&r, "Add") : 0, 0);
	speak_as(&f, "former");
	r = sync_with(&f, outbox, key, add);
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("6")));
	assert_int_equal(only_item(&f, outbox), 0);
}

static const char *adds(struct fixture *f, int64_t folder, const char *key, const char *how, const char *status)
{
	struct eas_reply r = sync_with(f, folder, key,
				       commands(f, ASK "%s56 47 50 03 'SMS' 00 01 4C 03 'c%s' 00 01 5D %s 01 01 01",
						how, status, elements(f, TEXT)));

	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), str_of(status)));
	return key_of(f, &r);
}

/*
 * A former sender's requests all have commands, so that no answer tells it to begin anew: until it has, nobody else is
 * given what it made.
 */
static void what_a_sender_has_made_is_its_own_until_it_begins_anew(void **unused)
{
	FIXTURE(f);
	int64_t outbox = fixture_role(&f, FOLDER_OUTBOX);
	const char *former, *next;
	struct eas_reply r;

	(void)unused;
	next = stands_at(&f, "next", outbox);
	says_it_sends(&f, "former");
	former = stands_at(&f, "former", outbox);
	former = adds(&f, outbox, former, "", "1");
	says_whether_it_sends(&f, "former", 0);
	for (int i = 0; i < 3; i++) /* the last one shows the key of an answer that told it nothing */
		former = adds(&f, outbox, former, "", "6");
	says_it_sends(&f, "next");
	r = sync_with(&f, outbox, next, ASK);
	assert_int_equal(r.xml.n ? eas_reply_count(&r, "Add") : 0, 0);
	speak_as(&f, "former");
	r = sync_with(&f, outbox, former, ASK);
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("3")));
	former = first_key(&f, outbox);
	(void)sync_with(&f, outbox, former, ASK);
	speak_as(&f, "next");
	r = sync_with(&f, outbox, next, ASK);
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
}

/* So it does where it asks for no changes: by GetChanges 0 no answer tells it that it goes. */
static void what_a_sender_has_made_is_its_own_until_an_answer_says_that_it_goes(void **unused)
{
	FIXTURE(f);
	int64_t outbox = fixture_role(&f, FOLDER_OUTBOX);
	const char *former, *next;
	struct eas_reply r;

	(void)unused;
	next = stands_at(&f, "next", outbox);
	says_it_sends(&f, "former");
	former = adds(&f, outbox, first_key(&f, outbox), "", "1");
	says_whether_it_sends(&f, "former", 0);
	for (int i = 0; i < 3; i++)
		former = adds(&f, outbox, former, "53 03 '0' 00 01 ", "6");
	says_it_sends(&f, "next");
	r = sync_with(&f, outbox, next, ASK);
	assert_int_equal(r.xml.n ? eas_reply_count(&r, "Add") : 0, 0);
	speak_as(&f, "former");
	r = sync_with(&f, outbox, former, ASK);
	assert_int_equal(eas_reply_count(&r, "SoftDelete"), 1);
	(void)sync_with(&f, outbox, key_of(&f, &r), ASK);
	speak_as(&f, "next");
	r = sync_with(&f, outbox, next, ASK);
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_two_that_are_told_at_once_one_sends),
		cmocka_unit_test(who_waits_is_woken_by_one_that_begins_anew_without_them),
		cmocka_unit_test(who_waits_is_woken_by_one_that_was_wiped),
		cmocka_unit_test(a_former_senders_late_own_text_is_its_own),
		cmocka_unit_test(what_a_sender_has_made_is_its_own_until_it_begins_anew),
		cmocka_unit_test(what_a_sender_has_made_is_its_own_until_an_answer_says_that_it_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
