/* ENVELOPE. */
#include <gateway/content/imap_shape.h>

#include <gateway/content/header.h>

enum { DATE, SUBJECT, FROM, SENDER, REPLY_TO, TO, CC, BCC, IN_REPLY_TO, MESSAGE_ID, FIELDS };

static const struct {
	struct str name;
	bool addresses;
} fields[FIELDS] = {
	[DATE] = { STR_INIT("Date"), false },
	[SUBJECT] = { STR_INIT("Subject"), false },
	[FROM] = { STR_INIT("From"), true },
	[SENDER] = { STR_INIT("Sender"), true },
	[REPLY_TO] = { STR_INIT("Reply-To"), true },
	[TO] = { STR_INIT("To"), true },
	[CC] = { STR_INIT("Cc"), true },
	[BCC] = { STR_INIT("Bcc"), true },
	[IN_REPLY_TO] = { STR_INIT("In-Reply-To"), false },
	[MESSAGE_ID] = { STR_INIT("Message-ID"), false },
};

/* The first field of each name; .p NULL where there is none. */
static void find_fields(struct str header, struct str raw[FIELDS])
{
	struct header_field h;

	while (header_next(&header, &h))
		for (size_t i = 0; i < FIELDS; i++)
			if (!raw[i].p && str_ieq(h.name, fields[i].name))
				raw[i] = h.raw.p ? h.raw : S("");
}

static enum err put_text(struct buf *b, struct str raw)
{
	struct buf text = BUF_INIT(IMAP_SHAPE_HEADER_MAX);
	enum err e;

	if (!raw.p) {
		buf_cstr(b, "NIL");
		return ERR_OK;
	}
	header_unfold(&text, raw);
	e = buf_status(&text);
	if (!e)
		imap_string_put(b, text.n ? str_slice(buf_view(&text), 0, IMAP_SHAPE_FIELD_MAX) : S(""));
	buf_release(&text);
	return e;
}

static struct str or_nil(struct str s)
{
	return s.n ? s : STR_EMPTY;
}

static void put_quad(struct buf *b, struct str name, struct str local, struct str domain)
{
	buf_char(b, '(');
	imap_string_put(b, name);
	buf_cstr(b, " NIL ");
	imap_string_put(b, local);
	buf_char(b, ' ');
	imap_string_put(b, domain);
	buf_char(b, ')');
}

/* Between groups: the markers of RFC 9051 7.5.2, (NIL NIL "name" NIL) and (NIL NIL NIL NIL). */
static void change_group(struct buf *b, struct str *open, struct str group)
{
	if (open->p == group.p && open->n == group.n)
		return;
	if (open->n)
		put_quad(b, STR_EMPTY, STR_EMPTY, STR_EMPTY);
	if (group.n)
		put_quad(b, STR_EMPTY, group, STR_EMPTY);
	*open = group;
}

static void put_address(struct buf *b, const struct header_address *addr)
{
	if (!addr->name.n && !addr->local.n && !addr->domain.n)
		return; /* an empty group: its markers say it */
	put_quad(b, or_nil(addr->name), addr->local.p ? addr->local : S(""),
		 addr->domain.n ? addr->domain : S("MISSING_DOMAIN"));
}

static enum err put_addresses(struct arena *a, struct buf *b, struct str raw)
{
	struct header_address *list;
	struct str group = STR_EMPTY;
	size_t n;

	TRY(header_addresses_raw(a, raw, &list, &n));
	if (n == 0) {
		buf_cstr(b, "NIL");
		return ERR_OK;
	}
	if (n > IMAP_SHAPE_ADDRESSES_MAX)
		n = IMAP_SHAPE_ADDRESSES_MAX;
	buf_char(b, '(');
	for (size_t i = 0; i < n; i++) {
		change_group(b, &group, list[i].group);
		put_address(b, &list[i]);
	}
	change_group(b, &group, STR_EMPTY);
	buf_char(b, ')');
	return ERR_OK;
}

enum err imap_envelope_put(struct arena *a, struct buf *b, struct str header)
{
	struct str raw[FIELDS] = { 0 };

	find_fields(header, raw);
	/* RFC 9051: where there is none, or an empty one, From's. */
	if (!str_trim(raw[SENDER]).n)
		raw[SENDER] = raw[FROM];
	if (!str_trim(raw[REPLY_TO]).n)
		raw[REPLY_TO] = raw[FROM];
	for (size_t i = 0; i < FIELDS; i++) {
		buf_char(b, i ? ' ' : '(');
		TRY(fields[i].addresses ? put_addresses(a, b, raw[i]) : put_text(b, raw[i]));
	}
	buf_char(b, ')');
	return buf_status(b);
}
