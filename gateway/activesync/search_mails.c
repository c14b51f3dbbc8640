/* From a request to the mails that it means. */
#include <gateway/activesync/search.h>

#include <gateway/activesync/hierarchy.h>
#include <gateway/activesync/kql.h>
#include <gateway/activesync/server_id.h>
#include <gateway/mailbox/search.h>
#include <store/rows.h>

enum { CONDITIONS_MAX = EAS_MAX_SEARCH_TEXTS + 4 };

enum search_status eas_search_status(enum err e)
{
	static const enum search_status statuses[] = {
		[ERR_OK] = SEARCH_DONE,
		[ERR_NOT_FOUND] = SEARCH_SERVER,
		[ERR_EXISTS] = SEARCH_SERVER,
		[ERR_STALE] = SEARCH_FOLDERSYNC,
		[ERR_INVALID] = SEARCH_BAD,
		[ERR_DENIED] = SEARCH_SERVER,
		[ERR_UNSUPPORTED] = SEARCH_SERVER,
		[ERR_LIMIT] = SEARCH_TOO_COMPLEX,
		[ERR_BUSY] = SEARCH_TIMED_OUT,
		[ERR_FULL] = SEARCH_SERVER,
		[ERR_CORRUPT] = SEARCH_SERVER,
		[ERR_IO] = SEARCH_SERVER,
	};
	_Static_assert(countof(statuses) == ERR_MAX_, "a status for every error");

	return statuses[e];
}

/* ---- folders ---- */

/* Is it that folder, or one below it? Parents stand before their children. */
static bool is_below(const struct folder *all, size_t n, const struct folder *f, int64_t top)
{
	int64_t at = f->id;

	for (size_t i = n; i-- > 0 && at != top;)
		if (all[i].id == at)
			at = all[i].parent;
	return at == top;
}

static enum err add_folder(struct rows *ids, int64_t id)
{
	int64_t *to = rows_add(ids);

	if (!to)
		return ERR_LIMIT;
	*to = id;
	return ERR_OK;
}

/* MS-ASCMD_R2031, R2146, R5856. "0" is the root: what is not below a folder that was named. */
static enum err add_collection(const struct eas_search_request *s, const struct folder *all, size_t n, struct str text,
			       struct rows *ids)
{
	int64_t top = FOLDER_ROOT;
	bool known = str_eq(text, S("0"));

	if (!known && server_id_parse_folder(text, &top))
		return ERR_STALE;
	for (size_t i = 0; i < n; i++) {
		known |= all[i].id == top;
		if (all[i].id == top || ((s->deep || top == FOLDER_ROOT) && is_below(all, n, &all[i], top)))
			TRY(add_folder(ids, all[i].id));
	}
	return known ? ERR_OK : ERR_STALE;
}

/* Without any, all that FolderSync shows (R982100612, R6399100713). */
static enum err folders_node(struct eas_request *rq, const struct eas_search_request *s, struct store_tx *tx,
			     struct search_node *ret)
{
	struct rows ids = rows_of(rq->arena, sizeof(int64_t));
	struct folder *all;
	size_t n;

	TRY(folder_list(rq->arena, tx, &all, &n));
	for (size_t i = 0; i < s->collections_n; i++)
		TRY(add_collection(s, all, n, s->collections[i], &ids));
	for (size_t i = 0; s->collections_n == 0 && i < n; i++)
		if (eas_folder_shown(&all[i], rq->version))
			TRY(add_folder(&ids, all[i].id));
	*ret = (struct search_node){ .kind = SEARCH_FOLDERS, .folders = ids.p, .folders_n = ids.n };
	return ERR_OK;
}

/* ---- classes: of mail alone there are items that can be shown ---- */

static struct search_node class_node(const struct eas_search_request *s)
{
	if (s->classes && !(s->classes & SEARCH_CLASS_EMAIL))
		return (struct search_node){ .kind = SEARCH_OR };
	return (struct search_node){ .kind = SEARCH_CLASS, .class = FOLDER_MAIL };
}

/* ---- all of it ---- */

static enum err conditions(struct eas_request *rq, const struct eas_search_request *s, struct store_tx *tx,
			   struct search_node *nodes, size_t *n)
{
	for (size_t i = 0; i < s->words_n; i++)
		TRY(kql_parse(rq->arena, s->words[i], &nodes[(*n)++]));
	nodes[(*n)++] = class_node(s);
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
