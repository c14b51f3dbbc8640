/* Matching: rows first, summaries next, octets last. */
#include <gateway/imap/search_match.h>

#include <gateway/content/charset.h>
#include <gateway/content/header.h>
#include <gateway/content/imap_shape.h>
#include <gateway/imap/flags.h>

enum { HEADER_MAX_BYTES = 1024 * 1024, TEXT_MAX_BYTES = 16 * 1024 * 1024, CHUNK_BYTES = 32 * 1024 };

/* The mail, opened once; NULL: it can't be. */
static const struct message *open_message(struct imap_matcher *m)
{
	if (!m->opened) {
		m->opened = true;
		m->err = message_open(m->arena, m->tx, m->item, m->message);
	}
	return m->err ? NULL : m->message;
}

const struct mail_summary *imap_matcher_summary(struct imap_matcher *m)
{
	struct item_summary kept;

	if (!m->summarised &&
	    !(m->scan && item_scan_summary(m->scan, &kept) && mail_summary_view(kept.summary, &m->summary) == ERR_OK)) {
		if (!open_message(m))
			return NULL;
		m->summary = m->message->summary;
	}
	m->summarised = true;
	return &m->summary;
}

static bool has(struct str text, struct str wanted)
{
	return wanted.n == 0 || str_ifind(text, wanted) < text.n;
}

/* What the summary has, decoded. */
static const struct str *summary_field(const struct mail_summary *s, struct str field)
{
	const struct {
		struct str name;
		const struct str *text;
	} fields[] = {
		{ S("Subject"), &s->subject },       { S("From"), &s->from }, { S("To"), &s->to }, { S("Cc"), &s->cc },
		{ S("Message-ID"), &s->message_id },
	};

	for (size_t i = 0; i < countof(fields); i++)
		if (str_ieq(field, fields[i].name))
			return fields[i].text;
	return NULL;
}

static enum err read_header(struct imap_matcher *m, struct str *ret)
{
	const struct mime_part *root = &m->message->structure.parts[0];
	size_t n = root->hdr_len > HEADER_MAX_BYTES ? HEADER_MAX_BYTES : (size_t)root->hdr_len;
	char *p = arena_alloc(m->arena, n);

	if (!p)
		return ERR_LIMIT;
	TRY(mail_source_read(&m->message->source, root->hdr_off, p, n));
	*ret = str_from(p, n);
	return ERR_OK;
}

/* A field of that name with the text in it; .p NULL: any, whose name counts too. */
static bool lines_have(struct str header, struct str field, struct str wanted)
{
	struct buf text = BUF_INIT(HEADER_MAX_BYTES * 4);
	struct header_field h;
	bool found = false;

	while (!found && header_next(&header, &h)) {
		if (field.p && !str_ieq(h.name, field))
			continue;
		buf_clear(&text);
		if (!field.p) {
			buf_str(&text, h.name);
			buf_cstr(&text, ": ");
		}
		header_text(&text, h.raw);
		found = has(buf_view(&text), wanted);
	}
	buf_release(&text);
	return found;
}

static bool header_has(struct imap_matcher *m, struct str field, struct str wanted)
{
	struct str header;

	return open_message(m) && read_header(m, &header) == ERR_OK && lines_have(header, field, wanted);
}

/* Are the lines of such fields kept? As they stand. */
static bool kept_lines(struct imap_matcher *m, struct str field, struct str *ret)
{
	struct blob_shape shape;

	if (!imap_shape_has_field(field) || blob_shape_get(m->arena, m->tx, m->item->blob, &shape) ||
	    shape.version != IMAP_SHAPE_VERSION || !shape.fields.p)
		return false;
	*ret = shape.fields;
	return true;
}

static bool matches_header(struct imap_matcher *m, const struct imap_key *k)
{
	const struct mail_summary *summary = imap_matcher_summary(m);
	const struct str *known = summary ? summary_field(summary, k->field) : NULL;
	struct str lines;

	if (!summary)
		return false;
	if (known && known->n && k->text.n)
		return has(*known, k->text);
	if (kept_lines(m, k->field, &lines))
		return lines_have(lines, k->field, k->text);
	return header_has(m, k->field, k->text);
}

/* A text part as UTF-8, up to a ceiling. */
static bool part_has(struct imap_matcher *m, const struct mime_part *part, struct str wanted)
{
	struct transfer_stream transfer = { .encoding = part->encoding };
	struct buf octets = BUF_INIT(2 * CHUNK_BYTES), text = BUF_INIT(TEXT_MAX_BYTES);
	struct charset_stream charset;
	char *chunk = arena_alloc(m->arena, CHUNK_BYTES);
	uint64_t off = part->body_off, end = part->body_off + part->body_len;
	enum err e = chunk ? ERR_OK : ERR_LIMIT;
	bool found;

	charset_init(&charset, charset_find(part->charset));
	while (!e && off < end) {
		size_t n = end - off < CHUNK_BYTES ? (size_t)(end - off) : CHUNK_BYTES;

		e = mail_source_read(&m->message->source, off, chunk, n);
		buf_clear(&octets);
		if (!e)
			transfer_put(&transfer, &octets, str_from(chunk, n));
		charset_put(&charset, &text, buf_view(&octets));
		off += n;
	}
	buf_clear(&octets);
	transfer_finish(&transfer, &octets);
	charset_put(&charset, &text, buf_view(&octets));
	charset_finish(&charset, &text);
	found = !e && has(buf_view(&text), wanted);
	charset_release(&charset);
	buf_release(&octets);
	buf_release(&text);
	return found;
}

/* The empty text is in every body, also in one that has no text. */
static bool matches_body(struct imap_matcher *m, const struct imap_key *k)
{
	const struct message *message = k->text.n ? open_message(m) : NULL;

	if (k->text.n == 0)
		return true;
	for (size_t i = 0; message && i < message->structure.parts_n; i++) {
		const struct mime_part *part = &message->structure.parts[i];

		if (part->kind == MIME_LEAF && str_eq(part->type, S("text")) && part_has(m, part, k->text))
			return true;
	}
	return false;
}

static bool matches_text(struct imap_matcher *m, const struct imap_key *k)
{
	return header_has(m, STR_EMPTY, k->text) || matches_body(m, k);
}

/* Farther from UTC than that no zone can be (a sign and four digits). */
static bool near(int64_t ms, int64_t bound)
{
	enum { ZONE_MAX_MS = 101 * 60 * 60 * 1000 };

	return bound != INT64_MIN && bound != INT64_MAX && ms - bound < ZONE_MAX_MS && bound - ms < ZONE_MAX_MS;
}

/* The Date field's line, from what is kept of it or from the header. */
static bool date_line(struct imap_matcher *m, struct str *ret)
{
	static const struct str date = STR_INIT("Date");
	struct header_field h;
	struct str lines;

	if (!kept_lines(m, date, &lines) && (!open_message(m) || read_header(m, &lines) != ERR_OK))
		return false;
	while (header_next(&lines, &h))
		if (str_ieq(h.name, date)) {
			*ret = h.raw;
			return true;
		}
	return false;
}

/*
 * The day that the Date field says, whatever its zone (RFC 9051 6.4.4), of which the field is asked only where UTC may
 * be on another side of the bound. A mail that does not say a day was sent on none.
 */
static bool matches_sent(struct imap_matcher *m, const struct imap_key *k)
{
	const struct mail_summary *summary = imap_matcher_summary(m);
	int64_t sent;
	struct str raw;

	if (!summary || !(summary->flags & MAIL_HAS_DATE))
		return false;
	sent = summary->date_ms;
	if (near(sent, k->from) || near(sent, k->to))
		if (!date_line(m, &raw) || header_date_local(raw, &sent))
			return false;
	return k->from <= sent && sent < k->to;
}

static bool matches_email_id(const struct item *item, struct str id)
{
	uint64_t n;

	return id.n > 1 && id.p[0] == 'M' && !str_to_u64(str_slice(id, 1, id.n), INT64_MAX, &n) &&
	       n == (uint64_t)item->blob;
}

static bool matches_thread_id(const struct item *item, struct str id)
{
	struct buf b = BUF_INIT(64);
	bool is;

	buf_char(&b, 'T');
	buf_hex(&b, item->conversation.p, item->conversation.n);
	is = item->conversation.n && str_eq(buf_view(&b), id);
	buf_release(&b);
	return is;
}

static bool matches_any(struct imap_matcher *m, const struct imap_key *k)
{
	for (const struct imap_key *child = k->first; child; child = child->next)
		if (imap_key_matches(m, child))
			return true;
	return false;
}

static bool matches_all(struct imap_matcher *m, const struct imap_key *k)
{
	for (const struct imap_key *child = k->first; child; child = child->next)
		if (!imap_key_matches(m, child))
			return false;
	return true;
}

bool imap_key_matches(struct imap_matcher *m, const struct imap_key *k)
{
	const struct item *item = m->item;
	uint64_t age_s = item->received_ms < m->now_ms ? (uint64_t)(m->now_ms - item->received_ms) / 1000 : 0;

	switch (k->kind) {
	case IMAP_KEY_ALL:
		return true;
	case IMAP_KEY_NONE:
		return false;
	case IMAP_KEY_AND:
		return matches_all(m, k);
	case IMAP_KEY_OR:
		return matches_any(m, k);
	case IMAP_KEY_NOT:
		return !matches_any(m, k);
	case IMAP_KEY_FLAG:
		return !(item->flags & k->number) == k->negative;
	case IMAP_KEY_KEYWORD:
		if (str_ieq(k->text, S("$Forwarded")))
			return !(item->flags & ITEM_FORWARDED) == k->negative;
		return imap_keyword_has(item->keywords, k->text) != k->negative;
	case IMAP_KEY_SEQUENCE:
	case IMAP_KEY_UID: /* both are UIDs by now */
		return imap_set_has(&k->set, item->uid);
	case IMAP_KEY_RECEIVED:
		return k->from <= item->received_ms && item->received_ms < k->to;
	case IMAP_KEY_SENT:
		return matches_sent(m, k);
	case IMAP_KEY_SAVED:
		return k->from <= item->saved_ms && item->saved_ms < k->to;
	case IMAP_KEY_LARGER:
		return item->size > k->number;
	case IMAP_KEY_SMALLER:
		return item->size < k->number;
	case IMAP_KEY_OLDER:
		return age_s >= k->number;
	case IMAP_KEY_YOUNGER:
		return age_s <= k->number;
	case IMAP_KEY_MODSEQ:
		return item->modified >= k->number;
	case IMAP_KEY_HEADER:
		return matches_header(m, k);
	case IMAP_KEY_BODY:
		return matches_body(m, k);
	case IMAP_KEY_TEXT:
		return matches_text(m, k);
	case IMAP_KEY_THREADID:
		return matches_thread_id(item, k->text);
	case IMAP_KEY_EMAILID:
		return matches_email_id(item, k->text);
	case IMAP_KEY_KIND_MAX_:
		break;
	}
	return false;
}

struct imap_key_flags imap_key_flags(const struct imap_key *key)
{
	struct imap_key_flags all = { 0, 0 };

	if (key->kind == IMAP_KEY_FLAG && (key->negative || __builtin_popcountll(key->number) == 1))
		return (struct imap_key_flags){ (unsigned)key->number, key->negative ? 0 : (unsigned)key->number };
	if (key->kind != IMAP_KEY_AND)
		return all;
	for (const struct imap_key *child = key->first; child; child = child->next) {
		struct imap_key_flags one = imap_key_flags(child);

		/* What contradicts itself matches nothing, and is seen when each is asked. */
		all.flags |= one.flags & ~all.mask;
		all.mask |= one.mask;
	}
	return all;
}

enum item_scan_with imap_key_walk(const struct imap_key *key)
{
	/* What lies in the octets is opened when it is asked. */
	static const enum item_scan_with needed[IMAP_KEY_KIND_MAX_] = {
		[IMAP_KEY_ALL] = ITEM_SCAN_UIDS,       [IMAP_KEY_NONE] = ITEM_SCAN_UIDS,
		[IMAP_KEY_AND] = ITEM_SCAN_UIDS,       [IMAP_KEY_OR] = ITEM_SCAN_UIDS,
		[IMAP_KEY_NOT] = ITEM_SCAN_UIDS,       [IMAP_KEY_FLAG] = ITEM_SCAN_UIDS,
		[IMAP_KEY_SEQUENCE] = ITEM_SCAN_UIDS,  [IMAP_KEY_UID] = ITEM_SCAN_UIDS,
		[IMAP_KEY_KEYWORD] = ITEM_SCAN_FLAGS,  [IMAP_KEY_MODSEQ] = ITEM_SCAN_FLAGS,
		[IMAP_KEY_RECEIVED] = ITEM_SCAN_ROWS,  [IMAP_KEY_SAVED] = ITEM_SCAN_ROWS,
		[IMAP_KEY_LARGER] = ITEM_SCAN_ROWS,    [IMAP_KEY_SMALLER] = ITEM_SCAN_ROWS,
		[IMAP_KEY_OLDER] = ITEM_SCAN_ROWS,     [IMAP_KEY_YOUNGER] = ITEM_SCAN_ROWS,
		[IMAP_KEY_THREADID] = ITEM_SCAN_ROWS,  [IMAP_KEY_EMAILID] = ITEM_SCAN_ROWS,
		[IMAP_KEY_BODY] = ITEM_SCAN_ROWS,      [IMAP_KEY_TEXT] = ITEM_SCAN_ROWS,
		[IMAP_KEY_SENT] = ITEM_SCAN_SUMMARIES, [IMAP_KEY_HEADER] = ITEM_SCAN_SUMMARIES,
	};
	enum item_scan_with with = needed[key->kind];

	_Static_assert(ITEM_SCAN_UIDS < ITEM_SCAN_FLAGS && ITEM_SCAN_FLAGS < ITEM_SCAN_ROWS &&
			       ITEM_SCAN_ROWS < ITEM_SCAN_SUMMARIES,
		       "each has more");
	for (const struct imap_key *child = key->first; child; child = child->next) {
		enum item_scan_with more = imap_key_walk(child);

		with = more > with ? more : with;
	}
	return with;
}
