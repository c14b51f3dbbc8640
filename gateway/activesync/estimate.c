/*
 * GetItemEstimate (MS-ASCMD 2.2.1.9): how much a Sync with that key would bring. It reads the same feed from the same
 * state as Sync does, and changes nothing but what is known of the key.
 */
#include <gateway/activesync/baseline.h>
#include <gateway/activesync/item_class.h>
#include <gateway/activesync/outbound.h>
#include <gateway/activesync/place.h>
#include <gateway/activesync/server_id.h>
#include <gateway/activesync/sync_options.h>

#include <store/conversation_key.h>
#include <store/folder.h>

enum { ESTIMATE_ROWS = 100000 }; /* rows of changes that a request looks at, of all its collections together */

enum estimate_status { /* MS-ASCMD 2.2.3.177.6 */
		       ESTIMATE_DONE = 1,
		       ESTIMATE_BAD_FOLDER = 2,
		       ESTIMATE_NOT_PRIMED = 3,
		       ESTIMATE_BAD_KEY = 4,
};

struct estimate {
	enum eas_version version;
	struct str id, key;
	bool has_options, texts_alone;
	struct eas_options options;
	bool has_class;
	const struct item_class *class; /* as it was named; NULL: no such one */
	bool has_mode, mode;            /* ConversationMode */
	int64_t mailbox, folder;        /* where it lies */
	bool unkept;                    /* the folder's keys of conversations have to be made first */
	bool forgotten;                 /* baseline.h */
	/* the answer: a common status too */
	unsigned status;
	uint64_t n;
};

struct estimates {
	enum eas_version version;
	struct estimate *list;
	size_t n;
};

/* ---- the request ---- */

static enum err parse_class(struct wbxml_reader *r, struct estimate *c)
{
	struct str name;

	TRY(wbxml_text(r, &name));
	c->has_class = true;
	c->class = item_class_named(name);
	return ERR_OK;
}

static enum err parse_options(struct wbxml_reader *r, struct estimate *c)
{
	struct eas_options o;
	enum err e = eas_options_parse(r, c->version, &o);

	if (e == ERR_UNSUPPORTED)
		return ERR_OK; /* of a class that there is not */
	TRY(e);
	if (o.of_texts) { /* MS-ASCMD_R905 */
		c->texts_alone = !c->has_options;
		c->options.texts = o.texts;
	} else {
		o.texts = c->options.texts;
		c->texts_alone = false;
		c->options = o;
	}
	c->has_options = true;
	return ERR_OK;
}

/* Up to 12.1 the filter and the class stand in the collection, later in its Options (MS-ASCMD_R6555); both are taken. */
static enum err parse_field(struct wbxml_reader *r, struct estimate *c)
{
	uint64_t v;

	switch ((unsigned)r->tag) {
	case TAG_GETITEMESTIMATE_COLLECTIONID:
		return wbxml_text(r, &c->id);
	case TAG_AIRSYNC_SYNCKEY:
		return wbxml_text(r, &c->key);
	case TAG_GETITEMESTIMATE_CLASS:
		return parse_class(r, c);
	case TAG_AIRSYNC_FILTERTYPE:
		TRY(wbxml_u64(r, 0, EAS_FILTER_MAX, &v)); /* R2984 */
		c->options.filter = (uint8_t)v;
		c->has_options = true;
		return ERR_OK;
	case TAG_AIRSYNC_OPTIONS:
		return parse_options(r, c);
	case TAG_AIRSYNC_CONVERSATIONMODE:
		if (!wbxml_tag_in(r->tag, c->version))
			return ERR_INVALID;
		c->has_mode = true;
		return wbxml_bool(r, &c->mode);
	default:
		return ERR_INVALID;
	}
}

static enum err parse_collection(struct wbxml_reader *r, struct estimate *c)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	c->options = eas_options_default;
	while (wbxml_child(r, &in, &e))
		TRY(parse_field(r, c));
	TRY(e);
	return c->id.n && c->id.n <= EAS_MAX_ID_CHARS && c->key.n ? ERR_OK : ERR_INVALID;
}

static enum err parse_collections(struct wbxml_reader *r, struct estimates *all)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		if (r->tag != TAG_GETITEMESTIMATE_COLLECTION || all->n == EAS_MAX_ESTIMATES) /* MS-ASCMD_R5647 */
			return ERR_INVALID;
		all->list[all->n].version = all->version;
		e = parse_collection(r, &all->list[all->n++]);
	}
	return e;
}

/* ERR_BUSY: the arena is full. */
static enum err parse(struct eas_request *rq, struct estimates *ret)
{
	struct wbxml_reader *r = &rq->reader;
	enum err e = ERR_OK;

	ret->list = arena_array(rq->arena, EAS_MAX_ESTIMATES, sizeof(*ret->list));
	if (!ret->list)
		return ERR_BUSY;
	while (wbxml_child(r, &rq->root, &e)) {
		if (r->tag != TAG_GETITEMESTIMATE_COLLECTIONS)
			return ERR_INVALID;
		e = parse_collections(r, ret);
	}
	TRY(e);
	return ret->n ? wbxml_done(r) : ERR_INVALID;
}

/* ---- the count ---- */

/* MS-ASCMD_R4140, R4143: the key is one that Sync would take. */
static enum estimate_status check_key(const struct eas_request *rq, struct sync_line *line, struct estimate *c)
{
	if (str_eq(c->key, S("0")))
		return ESTIMATE_NOT_PRIMED;
	return eas_line_present(rq, line, c->key, &c->forgotten) == SYNC_FOREIGN ? ESTIMATE_BAD_KEY : ESTIMATE_DONE;
}

static struct eas_options options_of(const struct estimate *c, const struct sync_line *line)
{
	const struct sync_generation *g = sync_line_confirmed(line);
	struct eas_options o = g ? eas_options_get(str_from(g->options, g->options_n)) : c->options;

	if (c->has_options)
		eas_options_replace(&o, &c->options, c->texts_alone);
	return o;
}

struct estimated {
	const struct item_class *class;
	const struct folder *folder;
};

static enum err count(const struct eas_request *rq, struct store_tx *tx, const struct estimated *in,
		      const struct sync_line *line, uint64_t *budget, struct estimate *c)
{
	struct eas_options o = options_of(c, line);
	struct feed_state st = *sync_line_state(line);
	enum eas_outbound outbound;
	struct feed feed;
	bool kept = true;
	enum err e;

	if (!in->class->filters)
		o.filter = 0;
	if (!item_class_has_texts(in->class, in->folder->role, rq->version))
		o.texts = (struct eas_text_options){ 0 };
	if (!item_class_filters(in->class, o.filter) || !item_class_filters(in->class, o.texts.filter)) {
		/* R3005; before 14.0 no document has such a status */
		c->status = rq->version < EAS_14_0 ? ESTIMATE_BAD_FOLDER : EAS_STATUS_SERVER_ERROR;
		return ERR_OK;
	}
	TRY(eas_top_find(tx, in->folder, &o));
	o = eas_policy_options(&rq->limits, in->class->folder, &o);
	TRY(eas_outbound_of(rq, tx, in->folder->role, c->folder, &outbound));
	if (eas_outbound_mask(outbound, &st, &o)) {
		c->status = ESTIMATE_BAD_KEY; /* Sync would want it to begin again */
		return ERR_OK;
	}
	eas_filters_set(&st, &o, clock_wall_ms(rq->eas->clock));
	if (c->has_mode && !feed_state_by(&st, c->mode ? FEED_BY_CONVERSATION : FEED_BY_ITEM)) {
		c->status = ESTIMATE_BAD_KEY; /* Sync would want it to begin again */
		return ERR_OK;
	}
	if (st.by == FEED_BY_CONVERSATION)
		TRY(conversation_keys_kept(tx, c->folder, &kept));
	c->unkept = !kept;
	if (c->unkept)
		return ERR_OK;
	e = feed_open(&feed, tx, c->folder, rq->device.id, &st);
	if (e == ERR_STALE) { /* Sync will say so too */
		c->status = ESTIMATE_BAD_KEY;
		return ERR_OK;
	}
	return e ? e : feed_count(&feed, budget, &c->n);
}

static enum err run_found(struct eas_request *rq, struct store_tx *tx, uint64_t *budget, struct estimate *c)
{
	struct estimated in;
	struct sync_line line;
	struct folder folder;

	TRY(folder_get(rq->arena, tx, c->folder, &folder));
	in = (struct estimated){ item_class_of_folder(folder.class, rq->version), &folder };
	if (!item_class_syncs(in.class) || (c->has_class && c->class != in.class))
		return ERR_OK;
	if (c->has_options && c->options.max_items && folder.role != FOLDER_RECIPIENT_CACHE)
		return ERR_OK; /* MS-ASCMD_R3265, MS-ASCMD_R3269 */
	if (c->has_mode && folder.class != FOLDER_MAIL) {
		c->status = EAS_STATUS_INVALID_XML; /* MS-ASCMD_R2100 */
		return ERR_OK;
	}
	TRY(sync_line_load(tx, rq->device.id, c->folder, &line));
	c->status = check_key(rq, &line, c);
	return c->status == ESTIMATE_DONE ? count(rq, tx, &in, &line, budget, c) : ERR_OK;
}

/* What is shared is counted where it lies. */
static enum err run_shared(struct eas_request *rq, uint64_t *budget, struct estimate *c)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(rq->eas->store, c->mailbox, STORE_READ, &tx));
	return run_found(rq, tx, budget, c);
}

static enum err find_place(struct eas_request *rq, struct store_tx *tx, struct estimate *c)
{
	struct eas_place place;
	struct folder folder;

	TRY(eas_folder_of(rq, tx, c->id, &folder));
	TRY(eas_place_of(rq, &folder, &place));
	c->mailbox = place.mailbox;
	c->folder = place.folder;
	return ERR_OK;
}

static enum err run_collection(struct eas_request *rq, struct store_tx *tx, uint64_t *budget, struct estimate *c)
{
	enum err e = find_place(rq, tx, c);

	c->status = ESTIMATE_BAD_FOLDER; /* R4136 */
	if (!e)
		e = c->mailbox == rq->mailbox ? run_found(rq, tx, budget, c) : run_shared(rq, budget, c);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err count_all(struct eas_request *rq, struct estimates *all, bool *ret_unkept)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	uint64_t budget = ESTIMATE_ROWS;

	*ret_unkept = false;
	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_READ, &tx));
	for (size_t i = 0; i < all->n; i++) {
		TRY(run_collection(rq, tx, &budget, &all->list[i]));
		*ret_unkept |= all->list[i].unkept;
	}
	return store_commit(&tx);
}

/* Once a folder: the first request of it in ConversationMode is an estimate. */
static enum err make_keys(struct eas_request *rq, const struct estimates *all)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_WRITE, &tx));
	for (size_t i = 0; i < all->n; i++)
		if (all->list[i].unkept)
			TRY(conversation_keys_begin(tx, all->list[i].folder));
	return store_commit(&tx);
}

static enum err run(struct eas_request *rq, struct estimates *all)
{
	bool unkept;

	TRY(count_all(rq, all, &unkept));
	if (unkept) {
		TRY(make_keys(rq, all));
		TRY(count_all(rq, all, &unkept));
	}
	for (size_t i = 0; i < all->n; i++)
		if (all->list[i].forgotten)
			TRY(eas_line_confirm(rq, all->list[i].mailbox, all->list[i].folder, all->list[i].key));
	return ERR_OK;
}

/* ---- the answer ---- */

static void respond(struct eas_request *rq, const struct estimates *all)
{
	struct wbxml_writer w;

	eas_writer_begin(rq, &w);
	wbxml_open(&w, TAG_GETITEMESTIMATE_GETITEMESTIMATE);
	for (size_t i = 0; i < all->n; i++) {
		const struct estimate *c = &all->list[i];

		wbxml_open(&w, TAG_GETITEMESTIMATE_RESPONSE);
		wbxml_put_u64(&w, TAG_GETITEMESTIMATE_STATUS, c->status);
		wbxml_open(&w, TAG_GETITEMESTIMATE_COLLECTION);
		wbxml_put_text(&w, TAG_GETITEMESTIMATE_COLLECTIONID, c->id);
		if (c->status == ESTIMATE_DONE)
			wbxml_put_u64(&w, TAG_GETITEMESTIMATE_ESTIMATE, c->n);
		wbxml_close(&w, TAG_GETITEMESTIMATE_COLLECTION);
		wbxml_close(&w, TAG_GETITEMESTIMATE_RESPONSE);
	}
	wbxml_close(&w, TAG_GETITEMESTIMATE_GETITEMESTIMATE);
	eas_respond_wbxml(rq, &w);
}

void eas_get_item_estimate(struct eas_request *rq)
{
	struct estimates all = { .version = rq->version };
	enum err e = parse(rq, &all);

	if (e == ERR_BUSY) {
		eas_respond_err(rq, e);
		return;
	}
	if (e) {
		eas_respond_malformed(rq, EAS_STATUS_INVALID_XML);
		return;
	}
	e = run(rq, &all);
	if (e)
		eas_respond_err(rq, e);
	else
		respond(rq, &all);
}
