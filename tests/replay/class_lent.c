/* What cleo lends to ann: folders of hers among those of ann's phones, to look into or to edit, taken back and given again. */
#include "class_life.h"

#include <gateway/mailbox/mount.h>
#include <store/share.h>

#include <stdio.h>

static void lend(struct life *l, struct lent *what, enum lent_how how)
{
	const struct share share = { .owner = l->cleo.id,
				     .guest = l->f.ann.id,
				     .folder = what->folder,
				     .calendar = what->role == FOLDER_DEFAULT_CALENDAR,
				     .edits = how == LENT_TO_EDIT };
	struct store_tx *tx;

	if (what->how == LENT_NOT && how == LENT_NOT)
		return;
	note(l, "cleo: folder %lld is lent: %d\n", (long long)what->folder, how);
	assert_ok(store_begin(l->f.server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(how == LENT_NOT ? share_unset(tx, &share) : share_set(tx, &share));
	assert_ok(store_commit(&tx));
	what->how = how;
}

static void own(struct life *l, int64_t folder, enum folder_role role)
{
	must(l, l->lent_n < countof(l->lent), "cleo has too many folders");
	l->lent[l->lent_n++] = (struct lent){ .folder = folder, .role = role };
}

void lent_begin(struct life *l)
{
	static const enum folder_role roles[] = { FOLDER_DEFAULT_CALENDAR, FOLDER_DEFAULT_CONTACTS,
						  FOLDER_DEFAULT_TASKS, FOLDER_DEFAULT_NOTES };
	struct store_tx *tx;

	l->cleo = server_add_account(&l->f.server, "cleo@example.test", "secret");
	l->lent_n = 0;
	for (size_t i = 0; i < countof(roles); i++) {
		int64_t id;

		assert_ok(store_begin(l->f.server.store, l->cleo.mailbox, STORE_READ, &tx));
		assert_ok(folder_by_role(tx, roles[i], &id));
		assert_ok(store_commit(&tx));
		own(l, id, roles[i]);
		lend(l, &l->lent[i], (enum lent_how)rnd_below(&l->rnd, LENT_HOW_MAX_));
	}
}

/* A crash between the share and its mount leaves what the next FolderSync mends. */
void other_lends(struct life *l)
{
	struct lent *what = &l->lent[rnd_below(&l->rnd, l->lent_n)];

	lend(l, what, rnd_percent(&l->rnd, 30) ? LENT_NOT : (enum lent_how)(1 + rnd_below(&l->rnd, LENT_HOW_MAX_ - 1)));
	if (rnd_percent(&l->rnd, 70))
		assert_ok(mounts_settle(l->f.server.store, l->f.ann.mailbox));
	life_settle(l);
}

void lent_add(struct life *l, int64_t folder)
{
	own(l, folder, FOLDER_ROLE_NONE);
}

void lent_remove(struct life *l, int64_t folder)
{
	for (size_t i = 0; i < l->lent_n; i++)
		if (l->lent[i].folder == folder)
			l->lent[i--] = l->lent[--l->lent_n];
}

/* ---- what stands behind a folder of ann's ---- */

bool lent_is_mount(struct life *l, int64_t folder)
{
	struct store_tx *tx;
	bool mount = false;

	if (l->lent_n == 0)
		return false;
	assert_ok(store_begin(l->f.server.store, l->f.ann.mailbox, STORE_READ, &tx));
	assert_ok(folder_is_mount(tx, folder, &mount));
	assert_ok(store_commit(&tx));
	return mount;
}

const struct lent *lent_behind(struct life *l, int64_t folder)
{
	struct folder row = { 0 };
	struct store_tx *tx;

	if (l->lent_n == 0)
		return NULL;
	assert_ok(store_begin(l->f.server.store, l->f.ann.mailbox, STORE_READ, &tx));
	if (folder_get(&l->f.arena, tx, folder, &row))
		row.mount_folder = 0;
	assert_ok(store_commit(&tx));
	for (size_t i = 0; i < l->lent_n && row.mount_folder; i++)
		if (l->lent[i].folder == row.mount_folder)
			return &l->lent[i];
	return NULL;
}

uint64_t lent_digest(struct life *l, const struct lent *what)
{
	uint64_t digest = 0;
	struct store_tx *tx;
	struct item *items;
	size_t n;

	assert_ok(store_begin(l->f.server.store, l->cleo.mailbox, STORE_READ, &tx));
	assert_ok(item_list(&l->f.arena, tx, what->folder, 0, 4 * ITEMS_MAX, &items, &n));
	assert_ok(store_commit(&tx));
	for (size_t i = 0; i < n; i++)
		digest = digest * 1000003 + (uint64_t)items[i].id * 1009 + (uint64_t)items[i].blob;
	return digest;
}
