/* roostctl policy: what phones have to keep to. A command does all of what it was told, or nothing. */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/listing.h>
#include <tools/roostctl/policy.h>
#include <tools/roostctl/runs.h>

#include <gateway/control/announce.h>

#include <stdio.h>

enum { TEXT_MAX = 64 * 1024, CELL_MAX = 4096, WHY_MAX = 1024 };

enum status policy_changed(struct ctl *c, const struct args *args)
{
	uint64_t s;

	if (policy_spread(args, &s))
		return STATUS_MISUSED;
	announce_policies(c->announcer, (int64_t)s);
	return STATUS_DONE;
}

enum status policy_spread(const struct args *args, uint64_t *ret_s)
{
	const char *text = args->option[OPTION_SPREAD];

	*ret_s = POLICY_SPREAD_S;
	if (!text || (str_to_u64(str_of(text), POLICY_SPREAD_MAX_S, ret_s) == ERR_OK && *ret_s > 0))
		return STATUS_DONE;
	ctl_say("--spread %s: expected seconds, 1 to %d", text, POLICY_SPREAD_MAX_S);
	return STATUS_MISUSED;
}

enum status policy_fail(enum err e, const char *name)
{
	static const char *const texts[ERR_MAX_] = {
		[ERR_NOT_FOUND] = "no such policy",
		[ERR_EXISTS] = "there is such a policy already",
		[ERR_INVALID] = "not a name: letters, digits, '-', '_' and '.', at most 64, and not none",
		[ERR_DENIED] = "it is assigned; see policy list",
		[ERR_CORRUPT] = "it holds values that no policy may have; set these again",
	};

	if (!texts[e])
		return ctl_fail(e, "%s", name);
	ctl_say("%s: %s", name, texts[e]);
	return STATUS_FAILED;
}

/* ---- settings ---- */

/* "Setting=Value"; says what was wrong with it. */
static enum status parse_setting(struct str text, const char *where, enum policy_setting *ret_which,
				 struct str *ret_value)
{
	CLEANUP(buf_release) struct buf why = BUF_INIT(WHY_MAX);
	struct str name;

	if (!memchr(text.p, '=', text.n)) {
		ctl_say("%s" STR_FMT ": expected SETTING=VALUE", where, STR_ARG(text));
		return STATUS_MISUSED;
	}
	*ret_value = text;
	str_cut(ret_value, '=', &name);
	if (!ret_value->p)
		*ret_value = S("");
	if (policy_setting_find(str_trim(name), ret_which)) {
		ctl_say("%s" STR_FMT ": no such setting; `roostctl policy show none` lists them", where, STR_ARG(name));
		return STATUS_MISUSED;
	}
	if (policy_value_check(*ret_which, *ret_value, &why)) {
		ctl_say("%s%s=" STR_FMT ": " STR_FMT, where, policy_settings[*ret_which].name, STR_ARG(*ret_value),
			STR_ARG(buf_view(&why)));
		return STATUS_MISUSED;
	}
	return STATUS_DONE;
}

struct change {
	bool is_set[POLICY_SETTINGS_MAX_];
	struct str value[POLICY_SETTINGS_MAX_];
};

static enum status parse_words(const struct args *args, int from, struct change *ret)
{
	for (int i = from; i < args->words_n; i++) {
		enum policy_setting which;
		struct str value;

		if (parse_setting(str_of(args->word[i]), "", &which, &value))
			return STATUS_MISUSED;
		if (ret->is_set[which]) {
			ctl_say("%s: is given twice", policy_settings[which].name);
			return STATUS_MISUSED;
		}
		ret->is_set[which] = true;
		ret->value[which] = value;
	}
	return STATUS_DONE;
}

static enum err apply(struct store_tx *tx, int64_t id, const struct change *change)
{
	for (unsigned i = 0; i < POLICY_SETTINGS_MAX_; i++)
		if (change->is_set[i])
			TRY(policy_set(tx, id, (enum policy_setting)i, change->value[i]));
	return ERR_OK;
}

enum policy_write_how { POLICY_MAKES = 1, POLICY_CHANGES = 2 };

static enum err write_policy(struct ctl *c, struct str name, unsigned how, const struct change *change)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct policy p;
	enum err e;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	e = policy_find(&c->arena, tx, name, &p);
	if (e == ERR_CORRUPT) /* that is how it is mended */
		e = ERR_OK;
	if (e == ERR_NOT_FOUND && how & POLICY_MAKES)
		e = policy_create(tx, name, &p.id);
	else if (!e && !(how & POLICY_CHANGES))
		e = ERR_EXISTS;
	TRY(e);
	TRY(apply(tx, p.id, change));
	return store_commit(&tx);
}

enum status policy_run_create(struct ctl *c, const struct args *args)
{
	struct change change = { 0 };
	enum err e;

	if (parse_words(args, 1, &change))
		return STATUS_MISUSED;
	e = write_policy(c, str_of(args->word[0]), POLICY_MAKES, &change);
	return e ? policy_fail(e, args->word[0]) : STATUS_DONE; /* nobody has it yet */
}

enum status policy_run_set(struct ctl *c, const struct args *args)
{
	struct change change = { 0 };
	uint64_t spread;
	enum err e;

	if (policy_spread(args, &spread) || parse_words(args, 1, &change))
		return STATUS_MISUSED;
	e = write_policy(c, str_of(args->word[0]), POLICY_CHANGES, &change);
	return e ? policy_fail(e, args->word[0]) : policy_changed(c, args);
}

static enum err delete_policy(struct ctl *c, struct str name)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct policy p;
	enum err e;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	e = policy_find(&c->arena, tx, name, &p);
	if (e != ERR_CORRUPT)
		TRY(e);
	TRY(policy_delete(tx, p.id));
	return store_commit(&tx);
}

enum status policy_run_delete(struct ctl *c, const struct args *args)
{
	enum err e = delete_policy(c, str_of(args->word[0]));

	return e ? policy_fail(e, args->word[0]) : STATUS_DONE;
}

/* ---- looking ---- */

static enum err read_policy(struct ctl *c, struct str name, struct policy *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	*ret = policy_none();
	if (str_eq(name, S(POLICY_NONE)))
		return ERR_OK;
	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx));
	return policy_find(&c->arena, tx, name, ret);
}

static void put_version(struct listing *l, unsigned from)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(CELL_MAX);

	if (from)
		buf_fmt(&b, "%u.%u", from / 10, from % 10);
	listing_text(l, from ? buf_view(&b) : S("-"));
}

static void show_setting(struct listing *l, const struct policy *p, unsigned i)
{
	const struct policy_setting_def *d = &policy_settings[i];
	CLEANUP(buf_release) struct buf expects = BUF_INIT(CELL_MAX);

	listing_text(l, str_of(d->name));
	listing_text(l, p->value[i].n ? p->value[i] : S(""));
	listing_bool(l, p->is_set[i]);
	listing_text(l, str_of(policy_enforcer_text(d->enforcer)));
	put_version(l, d->from);
	listing_text(l, str_of(d->initial));
	policy_setting_expects(&expects, (enum policy_setting)i);
	listing_text(l, buf_view(&expects));
}

enum status policy_run_show(struct ctl *c, const struct args *args)
{
	static const struct column columns[] = {
		{ "setting", "SETTING", 40 }, { "value", "VALUE", 10 },      { "set", "SET", 3 },
		{ "kept_by", "KEPT BY", 16 }, { "from_version", "FROM", 4 }, { "default", NULL, 0 },
		{ "expects", "EXPECTS", 0 },
	};
	struct listing l;
	struct policy p;
	enum err e = read_policy(c, str_of(args->word[0]), &p);

	if (e)
		return policy_fail(e, args->word[0]);
	listing_begin(&l, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_TABLE));
	for (unsigned i = 0; i < POLICY_SETTINGS_MAX_; i++)
		show_setting(&l, &p, i);
	listing_end(&l);
	return ctl_flush();
}

static void put_targets(struct buf *b, const struct policy_assignment *list, size_t n, struct str policy)
{
	for (size_t i = 0; i < n; i++) {
		if (!str_eq(list[i].policy, policy))
			continue;
		buf_cstr(b, b->n ? ", " : "");
		if (list[i].scope == POLICY_FOR_EVERYONE)
			buf_cstr(b, "everyone");
		else if (list[i].scope == POLICY_FOR_GROUP)
			buf_fmt(b, "group " STR_FMT, STR_ARG(list[i].target));
		else
			buf_str(b, list[i].target);
	}
}

static void list_row(struct listing *l, const struct policy *p, const struct policy_assignment *list, size_t n)
{
	CLEANUP(buf_release) struct buf targets = BUF_INIT(TEXT_MAX);
	uint64_t settings = 0;

	for (size_t i = 0; i < POLICY_SETTINGS_MAX_; i++)
		settings += p->is_set[i];
	put_targets(&targets, list, n, p->name);
	listing_text(l, p->name);
	listing_number(l, settings);
	listing_time(l, p->changed_ms);
	listing_text(l, buf_status(&targets) ? S("(more than can be shown)") : buf_view(&targets));
}

static enum err list_rows(struct ctl *c, struct listing *l)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct policy_assignment *list;
	struct policy p = policy_none();
	struct str *names;
	size_t n, names_n;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(policy_assignments(&c->arena, tx, &list, &n));
	TRY(policy_names(&c->arena, tx, &names, &names_n));
	list_row(l, &p, list, n);
	for (size_t i = 0; i < names_n; i++) {
		enum err e = policy_find(&c->arena, tx, names[i], &p);

		if (e != ERR_CORRUPT)
			TRY(e);
		list_row(l, &p, list, n);
	}
	return ERR_OK;
}

enum status policy_run_list(struct ctl *c, const struct args *args)
{
	static const struct column columns[] = {
		{ "name", "NAME", 24 },
		{ "settings", "SETTINGS", 8 },
		{ "changed", "CHANGED", 20 },
		{ "assigned_to", "ASSIGNED TO", 0 },
	};
	struct listing l;
	enum err e;

	listing_begin(&l, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_TABLE));
	e = list_rows(c, &l);
	listing_end(&l);
	return e ? ctl_fail(e, "the policies cannot be listed") : ctl_flush();
}

/* ---- as text ---- */

enum status policy_run_export(struct ctl *c, const struct args *args)
{
	struct policy p;
	enum err e = read_policy(c, str_of(args->word[0]), &p);

	if (e)
		return policy_fail(e, args->word[0]);
	for (unsigned i = 0; i < POLICY_SETTINGS_MAX_; i++)
		printf("%s=" STR_FMT "\n", policy_settings[i].name, STR_ARG(p.value[i]));
	return ctl_flush();
}

/* Lines of "Setting=Value"; empty ones and those that begin with '#' are passed over. What is not named is the default. */
static enum status parse_lines(struct str text, struct change *ret)
{
	CLEANUP(buf_release) struct buf where = BUF_INIT(WHY_MAX);
	struct str line;

	for (unsigned i = 0; i < POLICY_SETTINGS_MAX_; i++) {
		ret->is_set[i] = true;
		ret->value[i] = str_of(policy_settings[i].initial);
	}
	for (unsigned n = 1; str_cut(&text, '\n', &line); n++) {
		enum policy_setting which;
		struct str value;

		line = str_trim(line);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		buf_clear(&where);
		buf_fmt(&where, "line %u: ", n);
		buf_char(&where, '\0');
		if (parse_setting(line, where.p, &which, &value))
			return STATUS_FAILED;
		ret->value[which] = value;
	}
	return STATUS_DONE;
}

static enum err read_all(struct buf *b)
{
	char chunk[4096];
	size_t n;

	while ((n = fread(chunk, 1, sizeof(chunk), stdin)) > 0)
		buf_put(b, chunk, n);
	return ferror(stdin) ? ERR_IO : buf_status(b);
}

enum status policy_run_import(struct ctl *c, const struct args *args)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(TEXT_MAX);
	struct change change = { 0 };
	uint64_t spread;
	enum err e;

	if (policy_spread(args, &spread))
		return STATUS_MISUSED;
	e = read_all(&text);
	if (e)
		return ctl_fail(e, "standard input");
	if (parse_lines(buf_view(&text), &change))
		return STATUS_FAILED;
	e = write_policy(c, str_of(args->word[0]), POLICY_MAKES | POLICY_CHANGES, &change);
	return e ? policy_fail(e, args->word[0]) : policy_changed(c, args);
}
