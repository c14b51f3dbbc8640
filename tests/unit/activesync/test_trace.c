/* Traces: what they keep of a device's exchanges, what they hide, and their bounds. */
#include "fixture.h"

#include <gateway/activesync/trace.h>
#include <store/access.h>

#include <tests/support/hex.h>

#define SETTINGS_PASSWORD "03 01 6A 00 00 12 45 54 56 03 'hunter2' 00 01 01 01"

struct log {
	struct buf requests, answers, facts;
	size_t n;
	int last_status;
	int64_t device; /* asked for once */
};
#define LOG_INIT                                                                                          \
	{                                                                                                 \
		.requests = BUF_INIT(64 << 20), .answers = BUF_INIT(64 << 20), .facts = BUF_INIT(1 << 20) \
	}

static void log_release(struct log *l)
{
	buf_release(&l->requests);
	buf_release(&l->answers);
	buf_release(&l->facts);
}

static void each(void *ctx, const struct eas_traced *t)
{
	struct log *l = ctx;

	buf_str(&l->requests, t->request);
	buf_str(&l->answers, t->answer);
	buf_fmt(&l->facts, STR_FMT " " STR_FMT " " STR_FMT "\n", STR_ARG(t->command), STR_ARG(t->version),
		STR_ARG(t->access));
	buf_str(&l->facts, t->headers);
	l->last_status = t->status;
	l->n++;
}

static struct eas_trace_state read_trace(struct fixture *f, struct log *l)
{
	struct eas_trace_state state;

	if (!l->device)
		l->device = fixture_device(f);
	buf_clear(&l->requests);
	buf_clear(&l->answers);
	buf_clear(&l->facts);
	l->n = 0;
	assert_ok(eas_trace_read(f->eas, l->device, &state, each, l));
	return state;
}

static bool has(const struct buf *b, const char *text)
{
	return memmem(b->p, b->n, text, strlen(text)) != NULL;
}

/* An exchange is kept when its answer has been written, which its client may see before. */
static void await(struct fixture *f, struct log *l, size_t n)
{
	do
		(void)read_trace(f, l);
	while (l->n < n);
}

static void protocol_is_shown_and_contents_are_not(void **unused)
{
	CLEANUP(log_release) struct log l = LOG_INIT;
	FIXTURE(f);

	(void)unused;
	fixture_learn_hierarchy(&f);
	assert_ok(eas_trace_start(f.eas, fixture_device(&f), 60, false));
	fixture_foldersync(&f, "0");
	eas_phone_ask(&f.phone, "Settings", hex(&f.arena, SETTINGS_PASSWORD));
	await(&f, &l, 2);
	assert_true(has(&l.requests, "<SyncKey>0</SyncKey>"));
	assert_true(has(&l.answers, "<Status>1</Status>"));
	assert_true(has(&l.answers, "<ServerId>"));
	assert_true(has(&l.answers, "<DisplayName>[5 octets]</DisplayName>"));
	assert_false(has(&l.answers, "Inbox"));
	assert_true(has(&l.requests, "[7 octets]"));
	assert_false(has(&l.requests, "hunter2"));
	assert_true(has(&l.facts, "FolderSync 16.1 allow"));
	assert_true(has(&l.facts, "Content-Type: application/vnd.ms-sync"));
	assert_false(has(&l.facts, "Authorization"));
	assert_int_equal(l.last_status, 200);
}

static void contents_are_shown_to_who_asks_for_them(void **unused)
{
	CLEANUP(log_release) struct log l = LOG_INIT;
	FIXTURE(f);

	(void)unused;
	fixture_learn_hierarchy(&f);
	assert_ok(eas_trace_start(f.eas, fixture_device(&f), 60, true));
	fixture_foldersync(&f, "0");
	await(&f, &l, 1);
	assert_true(has(&l.answers, "<DisplayName>Inbox</DisplayName>"));
}

static void what_is_refused_is_kept_too(void **unused)
{
	CLEANUP(log_release) struct log l = LOG_INIT;
	FIXTURE(f);
	struct store_tx *tx;

	(void)unused;
	fixture_learn_hierarchy(&f);
	assert_ok(eas_trace_start(f.eas, fixture_device(&f), 60, false));
	assert_ok(store_begin(f.server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(access_exempt(tx, f.ann.id, str_of(f.phone.device_id), ACCESS_BLOCK));
	assert_ok(store_commit(&tx));
	fixture_foldersync(&f, "0");
	await(&f, &l, 1);
	assert_true(has(&l.answers, "<Status>129</Status>"));
	assert_true(has(&l.requests, "<SyncKey>0</SyncKey>"));
	eas_phone_ask(&f.phone, "FolderSync", hex(&f.arena, "03 01 6A 00 45"));
	await(&f, &l, 2);
}

static void a_document_that_is_none_is_shown_up_to_its_fault(void **unused)
{
	CLEANUP(log_release) struct log l = LOG_INIT;
	FIXTURE(f);

	(void)unused;
	fixture_learn_hierarchy(&f);
	assert_ok(eas_trace_start(f.eas, fixture_device(&f), 60, false));
	eas_phone_ask(&f.phone, "FolderSync", hex(&f.arena, "03 01 6A 00 00 07 56 52 03 '0'"));
	await(&f, &l, 1);
	assert_true(has(&l.requests, "<FolderSync"));
	assert_true(has(&l.requests, "[octet "));
}

static void it_ends_by_itself_and_is_forgotten(void **unused)
{
	CLEANUP(log_release) struct log l = LOG_INIT;
	FIXTURE(f);
	struct eas_trace_state state;
	int64_t device;

	(void)unused;
	fixture_learn_hierarchy(&f);
	device = fixture_device(&f);
	assert_int_equal(eas_trace_read(f.eas, device, &state, each, &l), ERR_NOT_FOUND);
	assert_int_equal(eas_trace_stop(f.eas, device), ERR_NOT_FOUND);
	assert_int_equal(eas_trace_start(f.eas, device, 0, false), ERR_LIMIT);
	assert_int_equal(eas_trace_start(f.eas, device, EAS_TRACE_MINUTES_MAX + 1, false), ERR_LIMIT);
	assert_ok(eas_trace_start(f.eas, device, 1, false));
	fixture_foldersync(&f, "0");
	await(&f, &l, 1);
	assert_true(read_trace(&f, &l).runs);
	server_advance(&f.server, 60 * 1000);
	fixture_foldersync(&f, "0");
	fixture_foldersync(&f, "0");
	assert_false(read_trace(&f, &l).runs);
	assert_int_equal(l.n, 1);
	server_advance(&f.server, EAS_TRACE_KEPT_MS);
	assert_int_equal(eas_trace_read(f.eas, device, &state, each, &l), ERR_NOT_FOUND);
	assert_ok(eas_trace_start(f.eas, device, EAS_TRACE_MINUTES_MAX, false));
	assert_ok(eas_trace_stop(f.eas, device));
	assert_int_equal(eas_trace_read(f.eas, device, &state, each, &l), ERR_NOT_FOUND);
}

static void the_oldest_make_room(void **unused)
{
	enum { PADDING = 20000, ENOUGH = 24 };
	CLEANUP(log_release) struct log l = LOG_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT(PADDING * 10);
	FIXTURE(f);

	(void)unused;
	fixture_learn_hierarchy(&f);
	assert_ok(eas_trace_start(f.eas, fixture_device(&f), 60, true));
	for (size_t i = 0; i < ENOUGH; i++) {
		buf_clear(&text);
		buf_put(&text, "\x03\x01\x6a\x00\x45", 5);
		for (size_t k = 0; k < PADDING; k++) /* as XML many more: the document is cut */
			buf_fmt(&text, "%c%c%c%zu%c%c", 0x4b, 0x03, 'x', i, 0, 0x01);
		buf_char(&text, 0x01);
		eas_phone_ask(&f.phone, "Sync", buf_view(&text));
	}
	while (read_trace(&f, &l).dropped + l.n < ENOUGH)
		;
	assert_true(l.n > 4 && l.n < ENOUGH);
	assert_true(l.requests.n <= EAS_TRACE_MAX_BYTES);
	assert_true(has(&l.requests, "[cut: the document has "));
}

static void so_many_devices_and_no_more(void **unused)
{
	FIXTURE(f);

	(void)unused;
	for (int64_t i = 1; i <= EAS_TRACES_MAX; i++)
		assert_ok(eas_trace_start(f.eas, i, 1, false));
	assert_int_equal(eas_trace_start(f.eas, EAS_TRACES_MAX + 1, 1, false), ERR_LIMIT);
	assert_ok(eas_trace_start(f.eas, 1, 1, false));
	assert_ok(eas_trace_stop(f.eas, 1));
	assert_ok(eas_trace_start(f.eas, EAS_TRACES_MAX + 1, 1, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(protocol_is_shown_and_contents_are_not),
		cmocka_unit_test(contents_are_shown_to_who_asks_for_them),
		cmocka_unit_test(what_is_refused_is_kept_too),
		cmocka_unit_test(a_document_that_is_none_is_shown_up_to_its_fault),
		cmocka_unit_test(it_ends_by_itself_and_is_forgotten),
		cmocka_unit_test(the_oldest_make_room),
		cmocka_unit_test(so_many_devices_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
