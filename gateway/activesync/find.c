/*
 * Find (MS-ASCMD 2.2.1.2), which 16.1 has for Search: mails by a query in the keyword language, people by name. What is
 * asked is the same as a Search's, and the answer is lists of lines, without bodies. SearchId needs no memory: a further
 * range is of the same query asked again.
 */
#include <gateway/activesync/search.h>

#include <gateway/activesync/server_id.h>
#include <gateway/activesync/time_text.h>
#include <gateway/content/header.h>
#include <gateway/mailbox/message.h>

enum find_status { /* MS-ASCMD 2.2.3.177.2, and common ones */
		   FIND_DONE = 1,
		   FIND_BAD = 2,
		   FIND_FOLDERSYNC = 3,
};

static unsigned status_of(enum search_status s)
{
	switch (s) {
	case SEARCH_DONE:
	case SEARCH_END_OF_RANGE: /* there is nothing more: no error here */
		return FIND_DONE;
	case SEARCH_BAD:
	case SEARCH_BAD_LINK: /* of Search alone */
	case SEARCH_DENIED:   /* which Find has not */
	case SEARCH_TOO_COMPLEX:
	case SEARCH_BLOCKED:
	case SEARCH_BAD_PART_TYPE:
		return FIND_BAD;
	case SEARCH_FOLDERSYNC:
		return FIND_FOLDERSYNC;
	case SEARCH_TIMED_OUT:
		return EAS_STATUS_SERVER_ERROR_RETRY;
	case SEARCH_SERVER:
		break;
	}
	return EAS_STATUS_SERVER_ERROR;
}

/* ---- the request ---- */

static enum err parse_range(struct wbxml_reader *r, struct eas_search_request *s)
{
	struct str text;

	TRY(wbxml_text(r, &text));
	if (!eas_search_range(text, &s->from, &s->to))
		s->status = SEARCH_BAD;
	else if (s->to - s->from >= EAS_MAX_SEARCH_RESULTS) /* R37071816: fewer may be given */
		s->to = s->from + EAS_MAX_SEARCH_RESULTS - 1;
	return ERR_OK;
}

static enum err parse_options(struct wbxml_reader *r, struct eas_search_request *s)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		if (r->tag == TAG_FIND_RANGE) {
			e = parse_range(r, s);
		} else if (r->tag == TAG_FIND_PICTURE) {
			e = eas_pictures_parse(r, &eas_find_picture_tags, &s->pictures);
		} else {
			s->deep = s->deep || r->tag == TAG_FIND_DEEPTRAVERSAL;
			e = wbxml_skip(r);
		}
	}
	return e;
}

/* MS-ASCMD_R901100613: there is no class but Email. */
static enum err parse_class(struct wbxml_reader *r, struct eas_search_request *s)
{
	struct str name;

	TRY(wbxml_text(r, &name));
	if (!eas_search_class(name, EAS_16_1, &s->classes) || s->classes != SEARCH_CLASS_EMAIL)
		s->status = SEARCH_BAD;
	return ERR_OK;
}

static enum err parse_condition(struct wbxml_reader *r, struct eas_search_request *s)
{
	switch ((unsigned)r->tag) {
	case TAG_FIND_FREETEXT:
		if (s->words_n == 1)
			return ERR_INVALID;
		return wbxml_text(r, &s->words[s->words_n++]);
	case TAG_AIRSYNC_CLASS:
		return parse_class(r, s);
	case TAG_AIRSYNC_COLLECTIONID:
		if (s->collections_n == 1)
			return ERR_INVALID;
		return wbxml_text(r, &s->collections[s->collections_n++]);
	default:
		return ERR_INVALID;
	}
}

static enum err parse_conditions(struct wbxml_reader *r, struct eas_search_request *s)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e))
		e = parse_condition(r, s);
	return e;
}

static enum err parse_criterion(struct wbxml_reader *r, struct eas_search_request *s)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		if (r->tag == TAG_FIND_QUERY)
			e = s->store == SEARCH_STORE_GAL ? wbxml_text(r, &s->text) : parse_conditions(r, s);
		else if (r->tag == TAG_FIND_OPTIONS)
			e = parse_options(r, s);
		else
			e = ERR_INVALID;
	}
	return e;
}

static enum err parse_execute(struct wbxml_reader *r, struct eas_search_request *s)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		if (s->store != SEARCH_STORE_UNKNOWN)
			return ERR_INVALID;
		if (r->tag == TAG_FIND_MAILBOXSEARCHCRITERION)
			s->store = SEARCH_STORE_MAILBOX;
		else if (r->tag == TAG_FIND_GALSEARCHCRITERION)
			s->store = SEARCH_STORE_GAL;
		else
			return ERR_INVALID;
		e = parse_criterion(r, s);
	}
	return e;
}

static enum err parse(struct eas_request *rq, struct eas_search_request *ret)
{
	struct wbxml_reader *r = &rq->reader;
	enum err e = ERR_OK;
	struct str id = STR_EMPTY;

	*ret = eas_search_default;
	ret->options = eas_options_default;
	while (wbxml_child(r, &rq->root, &e)) {
		if (r->tag == TAG_FIND_SEARCHID)
			e = wbxml_text(r, &id);
		else if (r->tag == TAG_FIND_EXECUTESEARCH)
			e = parse_execute(r, ret);
		else
			e = ERR_INVALID;
	}
	TRY(e);
	if (id.n == 0 || ret->store == SEARCH_STORE_UNKNOWN) /* R7098101802 */
		return ERR_INVALID;
	if (ret->store == SEARCH_STORE_MAILBOX ? ret->words_n == 0 : ret->text.n == 0)
		ret->status = SEARCH_BAD;
	return wbxml_done(r);
}

/* ---- mails ---- */

struct line {
	struct wbxml_writer *w;
	struct arena *scratch;
	const struct item *item;
	const struct mail_summary *summary;
	enum eas_version version;
};

static void put_if_any(struct wbxml_writer *w, enum wbxml_tag tag, struct str text)
{
	if (text.n)
		wbxml_put_text(w, tag, text);
}

/* MS-ASCMD_R6439100716, R6439100717: names, separated by semicolons. */
static enum err put_names(struct line *l, enum wbxml_tag tag, struct str addresses)
{
	CLEANUP(buf_release) struct buf names = BUF_INIT(SUMMARY_ADDRESSES_MAX);
	struct header_address *list;
	size_t n;

	TRY(header_addresses(l->scratch, addresses, &list, &n));
	for (size_t i = 0; i < n; i++) {
		buf_cstr(&names, names.n ? "; " : "");
		if (list[i].name.n)
			buf_str(&names, list[i].name);
		else
			buf_fmt(&names, STR_FMT "@" STR_FMT, STR_ARG(list[i].local), STR_ARG(list[i].domain));
	}
	TRY(buf_status(&names));
	put_if_any(l->w, tag, buf_view(&names));
	return ERR_OK;
}

static enum err put_properties(struct line *l)
{
	const struct mail_summary *s = l->summary;
	struct wbxml_writer *w = l->w;

	wbxml_open(w, TAG_FIND_PROPERTIES);
	wbxml_put_text(w, TAG_EMAIL_SUBJECT, s->subject);
	wbxml_put_text(w, TAG_EMAIL_DATERECEIVED, str_of(time_text(l->item->received_ms).text));
	put_if_any(w, TAG_EMAIL_DISPLAYTO, s->display_to);
	TRY(put_names(l, TAG_FIND_DISPLAYCC, s->cc));
	TRY(put_names(l, TAG_FIND_DISPLAYBCC, s->bcc));
	wbxml_put_u64(w, TAG_EMAIL_IMPORTANCE, s->importance);
	wbxml_put_bool(w, TAG_EMAIL_READ, l->item->flags & ITEM_SEEN);
	wbxml_put_bool(w, TAG_EMAIL2_ISDRAFT, l->item->flags & ITEM_DRAFT);
	wbxml_put_text(w, TAG_FIND_PREVIEW, s->preview);
	wbxml_put_bool(w, TAG_FIND_HASATTACHMENTS, s->flags & MAIL_HAS_ATTACHMENTS);
	put_if_any(w, TAG_EMAIL_FROM, s->from);
	wbxml_close(w, TAG_FIND_PROPERTIES);
	return buf_status(w->out);
}

static enum err put_mail(struct eas_request *rq, struct arena *scratch, const struct eas_search_request *asked,
			 const struct eas_hit *hit, struct eas_hit_views *views, struct wbxml_writer *w)
{
	CLEANUP(message_close) struct message message = { 0 };
	struct store_tx *tx;
	struct item item;
	struct line line = { w, scratch, &item, &message.summary, rq->version };
	enum err e;

	TRY(eas_hit_open(rq, scratch, asked, hit, views, &tx, &item));
	e = message_open(scratch, tx, &item, &message);
	if (e && e != ERR_CORRUPT && e != ERR_NOT_FOUND)
		return e;
	wbxml_open(w, TAG_FIND_RESULT);
	wbxml_put_text(w, TAG_AIRSYNC_CLASS, S("Email"));
	wbxml_put_text(w, TAG_AIRSYNC_SERVERID, str_of(server_id_item(item.folder, item.id).text));
	wbxml_put_text(w, TAG_AIRSYNC_COLLECTIONID, str_of(eas_hit_collection(hit, &item).text));
	TRY(put_properties(&line));
	wbxml_close(w, TAG_FIND_RESULT);
	return ERR_OK;
}

static enum err put_mails(struct eas_request *rq, const struct eas_search_request *asked, const struct eas_hits *found,
			  struct wbxml_writer *w, uint64_t *given)
{
	CLEANUP(arena_release) struct arena scratch = ARENA_INIT(EAS_MAX_ITEM_ARENA_BYTES);
	CLEANUP(eas_hit_views_end) struct eas_hit_views views = { 0 };

	for (size_t i = 0; i < found->n && w->out->n < EAS_MAX_PAGE_BYTES; i++) { /* Range tells where it was cut */
		enum err e;

		arena_reset(&scratch);
		e = put_mail(rq, &scratch, asked, &found->list[i], &views, w);
		if (e && e != ERR_NOT_FOUND) /* gone meanwhile */
			return e;
		*given += !e;
	}
	return ERR_OK;
}

static void put_end(struct wbxml_writer *w, uint64_t from, uint64_t given, uint64_t total)
{
	if (given)
		eas_search_put_range(w, TAG_FIND_RANGE, from, given);
	wbxml_put_u64(w, TAG_FIND_TOTAL, total);
}

static enum err find_mails(struct eas_request *rq, const struct eas_search_request *asked, struct wbxml_writer *w)
{
	struct eas_hits found;
	uint64_t given = 0;

	TRY(eas_search_items(rq, asked, &found));
	wbxml_put_text(w, TAG_ITEMOPERATIONS_STORE, S("Mailbox")); /* MS-ASCMD_R45251807 */
	wbxml_put_u64(w, TAG_FIND_STATUS, FIND_DONE);
	TRY(put_mails(rq, asked, &found, w, &given));
	put_end(w, asked->from, given, found.total);
	return ERR_OK;
}

/* ---- people ---- */

static enum err find_people(struct eas_request *rq, const struct eas_search_request *asked, struct wbxml_writer *w)
{
	static const struct eas_search_people_tags tags = { TAG_FIND_RESULT, TAG_FIND_PROPERTIES };
	struct people found;
	uint64_t given = 0;

	TRY(people_find(rq->arena, rq->eas->store, rq->account, asked->text, &found));
	wbxml_put_text(w, TAG_ITEMOPERATIONS_STORE, S("GAL"));
	wbxml_put_u64(w, TAG_FIND_STATUS, FIND_DONE);
	TRY(eas_search_put_people(rq, asked, &found, w, &tags, &given));
	put_end(w, asked->from, given, found.total);
	return ERR_OK;
}

/* ---- the answer ---- */

static enum search_status find(struct eas_request *rq, const struct eas_search_request *asked, struct wbxml_writer *w)
{
	if (asked->status != SEARCH_DONE)
		return asked->status;
	return eas_search_status(asked->store == SEARCH_STORE_GAL ? find_people(rq, asked, w)
								  : find_mails(rq, asked, w));
}

static void run(struct eas_request *rq, const struct eas_search_request *asked)
{
	struct wbxml_writer w;
	struct wbxml_mark mark;
	enum search_status status;

	eas_writer_begin(rq, &w);
	wbxml_open(&w, TAG_FIND_FIND);
	wbxml_put_u64(&w, TAG_FIND_STATUS, FIND_DONE); /* MS-ASCMD_R72172502: of the request as a whole */
	wbxml_open(&w, TAG_FIND_RESPONSE);
	mark = wbxml_mark(&w);
	status = find(rq, asked, &w);
	if (status != SEARCH_DONE) {
		wbxml_rewind(&w, mark);
		wbxml_put_u64(&w, TAG_FIND_STATUS, status_of(status));
		eas_log_status(rq, status_of(status));
	}
	wbxml_close(&w, TAG_FIND_RESPONSE);
	wbxml_close(&w, TAG_FIND_FIND);
	eas_respond_wbxml(rq, &w);
}

void eas_find(struct eas_request *rq)
{
	struct eas_search_request asked;
	enum err e = parse(rq, &asked);

	if (e)
		eas_respond_malformed(rq, FIND_BAD);
	else
		run(rq, &asked);
}
