#include <gateway/imap/sort.h>

#include <base/mem.h>
#include <gateway/content/header.h>

#include <stdlib.h>

static const char *const names[] = {
	[IMAP_SORT_ARRIVAL] = "ARRIVAL",
	[IMAP_SORT_CC] = "CC",
	[IMAP_SORT_DATE] = "DATE",
	[IMAP_SORT_FROM] = "FROM",
	[IMAP_SORT_SIZE] = "SIZE",
	[IMAP_SORT_SUBJECT] = "SUBJECT",
	[IMAP_SORT_TO] = "TO",
	[IMAP_SORT_DISPLAYFROM] = "DISPLAYFROM",
	[IMAP_SORT_DISPLAYTO] = "DISPLAYTO",
};
_Static_assert(countof(names) == IMAP_SORT_KEY_MAX_, "a name for each key");

static void read_key(struct imap_in *in, struct imap_sort *sort)
{
	bool reverse = in_try_word(in, "REVERSE");

	if (reverse)
		in_sp(in);
	if (sort->n == IMAP_SORT_KEYS_MAX) {
		in_fail(in, "too many keys");
		return;
	}
	for (size_t i = 0; i < countof(names); i++) {
		if (!in_try_word(in, names[i]))
			continue;
		sort->keys[sort->n].key = (enum imap_sort_key)i;
		sort->keys[sort->n++].reverse = reverse;
		sort->opens |= i != IMAP_SORT_ARRIVAL && i != IMAP_SORT_SIZE;
		return;
	}
	in_fail(in, "no such key to sort by");
}

void in_sort_program(struct imap_in *in, struct imap_sort *ret)
{
	in_open(in);
	do
		read_key(in, ret);
	while (in_ok(in) && in_more(in));
}

/* ---- the base subject ---- */

/* subj-trailer: "(fwd)" and blanks. */
static struct str cut_trailer(struct str s, bool *reply)
{
	static const struct str fwd = STR_INIT("(fwd)");

	for (;;) {
		s = str_trim(s);
		if (s.n < fwd.n || !str_ieq(str_slice(s, s.n - fwd.n, s.n), fwd))
			return s;
		*reply = true;
		s.n -= fwd.n;
	}
}

/* Length of a subj-blob: "[…]" without brackets in it, and the blanks behind it; 0: none. */
static size_t blob_length(struct str s)
{
	size_t end = str_index(s, ']');

	if (!str_starts(s, S("[")) || end == s.n || str_index(str_slice(s, 1, end), '[') < end - 1)
		return 0;
	for (end++; end < s.n && (s.p[end] == ' ' || s.p[end] == '\t');)
		end++;
	return end;
}

static size_t blanks(struct str s)
{
	size_t n = 0;

	while (n < s.n && (s.p[n] == ' ' || s.p[n] == '\t'))
		n++;
	return n;
}

/* Length of a subj-refwd: "Re:", "Fw [2]:" …; 0: none. */
static size_t refwd_length(struct str s)
{
	static const struct str words[] = { STR_INIT("fwd"), STR_INIT("fw"), STR_INIT("re") };

	for (size_t i = 0; i < countof(words); i++) {
		size_t at = words[i].n;

		if (!str_istarts(s, words[i]))
			continue;
		at += blanks(str_slice(s, at, s.n));
		at += blob_length(str_slice(s, at, s.n));
		if (at < s.n && s.p[at] == ':')
			return at + 1;
	}
	return 0;
}

/* subj-leader: blobs and then a mark. */
static size_t leader_length(struct str s)
{
	size_t at = 0, n;

	while ((n = blob_length(str_slice(s, at, s.n))) > 0)
		at += n;
	n = refwd_length(str_slice(s, at, s.n));
	return n ? at + n : 0;
}

struct str imap_base_subject(struct str subject, bool *ret_reply)
{
	bool reply = false;
	struct str s = cut_trailer(subject, &reply);

	for (;;) {
		size_t n = leader_length(s);

		reply = reply || n;
		if (!n && blob_length(s) < s.n)
			n = blob_length(s);
		if (n) {
			s = str_trim(str_slice(s, n, s.n));
			continue;
		}
		if (!str_istarts(s, S("[fwd:")) || !str_ends(s, S("]")))
			break;
		reply = true;
		s = cut_trailer(str_slice(s, sizeof("[fwd:") - 1, s.n - 1), &reply);
	}
	if (ret_reply)
		*ret_reply = reply;
	return s;
}

/* ---- a mail's octets ---- */

static void put_number(struct buf *out, uint64_t n)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		buf_char(out, (char)(n >> shift & 0xff));
}

/* No text holds a NUL: it ends one, and is before all that could follow. */
static void put_text(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i])
			buf_char(out, ascii_lower(text.p[i]));
	buf_char(out, '\0');
}

static bool first_address(struct arena *a, struct str list, struct header_address *ret)
{
	struct header_address *all;
	size_t n;

	if (header_addresses(a, list, &all, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (all[i].local.n || all[i].group.n) {
			*ret = all[i];
			return true;
		}
	return false;
}

/* RFC 5256 3: the mailbox of the first address, which of a group is its name. */
static void put_mailbox(struct buf *out, struct arena *a, struct str list)
{
	struct header_address first;

	put_text(out, !first_address(a, list, &first) ? STR_EMPTY : first.local.n ? first.local : first.group);
}

/* RFC 5957 3: its display name, or else local@domain. */
static void put_display(struct buf *out, struct arena *a, struct str list)
{
	struct buf address = BUF_INIT(2 * HEADER_ADDRESS_TEXT_MAX + 1);
	struct header_address first = { 0 };

	if (first_address(a, list, &first) && first.name.n == 0) {
		buf_str(&address, first.local);
		if (first.domain.n) {
			buf_char(&address, '@');
			buf_str(&address, first.domain);
		}
		first.name = buf_view(&address);
	}
	put_text(out, first.name);
	buf_release(&address);
}

int64_t imap_sort_date(const struct item *item, const struct mail_summary *s)
{
	return s->flags & MAIL_HAS_DATE ? s->date_ms : item->received_ms;
}

static void put_key(enum imap_sort_key key, struct arena *a, const struct item *item, const struct mail_summary *s,
		    struct buf *out)
{
	switch (key) {
	case IMAP_SORT_ARRIVAL:
		put_number(out, (uint64_t)item->received_ms);
		break;
	case IMAP_SORT_SIZE:
		put_number(out, item->size);
		break;
	case IMAP_SORT_DATE:
		put_number(out, (uint64_t)imap_sort_date(item, s) ^ UINT64_C(1) << 63); /* before 1970 comes first */
		break;
	case IMAP_SORT_SUBJECT:
		put_text(out, imap_base_subject(s->subject, NULL));
		break;
	case IMAP_SORT_FROM:
		put_mailbox(out, a, s->from);
		break;
	case IMAP_SORT_TO:
		put_mailbox(out, a, s->to);
		break;
	case IMAP_SORT_CC:
		put_mailbox(out, a, s->cc);
		break;
	case IMAP_SORT_DISPLAYFROM:
		put_display(out, a, s->from);
		break;
	case IMAP_SORT_DISPLAYTO:
		put_display(out, a, s->to);
		break;
	case IMAP_SORT_KEY_MAX_:
		break;
	}
}

void imap_sort_put(const struct imap_sort *sort, struct arena *a, const struct item *item,
		   const struct mail_summary *summary, struct buf *out)
{
	static const struct mail_summary none = { 0 };

	for (size_t i = 0; i < sort->n; i++) {
		size_t from = out->n;

		put_key(sort->keys[i].key, a, item, summary ? summary : &none, out);
		for (size_t at = from; sort->keys[i].reverse && at < out->n; at++)
			out->p[at] = (char)~out->p[at];
	}
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_char(out, (char)(item->uid >> shift & 0xff));
}

/* ---- order ---- */

struct row {
	struct str key;
	uint32_t uid;
};

static int compare(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return str_cmp(x->key, y->key);
}

void imap_sort_order(uint32_t *uids, size_t n, struct str keys)
{
	struct row *rows = mem_array(n ? n : 1, sizeof(*rows));

	for (size_t i = 0; i < n; i++) {
		uint32_t length;

		memcpy(&length, keys.p, sizeof(length));
		rows[i] = (struct row){ str_slice(keys, sizeof(length), sizeof(length) + length), uids[i] };
		keys = str_slice(keys, sizeof(length) + length, keys.n);
	}
	qsort(rows, n, sizeof(*rows), compare);
	for (size_t i = 0; i < n; i++)
		uids[i] = rows[i].uid;
	free(rows);
}
