/* Finding people among the accounts. */
#include <gateway/mailbox/people.h>

#include <base/buf.h>
#include <gateway/content/fold.h>
#include <store/address_book.h>
#include <store/mail_group.h>
#include <store/rows.h>

#include <stdlib.h>

enum {
	ACCOUNTS_A_STEP = 200,
	STEP_ARENA_BYTES = 16 * 1024 * 1024,
	FOLD_BYTES = 16 * (ACCOUNT_NAME_MAX + ACCOUNT_ADDRESS_MAX),
};

struct finder {
	struct arena *arena;
	struct store_tx *tx;
	struct str wanted;  /* folded */
	struct str *domain; /* of the one who asks */
	size_t domains_n;
	struct rows found;
	uint64_t total;
};

static enum err fold(struct arena *a, struct str text, struct str *ret)
{
	CLEANUP(buf_release) struct buf folded = BUF_INIT(FOLD_BYTES);

	fold_text(&folded, text);
	TRY(buf_status(&folded));
	return arena_str(a, buf_view(&folded), ret);
}

static bool knows_domain(const struct finder *f, struct str address)
{
	for (size_t i = 0; i < f->domains_n; i++)
		if (str_ieq(f->domain[i], account_domain(address)))
			return true;
	return false;
}

static bool parts_words(char c)
{
	return c == ' ' || c == '.' || c == ',' || c == '-' || c == '_' || c == '@' || c == '\'' || c == '(';
}

static bool has_word(struct str text, struct str word)
{
	for (size_t i = 0; i < text.n; i++)
		if ((i == 0 || parts_words(text.p[i - 1])) && str_starts(str_slice(text, i, text.n), word))
			return true;
	return false;
}

/* What is looked through of somebody, folded. */
struct texts {
	struct str name, address;
	struct str field[BOOK_FIELD_MAX_];
};

/* Domains are mostly alike: of an address only what stands before is taken apart. */
static bool has_either(const struct texts *t, struct str word)
{
	struct str local = str_slice(t->address, 0, str_index(t->address, '@'));

	for (size_t i = 0; i < BOOK_FIELD_MAX_; i++)
		if (has_word(t->field[i], word))
			return true;
	return has_word(t->name, word) || has_word(local, word) || str_starts(t->address, word);
}

/* "Michael A." finds Michael Alexander (MS-ASCMD_R422). */
static bool has_all_words(const struct texts *t, struct str wanted)
{
	struct str word;

	while (str_cut(&wanted, ' ', &word)) {
		while (word.n && (word.p[word.n - 1] == '.' || word.p[word.n - 1] == ','))
			word.n--;
		if (!has_either(t, word))
			return false;
	}
	return true;
}

/* A text of several words, "+49 30 1", is a beginning as a whole too. */
static bool matches(const struct texts *t, struct str wanted)
{
	for (size_t i = 0; i < BOOK_FIELD_MAX_; i++)
		if (str_starts(t->field[i], wanted))
			return true;
	return str_starts(t->name, wanted) || str_starts(t->address, wanted) || has_all_words(t, wanted);
}

/* alias: may be empty. */
static enum err keep(struct finder *f, const struct person *found, struct str alias)
{
	struct person *person;

	f->total++;
	if (f->found.n == PEOPLE_MAX)
		return ERR_OK;
	person = rows_add(&f->found);
	if (!person)
		return ERR_LIMIT;
	*person = (struct person){ .account = found->account, .group = found->group };
	TRY(arena_str(f->arena, found->address, &person->address));
	TRY(arena_str(f->arena, found->name, &person->name));
	if (person->name.n == 0)
		person->name = person->address;
	person->alias = str_slice(person->address, 0, str_index(person->address, '@'));
	return alias.n ? arena_str(f->arena, alias, &person->alias) : ERR_OK;
}

static enum err fold_all(struct arena *step, const struct person *p, const struct book_entry *entry, struct texts *ret)
{
	*ret = (struct texts){ 0 };
	TRY(fold(step, p->name, &ret->name));
	TRY(fold(step, p->address, &ret->address));
	for (size_t i = 0; i < BOOK_FIELD_MAX_; i++)
		if (entry->field[i].n)
			TRY(fold(step, entry->field[i], &ret->field[i]));
	return ERR_OK;
}

static enum err look_at(struct arena *step, struct finder *f, const struct account *account)
{
	const struct person p = { .name = account->name, .address = account->address, .account = account->id };
	struct book_entry entry;
	struct texts texts;

	if (!account->enabled || !knows_domain(f, account->address))
		return ERR_OK;
	TRY(book_get(step, f->tx, account->id, &entry));
	TRY(fold_all(step, &p, &entry, &texts));
	return matches(&texts, f->wanted) ? keep(f, &p, entry.field[BOOK_ALIAS]) : ERR_OK;
}

static enum err look_at_group(struct arena *step, struct finder *f, const struct mail_group *group)
{
	const struct person p = { .name = group->name, .address = group->address, .group = group->id };
	const struct book_entry nothing = { 0 };
	struct texts texts;

	if (!knows_domain(f, group->address))
		return ERR_OK;
	TRY(fold_all(step, &p, &nothing, &texts));
	return matches(&texts, f->wanted) ? keep(f, &p, STR_EMPTY) : ERR_OK;
}

static enum err walk(struct arena *step, struct finder *f)
{
	struct account *accounts;
	int64_t after = 0;
	size_t n;

	do {
		arena_reset(step);
		TRY(account_list(step, f->tx, after, ACCOUNTS_A_STEP, &accounts, &n));
		for (size_t i = 0; i < n; i++) {
			TRY(look_at(step, f, &accounts[i]));
			after = accounts[i].id;
		}
	} while (n == ACCOUNTS_A_STEP);
	return ERR_OK;
}

static enum err walk_groups(struct arena *step, struct finder *f)
{
	struct mail_group *groups;
	int64_t after = 0;
	size_t n;

	do {
		arena_reset(step);
		TRY(mail_group_list(step, f->tx, after, ACCOUNTS_A_STEP, &groups, &n));
		for (size_t i = 0; i < n; i++) {
			TRY(look_at_group(step, f, &groups[i]));
			after = groups[i].id;
		}
	} while (n == ACCOUNTS_A_STEP);
	return ERR_OK;
}

static enum err own_domains(struct finder *f, int64_t account)
{
	struct str *addresses;

	TRY(account_addresses(f->arena, f->tx, account, &addresses, &f->domains_n));
	f->domain = addresses;
	for (size_t i = 0; i < f->domains_n; i++)
		f->domain[i] = account_domain(addresses[i]);
	return ERR_OK;
}

static int by_name(const void *a, const void *b)
{
	const struct person *x = a, *y = b;
	int c = str_cmp(x->name, y->name);

	return c ? c : str_cmp(x->address, y->address);
}

enum err people_find(struct arena *a, struct store *s, int64_t account, struct str text, struct people *ret)
{
	CLEANUP(arena_release) struct arena step = ARENA_INIT(STEP_ARENA_BYTES);
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct finder f = { .arena = a, .found = rows_of(a, sizeof(struct person)) };

	if (text.n > PEOPLE_TEXT_MAX)
		return ERR_LIMIT;
	TRY(fold(a, text, &f.wanted));
	if (f.wanted.n == 0)
		return ERR_INVALID;
	TRY(store_begin(s, STORE_DIRECTORY, STORE_READ, &tx));
	f.tx = tx;
	TRY(own_domains(&f, account));
	TRY(walk(&step, &f));
	TRY(walk_groups(&step, &f));
	if (f.found.n)
		qsort(f.found.p, f.found.n, sizeof(struct person), by_name);
	*ret = (struct people){ .list = f.found.p, .n = f.found.n, .total = f.total };
	return ERR_OK;
}
