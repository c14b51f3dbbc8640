/* Octets of messages. */
#include <gateway/imap/fetch_body.h>

#include <gateway/content/header.h>
#include <gateway/imap/limits.h>

enum { CHUNK_BYTES = 32 * 1024, FIELDS_MAX_BYTES = MIME_HEADER_MAX };

struct buf *imap_pieces_text(struct imap_pieces *p, struct buf *out)
{
	return p->n ? &p->text : out;
}

static enum err read_into(const struct mail_source *src, uint64_t off, size_t n, struct buf *b)
{
	char *room = buf_reserve(b, n);

	if (!room)
		return buf_status(b);
	TRY(mail_source_read(src, off, room, n));
	buf_added(b, n);
	return ERR_OK;
}

static struct imap_piece *add_piece(struct imap_pieces *p)
{
	struct imap_piece *piece;

	if (p->n == IMAP_MAX_FETCH_ITEMS)
		return NULL;
	if (p->n)
		p->list[p->n - 1].text_end = p->text.n;
	piece = &p->list[p->n++];
	*piece = (struct imap_piece){ 0 };
	return piece;
}

/* Octets off..off+n of the message, behind the text that has been written. */
static enum err put_octets(struct imap_pieces *p, struct buf *out, const struct mail_source *src, uint64_t off,
			   uint64_t n)
{
	struct imap_piece *piece;

	if (p->n == 0 && n <= IMAP_PIECE_DIRECT_MAX)
		return read_into(src, off, (size_t)n, out);
	piece = add_piece(p);
	if (!piece)
		return ERR_LIMIT;
	piece->off = off;
	piece->n = n;
	return ERR_OK;
}

/* ---- sections ---- */

struct extent {
	uint64_t off, n;
};

/* Where a section lies; ERR_NOT_FOUND: nowhere. Of the header fields: their header block. */
static enum err find_extent(const struct mime_structure *m, const struct imap_fetch_item *item, struct extent *ret)
{
	const struct mime_part *part;
	size_t i = 0;

	if (!item->part.n && item->section == IMAP_WHOLE) {
		*ret = (struct extent){ 0, m->size };
		return ERR_OK;
	}
	if (item->part.n)
		TRY(mime_section_find(m, item->part, &i));
	part = &m->parts[i];
	if (item->section == IMAP_MIME) {
		*ret = (struct extent){ part->hdr_off, part->hdr_len };
		return ERR_OK;
	}
	if (item->section == IMAP_WHOLE) {
		*ret = (struct extent){ part->body_off, part->body_len };
		return ERR_OK;
	}
	if (item->part.n && part->kind != MIME_MESSAGE)
		return ERR_NOT_FOUND;
	if (item->part.n)
		part++;
	*ret = item->section == IMAP_TEXT ? (struct extent){ part->body_off, part->body_len }
					  : (struct extent){ part->hdr_off, part->hdr_len };
	return ERR_OK;
}

static void cut(const struct imap_fetch_item *item, struct extent *x)
{
	uint64_t from = !item->partial ? 0 : item->from < x->n ? item->from : x->n;

	x->off += from;
	x->n -= from;
	if (item->partial && x->n > item->count)
		x->n = item->count;
}

static bool is_wanted(const struct imap_fetch_item *item, struct str name)
{
	bool named = false;

	for (size_t i = 0; i < item->fields_n && !named; i++)
		named = str_ieq(item->fields[i], name);
	return named == (item->section == IMAP_FIELDS);
}

/* The lines of the fields that are wanted, as they stand, and an empty one. */
static void filter_fields(struct str header, const struct imap_fetch_item *item, struct buf *b)
{
	struct header_field h;

	while (header_next(&header, &h)) {
		const char *end = h.raw.p + h.raw.n;

		if (!is_wanted(item, h.name))
			continue;
		buf_put(b, h.name.p, (size_t)(end - h.name.p));
		if (!str_ends(h.raw, S("\n")))
			buf_cstr(b, "\r\n");
	}
	buf_cstr(b, "\r\n");
}

/* The lines as a literal. */
static enum err put_lines(struct buf *text, const struct imap_fetch_item *item, struct str header)
{
	struct buf kept = BUF_INIT(FIELDS_MAX_BYTES + 2);
	struct extent whole = { 0, 0 };
	enum err e;

	filter_fields(header, item, &kept);
	e = buf_status(&kept);
	if (!e) {
		whole.n = kept.n;
		cut(item, &whole);
		buf_fmt(text, "{%llu}\r\n", (unsigned long long)whole.n);
		buf_str(text, str_slice(buf_view(&kept), (size_t)whole.off, (size_t)(whole.off + whole.n)));
	}
	buf_release(&kept);
	return e;
}

enum err imap_put_fields(struct buf *text, const struct imap_fetch_item *item, struct str header)
{
	buf_str(text, item->label);
	buf_char(text, ' ');
	return put_lines(text, item, header);
}

static enum err put_fields(struct buf *text, const struct mail_source *src, const struct imap_fetch_item *item,
			   struct extent x)
{
	struct buf header = BUF_INIT(FIELDS_MAX_BYTES);
	enum err e;

	if (x.n > FIELDS_MAX_BYTES)
		x.n = FIELDS_MAX_BYTES;
	e = read_into(src, x.off, (size_t)x.n, &header);
	if (!e)
		e = put_lines(text, item, buf_view(&header));
	buf_release(&header);
	return e;
}

enum err imap_put_section(struct arena *a, struct imap_pieces *p, struct buf *out, const struct mail_source *src,
			  const struct mime_structure *m, const struct imap_fetch_item *item)
{
	struct buf *text = imap_pieces_text(p, out);
	struct extent x;
	enum err e = find_extent(m, item, &x);

	(void)a;
	buf_str(text, item->label);
	buf_char(text, ' ');
	if (e == ERR_NOT_FOUND || e == ERR_INVALID || e == ERR_LIMIT) {
		buf_cstr(text, "NIL");
		return ERR_OK;
	}
	if (e)
		return e;
	if (item->section == IMAP_FIELDS || item->section == IMAP_FIELDS_NOT)
		return put_fields(text, src, item, x);
	cut(item, &x);
	buf_fmt(text, "{%llu}\r\n", (unsigned long long)x.n);
	return put_octets(p, out, src, x.off, x.n);
}

/* ---- BINARY ---- */

/* Octets that a part stands for; has_nul: literal8 is needed. */
static enum err measure(const struct mail_source *src, struct extent x, enum transfer_encoding encoding,
			uint64_t *ret_n)
{
	struct transfer_stream st = { .encoding = encoding };
	struct buf in = BUF_INIT(CHUNK_BYTES), out = BUF_INIT(2 * CHUNK_BYTES);
	enum err e = ERR_OK;
	uint64_t n = 0;

	while (!e && x.n) {
		size_t part = x.n < CHUNK_BYTES ? (size_t)x.n : CHUNK_BYTES;

		buf_clear(&in);
		buf_clear(&out);
		e = read_into(src, x.off, part, &in);
		transfer_put(&st, &out, buf_view(&in));
		x.off += part;
		x.n -= part;
		n += out.n;
	}
	buf_clear(&out);
	transfer_finish(&st, &out);
	*ret_n = n + out.n;
	buf_release(&in);
	buf_release(&out);
	return e;
}

static enum transfer_encoding encoding_of(const struct mime_structure *m, const struct imap_fetch_item *item)
{
	size_t i = 0;

	if (!item->part.n || mime_section_find(m, item->part, &i) || m->parts[i].kind != MIME_LEAF)
		return TRANSFER_BINARY; /* the message, or parts with parts of their own: as they stand */
	return m->parts[i].encoding;
}

static enum err put_decoded(struct imap_pieces *p, struct extent x, const struct imap_fetch_item *item, uint64_t n,
			    enum transfer_encoding encoding, struct buf *text)
{
	struct extent shown = { 0, n };
	struct imap_piece *piece;

	cut(item, &shown);
	buf_fmt(text, "~{%llu}\r\n", (unsigned long long)shown.n);
	piece = add_piece(p);
	if (!piece)
		return ERR_LIMIT;
	piece->decode = true;
	piece->transfer.encoding = encoding;
	piece->off = x.off;
	piece->n = x.n;
	piece->skip = shown.off;
	piece->count = shown.n;
	return ERR_OK;
}

enum err imap_put_binary(struct arena *a, struct imap_pieces *p, struct buf *out, const struct mail_source *src,
			 const struct mime_structure *m, const struct imap_fetch_item *item)
{
	struct buf *text = imap_pieces_text(p, out);
	enum transfer_encoding encoding = encoding_of(m, item);
	struct extent x;
	uint64_t n;
	enum err e = find_extent(m, item, &x);

	(void)a;
	if (!e && encoding == TRANSFER_UNKNOWN)
		return ERR_UNSUPPORTED;
	buf_str(text, item->label);
	buf_char(text, ' ');
	if (e) {
		buf_cstr(text, item->kind == IMAP_FETCH_BINARY_SIZE ? "0" : "NIL");
		return ERR_OK;
	}
	TRY(measure(src, x, encoding, &n));
	if (item->kind == IMAP_FETCH_BINARY_SIZE) {
		buf_u64(text, n);
		return ERR_OK;
	}
	return put_decoded(p, x, item, n, encoding, text);
}

/* ---- writing what waits ---- */

/* The part of decoded octets that is shown. */
static void put_shown(struct imap_piece *piece, struct str octets, struct buf *out)
{
	size_t skip = piece->skip < octets.n ? (size_t)piece->skip : octets.n;

	piece->skip -= skip;
	octets = str_slice(octets, skip, octets.n);
	if (octets.n > piece->count)
		octets.n = (size_t)piece->count;
	piece->count -= octets.n;
	buf_str(out, octets);
}

static enum err pump_decoded(struct imap_piece *piece, const struct mail_source *src, size_t n, struct buf *out)
{
	struct buf in = BUF_INIT(CHUNK_BYTES), decoded = BUF_INIT(2 * CHUNK_BYTES);
	enum err e = read_into(src, piece->off, n, &in);

	if (!e) {
		transfer_put(&piece->transfer, &decoded, buf_view(&in));
		if (n == piece->n)
			transfer_finish(&piece->transfer, &decoded);
		put_shown(piece, buf_view(&decoded), out);
		e = buf_status(&decoded);
	}
	buf_release(&in);
	buf_release(&decoded);
	return e;
}

static enum err pump_chunk(struct imap_piece *piece, const struct mail_source *src, struct buf *out)
{
	size_t n = piece->n < CHUNK_BYTES ? (size_t)piece->n : CHUNK_BYTES;

	TRY(piece->decode ? pump_decoded(piece, src, n, out) : read_into(src, piece->off, n, out));
	piece->off += n;
	piece->n -= n;
	return ERR_OK;
}

enum err imap_pieces_pump(struct imap_pieces *p, const struct mail_source *src, struct buf *out, size_t max,
			  bool *ret_done)
{
	*ret_done = false;
	for (; p->at < p->n; p->at++) {
		struct imap_piece *piece = &p->list[p->at];
		size_t end = p->at + 1 < p->n ? piece->text_end : p->text.n;

		while (piece->n) {
			if (out->n >= max)
				return buf_status(out);
			TRY(pump_chunk(piece, src, out));
		}
		buf_str(out, str_slice(buf_view(&p->text), p->text_at, end));
		p->text_at = end;
	}
	p->n = p->at = p->text_at = 0;
	buf_release(&p->text);
	*ret_done = true;
	return buf_status(out);
}
