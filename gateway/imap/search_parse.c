/* What a SEARCH asks for. */
#include <gateway/imap/search.h>

#include <gateway/imap/date.h>
#include <gateway/imap/limits.h>

enum { DAY_MS = 24 * 60 * 60 * 1000 };

struct reader {
	struct imap_in *in;
	struct imap_search_args *args;
	unsigned keys;
};

static struct imap_key *key_new(struct reader *r, enum imap_key_kind kind)
{
	struct imap_key *k = ++r->keys <= IMAP_MAX_SEARCH_KEYS ? arena_new(r->in->arena, struct imap_key) : NULL;

	if (!k)
		in_fail(r->in, "too many keys");
	else
		k->kind = kind;
	return k;
}

static struct imap_key *read_key(struct reader *r);

/* Keys with blanks between, up to a ')' or the end. */
static struct imap_key *read_keys(struct reader *r)
{
	struct imap_key *and = key_new(r, IMAP_KEY_AND), **last = and? &and->first : NULL;

	do {
		struct imap_key *k = read_key(r);

		if (!k || !last)
			return NULL;
		*last = k;
		last = &k->next;
	} while (in_ok(r->in) && in_try(r->in, ' '));
	return and;
}

static struct imap_key *read_children(struct reader *r, enum imap_key_kind kind, unsigned n)
{
	struct imap_key *parent = key_new(r, kind), **last = parent ? &parent->first : NULL;

	if (++r->in->nesting > IMAP_MAX_NESTING)
		in_fail(r->in, "nested too deeply");
	for (unsigned i = 0; last && i < n && in_ok(r->in); i++) {
		in_sp(r->in);
		*last = read_key(r);
		if (!*last)
			return NULL;
		last = &(*last)->next;
	}
	r->in->nesting--;
	return parent;
}

static const struct {
	const char *name;
	enum imap_key_kind kind;
	unsigned flag;
	bool negative;
} flags[] = {
	{ "ANSWERED", IMAP_KEY_FLAG, ITEM_ANSWERED, false },
	{ "DELETED", IMAP_KEY_FLAG, ITEM_DELETED, false },
	{ "DRAFT", IMAP_KEY_FLAG, ITEM_DRAFT, false },
	{ "FLAGGED", IMAP_KEY_FLAG, ITEM_FLAGGED, false },
	{ "SEEN", IMAP_KEY_FLAG, ITEM_SEEN, false },
	{ "UNANSWERED", IMAP_KEY_FLAG, ITEM_ANSWERED, true },
	{ "UNDELETED", IMAP_KEY_FLAG, ITEM_DELETED, true },
	{ "UNDRAFT", IMAP_KEY_FLAG, ITEM_DRAFT, true },
	{ "UNFLAGGED", IMAP_KEY_FLAG, ITEM_FLAGGED, true },
	{ "UNSEEN", IMAP_KEY_FLAG, ITEM_SEEN, true },
	{ "ALL", IMAP_KEY_ALL, 0, false },
	{ "OLD", IMAP_KEY_ALL, 0, false },
	{ "SAVEDATESUPPORTED", IMAP_KEY_ALL, 0, false }, /* RFC 8514 4.3 */
	{ "NEW", IMAP_KEY_NONE, 0, false },
	{ "RECENT", IMAP_KEY_NONE, 0, false },
};

static struct imap_key *try_flag(struct reader *r)
{
	struct imap_key *k;

	for (size_t i = 0; i < countof(flags); i++) {
		if (!in_try_word(r->in, flags[i].name))
			continue;
		k = key_new(r, flags[i].kind);
		if (k) {
			k->number = flags[i].flag;
			k->negative = flags[i].negative;
		}
		return k;
	}
	return NULL;
}

static struct imap_key *try_date(struct reader *r)
{
	static const struct {
		const char *name;
		enum imap_key_kind kind;
		bool before, since;
	} dates[] = {
		{ "BEFORE", IMAP_KEY_RECEIVED, true, false },   { "SINCE", IMAP_KEY_RECEIVED, false, true },
		{ "ON", IMAP_KEY_RECEIVED, true, true },        { "SENTBEFORE", IMAP_KEY_SENT, true, false },
		{ "SENTSINCE", IMAP_KEY_SENT, false, true },    { "SENTON", IMAP_KEY_SENT, true, true },
		{ "SAVEDBEFORE", IMAP_KEY_SAVED, true, false }, { "SAVEDSINCE", IMAP_KEY_SAVED, false, true },
		{ "SAVEDON", IMAP_KEY_SAVED, true, true },
	};
	struct imap_key *k;
	int64_t day;

	for (size_t i = 0; i < countof(dates); i++) {
		if (!in_try_word(r->in, dates[i].name))
			continue;
		in_sp(r->in);
		day = in_date(r->in);
		k = key_new(r, dates[i].kind);
		if (!k)
			return NULL;
		k->from = dates[i].since ? day : INT64_MIN;
		k->to = !dates[i].before ? INT64_MAX : dates[i].since ? day + DAY_MS : day;
		r->args->opens = r->args->opens || k->kind == IMAP_KEY_SENT;
		return k;
	}
	return NULL;
}

static struct imap_key *try_number(struct reader *r)
{
	static const struct {
		const char *name;
		enum imap_key_kind kind;
	} numbers[] = {
		{ "LARGER", IMAP_KEY_LARGER },
		{ "SMALLER", IMAP_KEY_SMALLER },
		{ "OLDER", IMAP_KEY_OLDER },
		{ "YOUNGER", IMAP_KEY_YOUNGER },
	};
	struct imap_key *k;

	for (size_t i = 0; i < countof(numbers); i++) {
		if (!in_try_word(r->in, numbers[i].name))
			continue;
		in_sp(r->in);
		k = key_new(r, numbers[i].kind);
		if (k)
			k->number = in_number(r->in);
		return k;
	}
	return NULL;
}

static struct imap_key *try_text(struct reader *r)
{
	static const struct {
		const char *name, *field;
		enum imap_key_kind kind;
	} texts[] = {
		{ "BCC", "Bcc", IMAP_KEY_HEADER },         { "CC", "Cc", IMAP_KEY_HEADER },
		{ "FROM", "From", IMAP_KEY_HEADER },       { "TO", "To", IMAP_KEY_HEADER },
		{ "SUBJECT", "Subject", IMAP_KEY_HEADER }, { "BODY", NULL, IMAP_KEY_BODY },
		{ "TEXT", NULL, IMAP_KEY_TEXT },           { "HEADER", NULL, IMAP_KEY_HEADER },
	};
	struct imap_key *k;

	for (size_t i = 0; i < countof(texts); i++) {
		if (!in_try_word(r->in, texts[i].name))
			continue;
		in_sp(r->in);
		k = key_new(r, texts[i].kind);
		if (!k)
			return NULL;
		if (texts[i].kind == IMAP_KEY_HEADER && !texts[i].field) {
			k->field = in_astring(r->in);
			in_sp(r->in);
		} else {
			k->field = str_of(texts[i].field);
		}
		k->text = in_astring(r->in);
		r->args->opens = true;
		return k;
	}
	return NULL;
}

/* RFC 7162 3.1.5: the entry's name and type say nothing here, where every mail has one number. */
static struct imap_key *read_modseq(struct reader *r)
{
	struct imap_key *k = key_new(r, IMAP_KEY_MODSEQ);

	in_sp(r->in);
	if (in_peek(r->in) == '"') {
		(void)in_string(r->in);
		in_sp(r->in);
		(void)in_atom(r->in);
		in_sp(r->in);
	}
	if (k)
		k->number = in_number(r->in);
	r->args->modseq = true;
	return k;
}

static struct imap_key *read_word(struct reader *r, enum imap_key_kind kind, bool negative)
{
	struct imap_key *k = key_new(r, kind);

	in_sp(r->in);
	if (!k)
		return NULL;
	k->negative = negative;
	k->text = in_atom(r->in);
	return k;
}

static struct imap_key *read_set(struct reader *r, enum imap_key_kind kind)
{
	struct imap_key *k = key_new(r, kind);

	if (k)
		k->set = in_set(r->in);
	return k;
}

static struct imap_key *read_other(struct reader *r)
{
	struct imap_in *in = r->in;
	struct imap_key *k;

	if (in_try_open(in)) {
		k = read_keys(r);
		in_close(in);
		return k;
	}
	if (in_try_word(in, "NOT"))
		return read_children(r, IMAP_KEY_NOT, 1);
	if (in_try_word(in, "OR"))
		return read_children(r, IMAP_KEY_OR, 2);
	if (in_try_word(in, "KEYWORD"))
		return read_word(r, IMAP_KEY_KEYWORD, false);
	if (in_try_word(in, "UNKEYWORD"))
		return read_word(r, IMAP_KEY_KEYWORD, true);
	if (in_try_word(in, "EMAILID"))
		return read_word(r, IMAP_KEY_EMAILID, false);
	if (in_try_word(in, "THREADID"))
		return read_word(r, IMAP_KEY_THREADID, false);
	if (in_try_word(in, "MODSEQ"))
		return read_modseq(r);
	if (in_try_word(in, "UID")) {
		in_sp(in);
		return read_set(r, IMAP_KEY_UID);
	}
	if (in_peek(in) == '*' || in_peek(in) == '$' || (in_peek(in) >= '0' && in_peek(in) <= '9'))
		return read_set(r, IMAP_KEY_SEQUENCE);
	in_fail(in, "no such key");
	return NULL;
}

static struct imap_key *read_key(struct reader *r)
{
	struct imap_key *k = try_flag(r);

	if (!k)
		k = try_date(r);
	if (!k)
		k = try_number(r);
	if (!k)
		k = try_text(r);
	if (!k && in_ok(r->in))
		k = read_other(r);
	return in_ok(r->in) ? k : NULL;
}

static int64_t signed_number(struct imap_in *in)
{
	bool minus = in_try(in, '-');
	int64_t n = in_nz_number(in);

	return minus ? -n : n;
}

static void read_return(struct imap_in *in, struct imap_search_args *args)
{
	static const struct {
		const char *name;
		unsigned bit;
	} options[] = {
		{ "MIN", IMAP_RETURN_MIN },     { "MAX", IMAP_RETURN_MAX },   { "ALL", IMAP_RETURN_ALL },
		{ "COUNT", IMAP_RETURN_COUNT }, { "SAVE", IMAP_RETURN_SAVE }, { "PARTIAL", IMAP_RETURN_PARTIAL }
	};

	args->extended = true;
	in_sp(in);
	in_open(in);
	if (in_try_close(in)) {
		args->returns = IMAP_RETURN_ALL; /* RFC 4731 3.1 */
		return;
	}
	do {
		size_t i = 0;

		while (i < countof(options) && !in_try_word(in, options[i].name))
			i++;
		if (i == countof(options)) {
			in_fail(in, "no such return option");
			return;
		}
		args->returns |= options[i].bit;
		if (options[i].bit == IMAP_RETURN_PARTIAL) {
			in_sp(in);
			args->page_from = signed_number(in);
			in_char(in, ':');
			args->page_to = signed_number(in);
			if (in_ok(in) && (args->page_from < 0) != (args->page_to < 0))
				in_fail(in, "a page has both ends on one side");
		}
	} while (in_more(in));
	if (in_ok(in) && args->returns & IMAP_RETURN_PARTIAL && args->returns & IMAP_RETURN_ALL)
		in_fail(in, "PARTIAL and ALL exclude each other"); /* RFC 9394 3.1 */
}

static void read_charset(struct imap_in *in, struct imap_search_args *args)
{
	struct str charset = in_astring(in);

	args->bad_charset = !str_ieq(charset, S("UTF-8")) && !str_ieq(charset, S("US-ASCII"));
	in_sp(in);
}

static struct imap_search_args *begin_args(struct imap_in *in)
{
	struct imap_search_args *args = arena_new(in->arena, struct imap_search_args);

	if (!args) {
		in_fail(in, "too much to keep");
		return NULL;
	}
	in_sp(in);
	if (in_try_word(in, "RETURN")) {
		read_return(in, args);
		in_sp(in);
	}
	return args;
}

struct imap_search_args *in_search(struct imap_in *in)
{
	struct imap_search_args *args = begin_args(in);
	struct reader r = { in, args, 0 };

	if (!args)
		return NULL;
	if (in_try_word(in, "CHARSET")) {
		in_sp(in);
		read_charset(in, args);
	}
	args->key = read_keys(&r);
	return args;
}

/* RFC 5256: the program and the charset are always there. */
struct imap_search_args *in_sort(struct imap_in *in)
{
	struct imap_search_args *args = begin_args(in);
	struct reader r = { in, args, 0 };

	if (!args)
		return NULL;
	args->sort = arena_new(in->arena, struct imap_sort);
	if (!args->sort) {
		in_fail(in, "too much to keep");
		return NULL;
	}
	in_sort_program(in, args->sort);
	in_sp(in);
	read_charset(in, args);
	args->key = read_keys(&r);
	args->opens |= args->sort->opens;
	return args;
}

/* RFC 5256: the algorithm and the charset are always there. */
struct imap_search_args *in_thread(struct imap_in *in)
{
	struct imap_search_args *args = arena_new(in->arena, struct imap_search_args);
	enum imap_threading *how = arena_new(in->arena, enum imap_threading);
	struct reader r = { in, args, 0 };

	if (!args || !how) {
		in_fail(in, "too much to keep");
		return NULL;
	}
	in_sp(in);
	*how = in_threading(in);
	args->thread = how;
	in_sp(in);
	read_charset(in, args);
	args->key = read_keys(&r);
	args->opens = true;
	return args;
}
