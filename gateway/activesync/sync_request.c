/*
 * Parsing of Sync requests. The elements of a collection are taken in any order: the document wants one (MS-ASCMD R976,
 * R4546), phones do not keep to it, and no other server insists.
 */
#include <gateway/activesync/sync_request.h>

#include <gateway/activesync/item_class.h>
#include <gateway/activesync/limits.h>

enum { WINDOW_LIMIT = INT32_MAX };

struct parse {
	struct wbxml_reader *r;
	struct arena *arena;
	enum eas_version version;
	struct eas_sync_command *commands; /* of all collections, one behind the other; NULL before the first */
	size_t commands_n;
	enum eas_sync_status status;
};

/* A protocol error: the rest is not read. */
static enum err protocol_error(struct parse *p, enum eas_sync_status status)
{
	if (!p->status)
		p->status = status;
	return ERR_INVALID;
}

static enum err parse_id(struct parse *p, struct str *ret)
{
	TRY(wbxml_text(p->r, ret));
	return ret->n <= EAS_SYNC_MAX_ID_CHARS ? ERR_OK : protocol_error(p, EAS_SYNC_MALFORMED);
}

static enum err parse_window(struct parse *p, unsigned *ret)
{
	uint64_t v;

	TRY(wbxml_u64(p->r, 0, WINDOW_LIMIT, &v));
	*ret = v == 0 || v > EAS_SYNC_MAX_WINDOW ? EAS_SYNC_MAX_WINDOW : (unsigned)v; /* R4768 */
	return ERR_OK;
}

/*
 * Writes the element whose START was just read, in one encoding whatever the phone's was. Without the ClientId, which is
 * known beside it: a phone that invents another one for what it adds again is to be recognised (rule 5).
 */
static enum err copy_element(struct wbxml_reader *r, struct wbxml_writer *w)
{
	unsigned depth = r->depth;

	if (r->empty) {
		wbxml_empty(w, r->tag);
		return ERR_OK;
	}
	wbxml_open(w, r->tag);
	for (;;) {
		switch (wbxml_next(r)) {
		case WBXML_START:
			if (r->tag == TAG_AIRSYNC_CLIENTID)
				TRY(wbxml_skip(r));
			else if (r->empty)
				wbxml_empty(w, r->tag);
			else
				wbxml_open(w, r->tag);
			break;
		case WBXML_TEXT:
			/* Length first, so that pieces cannot be read as others. */
			buf_u64(w->out, r->text.n);
			buf_char(w->out, ':');
			buf_str(w->out, r->text);
			break;
		case WBXML_END:
			wbxml_close(w, r->tag);
			if (r->depth == depth)
				return ERR_OK;
			break;
		case WBXML_DONE:
		case WBXML_BAD:
			return ERR_INVALID;
		}
	}
}

static enum err canonical_of(struct parse *p, struct wbxml_reader start, struct str *ret)
{
	struct buf bytes = BUF_INIT(EAS_MAX_BODY_SYNC);
	struct wbxml_writer w;
	enum err e;

	wbxml_writer_init(&w, &bytes);
	e = copy_element(&start, &w);
	if (!e)
		e = wbxml_writer_end(&w);
	if (!e && arena_str(p->arena, buf_view(&bytes), ret))
		e = ERR_BUSY;
	buf_release(&bytes);
	return e;
}

static const struct {
	enum wbxml_tag tag;
	enum eas_sync_command_kind kind;
	bool has_data;
} command_kinds[] = {
	{ TAG_AIRSYNC_ADD, EAS_SYNC_ADD, true },
	{ TAG_AIRSYNC_CHANGE, EAS_SYNC_CHANGE, true },
	{ TAG_AIRSYNC_DELETE, EAS_SYNC_DELETE, false },
	{ TAG_AIRSYNC_FETCH, EAS_SYNC_FETCH, false },
};

static enum err parse_command_field(struct parse *p, struct eas_sync_command *c, bool *has_data)
{
	struct str class;

	switch ((unsigned)p->r->tag) {
	case TAG_AIRSYNC_SERVERID:
	case TAG_AIRSYNC_CLIENTID:
		return parse_id(p, &c->id);
	case TAG_AIRSYNC_APPLICATIONDATA:
		c->data = *p->r;
		*has_data = true;
		return wbxml_skip(p->r);
	case TAG_EMAIL2_SEND: /* its presence is what counts (MS-ASEMAIL R1388) */
		c->send = true;
		return wbxml_skip(p->r);
	case TAG_AIRSYNCBASE_INSTANCEID:
		TRY(wbxml_text(p->r, &c->instance));
		return c->instance.n <= EAS_SYNC_MAX_ID_CHARS ? ERR_OK : protocol_error(p, EAS_SYNC_MALFORMED);
	case TAG_AIRSYNC_CLASS: /* else the folder knows it */
		TRY(wbxml_text(p->r, &class));
		c->text = p->version >= EAS_14_0 && str_eq(class, item_class_texts()->name);
		return ERR_OK;
	default:
		return wbxml_skip(p->r);
	}
}

static enum err parse_command(struct parse *p, struct eas_sync_command *c)
{
	struct wbxml_reader start = *p->r;
	bool needs_data = false, has_data = false, known = false;
	struct wbxml_scope scope = wbxml_enter(p->r);
	enum err bad = ERR_OK;

	for (size_t i = 0; i < countof(command_kinds); i++) {
		if (command_kinds[i].tag != start.tag)
			continue;
		c->kind = command_kinds[i].kind;
		needs_data = command_kinds[i].has_data;
		known = true;
	}
	if (!known)
		return protocol_error(p, EAS_SYNC_MALFORMED);
	while (wbxml_child(p->r, &scope, &bad))
		TRY(parse_command_field(p, c, &has_data));
	if (bad)
		return bad;
	if (c->id.n == 0 || needs_data != has_data)
		return protocol_error(p, EAS_SYNC_MALFORMED);
	return canonical_of(p, start, &c->canonical);
}

static enum err parse_commands(struct parse *p, struct eas_sync_collection *c)
{
	struct wbxml_scope scope = wbxml_enter(p->r);
	enum err bad = ERR_OK;

	if (!p->commands)
		p->commands = arena_array(p->arena, EAS_SYNC_MAX_COMMANDS, sizeof(*p->commands));
	if (!p->commands)
		return ERR_BUSY;
	if (!c->commands)
		c->commands = p->commands + p->commands_n;
	while (wbxml_child(p->r, &scope, &bad)) {
		if (p->commands_n == EAS_SYNC_MAX_COMMANDS)
			return protocol_error(p, EAS_SYNC_MALFORMED); /* R5659 */
		p->commands_n++;
		TRY(parse_command(p, &c->commands[c->commands_n++]));
	}
	return bad;
}

/* One element for the class of the folder and one for text messages (MS-ASCMD_R3600), each once (MS-ASCMD_R930). */
static enum err take_options(struct parse *p, struct eas_sync_collection *c, const struct eas_options *o)
{
	const struct eas_text_options texts = c->options.texts;
	bool again = o->of_texts ? texts.asked : c->has_options && !c->texts_alone;

	if (again && p->version >= EAS_14_0)
		return protocol_error(p, EAS_SYNC_MALFORMED);
	if (o->of_texts && c->has_options) {
		c->options.texts = o->texts;
		return ERR_OK;
	}
	c->texts_alone = o->of_texts;
	c->options = *o;
	if (!o->of_texts)
		c->options.texts = texts;
	c->has_options = true;
	return ERR_OK;
}

static enum err parse_options(struct parse *p, struct eas_sync_collection *c)
{
	struct eas_options o;
	enum err e = eas_options_parse(p->r, p->version, &o);

	if (e == ERR_UNSUPPORTED)
		return ERR_OK; /* of a class that there is not */
	if (e == ERR_LIMIT)
		return protocol_error(p, EAS_SYNC_MALFORMED);
	if (e == ERR_DENIED)
		return protocol_error(p, EAS_SYNC_BAD_PART_TYPE);
	if (e)
		return e;
	return take_options(p, c, &o);
}

static enum err parse_class(struct parse *p, struct eas_sync_collection *c)
{
	struct str name;

	TRY(wbxml_text(p->r, &name));
	c->has_class = true;
	c->class = item_class_named(name);
	return ERR_OK;
}

static enum err parse_collection_field(struct parse *p, struct eas_sync_collection *c, bool *asks_changes)
{
	struct wbxml_reader *r = p->r;

	if (!wbxml_tag_in(r->tag, p->version))
		return protocol_error(p, EAS_SYNC_MALFORMED);
	switch ((unsigned)r->tag) {
	case TAG_AIRSYNC_CLASS:
		return parse_class(p, c);
	case TAG_AIRSYNC_SYNCKEY:
		return parse_id(p, &c->key);
	case TAG_AIRSYNC_COLLECTIONID:
		return parse_id(p, &c->id);
	case TAG_AIRSYNC_DELETESASMOVES:
		return wbxml_bool(r, &c->deletes_as_moves);
	case TAG_AIRSYNC_GETCHANGES:
		*asks_changes = true;
		return wbxml_bool(r, &c->get_changes);
	case TAG_AIRSYNC_WINDOWSIZE:
		return parse_window(p, &c->window);
	case TAG_AIRSYNC_CONVERSATIONMODE:
		c->has_conversation_mode = true;
		return wbxml_bool(r, &c->conversation_mode);
	case TAG_AIRSYNC_OPTIONS:
		return parse_options(p, c);
	case TAG_AIRSYNC_COMMANDS:
		return parse_commands(p, c);
	case TAG_AIRSYNC_SUPPORTED:
		return eas_supported_parse(r, &c->supported);
	default:
		return protocol_error(p, EAS_SYNC_MALFORMED);
	}
}

static enum err parse_collection(struct parse *p, struct eas_sync_collection *c)
{
	struct wbxml_scope scope = wbxml_enter(p->r);
	bool asks_changes = false, first;
	enum err bad = ERR_OK;

	c->deletes_as_moves = true; /* MS-ASCMD 2.2.3.43: the default */
	c->window = EAS_SYNC_DEFAULT_WINDOW;
	while (wbxml_child(p->r, &scope, &bad))
		TRY(parse_collection_field(p, c, &asks_changes));
	if (bad)
		return bad;
	if (c->key.n == 0 || c->id.n == 0)
		return protocol_error(p, EAS_SYNC_MALFORMED);
	first = str_eq(c->key, S("0"));
	/*
	 * R5555, R5556: without the element, changes are wanted but with key 0. With key 0 and GetChanges the document
	 * wants Status 4 (R3128); phones send that, and get what key 0 gives, as from other servers.
	 */
	if (!asks_changes || first)
		c->get_changes = !first;
	if (first && c->commands_n)
		return protocol_error(p, EAS_SYNC_MALFORMED);
	return ERR_OK;
}

static enum err parse_collections(struct parse *p, struct eas_sync_request *q)
{
	struct wbxml_scope scope = wbxml_enter(p->r);
	enum err bad = ERR_OK;
	size_t room = 0;

	if (q->collections_n) /* MS-ASCMD 2.2.3.31.2: there is one; the list grows from nothing */
		return protocol_error(p, EAS_SYNC_MALFORMED);
	while (wbxml_child(p->r, &scope, &bad)) {
		if (p->r->tag != TAG_AIRSYNC_COLLECTION)
			return protocol_error(p, EAS_SYNC_MALFORMED);
		if (q->collections_n == EAS_SYNC_MAX_COLLECTIONS)
			return protocol_error(p, EAS_SYNC_TOO_MANY_COLLECTIONS);
		if (q->collections_n == room) {
			struct eas_sync_collection *more;

			room = room ? room * 4 : 16;
			more = arena_array(p->arena, room, sizeof(*more));
			if (!more)
				return ERR_BUSY;
			if (q->collections_n)
				memcpy(more, q->collections, q->collections_n * sizeof(*more));
			q->collections = more;
		}
		TRY(parse_collection(p, &q->collections[q->collections_n++]));
	}
	return bad;
}

/* One collection twice could be given two keys. */
static bool has_twins(const struct eas_sync_request *q)
{
	for (size_t i = 1; i < q->collections_n; i++)
		for (size_t j = 0; j < i; j++)
			if (str_eq(q->collections[i].id, q->collections[j].id))
				return true;
	return false;
}

static enum err parse_hold(struct parse *p, struct eas_sync_request *q, bool minutes)
{
	uint64_t v;

	if (q->has_hold) /* MS-ASCMD 2.2.3.198: Wait and HeartbeatInterval exclude each other */
		return protocol_error(p, EAS_SYNC_MALFORMED);
	TRY(wbxml_u64(p->r, 0, INT32_MAX / 60, &v));
	q->has_hold = true;
	q->hold_in_minutes = minutes;
	q->hold_s = (uint32_t)(minutes ? v * 60 : v);
	return ERR_OK;
}

static enum err parse_field(struct parse *p, struct eas_sync_request *q)
{
	if (!wbxml_tag_in(p->r->tag, p->version))
		return protocol_error(p, EAS_SYNC_MALFORMED);
	switch ((unsigned)p->r->tag) {
	case TAG_AIRSYNC_COLLECTIONS:
		return parse_collections(p, q);
	case TAG_AIRSYNC_WAIT:
		return parse_hold(p, q, true);
	case TAG_AIRSYNC_HEARTBEATINTERVAL:
		return parse_hold(p, q, false);
	case TAG_AIRSYNC_WINDOWSIZE:
		q->has_window = true;
		return parse_window(p, &q->window);
	case TAG_AIRSYNC_PARTIAL:
		q->partial = true;
		return wbxml_skip(p->r);
	default:
		return protocol_error(p, EAS_SYNC_MALFORMED);
	}
}

enum err eas_sync_parse(struct wbxml_reader *r, struct wbxml_scope *root, struct arena *arena, enum eas_version version,
			struct eas_sync_request *ret, enum eas_sync_status *ret_status)
{
	struct parse p = { .r = r, .arena = arena, .version = version };
	enum err bad = ERR_OK;

	*ret = (struct eas_sync_request){ .window = EAS_SYNC_MAX_WINDOW };
	*ret_status = EAS_SYNC_OK;
	while (!bad && wbxml_child(r, root, &bad))
		bad = parse_field(&p, ret);
	if (bad == ERR_BUSY)
		return ERR_BUSY;
	if (bad && r->why != WBXML_OK)
		return ERR_INVALID;
	if (bad)
		*ret_status = p.status ? p.status : EAS_SYNC_MALFORMED;
	else if (has_twins(ret))
		*ret_status = EAS_SYNC_MALFORMED;
	return ERR_OK;
}
