/*
 * However a stream is cut, it holds the same cards; and a card that is read and written is read again as the same, and
 * stays what it is when it is written once more.
 */
#include <gateway/content/contact.h>

#include <stdlib.h>

enum { STEP_PRIME = 13, ARENA_BYTES = 256 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void split_all(struct str in, size_t step, struct buf *out)
{
	struct vcard_splitter s;

	vcard_split_init(&s);
	while (in.n) {
		struct str piece = str_slice(in, 0, step);
		size_t used;

		if (vcard_split(&s, piece, &used) == VCARD_DONE)
			buf_fmt(out, "<" STR_FMT ">", STR_ARG(buf_view(&s.card)));
		in = str_slice(in, used, in.n);
	}
	buf_char(out, vcard_split_open(&s) ? '+' : '.');
	vcard_split_release(&s);
}

static void check_cuts(struct str in)
{
	static const size_t steps[] = { 1, STEP_PRIME };
	CLEANUP(buf_release) struct buf whole = BUF_INIT(SIZE_MAX);

	split_all(in, SIZE_MAX, &whole);
	for (size_t i = 0; i < countof(steps); i++) {
		CLEANUP(buf_release) struct buf cut = BUF_INIT(SIZE_MAX);

		split_all(in, steps[i], &cut);
		if (!str_eq(buf_view(&whole), buf_view(&cut)))
			abort();
	}
}

static bool same(const struct contact *a, const struct contact *b)
{
	for (size_t i = 0; i < CONTACT_FIELD_MAX_; i++)
		if (!str_eq(a->field[i], b->field[i]))
			return false;
	return true;
}

static enum err read_one(struct arena *a, struct str text, struct buf *again, struct contact *ret)
{
	struct vcard card;

	TRY(vcard_parse(a, text, &card));
	TRY(contact_read(a, &card, ret));
	vcard_write(again, &card);
	return buf_status(again);
}

static void check_again(struct str in)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	CLEANUP(buf_release) struct buf once = BUF_INIT(SIZE_MAX), twice = BUF_INIT(SIZE_MAX);
	struct contact first, second;

	if (read_one(&a, in, &once, &first) != ERR_OK)
		return;
	if (read_one(&a, buf_view(&once), &twice, &second) != ERR_OK || !same(&first, &second))
		abort();
	if (!str_eq(buf_view(&once), buf_view(&twice)))
		abort();
}

/* What is read of a card and set in an empty one is read there. */
static void check_set(struct str in)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	struct contact_edit edit = { 0 };
	struct contact is;
	struct vcard card;

	if (vcard_parse(&a, in, &card) != ERR_OK || contact_read(&a, &card, &edit.to) != ERR_OK)
		return;
	for (size_t i = 0; i < CONTACT_FIELD_MAX_; i++)
		edit.has[i] = true;
	if (vcard_init(&a, &card) != ERR_OK || contact_apply(&card, &edit) != ERR_OK)
		return;
	if (contact_read(&a, &card, &is) != ERR_OK)
		abort();
	for (size_t i = 0; i < CONTACT_FIELD_MAX_; i++)
		if (edit.to.field[i].n && is.field[i].n == 0)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = str_from(data, size);

	check_cuts(in);
	check_again(in);
	check_set(in);
	return 0;
}
