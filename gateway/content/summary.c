/* Making a summary from the header, the structure and the first text of a message. */
#include <gateway/content/summary.h>

#include <base/utf8.h>

#include <gateway/content/body.h>
#include <gateway/content/body_select.h>
#include <gateway/content/charset.h>
#include <gateway/content/header.h>
#include <gateway/content/octet.h>
#include <gateway/content/summary_class.h>

enum { CPID_UTF8 = 65001, FIELD_GROWTH = 8 };

struct maker {
	struct arena *arena;
	struct mail_summary *s;
	struct str topic; /* Thread-Topic */
	bool x_priority;  /* Importance itself goes before the others */
	bool importance;
};

static enum err keep_text(struct maker *k, struct str raw, size_t max, struct str *ret)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(FIELD_GROWTH * MIME_FIELD_MAX);

	if (ret->n) /* the first field of a name counts */
		return ERR_OK;
	header_text(&text, str_slice(raw, 0, MIME_FIELD_MAX));
	return arena_str(k->arena, utf8_prefix(str_trim(buf_view(&text)), max), ret);
}

/* "Re:", "AW:", "Fwd:", "Re[2]:", "RE: SV:" and blanks, as many as there are. */
static struct str without_prefixes(struct str subject)
{
	static const struct str prefixes[] = {
		STR_INIT("re"), STR_INIT("fwd"), STR_INIT("fw"), STR_INIT("aw"),   STR_INIT("wg"),  STR_INIT("sv"),
		STR_INIT("vs"), STR_INIT("tr"),  STR_INIT("rv"), STR_INIT("antw"), STR_INIT("odp"), STR_INIT("ynt"),
	};
	bool cut = true;

	while (cut) {
		size_t word = 0, end;

		subject = str_trim(subject);
		cut = false;
		while (word < subject.n && octet_is_alpha(subject.p[word]))
			word++;
		end = word;
		if (end < subject.n && subject.p[end] == '[')
			end += str_index(str_slice(subject, end, subject.n), ']') + 1;
		if (end >= subject.n || subject.p[end] != ':')
			break;
		for (size_t i = 0; i < countof(prefixes) && !cut; i++)
			cut = str_ieq(str_slice(subject, 0, word), prefixes[i]);
		if (cut)
			subject = str_slice(subject, end + 1, subject.n);
	}
	return subject;
}

static enum err take_subject(struct maker *k, struct str raw)
{
	TRY(keep_text(k, raw, SUMMARY_SUBJECT_MAX, &k->s->subject));
	k->s->thread_topic = without_prefixes(k->s->subject);
	return ERR_OK;
}

static enum err take_thread_topic(struct maker *k, struct str raw)
{
	return keep_text(k, raw, SUMMARY_SUBJECT_MAX, &k->topic);
}

/* As Outlook and Exchange write it: which words before it are none of the topic, of whatever language. */
static void choose_topic(struct maker *k)
{
	struct str *topic = &k->s->thread_topic;

	if (k->topic.n && str_ends(*topic, k->topic))
		*topic = str_slice(*topic, topic->n - k->topic.n, topic->n);
}

/* Appends one entry where it fits whole; false where it does not. */
static bool put_entry(struct buf *b, struct str separator, const struct header_address *addr,
		      void (*put)(struct buf *b, const struct header_address *addr))
{
	CLEANUP(buf_release) struct buf entry = BUF_INIT(b->max - b->n);

	if (b->n)
		buf_str(&entry, separator);
	put(&entry, addr);
	if (buf_status(&entry) != ERR_OK)
		return false;
	buf_str(b, buf_view(&entry));
	return true;
}

static void put_name(struct buf *b, const struct header_address *addr)
{
	struct header_address bare = { .local = addr->local, .domain = addr->domain };

	if (addr->name.n)
		buf_str(b, addr->name);
	else
		header_address_put(b, &bare);
}

static enum err join(struct maker *k, const struct header_address *list, size_t n, struct str separator,
		     void (*put)(struct buf *b, const struct header_address *addr), struct str *ret)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(SUMMARY_ADDRESSES_MAX);

	for (size_t i = 0; i < n; i++) {
		bool named = list[i].name.n || list[i].local.n || list[i].domain.n;

		if (named && !put_entry(&text, separator, &list[i], put))
			break;
	}
	return arena_str(k->arena, buf_view(&text), ret);
}

/* Address lists of several fields of one name are one list, though there should be one field (RFC 5322 section 3.6). */
static enum err take_addresses(struct maker *k, struct str raw, struct str *ret, struct str *ret_names,
			       size_t names_max)
{
	struct header_address *list;
	size_t n;

	if (ret->n)
		return ERR_OK;
	TRY(header_addresses(k->arena, raw, &list, &n));
	TRY(join(k, list, n, S(", "), header_address_put, ret));
	if (!ret_names)
		return ERR_OK;
	return join(k, list, n < names_max ? n : names_max, S("; "), put_name, ret_names);
}

/* Who is asked for proof: what others may read differently is marked. */
static enum err take_author(struct maker *k, struct str raw, struct str *ret, struct str *ret_names,
			    enum mail_flags loose)
{
	struct header_address *list;
	size_t n;

	if (ret->n)
		k->s->flags |= loose;
	TRY(header_addresses(k->arena, raw, &list, &n));
	for (size_t i = 0; i < n; i++)
		if (list[i].loose)
			k->s->flags |= loose;
	return take_addresses(k, raw, ret, ret_names, 1);
}

static enum err take_from(struct maker *k, struct str raw)
{
	return take_author(k, raw, &k->s->from, &k->s->from_name, MAIL_FROM_LOOSE);
}

static enum err take_to(struct maker *k, struct str raw)
{
	return take_addresses(k, raw, &k->s->to, &k->s->display_to, SIZE_MAX);
}

static enum err take_bcc(struct maker *k, struct str raw)
{
	return take_addresses(k, raw, &k->s->bcc, NULL, 0);
}

static enum err take_cc(struct maker *k, struct str raw)
{
	return take_addresses(k, raw, &k->s->cc, NULL, 0);
}

static enum err take_reply_to(struct maker *k, struct str raw)
{
	return take_author(k, raw, &k->s->reply_to, NULL, MAIL_REPLY_TO_LOOSE);
}

static enum err take_sender(struct maker *k, struct str raw)
{
	return take_addresses(k, raw, &k->s->sender, NULL, 0);
}

static enum err take_date(struct maker *k, struct str raw)
{
	if (!(k->s->flags & MAIL_HAS_DATE) && header_date(raw, &k->s->date_ms) == ERR_OK)
		k->s->flags |= MAIL_HAS_DATE;
	return ERR_OK;
}

static enum err take_id(struct maker *k, struct str raw, struct str *ret)
{
	CLEANUP(buf_release) struct buf clean = BUF_INIT(FIELD_GROWTH * SUMMARY_ID_MAX);
	struct str id;

	if (ret->n || !header_msgid_next(&raw, &id) || id.n > SUMMARY_ID_MAX)
		return ERR_OK;
	utf8_put_xml_safe(&clean, id);
	return arena_str(k->arena, buf_view(&clean), ret);
}

static enum err take_message_id(struct maker *k, struct str raw)
{
	return take_id(k, raw, &k->s->message_id);
}

static enum err take_in_reply_to(struct maker *k, struct str raw)
{
	return take_id(k, raw, &k->s->in_reply_to);
}

static void put_id(struct buf *b, struct str id)
{
	if (b->n)
		buf_char(b, ' ');
	utf8_put_xml_safe(b, id);
}

/* All ids, or, where they are too many, the first (the thread's root) and as many of the newest as fit. */
static enum err take_references(struct maker *k, struct str raw)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(FIELD_GROWTH * SUMMARY_IDS_MAX);
	struct str rest = raw, id, first = STR_EMPTY;

	if (k->s->references.n)
		return ERR_OK;
	if (header_msgid_next(&rest, &first) && first.n <= SUMMARY_ID_MAX)
		put_id(&text, first);
	if (rest.n > SUMMARY_IDS_MAX - SUMMARY_ID_MAX)
		rest = str_slice(rest, rest.n - (SUMMARY_IDS_MAX - SUMMARY_ID_MAX), rest.n);
	while (header_msgid_next(&rest, &id))
		if (id.n <= SUMMARY_ID_MAX)
			put_id(&text, id);
	return arena_str(k->arena, buf_view(&text), &k->s->references);
}

/* ---- facts ---- */

/* Importance (RFC 2156), or else X-Priority, X-MSMail-Priority and Priority in the order they come. */
static enum err importance(struct maker *k, struct str raw, bool proper)
{
	static const struct {
		struct str word;
		enum mail_importance importance;
	} words[] = {
		{ STR_INIT("high"), MAIL_IMPORTANCE_HIGH },     { STR_INIT("urgent"), MAIL_IMPORTANCE_HIGH },
		{ STR_INIT("1"), MAIL_IMPORTANCE_HIGH },        { STR_INIT("2"), MAIL_IMPORTANCE_HIGH },
		{ STR_INIT("normal"), MAIL_IMPORTANCE_NORMAL }, { STR_INIT("3"), MAIL_IMPORTANCE_NORMAL },
		{ STR_INIT("low"), MAIL_IMPORTANCE_LOW },       { STR_INIT("non-urgent"), MAIL_IMPORTANCE_LOW },
		{ STR_INIT("4"), MAIL_IMPORTANCE_LOW },         { STR_INIT("5"), MAIL_IMPORTANCE_LOW },
	};

	raw = str_trim(raw);
	raw = str_slice(raw, 0, str_index(raw, ' ')); /* "1 (Highest)" */
	for (size_t i = 0; i < countof(words) && !k->importance; i++) {
		if (!str_ieq(raw, words[i].word) || (k->x_priority && !proper))
			continue;
		k->s->importance = words[i].importance;
		k->importance = proper;
		k->x_priority = true;
		break;
	}
	return ERR_OK;
}

static enum err take_importance(struct maker *k, struct str raw)
{
	return importance(k, raw, true);
}

static enum err take_priority(struct maker *k, struct str raw)
{
	return importance(k, raw, false);
}

/* Auto-Submitted: anything but "no" (RFC 3834 section 5). */
static enum err take_auto_submitted(struct maker *k, struct str raw)
{
	if (!str_istarts(str_trim(raw), S("no")))
		k->s->flags |= MAIL_AUTOMATIC;
	return ERR_OK;
}

static enum err take_precedence(struct maker *k, struct str raw)
{
	raw = str_trim(raw);
	if (str_ieq(raw, S("bulk")) || str_ieq(raw, S("junk")) || str_ieq(raw, S("list")))
		k->s->flags |= MAIL_AUTOMATIC;
	return ERR_OK;
}

static enum err take_list(struct maker *k, struct str raw)
{
	(void)raw;
	k->s->flags |= MAIL_LIST;
	return ERR_OK;
}

static const struct {
	struct str name;
	enum err (*take)(struct maker *k, struct str raw);
} fields[] = {
	{ STR_INIT("subject"), take_subject },
	{ STR_INIT("thread-topic"), take_thread_topic },
	{ STR_INIT("from"), take_from },
	{ STR_INIT("to"), take_to },
	{ STR_INIT("cc"), take_cc },
	{ STR_INIT("bcc"), take_bcc },
	{ STR_INIT("reply-to"), take_reply_to },
	{ STR_INIT("sender"), take_sender },
	{ STR_INIT("date"), take_date },
	{ STR_INIT("message-id"), take_message_id },
	{ STR_INIT("in-reply-to"), take_in_reply_to },
	{ STR_INIT("references"), take_references },
	{ STR_INIT("importance"), take_importance },
	{ STR_INIT("x-priority"), take_priority },
	{ STR_INIT("x-msmail-priority"), take_priority },
	{ STR_INIT("priority"), take_priority },
	{ STR_INIT("auto-submitted"), take_auto_submitted },
	{ STR_INIT("precedence"), take_precedence },
	{ STR_INIT("list-id"), take_list },
	{ STR_INIT("list-post"), take_list },
};

static enum err take_header(struct maker *k, const struct mail_source *src, const struct mime_part *root)
{
	CLEANUP(buf_release) struct buf block = BUF_INIT(SUMMARY_HEADER_MAX);
	size_t n = root->hdr_len < SUMMARY_HEADER_MAX ? (size_t)root->hdr_len : SUMMARY_HEADER_MAX;
	char *room = n ? buf_reserve(&block, n) : NULL;
	struct header_field field;
	struct str rest;

	if (!room)
		return ERR_OK;
	TRY(mail_source_read(src, root->hdr_off, room, n));
	rest = str_from(room, n);
	while (header_next(&rest, &field))
		for (size_t i = 0; i < countof(fields); i++)
			if (str_ieq(field.name, fields[i].name)) {
				TRY(fields[i].take(k, field.raw));
				break;
			}
	return ERR_OK;
}

/* What the structure says: native type and charset by the first text that is shown, attachments. */
static enum err take_structure(struct maker *k, const struct mime_structure *m)
{
	unsigned char *roles = body_roles(k->arena, m, 0, BODY_HTML);
	const struct mime_part *text = NULL;
	const struct charset *cs;

	if (!roles)
		return ERR_LIMIT;
	k->s->native_body = BODY_PLAIN;
	for (size_t i = 0; i < body_parts_end(m, 0); i++) {
		if (roles[i] == ROLE_ATTACHMENT)
			k->s->flags |= MAIL_HAS_ATTACHMENTS;
		if (roles[i] == ROLE_HTML)
			k->s->native_body = BODY_HTML;
		if (!text && (roles[i] == ROLE_HTML || roles[i] == ROLE_TEXT))
			text = &m->parts[i];
	}
	cs = text ? charset_find(text->charset) : NULL;
	k->s->cpid = cs && cs->cpid ? cs->cpid : CPID_UTF8;
	return ERR_OK;
}

enum err mail_summary_make(struct arena *a, const struct mail_source *src, const struct mime_structure *m,
			   struct mail_summary *ret)
{
	struct mail_summary s = { .importance = MAIL_IMPORTANCE_NORMAL };
	struct maker k = { .arena = a, .s = &s };
	struct message_class class;

	TRY(take_header(&k, src, &m->parts[0]));
	choose_topic(&k);
	TRY(take_structure(&k, m));
	TRY(message_class_of(src, m, &class));
	s.message_class = class.name;
	s.flags |= class.flags;
	TRY(body_preview(a, src, m, 0, SUMMARY_PREVIEW_MAX, &s.preview));
	*ret = s;
	return ERR_OK;
}
