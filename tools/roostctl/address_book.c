/* roostctl account show, account set: what the address book tells of an account. */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/listing.h>
#include <tools/roostctl/runs.h>

#include <store/address_book.h>

#include <errno.h>
#include <stdio.h>

/* Fields of the book, and two things that are kept elsewhere. */
enum { FIELD_NAME = BOOK_FIELD_MAX_, FIELD_PICTURE };

/* ---- show ---- */

struct shown {
	struct book_entry entry;
	struct str picture;
};

static enum err read_entry(struct ctl *c, int64_t account, struct shown *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	enum err e;

	*ret = (struct shown){ 0 };
	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(book_get(&c->arena, tx, account, &ret->entry));
	e = book_picture_get(&c->arena, tx, account, &ret->picture);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum status account_run_show(struct ctl *c, const struct args *args)
{
	struct column columns[3 + BOOK_FIELD_MAX_] = { { "address", "address", 0 }, { "name", "name", 0 } };
	struct account account;
	struct shown shown;
	struct listing l;
	enum err e;

	if (ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	e = read_entry(c, account.id, &shown);
	if (e)
		return ctl_fail(e, "%s", args->word[0]);
	for (size_t i = 0; i < BOOK_FIELD_MAX_; i++) {
		const char *name = book_field_name((enum book_field)i);

		columns[2 + i] = (struct column){ name, name, 0 };
	}
	columns[2 + BOOK_FIELD_MAX_] = (struct column){ "picture-bytes", "picture-bytes", 0 };
	listing_begin(&l, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_BLOCKS));
	listing_text(&l, account.address);
	listing_text(&l, account.name);
	for (size_t i = 0; i < BOOK_FIELD_MAX_; i++)
		listing_text(&l, shown.entry.field[i]);
	listing_number(&l, shown.picture.n);
	listing_end(&l);
	return ctl_flush();
}

/* ---- set ---- */

static bool read_field(const char *word, int *ret)
{
	struct str name = str_of(word);
	enum book_field field;

	if (str_eq(name, S("name"))) {
		*ret = FIELD_NAME;
	} else if (str_eq(name, S("picture"))) {
		*ret = FIELD_PICTURE;
	} else if (!book_field_parse(name, &field)) {
		*ret = (int)field;
	} else {
		ctl_say("%s: no field of the address book; see roostctl --help", word);
		return false;
	}
	return true;
}

static bool read_file(const char *path, struct buf *b)
{
	FILE *f = fopen(path, "rb");
	char piece[4096];
	size_t n;
	bool ok;

	if (!f) {
		ctl_say("%s: %s", path, strerror(errno));
		return false;
	}
	/* One octet too many is enough to be refused by. */
	while (b->n <= BOOK_PICTURE_MAX && (n = fread(piece, 1, sizeof(piece), f)))
		buf_put(b, piece, n);
	ok = !ferror(f) && !buf_status(b);
	fclose(f);
	if (!ok)
		ctl_say("%s: cannot be read", path);
	return ok;
}

/* The value is a word, or what a file has; a picture is no word. */
static enum status read_value(const struct args *args, int field, struct buf *b)
{
	const char *path = args->option[OPTION_FILE], *word = args->words_n > 2 ? args->word[2] : NULL;

	if (!path == !word) {
		ctl_say("expected a value or --file, one of them");
		return STATUS_MISUSED;
	}
	if (field == FIELD_PICTURE && word && *word) {
		ctl_say("a picture is given with --file; an empty value takes it away");
		return STATUS_MISUSED;
	}
	if (word)
		buf_cstr(b, word);
	else if (!read_file(path, b))
		return STATUS_FAILED;
	return STATUS_DONE;
}

static enum err set(struct ctl *c, int64_t account, int field, struct str value)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	if (field == FIELD_PICTURE)
		TRY(book_picture_set(tx, account, value));
	else if (field == FIELD_NAME)
		TRY(account_set_name(tx, account, str_trim(value)));
	else
		TRY(book_set(tx, account, (enum book_field)field, str_trim(value)));
	return store_commit(&tx);
}

static enum status explain(enum err e, const char *name, bool picture)
{
	if (e == ERR_LIMIT && picture)
		ctl_say("%s: larger than %d bytes", name, BOOK_PICTURE_MAX);
	else if (e == ERR_LIMIT)
		ctl_say("%s: longer than %d bytes", name, BOOK_VALUE_MAX);
	else if (e == ERR_INVALID)
		ctl_say("%s: %s", name, picture ? "no JPEG, PNG or GIF" : "not one line of UTF-8");
	else
		return ctl_fail(e, "%s", name);
	return STATUS_FAILED;
}

enum status account_run_set(struct ctl *c, const struct args *args)
{
	CLEANUP(buf_release) struct buf value = BUF_INIT(1024 * 1024);
	struct account account;
	enum status status;
	int field;
	enum err e;

	if (!read_field(args->word[1], &field))
		return STATUS_MISUSED;
	status = read_value(args, field, &value);
	if (status)
		return status;
	if (ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	e = set(c, account.id, field, buf_view(&value));
	return e ? explain(e, args->word[1], field == FIELD_PICTURE) : STATUS_DONE;
}
