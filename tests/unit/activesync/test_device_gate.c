/* What a device has to be before its command runs, over a real connection: policy, wipe, access, quarantine. */
#include "fixture.h"

#include <tests/support/hex.h>

#include <gateway/activesync/device_notice.h>
#include <store/device.h>
#include <store/sql/sql.h>

#define HEAD "03 01 6A 00 00 0E 45 "
#define TYPE "48 03 'MS-EAS-Provisioning-WBXML' 00 01 "
#define POLICY "46 47 " TYPE "01 01 "
#define INFO "00 12 56 48 57 03 'Pixel 9' 00 01 5A 03 'Android 16' 00 01 01 01 00 0E "
#define EMPTY "03 01 6A 00 00 0E 05"

static struct eas_reply provision(struct fixture *f, const char *bytes)
{
	return eas_phone_ask(&f->phone, "Provision", hex(&f->arena, bytes));
}

static struct eas_reply acknowledge(struct fixture *f, struct str key, unsigned status)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(1024);

	buf_fmt(&text, HEAD "46 47 " TYPE "49 03 '" STR_FMT "' 00 01 4B 03 '%u' 00 01 01 01 01%c", STR_ARG(key), status,
		'\0');
	return provision(f, text.p);
}

static bool text_is(const struct eas_reply *r, const char *element, unsigned n, const char *wanted)
{
	return str_eq(eas_reply_text(r, element, n), str_of(wanted));
}

static struct store_tx *begin(struct fixture *f)
{
	struct store_tx *tx;

	assert_ok(store_begin(f->server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	return tx;
}

static void set(struct fixture *f, enum policy_setting which, const char *value)
{
	struct store_tx *tx = begin(f);
	struct policy p;

	assert_ok(policy_find(&f->arena, tx, S("strict"), &p));
	assert_ok(policy_set(tx, p.id, which, str_of(value)));
	assert_ok(store_commit(&tx));
}

/* A policy that wants a password, for everyone. */
static void require_policy(struct fixture *f)
{
	struct store_tx *tx = begin(f);
	int64_t id;

	assert_ok(policy_create(tx, S("strict"), &id));
	assert_ok(policy_assign(tx, POLICY_FOR_EVERYONE, 0, id));
	assert_ok(store_commit(&tx));
	set(f, POLICY_PASSWORD_ENABLED, "1");
}

static void forget_policy(struct fixture *f)
{
	struct store_tx *tx = begin(f);

	assert_ok(policy_unassign(tx, POLICY_FOR_EVERYONE, 0));
	assert_ok(store_commit(&tx));
}

/* Both phases; the phone shows the key from here on. */
static void provision_phone(struct fixture *f)
{
	const char *infos = str_cmp(str_of(f->phone.version), S("14.0")) > 0 ? HEAD INFO POLICY "01" : HEAD POLICY "01";
	struct eas_reply r;

	f->phone.policy_key = "0";
	r = provision(f, infos);
	assert_true(text_is(&r, "Status", 0, "1"));
	r = acknowledge(f, eas_reply_text(&r, "PolicyKey", 0), 1);
	assert_true(text_is(&r, "Status", 0, "1"));
	assert_ok(arena_cstr(&f->arena, eas_reply_text(&r, "PolicyKey", 0), &f->phone.policy_key));
}

static void forget_partnership(struct fixture *f)
{
	int64_t id = fixture_device(f);
	struct store_tx *tx = begin(f);

	assert_ok(device_remove(tx, id));
	assert_ok(store_commit(&tx));
}

static struct eas_reply foldersync(struct fixture *f)
{
	return fixture_foldersync(f, "0");
}

static void assert_status(const char *what, const struct eas_reply *r, unsigned status)
{
	CLEANUP(buf_release) struct buf wanted = BUF_INIT(16);

	buf_u64(&wanted, status);
	if (r->status != 200 || !str_eq(eas_reply_text(r, "Status", 0), buf_view(&wanted)))
		fail_msg("%s: HTTP %d " STR_FMT, what, r->status, STR_ARG(r->xml));
}

/* MS-ASPROV_R483, R509, R485, R487, R458, R685, R682, R662; MS-ASCMD_R4904, MS-ASCMD_R4987. */
static void a_policy_asks_for_its_key(void **unused)
{
	static const struct {
		const char *key;
		unsigned status;
	} cases[] = { { NULL, 141 }, { "0", 142 }, { "nonsense", 142 }, { "4711", 142 } };
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	require_policy(&f);
	for (size_t i = 0; i < countof(cases); i++) {
		f.phone.policy_key = cases[i].key;
		r = foldersync(&f);
		assert_status(cases[i].key ? cases[i].key : "no key", &r, cases[i].status);
	}
	provision_phone(&f);
	r = foldersync(&f);
	assert_status("the permanent key", &r, 1);
	f.phone.policy_key = "4711";
	r = foldersync(&f);
	assert_status("another key", &r, 144);
}

/* MS-ASCMD_R7563, MS-ASCMD_R7564, MS-ASCMD_R7565, MS-ASCMD_R7566. */
static void before_14_the_statuses_are_http_449(void **unused)
{
	static const char *const versions[] = { "12.0", "12.1" };
	FIXTURE(f);

	(void)unused;
	require_policy(&f);
	for (size_t i = 0; i < countof(versions); i++) {
		f.phone.version = versions[i];
		f.phone.policy_key = NULL;
		assert_int_equal(foldersync(&f).status, 449);
		f.phone.policy_key = "0";
		assert_int_equal(foldersync(&f).status, 449);
		provision_phone(&f);
		assert_int_equal(foldersync(&f).status, 200);
		f.phone.policy_key = "4711";
		assert_int_equal(foldersync(&f).status, 449);
	}
	provision_phone(&f);
	set(&f, POLICY_MIN_PASSWORD, "6");
	assert_int_equal(foldersync(&f).status, 449);
}

/* MS-ASPROV_R650: it is good for the acknowledgement alone. */
static void a_temporary_key_opens_nothing(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	require_policy(&f);
	r = provision(&f, HEAD INFO POLICY "01");
	assert_ok(arena_cstr(&f.arena, eas_reply_text(&r, "PolicyKey", 0), &f.phone.policy_key));
	r = foldersync(&f);
	assert_status("the temporary key", &r, 142);
	provision_phone(&f);
	r = provision(&f, HEAD POLICY "01");
	assert_ok(arena_cstr(&f.arena, eas_reply_text(&r, "PolicyKey", 0), &f.phone.policy_key));
	r = foldersync(&f);
	assert_status("a later temporary key", &r, 144);
}

/* MS-ASPROV_R693, MS-ASPROV_R537: in each version, and no version loops. */
static void a_changed_policy_asks_each_phone_again_once(void **unused)
{
	static const char *const versions[] = { "14.0", "14.1", "16.0", "16.1" };
	static const char *const lengths[] = { "6", "7", "8", "9" };
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	require_policy(&f);
	provision_phone(&f);
	for (size_t i = 0; i < countof(versions); i++) {
		f.phone.version = versions[i];
		r = foldersync(&f);
		assert_status("another version is told the same", &r, 1);
		set(&f, POLICY_MIN_PASSWORD, lengths[i]);
		r = foldersync(&f);
		assert_status(versions[i], &r, 143);
		provision_phone(&f);
		r = foldersync(&f);
		assert_status("provisioned again", &r, 1);
		r = foldersync(&f);
		assert_status("and not asked a second time", &r, 1);
	}
}

/* What is changed between the two phases is asked for after them. */
static void a_policy_that_changes_while_it_is_acknowledged_is_asked_for_again(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	require_policy(&f);
	r = provision(&f, HEAD INFO POLICY "01");
	set(&f, POLICY_MIN_PASSWORD, "6");
	r = acknowledge(&f, eas_reply_text(&r, "PolicyKey", 0), 1);
	assert_ok(arena_cstr(&f.arena, eas_reply_text(&r, "PolicyKey", 0), &f.phone.policy_key));
	r = foldersync(&f);
	assert_status("the former one was acknowledged", &r, 143);
}

/* MS-ASCMD_R4909. */
static void a_policy_is_refreshed_in_its_interval(void **unused)
{
	enum { HOUR = 3600 * 1000 };
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	require_policy(&f);
	set(&f, POLICY_REFRESH, "24");
	provision_phone(&f);
	server_advance(&f.server, 24 * HOUR - 1);
	r = foldersync(&f);
	assert_status("not yet", &r, 1);
	server_advance(&f.server, 1);
	r = foldersync(&f);
	assert_status("a day later", &r, 143);
}

/* MS-ASPROV_R652, MS-ASPROV_R1044: the phone that has it hears once that nothing is asked for any more. */
static void a_policy_that_is_taken_away_is_told_of_once(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	require_policy(&f);
	provision_phone(&f);
	forget_policy(&f);
	r = foldersync(&f);
	assert_status("nothing is asked for any more", &r, 143);
	r = provision(&f, HEAD POLICY "01");
	assert_true(text_is(&r, "DevicePasswordEnabled", 0, "0"));
	provision_phone(&f);
	r = foldersync(&f);
	assert_status("and that is it", &r, 1);
	f.phone.policy_key = "4711";
	r = foldersync(&f);
	assert_status("without a policy no key is looked at", &r, 1);
}

/* MS-ASPROV_R455, R684, R461, R687, R659, R660, R697, R1046, R681, R686: what the phone says of it, and what the policy makes of that. */
static void what_a_phone_applies_must_be_enough(void **unused)
{
	static const struct {
		unsigned said;
		enum policy_setting allows;
		unsigned status;
	} cases[] = {
		{ 2, POLICY_NON_PROVISIONABLE, 139 },
		{ 3, POLICY_NON_PROVISIONABLE, 139 },
		{ 4, POLICY_EXTERNAL, 145 },
	};
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	require_policy(&f);
	for (size_t i = 0; i < countof(cases); i++) {
		f.phone.version = "16.1";
		f.phone.policy_key = "0";
		r = provision(&f, HEAD INFO POLICY "01");
		r = acknowledge(&f, eas_reply_text(&r, "PolicyKey", 0), cases[i].said);
		assert_status("too little", &r, cases[i].status);
		assert_int_equal(eas_reply_count(&r, "PolicyKey"), 0);
		r = foldersync(&f);
		assert_status("it is not in", &r, 142);
		f.phone.version = "12.1";
		r = provision(&f, HEAD POLICY "01");
		assert_int_equal(acknowledge(&f, eas_reply_text(&r, "PolicyKey", 0), cases[i].said).status, 403);
		r = acknowledge(&f, S("12345"), cases[i].said);
		assert_true(text_is(&r, "Status", 1, "5")); /* the key comes first */
		f.phone.version = "16.1";
		set(&f, cases[i].allows, "1");
		r = provision(&f, HEAD POLICY "01");
		r = acknowledge(&f, eas_reply_text(&r, "PolicyKey", 0), cases[i].said);
		assert_status("let in", &r, 1);
		assert_ok(arena_cstr(&f.arena, eas_reply_text(&r, "PolicyKey", 0), &f.phone.policy_key));
		r = foldersync(&f);
		assert_status("with what it can", &r, 1);
		set(&f, cases[i].allows, "0");
		forget_partnership(&f);
	}
}

/* A phone that can't be provisioned at all shows no key. */
static void phones_that_know_no_policy_can_be_let_in(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	require_policy(&f);
	set(&f, POLICY_NON_PROVISIONABLE, "1");
	f.phone.policy_key = NULL;
	r = foldersync(&f);
	assert_status("no key", &r, 1);
	f.phone.policy_key = "0";
	r = foldersync(&f);
	assert_status("a phone that has keys is to use them", &r, 142);
}

/* MS-ASPROV_R381, MS-ASPROV_R473, MS-ASPROV_R691. */
static void a_damaged_policy_lets_nobody_in(void **unused)
{
	static const struct sql_def tamper = { "test_tamper", "UPDATE policy_value SET value = '9'" };
	FIXTURE(f);
	struct store_tx *tx;
	struct sql_stmt *st;
	struct eas_reply r;

	(void)unused;
	require_policy(&f);
	provision_phone(&f);
	tx = begin(&f);
	assert_ok(sql_use(store_tx_db(tx), &tamper, &st));
	assert_ok(sql_run(st));
	assert_ok(store_commit(&tx));
	r = foldersync(&f);
	assert_status("damaged", &r, 143);
	r = provision(&f, HEAD POLICY "01");
	assert_true(text_is(&r, "Status", 0, "1"));
	assert_true(text_is(&r, "Status", 1, "4"));
	assert_int_equal(eas_reply_count(&r, "Data"), 0);
}

#define PING "03 01 6A 00 00 0D 45 48 03 '60' 00 01 49 4A 4B 03 '1' 00 01 4C 03 'Email' 00 01 01 01 01"

/* It carries no key, so that it is sent to a command that does. */
static void a_ping_is_sent_to_foldersync(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	require_policy(&f);
	r = eas_phone_ask(&f.phone, "Ping", hex(&f.arena, PING));
	assert_status("not provisioned", &r, 7);
	provision_phone(&f);
	fixture_learn_hierarchy(&f);
	eas_phone_send(&f.phone, "Ping", hex(&f.arena, PING));
	server_await_held(&f.server, 1);
	server_advance(&f.server, 60 * 1000);
	r = eas_phone_receive(&f.phone);
	assert_status("provisioned", &r, 1);
	set(&f, POLICY_MIN_PASSWORD, "6");
	r = eas_phone_ask(&f.phone, "Ping", hex(&f.arena, PING));
	assert_status("changed", &r, 7);
	f.phone.version = "12.1";
	r = eas_phone_ask(&f.phone, "Ping", hex(&f.arena, PING));
	assert_status("in every version", &r, 7);
}

/* ---- access ---- */

static void set_default(struct fixture *f, const char *level)
{
	struct store_tx *tx = begin(f);

	assert_ok(access_setting_set(tx, ACCESS_DEFAULT_LEVEL, str_of(level)));
	assert_ok(access_setting_set(tx, ACCESS_ADMINS, S("root@example.test")));
	assert_ok(access_setting_set(tx, ACCESS_USER_TEXT, S("Call 4711.")));
	assert_ok(store_commit(&tx));
}

static void exempt(struct fixture *f, enum access_level level)
{
	struct store_tx *tx = begin(f);

	assert_ok(access_exempt(tx, f->ann.id, str_of(f->phone.device_id), level));
	assert_ok(store_commit(&tx));
}

static uint64_t mails_of(struct fixture *f, int64_t mailbox)
{
	struct store_tx *tx;
	struct folder folder;
	int64_t inbox;

	assert_ok(store_begin(f->server.store, mailbox, STORE_READ, &tx));
	assert_ok(folder_by_role(tx, FOLDER_INBOX, &inbox));
	assert_ok(folder_get(&f->arena, tx, inbox, &folder));
	assert_ok(store_commit(&tx));
	return folder.total;
}

/* MS-ASCMD_R4876. */
static void a_blocked_phone_is_refused_and_the_administrator_hears_of_it_once(void **unused)
{
	FIXTURE(f);
	struct server_account root = server_add_account(&f.server, "root@example.test", "secret");
	struct eas_reply r;

	(void)unused;
	set_default(&f, "block");
	for (int i = 0; i < 2; i++) {
		r = foldersync(&f);
		assert_status("blocked", &r, 129);
	}
	assert_int_equal(mails_of(&f, root.mailbox), 1);
	f.phone.version = "12.1";
	assert_int_equal(foldersync(&f).status, 403);
	f.phone.version = "16.1";
	exempt(&f, ACCESS_ALLOW);
	r = foldersync(&f);
	assert_status("allowed", &r, 1);
}

/* One with another id at each retry. */
static void a_client_of_many_names_fills_no_mailbox(void **unused)
{
	FIXTURE(f);
	struct server_account root = server_add_account(&f.server, "root@example.test", "secret");

	(void)unused;
	set_default(&f, "quarantine");
	for (unsigned i = 0; i < DEVICE_MAX_PER_ACCOUNT + 20; i++) {
		CLEANUP(buf_release) struct buf id = BUF_INIT(32);
		struct eas_reply r;

		buf_fmt(&id, "LOOP%u%c", i, '\0');
		f.phone.device_id = id.p;
		r = foldersync(&f);
		assert_status(id.p, &r, 1);
	}
	assert_int_equal(mails_of(&f, root.mailbox), EAS_NOTICES_MAX);
}

/* It provisioned once, and shows its key no more: sent to FolderSync, it would be let in and come back at once. */
static void a_ping_of_a_phone_that_shows_no_key_is_held(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	require_policy(&f);
	set(&f, POLICY_NON_PROVISIONABLE, "1");
	provision_phone(&f);
	fixture_learn_hierarchy(&f);
	set(&f, POLICY_MIN_PASSWORD, "6");
	r = eas_phone_ask(&f.phone, "Ping", hex(&f.arena, PING));
	assert_status("it showed one", &r, 7);
	f.phone.policy_key = NULL;
	fixture_learn_hierarchy(&f);
	eas_phone_send(&f.phone, "Ping", hex(&f.arena, PING));
	server_await_held(&f.server, 1);
	server_advance(&f.server, 60 * 1000);
	r = eas_phone_receive(&f.phone);
	assert_status("held", &r, 1);
}

/* MS-ASCMD_R4869, MS-ASCMD_R7555. */
static void an_account_without_activesync_has_no_phone(void **unused)
{
	FIXTURE(f);
	struct store_tx *tx = begin(&f);
	struct eas_reply r;

	(void)unused;
	assert_ok(access_switch(tx, f.ann.id, false));
	assert_ok(store_commit(&tx));
	exempt(&f, ACCESS_ALLOW);
	r = foldersync(&f);
	assert_status("off", &r, 126);
	f.phone.version = "12.1";
	assert_int_equal(foldersync(&f).status, 403);
}

/* Page 0: 45 Sync, 5C Collections, 4F Collection, 4B SyncKey, 52 CollectionId, 13 GetChanges. */
static struct eas_reply sync_inbox(struct fixture *f, const char *key)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(1024);

	buf_fmt(&text, "03 01 6A 00 45 5C 4F 4B 03 '%s' 00 01 52 03 '%lld' 00 01 13 01 01 01%c", key,
		(long long)fixture_role(f, FOLDER_INBOX), '\0');
	return eas_phone_ask(&f->phone, "Sync", hex(&f->arena, text.p));
}

static void a_phone_in_quarantine_sees_one_mail_and_nothing_else(void **unused)
{
	FIXTURE(f);
	struct server_account root = server_add_account(&f.server, "root@example.test", "secret");
	struct eas_reply r;
	struct str key;

	(void)unused;
	fixture_add_item(&f, fixture_role(&f, FOLDER_INBOX), STORE_NOBODY);
	fixture_add_folder(&f, "Secret", FOLDER_MAIL, FOLDER_ROOT);
	set_default(&f, "quarantine");
	r = foldersync(&f);
	assert_status("the folders that it needs", &r, 1);
	assert_true(text_is(&r, "Count", 0, "5"));
	assert_true(str_find(r.xml, S("Secret")) == r.xml.n);
	assert_int_equal(mails_of(&f, root.mailbox), 1);
	r = sync_inbox(&f, "0");
	key = eas_reply_text(&r, "SyncKey", 0);
	assert_true(str_eq(key, S("Q1")));
	r = sync_inbox(&f, "Q1");
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	assert_true(text_is(&r, "email:Subject", 0, "This phone is waiting for permission"));
	assert_true(str_find(r.xml, S("Call 4711.")) < r.xml.n);
	r = sync_inbox(&f, "Q2");
	assert_true(r.status == 200 && r.body.n == 0);
	r = sync_inbox(&f, "4711");
	assert_true(text_is(&r, "Status", 0, "3"));
	r = eas_phone_ask(&f.phone, "GetItemEstimate", hex(&f.arena, "03 01 6A 00 00 06 45 01"));
	assert_status("nothing else", &r, 129);
	eas_phone_send(&f.phone, "Ping", hex(&f.arena, PING));
	server_await_held(&f.server, 1);
	/* Approved: what it has is foreign, so that it begins anew by itself. */
	exempt(&f, ACCESS_ALLOW);
	server_advance(&f.server, 60 * 1000);
	r = eas_phone_receive(&f.phone);
	assert_status("the wait ends", &r, 1);
	r = fixture_foldersync(&f, "Q1");
	assert_status("begin anew", &r, 9);
	r = sync_inbox(&f, "Q2");
	assert_true(text_is(&r, "Status", 0, "3"));
	r = foldersync(&f);
	assert_true(text_is(&r, "Count", 0, "12"));
	assert_int_equal(mails_of(&f, root.mailbox), 1);
}

/* A phone tells of itself while it waits, and that may let it in. */
static void a_phone_is_let_in_by_what_it_tells(void **unused)
{
	FIXTURE(f);
	const struct access_rule rule = { ACCESS_UNDECIDED, ACCESS_ALLOW, ACCESS_MODEL, true, STR_INIT("Pixel*") };
	struct store_tx *tx;
	struct eas_reply r;
	int64_t id;

	(void)unused;
	server_add_account(&f.server, "root@example.test", "secret");
	set_default(&f, "block");
	tx = begin(&f);
	assert_ok(access_rule_add(tx, &rule, &id));
	assert_ok(store_commit(&tx));
	r = sync_inbox(&f, "0");
	assert_true(text_is(&r, "SyncKey", 0, "Q1"));
	r = sync_inbox(&f, "Q1");
	assert_true(r.status == 200 && r.body.n == 0); /* not even the mail: nothing is decided yet */
	provision_phone(&f);
	r = foldersync(&f);
	assert_status("a Pixel", &r, 1);
	assert_true(text_is(&r, "Count", 0, "11"));
}

/* ---- wipe ---- */

static void request_wipe(struct fixture *f, enum device_wipe kind, bool allows)
{
	int64_t id = fixture_device(f);
	struct store_tx *tx = begin(f);

	assert_ok(device_wipe_request(tx, id, kind, allows));
	assert_ok(store_commit(&tx));
}

static struct device device_row(struct fixture *f)
{
	int64_t id = fixture_device(f);
	struct store_tx *tx = begin(f);
	struct device d;

	assert_ok(device_get(&f->arena, tx, id, &d));
	assert_ok(store_commit(&tx));
	return d;
}

/* 4C RemoteWipe, 7B AccountOnlyRemoteWipe, 4B Status. */
#define WIPE_ACK(tag, status) HEAD tag " 4B 03 '" status "' 00 01 01 01"

/* MS-ASCMD_R5280; MS-ASPROV_R493, R653, R654, R321, R322, R663, R664, R1047, R665, R701, R666, R1048, R758, R702. */
static void a_phone_is_wiped(void **unused)
{
	FIXTURE(f);
	struct server_account root = server_add_account(&f.server, "root@example.test", "secret");
	struct eas_reply r;

	(void)unused;
	set_default(&f, "allow");
	foldersync(&f);
	r = provision(&f, EMPTY);
	assert_xml(r, "<Provision xmlns=\"Provision\"><Status>1</Status></Provision>");
	request_wipe(&f, DEVICE_WIPE_FULL, false);
	r = foldersync(&f);
	assert_status("asked to wipe", &r, 140);
	r = eas_phone_ask(&f.phone, "Ping", hex(&f.arena, PING));
	assert_status("whatever it asks", &r, 140);
	for (int i = 0; i < 2; i++) { /* whether it asks for nothing or for a policy */
		r = provision(&f, i ? HEAD INFO POLICY "01" : EMPTY);
		assert_xml(r, "<Provision xmlns=\"Provision\"><Status>1</Status><RemoteWipe/></Provision>");
	}
	assert_true(device_row(&f).wipe_sent_ms > 0);
	r = provision(&f, WIPE_ACK("4C", "2"));
	assert_xml(r, "<Provision xmlns=\"Provision\"><Status>2</Status><RemoteWipe/></Provision>");
	assert_int_equal(device_row(&f).wipe_status, 2);
	r = provision(&f, WIPE_ACK("4C", "1"));
	assert_xml(r, "<Provision xmlns=\"Provision\"><Status>1</Status></Provision>");
	assert_true(device_row(&f).wipe_done_ms > 0);
	assert_int_equal(mails_of(&f, root.mailbox), 2); /* that it failed, and that it is done */
	assert_int_equal(mails_of(&f, f.ann.mailbox), 2);
	r = provision(&f, WIPE_ACK("4C", "1"));
	assert_status("it is kept out", &r, 129);
	r = foldersync(&f);
	assert_status("with all commands", &r, 129);
	exempt(&f, ACCESS_ALLOW);
	r = foldersync(&f);
	assert_status("until it is allowed", &r, 1);
	assert_int_equal(device_row(&f).wipe, DEVICE_WIPE_NONE);
}

/* MS-ASPROV_R6901, R6903, R6906, R66601, R66602, R66603, R66604, R66605, R66612, R66614, R66609, R66610, R66611, R66613, R66615. */
static void an_account_alone_is_wiped(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;
	int64_t former;

	(void)unused;
	foldersync(&f);
	former = fixture_device(&f);
	request_wipe(&f, DEVICE_WIPE_ACCOUNT, true);
	r = provision(&f, EMPTY);
	assert_xml(r, "<Provision xmlns=\"Provision\"><Status>1</Status><AccountOnlyRemoteWipe/></Provision>");
	r = provision(&f, WIPE_ACK("4C", "1"));
	assert_xml(r, "<Provision xmlns=\"Provision\"><Status>2</Status><AccountOnlyRemoteWipe/></Provision>");
	r = provision(&f, WIPE_ACK("7B", "2"));
	assert_xml(r, "<Provision xmlns=\"Provision\"><Status>2</Status><AccountOnlyRemoteWipe/></Provision>");
	r = provision(&f, WIPE_ACK("7B", "1"));
	assert_xml(r, "<Provision xmlns=\"Provision\"><Status>1</Status></Provision>");
	/* It may come back, as another device. */
	r = foldersync(&f);
	assert_status("back again", &r, 1);
	assert_int_not_equal(fixture_device(&f), former);
}

/* In a version that cannot be told of it, nothing is given away, and never a wipe of all instead. */
static void a_wipe_of_the_account_is_never_more(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	foldersync(&f);
	request_wipe(&f, DEVICE_WIPE_ACCOUNT, false);
	f.phone.version = "14.1";
	r = foldersync(&f);
	assert_status("not told", &r, 129);
	r = provision(&f, EMPTY);
	assert_status("nor here", &r, 129);
	assert_int_equal(device_row(&f).wipe_sent_ms, 0);
}

/* MS-ASCMD_R7561, MS-ASCMD_R7562. */
static void before_14_a_wipe_is_an_http_status(void **unused)
{
	FIXTURE(f);

	(void)unused;
	f.phone.version = "12.1";
	foldersync(&f);
	request_wipe(&f, DEVICE_WIPE_FULL, false);
	f.phone.policy_key = NULL;
	assert_int_equal(foldersync(&f).status, 403);
	f.phone.policy_key = "4711";
	assert_int_equal(foldersync(&f).status, 449);
}

/* MS-ASPROV_R680, R452, R706, R504, R396: the disk, say. */
static void an_error_of_the_server_is_status_3(void **unused)
{
	static const struct sql_def fails = { "test_fails",
					      "CREATE TRIGGER fails BEFORE UPDATE OF policy_key_temporary ON"
					      " device BEGIN SELECT RAISE(ABORT, 'no'); END" };
	static const char *const versions[] = { "12.1", "16.1" };
	FIXTURE(f);
	struct store_tx *tx = begin(&f);
	struct sql_stmt *st;

	(void)unused;
	assert_ok(sql_use(store_tx_db(tx), &fails, &st));
	assert_ok(sql_run(st));
	assert_ok(store_commit(&tx));
	for (size_t i = 0; i < countof(versions); i++) {
		struct eas_reply r;

		f.phone.version = versions[i];
		r = provision(&f, i ? HEAD INFO POLICY "01" : HEAD POLICY "01");
		assert_xml(r, "<Provision xmlns=\"Provision\"><Status>3</Status></Provision>");
	}
}

/* MS-ASPROV_R193, MS-ASPROV_R239: lists of any length go out. */
static void long_lists_go_out_whole(void **unused)
{
	enum { NAMES = 500 };
	CLEANUP(buf_release) struct buf names = BUF_INIT(POLICY_VALUE_MAX);
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	for (int i = 0; i < NAMES; i++)
		buf_fmt(&names, "%sgame%d.exe", i ? "," : "", i);
	buf_char(&names, '\0');
	assert_ok(buf_status(&names));
	require_policy(&f);
	set(&f, POLICY_UNAPPROVED_APPS, names.p);
	r = provision(&f, HEAD INFO POLICY "01");
	assert_int_equal(eas_reply_count(&r, "ApplicationName"), NAMES);
	assert_int_equal(eas_reply_count(&r, "UnapprovedInROMApplicationList"), 1);
	assert_true(text_is(&r, "ApplicationName", NAMES - 1, "game499.exe"));
}

static void a_wipe_that_nobody_asked_for_is_no_wipe(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	r = provision(&f, WIPE_ACK("4C", "1"));
	assert_status("unasked", &r, 2);
	assert_int_equal(device_row(&f).wipe, DEVICE_WIPE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_policy_asks_for_its_key),
		cmocka_unit_test(before_14_the_statuses_are_http_449),
		cmocka_unit_test(a_temporary_key_opens_nothing),
		cmocka_unit_test(a_changed_policy_asks_each_phone_again_once),
		cmocka_unit_test(a_policy_that_changes_while_it_is_acknowledged_is_asked_for_again),
		cmocka_unit_test(a_policy_is_refreshed_in_its_interval),
		cmocka_unit_test(a_policy_that_is_taken_away_is_told_of_once),
		cmocka_unit_test(what_a_phone_applies_must_be_enough),
		cmocka_unit_test(phones_that_know_no_policy_can_be_let_in),
		cmocka_unit_test(a_damaged_policy_lets_nobody_in),
		cmocka_unit_test(a_ping_is_sent_to_foldersync),
		cmocka_unit_test(a_blocked_phone_is_refused_and_the_administrator_hears_of_it_once),
		cmocka_unit_test(a_client_of_many_names_fills_no_mailbox),
		cmocka_unit_test(a_ping_of_a_phone_that_shows_no_key_is_held),
		cmocka_unit_test(an_account_without_activesync_has_no_phone),
		cmocka_unit_test(a_phone_in_quarantine_sees_one_mail_and_nothing_else),
		cmocka_unit_test(a_phone_is_let_in_by_what_it_tells),
		cmocka_unit_test(a_phone_is_wiped),
		cmocka_unit_test(an_account_alone_is_wiped),
		cmocka_unit_test(a_wipe_of_the_account_is_never_more),
		cmocka_unit_test(before_14_a_wipe_is_an_http_status),
		cmocka_unit_test(an_error_of_the_server_is_status_3),
		cmocka_unit_test(long_lists_go_out_whole),
		cmocka_unit_test(a_wipe_that_nobody_asked_for_is_no_wipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
