/* Finding people among the accounts. */
#include <gateway/mailbox/people.h>

#include <base/buf.h>
#include <gateway/content/fold.h>
#include <store/rows.h>

#include <stdlib.h>

enum {
	ACCOUNTS_A_STEP = 200,
	STEP_ARENA_BYTES = 4 * 1024 * 1024,
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

static struct str domain_of(struct str address)
{
	return str_slice(address, str_index(address, '@') + 1, address.n);
}

static bool knows_domain(const struct finder *f, struct str address)
{
	for (size_t i = 0; i < f->domains_n; i++)
		if (str_ieq(f->domain[i], domain_of(address)))
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

/* Domains are mostly alike: of an address only what stands before is taken apart. */
static bool has_either(struct str name, struct str address, struct str word)
{
	struct str local = str_slice(address, 0, str_index(address, '@'));

	return has_word(name, word) || has_word(local, word) || str_starts(address, word);
}

/* "Michael A." finds Michael Alexander (MS-ASCMD_R422). */
static bool has_all_words(struct str name, struct str address, struct str wanted)
{
	struct str word;

	while (str_cut(&wanted, ' ', &word)) {
		while (word.n && (word.p[word.n - 1] == '.' || word.p[word.n - 1] == ','))
			word.n--;
		if (!has_either(name, address, word))
			return false;
	}
	return true;
}

static enum err keep(struct finder *f, const struct account *account)
{
	struct person *person;

	f->total++;
	if (f->found.n == PEOPLE_MAX)
		return ERR_OK;
	person = rows_add(&f->found);
	if (!person)
		return ERR_LIMIT;
	TRY(arena_str(f->arena, account->address, &person->address));
	TRY(arena_str(f->arena, account->name, &person->name));
	if (person->name.n == 0)
		person->name = person->address;
	person->alias = str_slice(person->address, 0, str_index(person->address, '@'));
	return ERR_OK;
}

static enum err look_at(struct arena *step, struct finder *f, const struct account *account)
{
	struct str name, address;

	if (!account->enabled || !knows_domain(f, account->address))
		return ERR_OK;
	TRY(fold(step, account->name, &name));
	TRY(fold(step, account->address, &address));
	if (!str_starts(name, f->wanted) && !str_starts(address, f->wanted) && !has_all_words(name, address, f->wanted))
		return ERR_OK;
	return keep(f, account);
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

static enum err own_domains(struct finder *f, int64_t account)
{
	struct str *addresses;

	TRY(account_addresses(f->arena, f->tx, account, &addresses, &f->domains_n));
	f->domain = addresses;
	for (size_t i = 0; i < f->domains_n; i++)
		f->domain[i] = domain_of(addresses[i]);
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
	if (f.found.n)
		qsort(f.found.p, f.found.n, sizeof(struct person), by_name);
	*ret = (struct people){ .list = f.found.p, .n = f.found.n, .total = f.total };
	return ERR_OK;
}
