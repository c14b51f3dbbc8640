/* roostctl group: addresses whose mail goes to several (store/mail_group.h). */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/listing.h>
#include <tools/roostctl/runs.h>

#include <store/mail_group.h>

enum { PAGE = 100 };

static enum status explain(enum err e, const char *address, const char *const *texts)
{
	if (!texts[e])
		return ctl_fail(e, "%s", address);
	ctl_say("%s: %s", address, texts[e]);
	return STATUS_FAILED;
}

static enum status explain_group(enum err e, const char *address)
{
	static const char *const texts[ERR_MAX_] = {
		[ERR_NOT_FOUND] = "no such group",
		[ERR_EXISTS] = "an account or a group has that address already",
		[ERR_INVALID] = "not an address, or the name is not one line of UTF-8",
		[ERR_LIMIT] = "the address or the name is too long, or it is in groups that are as deep as they may be",
		[ERR_DENIED] = "no account here has an address in that domain",
	};

	return explain(e, address, texts);
}

/* ---- what there is ---- */

static void list_row(struct listing *l, const struct mail_group *g)
{
	listing_text(l, g->address);
	listing_number(l, g->members);
	listing_text(l, str_of(group_senders_name(g->senders)));
	listing_text(l, g->name);
}

static enum err list_rows(struct ctl *c, struct listing *l)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct mail_group *rows;
	size_t n = PAGE;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx));
	for (int64_t after = 0; n == PAGE; after = n ? rows[n - 1].id : after) {
		arena_reset(&c->arena);
		TRY(mail_group_list(&c->arena, tx, after, PAGE, &rows, &n));
		for (size_t i = 0; i < n; i++)
			list_row(l, &rows[i]);
	}
	return ERR_OK;
}

enum status group_run_list(struct ctl *c, const struct args *args)
{
	static const struct column columns[] = {
		{ "address", "ADDRESS", 32 },
		{ "members", "MEMBERS", 7 },
		{ "senders", "SENDERS", 8 },
		{ "name", "NAME", 0 },
	};
	struct listing l;
	enum err e;

	listing_begin(&l, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_TABLE));
	e = list_rows(c, &l);
	listing_end(&l);
	return e ? ctl_fail(e, "the groups cannot be listed") : ctl_flush();
}

static enum err read_members(struct ctl *c, const char *address, struct group_member **ret, size_t *ret_n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct mail_group group;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(mail_group_find(&c->arena, tx, str_of(address), &group));
	return mail_group_members(&c->arena, tx, group.id, ret, ret_n);
}

enum status group_run_show(struct ctl *c, const struct args *args)
{
	static const struct column columns[] = { { "address", "ADDRESS", 32 },
						 { "kind", "KIND", 9 },
						 { "name", "NAME", 0 } };
	static const char *const kinds[] = { [GROUP_MEMBER_ACCOUNT] = "account",
					     [GROUP_MEMBER_GROUP] = "group",
					     [GROUP_MEMBER_ELSEWHERE] = "elsewhere" };
	struct group_member *members;
	struct listing l;
	size_t n = 0;
	enum err e = read_members(c, args->word[0], &members, &n);

	if (e)
		return explain_group(e, args->word[0]);
	listing_begin(&l, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_TABLE));
	for (size_t i = 0; i < n; i++) {
		listing_text(&l, members[i].address);
		listing_text(&l, str_of(kinds[members[i].kind]));
		listing_text(&l, members[i].name);
	}
	listing_end(&l);
	return ctl_flush();
}

/* ---- changes ---- */

static enum err add(struct ctl *c, struct str address, struct str name)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	int64_t id;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(mail_group_add(tx, address, str_trim(name), &id));
	return store_commit(&tx);
}

enum status group_run_add(struct ctl *c, const struct args *args)
{
	enum err e = add(c, str_of(args->word[0]), str_of(args->option[OPTION_NAME]));

	return e ? explain_group(e, args->word[0]) : STATUS_DONE;
}

static enum err remove_group(struct ctl *c, struct str address)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct mail_group group;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(mail_group_find(&c->arena, tx, address, &group));
	TRY(mail_group_remove(tx, group.id));
	return store_commit(&tx);
}

enum status group_run_remove(struct ctl *c, const struct args *args)
{
	enum err e = remove_group(c, str_of(args->word[0]));

	return e ? explain_group(e, args->word[0]) : STATUS_DONE;
}

/* senders NULL: its name. */
static enum err set(struct ctl *c, struct str address, const enum group_senders *senders, struct str name)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct mail_group group;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(mail_group_find(&c->arena, tx, address, &group));
	TRY(senders ? mail_group_set_senders(tx, group.id, *senders) : mail_group_set_name(tx, group.id, name));
	return store_commit(&tx);
}

enum status group_run_set(struct ctl *c, const struct args *args)
{
	struct str field = str_of(args->word[1]), value = str_trim(str_of(args->word[2]));
	bool is_name = str_eq(field, S("name"));
	enum group_senders senders;
	enum err e;

	if (!is_name && !str_eq(field, S("senders"))) {
		ctl_say("%s: a group has a name and senders", args->word[1]);
		return STATUS_MISUSED;
	}
	if (!is_name && group_senders_parse(value, &senders)) {
		ctl_say("%s: expected accounts, members or anyone", args->word[2]);
		return STATUS_MISUSED;
	}
	e = set(c, str_of(args->word[0]), is_name ? NULL : &senders, value);
	return e ? explain_group(e, args->word[0]) : STATUS_DONE;
}

/* ---- members ---- */

typedef enum err member_edit(struct store_tx *tx, int64_t group, struct str address);

static enum status explain_member(enum err e, const char *member)
{
	static const char *const texts[ERR_MAX_] = {
		[ERR_NOT_FOUND] = "is not in the group itself",
		[ERR_INVALID] = "not an address",
		[ERR_LIMIT] =
			"the group, or one that it is in, would have more than 1000 people, or be more than 8 deep",
		[ERR_DENIED] = "the group would be in itself",
	};
	_Static_assert(GROUP_PEOPLE_MAX == 1000 && GROUP_MEMBERS_MAX == 1000 && GROUP_DEPTH_MAX == 8, "as texts say");

	return explain(e, member, texts);
}

/* All of them, or none. */
static enum status edit_members(struct ctl *c, const struct args *args, member_edit *edit)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct mail_group group;
	enum err e = store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx);

	if (!e)
		e = mail_group_find(&c->arena, tx, str_of(args->word[0]), &group);
	if (e)
		return explain_group(e, args->word[0]);
	for (int i = 1; i < args->words_n; i++) {
		e = edit(tx, group.id, str_of(args->word[i]));
		if (e)
			return explain_member(e, args->word[i]);
	}
	e = store_commit(&tx);
	return e ? ctl_fail(e, "%s", args->word[0]) : STATUS_DONE;
}

enum status group_run_member_add(struct ctl *c, const struct args *args)
{
	return edit_members(c, args, mail_group_member_add);
}

enum status group_run_member_remove(struct ctl *c, const struct args *args)
{
	return edit_members(c, args, mail_group_member_remove);
}
