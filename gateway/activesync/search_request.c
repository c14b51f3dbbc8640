/* Parsing of Search requests. */
#include <gateway/activesync/search.h>

#include <gateway/activesync/document_link.h>

#include <gateway/activesync/time_text.h>
#include <store/conversation.h>

const struct eas_search_request eas_search_default = {
	.status = SEARCH_DONE,
	.received_from = INT64_MIN,
	.received_to = INT64_MAX,
	.to = EAS_MAX_SEARCH_RESULTS - 1, /* MS-ASCMD_R3733, R3735 */
};

static void refuse(struct eas_search_request *s, enum search_status status)
{
	if (s->status == SEARCH_DONE)
		s->status = status;
}

bool eas_search_range(struct str text, uint64_t *from, uint64_t *to)
{
	size_t dash = str_index(text, '-');

	return dash < text.n && str_to_u64(str_slice(text, 0, dash), UINT32_MAX, from) == ERR_OK &&
	       str_to_u64(str_slice(text, dash + 1, text.n), UINT32_MAX, to) == ERR_OK && *from <= *to;
}

bool eas_search_class(struct str name, enum eas_version v, unsigned *ret)
{
	static const struct {
		struct str name;
		enum search_class class;
		enum eas_version from; /* MS-ASCMD_R6288, R6289 */
	} classes[] = {
		{ STR_INIT("Email"), SEARCH_CLASS_EMAIL, EAS_12_0 },
		{ STR_INIT("Calendar"), SEARCH_CLASS_CALENDAR, EAS_12_0 },
		{ STR_INIT("Contacts"), SEARCH_CLASS_CONTACTS, EAS_12_0 },
		{ STR_INIT("Tasks"), SEARCH_CLASS_TASKS, EAS_12_0 },
		{ STR_INIT("Notes"), SEARCH_CLASS_NOTES, EAS_14_0 },
		{ STR_INIT("SMS"), SEARCH_CLASS_SMS, EAS_14_0 },
	};

	for (size_t i = 0; i < countof(classes); i++)
		if (str_eq(name, classes[i].name) && v >= classes[i].from) {
			*ret |= classes[i].class;
			return true;
		}
	return false;
}

/* ---- the query ---- */

static enum err parse_text(struct wbxml_reader *r, struct eas_search_request *s)
{
	struct str text;

	TRY(wbxml_text(r, &text));
	if (s->words_n == EAS_MAX_SEARCH_TEXTS)
		refuse(s, SEARCH_TOO_COMPLEX);
	else
		s->words[s->words_n++] = text;
	return ERR_OK;
}

static enum err parse_class(struct wbxml_reader *r, enum eas_version v, struct eas_search_request *s)
{
	struct str name;

	TRY(wbxml_text(r, &name));
	if (!eas_search_class(name, v, &s->classes))
		refuse(s, SEARCH_BAD);
	return ERR_OK;
}

static enum err parse_collection(struct wbxml_reader *r, struct eas_search_request *s)
{
	struct str id;

	TRY(wbxml_text(r, &id));
	if (s->collections_n == EAS_MAX_SEARCH_FOLDERS)
		refuse(s, SEARCH_TOO_COMPLEX);
	else
		s->collections[s->collections_n++] = id;
	return ERR_OK;
}

/* The property that is compared, which is the received time alone, then the value (MS-ASCMD_R3218). */
static enum err parse_comparison(struct wbxml_reader *r, struct eas_search_request *s, int64_t *ret)
{
	struct wbxml_scope in = wbxml_enter(r);
	bool property = false;
	enum err e = ERR_OK;
	struct str value;

	while (wbxml_child(r, &in, &e)) {
		if (r->tag == TAG_EMAIL_DATERECEIVED) {
			property = true;
			e = wbxml_skip(r);
		} else if (r->tag == TAG_SEARCH_VALUE && property) {
			TRY(wbxml_text(r, &value));
			if (value.n > EAS_MAX_SEARCH_VALUE_BYTES || time_text_parse(value, ret)) /* R5263 */
				refuse(s, SEARCH_BAD);
			property = false;
		} else {
			refuse(s, SEARCH_BAD);
			e = wbxml_skip(r);
		}
	}
	return e;
}

static enum err parse_greater(struct wbxml_reader *r, struct eas_search_request *s)
{
	int64_t after = INT64_MIN;

	TRY(parse_comparison(r, s, &after));
	if (after == INT64_MIN)
		refuse(s, SEARCH_BAD);
	else
		s->received_from = after + 1;
	return ERR_OK;
}

static enum err parse_less(struct wbxml_reader *r, struct eas_search_request *s)
{
	int64_t before = INT64_MAX;

	TRY(parse_comparison(r, s, &before));
	if (before == INT64_MAX)
		refuse(s, SEARCH_BAD);
	s->received_to = before;
	return ERR_OK;
}

/* A second one is a protocol error (MS-ASCMD_R2088). */
static enum err parse_conversation(struct wbxml_reader *r, enum eas_version v, struct eas_search_request *s)
{
	struct str id;

	TRY(wbxml_text(r, &id));
	if (s->conversation.p || id.n != CONVERSATION_SIZE || v < EAS_14_0)
		refuse(s, SEARCH_BAD);
	else
		s->conversation = id;
	return ERR_OK;
}

static bool is_of_item(uint16_t tag)
{
	static const uint16_t tags[] = { TAG_CALENDAR_SUBJECT, TAG_CONTACTS_FIRSTNAME, TAG_CONTACTS2_NICKNAME,
					 TAG_TASKS_SUBJECT, TAG_NOTES_SUBJECT };

	for (size_t i = 0; i < countof(tags); i++)
		if (tags[i] >> 8 == tag >> 8)
			return true;
	return false;
}

static enum err parse_and_field(struct wbxml_reader *r, enum eas_version v, struct eas_search_request *s)
{
	switch ((unsigned)r->tag) {
	case TAG_SEARCH_FREETEXT:
		return parse_text(r, s);
	case TAG_AIRSYNC_CLASS:
		return parse_class(r, v, s);
	case TAG_AIRSYNC_COLLECTIONID:
		return parse_collection(r, s);
	case TAG_SEARCH_CONVERSATIONID:
		return parse_conversation(r, v, s);
	case TAG_SEARCH_GREATERTHAN:
		return parse_greater(r, s);
	case TAG_SEARCH_LESSTHAN:
		return parse_less(r, s);
	default:
		/* MS-ASCAL_R536, MS-ASCNTC_R491, MS-ASTASK_R364, MS-ASNOTE_R109: properties of items are no conditions. */
		if (is_of_item(r->tag)) {
			refuse(s, SEARCH_BAD);
			return wbxml_skip(r);
		}
		/* And and Or in it (MS-ASCMD_R772), and what is of other stores */
		refuse(s, SEARCH_TOO_COMPLEX);
		return wbxml_skip(r);
	}
}

static enum err parse_and(struct wbxml_reader *r, enum eas_version v, struct eas_search_request *s)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e))
		e = parse_and_field(r, v, s);
	return e;
}

/* The query of a document library (MS-ASCMD_R3700): LinkId is what is compared, Value with what; some write the link into LinkId. */
static enum err parse_equal(struct wbxml_reader *r, struct eas_search_request *s)
{
	struct wbxml_scope in = wbxml_enter(r);
	struct str name = STR_EMPTY, value = STR_EMPTY;
	bool has_name = false;
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e))
		switch ((unsigned)r->tag) {
		case TAG_DOCUMENTLIBRARY_LINKID:
			has_name = true;
			TRY(wbxml_text(r, &name));
			break;
		case TAG_SEARCH_VALUE:
			TRY(wbxml_text(r, &value));
			break;
		default:
			TRY(wbxml_skip(r));
		}
	if (has_name)
		s->link = name.n ? name : value;
	return e;
}

/* MS-ASCMD_R772, R923, R2032, R3105, R3220: a query is one And; what stands anywhere else is too complex. */
static enum err parse_conditions(struct wbxml_reader *r, enum eas_version v, struct eas_search_request *s)
{
	struct wbxml_scope in = wbxml_enter(r);
	unsigned ands = 0;
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		if (r->tag == TAG_SEARCH_AND && ands++ == 0) {
			e = parse_and(r, v, s);
			continue;
		}
		refuse(s, SEARCH_TOO_COMPLEX);
		e = r->tag == TAG_SEARCH_EQUALTO ? parse_equal(r, s) : wbxml_skip(r);
	}
	return e;
}

/* ---- options ---- */

static enum err parse_range(struct wbxml_reader *r, struct eas_search_request *s)
{
	struct str text;

	TRY(wbxml_text(r, &text));
	if (!eas_search_range(text, &s->from, &s->to))
		refuse(s, SEARCH_BAD);
	else if (s->to - s->from >= EAS_MAX_SEARCH_RESULTS)
		refuse(s, SEARCH_END_OF_RANGE); /* MS-ASCMD_R3736 */
	return ERR_OK;
}

static enum err parse_option(struct wbxml_reader *r, struct eas_search_request *s)
{
	switch ((unsigned)r->tag) {
	case TAG_SEARCH_RANGE:
		return parse_range(r, s);
	case TAG_SEARCH_DEEPTRAVERSAL:
		s->deep = true;
		return wbxml_skip(r);
	case TAG_SEARCH_PICTURE:
		return eas_pictures_parse(r, &eas_search_picture_tags, &s->pictures);
	case TAG_AIRSYNCBASE_BODYPREFERENCE:
	case TAG_AIRSYNC_MIMESUPPORT:
		s->has_body = true;
		return wbxml_skip(r);
	default: /* RebuildResults: they are always made anew; UserName, Password: of documents */
		return wbxml_skip(r);
	}
}

/* The preferences are those of Sync's Options and have their parser; the others are read in a second pass. */
static enum err parse_options(struct wbxml_reader *r, enum eas_version v, struct eas_search_request *s)
{
	struct wbxml_reader again = *r;
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = eas_options_parse(&again, v, &s->options);

	if (e && e != ERR_UNSUPPORTED)
		refuse(s, e == ERR_DENIED ? SEARCH_BAD_PART_TYPE : SEARCH_BAD);
	e = ERR_OK;
	while (wbxml_child(r, &in, &e))
		e = parse_option(r, s);
	return e;
}

/* ---- the store ---- */

static enum err parse_name(struct wbxml_reader *r, enum eas_version v, struct eas_search_request *s)
{
	static const struct {
		struct str name;
		enum search_store store;
		enum eas_version from;
	} stores[] = {
		{ STR_INIT("Mailbox"), SEARCH_STORE_MAILBOX, EAS_12_0 },
		{ STR_INIT("GAL"), SEARCH_STORE_GAL, EAS_2_5 },
		{ STR_INIT("DocumentLibrary"), SEARCH_STORE_DOCUMENTS, EAS_12_0 },
		{ STR_INIT("Document Library"), SEARCH_STORE_DOCUMENTS, EAS_12_0 }, /* MS-ASCMD 2.2.3.114.2 */
	};
	struct str name;

	TRY(wbxml_text(r, &name));
	for (size_t i = 0; i < countof(stores); i++)
		if (str_ieq(name, stores[i].name) && v >= stores[i].from)
			s->store = stores[i].store;
	return ERR_OK;
}

/* The query is a text, or conditions: which of them, the store tells, whose name may stand behind it. */
static enum err parse_query(struct wbxml_reader *r, enum eas_version v, struct eas_search_request *s)
{
	struct wbxml_reader again = *r;
	struct str text;

	if (wbxml_text(&again, &text) == ERR_OK) {
		*r = again;
		s->text = text;
		return ERR_OK;
	}
	return parse_conditions(r, v, s);
}

static enum err parse_store_field(struct wbxml_reader *r, enum eas_version v, struct eas_search_request *s)
{
	switch ((unsigned)r->tag) {
	case TAG_SEARCH_NAME:
		return parse_name(r, v, s);
	case TAG_SEARCH_QUERY:
		return parse_query(r, v, s);
	case TAG_SEARCH_OPTIONS:
		return parse_options(r, v, s);
	default:
		return ERR_INVALID;
	}
}

static bool asks_something(const struct eas_search_request *s)
{
	if (s->store == SEARCH_STORE_GAL)
		return s->text.n > 0;
	return s->words_n || s->collections_n || s->conversation.p || s->classes || s->received_from != INT64_MIN ||
	       s->received_to != INT64_MAX;
}

/* There are no libraries: every good link is blocked. Without a link the request is wrong (MS-ASDOC_R85). */
static enum search_status refuse_documents(const struct eas_search_request *s)
{
	if (s->link.n == 0)
		return SEARCH_BAD;
	return eas_document_link(s->link) ? SEARCH_BLOCKED : SEARCH_BAD_LINK;
}

static void check(struct eas_search_request *s)
{
	if (s->store == SEARCH_STORE_DOCUMENTS)
		s->status = refuse_documents(s);
	else if (s->store == SEARCH_STORE_UNKNOWN)
		s->status = SEARCH_BAD;
	else if (!asks_something(s))
		refuse(s, SEARCH_BAD);
}

enum err eas_search_parse(struct eas_request *rq, struct eas_search_request *ret)
{
	struct wbxml_reader *r = &rq->reader;
	struct wbxml_scope in;
	unsigned stores = 0;
	enum err e = ERR_OK;

	*ret = eas_search_default;
	ret->options = eas_options_default;
	while (wbxml_child(r, &rq->root, &e)) {
		if (r->tag != TAG_SEARCH_STORE || stores++) /* R4534 */
			return ERR_INVALID;
		in = wbxml_enter(r);
		while (wbxml_child(r, &in, &e))
			e = parse_store_field(r, rq->version, ret);
	}
	TRY(e);
	if (stores == 0)
		return ERR_INVALID;
	check(ret);
	return wbxml_done(r);
}
