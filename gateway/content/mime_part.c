/* From header fields to the facts of a part. */
#include <gateway/content/mime_part.h>

#include <base/utf8.h>

#include <gateway/content/header.h>

enum { SCRATCH_MAX = 1024 * 1024 }; /* octets while one field is read; a field that needs more says nothing */

static const struct str field_names[MIME_FIELD_MAX_] = {
	[MIME_FIELD_TYPE] = STR_INIT("content-type"),
	[MIME_FIELD_ENCODING] = STR_INIT("content-transfer-encoding"),
	[MIME_FIELD_DISPOSITION] = STR_INIT("content-disposition"),
	[MIME_FIELD_ID] = STR_INIT("content-id"),
	[MIME_FIELD_LOCATION] = STR_INIT("content-location"),
	[MIME_FIELD_SUBJECT] = STR_INIT("subject"),
};

enum mime_field mime_field_of(struct str line, struct str *ret_value)
{
	char first = line.n ? ascii_lower(line.p[0]) : '\0';
	struct str name;
	size_t colon;

	if (first != 'c' && first != 's')
		return MIME_FIELD_MAX_;
	colon = str_index(str_slice(line, 0, HEADER_NAME_MAX), ':');
	name = str_trim(str_slice(line, 0, colon));
	*ret_value = str_slice(line, colon + 1, line.n);
	for (int f = 0; f < MIME_FIELD_MAX_; f++)
		if (str_ieq(name, field_names[f]))
			return (enum mime_field)f;
	return MIME_FIELD_MAX_;
}

void mime_part_reader_init(struct mime_part_reader *r, struct arena *texts)
{
	*r = (struct mime_part_reader){ .texts = texts, .scratch = ARENA_INIT(SCRATCH_MAX) };
}

void mime_part_reader_release(struct mime_part_reader *r)
{
	arena_release(&r->scratch);
}

void mime_part_begin(struct mime_part_reader *r)
{
	memset(r->seen, 0, sizeof(r->seen));
	r->boundary = STR_EMPTY;
}

/* A copy that lives with the structure; empty where the texts of the message are too many already. */
static struct str keep(struct mime_part_reader *r, struct str s)
{
	struct str copy = STR_EMPTY;

	if (s.n > MIME_TEXT_MAX - r->texts_n)
		return STR_EMPTY;
	if (arena_str(r->texts, s, &copy) != ERR_OK)
		r->err = ERR_LIMIT;
	r->texts_n += copy.n;
	return copy;
}

static struct str keep_word(struct mime_part_reader *r, struct str s)
{
	return keep(r, s.n <= MIME_WORD_MAX ? s : STR_EMPTY);
}

static struct str keep_lower(struct mime_part_reader *r, struct str s)
{
	char lower[MIME_WORD_MAX];

	if (s.n > sizeof(lower))
		return STR_EMPTY;
	for (size_t i = 0; i < s.n; i++)
		lower[i] = ascii_lower(s.p[i]);
	return keep(r, str_from(lower, s.n));
}

/* At most MIME_NAME_MAX characters. */
static struct str keep_name(struct mime_part_reader *r, struct str s)
{
	size_t at = 0, n = 0;
	uint32_t code;

	s = str_trim(s);
	for (; n < MIME_NAME_MAX && at < s.n; n++) {
		size_t len = utf8_decode(str_slice(s, at, s.n), &code);

		if (len == 0)
			break;
		at += len;
	}
	return keep(r, str_slice(s, 0, at));
}

static struct str without_brackets(struct str s)
{
	s = str_trim(s);
	if (s.n >= 2 && s.p[0] == '<' && s.p[s.n - 1] == '>')
		s = str_slice(s, 1, s.n - 1);
	return s;
}

/* An id or a location: one word, its folds and blanks dropped. */
static struct str keep_id(struct mime_part_reader *r, struct str raw)
{
	CLEANUP(buf_release) struct buf octets = BUF_INIT(MIME_FIELD_MAX);
	CLEANUP(buf_release) struct buf text = BUF_INIT(4 * MIME_FIELD_MAX);
	struct str s;

	for (size_t i = 0; i < raw.n; i++)
		if ((unsigned char)raw.p[i] > ' ')
			buf_char(&octets, raw.p[i]);
	header_text(&text, without_brackets(buf_view(&octets)));
	s = buf_view(&text);
	return keep(r, s.n <= MIME_ID_MAX ? s : STR_EMPTY);
}

/* Which parameter is the variant of a type. */
static const struct {
	struct str type, subtype, param;
} variants[] = {
	{ STR_INIT("text"), STR_INIT("calendar"), STR_INIT("method") },
	{ STR_INIT("multipart"), STR_INIT("report"), STR_INIT("report-type") },
	{ STR_INIT("multipart"), STR_INIT("signed"), STR_INIT("protocol") },
	{ STR_INIT("multipart"), STR_INIT("encrypted"), STR_INIT("protocol") },
	{ STR_INIT("multipart"), STR_INIT("related"), STR_INIT("start") },
	{ STR_INIT("application"), STR_INIT("pkcs7-mime"), STR_INIT("smime-type") },
	{ STR_INIT("application"), STR_INIT("x-pkcs7-mime"), STR_INIT("smime-type") },
};

static struct str variant_param(const struct mime_part *part)
{
	for (size_t i = 0; i < countof(variants); i++)
		if (mime_is(part, variants[i].type, variants[i].subtype))
			return variants[i].param;
	return STR_EMPTY;
}

static void take_boundary(struct mime_part_reader *r, struct str boundary)
{
	while (boundary.n && boundary.p[boundary.n - 1] == ' ')
		boundary.n--;
	if (boundary.n == 0 || boundary.n > MIME_BOUNDARY_MAX)
		return;
	memcpy(r->boundary_bytes, boundary.p, boundary.n);
	r->boundary = str_from(r->boundary_bytes, boundary.n);
}

static void take_type(struct mime_part_reader *r, struct mime_part *part, struct str raw)
{
	struct header_param *params;
	struct str value, type, subtype;
	size_t n, slash;

	if (header_params(&r->scratch, raw, &value, &params, &n) != ERR_OK)
		return;
	slash = str_index(value, '/');
	type = str_trim(str_slice(value, 0, slash));
	subtype = str_trim(str_slice(value, slash + 1, value.n));
	if (str_eq(value, S("text"))) /* RFC 1049 senders */
		subtype = S("plain");
	if (type.n == 0 || subtype.n == 0 || type.n > MIME_WORD_MAX || subtype.n > MIME_WORD_MAX)
		return;
	part->flags |= MIME_TYPE_GIVEN;
	part->type = keep_lower(r, type);
	part->subtype = keep_lower(r, subtype);
	part->charset = keep_lower(r, header_param_get(params, n, S("charset")));
	if (part->name.n == 0 && !r->in_message)
		part->name = keep_name(r, header_param_get(params, n, S("name")));
	if (str_ieq(header_param_get(params, n, S("format")), S("flowed")))
		part->flags |= MIME_FLOWED;
	if (str_ieq(header_param_get(params, n, S("delsp")), S("yes")))
		part->flags |= MIME_DELSP;
	part->variant = keep_word(r, without_brackets(header_param_get(params, n, variant_param(part))));
	take_boundary(r, header_param_get(params, n, S("boundary")));
}

static void take_disposition(struct mime_part_reader *r, struct mime_part *part, struct str raw)
{
	struct header_param *params;
	struct str value, name;
	size_t n;

	if (header_params(&r->scratch, raw, &value, &params, &n) != ERR_OK || value.n == 0)
		return;
	part->disposition = str_eq(value, S("inline")) ? MIME_INLINE : MIME_ATTACHMENT;
	name = header_param_get(params, n, S("filename"));
	if (name.n && !r->in_message)
		part->name = keep_name(r, name);
}

static void take_encoding(struct mime_part_reader *r, struct mime_part *part, struct str raw)
{
	struct header_param *params;
	struct str value;
	size_t n;

	/* Read like a parameterised field: some senders add a comment or a semicolon. */
	if (header_params(&r->scratch, raw, &value, &params, &n) == ERR_OK)
		part->encoding = transfer_by_name(value);
}

static void take_subject(struct mime_part_reader *r, struct mime_part *part, struct str raw)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(4 * MIME_FIELD_MAX);

	if (!r->in_message)
		return;
	header_text(&text, raw);
	part->name = keep_name(r, buf_view(&text));
}

void mime_part_field(struct mime_part_reader *r, struct mime_part *part, enum mime_field field, struct str raw)
{
	if (field == MIME_FIELD_MAX_ || r->seen[field])
		return;
	r->seen[field] = true;
	switch (field) {
	case MIME_FIELD_TYPE:
		take_type(r, part, raw);
		break;
	case MIME_FIELD_ENCODING:
		take_encoding(r, part, raw);
		break;
	case MIME_FIELD_DISPOSITION:
		take_disposition(r, part, raw);
		break;
	case MIME_FIELD_ID:
		part->content_id = keep_id(r, raw);
		break;
	case MIME_FIELD_LOCATION:
		part->location = keep_id(r, raw);
		break;
	case MIME_FIELD_SUBJECT:
		take_subject(r, part, raw);
		break;
	case MIME_FIELD_MAX_:
		break;
	}
	arena_reset(&r->scratch);
}

/* RFC 2046 section 5.2.1 and RFC 6532 section 3.7; only what is not encoded can be looked into. */
static bool is_message(const struct mime_part *part)
{
	return (mime_is(part, S("message"), S("rfc822")) || mime_is(part, S("message"), S("global"))) &&
	       part->encoding <= TRANSFER_BINARY;
}

void mime_part_end(struct mime_part_reader *r, struct mime_part *part)
{
	if (!(part->flags & MIME_TYPE_GIVEN)) {
		part->type = r->digest ? S("message") : S("text");
		part->subtype = r->digest ? S("rfc822") : S("plain");
	}
	if (str_eq(part->type, S("multipart")) && r->boundary.n)
		part->kind = MIME_MULTIPART;
	else if (is_message(part))
		part->kind = MIME_MESSAGE;
	else
		part->kind = MIME_LEAF;
}
