/* Changes with the form of Ping requests. */
#include <gateway/activesync/ping_request.h>

/* False: none of ours. */
static bool parse_id(struct str id, int64_t *ret)
{
	if (str_eq(id, S("RI"))) {
		*ret = EAS_PING_RI;
		return true;
	}
	return str_to_i64(id, ret) == ERR_OK && *ret > 0;
}

static enum err parse_folder(struct wbxml_reader *r, struct eas_ping *p)
{
	struct wbxml_scope in = wbxml_enter(r);
	struct str id = STR_EMPTY;
	enum err e = ERR_OK;
	bool seen = false;
	int64_t folder;

	while (wbxml_child(r, &in, &e)) {
		if (r->tag == TAG_PING_ID && !seen) {
			seen = true;
			e = wbxml_text(r, &id);
		} else if (r->tag == TAG_PING_CLASS) {
			e = wbxml_skip(r); /* the folder knows its class */
		} else {
			return ERR_INVALID;
		}
	}
	TRY(e);
	if (!seen)
		return ERR_INVALID;
	if (!parse_id(id, &folder))
		return ERR_OK;
	if (p->n == EAS_MAX_PING_FOLDERS)
		return ERR_LIMIT;
	p->folders[p->n++] = folder;
	return ERR_OK;
}

static enum err parse_folders(struct wbxml_reader *r, struct eas_ping *p)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		if (r->tag != TAG_PING_FOLDER)
			return ERR_INVALID;
		p->has_folders = true; /* an empty list is as none: some phones send it */
		e = parse_folder(r, p);
	}
	return e;
}

/* A number that fits no range is out of range, not malformed; what is no number is. */
static enum err parse_heartbeat(struct wbxml_reader *r, struct eas_ping *p)
{
	uint64_t seconds;
	struct str text;
	enum err e;

	TRY(wbxml_text(r, &text));
	e = str_to_u64(text, UINT32_MAX, &seconds);
	if (e == ERR_LIMIT)
		seconds = UINT32_MAX;
	else
		TRY(e);
	p->has_heartbeat = true;
	p->heartbeat_s = (unsigned)seconds;
	return ERR_OK;
}

enum err eas_ping_parse(struct wbxml_reader *r, const struct wbxml_scope *root, struct eas_ping *ret)
{
	bool heartbeat_seen = false, folders_seen = false;
	enum err e = ERR_OK;

	*ret = (struct eas_ping){ 0 };
	while (wbxml_child(r, root, &e)) {
		if (r->tag == TAG_PING_HEARTBEATINTERVAL && !heartbeat_seen) {
			heartbeat_seen = true;
			e = parse_heartbeat(r, ret);
		} else if (r->tag == TAG_PING_FOLDERS && !folders_seen) {
			folders_seen = true;
			e = parse_folders(r, ret);
		} else {
			return ERR_INVALID;
		}
	}
	TRY(e);
	return wbxml_done(r);
}

void eas_ping_complete(struct eas_ping *p, const struct eas_ping *former)
{
	if (!p->has_heartbeat) {
		p->has_heartbeat = former->has_heartbeat;
		p->heartbeat_s = former->heartbeat_s;
	}
	if (!p->has_folders) {
		p->has_folders = former->has_folders;
		p->n = former->n;
		memcpy(p->folders, former->folders, former->n * sizeof(*p->folders));
	}
}

bool eas_ping_is_complete(const struct eas_ping *p)
{
	return p->has_heartbeat && p->has_folders;
}

bool eas_ping_equal(const struct eas_ping *a, const struct eas_ping *b)
{
	return a->has_heartbeat == b->has_heartbeat && a->has_folders == b->has_folders &&
	       a->heartbeat_s == b->heartbeat_s && a->n == b->n &&
	       memcmp(a->folders, b->folders, a->n * sizeof(*a->folders)) == 0;
}

void eas_ping_remember(struct buf *out, const struct eas_ping *p)
{
	buf_u64(out, p->heartbeat_s);
	for (size_t i = 0; i < p->n; i++) {
		buf_char(out, ' ');
		buf_i64(out, p->folders[i]);
	}
}

enum err eas_ping_recall(struct str text, struct eas_ping *ret)
{
	struct eas_ping p = { .has_heartbeat = true, .has_folders = true };
	uint64_t seconds;
	struct str part;

	if (!str_cut(&text, ' ', &part))
		return ERR_INVALID;
	TRY(str_to_u64(part, UINT32_MAX, &seconds));
	p.heartbeat_s = (unsigned)seconds;
	while (str_cut(&text, ' ', &part)) {
		if (p.n == EAS_MAX_PING_FOLDERS)
			return ERR_INVALID;
		TRY(str_to_i64(part, &p.folders[p.n++]));
	}
	*ret = p;
	return ERR_OK;
}
