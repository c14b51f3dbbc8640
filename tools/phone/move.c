/* Documents of MoveItems and GetItemEstimate. */
#include "move.h"

#include "fault.h"

/* ---- MoveItems ---- */

void move_ask(struct buf *out, const struct move_item *items, size_t n, struct str to)
{
	struct wbxml_writer w;

	wbxml_writer_init(&w, out);
	wbxml_open(&w, TAG_MOVE_MOVEITEMS);
	for (size_t i = 0; i < n; i++) {
		wbxml_open(&w, TAG_MOVE_MOVE);
		wbxml_put_text(&w, TAG_MOVE_SRCMSGID, items[i].id);
		wbxml_put_text(&w, TAG_MOVE_SRCFLDID, items[i].from);
		wbxml_put_text(&w, TAG_MOVE_DSTFLDID, to);
		wbxml_close(&w, TAG_MOVE_MOVE);
	}
	wbxml_close(&w, TAG_MOVE_MOVEITEMS);
	doc_finish(&w);
}

static enum err read_result(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = {
		{ TAG_MOVE_SRCMSGID, DOC_REQUIRED | DOC_ORDERED, doc_text, offsetof(struct move_result, id) },
		{ TAG_MOVE_STATUS, DOC_REQUIRED | DOC_ORDERED, doc_u32, offsetof(struct move_result, status) },
		{ TAG_MOVE_DSTMSGID, DOC_ORDERED, doc_text, offsetof(struct move_result, moved) },
	};
	struct move_reply *r = into;
	struct move_result *m = arena_new(d->arena, struct move_result);

	if (!m)
		return fault(d->why, "too many moves");
	*r->tail = m;
	r->tail = &m->next;
	TRY(doc_children(d, rules, countof(rules), m));
	if ((m->status == MOVE_DONE) != (m->moved.n > 0))
		return fault(d->why, "Move status %u %s DstMsgId", m->status, m->moved.n ? "with" : "without");
	return ERR_OK;
}

enum err move_parse(struct doc *d, struct str bytes, struct move_reply *ret)
{
	static const struct doc_rule rules[] = {
		{ TAG_MOVE_STATUS, DOC_ORDERED, doc_u32, offsetof(struct move_reply, status) },
		{ TAG_MOVE_RESPONSE, DOC_MANY | DOC_ORDERED, read_result, 0 },
	};

	*ret = (struct move_reply){ 0 };
	ret->tail = &ret->results;
	return doc_parse(d, bytes, TAG_MOVE_MOVEITEMS, rules, countof(rules), ret);
}

/* ---- GetItemEstimate ---- */

/* Up to 12.1 class and filter stand in the collection, later the filter in Options (MS-ASCMD R6555). */
void estimate_ask(struct buf *out, enum eas_version v, const struct sync_collection *c, uint32_t filter)
{
	struct wbxml_writer w;

	wbxml_writer_init(&w, out);
	wbxml_open(&w, TAG_GETITEMESTIMATE_GETITEMESTIMATE);
	wbxml_open(&w, TAG_GETITEMESTIMATE_COLLECTIONS);
	wbxml_open(&w, TAG_GETITEMESTIMATE_COLLECTION);
	if (v <= EAS_12_1) {
		wbxml_put_text(&w, TAG_GETITEMESTIMATE_CLASS, class_name(c->class));
		wbxml_put_text(&w, TAG_GETITEMESTIMATE_COLLECTIONID, c->id);
		if (c->class == CLASS_MAIL)
			wbxml_put_u64(&w, TAG_AIRSYNC_FILTERTYPE, filter);
		wbxml_put_text(&w, TAG_AIRSYNC_SYNCKEY, c->key);
	} else {
		wbxml_put_text(&w, TAG_AIRSYNC_SYNCKEY, c->key);
		wbxml_put_text(&w, TAG_GETITEMESTIMATE_COLLECTIONID, c->id);
		if (c->class == CLASS_MAIL) {
			wbxml_open(&w, TAG_AIRSYNC_OPTIONS);
			wbxml_put_u64(&w, TAG_AIRSYNC_FILTERTYPE, filter);
			wbxml_close(&w, TAG_AIRSYNC_OPTIONS);
		}
	}
	wbxml_close(&w, TAG_GETITEMESTIMATE_COLLECTION);
	wbxml_close(&w, TAG_GETITEMESTIMATE_COLLECTIONS);
	wbxml_close(&w, TAG_GETITEMESTIMATE_GETITEMESTIMATE);
	doc_finish(&w);
}

static enum err read_collection(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = {
		{ TAG_GETITEMESTIMATE_COLLECTIONID, DOC_REQUIRED | DOC_ORDERED, doc_text,
		  offsetof(struct estimate_reply, id) },
		{ TAG_GETITEMESTIMATE_ESTIMATE, DOC_ORDERED, doc_u32, offsetof(struct estimate_reply, n) },
	};
	struct estimate_reply *r = into;

	r->has_collection = true;
	return doc_children(d, rules, countof(rules), r);
}

static enum err read_response(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = {
		{ TAG_GETITEMESTIMATE_STATUS, DOC_REQUIRED | DOC_ORDERED, doc_u32,
		  offsetof(struct estimate_reply, status) },
		{ TAG_GETITEMESTIMATE_COLLECTION, DOC_ORDERED, read_collection, 0 },
	};

	return doc_children(d, rules, countof(rules), into);
}

enum err estimate_parse(struct doc *d, struct str bytes, struct estimate_reply *ret)
{
	static const struct doc_rule rules[] = {
		{ TAG_GETITEMESTIMATE_STATUS, DOC_ORDERED, doc_u32, offsetof(struct estimate_reply, status) },
		{ TAG_GETITEMESTIMATE_RESPONSE, DOC_ORDERED, read_response, 0 },
	};

	*ret = (struct estimate_reply){ 0 };
	return doc_parse(d, bytes, TAG_GETITEMESTIMATE_GETITEMESTIMATE, rules, countof(rules), ret);
}
