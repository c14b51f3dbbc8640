/* What the phone reads. Elements that it does not show are passed over; those it needs must be there. */
#include "answers.h"

#include <base/defs.h>

#include <time.h>

static enum err read_number(struct wbxml_reader *r, unsigned *ret)
{
	uint64_t v;

	TRY(wbxml_u64(r, 0, UINT32_MAX, &v));
	*ret = (unsigned)v;
	return ERR_OK;
}

static enum err read_id(struct wbxml_reader *r, int64_t *ret)
{
	struct str text;

	TRY(wbxml_text(r, &text));
	return str_to_i64(text, ret);
}

static enum err read_key(struct wbxml_reader *r, char key[KEY_MAX + 1])
{
	struct str text;

	TRY(wbxml_text(r, &text));
	if (text.n == 0 || text.n > KEY_MAX)
		return ERR_INVALID;
	memcpy(key, text.p, text.n);
	key[text.n] = '\0';
	return ERR_OK;
}

static enum err read_server_id(struct wbxml_reader *r, int64_t *ret_folder, int64_t *ret_id)
{
	struct str rest, folder;

	TRY(wbxml_text(r, &rest));
	if (!str_cut(&rest, ':', &folder))
		return ERR_INVALID;
	TRY(str_to_i64(folder, ret_folder));
	return str_to_i64(rest, ret_id);
}

static enum err digits(struct str s, size_t at, size_t n, int *ret)
{
	uint64_t v;

	TRY(str_to_u64(str_slice(s, at, at + n), INT32_MAX, &v));
	*ret = (int)v;
	return ERR_OK;
}

/* YYYY-MM-DDTHH:MM:SS.mmmZ (MS-ASDTYPE 2.3) */
static enum err read_time(struct wbxml_reader *r, int64_t *ret_ms)
{
	struct tm tm = { 0 };
	struct str s;
	int ms;

	TRY(wbxml_text(r, &s));
	if (s.n != 24)
		return ERR_INVALID;
	TRY(digits(s, 0, 4, &tm.tm_year));
	TRY(digits(s, 5, 2, &tm.tm_mon));
	TRY(digits(s, 8, 2, &tm.tm_mday));
	TRY(digits(s, 11, 2, &tm.tm_hour));
	TRY(digits(s, 14, 2, &tm.tm_min));
	TRY(digits(s, 17, 2, &tm.tm_sec));
	TRY(digits(s, 20, 3, &ms));
	tm.tm_year -= 1900;
	tm.tm_mon--;
	*ret_ms = (int64_t)timegm(&tm) * 1000 + ms;
	return ERR_OK;
}

static enum err read_flag(struct wbxml_reader *r, struct mail_told *m)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;
	unsigned status = 0;

	while (wbxml_child(r, &in, &e))
		e = r->tag == TAG_EMAIL_STATUS ? read_number(r, &status) : wbxml_skip(r);
	m->has_flag = true;
	m->is.flagged = status == 2;
	return e;
}

static enum err read_category(struct wbxml_reader *r, struct mail_told *m)
{
	struct str name;

	if (r->tag != TAG_EMAIL_CATEGORY)
		return ERR_INVALID;
	TRY(wbxml_text(r, &name));
	for (unsigned i = 0; i < CATEGORIES; i++)
		if (str_eq(name, str_of(category_names[i]))) {
			m->is.categories |= 1u << i;
			return ERR_OK;
		}
	return ERR_INVALID;
}

static enum err read_mail(struct wbxml_reader *r, struct mail_told *m)
{
	struct wbxml_scope in = wbxml_enter(r), inner;
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		switch (r->tag) {
		case TAG_EMAIL_READ:
			m->has_read = true;
			e = wbxml_bool(r, &m->is.read);
			break;
		case TAG_EMAIL_FLAG:
			e = read_flag(r, m);
			break;
		case TAG_EMAIL_CATEGORIES:
			m->has_categories = true;
			inner = wbxml_enter(r);
			while (wbxml_child(r, &inner, &e))
				e = read_category(r, m);
			break;
		case TAG_EMAIL_DATERECEIVED:
			m->has_received = true;
			e = read_time(r, &m->received_ms);
			break;
		case TAG_EMAIL_SUBJECT:
			m->has_subject = true;
			e = wbxml_text(r, &m->subject);
			break;
		case TAG_AIRSYNCBASE_BODY:
			m->has_body = true;
			e = wbxml_skip(r);
			break;
		default:
			e = wbxml_skip(r);
		}
	}
	return e;
}

static const struct {
	enum wbxml_tag tag;
	enum entry_kind kind;
} kinds[] = {
	{ TAG_AIRSYNC_ADD, ENTRY_ADD },       { TAG_AIRSYNC_CHANGE, ENTRY_CHANGE },
	{ TAG_AIRSYNC_DELETE, ENTRY_DELETE }, { TAG_AIRSYNC_SOFTDELETE, ENTRY_SOFTDELETE },
	{ TAG_AIRSYNC_FETCH, ENTRY_FETCH },
};

static enum err read_entry(struct wbxml_reader *r, struct entry *ret)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_INVALID;

	*ret = (struct entry){ 0 };
	for (size_t i = 0; i < countof(kinds); i++)
		if (r->tag == kinds[i].tag) {
			ret->kind = kinds[i].kind;
			e = ERR_OK;
		}
	while (wbxml_child(r, &in, &e)) {
		switch (r->tag) {
		case TAG_AIRSYNC_SERVERID:
			e = read_server_id(r, &ret->folder, &ret->id);
			break;
		case TAG_AIRSYNC_STATUS:
			e = read_number(r, &ret->status);
			break;
		case TAG_AIRSYNC_APPLICATIONDATA:
			e = read_mail(r, &ret->mail);
			break;
		default:
			e = wbxml_skip(r);
		}
	}
	return !e && ret->id == 0 ? ERR_INVALID : e;
}

/* Empty ones are not allowed: phones break on them. */
static enum err read_entries(struct wbxml_reader *r, struct entry *to, size_t max, size_t *ret_n)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		if (*ret_n == max)
			return ERR_LIMIT;
		e = read_entry(r, &to[(*ret_n)++]);
	}
	return !e && *ret_n == 0 ? ERR_INVALID : e;
}

static enum err read_collection(struct wbxml_reader *r, struct answer_collection *c)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	c->folder = 0;
	c->status = 0;
	c->more = false;
	c->key[0] = '\0';
	c->entries_n = c->responses_n = 0;
	while (wbxml_child(r, &in, &e)) {
		switch (r->tag) {
		case TAG_AIRSYNC_SYNCKEY:
			e = read_key(r, c->key);
			break;
		case TAG_AIRSYNC_COLLECTIONID:
			e = read_id(r, &c->folder);
			break;
		case TAG_AIRSYNC_STATUS:
			e = read_number(r, &c->status);
			break;
		case TAG_AIRSYNC_MOREAVAILABLE:
			c->more = true;
			e = wbxml_skip(r);
			break;
		case TAG_AIRSYNC_COMMANDS:
			e = read_entries(r, c->entries, ENTRIES_MAX, &c->entries_n);
			break;
		case TAG_AIRSYNC_RESPONSES:
			e = read_entries(r, c->responses, RESPONSES_MAX, &c->responses_n);
			break;
		case TAG_AIRSYNC_CLASS:
			e = wbxml_skip(r);
			break;
		default:
			e = ERR_INVALID;
		}
	}
	return !e && (!c->folder || !c->status || !c->key[0]) ? ERR_INVALID : e;
}

static enum err read_collections(struct wbxml_reader *r, struct answer_sync *ret)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		if (r->tag != TAG_AIRSYNC_COLLECTION || ret->n == FOLDERS_MAX)
			return ERR_INVALID;
		e = read_collection(r, &ret->collections[ret->n++]);
	}
	return !e && ret->n == 0 ? ERR_INVALID : e;
}

enum err answer_sync_read(struct str document, struct answer_sync *ret)
{
	struct wbxml_reader r;
	struct wbxml_scope in;
	enum err e = ERR_OK;

	ret->status = 0;
	ret->n = 0;
	wbxml_reader_init(&r, document);
	TRY(wbxml_root(&r, TAG_AIRSYNC_SYNC));
	in = wbxml_enter(&r);
	while (wbxml_child(&r, &in, &e)) {
		if (r.tag == TAG_AIRSYNC_COLLECTIONS)
			e = read_collections(&r, ret);
		else
			e = r.tag == TAG_AIRSYNC_STATUS ? read_number(&r, &ret->status) : wbxml_skip(&r);
	}
	return e ? e : wbxml_done(&r);
}

static enum err read_folder(struct wbxml_reader *r, struct answer_folder *f)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	*f = (struct answer_folder){ .kind = r->tag == TAG_FOLDERHIERARCHY_ADD      ? ENTRY_ADD
					     : r->tag == TAG_FOLDERHIERARCHY_DELETE ? ENTRY_DELETE
										    : ENTRY_CHANGE };
	while (wbxml_child(r, &in, &e)) {
		switch (r->tag) {
		case TAG_FOLDERHIERARCHY_SERVERID:
			e = read_id(r, &f->id);
			break;
		case TAG_FOLDERHIERARCHY_PARENTID:
			e = read_id(r, &f->parent);
			break;
		case TAG_FOLDERHIERARCHY_DISPLAYNAME:
			e = wbxml_text(r, &f->name);
			break;
		case TAG_FOLDERHIERARCHY_TYPE:
			e = read_number(r, &f->type);
			break;
		default:
			e = ERR_INVALID;
		}
	}
	return e;
}

static enum err read_changes(struct wbxml_reader *r, struct answer_hierarchy *ret)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		if (r->tag == TAG_FOLDERHIERARCHY_COUNT)
			e = wbxml_u64(r, 0, INT32_MAX, &ret->count);
		else if (ret->n == countof(ret->changes))
			e = ERR_LIMIT;
		else
			e = read_folder(r, &ret->changes[ret->n++]);
	}
	return e;
}

enum err answer_hierarchy_read(struct str document, struct answer_hierarchy *ret)
{
	struct wbxml_reader r;
	struct wbxml_scope in;
	enum err e = ERR_OK;

	*ret = (struct answer_hierarchy){ 0 };
	wbxml_reader_init(&r, document);
	TRY(wbxml_root(&r, TAG_FOLDERHIERARCHY_FOLDERSYNC));
	in = wbxml_enter(&r);
	while (wbxml_child(&r, &in, &e)) {
		switch (r.tag) {
		case TAG_FOLDERHIERARCHY_STATUS:
			e = read_number(&r, &ret->status);
			break;
		case TAG_FOLDERHIERARCHY_SYNCKEY:
			e = read_key(&r, ret->key);
			break;
		case TAG_FOLDERHIERARCHY_CHANGES:
			e = read_changes(&r, ret);
			break;
		default:
			e = ERR_INVALID;
		}
	}
	if (!e && ret->count != ret->n)
		return ERR_INVALID;
	return e ? e : wbxml_done(&r);
}

static enum err read_ping_folders(struct wbxml_reader *r, struct answer_ping *ret)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		if (r->tag != TAG_PING_FOLDER || ret->n == FOLDERS_MAX)
			return ERR_INVALID;
		e = read_id(r, &ret->folders[ret->n++]);
	}
	return e;
}

enum err answer_ping_read(struct str document, struct answer_ping *ret)
{
	struct wbxml_reader r;
	struct wbxml_scope in;
	enum err e = ERR_OK;

	*ret = (struct answer_ping){ 0 };
	wbxml_reader_init(&r, document);
	TRY(wbxml_root(&r, TAG_PING_PING));
	in = wbxml_enter(&r);
	while (wbxml_child(&r, &in, &e)) {
		if (r.tag == TAG_PING_FOLDERS)
			e = read_ping_folders(&r, ret);
		else
			e = r.tag == TAG_PING_STATUS ? read_number(&r, &ret->status) : wbxml_skip(&r);
	}
	if (!e && (ret->status == 2) != (ret->n > 0))
		return ERR_INVALID;
	return e ? e : wbxml_done(&r);
}

static enum err read_move(struct wbxml_reader *r, struct answer_move *m)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	*m = (struct answer_move){ 0 };
	while (wbxml_child(r, &in, &e)) {
		switch (r->tag) {
		case TAG_MOVE_SRCMSGID:
			e = wbxml_text(r, &m->source);
			break;
		case TAG_MOVE_STATUS:
			e = read_number(r, &m->status);
			break;
		case TAG_MOVE_DSTMSGID:
			e = read_server_id(r, &m->folder, &m->id);
			break;
		default:
			e = ERR_INVALID;
		}
	}
	return e;
}

enum err answer_moves_read(struct str document, struct answer_move ret[MOVE_ANSWERS_MAX], size_t *ret_n)
{
	struct wbxml_reader r;
	struct wbxml_scope in;
	enum err e = ERR_OK;

	*ret_n = 0;
	wbxml_reader_init(&r, document);
	TRY(wbxml_root(&r, TAG_MOVE_MOVEITEMS));
	in = wbxml_enter(&r);
	while (wbxml_child(&r, &in, &e)) {
		if (r.tag != TAG_MOVE_RESPONSE || *ret_n == MOVE_ANSWERS_MAX)
			return ERR_INVALID;
		e = read_move(&r, &ret[(*ret_n)++]);
	}
	return e ? e : wbxml_done(&r);
}
