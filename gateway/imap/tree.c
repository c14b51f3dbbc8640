/* Paths of folders. */
#include <gateway/imap/tree.h>

#include <base/utf8.h>
#include <gateway/imap/name.h>

#include <stdlib.h>

static size_t index_of(const struct folder *rows, size_t n, int64_t id)
{
	size_t lo = 0, hi = n;

	while (lo < hi && rows[lo].id != id)
		lo++;
	return lo;
}

/* Parents come before their children, so theirs is there already. */
static enum err put_path(struct buf *b, const struct folder *f, const struct str *paths, const struct folder *rows,
			 size_t n)
{
	if (f->role == FOLDER_INBOX) {
		buf_str(b, IMAP_INBOX);
		return buf_status(b);
	}
	if (f->parent != FOLDER_ROOT) {
		size_t parent = index_of(rows, n, f->parent);

		if (parent == n)
			return ERR_CORRUPT;
		buf_str(b, paths[parent]);
		buf_char(b, IMAP_DELIMITER);
	}
	imap_level_put(b, f->name);
	return buf_status(b);
}

static enum err make_paths(struct arena *a, const struct folder *rows, size_t n, struct str *paths)
{
	struct buf b = BUF_INIT(FOLDER_DEPTH_MAX * 4 * FOLDER_NAME_MAX);
	enum err e = ERR_OK;

	for (size_t i = 0; !e && i < n; i++) {
		buf_clear(&b);
		e = put_path(&b, &rows[i], paths, rows, i);
		if (!e)
			e = arena_str(a, buf_view(&b), &paths[i]);
	}
	buf_release(&b);
	return e;
}

static int by_path(const void *a, const void *b)
{
	const struct imap_node *x = a, *y = b;

	if ((x->folder.role == FOLDER_INBOX) != (y->folder.role == FOLDER_INBOX))
		return x->folder.role == FOLDER_INBOX ? -1 : 1;
	return str_cmp(x->path, y->path);
}

static bool has_children(const struct folder *rows, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].parent == id && rows[i].class == FOLDER_MAIL)
			return true;
	return false;
}

enum err imap_tree_read(struct arena *a, struct store_tx *tx, struct imap_tree *ret)
{
	struct imap_tree t = { 0 };
	struct folder *rows;
	struct str *paths;
	size_t n;

	TRY(folder_list(a, tx, &rows, &n));
	paths = arena_array(a, n, sizeof(*paths));
	t.nodes = arena_array(a, n, sizeof(*t.nodes));
	if (!paths || !t.nodes)
		return ERR_LIMIT;
	TRY(make_paths(a, rows, n, paths));
	for (size_t i = 0; i < n; i++)
		if (rows[i].class == FOLDER_MAIL)
			t.nodes[t.n++] = (struct imap_node){ rows[i], paths[i], has_children(rows, n, rows[i].id) };
	if (t.n)
		qsort(t.nodes, t.n, sizeof(*t.nodes), by_path);
	*ret = t;
	return ERR_OK;
}

const struct imap_node *imap_tree_find(const struct imap_tree *t, struct str path)
{
	for (size_t i = 0; i < t->n; i++)
		if (str_eq(t->nodes[i].path, path))
			return &t->nodes[i];
	return NULL;
}

/* INBOX is a name in any case, also as the first level of others. */
static struct str inbox_upper(struct arena *a, struct str path)
{
	struct str copy;

	if (!str_istarts(path, IMAP_INBOX) || (path.n > IMAP_INBOX.n && path.p[IMAP_INBOX.n] != IMAP_DELIMITER))
		return path;
	if (path.n == IMAP_INBOX.n)
		return IMAP_INBOX;
	if (arena_str(a, path, &copy))
		return STR_EMPTY;
	memcpy((char *)(uintptr_t)copy.p, IMAP_INBOX.p, IMAP_INBOX.n);
	return copy;
}

enum err imap_path_read(struct arena *a, const struct imap_session *se, struct str name, struct str *ret)
{
	struct buf b = BUF_INIT(4 * IMAP_MAX_NAME);
	struct str path;
	enum err e = name.n > IMAP_MAX_NAME ? ERR_INVALID : ERR_OK;

	if (!e && imap_has(se, IMAP_UTF8 | IMAP_REV2) && utf8_valid(name))
		buf_str(&b, name);
	else if (!e)
		e = imap_utf7_decode(&b, name);
	if (!e)
		e = arena_str(a, buf_view(&b), &path);
	buf_release(&b);
	if (e)
		return ERR_INVALID;
	if (path.n > 1 && path.p[path.n - 1] == IMAP_DELIMITER)
		path.n--;
	*ret = inbox_upper(a, path);
	return ERR_OK;
}

/*
 * From level to level by their names in the store, which a path without '=' has them by. Another folder than mail's may
 * stand between of the same name as one of mail: who is not found here may be there all the same.
 */
static enum err find_by_levels(struct arena *a, struct store_tx *tx, struct str path, struct folder *ret)
{
	struct str rest = path, level;
	int64_t at = FOLDER_ROOT;

	while (str_cut(&rest, IMAP_DELIMITER, &level))
		TRY(folder_by_name(tx, at, rest.p ? (enum folder_class)0 : FOLDER_MAIL, level, &at));
	return folder_get(a, tx, at, ret);
}

static enum err find_in_tree(struct arena *a, struct store_tx *tx, struct str path, struct folder *ret)
{
	const struct imap_node *node;
	struct imap_tree t;

	TRY(imap_tree_read(a, tx, &t));
	node = imap_tree_find(&t, path);
	if (!node)
		return ERR_NOT_FOUND;
	*ret = node->folder;
	return ERR_OK;
}

enum err imap_find_folder(struct arena *a, struct store_tx *tx, const struct imap_session *se, struct str name,
			  struct folder *ret)
{
	enum err e = ERR_NOT_FOUND;
	struct str path;

	if (imap_path_read(a, se, name, &path))
		return ERR_NOT_FOUND;
	if (str_index(path, '=') == path.n)
		e = find_by_levels(a, tx, path, ret);
	return e == ERR_NOT_FOUND ? find_in_tree(a, tx, path, ret) : e;
}
