/* Changes with how the recipient cache is ranked and kept. */
#include <gateway/mailbox/recipients.h>

#include <gateway/content/contact.h>
#include <gateway/content/header.h>
#include <gateway/mailbox/entry.h>
#include <store/folder.h>

#define RANK "X-ROOST-RANK"

enum { ARENA_BYTES = 16 * 1024 * 1024, DAY_MS = 24 * 60 * 60 * 1000, INDEX_VERSION = 1 };

struct cached {
	int64_t id;
	struct str address;
	uint64_t rank;
};

struct cache {
	struct arena *a;
	struct store_tx *tx;
	int64_t folder, now_ms;
	struct cached *list; /* RECIPIENTS_MAX */
	size_t n;
	unsigned noted;               /* of this mail's recipients */
	struct header_address *named; /* in the mail's header */
	size_t named_n;
};

bool recipients_rank(const struct vcard *card, uint64_t *ret)
{
	const struct vcard_property *p = vcard_find(card, RANK);

	return p && str_to_u64(p->value, UINT32_MAX, ret) == ERR_OK;
}

/* ---- what is there ---- */

static bool is_unreadable(enum err e)
{
	return e == ERR_INVALID || e == ERR_CORRUPT || e == ERR_NOT_FOUND;
}

/* What is asked of all of them for each mail is kept beside them: the address as the item's name, the rank as its summary. */
static enum err index_card(struct cache *c, int64_t item, struct str address, uint64_t rank)
{
	CLEANUP(buf_release) struct buf digits = BUF_INIT(32);

	buf_u64(&digits, rank);
	TRY(buf_status(&digits));
	return item_summary_put(c->tx, item,
				&(struct item_summary){ .parser_version = INDEX_VERSION,
							.summary = buf_view(&digits),
							.structure = address,
							.named = true });
}

static enum err read_card(struct cache *c, int64_t id, struct item *ret, struct vcard *ret_card, struct cached *ret_is)
{
	struct contact contact;
	struct str text;

	TRY(item_get(c->a, c->tx, c->folder, id, ret));
	TRY(entry_read(c->a, c->tx, ret, &text));
	TRY(vcard_parse(c->a, text, ret_card));
	TRY(contact_read(c->a, ret_card, &contact));
	ret_is->address = contact.field[CONTACT_EMAIL_1];
	return recipients_rank(ret_card, &ret_is->rank) ? ERR_OK : ERR_INVALID;
}

/* An address stays empty where nothing is kept beside the item. */
static enum err take(void *ctx, int64_t id, const struct item_summary *s)
{
	struct cache *c = ctx;
	struct cached *is = &c->list[c->n];

	if (c->n == RECIPIENTS_MAX)
		return ERR_OK;
	c->n++;
	*is = (struct cached){ .id = id };
	if (s->parser_version != INDEX_VERSION || str_to_u64(s->summary, UINT32_MAX, &is->rank))
		return ERR_OK;
	return arena_str(c->a, s->structure, &is->address);
}

/* Those of before there was anything kept beside them. One that can't be read goes. */
static enum err index_missing(struct cache *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		struct cached is = c->list[i];
		struct vcard card;
		struct item item;
		enum err e = ERR_OK;

		if (!is.address.n)
			e = read_card(c, is.id, &item, &card, &is);
		if (is_unreadable(e)) {
			TRY(item_expunge(c->tx, c->folder, is.id, &AUTHOR_NOBODY));
			continue;
		}
		TRY(e);
		if (!c->list[i].address.n)
			TRY(index_card(c, is.id, is.address, is.rank));
		c->list[n++] = is;
	}
	c->n = n;
	return ERR_OK;
}

static enum err load(struct cache *c)
{
	c->list = arena_array(c->a, RECIPIENTS_MAX, sizeof(*c->list));
	if (!c->list)
		return ERR_LIMIT;
	TRY(item_summary_walk(c->tx, c->folder, INT64_MIN, take, c));
	return index_missing(c);
}

static struct cached *find(const struct cache *c, struct str address)
{
	for (size_t i = 0; i < c->n; i++)
		if (str_ieq(c->list[i].address, address))
			return &c->list[i];
	return NULL;
}

/* Room for one more: the lowest rank goes, of several the one that is there longest. */
static enum err make_room(struct cache *c)
{
	size_t lowest = 0;

	if (c->n < RECIPIENTS_MAX)
		return ERR_OK;
	for (size_t i = 1; i < c->n; i++)
		if (c->list[i].rank < c->list[lowest].rank)
			lowest = i;
	TRY(item_expunge(c->tx, c->folder, c->list[lowest].id, &AUTHOR_NOBODY));
	c->list[lowest] = c->list[--c->n];
	return ERR_OK;
}

/* ---- what they are called ---- */

static enum err read_names(struct cache *c, struct str header)
{
	CLEANUP(buf_release) struct buf all = BUF_INIT(header.n + 64);
	struct header_field field;
	struct str text;

	while (header_next(&header, &field)) {
		if (!str_ieq(field.name, S("To")) && !str_ieq(field.name, S("Cc")) && !str_ieq(field.name, S("Bcc")))
			continue;
		buf_cstr(&all, all.n ? ", " : "");
		buf_str(&all, field.raw);
	}
	TRY(buf_status(&all));
	TRY(arena_str(c->a, buf_view(&all), &text));
	return header_addresses(c->a, text, &c->named, &c->named_n);
}

static bool is_address(const struct header_address *named, struct str address)
{
	return named->local.n && address.n == named->local.n + 1 + named->domain.n &&
	       str_ieq(str_slice(address, 0, named->local.n), named->local) && address.p[named->local.n] == '@' &&
	       str_ieq(str_slice(address, named->local.n + 1, address.n), named->domain);
}

/* Empty: by no name. */
static struct str name_of(const struct cache *c, struct str address)
{
	for (size_t i = 0; i < c->named_n; i++)
		if (is_address(&c->named[i], address) && c->named[i].name.n <= RECIPIENTS_NAME_BYTES)
			return c->named[i].name;
	return STR_EMPTY;
}

/* ---- noting ---- */

/* Those of the highest rank come first, of several the one that was written to last: no two are alike. */
static int64_t key_of(const struct cache *c, uint64_t rank)
{
	const uint64_t when = ((uint64_t)c->now_ms + c->noted) & UINT32_MAX;

	return (int64_t)((rank & INT32_MAX) << 32 | when);
}

static uint64_t rank_after(uint64_t rank, int64_t now_ms)
{
	const uint64_t today = now_ms > 0 ? (uint64_t)(now_ms / DAY_MS) : 0, latest = today + RECIPIENTS_LEAD_DAYS;

	rank = (rank > today ? rank : today) + 1;
	return rank < latest ? rank : latest;
}

static enum err set_rank(struct cache *c, struct vcard *card, uint64_t rank)
{
	CLEANUP(buf_release) struct buf digits = BUF_INIT(32);
	struct vcard_property *p = vcard_find(card, RANK);
	struct str text;

	buf_u64(&digits, rank);
	TRY(buf_status(&digits));
	TRY(arena_str(c->a, buf_view(&digits), &text));
	if (!p)
		TRY(vcard_add(card, S(RANK), STR_EMPTY, &p));
	return vcard_set_text(card, p, text);
}

/* The name that the mail gives; an address without one is called as before, or by itself. */
static enum err set_who(struct cache *c, struct vcard *card, struct str address, bool is_new)
{
	struct str name = name_of(c, address);
	struct contact_edit edit = { .has = { [CONTACT_FILE_AS] = name.n || is_new, [CONTACT_EMAIL_1] = is_new } };

	edit.to.field[CONTACT_FILE_AS] = name.n ? name : address;
	edit.to.field[CONTACT_EMAIL_1] = address;
	return contact_apply(card, &edit);
}

static enum err note_new(struct cache *c, struct str address)
{
	CLEANUP(buf_release) struct buf octets = BUF_INIT(ENTRY_MAX_BYTES);
	struct cached *new;
	struct vcard card;
	struct item made;

	TRY(make_room(c));
	new = &c->list[c->n];
	*new = (struct cached){ .address = address, .rank = rank_after(0, c->now_ms) };
	TRY(vcard_init(c->a, &card));
	TRY(set_who(c, &card, address, true));
	TRY(set_rank(c, &card, new->rank));
	vcard_write(&octets, &card);
	TRY(buf_status(&octets));
	TRY(entry_add(c->tx,
		      &(struct entry){ .folder = c->folder,
				       .octets = buf_view(&octets),
				       .key = key_of(c, new->rank),
				       .now_ms = c->now_ms,
				       .by = AUTHOR_NOBODY },
		      &made));
	new->id = made.id;
	c->n++;
	return index_card(c, new->id, address, new->rank);
}

static enum err note_again(struct cache *c, struct cached *known)
{
	CLEANUP(buf_release) struct buf octets = BUF_INIT(ENTRY_MAX_BYTES);
	struct vcard card;
	struct item item;

	TRY(read_card(c, known->id, &item, &card, known));
	known->rank = rank_after(known->rank, c->now_ms);
	TRY(set_who(c, &card, known->address, false));
	TRY(set_rank(c, &card, known->rank));
	vcard_write(&octets, &card);
	TRY(buf_status(&octets));
	TRY(entry_edit(c->tx, &item, buf_view(&octets), key_of(c, known->rank), &AUTHOR_NOBODY));
	return index_card(c, known->id, known->address, known->rank);
}

static enum err note_all(struct cache *c, const struct queue_entry *mail, struct str header)
{
	TRY(load(c));
	TRY(read_names(c, header));
	for (size_t i = 0; i < mail->recipients_n; i++) {
		struct cached *known = find(c, mail->recipients[i].address);

		c->noted = (unsigned)i;
		TRY(known ? note_again(c, known) : note_new(c, mail->recipients[i].address));
	}
	return ERR_OK;
}

enum err recipients_note(struct store_tx *tx, const struct queue_entry *mail, struct str header, int64_t now_ms)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	struct cache c = { .a = &a, .tx = tx, .now_ms = now_ms };
	enum err e = folder_by_role(tx, FOLDER_RECIPIENT_CACHE, &c.folder);

	if (e || mail->kind != QUEUE_MAIL || mail->recipients_n > RECIPIENTS_OF_A_MAIL)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	e = note_all(&c, mail, header);
	return is_unreadable(e) || e == ERR_LIMIT || e == ERR_QUOTA ? ERR_OK : e;
}
