/* roostctl room: accounts that are rooms, or equipment. */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/listing.h>
#include <tools/roostctl/runs.h>

#include <gateway/control/announce.h>
#include <store/address_book.h>

#include <stdio.h>

enum { CAPACITY_MAX = 1000000 };

static const char *const kinds[] = {
	[ACCOUNT_PERSON] = NULL,
	[ACCOUNT_ROOM] = "room",
	[ACCOUNT_EQUIPMENT] = "equipment",
};
_Static_assert(countof(kinds) == ACCOUNT_KIND_MAX_, "a word for each");

/* ---- adding ---- */

static bool read_kind(const char *word, enum account_kind *ret)
{
	*ret = ACCOUNT_ROOM;
	for (size_t i = ACCOUNT_ROOM; word && i < countof(kinds); i++) {
		*ret = (enum account_kind)i;
		if (str_eq(str_of(word), str_of(kinds[i])))
			return true;
	}
	if (word)
		ctl_say("%s: expected room or equipment", word);
	return !word;
}

static bool read_capacity(const char *word)
{
	uint64_t n;

	if (!word || !str_to_u64(str_of(word), CAPACITY_MAX, &n))
		return true;
	ctl_say("%s: expected how many people it is for", word);
	return false;
}

static enum err add(struct ctl *c, const struct account_new *a, struct str capacity, int64_t *ret_id)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(account_add(tx, a, ret_id));
	TRY(account_set_answers(tx, *ret_id, ACCOUNT_ANSWERS_ACCOUNTS));
	if (capacity.n)
		TRY(book_set(tx, *ret_id, BOOK_CAPACITY, capacity));
	return store_commit(&tx);
}

enum status room_run_add(struct ctl *c, const struct args *args)
{
	static const char *const texts[ERR_MAX_] = {
		[ERR_EXISTS] = "an account or a group has that address already",
		[ERR_INVALID] = "not an address (or a name that is not UTF-8)",
		[ERR_LIMIT] = "the address or the name is too long",
	};
	const char *capacity = args->words_n > 1 ? args->word[1] : NULL;
	struct account_new a = { .address = str_of(args->word[0]), .name = str_of(args->option[OPTION_NAME]) };
	int64_t id;
	enum err e;

	if (!read_kind(args->option[OPTION_TYPE], &a.kind) || !read_capacity(capacity))
		return STATUS_MISUSED;
	e = add(c, &a, str_of(capacity), &id);
	if (!e) {
		announce_account(c->announcer, id);
		return STATUS_DONE;
	}
	if (!texts[e])
		return ctl_fail(e, "%s", args->word[0]);
	ctl_say("%s: %s", args->word[0], texts[e]);
	return STATUS_FAILED;
}

/* ---- what there is ---- */

static enum err list_row(void *ctx, struct ctl *c, struct store_tx *tx, const struct account *a)
{
	struct listing *l = ctx;
	struct book_entry entry;

	if (a->kind == ACCOUNT_PERSON)
		return ERR_OK;
	TRY(book_get(&c->arena, tx, a->id, &entry));
	listing_text(l, a->address);
	listing_text(l, str_of(kinds[a->kind]));
	listing_text(l, entry.field[BOOK_CAPACITY]);
	listing_text(l, a->name);
	return ERR_OK;
}

enum status room_run_list(struct ctl *c, const struct args *args)
{
	static const struct column columns[] = {
		{ "address", "ADDRESS", 32 },
		{ "kind", "KIND", 9 },
		{ "capacity", "CAPACITY", 8 },
		{ "name", "NAME", 0 },
	};
	struct listing l;
	enum err e;

	listing_begin(&l, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_TABLE));
	e = ctl_each_account(c, list_row, &l);
	listing_end(&l);
	return e ? ctl_fail(e, "the rooms cannot be listed") : ctl_flush();
}

/* ---- answers ---- */

static const char *const answers_names[] = {
	[ACCOUNT_ANSWERS_NOBODY] = "nobody",
	[ACCOUNT_ANSWERS_ACCOUNTS] = "accounts",
	[ACCOUNT_ANSWERS_ANYONE] = "anyone",
};
_Static_assert(countof(answers_names) == ACCOUNT_ANSWERS_MAX_, "a word for each");

static bool read_answers(const char *word, enum account_answers *ret)
{
	for (size_t i = 0; i < countof(answers_names); i++) {
		*ret = (enum account_answers)i;
		if (str_eq(str_of(word), str_of(answers_names[i])))
			return true;
	}
	ctl_say("%s: expected nobody, accounts or anyone", word);
	return false;
}

static enum err set_answers(struct ctl *c, int64_t account, enum account_answers answers)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(account_set_answers(tx, account, answers));
	return store_commit(&tx);
}

enum status room_run_answers(struct ctl *c, const struct args *args)
{
	enum account_answers answers = ACCOUNT_ANSWERS_NOBODY;
	struct account account;
	enum err e;

	if (args->words_n > 1 && !read_answers(args->word[1], &answers))
		return STATUS_MISUSED;
	if (ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	if (args->words_n == 1) {
		printf("%s\n", answers_names[account.answers]);
		return ctl_flush();
	}
	e = set_answers(c, account.id, answers);
	if (e != ERR_DENIED)
		return e ? ctl_fail(e, "%s", args->word[0]) : STATUS_DONE;
	ctl_say("%s: is a person, who answers himself", args->word[0]);
	return STATUS_FAILED;
}
