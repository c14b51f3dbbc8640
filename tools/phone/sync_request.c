/* What a phone asks of Sync. The order of the elements is the schema's (MS-ASCMD 2.2.3.29.2, R4546). */
#include "sync_request.h"

enum { FLAG_ACTIVE = 2, SECONDS_PER_MINUTE = 60 };

/* Events, contacts, tasks and notes are text on this phone. */
enum body_kind sync_body(const struct sync_options *o, enum item_class class)
{
	return class == CLASS_MAIL || o->body == BODY_NONE ? o->body : BODY_PLAIN;
}

static void put_body_preference(struct wbxml_writer *w, enum eas_version v, const struct sync_options *o,
				enum item_class class)
{
	wbxml_open(w, TAG_AIRSYNCBASE_BODYPREFERENCE);
	wbxml_put_u64(w, TAG_AIRSYNCBASE_TYPE, sync_body(o, class));
	if (o->truncates)
		wbxml_put_u64(w, TAG_AIRSYNCBASE_TRUNCATIONSIZE, o->truncate_bytes);
	if (o->preview_chars && v >= EAS_14_0)
		wbxml_put_u64(w, TAG_AIRSYNCBASE_PREVIEW, o->preview_chars);
	wbxml_close(w, TAG_AIRSYNCBASE_BODYPREFERENCE);
}

/* The filters that can be given are those of mail; all of the others is what the phone wants. */
static void put_options(struct wbxml_writer *w, enum eas_version v, const struct sync_options *o, enum item_class class)
{
	if (class != CLASS_MAIL && o->body == BODY_NONE)
		return;
	wbxml_open(w, TAG_AIRSYNC_OPTIONS);
	if (class == CLASS_MAIL)
		wbxml_put_u64(w, TAG_AIRSYNC_FILTERTYPE, o->filter);
	if (sync_body(o, class) == BODY_MIME)
		wbxml_put_u64(w, TAG_AIRSYNC_MIMESUPPORT, SYNC_MIME_ALWAYS);
	if (o->body != BODY_NONE)
		put_body_preference(w, v, o, class);
	wbxml_close(w, TAG_AIRSYNC_OPTIONS);
}

/* An empty Flag clears it (MS-ASEMAIL R437). */
static void put_flag(struct wbxml_writer *w, bool on)
{
	if (!on) {
		wbxml_empty(w, TAG_EMAIL_FLAG);
		return;
	}
	wbxml_open(w, TAG_EMAIL_FLAG);
	wbxml_put_u64(w, TAG_EMAIL_STATUS, FLAG_ACTIVE);
	wbxml_put_text(w, TAG_EMAIL_FLAGTYPE, S("for Follow Up"));
	wbxml_close(w, TAG_EMAIL_FLAG);
}

static void put_add(struct wbxml_writer *w, enum eas_version v, const struct sync_command *c)
{
	wbxml_open(w, TAG_AIRSYNC_ADD);
	wbxml_put_text(w, TAG_AIRSYNC_CLIENTID, c->server_id);
	wbxml_open(w, TAG_AIRSYNC_APPLICATIONDATA);
	event_put(w, v, c->event, c->server_id);
	wbxml_close(w, TAG_AIRSYNC_APPLICATIONDATA);
	wbxml_close(w, TAG_AIRSYNC_ADD);
}

static void put_command(struct wbxml_writer *w, const struct sync_command *c)
{
	enum wbxml_tag tag = c->act == SYNC_DELETE ? TAG_AIRSYNC_DELETE : TAG_AIRSYNC_CHANGE;

	wbxml_open(w, tag);
	wbxml_put_text(w, TAG_AIRSYNC_SERVERID, c->server_id);
	if (c->act != SYNC_DELETE) {
		wbxml_open(w, TAG_AIRSYNC_APPLICATIONDATA);
		if (c->act == SYNC_READ || c->act == SYNC_UNREAD)
			wbxml_put_bool(w, TAG_EMAIL_READ, c->act == SYNC_READ);
		else
			put_flag(w, c->act == SYNC_FLAG);
		wbxml_close(w, TAG_AIRSYNC_APPLICATIONDATA);
	}
	wbxml_close(w, tag);
}

static void put_commands(struct wbxml_writer *w, enum eas_version v, const struct sync_collection *c)
{
	if (c->commands_n == 0)
		return;
	wbxml_open(w, TAG_AIRSYNC_COMMANDS);
	for (size_t i = 0; i < c->commands_n; i++)
		if (c->commands[i].act == SYNC_ADD_EVENT)
			put_add(w, v, &c->commands[i]);
		else
			put_command(w, &c->commands[i]);
	wbxml_close(w, TAG_AIRSYNC_COMMANDS);
}

/* GetChanges must not be asked for with key 0, and is the default with any other (MS-ASCMD 2.2.3.84). */
static void put_collection(struct wbxml_writer *w, enum eas_version v, const struct sync_options *o,
			   const struct sync_collection *c)
{
	bool first = str_eq(c->key, S("0"));

	wbxml_open(w, TAG_AIRSYNC_COLLECTION);
	if (v <= EAS_12_1)
		wbxml_put_text(w, TAG_AIRSYNC_CLASS, class_name(c->class));
	wbxml_put_text(w, TAG_AIRSYNC_SYNCKEY, c->key);
	wbxml_put_text(w, TAG_AIRSYNC_COLLECTIONID, c->id);
	if (!first) {
		wbxml_put_bool(w, TAG_AIRSYNC_DELETESASMOVES, !o->delete_for_good);
		wbxml_put_bool(w, TAG_AIRSYNC_GETCHANGES, !o->no_changes);
		wbxml_put_u64(w, TAG_AIRSYNC_WINDOWSIZE, o->window);
	}
	put_options(w, v, o, c->class);
	put_commands(w, v, c);
	wbxml_close(w, TAG_AIRSYNC_COLLECTION);
}

static void put_hold(struct wbxml_writer *w, enum eas_version v, uint32_t hold_s)
{
	if (hold_s == 0)
		return;
	if (v >= EAS_14_0)
		wbxml_put_u64(w, TAG_AIRSYNC_HEARTBEATINTERVAL, hold_s);
	else
		wbxml_put_u64(w, TAG_AIRSYNC_WAIT, (hold_s + SECONDS_PER_MINUTE - 1) / SECONDS_PER_MINUTE);
}

void sync_ask(struct buf *out, enum eas_version v, const struct sync_options *o, const struct sync_collection *c,
	      size_t n)
{
	struct wbxml_writer w;

	wbxml_writer_init(&w, out);
	wbxml_open(&w, TAG_AIRSYNC_SYNC);
	wbxml_open(&w, TAG_AIRSYNC_COLLECTIONS);
	for (size_t i = 0; i < n; i++)
		put_collection(&w, v, o, &c[i]);
	wbxml_close(&w, TAG_AIRSYNC_COLLECTIONS);
	put_hold(&w, v, o->hold_s);
	if (o->partial)
		wbxml_empty(&w, TAG_AIRSYNC_PARTIAL);
	wbxml_close(&w, TAG_AIRSYNC_SYNC);
	doc_finish(&w);
}
