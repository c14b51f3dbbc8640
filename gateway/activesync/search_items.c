/* From a request to the items that it means. */
#include <gateway/activesync/search.h>

#include <gateway/activesync/hierarchy.h>
#include <gateway/activesync/item_class.h>
#include <gateway/activesync/kql.h>
#include <gateway/activesync/server_id.h>
#include <gateway/mailbox/entry.h>
#include <gateway/mailbox/search.h>
#include <store/item.h>
#include <store/rows.h>

#include <stdlib.h>

enum { CONDITIONS_MAX = EAS_MAX_SEARCH_TEXTS + 5 };

enum search_status eas_search_status(enum err e)
{
	static const enum search_status statuses[] = {
		[ERR_OK] = SEARCH_DONE,
		[ERR_NOT_FOUND] = SEARCH_SERVER,
		[ERR_EXISTS] = SEARCH_SERVER,
		[ERR_STALE] = SEARCH_FOLDERSYNC,
		[ERR_INVALID] = SEARCH_BAD,
		[ERR_DENIED] = SEARCH_DENIED,
		[ERR_UNSUPPORTED] = SEARCH_SERVER,
		[ERR_LIMIT] = SEARCH_TOO_COMPLEX,
		[ERR_BUSY] = SEARCH_TIMED_OUT,
		[ERR_FULL] = SEARCH_SERVER,
		[ERR_QUOTA] = SEARCH_SERVER,
		[ERR_CORRUPT] = SEARCH_SERVER,
		[ERR_IO] = SEARCH_SERVER,
	};
	_Static_assert(countof(statuses) == ERR_MAX_, "a status for every error");

	return statuses[e];
}

/* ---- folders ---- */

/* Where is looked. */
struct scope {
	struct eas_request *rq;
	bool all; /* of the own folders */
	struct rows own;
	struct eas_place *mounts;
	size_t mounts_n;
};

static enum err add_mount(struct scope *scope, const struct folder *mount)
{
	enum err e = eas_place_of(scope->rq, mount, &scope->mounts[scope->mounts_n]);

	if (e == ERR_NOT_FOUND) /* not shared any more */
		return ERR_STALE;
	scope->mounts_n += !e;
	return e;
}

/* All folders of the mailbox, parents before their children, and which of them are meant. */
struct folders {
	struct folder *all;
	size_t n;
	size_t *by_id; /* places in `all` */
	bool *meant;
};

static int compare_ids(const void *a, const void *b, void *ctx)
{
	const struct folder *all = ctx;
	int64_t x = all[*(const size_t *)a].id, y = all[*(const size_t *)b].id;

	return (x > y) - (x < y);
}

static enum err load_folders(struct arena *a, struct store_tx *tx, struct folders *f)
{
	TRY(folder_list(a, tx, &f->all, &f->n));
	f->by_id = arena_array(a, f->n + 1, sizeof(*f->by_id));
	f->meant = arena_array(a, f->n + 1, sizeof(*f->meant));
	if (!f->by_id || !f->meant)
		return ERR_LIMIT;
	for (size_t i = 0; i < f->n; i++)
		f->by_id[i] = i;
	qsort_r(f->by_id, f->n, sizeof(*f->by_id), compare_ids, f->all);
	return ERR_OK;
}

/* The place of a folder; f->n: there is none. */
static size_t place_of(const struct folders *f, int64_t id)
{
	size_t low = 0, high = f->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (f->all[f->by_id[middle]].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < f->n && f->all[f->by_id[low]].id == id ? f->by_id[low] : f->n;
}

/*
 * MS-ASCMD_R2031, R2146, R5856. "0" is the root, with all of the own mailbox that is below it. A mount is meant where it is named,
 * and there alone.
 */
static enum err mean_collection(struct folders *f, struct str text, struct scope *scope)
{
	int64_t id;
	size_t at;

	if (str_eq(text, S("0"))) {
		scope->all = true;
		return ERR_OK;
	}
	if (server_id_parse_folder(text, &id))
		return ERR_STALE;
	at = place_of(f, id);
	if (at == f->n)
		return ERR_STALE;
	if (f->all[at].mount_mailbox && !f->meant[at])
		TRY(add_mount(scope, &f->all[at]));
	f->meant[at] = true;
	return ERR_OK;
}

static void mean_below(struct folders *f)
{
	for (size_t i = 0; i < f->n; i++) {
		size_t parent = place_of(f, f->all[i].parent);

		if (parent < f->n && f->meant[parent])
			f->meant[i] = true;
	}
}

/* Without any, all that FolderSync shows (R982100612, R6399100713). */
static bool is_meant(const struct scope *scope, const struct eas_search_request *s, const struct folders *f, size_t at)
{
	const struct folder *folder = &f->all[at];

	if (folder->role == FOLDER_RECIPIENT_CACHE || folder->mount_mailbox) /* the first is for Sync alone */
		return false;
	return scope->all || (s->collections_n ? f->meant[at] : eas_folder_shown(folder, scope->rq->version));
}

static enum err find_scope(struct eas_request *rq, const struct eas_search_request *s, struct scope *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct folders f = { 0 };

	*ret = (struct scope){ .rq = rq, .own = rows_of(rq->arena, sizeof(int64_t)) };
	ret->mounts = arena_array(rq->arena, s->collections_n + 1, sizeof(*ret->mounts));
	if (!ret->mounts)
		return ERR_LIMIT;
	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_READ, &tx));
	TRY(load_folders(rq->arena, tx, &f));
	for (size_t i = 0; i < s->collections_n; i++)
		TRY(mean_collection(&f, s->collections[i], ret));
	if (s->deep)
		mean_below(&f);
	for (size_t i = 0; i < f.n; i++) {
		size_t at = f.by_id[i];
		int64_t *to;

		if (!is_meant(ret, s, &f, at))
			continue;
		to = rows_add(&ret->own);
		if (!to)
			return ERR_LIMIT;
		*to = f.all[at].id;
	}
	return ERR_OK;
}

/* ---- classes: mails alone where none is named ---- */

#define CLASS(c)                                   \
	{                                          \
		.kind = SEARCH_CLASS, .class = (c) \
	}

static enum err class_node(struct arena *a, const struct eas_search_request *s, struct search_node *ret)
{
	static const struct {
		unsigned asked;
		struct search_node node[2]; /* both of them */
	} classes[] = {
		{ SEARCH_CLASS_EMAIL, { CLASS(FOLDER_MAIL), { .kind = SEARCH_FLAGS, .clear = ITEM_TEXT } } },
		{ SEARCH_CLASS_SMS, { CLASS(FOLDER_MAIL), { .kind = SEARCH_FLAGS, .set = ITEM_TEXT } } },
		{ SEARCH_CLASS_CALENDAR, { CLASS(FOLDER_CALENDAR), { .kind = SEARCH_ALL } } },
		{ SEARCH_CLASS_CONTACTS, { CLASS(FOLDER_CONTACTS), { .kind = SEARCH_ALL } } },
		{ SEARCH_CLASS_TASKS, { CLASS(FOLDER_TASKS), { .kind = SEARCH_ALL } } },
		{ SEARCH_CLASS_NOTES, { CLASS(FOLDER_NOTES), { .kind = SEARCH_ALL } } },
	};
	const unsigned asked = s->classes ? s->classes : SEARCH_CLASS_EMAIL;
	struct search_node *any = arena_array(a, countof(classes), sizeof(*any));
	size_t n = 0;

	if (!any)
		return ERR_LIMIT;
	for (size_t i = 0; i < countof(classes); i++)
		if (asked & classes[i].asked)
			any[n++] = (struct search_node){ .kind = SEARCH_AND,
							 .children = classes[i].node,
							 .children_n = countof(classes[i].node) };
	*ret = (struct search_node){ .kind = SEARCH_OR, .children = any, .children_n = n };
	return ERR_OK;
}

/* ---- all of it ---- */

/* What is asked wherever is looked. */
static enum err conditions(struct eas_request *rq, const struct eas_search_request *s, struct search_node *nodes,
			   size_t *n)
{
	for (size_t i = 0; i < s->words_n; i++)
		TRY(kql_parse(rq->arena, s->words[i], &nodes[(*n)++]));
	TRY(class_node(rq->arena, s, &nodes[(*n)++]));
	if (s->conversation.p)
		nodes[(*n)++] = (struct search_node){ .kind = SEARCH_CONVERSATION, .text = s->conversation };
	if (s->received_from != INT64_MIN || s->received_to != INT64_MAX)
		nodes[(*n)++] =
			(struct search_node){ .kind = SEARCH_RECEIVED, .from = s->received_from, .to = s->received_to };
	return ERR_OK;
}

struct looking {
	struct eas_request *rq;
	const struct eas_search_request *asked;
	struct search_node nodes[CONDITIONS_MAX]; /* room for those of one place behind them */
	size_t nodes_n;
	struct rows hits;
	uint64_t total;
};

static enum err add_hits(struct looking *l, const struct eas_place *place, const struct search_result *found)
{
	l->total += found->total;
	for (size_t i = 0; i < found->n; i++) {
		struct eas_hit *to = rows_add(&l->hits);

		if (!to)
			return ERR_LIMIT;
		*to = (struct eas_hit){ place, found->hits[i].item, found->hits[i].received_ms };
	}
	return ERR_OK;
}

/* Any of the first can be in the range once those of other places stand between them. */
static enum err look_in(struct looking *l, const struct eas_place *place, const int64_t *folders, size_t folders_n)
{
	static const struct search_node hidden = { .kind = SEARCH_HIDDEN };
	const struct search_page page = { .order = SEARCH_NEWEST, .limit = (size_t)l->asked->to + 1 };
	struct search_node top = { .kind = SEARCH_AND, .children = l->nodes, .children_n = l->nodes_n };
	struct search_result found;

	l->nodes[top.children_n++] =
		(struct search_node){ .kind = SEARCH_FOLDERS, .folders = folders, .folders_n = folders_n };
	if (place->shared && l->asked->words_n) /* or who asks for words long enough knows what it says */
		l->nodes[top.children_n++] =
			(struct search_node){ .kind = SEARCH_NOT, .children = &hidden, .children_n = 1 };
	TRY(mail_search(l->rq->arena, l->rq->eas->store, place->mailbox, &top, &page, &found));
	return add_hits(l, place, &found);
}

static int newest_first(const void *a, const void *b)
{
	const struct eas_hit *x = a, *y = b;

	if (x->received_ms != y->received_ms)
		return x->received_ms < y->received_ms ? 1 : -1;
	if (x->place->mailbox != y->place->mailbox)
		return x->place->mailbox < y->place->mailbox ? 1 : -1;
	return (x->item < y->item) - (x->item > y->item);
}

static void cut(struct looking *l, struct eas_hits *ret)
{
	const uint64_t from = l->asked->from, to = l->asked->to;
	const size_t end = to < l->hits.n ? (size_t)to + 1 : l->hits.n, begin = from < end ? (size_t)from : end;

	if (l->hits.n)
		qsort(l->hits.p, l->hits.n, sizeof(struct eas_hit), newest_first);
	*ret = (struct eas_hits){ .total = l->total };
	if (begin < end) {
		ret->list = (struct eas_hit *)l->hits.p + begin;
		ret->n = end - begin;
	}
}

enum err eas_search_items(struct eas_request *rq, const struct eas_search_request *s, struct eas_hits *ret)
{
	struct looking l = { .rq = rq, .asked = s, .hits = rows_of(rq->arena, sizeof(struct eas_hit)) };
	struct eas_place *own = arena_alloc(rq->arena, sizeof(*own));
	struct scope scope;

	if (!own)
		return ERR_LIMIT;
	*own = (struct eas_place){ .mailbox = rq->mailbox, .account = rq->account, .owner = rq->address };
	TRY(conditions(rq, s, l.nodes, &l.nodes_n));
	TRY(find_scope(rq, s, &scope));
	if (scope.own.n || scope.mounts_n == 0)
		TRY(look_in(&l, own, scope.own.p, scope.own.n));
	for (size_t i = 0; i < scope.mounts_n; i++)
		TRY(look_in(&l, &scope.mounts[i], &scope.mounts[i].folder, 1));
	cut(&l, ret);
	return ERR_OK;
}

/* ---- what was found ---- */

void eas_hit_views_end(struct eas_hit_views *v)
{
	store_tx_end(&v->own);
	store_tx_end(&v->other);
}

static enum err view_of(struct eas_request *rq, const struct eas_place *place, struct eas_hit_views *v,
			struct store_tx **ret)
{
	struct store_tx **tx = place->shared ? &v->other : &v->own;

	if (place->shared && *tx && v->other_mailbox != place->mailbox)
		store_tx_end(tx);
	if (!*tx)
		TRY(store_begin(rq->eas->store, place->mailbox, STORE_READ, tx));
	if (place->shared)
		v->other_mailbox = place->mailbox;
	*ret = *tx;
	return ERR_OK;
}

static enum err check_open(struct arena *a, struct store_tx *tx, const struct item *item, enum eas_version v)
{
	const struct item_class *class;
	struct str octets;

	TRY(item_class_of_item(a, tx, item, v, &class));
	if (!class->is_private)
		return ERR_OK;
	TRY(entry_read(a, tx, item, &octets));
	return class->is_private(a, octets) ? ERR_NOT_FOUND : ERR_OK;
}

enum err eas_hit_open(struct eas_request *rq, struct arena *a, const struct eas_search_request *s,
		      const struct eas_hit *hit, struct eas_hit_views *views, struct store_tx **ret_tx,
		      struct item *ret)
{
	TRY(view_of(rq, hit->place, views, ret_tx));
	if (!hit->place->shared)
		return item_find(a, *ret_tx, hit->item, ret);
	TRY(item_get(a, *ret_tx, hit->place->folder, hit->item, ret));
	return s->words_n ? check_open(a, *ret_tx, ret, rq->version) : ERR_OK;
}

struct server_id eas_hit_collection(const struct eas_hit *hit, const struct item *item)
{
	return server_id_folder(hit->place->shared ? hit->place->collection : item->folder);
}
