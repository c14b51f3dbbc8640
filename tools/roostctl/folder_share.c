/* roostctl folder share, unshare, shares: who else sees a folder, or changes what is in it. */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/folder_path.h>
#include <tools/roostctl/listing.h>
#include <tools/roostctl/runs.h>

#include <gateway/mailbox/mount.h>
#include <store/redirect.h>
#include <store/share.h>

struct parties {
	struct account owner, guest;
	struct folder folder;
};

/* The calendar by its name in any case, as people say it; other folders by their path. */
static enum err find_folder(struct ctl *c, int64_t mailbox, const char *path, struct folder *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	int64_t id;

	TRY(store_begin(c->store, mailbox, STORE_READ, &tx));
	TRY(folder_by_role(tx, FOLDER_DEFAULT_CALENDAR, &id));
	TRY(folder_get(&c->arena, tx, id, ret));
	if (str_ieq(ret->name, str_of(path)))
		return ERR_OK;
	enum err e = ERR_NOT_FOUND;
	for (enum folder_class class = FOLDER_CALENDAR; e == ERR_NOT_FOUND && class < FOLDER_CLASS_MAX_; class ++)
		e = folder_path_find_class(tx, path, class, &id);
	if (e == ERR_NOT_FOUND) /* of mail, which is told apart from nothing */
		e = folder_path_find(tx, path, &id);
	TRY(e);
	return folder_get(&c->arena, tx, id, ret);
}

/* NULL: it can be shared. */
static const char *refusal_of(const struct folder *f)
{
	if (f->class == FOLDER_MAIL)
		return "mail can't be shared; calendars, contacts, tasks and notes can";
	if (f->mount_mailbox)
		return "is somebody else's: its owner can share it";
	return f->role == FOLDER_RECIPIENT_CACHE ? "is the server's own, and can't be shared" : NULL;
}

static enum err is_elsewhere(struct ctl *c, int64_t account, bool *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct redirect r;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(redirect_get(&c->arena, tx, account, &r));
	*ret = redirect_is_set(&r);
	return ERR_OK;
}

static enum status find_parties(struct ctl *c, const struct args *args, struct parties *ret)
{
	const char *why;
	bool elsewhere;
	enum err e;

	if (ctl_account(c, args->word[0], &ret->owner) || ctl_account(c, args->word[2], &ret->guest))
		return STATUS_FAILED;
	e = is_elsewhere(c, ret->owner.id, &elsewhere);
	if (!e && elsewhere) {
		ctl_say("%s: lives on another server, which alone can share its folders", args->word[0]);
		return STATUS_FAILED;
	}
	if (!e)
		e = find_folder(c, ret->owner.mailbox, args->word[1], &ret->folder);
	if (e)
		return ctl_fail(e, "%s", args->word[1]);
	why = refusal_of(&ret->folder);
	if (!why)
		return STATUS_DONE;
	ctl_say("%s: %s", args->word[1], why);
	return STATUS_FAILED;
}

/* The share counts once it is there; the guest's phones are told by the mount, which any FolderSync of theirs would make, too. */
static enum err apply(struct ctl *c, const struct parties *p, const struct share *s, bool shares)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(shares ? share_set(tx, s) : share_unset(tx, s));
	TRY(store_commit(&tx));
	return mounts_settle(c->store, p->guest.mailbox);
}

static struct share share_of(const struct parties *p)
{
	return (struct share){ .owner = p->owner.id,
			       .guest = p->guest.id,
			       .folder = p->folder.id,
			       .calendar = p->folder.role == FOLDER_DEFAULT_CALENDAR };
}

static const char *const meetings_names[] = {
	[SHARE_MEETINGS_NONE] = "no",
	[SHARE_MEETINGS_BOTH] = "both",
	[SHARE_MEETINGS_COPY] = "copy",
	[SHARE_MEETINGS_DELEGATES] = "delegates",
};
_Static_assert(countof(meetings_names) == SHARE_MEETINGS_MAX_, "a word for each");

static bool read_meetings(const char *word, enum share_meetings *ret)
{
	for (size_t i = SHARE_MEETINGS_NONE + 1; i < countof(meetings_names); i++) {
		*ret = (enum share_meetings)i;
		if (str_eq(str_of(word), str_of(meetings_names[i])))
			return true;
	}
	ctl_say("%s: not both, copy or delegates", word);
	return false;
}

/* Who is told of them, and who may answer. */
static enum status take_meetings(const struct args *args, struct share *s)
{
	const char *word = args->option[OPTION_MEETINGS];

	if (!word)
		return STATUS_DONE;
	if (!read_meetings(word, &s->meetings))
		return STATUS_MISUSED;
	if (!s->calendar)
		ctl_say("%s: meeting requests are for the calendar that every mailbox has", args->word[1]);
	else if (s->meetings >= SHARE_MEETINGS_COPY && !s->edits)
		ctl_say("%s: who is to answer meeting requests needs --edit", args->word[2]);
	else
		return STATUS_DONE;
	return STATUS_FAILED;
}

enum status folder_run_share(struct ctl *c, const struct args *args)
{
	enum status status;
	struct parties p;
	struct share s;
	enum err e;

	if (find_parties(c, args, &p))
		return STATUS_FAILED;
	s = share_of(&p);
	s.edits = args->option[OPTION_EDIT] != NULL;
	status = take_meetings(args, &s);
	if (status)
		return status;
	e = apply(c, &p, &s, true);
	if (e == ERR_INVALID) {
		ctl_say("%s: has it already", args->word[2]);
		return STATUS_FAILED;
	}
	return e ? ctl_fail(e, "%s", args->word[2]) : STATUS_DONE;
}

enum status folder_run_unshare(struct ctl *c, const struct args *args)
{
	struct parties p;
	struct share s;
	enum err e;

	if (find_parties(c, args, &p))
		return STATUS_FAILED;
	s = share_of(&p);
	e = apply(c, &p, &s, false);
	return e ? ctl_fail(e, "%s", args->word[2]) : STATUS_DONE;
}

/* ---- the list ---- */

static const struct column columns[] = {
	{ "folder", "FOLDER", 24 }, { "guest", "GUEST", 32 }, { "right", "RIGHT", 8 }, { "meetings", "MEETINGS", 9 }
};

static enum err read_shares(struct ctl *c, int64_t owner, struct share **ret, size_t *ret_n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx));
	return share_list(&c->arena, tx, owner, ret, ret_n);
}

struct folders {
	struct folder *list;
	size_t n;
};

static enum err read_folders(struct ctl *c, int64_t mailbox, struct folders *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, mailbox, STORE_READ, &tx));
	return folder_list(&c->arena, tx, &ret->list, &ret->n);
}

static bool is_of(const struct folder *f, const struct share *s)
{
	return f->id == s->folder || (s->folder == 0 && f->role == FOLDER_DEFAULT_CALENDAR);
}

/* By its path, whoever took its folder away since. */
static enum err put_path(const struct folders *all, const struct share *s, struct listing *l)
{
	CLEANUP(buf_release) struct buf path = BUF_INIT(FOLDER_DEPTH_MAX * (FOLDER_NAME_MAX + 1));

	for (size_t i = 0; i < all->n; i++)
		if (is_of(&all->list[i], s))
			folder_path_put(&path, all->list, all->n, i);
	TRY(buf_status(&path));
	listing_text(l, buf_view(&path));
	return ERR_OK;
}

static struct str right_of(const struct share *s)
{
	return s->folder == 0 ? S("free-busy") : s->edits ? S("edit") : S("read");
}

static enum err list_shares(struct ctl *c, const struct account *owner, struct listing *l)
{
	struct folders folders;
	struct share *shares;
	size_t n;

	TRY(read_shares(c, owner->id, &shares, &n));
	TRY(read_folders(c, owner->mailbox, &folders));
	for (size_t i = 0; i < n; i++) {
		TRY(put_path(&folders, &shares[i], l));
		listing_text(l, shares[i].address);
		listing_text(l, right_of(&shares[i]));
		listing_text(l, str_of(meetings_names[shares[i].meetings]));
	}
	return ERR_OK;
}

enum status folder_run_shares(struct ctl *c, const struct args *args)
{
	struct account owner;
	struct listing l;
	enum err e;

	if (ctl_account(c, args->word[0], &owner))
		return STATUS_FAILED;
	listing_begin(&l, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_TABLE));
	e = list_shares(c, &owner, &l);
	if (e)
		return ctl_fail(e, "%s", args->word[0]);
	listing_end(&l);
	return ctl_flush();
}
