/* What a FETCH asks for. */
#include <gateway/imap/fetch.h>

#include <gateway/content/imap_shape.h>
#include <gateway/imap/limits.h>
#include <gateway/imap/session.h>

enum { LABEL_MAX = 16 * 1024 };

struct reader {
	struct imap_in *in;
	struct imap_fetch_args *args;
};

static struct imap_fetch_item *add(struct reader *r, enum imap_fetch_kind kind, const char *label)
{
	struct imap_fetch_item *item;

	if (r->args->n == IMAP_MAX_FETCH_ITEMS) {
		in_fail(r->in, "too many items");
		return &r->args->items[0];
	}
	item = &r->args->items[r->args->n++];
	*item = (struct imap_fetch_item){ .kind = kind, .label = str_of(label) };
	return item;
}

/* "1.2.3", up to what is no number; the dot behind it is taken, and then something must follow. */
static struct str part_number(struct imap_in *in, bool *ret_dot)
{
	size_t from = in->at, end = in->at;

	while (in_ok(in) && in_peek(in) >= '0' && in_peek(in) <= '9') {
		(void)in_nz_number(in);
		end = in->at;
		*ret_dot = in_try(in, '.');
		if (!*ret_dot)
			break;
	}
	return str_slice(in->text, from, end);
}

static void header_names(struct imap_in *in, struct imap_fetch_item *item)
{
	item->fields = arena_array(in->arena, IMAP_MAX_FETCH_ITEMS, sizeof(*item->fields));
	if (!item->fields) {
		in_fail(in, "too much to keep");
		return;
	}
	in_sp(in);
	in_open(in);
	do {
		struct str name = in_astring(in);

		if (item->fields_n == IMAP_MAX_FETCH_ITEMS)
			in_fail(in, "too many fields");
		else
			item->fields[item->fields_n++] = name;
	} while (in_more(in));
}

static void section_text(struct imap_in *in, struct imap_fetch_item *item)
{
	if (in_try_word(in, "HEADER.FIELDS.NOT")) {
		item->section = IMAP_FIELDS_NOT;
		header_names(in, item);
	} else if (in_try_word(in, "HEADER.FIELDS")) {
		item->section = IMAP_FIELDS;
		header_names(in, item);
	} else if (in_try_word(in, "HEADER")) {
		item->section = IMAP_HEADER;
	} else if (in_try_word(in, "TEXT")) {
		item->section = IMAP_TEXT;
	} else if (item->part.n && in_try_word(in, "MIME")) {
		item->section = IMAP_MIME;
	} else {
		in_fail(in, "no such section");
	}
}

static void partial(struct imap_in *in, struct imap_fetch_item *item)
{
	if (!in_try(in, '<'))
		return;
	item->partial = true;
	item->from = in_number(in);
	in_char(in, '.');
	item->count = in_number(in);
	in_char(in, '>');
	if (in_ok(in) && item->count == 0)
		in_fail(in, "a length from 1 on is missing");
}

/* As the client wrote it; but where it sent names as literals, in our own way: "{4+}" is not for servers to say. */
static void put_section(struct buf *b, const struct imap_fetch_item *item, struct str section)
{
	if (str_index(section, '{') == section.n) {
		buf_str(b, section);
		return;
	}
	buf_str(b, str_slice(section, 0, str_index(section, '(') + 1));
	for (size_t i = 0; i < item->fields_n; i++) {
		buf_cstr(b, i ? " " : "");
		imap_put_astring(b, item->fields[i]);
	}
	buf_cstr(b, ")]");
}

/* The section as it is written in the answer: without PEEK, and with where a partial one begins. */
static void make_label(struct imap_in *in, struct imap_fetch_item *item, const char *name, struct str section)
{
	struct buf b = BUF_INIT(LABEL_MAX);

	buf_cstr(&b, name);
	put_section(&b, item, section);
	if (item->partial)
		buf_fmt(&b, "<%llu>", (unsigned long long)item->from);
	if (in_ok(in) && (buf_status(&b) || arena_str(in->arena, buf_view(&b), &item->label)))
		in_fail(in, "a section is too long");
	buf_release(&b);
}

bool imap_fetch_is_kept(const struct imap_fetch_item *item)
{
	bool kept = item->kind == IMAP_FETCH_SECTION && item->section == IMAP_FIELDS && item->part.n == 0;

	for (size_t i = 0; kept && i < item->fields_n; i++)
		kept = imap_shape_has_field(item->fields[i]);
	return kept;
}

static void note_needs(struct imap_fetch_args *args, const struct imap_fetch_item *item)
{
	bool whole = item->kind == IMAP_FETCH_SECTION && item->section == IMAP_WHOLE && item->part.n == 0;

	args->octets |= whole;
	args->shapes |= imap_fetch_is_kept(item);
	args->opens |= !whole && !imap_fetch_is_kept(item);
	args->decodes |= item->kind != IMAP_FETCH_SECTION;
}

/* From '[' on. */
static void read_section(struct reader *r, enum imap_fetch_kind kind, const char *name)
{
	struct imap_in *in = r->in;
	struct imap_fetch_item *item = add(r, kind, "");
	size_t from = in->at;
	bool dot = false;

	in_char(in, '[');
	item->part = part_number(in, &dot);
	if (kind == IMAP_FETCH_SECTION && (dot || in_peek(in) != ']'))
		section_text(in, item);
	else if (dot)
		in_fail(in, "a number is missing");
	in_char(in, ']');
	if (in_ok(in)) {
		struct str section = str_slice(in->text, from, in->at);

		if (kind != IMAP_FETCH_BINARY_SIZE)
			partial(in, item);
		make_label(in, item, name, section);
	}
	note_needs(r->args, item);
}

static bool read_rfc822(struct reader *r)
{
	static const struct {
		const char *name;
		enum imap_section_kind section;
		bool peek;
	} forms[] = {
		{ "RFC822.HEADER", IMAP_HEADER, true },
		{ "RFC822.TEXT", IMAP_TEXT, false },
		{ "RFC822", IMAP_WHOLE, false },
	};

	for (size_t i = 0; i < countof(forms); i++) {
		if (!in_try_word(r->in, forms[i].name))
			continue;
		struct imap_fetch_item *item = add(r, IMAP_FETCH_SECTION, forms[i].name);

		item->section = forms[i].section;
		note_needs(r->args, item);
		r->args->sets_seen = r->args->sets_seen || !forms[i].peek;
		return true;
	}
	return false;
}

static bool read_body(struct reader *r)
{
	if (in_try_word(r->in, "BODY.PEEK")) {
		read_section(r, IMAP_FETCH_SECTION, "BODY");
	} else if (in_try_word(r->in, "BINARY.PEEK")) {
		read_section(r, IMAP_FETCH_BINARY, "BINARY");
	} else if (in_try_word(r->in, "BINARY.SIZE")) {
		read_section(r, IMAP_FETCH_BINARY_SIZE, "BINARY.SIZE");
	} else if (in_try_word(r->in, "BINARY")) {
		r->args->sets_seen = true;
		read_section(r, IMAP_FETCH_BINARY, "BINARY");
	} else if (in_try_word(r->in, "BODY")) {
		if (in_peek(r->in) == '[') {
			r->args->sets_seen = true;
			read_section(r, IMAP_FETCH_SECTION, "BODY");
		} else {
			add(r, IMAP_FETCH_STRUCTURE_PLAIN, "BODY");
			r->args->opens = true;
		}
	} else {
		return false;
	}
	return true;
}

static void read_preview(struct reader *r)
{
	add(r, IMAP_FETCH_PREVIEW, "PREVIEW");
	r->args->opens = true;
	if (r->in->at + 1 < r->in->text.n && in_peek(r->in) == ' ' && r->in->text.p[r->in->at + 1] == '(') {
		in_sp(r->in);
		in_open(r->in);
		if (!in_try_word(r->in, "LAZY"))
			in_fail(r->in, "no such modifier");
		in_close(r->in);
	}
}

static void read_item(struct reader *r)
{
	static const struct {
		const char *name;
		enum imap_fetch_kind kind;
		bool shapes;
	} simple[] = {
		{ "UID", IMAP_FETCH_UID, false },           { "FLAGS", IMAP_FETCH_FLAGS, false },
		{ "INTERNALDATE", IMAP_FETCH_DATE, false }, { "RFC822.SIZE", IMAP_FETCH_SIZE, false },
		{ "SAVEDATE", IMAP_FETCH_SAVED, false },    { "MODSEQ", IMAP_FETCH_MODSEQ, false },
		{ "EMAILID", IMAP_FETCH_EMAILID, false },   { "THREADID", IMAP_FETCH_THREADID, false },
		{ "ENVELOPE", IMAP_FETCH_ENVELOPE, true },  { "BODYSTRUCTURE", IMAP_FETCH_STRUCTURE, true },
	};

	for (size_t i = 0; i < countof(simple); i++) {
		if (!in_try_word(r->in, simple[i].name))
			continue;
		add(r, simple[i].kind, simple[i].name);
		r->args->shapes = r->args->shapes || simple[i].shapes;
		r->args->modseq = r->args->modseq || simple[i].kind == IMAP_FETCH_MODSEQ;
		return;
	}
	if (in_try_word(r->in, "PREVIEW"))
		read_preview(r);
	else if (!read_rfc822(r) && !read_body(r))
		in_fail(r->in, "no such item");
}

static bool read_macro(struct reader *r)
{
	static const struct {
		const char *name;
		unsigned n;
	} macros[] = { { "FAST", 3 }, { "ALL", 4 }, { "FULL", 5 } };
	static const struct {
		enum imap_fetch_kind kind;
		const char *label;
	} items[] = { { IMAP_FETCH_FLAGS, "FLAGS" },
		      { IMAP_FETCH_DATE, "INTERNALDATE" },
		      { IMAP_FETCH_SIZE, "RFC822.SIZE" },
		      { IMAP_FETCH_ENVELOPE, "ENVELOPE" },
		      { IMAP_FETCH_STRUCTURE_PLAIN, "BODY" } };

	for (size_t i = 0; i < countof(macros); i++) {
		if (!in_try_word(r->in, macros[i].name))
			continue;
		for (unsigned k = 0; k < macros[i].n; k++)
			add(r, items[k].kind, items[k].label);
		r->args->shapes = macros[i].n > 3;
		r->args->opens = macros[i].n > 4;
		return true;
	}
	return false;
}

static int64_t signed_number(struct imap_in *in)
{
	bool minus = in_try(in, '-');
	int64_t n = in_nz_number(in);

	return minus ? -n : n;
}

static void read_modifier(struct reader *r)
{
	struct imap_in *in = r->in;

	if (in_try_word(in, "CHANGEDSINCE")) {
		in_sp(in);
		r->args->changed_since = in_number(in);
		r->args->modseq = true;
	} else if (in_try_word(in, "VANISHED")) {
		r->args->vanished = true;
	} else if (in_try_word(in, "PARTIAL")) {
		in_sp(in);
		r->args->paged = true;
		r->args->page_from = signed_number(in);
		in_char(in, ':');
		r->args->page_to = signed_number(in);
		if (in_ok(in) && (r->args->page_from < 0) != (r->args->page_to < 0))
			in_fail(in, "a page has both ends on one side");
	} else {
		in_fail(in, "no such modifier");
	}
}

static void read_items(struct reader *r)
{
	if (in_try_open(r->in)) {
		do
			read_item(r);
		while (in_more(r->in));
	} else if (!read_macro(r)) {
		read_item(r);
	}
	if (!in_ok(r->in) || !in_try(r->in, ' '))
		return;
	in_open(r->in);
	do
		read_modifier(r);
	while (in_more(r->in));
}

static struct imap_fetch_args *args_new(struct imap_in *in)
{
	struct imap_fetch_args *args = arena_new(in->arena, struct imap_fetch_args);

	if (args)
		args->items = arena_array(in->arena, IMAP_MAX_FETCH_ITEMS, sizeof(*args->items));
	if (args && args->items)
		return args;
	in_fail(in, "too much to keep");
	return NULL;
}

void in_skip_fetch_items(struct imap_in *in)
{
	struct reader r = { in, args_new(in) };

	if (!r.args)
		return;
	in_open(in);
	do
		read_item(&r);
	while (in_more(in));
}

struct imap_fetch_args *in_fetch(struct imap_in *in)
{
	struct reader r = { in, args_new(in) };

	if (!r.args)
		return NULL;
	in_sp(in);
	r.args->set = in_set(in);
	in_sp(in);
	read_items(&r);
	return r.args;
}
