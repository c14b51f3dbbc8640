/*
 * The rows of requests that change no mail: Provision, Settings, GetItemEstimate, ItemOperations. Each is made of parts,
 * so that one can be left out or added, and what an answer says is compared with the store.
 */
#include "matrix.h"
#include "world.h"

#include <base/base64.h>
#include <store/device.h>

enum { BODY_MAX_BYTES = 16 * 1024, FIRST = 1u, SECOND = 2u, THIRD = 4u };

static struct phone *asker(struct scene *s)
{
	return &s->w->phones[0];
}

static bool says(const struct scene *s, unsigned part)
{
	return s->parts & part;
}

static struct device device_of(struct scene *s)
{
	struct store_tx *tx;
	struct device d;

	assert_ok(store_begin(s->w->f.server.store, STORE_DIRECTORY, STORE_READ, &tx));
	assert_ok(device_find(&s->w->f.arena, tx, s->w->f.ann.id, str_of(asker(s)->device), &d));
	assert_ok(store_commit(&tx));
	return d;
}

static void must_be(struct scene *s, const struct eas_reply *r, const char *element, unsigned n, struct str wanted)
{
	must(s->w, r->xml.n && n < eas_reply_count(r, element) && str_eq(eas_reply_text(r, element, n), wanted),
	     "%s[%u] is not " STR_FMT ": " STR_FMT, element, n, STR_ARG(wanted), STR_ARG(r->xml));
}

/* ---- Settings ---- */

static void put_model(struct wbxml_writer *w, bool otherwise)
{
	wbxml_open(w, TAG_SETTINGS_DEVICEINFORMATION);
	wbxml_open(w, TAG_SETTINGS_SET);
	wbxml_put_text(w, TAG_SETTINGS_MODEL, otherwise ? S("Fon 2") : S("Fon 1"));
	wbxml_close(w, TAG_SETTINGS_SET);
	wbxml_close(w, TAG_SETTINGS_DEVICEINFORMATION);
}

static void put_get(struct wbxml_writer *w, enum wbxml_tag property)
{
	wbxml_open(w, property);
	wbxml_empty(w, TAG_SETTINGS_GET);
	wbxml_close(w, property);
}

static bool settings(struct scene *s, enum loss loss)
{
	CLEANUP(buf_release) struct buf body = BUF_INIT(BODY_MAX_BYTES);
	struct wbxml_writer w;
	struct eas_reply r;

	wbxml_writer_init(&w, &body);
	wbxml_open(&w, TAG_SETTINGS_SETTINGS);
	if (says(s, FIRST))
		put_model(&w, s->otherwise);
	if (says(s, SECOND))
		put_get(&w, TAG_SETTINGS_USERINFORMATION);
	if (says(s, THIRD))
		put_get(&w, TAG_SETTINGS_OOF);
	wbxml_close(&w, TAG_SETTINGS_SETTINGS);
	if (!phone_ask(asker(s), "Settings", &body, loss, &r))
		return false;
	must_be(s, &r, "Status", 0, S("1"));
	must_be(s, &r, "Status", 1, S("1"));
	if (says(s, SECOND))
		must_be(s, &r, "SMTPAddress", 0, str_of(s->w->login));
	/* What is left out stays as it was said the first time. */
	must(s->w, str_eq(device_of(s).info.model, s->otherwise ? S("Fon 2") : S("Fon 1")), "another model is kept");
	return true;
}

/* ---- Provision ---- */

static bool ask_policy(struct scene *s, enum loss loss)
{
	CLEANUP(buf_release) struct buf body = BUF_INIT(BODY_MAX_BYTES);
	struct wbxml_writer w;
	struct eas_reply r;
	uint64_t key;

	wbxml_writer_init(&w, &body);
	wbxml_open(&w, TAG_PROVISION_PROVISION);
	if (says(s, FIRST) && asker(s)->version >= EAS_14_1)
		put_model(&w, s->otherwise);
	wbxml_open(&w, TAG_PROVISION_POLICIES);
	wbxml_open(&w, TAG_PROVISION_POLICY);
	wbxml_put_text(&w, TAG_PROVISION_POLICYTYPE, S("MS-EAS-Provisioning-WBXML"));
	wbxml_close(&w, TAG_PROVISION_POLICY);
	wbxml_close(&w, TAG_PROVISION_POLICIES);
	wbxml_close(&w, TAG_PROVISION_PROVISION);
	if (!phone_ask(asker(s), "Provision", &body, loss, &r))
		return false;
	must_be(s, &r, "Status", 0, S("1"));
	must(s->w, str_to_u64(eas_reply_text(&r, "PolicyKey", 0), UINT32_MAX, &key) == ERR_OK, "no policy key");
	s->offered = (uint32_t)key;
	must(s->w, device_of(s).policy_key_temporary == s->offered, "another key is kept than was offered");
	return true;
}

static bool acknowledge(struct scene *s, enum loss loss)
{
	CLEANUP(buf_release) struct buf body = BUF_INIT(BODY_MAX_BYTES);
	struct wbxml_writer w;
	struct eas_reply r;
	uint64_t key;

	wbxml_writer_init(&w, &body);
	wbxml_open(&w, TAG_PROVISION_PROVISION);
	wbxml_open(&w, TAG_PROVISION_POLICIES);
	wbxml_open(&w, TAG_PROVISION_POLICY);
	wbxml_put_text(&w, TAG_PROVISION_POLICYTYPE, S("MS-EAS-Provisioning-WBXML"));
	wbxml_put_u64(&w, TAG_PROVISION_POLICYKEY, s->offered);
	wbxml_put_u64(&w, TAG_PROVISION_STATUS, 1);
	wbxml_close(&w, TAG_PROVISION_POLICY);
	wbxml_close(&w, TAG_PROVISION_POLICIES);
	wbxml_close(&w, TAG_PROVISION_PROVISION);
	if (!phone_ask(asker(s), "Provision", &body, loss, &r))
		return false;
	must_be(s, &r, "Status", 0, S("1"));
	must_be(s, &r, "Status", 1, S("1"));
	must(s->w, str_to_u64(eas_reply_text(&r, "PolicyKey", 0), UINT32_MAX, &key) == ERR_OK, "no policy key");
	must(s->w, key && device_of(s).policy_key == key, "another key is in force than was told");
	return true;
}

/* What it ends with is a policy that is in force. */
static bool provision(struct scene *s, enum loss loss)
{
	return ask_policy(s, loss) && acknowledge(s, LOSS_NONE);
}

static bool provision_twice(struct scene *s, enum loss loss)
{
	return s->otherwise ? provision(s, loss) : acknowledge(s, loss);
}

static void a_policy_is_offered(struct scene *s)
{
	s->parts = FIRST; /* from 14.1 on a phone that has not told of itself gets none */
	must(s->w, ask_policy(s, LOSS_NONE), "nothing was to be lost");
}

/* ---- GetItemEstimate ---- */

static size_t estimated(struct scene *s, int64_t folders[SCENE_READS])
{
	const int64_t all[] = { s->inbox, s->sent, s->deleted };
	size_t n = 0;

	for (unsigned i = 0; i < SCENE_READS; i++)
		if (says(s, 1u << i))
			folders[n++] = all[i];
	return n;
}

/* Up to 12.1 the class and the filter stand in the collection (MS-ASCMD_R6555). */
static void put_estimate(struct wbxml_writer *w, enum eas_version v, struct box *b)
{
	wbxml_open(w, TAG_GETITEMESTIMATE_COLLECTION);
	if (v <= EAS_12_1) {
		wbxml_put_text(w, TAG_GETITEMESTIMATE_CLASS, S("Email"));
		wbxml_put_i64(w, TAG_GETITEMESTIMATE_COLLECTIONID, b->id);
		wbxml_put_u64(w, TAG_AIRSYNC_FILTERTYPE, b->filter);
		wbxml_put_text(w, TAG_AIRSYNC_SYNCKEY, str_of(b->key));
	} else {
		wbxml_put_text(w, TAG_AIRSYNC_SYNCKEY, str_of(b->key));
		wbxml_put_i64(w, TAG_GETITEMESTIMATE_COLLECTIONID, b->id);
		wbxml_open(w, TAG_AIRSYNC_OPTIONS);
		wbxml_put_u64(w, TAG_AIRSYNC_FILTERTYPE, b->filter);
		wbxml_close(w, TAG_AIRSYNC_OPTIONS);
	}
	wbxml_close(w, TAG_GETITEMESTIMATE_COLLECTION);
}

static void estimate_is_what_sync_brings(struct scene *s, const int64_t *folders, size_t n, const struct eas_reply *r)
{
	const struct sync_wish wish = { .folders = folders, .n = n, .window = 512, .no_commands = true };
	uint64_t told[SCENE_READS];

	must_be(s, r, "Status", 0, S("1"));
	must(s->w, eas_reply_count(r, "Estimate") == n, "not as many estimates as collections");
	for (unsigned i = 0; i < n; i++)
		must(s->w, str_to_u64(eas_reply_text(r, "Estimate", i), UINT32_MAX, &told[i]) == ERR_OK, "no number");
	phone_sync(asker(s), &wish, LOSS_NONE);
	for (size_t i = 0; i < n; i++) {
		size_t soft, news = phone_news(asker(s), folders[i], &soft);

		must(s->w, news == told[i], "%lld: %zu come, and %llu were estimated", (long long)folders[i], news,
		     (unsigned long long)told[i]);
	}
}

static bool estimate(struct scene *s, enum loss loss)
{
	CLEANUP(buf_release) struct buf body = BUF_INIT(BODY_MAX_BYTES);
	int64_t folders[SCENE_READS];
	size_t n = estimated(s, folders);
	struct wbxml_writer w;
	struct eas_reply r;

	wbxml_writer_init(&w, &body);
	wbxml_open(&w, TAG_GETITEMESTIMATE_GETITEMESTIMATE);
	wbxml_open(&w, TAG_GETITEMESTIMATE_COLLECTIONS);
	for (size_t i = 0; i < n; i++) {
		struct box *b = phone_box(asker(s), folders[i]);

		b->filter = s->otherwise ? 2 : b->filter;
		put_estimate(&w, asker(s)->version, b);
	}
	wbxml_close(&w, TAG_GETITEMESTIMATE_COLLECTIONS);
	wbxml_close(&w, TAG_GETITEMESTIMATE_GETITEMESTIMATE);
	if (!phone_ask(asker(s), "GetItemEstimate", &body, loss, &r))
		return false;
	estimate_is_what_sync_brings(s, folders, n, &r);
	return true;
}

/* ---- ItemOperations ---- */

enum { RANGE_FIRST = 3, RANGE_LAST = 9, OTHER_LAST = 11 };

/* What a Fetch asks for. */
struct fetching {
	bool attachment, range, in_parts;
};

static void put_fetch(struct scene *s, struct wbxml_writer *w, unsigned i, const struct fetching *how)
{
	CLEANUP(buf_release) struct buf name = BUF_INIT(64);

	wbxml_open(w, TAG_ITEMOPERATIONS_FETCH);
	wbxml_put_text(w, TAG_ITEMOPERATIONS_STORE, S("Mailbox"));
	if (how->attachment) {
		wbxml_put_text(w, TAG_AIRSYNCBASE_FILEREFERENCE, str_of(s->references[i]));
	} else {
		put_item_name(&name, s->inbox, s->mails[i]);
		wbxml_put_i64(w, TAG_AIRSYNC_COLLECTIONID, s->inbox);
		wbxml_put_text(w, TAG_AIRSYNC_SERVERID, buf_view(&name));
	}
	wbxml_open(w, TAG_ITEMOPERATIONS_OPTIONS);
	if (how->range)
		wbxml_put_text(w, TAG_ITEMOPERATIONS_RANGE, s->otherwise ? S("3-11") : S("3-9"));
	if (!how->attachment) {
		if (s->otherwise)
			wbxml_put_u64(w, TAG_AIRSYNC_MIMESUPPORT, 2);
		wbxml_open(w, TAG_AIRSYNCBASE_BODYPREFERENCE);
		wbxml_put_u64(w, TAG_AIRSYNCBASE_TYPE, s->otherwise ? 4 : 1);
		wbxml_close(w, TAG_AIRSYNCBASE_BODYPREFERENCE);
	}
	wbxml_close(w, TAG_ITEMOPERATIONS_OPTIONS);
	wbxml_close(w, TAG_ITEMOPERATIONS_FETCH);
}

static uint32_t u32_at(struct scene *s, struct str bytes, size_t at)
{
	uint32_t v = 0;

	must(s->w, bytes.n >= 4 && at <= bytes.n - 4, "the head of the parts is cut off");
	for (unsigned i = 0; i < 4; i++)
		v |= (uint32_t)(unsigned char)bytes.p[at + i] << (8 * i);
	return v;
}

/* MS-ASCMD 2.2.1.10.1.1 */
static struct str part_of(struct scene *s, const struct eas_reply *r, unsigned n)
{
	uint32_t offset = u32_at(s, r->body, 4 + 8 * (size_t)n), length = u32_at(s, r->body, 8 + 8 * (size_t)n);

	must(s->w, n < u32_at(s, r->body, 0) && offset <= r->body.n && length <= r->body.n - offset, "no part %u", n);
	return str_slice(r->body, offset, offset + length);
}

/* The octets that the n-th answer brings. */
static struct str fetched(struct scene *s, const struct eas_reply *r, unsigned n, const struct fetching *how)
{
	if (how->in_parts)
		return part_of(s, r, n + 1);
	must_be(s, r, "Status", n + 1, S("1"));
	return eas_reply_text(r, how->attachment ? "Data" : "airsyncbase:Data", n);
}

static void is_attachment(struct scene *s, unsigned mail, struct str got, const struct fetching *how)
{
	CLEANUP(buf_release) struct buf octets = BUF_INIT(64), text = BUF_INIT(128);
	struct str wanted;

	buf_fmt(&octets, WORLD_ATTACHMENT, (long long)s->received_ms[mail]);
	wanted = buf_view(&octets);
	if (how->range)
		wanted = str_slice(wanted, RANGE_FIRST, (s->otherwise ? OTHER_LAST : RANGE_LAST) + 1);
	base64_put(&text, wanted);
	must(s->w, str_eq(got, how->in_parts ? wanted : buf_view(&text)), "the attachment is " STR_FMT, STR_ARG(got));
}

static void is_mail(struct scene *s, unsigned mail, struct str got)
{
	CLEANUP(buf_release) struct buf wanted = BUF_INIT(64);

	buf_fmt(&wanted, WORLD_TEXT, (long long)s->received_ms[mail]);
	must(s->w, str_find(got, buf_view(&wanted)) < got.n, "the mail is " STR_FMT, STR_ARG(got));
}

static bool fetch(struct scene *s, enum loss loss, const struct fetching *how)
{
	CLEANUP(buf_release) struct buf body = BUF_INIT(BODY_MAX_BYTES);
	struct phone *p = asker(s);
	unsigned n = 0;
	struct wbxml_writer w;
	struct eas_reply r;
	bool answered;

	wbxml_writer_init(&w, &body);
	wbxml_open(&w, TAG_ITEMOPERATIONS_ITEMOPERATIONS);
	for (unsigned i = 0; i < SCENE_READS; i++)
		if (says(s, 1u << i))
			put_fetch(s, &w, i, how);
	wbxml_close(&w, TAG_ITEMOPERATIONS_ITEMOPERATIONS);
	p->http.headers = how->in_parts ? "MS-ASAcceptMultiPart: T\r\n" : NULL;
	answered = phone_ask(p, "ItemOperations", &body, loss, &r);
	p->http.headers = NULL;
	for (unsigned i = 0; i < SCENE_READS && answered; i++)
		if (says(s, 1u << i)) {
			struct str got = fetched(s, &r, n++, how);

			if (how->attachment)
				is_attachment(s, i, got, how);
			else
				is_mail(s, i, got);
		}
	return answered;
}

static bool fetch_mails(struct scene *s, enum loss loss)
{
	return fetch(s, loss, &(struct fetching){ 0 });
}

static bool fetch_mails_in_parts(struct scene *s, enum loss loss)
{
	return fetch(s, loss, &(struct fetching){ .in_parts = true });
}

static bool fetch_attachments(struct scene *s, enum loss loss)
{
	return fetch(s, loss, &(struct fetching){ .attachment = true });
}

static bool fetch_ranges(struct scene *s, enum loss loss)
{
	return fetch(s, loss, &(struct fetching){ .attachment = true, .range = true });
}

static bool fetch_ranges_in_parts(struct scene *s, enum loss loss)
{
	return fetch(s, loss, &(struct fetching){ .attachment = true, .range = true, .in_parts = true });
}

/* ---- how it is prepared, and asked otherwise the second time ---- */

static void nothing(struct scene *s)
{
	(void)s;
}

static void two_parts(struct scene *s)
{
	s->parts = FIRST | SECOND;
}

static void something_else(struct scene *s)
{
	s->otherwise = true;
}

static void without_the_first(struct scene *s)
{
	s->parts = SECOND;
}

static void with_a_third(struct scene *s)
{
	s->parts = FIRST | SECOND | THIRD;
}

/* The names of the attachments, as the phone learns them: from the mails. */
static void two_of_three_attachments(struct scene *s)
{
	CLEANUP(buf_release) struct buf body = BUF_INIT(BODY_MAX_BYTES);
	struct wbxml_writer w;
	struct eas_reply r;

	wbxml_writer_init(&w, &body);
	wbxml_open(&w, TAG_ITEMOPERATIONS_ITEMOPERATIONS);
	for (unsigned i = 0; i < SCENE_READS; i++)
		put_fetch(s, &w, i, &(struct fetching){ 0 });
	wbxml_close(&w, TAG_ITEMOPERATIONS_ITEMOPERATIONS);
	must(s->w, phone_ask(asker(s), "ItemOperations", &body, LOSS_NONE, &r), "nothing was to be lost");
	for (unsigned i = 0; i < SCENE_READS; i++) {
		struct str name = eas_reply_text(&r, "airsyncbase:FileReference", i);

		must(s->w, name.n < REFERENCE_MAX, "a long FileReference");
		memcpy(s->references[i], name.p, name.n);
	}
	two_parts(s);
}

#define ALL_WAYS                                                         \
	{                                                                \
		nothing, something_else, without_the_first, with_a_third \
	}
const struct row read_rows[] = {
	{ "Provision", provision, two_parts, { nothing, something_else, without_the_first, NULL }, EAS_12_0 },
	{ "Provision, acknowledged",
	  provision_twice,
	  a_policy_is_offered,
	  { nothing, something_else, NULL, NULL },
	  EAS_12_0 },
	{ "Settings", settings, two_parts, ALL_WAYS, EAS_12_0 },
	{ "GetItemEstimate", estimate, two_parts, ALL_WAYS, EAS_2_5 },
	{ "ItemOperations, mails", fetch_mails, two_parts, ALL_WAYS, EAS_12_0 },
	{ "ItemOperations, mails in parts", fetch_mails_in_parts, two_parts, ALL_WAYS, EAS_12_1 },
	{ "ItemOperations, attachments", fetch_attachments, two_of_three_attachments, ALL_WAYS, EAS_12_0 },
	{ "ItemOperations, ranges", fetch_ranges, two_of_three_attachments, ALL_WAYS, EAS_12_0 },
	{ "ItemOperations, ranges in parts", fetch_ranges_in_parts, two_of_three_attachments, ALL_WAYS, EAS_12_1 },
};
const size_t read_rows_n = countof(read_rows);
