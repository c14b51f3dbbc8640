/* Files of contacts, tasks and notes: each card or to-do an item of its folder; one whose UID is there already is left as it is. */
#include <tools/roostctl/import.h>

#include <base/table.h>
#include <gateway/content/contact.h>
#include <gateway/content/todo.h>
#include <gateway/mailbox/entry.h>

#include <time.h>

enum { ENTRIES_A_TRANSACTION = 200, LISTED_AT_ONCE = 500 };

struct entries {
	struct import *im;
	const char *path;
	enum folder_class class;
	enum folder_role role;
	int64_t folder;
	struct arena scratch; /* of one entry */
	struct table *uids;   /* of what the folder has: the run's */
	struct store_tx *tx;  /* the open one; NULL: none */
	unsigned in_tx;
};

/* What tells an entry from the others: its UID; without one all of it. */
static struct str name_of(struct str octets)
{
	size_t at = str_ifind(octets, S("\nUID"));
	struct str line = str_slice(octets, at + 1, octets.n);

	line = str_slice(line, 0, str_index(line, '\n'));
	return str_index(line, ':') < line.n ? str_trim(str_slice(line, str_index(line, ':') + 1, line.n)) : octets;
}

static enum err note_uids(struct entries *es)
{
	CLEANUP(arena_release) struct arena list = ARENA_INIT(CTL_ARENA_MAX);
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct item *items;
	size_t n = LISTED_AT_ONCE;

	TRY(store_begin(es->im->ctl->store, es->im->mailbox, STORE_READ, &tx));
	for (uint32_t after = 0; n == LISTED_AT_ONCE;) {
		arena_reset(&list);
		TRY(item_list(&list, tx, es->folder, after, LISTED_AT_ONCE, &items, &n));
		for (size_t i = 0; i < n; i++) {
			struct str octets;

			after = items[i].uid;
			arena_reset(&es->scratch);
			if (!entry_read(&es->scratch, tx, &items[i], &octets))
				(void)table_set(es->uids, name_of(octets), es);
		}
	}
	return ERR_OK;
}

static enum err commit(struct entries *es)
{
	es->in_tx = 0;
	return es->tx ? store_commit(&es->tx) : ERR_OK;
}

static enum err add_entry(struct entries *es, struct str octets, int64_t key)
{
	const struct entry entry = { .folder = es->folder,
				     .octets = octets,
				     .key = key,
				     .now_ms = (int64_t)time(NULL) * 1000,
				     .by = AUTHOR_NOBODY };
	struct item made;

	if (table_get(es->uids, name_of(octets))) {
		es->im->entries_known++;
		return ERR_OK;
	}
	if (!es->tx)
		TRY(store_begin(es->im->ctl->store, es->im->mailbox, STORE_WRITE, &es->tx));
	TRY(entry_add(es->tx, &entry, &made));
	(void)table_set(es->uids, name_of(octets), es);
	es->im->entries++;
	return ++es->in_tx == ENTRIES_A_TRANSACTION ? commit(es) : ERR_OK;
}

static enum err begin(struct entries *es)
{
	es->scratch = ARENA_INIT(CTL_ARENA_MAX);
	TRY(import_entries_folder(es->im, es->class, es->role, &es->folder));
	for (size_t i = 0; i < countof(es->im->known) && !es->uids; i++) {
		struct import_known *k = &es->im->known[i];

		if (k->uids && k->folder != es->folder)
			continue;
		es->uids = k->uids;
		if (es->uids)
			return ERR_OK;
		k->folder = es->folder;
		es->uids = k->uids = table_new();
	}
	return note_uids(es);
}

static void end(struct entries *es, enum err e)
{
	if (!e)
		e = commit(es);
	if (e)
		es->im->failed = e;
	store_tx_end(&es->tx);
	arena_release(&es->scratch);
}

/* ---- contacts ---- */

static enum err add_card(struct entries *es, struct str text)
{
	CLEANUP(buf_release) struct buf octets = BUF_INIT(ENTRY_MAX_BYTES);
	struct vcard card;
	enum err e;

	arena_reset(&es->scratch);
	e = vcard_parse(&es->scratch, text, &card);
	if (!e) {
		vcard_write(&octets, &card); /* so that an older one is stored as 3.0 */
		e = buf_status(&octets);
	}
	if (e == ERR_INVALID || e == ERR_LIMIT) {
		import_bad(es->im, es->path, "a card %s", e == ERR_LIMIT ? "is too large" : "begins and does not end");
		return ERR_OK;
	}
	TRY(e);
	return add_entry(es, buf_view(&octets), ITEM_KEY_ALWAYS);
}

static enum err split(struct entries *es, struct vcard_splitter *s, struct str piece)
{
	size_t used;

	for (; piece.n; piece = str_slice(piece, used, piece.n)) {
		enum vcard_split got = vcard_split(s, piece, &used);

		if (got == VCARD_BAD)
			import_bad(es->im, es->path, "a card is too large");
		if (got == VCARD_DONE)
			TRY(add_card(es, buf_view(&s->card)));
	}
	return ERR_OK;
}

static enum err add_cards(struct entries *es, int fd, struct str first)
{
	CLEANUP(vcard_split_release) struct vcard_splitter s;
	char chunk[IMPORT_CHUNK];
	ssize_t n;

	vcard_split_init(&s);
	TRY(begin(es));
	TRY(split(es, &s, first));
	while (import_goes_on(es->im) && (n = import_read(es->im, es->path, fd, chunk)) > 0)
		TRY(split(es, &s, str_from(chunk, (size_t)n)));
	TRY(split(es, &s, S("\n"))); /* the last line may have no end */
	if (vcard_split_open(&s) && import_goes_on(es->im))
		import_bad(es->im, es->path, "the last card is cut off");
	return ERR_OK;
}

void import_cards(struct import *im, const char *path, int fd, struct str first)
{
	struct entries es = { .im = im, .path = path, .class = FOLDER_CONTACTS, .role = FOLDER_DEFAULT_CONTACTS };

	end(&es, add_cards(&es, fd, first));
}

/* ---- tasks and notes ---- */

static enum err add_todo(struct entries *es, enum todo_kind kind, struct str octets)
{
	struct todo t;
	enum err e;

	arena_reset(&es->scratch);
	e = todo_read(&es->scratch, octets, kind, &t);
	if (e == ERR_INVALID || e == ERR_LIMIT) {
		import_bad(es->im, es->path, "a task or note can't be read");
		return ERR_OK;
	}
	TRY(e);
	return add_entry(es, octets, todo_key(&t));
}

static enum err add_todos(struct entries *es, enum todo_kind kind, const struct str *list, size_t n)
{
	TRY(begin(es));
	for (size_t i = 0; i < n && import_goes_on(es->im); i++)
		TRY(add_todo(es, kind, list[i]));
	return ERR_OK;
}

size_t import_todos(struct import *im, const char *path, struct arena *a, struct str text)
{
	static const struct {
		struct str part;
		enum todo_kind kind;
		enum folder_class class;
		enum folder_role role;
	} kinds[] = {
		{ STR_INIT("VTODO"), TODO_TASK, FOLDER_TASKS, FOLDER_DEFAULT_TASKS },
		{ STR_INIT("VJOURNAL"), TODO_NOTE, FOLDER_NOTES, FOLDER_DEFAULT_NOTES },
	};
	size_t found = 0;

	for (size_t i = 0; i < countof(kinds) && import_goes_on(im); i++) {
		struct entries es = { .im = im, .path = path, .class = kinds[i].class, .role = kinds[i].role };
		struct str *list;
		size_t n;

		if (cal_split(a, text, kinds[i].part, &list, &n) || n == 0)
			continue;
		found += n;
		end(&es, add_todos(&es, kinds[i].kind, list, n));
	}
	return found;
}
