/* LIST and LSUB (RFC 9051 6.3.9; LIST-EXTENDED RFC 5258, LIST-STATUS RFC 5819, SPECIAL-USE RFC 6154) and STATUS. */
#include <gateway/imap/commands.h>

#include <gateway/imap/name.h>
#include <gateway/imap/special.h>
#include <gateway/imap/tree.h>
#include <store/subscription.h>

enum list_option {
	LIST_SUBSCRIBED = 1u << 0,
	LIST_REMOTE = 1u << 1, /* there are none */
	LIST_RECURSIVE = 1u << 2,
	LIST_SPECIAL = 1u << 3,
	LIST_CHILDREN = 1u << 4,
	LIST_STATUS = 1u << 5,
};

enum status_item {
	STATUS_MESSAGES = 1u << 0,
	STATUS_RECENT = 1u << 1,
	STATUS_UIDNEXT = 1u << 2,
	STATUS_UIDVALIDITY = 1u << 3,
	STATUS_UNSEEN = 1u << 4,
	STATUS_DELETED = 1u << 5,
	STATUS_SIZE = 1u << 6,
	STATUS_HIGHESTMODSEQ = 1u << 7,
	STATUS_APPENDLIMIT = 1u << 8,
	STATUS_MAILBOXID = 1u << 9,
	STATUS_DELETED_STORAGE = 1u << 10,
};

static const struct {
	const char *name;
	unsigned bit;
} status_items[] = {
	{ "MESSAGES", STATUS_MESSAGES },
	{ "RECENT", STATUS_RECENT },
	{ "UIDNEXT", STATUS_UIDNEXT },
	{ "UIDVALIDITY", STATUS_UIDVALIDITY },
	{ "UNSEEN", STATUS_UNSEEN },
	{ "DELETED", STATUS_DELETED },
	{ "SIZE", STATUS_SIZE },
	{ "HIGHESTMODSEQ", STATUS_HIGHESTMODSEQ },
	{ "APPENDLIMIT", STATUS_APPENDLIMIT },
	{ "MAILBOXID", STATUS_MAILBOXID },
	{ "DELETED-STORAGE", STATUS_DELETED_STORAGE },
};

struct list_args {
	bool lsub, extended; /* extended: in the form of RFC 5258, which tells of subscriptions when asked alone */
	struct str reference;
	struct str patterns[IMAP_MAX_PATTERNS]; /* as paths of the tree, with the reference */
	size_t patterns_n;
	unsigned select, give; /* enum list_option */
	unsigned status;
	struct str name; /* STATUS */
};

/* ---- grammar ---- */

static unsigned in_status_items(struct imap_in *in, struct imap_session *se)
{
	unsigned bits = 0;

	in_open(in);
	do {
		size_t i = 0;

		while (i < countof(status_items) && !in_try_word(in, status_items[i].name))
			i++;
		if (i == countof(status_items))
			in_fail(in, "no such item");
		else
			bits |= status_items[i].bit;
	} while (in_more(in));
	if (bits & STATUS_HIGHESTMODSEQ)
		se->enabled |= IMAP_CONDSTORE;
	return bits;
}

static struct list_args *list_new(struct imap_in *in, struct imap_command *c)
{
	struct list_args *l = arena_new(&c->arena, struct list_args);

	c->args = l;
	if (!l)
		in_fail(in, "too much to keep");
	in_sp(in);
	return l;
}

void imap_status_parse(struct imap_in *in, struct imap_command *c)
{
	struct list_args *l = list_new(in, c);

	if (!l)
		return;
	l->name = in_astring(in);
	in_sp(in);
	l->status = in_status_items(in, c->se);
}

static void select_options(struct imap_in *in, struct list_args *l)
{
	static const struct {
		const char *name;
		unsigned bits;
	} options[] = { { "SUBSCRIBED", LIST_SUBSCRIBED },
			{ "REMOTE", LIST_REMOTE },
			{ "RECURSIVEMATCH", LIST_RECURSIVE },
			{ "SPECIAL-USE", LIST_SPECIAL } };

	if (!in_try_open(in))
		return;
	l->extended = true;
	if (!in_try_close(in)) {
		do {
			size_t i = 0;

			while (i < countof(options) && !in_try_word(in, options[i].name))
				i++;
			if (i == countof(options))
				in_fail(in, "no such selection option");
			else
				l->select |= options[i].bits;
		} while (in_more(in));
	}
	if (in_ok(in) && l->select & LIST_RECURSIVE && !(l->select & LIST_SUBSCRIBED))
		in_fail(in, "RECURSIVEMATCH selects nothing by itself");
	in_sp(in);
}

/* A pattern is a name with wildcards, which mean the same in either coding. */
static void add_pattern(struct imap_in *in, struct imap_command *c, struct str pattern)
{
	struct list_args *l = c->args;
	struct buf b = BUF_INIT(8 * IMAP_MAX_NAME);
	struct str *to;

	if (!in_ok(in))
		return;
	if (l->patterns_n == IMAP_MAX_PATTERNS || l->reference.n + pattern.n > IMAP_MAX_NAME) {
		in_fail(in, "too many patterns, or a too long one");
		return;
	}
	to = &l->patterns[l->patterns_n++];
	buf_str(&b, l->reference);
	buf_str(&b, pattern);
	if (imap_path_read(&c->arena, c->se, buf_view(&b), to))
		*to = STR_EMPTY; /* no name is like that */
	else if (str_ends(buf_view(&b), S("/")) && b.n > 1)
		*to = STR_EMPTY; /* names don't end so */
	buf_release(&b);
}

static void return_options(struct imap_in *in, struct imap_command *c)
{
	struct list_args *l = c->args;

	if (!in_try_word(in, "RETURN"))
		in_fail(in, "RETURN is missing");
	l->extended = true;
	in_sp(in);
	in_open(in);
	if (in_try_close(in))
		return;
	do {
		if (in_try_word(in, "SUBSCRIBED")) {
			l->give |= LIST_SUBSCRIBED;
		} else if (in_try_word(in, "CHILDREN")) {
			l->give |= LIST_CHILDREN;
		} else if (in_try_word(in, "SPECIAL-USE")) {
			l->give |= LIST_SPECIAL;
		} else if (in_try_word(in, "STATUS")) {
			in_sp(in);
			l->status = in_status_items(in, c->se);
		} else {
			in_fail(in, "no such return option");
		}
	} while (in_more(in));
}

void imap_list_parse(struct imap_in *in, struct imap_command *c)
{
	struct list_args *l = list_new(in, c);

	if (!l)
		return;
	select_options(in, l);
	l->reference = in_astring(in);
	in_sp(in);
	if (in_try_open(in)) {
		l->extended = true;
		do
			add_pattern(in, c, in_pattern(in));
		while (in_more(in));
	} else {
		struct str pattern = in_pattern(in);

		if (in_ok(in) && pattern.n)
			add_pattern(in, c, pattern);
	}
	if (in_ok(in) && in_try(in, ' '))
		return_options(in, c);
}

void imap_lsub_parse(struct imap_in *in, struct imap_command *c)
{
	imap_list_parse(in, c);
	if (c->args) {
		struct list_args *l = c->args;

		l->lsub = true;
		l->select = LIST_SUBSCRIBED | LIST_RECURSIVE;
	}
}

/* ---- STATUS ---- */

static enum err put_status(struct imap_session *se, struct store_tx *tx, const struct folder *f, struct str path,
			   unsigned items)
{
	struct folder_sums sums = { 0 };
	const uint64_t values[] = { f->total,
				    0,
				    f->uid_next,
				    f->uid_validity,
				    f->unread,
				    0,
				    0,
				    f->head ? f->head : 1,
				    se->server->args.max_message,
				    0,
				    0 };
	const char *between = "";

	if (items & (STATUS_DELETED | STATUS_SIZE | STATUS_DELETED_STORAGE))
		TRY(folder_sums(tx, f->id, &sums));
	buf_cstr(&se->out, "* STATUS ");
	imap_put_name(se, &se->out, path);
	buf_cstr(&se->out, " (");
	for (size_t i = 0; i < countof(status_items); i++) {
		unsigned bit = status_items[i].bit;

		if (!(items & bit))
			continue;
		buf_fmt(&se->out, "%s%s ", between, status_items[i].name);
		if (bit == STATUS_MAILBOXID)
			buf_fmt(&se->out, "(F%lld)", (long long)f->id);
		else
			buf_u64(&se->out, bit == STATUS_DELETED           ? sums.deleted
					  : bit == STATUS_DELETED_STORAGE ? sums.deleted_bytes
					  : bit == STATUS_SIZE            ? sums.bytes
									  : values[i]);
		between = " ";
	}
	buf_cstr(&se->out, ")\r\n");
	return buf_status(&se->out);
}

static enum err status(struct imap_command *c, struct arena *a)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	const struct list_args *l = c->args;
	struct folder f;
	struct str path;

	TRY(imap_path_read(a, c->se, l->name, &path) == ERR_OK ? ERR_OK : ERR_NOT_FOUND);
	TRY(store_begin(c->se->server->args.store, c->se->mailbox, STORE_READ, &tx));
	TRY(imap_find_folder(a, tx, c->se, l->name, &f));
	return put_status(c->se, tx, &f, path, l->status);
}

enum imap_next imap_status(struct imap_command *c, struct worker *w)
{
	return imap_result(c, status(c, w->arena), "done");
}

/* ---- LIST ---- */

struct listing {
	struct imap_session *se;
	const struct list_args *l;
	struct store_tx *tx;
	struct imap_tree tree;
	struct subscription *said; /* by name */
	size_t said_n;
	unsigned long steps; /* of matching, for all names */
};

/* What was said of a name; NULL: nothing. */
static const struct subscription *said_of(const struct listing *g, struct str path)
{
	size_t lo = 0, hi = g->said_n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int order = str_cmp(g->said[mid].name, path);

		if (order == 0)
			return &g->said[mid];
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static bool is_subscribed(const struct listing *g, struct str path)
{
	const struct subscription *said = said_of(g, path);

	return !said || said->subscribed;
}

static bool matches(struct listing *g, struct str path)
{
	for (size_t i = 0; i < g->l->patterns_n; i++)
		if (imap_pattern_matches(g->l->patterns[i], path, &g->steps))
			return true;
	return false;
}

static bool is_selected(const struct listing *g, const struct imap_node *node)
{
	return (!(g->l->select & LIST_SUBSCRIBED) || is_subscribed(g, node->path)) &&
	       (!(g->l->select & LIST_SPECIAL) || imap_special_name(node->folder.role));
}

static bool is_below(struct str path, struct str above)
{
	return path.n > above.n && path.p[above.n] == IMAP_DELIMITER && str_starts(path, above);
}

/* Is something below it subscribed that the patterns don't show? */
static bool hides_subscribed(struct listing *g, struct str path)
{
	if (!(g->l->select & LIST_RECURSIVE))
		return false;
	for (size_t i = 0; i < g->tree.n; i++)
		if (is_below(g->tree.nodes[i].path, path) && is_selected(g, &g->tree.nodes[i]) &&
		    !matches(g, g->tree.nodes[i].path))
			return true;
	for (size_t i = 0; i < g->said_n; i++)
		if (g->said[i].subscribed && is_below(g->said[i].name, path) && !matches(g, g->said[i].name))
			return true;
	return false;
}

struct attributes {
	struct buf *out;
	const char *between;
};

static void put_attribute(struct attributes *at, const char *name)
{
	buf_fmt(at->out, "%s%s", at->between, name);
	at->between = " ";
}

static void put_line(struct listing *g, struct str path, const struct imap_node *node, bool selected, bool child_info)
{
	struct attributes at = { &g->se->out, "" };
	const struct list_args *l = g->l;
	const char *special = node ? imap_special_name(node->folder.role) : NULL;

	buf_cstr(at.out, l->lsub ? "* LSUB (" : "* LIST (");
	if (l->lsub) {
		if (!node || !selected)
			put_attribute(&at, "\\Noselect");
	} else {
		if (!node)
			put_attribute(&at, "\\NonExistent");
		if (((l->select | l->give) & LIST_SUBSCRIBED) && is_subscribed(g, path))
			put_attribute(&at, "\\Subscribed");
		if (node)
			put_attribute(&at, node->has_children ? "\\HasChildren" : "\\HasNoChildren");
		if (special)
			put_attribute(&at, special);
	}
	buf_cstr(at.out, ") \"/\" ");
	imap_put_name(g->se, at.out, path);
	if (child_info && !l->lsub)
		buf_cstr(at.out, " (\"CHILDINFO\" (\"SUBSCRIBED\"))");
	buf_cstr(at.out, "\r\n");
}

static enum err list_node(struct listing *g, const struct imap_node *node)
{
	bool selected = is_selected(g, node), child_info;

	if (!matches(g, node->path))
		return ERR_OK;
	child_info = hides_subscribed(g, node->path);
	if (!selected && !child_info)
		return ERR_OK;
	put_line(g, node->path, node, selected, child_info);
	return g->l->status ? put_status(g->se, g->tx, &node->folder, node->path, g->l->status) : ERR_OK;
}

/* Names that are subscribed, and of which there is no mailbox. */
static void list_names(struct listing *g)
{
	if (!(g->l->select & LIST_SUBSCRIBED) || g->l->select & LIST_SPECIAL)
		return;
	for (size_t i = 0; i < g->said_n; i++)
		if (g->said[i].subscribed && !imap_tree_find(&g->tree, g->said[i].name) && matches(g, g->said[i].name))
			put_line(g, g->said[i].name, NULL, true, false);
}

static enum err list(struct imap_command *c, struct arena *a)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct listing g = { .se = c->se, .l = c->args, .steps = IMAP_MAX_PATTERN_STEPS };

	TRY(store_begin(c->se->server->args.store, c->se->mailbox, STORE_READ, &tx));
	g.tx = tx;
	TRY(imap_tree_read(a, tx, &g.tree));
	TRY(subscription_list(a, tx, &g.said, &g.said_n));
	for (size_t i = 0; i < g.tree.n; i++)
		TRY(list_node(&g, &g.tree.nodes[i]));
	list_names(&g);
	return g.steps ? ERR_OK : ERR_LIMIT;
}

enum imap_next imap_list(struct imap_command *c, struct worker *w)
{
	const struct list_args *l = c->args;

	if (l->patterns_n == 0) { /* RFC 9051 6.3.9: only the delimiter is asked for */
		imap_line(c->se, "* %s (\\Noselect) \"/\" \"\"", l->lsub ? "LSUB" : "LIST");
		return imap_ok(c, "done");
	}
	return imap_result(c, list(c, w->arena), "done");
}
