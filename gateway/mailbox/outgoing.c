#include <gateway/mailbox/outgoing.h>

#include <base/mem.h>
#include <base/utf8.h>
#include <gateway/content/crlf.h>
#include <gateway/content/header_write.h>
#include <gateway/mailbox/send.h>

#include <assert.h>
#include <stdlib.h>

enum {
	PIECE_BYTES = 32 * 1024,
	ARENA_BYTES = 8 * 1024 * 1024, /* addresses of a header at its ceiling */
};

struct outgoing {
	struct outgoing_args args;
	struct crlf_stream crlf;
	struct buf head; /* what came of the header block */
	bool in_body;
	uint64_t size; /* octets that came, with CRLF line ends */
	enum err err;  /* sticky */
	struct store_blob_writer *blob;
	struct arena arena;
	struct outgoing_header header;
	size_t named; /* addresses of To, Cc and Bcc, with those that come again */
	struct buf own;
};

enum err outgoing_new(const struct outgoing_args *args, struct outgoing **ret)
{
	struct outgoing *o = mem_alloc(sizeof(*o));

	o->args = *args;
	o->head = BUF_INIT(OUTGOING_MAX_HEADER);
	o->own = BUF_INIT(QUEUE_MAX_OWN_HEADER);
	o->arena = ARENA_INIT(ARENA_BYTES);
	o->crlf.strict = true;
	enum err e = args->look_only ? ERR_OK : store_blob_writer_new(args->store, STORE_DIRECTORY, &o->blob);
	if (e) {
		outgoing_free(&o);
		return e;
	}
	*ret = o;
	return ERR_OK;
}

void outgoing_free(struct outgoing **op)
{
	struct outgoing *o = *op;

	if (!o)
		return;
	store_blob_writer_drop(&o->blob);
	buf_release(&o->head);
	buf_release(&o->own);
	arena_release(&o->arena);
	free(o);
	*op = NULL;
}

/* ---- recipients ---- */

/* What can stand in an SMTP envelope: printable, one '@' at least, no blanks outside of quotes that we wrote. */
static bool is_address(struct str s)
{
	if (s.n == 0 || s.n > QUEUE_MAX_ADDRESS || !utf8_valid(s) || str_index(s, '@') == s.n)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f || s.p[i] == '<' || s.p[i] == '>')
			return false;
	return s.p[0] != '@' && s.p[s.n - 1] != '@';
}

/* Somebody without a domain is at the author's. */
static struct str domain_of(struct str address)
{
	size_t at = address.n;

	while (at > 0 && address.p[at - 1] != '@')
		at--;
	return str_slice(address, at, address.n);
}

static bool is_known(const struct outgoing_header *h, struct str address)
{
	for (size_t i = 0; i < h->recipients_n; i++)
		if (str_ieq(h->recipients[i], address))
			return true;
	return false;
}

static enum err add_recipient(struct outgoing *o, const struct header_address *parsed)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(QUEUE_MAX_ADDRESS);
	struct outgoing_header *h = &o->header;
	struct header_address a = { .local = parsed->local, .domain = parsed->domain };

	if (a.local.n == 0 && a.domain.n == 0) /* the name of an empty group */
		return ERR_OK;
	if (a.domain.n == 0 && o->args.author && !o->args.look_only)
		a.domain = domain_of(o->args.author->address);
	header_address_put(&text, &a);
	if (buf_status(&text) || !is_address(buf_view(&text))) {
		h->bad_recipient = true;
		return ERR_OK;
	}
	if (is_known(h, buf_view(&text)))
		return ERR_OK;
	if (h->recipients_n == OUTGOING_MAX_RECIPIENTS)
		return ERR_LIMIT;
	if (!h->recipients)
		h->recipients = arena_array(&o->arena, OUTGOING_MAX_RECIPIENTS, sizeof(*h->recipients));
	if (!h->recipients)
		return ERR_LIMIT;
	return arena_str(&o->arena, buf_view(&text), &h->recipients[h->recipients_n++]);
}

static enum err add_recipients(struct outgoing *o, struct str raw)
{
	struct header_address *list;
	size_t n;

	TRY(header_addresses(&o->arena, raw, &list, &n));
	o->named += n;
	if (o->named >= HEADER_ADDRESSES_MAX) /* some may not have been read; and each is compared with all */
		return ERR_LIMIT;
	for (size_t i = 0; i < n; i++)
		TRY(add_recipient(o, &list[i]));
	return ERR_OK;
}

/* ---- the header ---- */

/* What was seen of it, and where it goes. */
struct rewrite {
	struct outgoing *o;
	struct buf out;
	bool has_from, has_date, has_message_id;
};

static void put_field(struct buf *b, const struct header_field *f)
{
	buf_str(b, f->name);
	buf_char(b, ':');
	buf_str(b, f->raw);
	buf_cstr(b, "\r\n");
}

static enum err take_recipients(struct rewrite *w, const struct header_field *f)
{
	put_field(&w->out, f);
	return w->o->args.author ? add_recipients(w->o, f->raw) : ERR_OK;
}

static enum err take_bcc(struct rewrite *w, const struct header_field *f)
{
	put_field(&w->o->own, f);
	return w->o->args.author ? add_recipients(w->o, f->raw) : ERR_OK;
}

static enum err drop_field(struct rewrite *w, const struct header_field *f)
{
	(void)w, (void)f;
	return ERR_OK;
}

/* The addresses of From or Sender, if every one of them is the author's, whoever reads them. */
static enum err read_own(struct outgoing *o, struct str raw, struct header_address *ret_first, bool *ret_own)
{
	struct header_address *list;
	size_t n;

	*ret_own = false;
	*ret_first = (struct header_address){ 0 };
	TRY(header_addresses(&o->arena, raw, &list, &n));
	for (size_t i = 0; i < n; i++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT(QUEUE_MAX_ADDRESS);
		struct header_address bare = { .local = list[i].local, .domain = list[i].domain };

		if (i == 0)
			*ret_first = list[i];
		header_address_put(&text, &bare);
		*ret_own = !list[i].loose && !buf_status(&text) && send_is_own(o->args.author, buf_view(&text));
		if (!*ret_own)
			return ERR_OK;
		if (i == 0)
			TRY(arena_str(&o->arena, buf_view(&text), &o->header.from));
	}
	return ERR_OK;
}

/* MS-ASCMD_R448: the author's primary address; the name that the client gave stays. */
static enum err put_own_from(struct rewrite *w, struct str name)
{
	const struct send_author *author = w->o->args.author;

	w->has_from = true;
	w->o->header.from = author->address;
	buf_cstr(&w->out, "From: ");
	header_mailbox_write(&w->out, name.n ? name : author->name, author->address);
	buf_cstr(&w->out, "\r\n");
	return ERR_OK;
}

static enum err take_from(struct rewrite *w, const struct header_field *f)
{
	struct header_address first;
	bool own;

	if (!w->o->args.author) {
		w->has_from = true;
		put_field(&w->out, f);
		return ERR_OK;
	}
	if (w->has_from) /* a second one: whom would a reader be shown? */
		return w->o->args.refuse_foreign ? ERR_INVALID : ERR_OK;
	TRY(read_own(w->o, f->raw, &first, &own));
	if (own) {
		w->has_from = true;
		put_field(&w->out, f);
		return ERR_OK;
	}
	if (w->o->args.refuse_foreign)
		return ERR_DENIED;
	return put_own_from(w, first.name);
}

static enum err take_sender(struct rewrite *w, const struct header_field *f)
{
	struct str from = w->o->header.from;
	struct header_address first;
	bool own = true;

	if (w->o->args.author)
		TRY(read_own(w->o, f->raw, &first, &own));
	if (w->o->args.author && w->has_from)
		w->o->header.from = from;
	if (own || w->o->args.keeps_sender)
		put_field(&w->out, f);
	else if (w->o->args.refuse_foreign)
		return ERR_DENIED;
	return ERR_OK;
}

static enum err take_date(struct rewrite *w, const struct header_field *f)
{
	int64_t ms;

	if (w->has_date || header_date(f->raw, &ms) != ERR_OK)
		return ERR_OK;
	w->has_date = true;
	put_field(&w->out, f);
	return ERR_OK;
}

static enum err take_message_id(struct rewrite *w, const struct header_field *f)
{
	struct str rest = f->raw, id;

	if (w->has_message_id || !header_msgid_next(&rest, &id))
		return ERR_OK;
	w->has_message_id = true;
	put_field(&w->out, f);
	return ERR_OK;
}

static const struct {
	struct str name;
	enum err (*take)(struct rewrite *w, const struct header_field *f);
} fields[] = {
	{ STR_INIT("Bcc"), take_bcc },           { STR_INIT("Resent-Bcc"), take_bcc },
	{ STR_INIT("Cc"), take_recipients },     { STR_INIT("Date"), take_date },
	{ STR_INIT("From"), take_from },         { STR_INIT("Message-ID"), take_message_id },
	{ STR_INIT("Return-Path"), drop_field }, { STR_INIT("Sender"), take_sender },
	{ STR_INIT("To"), take_recipients },
};

static enum err take_field(struct rewrite *w, const struct header_field *f)
{
	for (size_t i = 0; i < countof(fields); i++)
		if (str_ieq(fields[i].name, f->name))
			return fields[i].take(w, f);
	put_field(&w->out, f);
	return ERR_OK;
}

static enum err put_missing(struct rewrite *w)
{
	if (!w->has_from && w->o->args.author)
		TRY(put_own_from(w, STR_EMPTY));
	if (!w->has_date) {
		buf_cstr(&w->out, "Date: ");
		header_date_write(&w->out, clock_wall_ms(w->o->args.clock));
		buf_cstr(&w->out, "\r\n");
	}
	if (!w->has_message_id) {
		buf_cstr(&w->out, "Message-ID: ");
		TRY(header_msgid_write(&w->out, w->o->args.hostname));
		buf_cstr(&w->out, "\r\n");
	}
	return ERR_OK;
}

static enum err rewrite_fields(struct rewrite *w)
{
	struct str rest = buf_view(&w->o->head);
	struct header_field f;

	while (header_next(&rest, &f))
		TRY(take_field(w, &f));
	TRY(put_missing(w));
	buf_cstr(&w->out, "\r\n");
	return buf_status(&w->out);
}

static bool has_eight_bits(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] & 0x80)
			return true;
	return false;
}

static enum err write_octets(struct outgoing *o, struct str octets)
{
	if (!(o->header.flags & QUEUE_8BIT) && has_eight_bits(octets))
		o->header.flags |= QUEUE_8BIT;
	return o->blob ? store_blob_write(o->blob, octets) : ERR_OK;
}

static enum err end_header(struct outgoing *o)
{
	struct rewrite w = { .o = o, .out = BUF_INIT(2 * OUTGOING_MAX_HEADER) };
	enum err e = rewrite_fields(&w);

	if (!e)
		e = buf_status(&o->own);
	if (!e)
		e = write_octets(o, buf_view(&w.out));
	buf_release(&w.out);
	buf_release(&o->head);
	o->header.own = buf_view(&o->own);
	for (size_t i = 0; i < o->header.recipients_n; i++)
		if (has_eight_bits(o->header.recipients[i]))
			o->header.flags |= QUEUE_UTF8;
	if (has_eight_bits(o->header.from))
		o->header.flags |= QUEUE_UTF8;
	o->in_body = true;
	return e;
}

/* Where the header block ends, its empty line included; 0: not yet. `from`: what was looked at before. */
static size_t header_end(struct str s, size_t from)
{
	if (str_starts(s, S("\r\n")))
		return 2;
	from = from > 3 ? from - 3 : 0;
	size_t at = str_find(str_slice(s, from, s.n), S("\r\n\r\n"));

	return from + at < s.n ? from + at + 4 : 0;
}

static enum err take_header(struct outgoing *o, struct str octets)
{
	size_t before = o->head.n, end;

	/* Only what belongs to the header counts against its limit. */
	buf_str(&o->head, str_slice(octets, 0, OUTGOING_MAX_HEADER - before));
	end = header_end(buf_view(&o->head), before);
	if (end == 0)
		return octets.n > o->head.n - before ? ERR_LIMIT : ERR_OK;
	buf_truncate(&o->head, end);
	TRY(end_header(o));
	return write_octets(o, str_slice(octets, end - before, octets.n));
}

static enum err take(struct outgoing *o, struct str octets)
{
	if (octets.n > o->args.max_bytes - o->size)
		return ERR_LIMIT;
	o->size += octets.n;
	return o->in_body ? write_octets(o, octets) : take_header(o, octets);
}

enum err outgoing_put(struct outgoing *o, struct str octets)
{
	struct buf converted = BUF_INIT(2 * PIECE_BYTES);

	while (!o->err && octets.n) {
		struct str piece = str_slice(octets, 0, PIECE_BYTES);

		octets = str_slice(octets, piece.n, octets.n);
		buf_clear(&converted);
		crlf_put(&o->crlf, &converted, piece);
		o->err = buf_status(&converted);
		if (!o->err)
			o->err = take(o, buf_view(&converted));
	}
	buf_release(&converted);
	return o->err;
}

static enum err finish(struct outgoing *o)
{
	CLEANUP(buf_release) struct buf rest = BUF_INIT(2);

	crlf_end(&o->crlf, &rest);
	TRY(take(o, buf_view(&rest)));
	if (!o->in_body) /* a header and nothing else */
		TRY(end_header(o));
	return o->blob ? store_blob_finish(o->blob) : ERR_OK;
}

enum err outgoing_finish(struct outgoing *o)
{
	if (!o->err)
		o->err = finish(o);
	return o->err;
}

const struct outgoing_header *outgoing_header(const struct outgoing *o)
{
	return &o->header;
}

struct store_blob_writer *outgoing_blob(struct outgoing *o)
{
	return o->blob;
}
