/* Ping. */
#include "ping.h"

#include "fault.h"

void ping_ask(struct buf *out, uint32_t heartbeat_s, const struct str *folders, size_t n)
{
	struct wbxml_writer w;

	wbxml_writer_init(&w, out);
	wbxml_open(&w, TAG_PING_PING);
	wbxml_put_u64(&w, TAG_PING_HEARTBEATINTERVAL, heartbeat_s);
	wbxml_open(&w, TAG_PING_FOLDERS);
	for (size_t i = 0; i < n; i++) {
		wbxml_open(&w, TAG_PING_FOLDER);
		wbxml_put_text(&w, TAG_PING_ID, folders[i]);
		wbxml_put_text(&w, TAG_PING_CLASS, S("Email"));
		wbxml_close(&w, TAG_PING_FOLDER);
	}
	wbxml_close(&w, TAG_PING_FOLDERS);
	wbxml_close(&w, TAG_PING_PING);
	doc_finish(&w);
}

static enum err read_folder(struct doc *d, void *into)
{
	struct ping_reply *r = into;
	struct ping_folder *f = arena_new(d->arena, struct ping_folder);

	if (!f)
		return fault(d->why, "too many folders");
	*r->tail = f;
	r->tail = &f->next;
	return doc_text(d, &f->id);
}

static enum err read_folders(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = { { TAG_PING_FOLDER, DOC_REQUIRED | DOC_MANY, read_folder, 0 } };

	return doc_children(d, rules, countof(rules), into);
}

/* MS-ASCMD 2.2.3.177.11: Folders go with status 2, a HeartbeatInterval with 5 (R5690), MaxFolders with 6. */
static enum err check(struct doc *d, const struct ping_reply *r)
{
	const struct {
		const char *what;
		bool stands, belongs;
	} parts[] = {
		{ "Folders", r->folders != NULL, r->status == PING_CHANGED },
		{ "HeartbeatInterval", r->heartbeat_s != 0, r->status == PING_HEARTBEAT_RANGE },
		{ "MaxFolders", r->max_folders != 0, r->status == PING_TOO_MANY_FOLDERS },
	};

	for (size_t i = 0; i < countof(parts); i++)
		if (parts[i].stands != parts[i].belongs)
			return fault(d->why, "Ping status %u %s %s", r->status, parts[i].stands ? "with" : "without",
				     parts[i].what);
	return ERR_OK;
}

#define FIELD(name) offsetof(struct ping_reply, name)

enum err ping_parse(struct doc *d, struct str bytes, struct ping_reply *ret)
{
	static const struct doc_rule rules[] = {
		{ TAG_PING_STATUS, DOC_REQUIRED | DOC_ORDERED, doc_u32, FIELD(status) },
		{ TAG_PING_FOLDERS, DOC_ORDERED, read_folders, 0 },
		{ TAG_PING_MAXFOLDERS, DOC_ORDERED, doc_u32, FIELD(max_folders) },
		{ TAG_PING_HEARTBEATINTERVAL, DOC_ORDERED, doc_u32, FIELD(heartbeat_s) },
	};

	*ret = (struct ping_reply){ 0 };
	ret->tail = &ret->folders;
	TRY(doc_parse(d, bytes, TAG_PING_PING, rules, countof(rules), ret));
	return check(d, ret);
}
