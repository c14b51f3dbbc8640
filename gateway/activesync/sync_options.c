/* Options of a Sync collection: parsing, keeping, and what their numbers mean. */
#include <gateway/activesync/sync_options.h>

#include <gateway/activesync/item_class.h>
#include <store/feed.h>

enum {
	OPTIONS_FORMAT = 5, /* first byte of the serialised form */
	MIME_SUPPORT_MAX = 2,
	MIME_TRUNCATION_MAX = 8,
};

const struct eas_options eas_options_default = { .conflict = 1, .mime_truncation = MIME_TRUNCATION_MAX };

static enum err number(struct wbxml_reader *r, uint64_t max, uint8_t *ret)
{
	uint64_t v;

	TRY(wbxml_u64(r, 0, max, &v));
	*ret = (uint8_t)v;
	return ERR_OK;
}

static enum err parse_preference_field(struct wbxml_reader *r, struct body_preference *p, uint64_t *type)
{
	uint64_t v;

	switch ((unsigned)r->tag) {
	case TAG_AIRSYNCBASE_TYPE:
		return wbxml_u64(r, BODY_PLAIN, BODY_MIME, type);
	case TAG_AIRSYNCBASE_TRUNCATIONSIZE:
		TRY(wbxml_u64(r, 0, UINT32_MAX, &v));
		p->truncation = (uint32_t)v;
		return ERR_OK;
	case TAG_AIRSYNCBASE_ALLORNONE:
		return wbxml_bool(r, &p->all_or_none);
	case TAG_AIRSYNCBASE_PREVIEW:
		return number(r, BODY_PREVIEW_MAX, &p->preview);
	default:
		return ERR_INVALID;
	}
}

/* MS-ASAIRS_R348, MS-ASAIRS_R351: in this order, each at most once. */
static size_t preference_place(uint16_t tag)
{
	static const uint16_t order[] = { TAG_AIRSYNCBASE_TYPE, TAG_AIRSYNCBASE_TRUNCATIONSIZE,
					  TAG_AIRSYNCBASE_ALLORNONE, TAG_AIRSYNCBASE_PREVIEW };
	size_t i = 0;

	while (i < countof(order) && order[i] != tag)
		i++;
	return i + 1;
}

static enum err parse_preference(struct wbxml_reader *r, struct body_preference list[BODY_TYPES], bool of_parts)
{
	struct body_preference p = { .asked = true, .truncation = BODY_NO_TRUNCATION };
	struct wbxml_scope scope = wbxml_enter(r);
	enum err bad = ERR_OK;
	size_t place = 0;
	uint64_t type = 0;

	while (wbxml_child(r, &scope, &bad)) {
		size_t next = preference_place(r->tag);

		if (next <= place)
			return ERR_INVALID;
		place = next;
		TRY(parse_preference_field(r, &p, &type));
	}
	if (bad)
		return bad;
	/* MS-ASAIRS R158, R146: one for each Type. */
	if (type == 0 || list[type].asked)
		return ERR_INVALID;
	if (of_parts && type != BODY_PLAIN && type != BODY_HTML)
		return ERR_DENIED;
	list[type] = p;
	return ERR_OK;
}

static enum err parse_class(struct wbxml_reader *r, struct eas_options *o, enum eas_version version, bool *ret_known)
{
	struct str name;

	TRY(wbxml_text(r, &name));
	o->class = item_class_named(name);
	o->of_texts = version >= EAS_14_0 && str_eq(name, item_class_texts()->name);
	*ret_known = o->class || o->of_texts;
	return ERR_OK;
}

/* Truncation of 2.5: bytes of a plain body. */
static enum err parse_truncation(struct wbxml_reader *r, struct eas_options *o)
{
	static const uint32_t bytes[] = { 0, 512, 1024, 2048, 5120, 10240, 20480, 51200, 102400, BODY_NO_TRUNCATION };
	uint64_t v;

	TRY(wbxml_u64(r, 0, countof(bytes) - 1, &v));
	o->body[BODY_PLAIN] = (struct body_preference){ .asked = true, .truncation = bytes[v] };
	return ERR_OK;
}

static enum err parse_max_items(struct wbxml_reader *r, struct eas_options *o)
{
	uint64_t v;

	TRY(wbxml_u64(r, 1, INT32_MAX, &v));
	o->max_items = v < UINT16_MAX ? (uint16_t)v : UINT16_MAX;
	return ERR_OK;
}

static enum err parse_option(struct wbxml_reader *r, struct eas_options *o, enum eas_version version, bool *known)
{
	if (!wbxml_tag_in(r->tag, version))
		return wbxml_skip(r);
	switch ((unsigned)r->tag) {
	case TAG_AIRSYNC_TRUNCATION:
		return parse_truncation(r, o);
	case TAG_AIRSYNC_FILTERTYPE:
		return number(r, EAS_FILTER_MAX, &o->filter);
	case TAG_AIRSYNC_MIMESUPPORT:
		return number(r, MIME_SUPPORT_MAX, &o->mime_support);
	case TAG_AIRSYNC_MIMETRUNCATION:
		return number(r, MIME_TRUNCATION_MAX, &o->mime_truncation);
	case TAG_AIRSYNC_CONFLICT:
		return number(r, 1, &o->conflict);
	case TAG_AIRSYNC_CLASS:
		return parse_class(r, o, version, known);
	case TAG_AIRSYNCBASE_BODYPREFERENCE:
		return parse_preference(r, o->body, false);
	case TAG_AIRSYNCBASE_BODYPARTPREFERENCE:
		return parse_preference(r, o->part, true);
	case TAG_AIRSYNC_MAXITEMS:
		return parse_max_items(r, o);
	default:
		/* RightsManagementSupport: for what is never sent. */
		return wbxml_skip(r);
	}
}

/* What was read of an element of class SMS. */
static void become_texts(struct eas_options *o)
{
	struct eas_text_options texts = { .asked = true, .filter = o->filter };

	memcpy(texts.body, o->body, sizeof(texts.body));
	*o = eas_options_default;
	o->texts = texts;
	o->of_texts = true;
}

enum err eas_options_parse(struct wbxml_reader *r, enum eas_version version, struct eas_options *ret)
{
	struct wbxml_scope scope = wbxml_enter(r);
	struct eas_options o = eas_options_default;
	enum err bad = ERR_OK;
	bool known = true;

	while (wbxml_child(r, &scope, &bad))
		TRY(parse_option(r, &o, version, &known));
	if (bad)
		return bad;
	if (!known)
		return ERR_UNSUPPORTED;
	if (o.of_texts)
		become_texts(&o);
	if (version < EAS_12_0 && o.mime_support)
		o.body[BODY_MIME] = (struct body_preference){ .asked = true, .truncation = BODY_NO_TRUNCATION };
	*ret = o;
	return ERR_OK;
}

static void put_u32(struct buf *out, uint32_t v)
{
	for (int shift = 0; shift < 32; shift += 8)
		buf_char(out, (char)(v >> shift & 0xff));
}

static void put_preferences(struct buf *out, const struct body_preference list[BODY_TYPES])
{
	for (unsigned type = BODY_PLAIN; type < BODY_TYPES; type++) {
		const struct body_preference *p = &list[type];

		buf_char(out, (char)(p->asked | p->all_or_none << 1));
		buf_char(out, (char)p->preview);
		put_u32(out, p->truncation);
	}
}

void eas_options_put(struct buf *out, const struct eas_options *o)
{
	buf_char(out, OPTIONS_FORMAT);
	buf_char(out, (char)o->filter);
	buf_char(out, (char)o->mime_support);
	buf_char(out, (char)o->mime_truncation);
	buf_char(out, (char)o->conflict);
	put_preferences(out, o->body);
	put_preferences(out, o->part);
	eas_supported_put(out, &o->supported);
	buf_char(out, (char)o->texts.asked);
	buf_char(out, (char)o->texts.filter);
	put_preferences(out, o->texts.body);
	buf_char(out, (char)(o->max_items & 0xff));
	buf_char(out, (char)(o->max_items >> 8));
}

enum {
	HEAD_BYTES = 5,
	PREFERENCE_BYTES = 6,
	LIST_BYTES = PREFERENCE_BYTES * (BODY_TYPES - 1),
	SUPPORTED_AT = HEAD_BYTES + 2 * LIST_BYTES,
	TEXTS_AT = (int)SUPPORTED_AT + (int)EAS_SUPPORTED_BYTES,
	MAX_ITEMS_AT = (int)TEXTS_AT + 2 + LIST_BYTES,
	ALL_BYTES = (int)MAX_ITEMS_AT + 2
};
_Static_assert((int)ALL_BYTES <= (int)EAS_OPTIONS_MAX_BYTES, "the serialised form fits its limit");

static void get_preferences(const unsigned char *p, struct body_preference list[BODY_TYPES])
{
	for (unsigned type = BODY_PLAIN; type < BODY_TYPES; type++, p += PREFERENCE_BYTES) {
		list[type].asked = p[0] & 1;
		list[type].all_or_none = p[0] >> 1 & 1;
		list[type].preview = p[1];
		list[type].truncation = p[2] | (uint32_t)p[3] << 8 | (uint32_t)p[4] << 16 | (uint32_t)p[5] << 24;
	}
}

struct eas_options eas_options_get(struct str bytes)
{
	const unsigned char *p = (const unsigned char *)bytes.p;
	struct eas_options o = eas_options_default;

	if (bytes.n != ALL_BYTES || p[0] != OPTIONS_FORMAT)
		return o;
	o.filter = p[1];
	o.mime_support = p[2];
	o.mime_truncation = p[3];
	o.conflict = p[4];
	get_preferences(p + HEAD_BYTES, o.body);
	get_preferences(p + HEAD_BYTES + LIST_BYTES, o.part);
	o.supported = eas_supported_get(p + SUPPORTED_AT);
	o.texts.asked = p[TEXTS_AT];
	o.texts.filter = p[TEXTS_AT + 1];
	get_preferences(p + TEXTS_AT + 2, o.texts.body);
	o.max_items = (uint16_t)(p[MAX_ITEMS_AT] | p[MAX_ITEMS_AT + 1] << 8);
	return o;
}

void eas_options_replace(struct eas_options *kept, const struct eas_options *asked, bool texts_alone)
{
	if (texts_alone)
		kept->texts = asked->texts;
	else
		*kept = *asked;
}

uint32_t eas_options_mime_truncation(const struct eas_options *o)
{
	/* MS-ASCMD 2.2.3.111: 0 means that the body is cut to nothing. */
	static const uint32_t bytes[] = { 0, 4096, 5120, 7168, 10240, 20480, 51200, 102400, BODY_NO_TRUNCATION };

	return o->mime_truncation < countof(bytes) ? bytes[o->mime_truncation] : BODY_NO_TRUNCATION;
}

int64_t eas_options_filter_goal(uint8_t filter, int64_t now_ms)
{
	/* MS-ASCMD 2.2.3.68.2: all, 1 day, 3 days, 1 week, 2 weeks, 1 month, 3 and 6 months. */
	static const int days[] = { 0, 1, 3, 7, 14, 31, 92, 184 };
	enum { INCOMPLETE = 8 };

	if (filter == INCOMPLETE)
		return ITEM_KEY_ALWAYS;
	if (filter >= countof(days) || days[filter] == 0)
		return FEED_GOAL_ALL;
	return now_ms - (int64_t)days[filter] * 24 * 60 * 60 * 1000;
}

/*
 * Numbers of filters that let the first so many in, two of each: under one number an edge only rises, and this one falls when
 * somebody of the first has gone.
 */
enum { FILTER_TOP = 1 << 20 };

static void set_top(struct feed_state *st, const struct eas_options *o)
{
	const struct feed_edge *e = &st->edge[FEED_ITEMS];
	int64_t filter = FILTER_TOP + 2 * (int64_t)o->max_items;

	if (e->filter == filter || e->filter == filter + 1)
		filter = o->top < e->goal ? e->filter ^ 1 : e->filter;
	feed_state_filter(st, FEED_ITEMS, filter, o->top);
}

void eas_filters_set(struct feed_state *st, const struct eas_options *o, int64_t now_ms)
{
	if (o->max_items)
		set_top(st, o);
	else
		feed_state_filter(st, FEED_ITEMS, o->filter, eas_options_filter_goal(o->filter, now_ms));
	if (o->texts.asked)
		feed_state_filter(st, FEED_TEXTS, o->texts.filter, eas_options_filter_goal(o->texts.filter, now_ms));
	else
		feed_state_filter(st, FEED_TEXTS, FEED_FILTER_NONE, FEED_GOAL_NONE);
}

void eas_filters_age(struct feed_state *st, int64_t now_ms)
{
	for (int kind = 0; kind < FEED_EDGE_MAX_; kind++) {
		int64_t filter = st->edge[kind].filter;

		if (filter >= 0 && filter <= EAS_FILTER_MAX)
			feed_state_filter(st, (enum feed_edge_kind)kind, filter,
					  eas_options_filter_goal((uint8_t)filter, now_ms));
	}
}
