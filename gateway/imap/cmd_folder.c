/* CREATE, DELETE, RENAME, SUBSCRIBE and UNSUBSCRIBE: the same folders that phones make and rename. */
#include <gateway/imap/commands.h>

#include <gateway/imap/name.h>
#include <gateway/imap/special.h>
#include <gateway/imap/tree.h>
#include <store/subscription.h>

struct names {
	struct str name, to;
	enum folder_role role; /* CREATE … (USE (\Archive)); FOLDER_ROLE_MAX_: one that we don't have, or several */
};

static struct names *names_new(struct imap_in *in, struct imap_command *c)
{
	struct names *n = arena_new(&c->arena, struct names);

	c->args = n;
	if (!n) {
		in_fail(in, "too much to keep");
		return NULL;
	}
	in_sp(in);
	n->name = in_astring(in);
	return n;
}

void imap_name_parse(struct imap_in *in, struct imap_command *c)
{
	(void)names_new(in, c);
}

void imap_rename_parse(struct imap_in *in, struct imap_command *c)
{
	struct names *n = names_new(in, c);

	in_sp(in);
	if (n)
		n->to = in_astring(in);
}

/* RFC 6154 5.2. */
void imap_create_parse(struct imap_in *in, struct imap_command *c)
{
	struct names *n = names_new(in, c);

	if (!n || !in_try(in, ' '))
		return;
	in_open(in);
	if (!in_try_word(in, "USE"))
		in_fail(in, "no such parameter");
	in_sp(in);
	in_open(in);
	if (!in_try_close(in)) {
		n->role = imap_special_read(in);
		while (in_more(in)) {
			(void)imap_special_read(in);
			n->role = FOLDER_ROLE_MAX_;
		}
	}
	in_close(in);
}

/* One level of a path, as the store has it. */
static enum err level_name(struct arena *a, struct str level, struct str *ret)
{
	struct buf b = BUF_INIT(IMAP_MAX_NAME);
	enum err e;

	imap_level_read(&b, level);
	e = buf_status(&b) ? ERR_INVALID : arena_str(a, buf_view(&b), ret);
	buf_release(&b);
	return e;
}

/* "a/b/c" is made of "a/b" and "c". */
static struct str parent_of(struct str path, struct str *ret_level)
{
	size_t at = path.n;

	while (at > 0 && path.p[at - 1] != IMAP_DELIMITER)
		at--;
	*ret_level = str_slice(path, at, path.n);
	return str_slice(path, 0, at ? at - 1 : 0);
}

/* The folder of a path, made with all that lead to it where they are missing; *ret_made: the last one was. */
static enum err make_path(struct arena *a, struct store_tx *tx, struct str path, enum folder_role role, int64_t *ret,
			  bool *ret_made)
{
	struct imap_tree tree;
	const struct imap_node *node;
	struct str rest = path, level, prefix, name;
	int64_t at = FOLDER_ROOT;

	TRY(imap_tree_read(a, tx, &tree));
	*ret_made = false;
	while (str_cut(&rest, IMAP_DELIMITER, &level)) {
		prefix = str_slice(path, 0, (size_t)(level.p + level.n - path.p));
		node = imap_tree_find(&tree, prefix);
		*ret_made = !node;
		if (node) {
			at = node->folder.id;
			continue;
		}
		TRY(level_name(a, level, &name));
		TRY(folder_create(tx,
				  &(struct folder_new){ .parent = at,
							.name = name,
							.class = FOLDER_MAIL,
							.role = rest.p ? FOLDER_ROLE_NONE : role,
							.by = AUTHOR_NOBODY },
				  &at));
	}
	*ret = at;
	return ERR_OK;
}

static enum err create(struct imap_command *c, struct arena *a, int64_t *ret_id)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	const struct names *n = c->args;
	struct str path;
	bool made;

	TRY(imap_path_read(a, c->se, n->name, &path));
	if (path.n == 0)
		return ERR_INVALID;
	TRY(store_begin(c->se->server->args.store, c->se->mailbox, STORE_WRITE, &tx));
	TRY(make_path(a, tx, path, n->role, ret_id, &made));
	return made ? store_commit(&tx) : ERR_EXISTS;
}

enum imap_next imap_create(struct imap_command *c, struct worker *w)
{
	const struct names *n = c->args;
	int64_t id = 0;
	enum err e;

	if (n->role == FOLDER_ROLE_MAX_)
		return imap_no(c, "[USEATTR] no mailbox is made for that use");
	e = create(c, w->arena, &id);
	if (e == ERR_EXISTS && n->role)
		return imap_no(c, "[USEATTR] there is such a mailbox, or one for that use");
	return e ? imap_result(c, e, "") : imap_ok(c, "[MAILBOXID (F%lld)] created", (long long)id);
}

static bool is_above(const struct imap_tree *t, const struct imap_node *node)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->nodes[i].folder.parent == node->folder.id)
			return true;
	return false;
}

/* Who has children stays: IMAP would keep them, and our folders cannot hang in the air. */
static enum err delete (struct imap_command *c, struct arena *a) {
	CLEANUP(store_tx_end) struct store_tx *tx = NULL; const struct names *n = c->args;
	const struct imap_node * node;
	struct imap_tree tree;
	struct str path;

	if (imap_path_read(a, c->se, n->name, &path)) return ERR_NOT_FOUND;
	TRY(store_begin(c->se->server->args.store, c->se->mailbox, STORE_WRITE, &tx));
	TRY(imap_tree_read(a, tx, &tree));
	node = imap_tree_find(&tree, path);
	if (!node) return ERR_NOT_FOUND;
	if (is_above(&tree, node)) return ERR_STALE;
	TRY(folder_delete(tx, node->folder.id, &AUTHOR_NOBODY));
	return store_commit(&tx);
}

enum imap_next imap_delete(struct imap_command *c, struct worker *w)
{
	enum err e = delete (c, w->arena);

	if (e == ERR_STALE)
		return imap_no(c, "[HASCHILDREN] delete what is below it first");
	return imap_result(c, e, "deleted");
}

/* RFC 9051 6.3.6: INBOX stays, and its mails go. */
static enum err move_inbox(struct arena *a, struct store_tx *tx, int64_t inbox, int64_t to)
{
	enum { PAGE = 256 };
	enum item_moved moved;
	struct item *items;
	size_t n;

	do {
		arena_reset(a);
		TRY(item_list(a, tx, inbox, 0, PAGE, &items, &n));
		for (size_t i = 0; i < n; i++)
			TRY(item_move(tx, &(struct item_move){ .from = inbox, .id = items[i].id, .to = to }, &moved));
	} while (n == PAGE);
	return ERR_OK;
}

static enum err rename_inbox(struct imap_command *c, struct arena *a, struct store_tx *tx, int64_t inbox,
			     struct str path)
{
	int64_t to;
	bool made;

	(void)c;
	TRY(make_path(a, tx, path, FOLDER_ROLE_NONE, &to, &made));
	return made ? move_inbox(a, tx, inbox, to) : ERR_EXISTS;
}

static enum err rename_folder(struct arena *a, struct store_tx *tx, int64_t id, struct str path)
{
	int64_t parent = FOLDER_ROOT;
	struct str level, name, above = parent_of(path, &level);
	bool made;

	TRY(level_name(a, level, &name));
	if (above.n)
		TRY(make_path(a, tx, above, FOLDER_ROLE_NONE, &parent, &made));
	return folder_update(tx, id, parent, name, &AUTHOR_NOBODY);
}

static enum err rename_any(struct imap_command *c, struct arena *a)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	const struct names *n = c->args;
	const struct imap_node *node;
	struct imap_tree tree;
	struct str from, to;

	if (imap_path_read(a, c->se, n->name, &from))
		return ERR_NOT_FOUND;
	TRY(imap_path_read(a, c->se, n->to, &to));
	if (to.n == 0)
		return ERR_INVALID;
	TRY(store_begin(c->se->server->args.store, c->se->mailbox, STORE_WRITE, &tx));
	TRY(imap_tree_read(a, tx, &tree));
	node = imap_tree_find(&tree, from);
	if (!node)
		return ERR_NOT_FOUND;
	if (imap_tree_find(&tree, to))
		return ERR_EXISTS;
	TRY(node->folder.role == FOLDER_INBOX ? rename_inbox(c, a, tx, node->folder.id, to)
					      : rename_folder(a, tx, node->folder.id, to));
	return store_commit(&tx);
}

enum imap_next imap_rename(struct imap_command *c, struct worker *w)
{
	return imap_result(c, rename_any(c, w->arena), "renamed");
}

static enum err set_subscription(struct imap_command *c, struct arena *a, bool subscribed)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	const struct names *n = c->args;
	struct str path;

	TRY(imap_path_read(a, c->se, n->name, &path));
	TRY(store_begin(c->se->server->args.store, c->se->mailbox, STORE_WRITE, &tx));
	TRY(subscription_set(tx, path, subscribed));
	return store_commit(&tx);
}

enum imap_next imap_subscribe(struct imap_command *c, struct worker *w)
{
	return imap_result(c, set_subscription(c, w->arena, true), "subscribed");
}

enum imap_next imap_unsubscribe(struct imap_command *c, struct worker *w)
{
	return imap_result(c, set_subscription(c, w->arena, false), "unsubscribed");
}
