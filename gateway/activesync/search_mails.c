/* From a request to the mails that it means. */
#include <gateway/activesync/search.h>

#include <gateway/activesync/hierarchy.h>
#include <gateway/activesync/kql.h>
#include <gateway/activesync/server_id.h>
#include <gateway/mailbox/search.h>
#include <store/item.h>
#include <store/rows.h>

#include <stdlib.h>

enum { CONDITIONS_MAX = EAS_MAX_SEARCH_TEXTS + 4 };

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
 * MS-ASCMD_R2031, R2146, R5856. "0" is the root, with all that is below it. A mount that is named is refused: what is in it lies in
 * another mailbox, which is not searched, and no results would say that there is nothing (R4339).
 */
static enum err mean_collection(struct folders *f, struct str text, bool *all)
{
	int64_t id;
	size_t at;

	if (str_eq(text, S("0"))) {
		*all = true;
		return ERR_OK;
	}
	if (server_id_parse_folder(text, &id))
		return ERR_STALE;
	at = place_of(f, id);
	if (at == f->n)
		return ERR_STALE;
	if (f->all[at].mount_mailbox)
		return ERR_DENIED;
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
static enum err folders_node(struct eas_request *rq, const struct eas_search_request *s, struct store_tx *tx,
			     struct search_node *ret)
{
	struct rows ids = rows_of(rq->arena, sizeof(int64_t));
	struct folders f = { 0 };
	bool all = false;

	TRY(load_folders(rq->arena, tx, &f));
	for (size_t i = 0; i < s->collections_n; i++)
		TRY(mean_collection(&f, s->collections[i], &all));
	if (s->deep)
		mean_below(&f);
	for (size_t i = 0; i < f.n; i++) {
		size_t at = f.by_id[i];
		int64_t *to;

		if (f.all[at].role == FOLDER_RECIPIENT_CACHE) /* is for Sync alone */
			continue;
		if (!all && !(s->collections_n ? f.meant[at] : eas_folder_shown(&f.all[at], rq->version)))
			continue;
		to = rows_add(&ids);
		if (!to)
			return ERR_LIMIT;
		*to = f.all[at].id;
	}
	*ret = (struct search_node){ .kind = SEARCH_FOLDERS, .folders = ids.p, .folders_n = ids.n };
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

static enum err conditions(struct eas_request *rq, const struct eas_search_request *s, struct store_tx *tx,
			   struct search_node *nodes, size_t *n)
{
	for (size_t i = 0; i < s->words_n; i++)
		TRY(kql_parse(rq->arena, s->words[i], &nodes[(*n)++]));
	TRY(class_node(rq->arena, s, &nodes[(*n)++]));
	TRY(folders_node(rq, s, tx, &nodes[(*n)++]));
	if (s->conversation.p)
		nodes[(*n)++] = (struct search_node){ .kind = SEARCH_CONVERSATION, .text = s->conversation };
	if (s->received_from != INT64_MIN || s->received_to != INT64_MAX)
		nodes[(*n)++] =
			(struct search_node){ .kind = SEARCH_RECEIVED, .from = s->received_from, .to = s->received_to };
	return ERR_OK;
}

static enum err query_of(struct eas_request *rq, const struct eas_search_request *s, struct search_node *nodes,
			 size_t *n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_READ, &tx));
	return conditions(rq, s, tx, nodes, n);
}

enum err eas_search_mails(struct eas_request *rq, const struct eas_search_request *s, struct search_result *ret)
{
	const struct search_page page = { .order = SEARCH_NEWEST,
					  .skip = (size_t)s->from,
					  .limit = (size_t)(s->to - s->from) + 1 };
	struct search_node nodes[CONDITIONS_MAX], top = { .kind = SEARCH_AND, .children = nodes };

	TRY(query_of(rq, s, nodes, &top.children_n));
	return mail_search(rq->arena, rq->eas->store, rq->mailbox, &top, &page, ret);
}
