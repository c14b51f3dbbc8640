/* EXPUNGE and UID EXPUNGE (RFC 9051 6.4.3, RFC 4315). A phone sees a Delete. */
#include <gateway/imap/commands.h>

#include <gateway/imap/expunge.h>
#include <gateway/imap/mails.h>
#include <store/folder.h>

void imap_expunge_parse(struct imap_in *in, struct imap_command *c)
{
	struct imap_set *set = arena_new(&c->arena, struct imap_set);

	in_sp(in);
	if (set)
		*set = in_set(in);
	c->args = set;
}

static enum err expunge_rows(struct store_tx *tx, const struct imap_selected *sel, const struct item *items, size_t n)
{
	for (size_t i = 0; i < n; i++)
		TRY(item_expunge(tx, sel->view.folder, items[i].id, &AUTHOR_NOBODY));
	return ERR_OK;
}

/* Deleted ones that the session knows and that are meant, a slice of them. */
static enum err find_rows(struct imap_session *se, struct arena *a, struct store_tx *tx, const struct imap_set *uids,
			  struct item *ret, size_t *ret_n)
{
	const struct view_key *view = &se->selected.view;
	uint32_t after = 0;
	struct item *items;
	size_t n;

	*ret_n = 0;
	do {
		TRY(item_list_deleted(a, tx, view->folder, after, view->uid_next, IMAP_SLICE_ROWS, &items, &n));
		for (size_t i = 0; i < n && *ret_n < IMAP_SLICE_ROWS; i++) {
			after = items[i].uid;
			if (!uids || imap_set_has(uids, after))
				ret[(*ret_n)++] = items[i];
		}
	} while (n == IMAP_SLICE_ROWS && *ret_n < IMAP_SLICE_ROWS);
	return ERR_OK;
}

enum err imap_expunge_slice(struct imap_session *se, struct arena *a, const struct imap_set *uids, bool *ret_more)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct item *rows = arena_array(a, IMAP_SLICE_ROWS, sizeof(*rows));
	size_t n;

	if (!rows)
		return ERR_LIMIT;
	TRY(store_begin(se->server->args.store, se->mailbox, STORE_WRITE, &tx));
	TRY(find_rows(se, a, tx, uids, rows, &n));
	TRY(expunge_rows(tx, &se->selected, rows, n));
	TRY(store_commit(&tx));
	*ret_more = n == IMAP_SLICE_ROWS;
	return ERR_OK;
}

enum imap_next imap_expunge(struct imap_command *c, struct worker *w)
{
	struct imap_session *se = c->se;
	struct imap_set *uids = c->args;
	bool more = false;
	enum err e;

	if (se->selected.read_only)
		return imap_no(c, "[READ-ONLY] the mailbox is selected read-only");
	e = uids ? imap_resolve(c, uids, true) : ERR_OK;
	if (!e)
		e = imap_expunge_slice(se, w->arena, uids, &more);
	return !e && more ? IMAP_AGAIN : imap_result(c, e, "expunged");
}
