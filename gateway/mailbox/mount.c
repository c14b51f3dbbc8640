/* What is shared with an account, among its folders. */
#include <gateway/mailbox/mount.h>

#include <base/buf.h>
#include <base/log.h>
#include <base/utf8.h>
#include <store/redirect.h>
#include <store/share.h>

enum {
	ARENA_BYTES = 8 * 1024 * 1024,
	NAME_PART_BYTES = 120, /* of the folder's name, and of its owner's */
};

enum err mount_account_find(struct arena *a, struct store_tx *tx, int64_t account, struct account *ret)
{
	struct redirect elsewhere;

	TRY(account_get(a, tx, account, ret));
	TRY(redirect_get(a, tx, account, &elsewhere));
	return ret->enabled && !redirect_is_set(&elsewhere) ? ERR_OK : ERR_NOT_FOUND;
}

/* An account's mailbox has its number (store/account.h). */
enum err mount_right_find(struct arena *a, struct store *s, int64_t guest, const struct folder *mount,
			  struct mount_right *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct share share;

	TRY(store_begin(s, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(share_get(tx, mount->mount_mailbox, guest, mount->mount_folder, &share));
	ret->edits = share.edits;
	return mount_account_find(a, tx, mount->mount_mailbox, &ret->owner);
}

/* ---- the mounts ---- */

struct wanted {
	struct account owner;
	int64_t folder;
	struct folder is;
	bool unseen; /* its mailbox can't be looked at now: a mount that is there stays */
};

struct wanted_list {
	struct wanted *list;
	size_t n;
};

static enum err read_shares(struct arena *a, struct store *s, int64_t guest, struct wanted_list *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct share *shares;
	size_t n;

	TRY(store_begin(s, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(share_list_of_guest(a, tx, guest, &shares, &n));
	ret->list = arena_array(a, n + 1, sizeof(*ret->list));
	if (!ret->list)
		return ERR_BUSY;
	for (size_t i = 0; i < n; i++) {
		struct wanted *w = &ret->list[ret->n];
		enum err e = shares[i].folder ? mount_account_find(a, tx, shares[i].owner, &w->owner) : ERR_NOT_FOUND;

		if (e == ERR_NOT_FOUND)
			continue;
		TRY(e);
		w->folder = shares[i].folder;
		ret->n++;
	}
	return ERR_OK;
}

static enum err look(struct arena *a, struct store *s, struct wanted *w)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(s, w->owner.mailbox, STORE_READ, &tx));
	TRY(folder_get(a, tx, w->folder, &w->is));
	return w->is.class == FOLDER_MAIL || w->is.mount_mailbox ? ERR_NOT_FOUND : ERR_OK;
}

/* A mailbox that is damaged is its owner's trouble, and the guest has his folders all the same. */
static void look_at_all(struct arena *a, struct store *s, struct wanted_list *all)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		struct wanted w = all->list[i];
		enum err e = look(a, s, &w);

		w.unseen = e != ERR_OK;
		if (e != ERR_NOT_FOUND)
			all->list[n++] = w;
	}
	all->n = n;
}

static bool stands_for(const struct folder *mount, const struct wanted *w)
{
	return mount->mount_mailbox == w->owner.mailbox && mount->mount_folder == w->folder;
}

static bool is_wanted(const struct wanted_list *all, const struct folder *mount)
{
	for (size_t i = 0; i < all->n; i++)
		if (stands_for(mount, &all->list[i]))
			return true;
	return false;
}

static bool is_mounted(const struct folder *mounts, size_t n, const struct wanted *w)
{
	for (size_t i = 0; i < n; i++)
		if (stands_for(&mounts[i], w))
			return true;
	return false;
}

static bool is_settled(const struct wanted_list *all, const struct folder *mounts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_wanted(all, &mounts[i]))
			return false;
	for (size_t i = 0; i < all->n; i++)
		if (!all->list[i].unseen && !is_mounted(mounts, n, &all->list[i]))
			return false;
	return true;
}

static enum err make_named(struct store_tx *tx, const struct wanted *w, struct str of, bool numbered)
{
	CLEANUP(buf_release) struct buf name = BUF_INIT(FOLDER_NAME_MAX);
	struct folder_new f = {
		.class = w->is.class, .by = AUTHOR_NOBODY, .mount_mailbox = w->owner.mailbox, .mount_folder = w->folder
	};
	int64_t id;

	buf_fmt(&name, STR_FMT " (" STR_FMT ")", STR_ARG(utf8_prefix(w->is.name, NAME_PART_BYTES)),
		STR_ARG(utf8_prefix(of, NAME_PART_BYTES)));
	if (numbered)
		buf_fmt(&name, " %lld", (long long)w->folder);
	TRY(buf_status(&name));
	f.name = buf_view(&name);
	return folder_create(tx, &f, &id);
}

/* By its owner's name; where that can't be, by his address. */
static enum err make(struct store_tx *tx, const struct wanted *w)
{
	enum err e = ERR_INVALID;

	if (w->owner.name.n)
		e = make_named(tx, w, w->owner.name, false);
	if (e == ERR_EXISTS || e == ERR_INVALID)
		e = make_named(tx, w, w->owner.address, false);
	if (e == ERR_EXISTS || e == ERR_INVALID)
		e = make_named(tx, w, w->owner.address, true);
	if (e != ERR_LIMIT && e != ERR_EXISTS && e != ERR_INVALID)
		return e;
	log_warn("not_mounted", "mailbox=%lld owner=%lld folder=%lld error=%s", (long long)store_tx_mailbox(tx),
		 (long long)w->owner.id, (long long)w->folder, log_quote(str_of(err_text(e))).text);
	return ERR_OK;
}

static enum err settle_in(struct arena *a, struct store_tx *tx, const struct wanted_list *all)
{
	struct folder *mounts;
	size_t n;

	TRY(folder_mounts(a, tx, &mounts, &n));
	for (size_t i = 0; i < n; i++)
		if (!is_wanted(all, &mounts[i]))
			TRY(folder_unmount(tx, mounts[i].id));
	for (size_t i = 0; i < all->n; i++)
		if (!all->list[i].unseen && !is_mounted(mounts, n, &all->list[i]))
			TRY(make(tx, &all->list[i]));
	return ERR_OK;
}

static enum err look_if_settled(struct arena *a, struct store *s, int64_t guest, const struct wanted_list *all,
				bool *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct folder *mounts;
	size_t n;

	TRY(store_begin(s, guest, STORE_READ, &tx));
	TRY(folder_mounts(a, tx, &mounts, &n));
	*ret = is_settled(all, mounts, n);
	return ERR_OK;
}

enum err mounts_settle(struct store *s, int64_t guest)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct wanted_list all = { 0 };
	bool settled;

	TRY(read_shares(&a, s, guest, &all));
	look_at_all(&a, s, &all);
	TRY(look_if_settled(&a, s, guest, &all, &settled));
	if (settled)
		return ERR_OK;
	TRY(store_begin(s, guest, STORE_WRITE, &tx));
	TRY(settle_in(&a, tx, &all));
	return store_commit(&tx);
}
