/* The reader of TNEF: a chain of steps, each of which is given a field of the length it asked for. */
#include <gateway/content/tnef.h>

#include <gateway/content/charset.h>
#include <gateway/content/mime.h>

enum {
	SIGNATURE = 0x223E9F78,
	SIGNATURE_BYTES = 6, /* and a key that means nothing */
	HEADER_BYTES = 9,    /* level, id, length */
	CHECKSUM_BYTES = 2,
	LEVEL_MESSAGE = 1,
	LEVEL_FILE = 2,
	RENDER_BYTES = 14,
	RENDER_FILE = 1,
	CODEPAGE_BYTES = 8,
	GUID_BYTES = 16,
	METHOD_BY_VALUE = 1, /* PidTagAttachMethod, MS-OXCMSG 2.2.2.9 */
};

enum property_type {
	TYPE_INT16 = 0x02,
	TYPE_INT32 = 0x03,
	TYPE_OBJECT = 0x0D,
	TYPE_STRING8 = 0x1E,
	TYPE_UNICODE = 0x1F,
	TYPE_BINARY = 0x102,
	TYPE_MULTIPLE = 0x1000,
};

enum property_id {
	ID_CLASS = 0x001A,
	ID_BODY = 0x1000,
	ID_BODY_RTF = 0x1009,
	ID_BODY_HTML = 0x1013,
	ID_DATA = 0x3701,
	ID_SHORT_NAME = 0x3704,
	ID_METHOD = 0x3705,
	ID_LONG_NAME = 0x3707,
	ID_MIME_TAG = 0x370E,
	ID_CONTENT_ID = 0x3712,
	ID_LOCATION = 0x3713,
	ID_NAMED = 0x8000, /* and above: with a name behind the tag */
};

/* ---- fields ---- */

static uint32_t number(struct str s)
{
	uint32_t v = 0;

	for (size_t i = s.n; i > 0; i--)
		v = v << 8 | (uint8_t)s.p[i - 1];
	return v;
}

static void bad(struct tnef_reader *r, enum err e)
{
	if (!r->err)
		r->err = e;
}

static void expect(struct tnef_reader *r, uint64_t skip, size_t want, tnef_step *step)
{
	r->skip = skip;
	r->want = want;
	r->field_n = 0;
	r->step = step;
}

/* Asks for a field of the attribute. */
static void take(struct tnef_reader *r, size_t n, tnef_step *step)
{
	if (n > r->left) {
		bad(r, ERR_INVALID);
		return;
	}
	r->left -= n;
	expect(r, 0, n, step);
}

/* Passes over octets of the attribute. */
static void pass(struct tnef_reader *r, uint64_t n, tnef_step *step)
{
	if (n > r->left) {
		bad(r, ERR_INVALID);
		return;
	}
	r->left -= n;
	expect(r, n, 0, step);
}

static uint64_t padded(uint32_t n)
{
	return ((uint64_t)n + 3) / 4 * 4;
}

static struct tnef_file *file(struct tnef_reader *r)
{
	struct tnef_file *all = (struct tnef_file *)(void *)r->files.p;

	return &all[r->files.n / sizeof(*all) - 1];
}

/* ---- texts ---- */

static const struct charset *charset_of_codepage(uint32_t codepage)
{
	size_t n;
	const struct charset *table = charset_table(&n);

	for (size_t i = 0; codepage && i < n; i++)
		if (table[i].cpid == codepage)
			return &table[i];
	return NULL;
}

/* To the NUL that ends it, no more than MIME_ID_MAX octets, cut at a character. */
static struct str tidy(struct str s)
{
	size_t n = str_index(s, '\0');

	if (n > MIME_ID_MAX) {
		n = MIME_ID_MAX;
		while (n > 0 && ((uint8_t)s.p[n] & 0xC0) == 0x80)
			n--;
	}
	return str_slice(s, 0, n);
}

static void put_text(struct tnef_reader *r, unsigned type, struct str raw, struct str *ret)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(4 * TNEF_FIELD_MAX);
	struct str tidied;

	charset_convert(type == TYPE_UNICODE ? charset_find(S("utf-16le")) : charset_of_codepage(r->codepage), &text,
			raw);
	for (size_t i = 0; i < text.n; i++)
		if (((uint8_t)text.p[i] < ' ' && text.p[i]) || text.p[i] == '\x7f')
			text.p[i] = '_';
	tidied = tidy(buf_view(&text));
	if (tidied.n == 0 || r->texts_n + tidied.n > TNEF_TEXTS_MAX)
		return;
	r->texts_n += tidied.n;
	if (arena_str(r->arena, tidied, ret))
		bad(r, ERR_LIMIT);
}

/* ---- the end of an attribute ---- */

static tnef_step attribute;

static void checksum(struct tnef_reader *r, struct str field)
{
	if (number(field) != r->data_sum)
		bad(r, ERR_INVALID);
	expect(r, 0, HEADER_BYTES, attribute);
}

static void data_ends(struct tnef_reader *r, struct str field)
{
	(void)field;
	r->data_sum = r->sum;
	expect(r, 0, CHECKSUM_BYTES, checksum);
}

static void end(struct tnef_reader *r)
{
	pass(r, r->left, data_ends);
}

/* ---- properties (MS-OXTNEF 2.1.3.4) ---- */

static tnef_step next_property, next_value;

/* What of the property is wanted in memory: where its text goes, NULL for none. */
static struct str *text_of_property(struct tnef_reader *r)
{
	if (r->type != TYPE_STRING8 && r->type != TYPE_UNICODE)
		return NULL;
	if (!r->of_file)
		return r->id == ID_CLASS ? &r->message_class : NULL;
	switch (r->id) {
	case ID_LONG_NAME:
		return &file(r)->name;
	case ID_SHORT_NAME: /* the long one may have been there already */
		return file(r)->name.n ? NULL : &file(r)->name;
	case ID_MIME_TAG:
		return &file(r)->content_type;
	case ID_CONTENT_ID:
		return &file(r)->content_id;
	case ID_LOCATION:
		return &file(r)->location;
	default:
		return NULL;
	}
}

static void text_value(struct tnef_reader *r, struct str field)
{
	struct str *text = text_of_property(r);

	if (text)
		put_text(r, r->type, str_slice(field, 0, r->value_len), text);
	next_value(r, STR_EMPTY);
}

/* What a value is by its place alone; its octets are the next ones. */
static void note_value(struct tnef_reader *r)
{
	if (!r->of_file) {
		r->has_body |= r->value_len && (r->id == ID_BODY || r->id == ID_BODY_RTF || r->id == ID_BODY_HTML);
	} else if (r->id == ID_DATA && r->type == TYPE_BINARY) {
		file(r)->off = r->at;
		file(r)->len = r->value_len;
		file(r)->has_data = true;
	} else if (r->id == ID_DATA) {
		file(r)->is_object = true;
	}
}

static void value(struct tnef_reader *r, struct str field)
{
	uint64_t n;

	r->value_len = number(field);
	n = padded(r->value_len);
	note_value(r);
	if (text_of_property(r) && n <= TNEF_FIELD_MAX)
		take(r, (size_t)n, text_value);
	else
		pass(r, n, next_value);
}

static void next_value(struct tnef_reader *r, struct str field)
{
	(void)field;
	if (r->values_left == 0) {
		next_property(r, STR_EMPTY);
		return;
	}
	r->values_left--;
	take(r, 4, value);
}

static void values(struct tnef_reader *r, struct str field)
{
	r->values_left = number(field);
	next_value(r, STR_EMPTY);
}

static void method(struct tnef_reader *r, struct str field)
{
	file(r)->is_object |= number(field) != METHOD_BY_VALUE;
	next_property(r, STR_EMPTY);
}

/* Octets of a value in the stream; 0: of no type of a fixed length. */
static uint64_t fixed_size(unsigned type)
{
	static const unsigned char sizes[] = {
		[TYPE_INT16] = 4, [TYPE_INT32] = 4, [0x04] = 4, [0x05] = 8, [0x06] = 8,  [0x07] = 8,
		[0x0A] = 4,       [0x0B] = 4,       [0x14] = 8, [0x40] = 8, [0x48] = 16,
	};

	return type < countof(sizes) ? sizes[type] : 0;
}

/* Two octets each, padded each or in the end: the document and its writers differ, and nobody sends them. */
static void fixed_values(struct tnef_reader *r, struct str field)
{
	unsigned type = r->type & ~(unsigned)TYPE_MULTIPLE;

	if (type == TYPE_INT16)
		bad(r, ERR_INVALID);
	else
		pass(r, number(field) * fixed_size(type), next_property);
}

static void property_value(struct tnef_reader *r)
{
	unsigned type = r->type & ~(unsigned)TYPE_MULTIPLE;

	if (type == TYPE_OBJECT || type == TYPE_STRING8 || type == TYPE_UNICODE || type == TYPE_BINARY)
		take(r, 4, values);
	else if (!fixed_size(type))
		bad(r, ERR_INVALID);
	else if (r->type & TYPE_MULTIPLE)
		take(r, 4, fixed_values);
	else if (r->of_file && r->id == ID_METHOD)
		take(r, (size_t)fixed_size(type), method);
	else
		pass(r, fixed_size(type), next_property);
}

static void name_passed(struct tnef_reader *r, struct str field)
{
	(void)field;
	property_value(r);
}

static void name_length(struct tnef_reader *r, struct str field)
{
	pass(r, padded(number(field)), name_passed);
}

/* The set of the name, its kind; a number is as long as the length of a text. */
static void name(struct tnef_reader *r, struct str field)
{
	uint32_t kind = number(str_slice(field, GUID_BYTES, field.n));

	if (kind > 1)
		bad(r, ERR_INVALID);
	else if (kind == 1)
		take(r, 4, name_length);
	else
		pass(r, 4, name_passed);
}

static void property(struct tnef_reader *r, struct str field)
{
	r->type = (uint16_t)number(str_slice(field, 0, 2));
	r->id = (uint16_t)number(str_slice(field, 2, 4));
	if (r->id >= ID_NAMED)
		take(r, GUID_BYTES + 4, name);
	else
		property_value(r);
}

static void next_property(struct tnef_reader *r, struct str field)
{
	(void)field;
	if (r->props_left == 0) {
		end(r);
		return;
	}
	r->props_left--;
	take(r, 4, property);
}

static void properties(struct tnef_reader *r, struct str field)
{
	r->props_left = number(field);
	next_property(r, STR_EMPTY);
}

/* ---- attributes ---- */

static void read_properties(struct tnef_reader *r)
{
	take(r, 4, properties);
}

static void codepage(struct tnef_reader *r, struct str field)
{
	r->codepage = number(str_slice(field, 0, 4));
	end(r);
}

static void read_codepage(struct tnef_reader *r)
{
	take(r, CODEPAGE_BYTES, codepage);
}

static void message_class(struct tnef_reader *r, struct str field)
{
	put_text(r, TYPE_STRING8, field, &r->message_class);
	end(r);
}

static void read_class(struct tnef_reader *r)
{
	if (r->left <= TNEF_FIELD_MAX)
		take(r, (size_t)r->left, message_class);
	else
		end(r);
}

/* The NUL alone is no text. */
static void read_body(struct tnef_reader *r)
{
	r->has_body |= r->left > 1;
	end(r);
}

static void rendering(struct tnef_reader *r, struct str field)
{
	struct tnef_file new = { .is_object = number(str_slice(field, 0, 2)) != RENDER_FILE };

	buf_put(&r->files, &new, sizeof(new));
	if (buf_status(&r->files))
		bad(r, buf_status(&r->files));
	end(r);
}

static void read_rendering(struct tnef_reader *r)
{
	take(r, RENDER_BYTES, rendering);
}

static void title(struct tnef_reader *r, struct str field)
{
	if (file(r)->name.n == 0)
		put_text(r, TYPE_STRING8, field, &file(r)->name);
	end(r);
}

static void read_title(struct tnef_reader *r)
{
	if (r->left <= TNEF_FIELD_MAX)
		take(r, (size_t)r->left, title);
	else
		end(r);
}

static void read_data(struct tnef_reader *r)
{
	file(r)->off = r->at;
	file(r)->len = r->left;
	file(r)->has_data = true;
	end(r);
}

/* The attributes that matter here (MS-OXTNEF 2.1.3.3); attAttachRenddata is the first of each file. */
static const struct {
	uint32_t id;
	uint8_t level;
	void (*read)(struct tnef_reader *r);
} attributes[] = {
	{ 0x00069007, LEVEL_MESSAGE, read_codepage },   /* attOemCodepage */
	{ 0x00078008, LEVEL_MESSAGE, read_class },      /* attMessageClass */
	{ 0x0002800C, LEVEL_MESSAGE, read_body },       /* attBody */
	{ 0x00069003, LEVEL_MESSAGE, read_properties }, /* attMsgProps */
	{ 0x00069002, LEVEL_FILE, read_rendering },     /* attAttachRenddata */
	{ 0x00018010, LEVEL_FILE, read_title },         /* attAttachTitle */
	{ 0x0006800F, LEVEL_FILE, read_data },          /* attAttachData */
	{ 0x00069005, LEVEL_FILE, read_properties },    /* attAttachment */
};

static void attribute(struct tnef_reader *r, struct str field)
{
	uint8_t level = (uint8_t)field.p[0];
	uint32_t id = number(str_slice(field, 1, 5));

	r->left = number(str_slice(field, 5, 9));
	r->sum = 0;
	r->of_file = level == LEVEL_FILE;
	if (level != LEVEL_MESSAGE && level != LEVEL_FILE) {
		bad(r, ERR_INVALID);
		return;
	}
	for (size_t i = 0; i < countof(attributes); i++) {
		if (attributes[i].id != id || attributes[i].level != level)
			continue;
		if (r->of_file && attributes[i].read != read_rendering && r->files.n == 0)
			bad(r, ERR_INVALID);
		else
			attributes[i].read(r);
		return;
	}
	end(r);
}

static void signature(struct tnef_reader *r, struct str field)
{
	if (number(str_slice(field, 0, 4)) != SIGNATURE)
		bad(r, ERR_INVALID);
	expect(r, 0, HEADER_BYTES, attribute);
}

/* ---- the octets ---- */

void tnef_init(struct tnef_reader *r, struct arena *a)
{
	*r = (struct tnef_reader){ .arena = a, .files = BUF_INIT(TNEF_FILES_MAX * sizeof(struct tnef_file)) };
	expect(r, 0, SIGNATURE_BYTES, signature);
}

static size_t consume(struct tnef_reader *r, struct str octets)
{
	size_t n = r->want - r->field_n;

	if (r->skip) {
		n = octets.n < r->skip ? octets.n : (size_t)r->skip;
		r->skip -= n;
	} else {
		n = octets.n < n ? octets.n : n;
		memcpy(r->field + r->field_n, octets.p, n);
		r->field_n += n;
	}
	for (size_t i = 0; i < n; i++)
		r->sum = (uint16_t)(r->sum + (uint8_t)octets.p[i]);
	r->at += n;
	return n;
}

enum err tnef_put(struct tnef_reader *r, struct str octets)
{
	while (!r->err) {
		if (!r->skip && r->field_n == r->want)
			r->step(r, str_from(r->field, r->field_n));
		else if (octets.n)
			octets = str_slice(octets, consume(r, octets), octets.n);
		else
			break;
	}
	return r->err;
}

enum err tnef_finish(struct tnef_reader *r, struct tnef *ret)
{
	struct tnef t = { .files_n = r->files.n / sizeof(struct tnef_file),
			  .message_class = r->message_class,
			  .has_body = r->has_body };

	TRY(r->err);
	if (r->step != attribute || r->field_n)
		return ERR_INVALID;
	t.files = arena_array(r->arena, t.files_n, sizeof(*t.files));
	if (!t.files)
		return ERR_LIMIT;
	if (t.files_n)
		memcpy(t.files, r->files.p, r->files.n);
	*ret = t;
	return ERR_OK;
}

void tnef_release(struct tnef_reader *r)
{
	buf_release(&r->files);
}
