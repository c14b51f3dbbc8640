/* From a mail's header to its conversation. */
#include <gateway/mailbox/conversation.h>

#include <base/base64.h>
#include <gateway/content/fold.h>
#include <gateway/content/header.h>
#include <gateway/mailbox/message.h>

enum {
	HEADER_LOOK_MAX = 64 * 1024, /* octets of the header in which Thread-Index is looked for */
	THREAD_INDEX_HEADER = 22,    /* a reserved octet, five of a time, a GUID (MS-OXOMSG 2.2.1.3) */
	THREAD_INDEX_MAX = THREAD_INDEX_HEADER + CONVERSATION_LEVEL_SIZE * CONVERSATION_LEVELS_MAX,
	THREAD_INDEX_TEXT_MAX = 512,
	FILL_ARENA_BYTES = 64 * 1024 * 1024,
	TOPIC_BYTES = 16 * SUMMARY_SUBJECT_MAX,
};

/* Case and blanks of a subject change on its way. */
static enum err read_topic(struct arena *a, const struct mail_summary *s, struct str *ret)
{
	CLEANUP(buf_release) struct buf topic = BUF_INIT(TOPIC_BYTES);

	fold_text(&topic, s->thread_topic);
	TRY(buf_status(&topic));
	return arena_str(a, buf_view(&topic), ret);
}

/* ---- ancestors ---- */

static void add_ancestor(struct conversation_facts *f, struct str id)
{
	if (f->ancestors_n < CONVERSATION_ANCESTORS_MAX)
		f->ancestors[f->ancestors_n++] = id;
}

/* The nearest first: In-Reply-To, then References from their end. The root: the first of them all. */
static struct str read_ancestors(const struct mail_summary *s, struct conversation_facts *f)
{
	struct str list[CONVERSATION_ANCESTORS_MAX], rest = s->references, id, root = s->in_reply_to;
	size_t n = 0;

	if (s->in_reply_to.n)
		add_ancestor(f, s->in_reply_to);
	while (header_msgid_next(&rest, &id)) {
		if (n == 0)
			root = id;
		list[n++ % CONVERSATION_ANCESTORS_MAX] = id;
	}
	for (size_t i = 0; i < n && i < CONVERSATION_ANCESTORS_MAX; i++)
		add_ancestor(f, list[(n - 1 - i) % CONVERSATION_ANCESTORS_MAX]);
	return root;
}

/* ---- Thread-Index ---- */

static struct str find_field(struct str block, struct str name)
{
	struct header_field field;

	while (header_next(&block, &field))
		if (str_ieq(field.name, name))
			return field.raw;
	return STR_EMPTY;
}

static enum err read_header(struct arena *a, const struct conversation_source *s, struct str *ret)
{
	const struct mime_part *root = &s->structure->parts[0];
	size_t n = root->hdr_len < HEADER_LOOK_MAX ? (size_t)root->hdr_len : HEADER_LOOK_MAX;
	char *block = arena_alloc(a, n ? n : 1);

	if (!block)
		return ERR_LIMIT;
	*ret = str_from(block, n);
	return mail_source_read(s->source, root->hdr_off, block, n);
}

/* Without the reserved octet and the GUID: what is left is the index that phones are told (MS-ASCON 2.2.2.4). */
static void take_index(struct str octets, struct conversation *c)
{
	const unsigned char *p = (const unsigned char *)octets.p;

	memcpy(c->id, p + 1 + CONVERSATION_HEADER_SIZE, CONVERSATION_SIZE);
	memcpy(c->index, p + 1, CONVERSATION_HEADER_SIZE);
	c->index_n = CONVERSATION_HEADER_SIZE + octets.n - THREAD_INDEX_HEADER;
	if (octets.n > THREAD_INDEX_HEADER)
		memcpy(c->index + CONVERSATION_HEADER_SIZE, p + THREAD_INDEX_HEADER, octets.n - THREAD_INDEX_HEADER);
}

/* One of another shape is none. */
static void read_thread_index(struct str raw, struct conversation_facts *f)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(THREAD_INDEX_TEXT_MAX);
	CLEANUP(buf_release) struct buf octets = BUF_INIT(THREAD_INDEX_TEXT_MAX);

	header_unfold(&text, raw);
	if (buf_status(&text) || base64_decode(&octets, str_trim(buf_view(&text))) || buf_status(&octets))
		return;
	if (octets.n < THREAD_INDEX_HEADER || octets.n > THREAD_INDEX_MAX || octets.p[0] != 1 ||
	    (octets.n - THREAD_INDEX_HEADER) % CONVERSATION_LEVEL_SIZE)
		return;
	take_index(buf_view(&octets), &f->own_index);
	f->has_index = true;
}

enum err conversation_read(struct arena *a, const struct conversation_source *s, struct conversation_facts *ret)
{
	struct conversation_facts f = { .own = s->summary->message_id, .sent_ms = s->sent_ms };
	struct str header;

	if (s->summary->flags & MAIL_HAS_DATE)
		f.sent_ms = s->summary->date_ms;
	TRY(read_topic(a, s->summary, &f.topic));
	TRY(read_header(a, s, &header));
	f.root = read_ancestors(s->summary, &f);
	if (f.root.n == 0)
		f.root = f.own.n ? f.own : s->salt;
	read_thread_index(find_field(header, S("Thread-Index")), &f);
	*ret = f;
	return ERR_OK;
}

/* ---- moving ---- */

/* Folders that are left alone. */
static bool stays_in(const struct folder *f)
{
	return f->role == FOLDER_SENT || f->role == FOLDER_DRAFTS || f->role == FOLDER_OUTBOX;
}

static enum err check_target(struct arena *a, struct store_tx *tx, int64_t id)
{
	struct folder f;

	TRY(folder_get(a, tx, id, &f));
	return f.class == FOLDER_MAIL && f.role != FOLDER_DRAFTS && f.role != FOLDER_OUTBOX ? ERR_OK : ERR_UNSUPPORTED;
}

static enum err move_one(struct arena *a, struct store_tx *tx, const struct item *item, int64_t to, int64_t device)
{
	const struct item_move move = { .from = item->folder, .id = item->id, .to = to, .mover = device };
	enum item_moved moved;
	struct folder f;

	TRY(folder_get(a, tx, item->folder, &f));
	return item->folder == to || stays_in(&f) ? ERR_OK : item_move(tx, &move, &moved);
}

enum err conversation_move_always(struct arena *a, struct store_tx *tx, struct str id, int64_t folder, int64_t device)
{
	struct item *items;
	size_t n;

	TRY(check_target(a, tx, folder));
	TRY(conversation_items(a, tx, id, &items, &n));
	if (n == 0)
		return ERR_NOT_FOUND;
	for (size_t i = 0; i < n; i++)
		TRY(move_one(a, tx, &items[i], folder, device));
	return conversation_always_set(tx, id, folder);
}

/* ---- older mails ---- */

static enum err fill_one(struct arena *a, struct store_tx *tx, const struct item *item)
{
	CLEANUP(message_close) struct message m = { 0 };
	struct conversation_facts facts;
	struct conversation c;
	int64_t salt = item->id;

	TRY(message_open(a, tx, item, &m));
	TRY(conversation_read(a,
			      &(struct conversation_source){ &m.source, &m.structure, &m.summary,
							     str_from(&salt, sizeof(salt)), item->received_ms },
			      &facts));
	TRY(conversation_join(tx, &facts, &c));
	return conversation_set(tx, item->id, &c);
}

/* One that can't be read is alone: it must not be looked at for ever. */
static enum err fill_unreadable(struct store_tx *tx, const struct item *item)
{
	const struct conversation_facts facts = { .root = str_from(&item->id, sizeof(item->id)),
						  .sent_ms = item->received_ms };
	struct conversation c;

	TRY(conversation_join(tx, &facts, &c));
	return conversation_set(tx, item->id, &c);
}

enum err conversation_fill(struct store *s, int64_t mailbox, size_t limit, bool *ret_more)
{
	CLEANUP(arena_release) struct arena list = ARENA_INIT(FILL_ARENA_BYTES), a = ARENA_INIT(FILL_ARENA_BYTES);
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct item *items;
	size_t n;

	TRY(store_begin(s, mailbox, STORE_WRITE, &tx));
	TRY(conversation_missing(&list, tx, 0, limit, &items, &n));
	for (size_t i = 0; i < n; i++) {
		enum err e;

		arena_reset(&a);
		e = fill_one(&a, tx, &items[i]);
		if (e == ERR_CORRUPT || e == ERR_NOT_FOUND || e == ERR_LIMIT)
			e = fill_unreadable(tx, &items[i]);
		TRY(e);
	}
	*ret_more = n == limit;
	return store_commit(&tx);
}
