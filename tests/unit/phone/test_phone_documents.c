/* What the server's documents may hold, written with the codec's writer, and what the phone does with them. */
#include <tools/phone/apply.h>
#include <tools/phone/fault.h>
#include <tools/phone/hierarchy.h>
#include <tools/phone/ping.h>
#include <tools/phone/provision.h>

#include <wbxml/xml.h>

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

/* A small notation for documents: a tag and its text, or its children up to UP. */

struct piece {
	enum wbxml_tag tag;
	const char *text; /* NULL: opens */
};
static const char up[] = "(closes)";
#define UP(tag)         \
	{               \
		tag, up \
	}

struct bench {
	struct buf bytes, why;
	struct arena arena;
	struct doc doc;
};

static void bench_release(struct bench *b)
{
	buf_release(&b->bytes);
	buf_release(&b->why);
	arena_release(&b->arena);
}

static void put_pieces(struct wbxml_writer *w, const struct piece *pieces, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!pieces[i].text)
			wbxml_open(w, pieces[i].tag);
		else if (pieces[i].text == up)
			wbxml_close(w, pieces[i].tag);
		else
			wbxml_put_text(w, pieces[i].tag, str_of(pieces[i].text));
	}
}

static void bench_init(struct bench *b, enum eas_version v, const struct piece *pieces, size_t n)
{
	struct wbxml_writer w;

	*b = (struct bench){ .bytes = BUF_INIT(65536),
			     .why = BUF_INIT(FAULT_MAX_TEXT),
			     .arena = ARENA_INIT(1024 * 1024) };
	b->doc = (struct doc){ .version = v, .arena = &b->arena, .why = &b->why };
	wbxml_writer_init(&w, &b->bytes);
	put_pieces(&w, pieces, n);
	assert_int_equal(wbxml_writer_end(&w), ERR_OK);
}

static void assert_why(const char *what, const struct bench *b, enum err e, const char *part)
{
	struct str why = buf_view(&b->why);

	if (!part && e)
		fail_msg("%s: %.*s", what, (int)why.n, why.p);
	if (part && (!e || str_find(why, str_of(part)) == why.n))
		fail_msg("%s: \"%.*s\" does not say \"%s\"", what, (int)why.n, why.p ? why.p : "", part);
}

#define F(name) TAG_FOLDERHIERARCHY_##name

static void folder_changes_are_read_or_refused(void **unused)
{
	static const struct {
		const char *what, *refused; /* NULL: read */
		struct piece pieces[16];
		size_t n;
	} cases[] = {
		{ "a folder",
		  NULL,
		  { { F(FOLDERSYNC), NULL },
		    { F(STATUS), "1" },
		    { F(SYNCKEY), "k1" },
		    { F(CHANGES), NULL },
		    { F(COUNT), "1" },
		    { F(ADD), NULL },
		    { F(SERVERID), "2" },
		    { F(PARENTID), "0" },
		    { F(DISPLAYNAME), "Inbox" },
		    { F(TYPE), "2" },
		    UP(F(ADD)),
		    UP(F(CHANGES)),
		    UP(F(FOLDERSYNC)) },
		  13 },
		{ "a wrong count",
		  "counts 2 changes and has 1",
		  { { F(FOLDERSYNC), NULL },
		    { F(STATUS), "1" },
		    { F(SYNCKEY), "k1" },
		    { F(CHANGES), NULL },
		    { F(COUNT), "2" },
		    { F(DELETE), NULL },
		    { F(SERVERID), "2" },
		    UP(F(DELETE)),
		    UP(F(CHANGES)),
		    UP(F(FOLDERSYNC)) },
		  10 },
		{ "a Delete with a name",
		  "does not belong into",
		  { { F(FOLDERSYNC), NULL },
		    { F(STATUS), "1" },
		    { F(SYNCKEY), "k1" },
		    { F(CHANGES), NULL },
		    { F(COUNT), "1" },
		    { F(DELETE), NULL },
		    { F(SERVERID), "2" },
		    { F(DISPLAYNAME), "x" },
		    UP(F(DELETE)),
		    UP(F(CHANGES)),
		    UP(F(FOLDERSYNC)) },
		  11 },
		{ "an Update behind an Add",
		  "out of its order",
		  { { F(FOLDERSYNC), NULL },
		    { F(STATUS), "1" },
		    { F(SYNCKEY), "k1" },
		    { F(CHANGES), NULL },
		    { F(COUNT), "1" },
		    { F(DELETE), NULL },
		    { F(SERVERID), "2" },
		    UP(F(DELETE)),
		    { F(UPDATE), "" },
		    UP(F(CHANGES)),
		    UP(F(FOLDERSYNC)) },
		  11 },
		{ "no key",
		  "without a SyncKey",
		  { { F(FOLDERSYNC), NULL },
		    { F(STATUS), "1" },
		    { F(CHANGES), NULL },
		    { F(COUNT), "0" },
		    UP(F(CHANGES)),
		    UP(F(FOLDERSYNC)) },
		  6 },
		{ "no status", "lacks Status", { { F(FOLDERSYNC), NULL }, { F(SYNCKEY), "1" }, UP(F(FOLDERSYNC)) }, 3 },
		{ "two statuses",
		  "stands twice",
		  { { F(FOLDERSYNC), NULL }, { F(STATUS), "1" }, { F(STATUS), "1" }, UP(F(FOLDERSYNC)) },
		  4 },
		{ "a refusal", NULL, { { F(FOLDERSYNC), NULL }, { F(STATUS), "142" }, UP(F(FOLDERSYNC)) }, 3 },
		{ "a status that is no number",
		  "its type does not allow",
		  { { F(FOLDERSYNC), NULL }, { F(STATUS), "ok" }, UP(F(FOLDERSYNC)) },
		  3 },
		{ "another root",
		  "root is Ping",
		  { { TAG_PING_PING, NULL }, { TAG_PING_STATUS, "1" }, UP(TAG_PING_PING) },
		  3 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct hierarchy_reply r;
		struct bench b;

		bench_init(&b, EAS_16_1, cases[i].pieces, cases[i].n);
		assert_why(cases[i].what, &b, hierarchy_parse(&b.doc, buf_view(&b.bytes), &r), cases[i].refused);
		bench_release(&b);
	}
}

/* MS-ASCMD 2.2.3.177.11 */
static void each_ping_status_has_what_belongs_to_it(void **unused)
{
	static const struct {
		const char *what, *refused;
		struct piece pieces[8];
		size_t n;
	} cases[] = {
		{ "expired", NULL, { { TAG_PING_PING, NULL }, { TAG_PING_STATUS, "1" }, UP(TAG_PING_PING) }, 3 },
		{ "changed",
		  NULL,
		  { { TAG_PING_PING, NULL },
		    { TAG_PING_STATUS, "2" },
		    { TAG_PING_FOLDERS, NULL },
		    { TAG_PING_FOLDER, "5" },
		    UP(TAG_PING_FOLDERS),
		    UP(TAG_PING_PING) },
		  6 },
		{ "changed, but what",
		  "without Folders",
		  { { TAG_PING_PING, NULL }, { TAG_PING_STATUS, "2" }, UP(TAG_PING_PING) },
		  3 },
		{ "expired, with folders",
		  "with Folders",
		  { { TAG_PING_PING, NULL },
		    { TAG_PING_STATUS, "1" },
		    { TAG_PING_FOLDERS, NULL },
		    { TAG_PING_FOLDER, "5" },
		    UP(TAG_PING_FOLDERS),
		    UP(TAG_PING_PING) },
		  6 },
		{ "out of range",
		  NULL,
		  { { TAG_PING_PING, NULL },
		    { TAG_PING_STATUS, "5" },
		    { TAG_PING_HEARTBEATINTERVAL, "60" },
		    UP(TAG_PING_PING) },
		  4 },
		{ "out of range of what",
		  "without HeartbeatInterval",
		  { { TAG_PING_PING, NULL }, { TAG_PING_STATUS, "5" }, UP(TAG_PING_PING) },
		  3 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct ping_reply r;
		struct bench b;

		bench_init(&b, EAS_12_1, cases[i].pieces, cases[i].n);
		assert_why(cases[i].what, &b, ping_parse(&b.doc, buf_view(&b.bytes), &r), cases[i].refused);
		bench_release(&b);
	}
}

/* MS-ASPROV R368, R608: DeviceInformation from 14.1 on, before never. */
static void provision_tells_the_device_from_14_1_on(void **unused)
{
	(void)unused;
	for (enum eas_version v = EAS_12_1; v < EAS_VERSION_MAX_; v++) {
		CLEANUP(buf_release) struct buf bytes = BUF_INIT(65536), xml = BUF_INIT(65536);
		struct wbxml_reader r;

		provision_ask(&bytes, v);
		wbxml_reader_init(&r, buf_view(&bytes));
		assert_int_equal(wbxml_to_xml(&r, &xml), ERR_OK);
		assert_int_equal(str_find(buf_view(&xml), S("DeviceInformation")) < xml.n, v >= EAS_14_1);
	}
}

#define A(name) TAG_AIRSYNC_##name
#define COLLECTION(key)                                                                            \
	{ A(SYNC), NULL }, { A(COLLECTIONS), NULL }, { A(COLLECTION), NULL }, { A(SYNCKEY), key }, \
		{ A(COLLECTIONID), "5" },                                                          \
	{                                                                                          \
		A(STATUS), "1"                                                                     \
	}
#define COLLECTION_END UP(A(COLLECTION)), UP(A(COLLECTIONS)), UP(A(SYNC))
#define ADD_BEGIN(id)                          \
	{ A(ADD), NULL }, { A(SERVERID), id }, \
	{                                      \
		A(APPLICATIONDATA), NULL       \
	}
#define ADD_END UP(A(APPLICATIONDATA)), UP(A(ADD))
#define BODY(type, data)                                                                                \
	{ TAG_AIRSYNCBASE_BODY, NULL }, { TAG_AIRSYNCBASE_TYPE, type }, { TAG_AIRSYNCBASE_DATA, data }, \
		UP(TAG_AIRSYNCBASE_BODY)

static void sync_responses_are_read_or_refused(void **unused)
{
	static const struct {
		const char *what, *refused;
		enum eas_version version;
		struct piece pieces[32];
		size_t n;
	} cases[] = {
		{ "no changes of a folder", NULL, EAS_16_1, { COLLECTION("2"), COLLECTION_END }, 9 },
		{ "a message",
		  NULL,
		  EAS_16_1,
		  { COLLECTION("2"),
		    { A(COMMANDS), NULL },
		    ADD_BEGIN("5:1"),
		    BODY("4", "x"),
		    { TAG_EMAIL_READ, "0" },
		    { TAG_EMAIL_DATERECEIVED, "2024-02-29T23:59:59.000Z" },
		    ADD_END,
		    UP(A(COMMANDS)),
		    COLLECTION_END },
		  22 },
		{ "a date that is none",
		  "is no dateTime",
		  EAS_16_1,
		  { COLLECTION("2"),
		    { A(COMMANDS), NULL },
		    ADD_BEGIN("5:1"),
		    { TAG_EMAIL_DATERECEIVED, "20240229T235959Z" },
		    ADD_END,
		    UP(A(COMMANDS)),
		    COLLECTION_END },
		  17 },
		{ "an element that 12.1 has not",
		  "is not of protocol version 12.1",
		  EAS_12_1,
		  { COLLECTION("2"),
		    { A(COMMANDS), NULL },
		    ADD_BEGIN("5:1"),
		    { TAG_EMAIL2_SENDER, "x" },
		    ADD_END,
		    UP(A(COMMANDS)),
		    COLLECTION_END },
		  17 },
		{ "an element that 16.0 has no more",
		  "is not of protocol version 16.0",
		  EAS_16_0,
		  { COLLECTION("2"),
		    { A(COMMANDS), NULL },
		    ADD_BEGIN("5:1"),
		    { TAG_EMAIL_LOCATION, "x" },
		    ADD_END,
		    UP(A(COMMANDS)),
		    COLLECTION_END },
		  17 },
		{ "what belongs to contacts",
		  "does not belong into ApplicationData",
		  EAS_16_1,
		  { COLLECTION("2"),
		    { A(COMMANDS), NULL },
		    ADD_BEGIN("5:1"),
		    { TAG_CONTACTS_FIRSTNAME, "x" },
		    ADD_END,
		    UP(A(COMMANDS)),
		    COLLECTION_END },
		  17 },
		{ "empty Commands",
		  "empty Commands",
		  EAS_16_1,
		  { COLLECTION("2"), { A(COMMANDS), "" }, COLLECTION_END },
		  10 },
		{ "empty Responses",
		  "empty Responses",
		  EAS_16_1,
		  { COLLECTION("2"), { A(RESPONSES), "" }, COLLECTION_END },
		  10 },
		{ "empty Collections",
		  "empty Collections",
		  EAS_16_1,
		  { { A(SYNC), NULL }, { A(COLLECTIONS), "" }, UP(A(SYNC)) },
		  3 },
		{ "a message without an id",
		  "without a ServerId",
		  EAS_16_1,
		  { COLLECTION("2"), { A(COMMANDS), NULL }, ADD_BEGIN(""), ADD_END, UP(A(COMMANDS)), COLLECTION_END },
		  16 },
		{ "a status alone", NULL, EAS_14_0, { { A(SYNC), NULL }, { A(STATUS), "142" }, UP(A(SYNC)) }, 3 },
		{ "nothing", "neither Status nor Collections", EAS_14_0, { { A(SYNC), NULL }, UP(A(SYNC)) }, 2 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct sync_reply r;
		struct bench b;

		bench_init(&b, cases[i].version, cases[i].pieces, cases[i].n);
		assert_why(cases[i].what, &b, sync_parse(&b.doc, buf_view(&b.bytes), NULL, 0, &r), cases[i].refused);
		bench_release(&b);
	}
}

/* A message of the wild is not always UTF-8: it comes as an opaque, octet by octet. */
static void a_message_that_is_no_text_arrives_as_it_is(void **unused)
{
	static const struct piece before[] = { COLLECTION("2"),
					       { A(COMMANDS), NULL },
					       ADD_BEGIN("5:1"),
					       { TAG_AIRSYNCBASE_BODY, NULL },
					       { TAG_AIRSYNCBASE_TYPE, "4" } };
	static const char octets[] = "a\xff\0\xe4";
	struct sync_reply r;
	struct bench b;
	struct wbxml_writer w;

	(void)unused;
	bench_init(&b, EAS_16_1, NULL, 0);
	buf_clear(&b.bytes);
	wbxml_writer_init(&w, &b.bytes);
	put_pieces(&w, before, countof(before));
	wbxml_put_opaque(&w, TAG_AIRSYNCBASE_DATA, str_from(octets, sizeof(octets)));
	while (w.depth)
		wbxml_close(&w, w.stack[w.depth - 1]);
	assert_why("octets", &b, sync_parse(&b.doc, buf_view(&b.bytes), NULL, 0, &r), NULL);
	assert_true(str_eq(r.collections->commands.first->mail.body.data, str_from(octets, sizeof(octets))));
	bench_release(&b);
}

/* MS-ASCMD 2.2.3.29.2, R4546: the order of a collection's elements; Class up to 12.1; Wait before 14.0. */
static void a_request_of_each_version_has_its_elements_and_no_others(void **unused)
{
	static const struct sync_options options = {
		.body = BODY_MIME, .window = 10, .hold_s = 90, .preview_chars = 100
	};
	static const struct sync_collection collection = { .id = STR_INIT("5"), .key = STR_INIT("7") };

	(void)unused;
	for (enum eas_version v = EAS_12_1; v < EAS_VERSION_MAX_; v++) {
		CLEANUP(buf_release) struct buf bytes = BUF_INIT(65536);
		struct wbxml_reader r;
		enum wbxml_event e;
		bool class = false, wait = false, heartbeat = false, preview = false;

		sync_ask(&bytes, v, &options, &collection, 1);
		wbxml_reader_init(&r, buf_view(&bytes));
		while ((e = wbxml_next(&r)) != WBXML_DONE) {
			assert_int_not_equal(e, WBXML_BAD);
			if (e != WBXML_START)
				continue;
			assert_true(wbxml_tag_in(r.tag, v));
			class |= r.tag == A(CLASS);
			wait |= r.tag == A(WAIT);
			heartbeat |= r.tag == A(HEARTBEATINTERVAL);
			preview |= r.tag == TAG_AIRSYNCBASE_PREVIEW;
		}
		assert_int_equal(class, v == EAS_12_1);
		assert_int_equal(wait, v == EAS_12_1);
		assert_int_equal(heartbeat, v >= EAS_14_0);
		assert_int_equal(preview, v >= EAS_14_0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folder_changes_are_read_or_refused),
		cmocka_unit_test(each_ping_status_has_what_belongs_to_it),
		cmocka_unit_test(provision_tells_the_device_from_14_1_on),
		cmocka_unit_test(sync_responses_are_read_or_refused),
		cmocka_unit_test(a_message_that_is_no_text_arrives_as_it_is),
		cmocka_unit_test(a_request_of_each_version_has_its_elements_and_no_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
