/* Changes with what phones are shown of the folder hierarchy. */
#include <gateway/activesync/hierarchy.h>

#include <gateway/activesync/baseline.h>
#include <gateway/activesync/item_class.h>

#include <assert.h>

unsigned eas_folder_type(const struct folder *f)
{
	enum { USER_MAIL = 12 };
	static const unsigned of_role[FOLDER_ROLE_MAX_] = {
		/* Junk and Archive have no type of their own: clients know them by name. */
		[FOLDER_INBOX] = 2,           [FOLDER_DRAFTS] = 3,
		[FOLDER_DELETED] = 4,         [FOLDER_SENT] = 5,
		[FOLDER_OUTBOX] = 6,          [FOLDER_JUNK] = USER_MAIL,
		[FOLDER_ARCHIVE] = USER_MAIL, [FOLDER_RECIPIENT_CACHE] = 19,
	};
	const struct item_class *class = item_class_of_folder(f->class, EAS_16_1);
	unsigned type = of_role[f->role];

	assert(class);
	if (type)
		return type;
	return f->role == FOLDER_ROLE_NONE ? class->user_type : class->default_type;
}

/* The recipient cache came with 14.0 (MS-ASCNTC R2261), the class of notes too. */
bool eas_folder_shown(const struct folder *f, enum eas_version v)
{
	return item_class_of_folder(f->class, v) && (f->role != FOLDER_RECIPIENT_CACHE || v >= EAS_14_0);
}

struct str eas_hierarchy_view(enum eas_version v)
{
	return v >= EAS_14_0 ? S("notes") : S("no notes");
}

bool eas_hierarchy_same_view(const struct sync_generation *g, enum eas_version v)
{
	return str_eq(str_from(g->options, g->options_n), eas_hierarchy_view(v));
}

enum err eas_hierarchy_read(struct eas_request *rq, struct store_tx *tx, struct feed_state *st,
			    struct hierarchy_entry **ret, size_t *ret_n)
{
	struct hierarchy_entry *entries;
	size_t n, shown = 0;

	TRY(hierarchy_read(rq->arena, tx, rq->device.id, st, &entries, &n));
	for (size_t i = 0; i < n; i++)
		if (eas_folder_shown(&entries[i].folder, rq->version))
			entries[shown++] = entries[i];
	*ret = entries;
	*ret_n = shown;
	return ERR_OK;
}

enum err eas_hierarchy_news(struct eas_request *rq, struct store_tx *tx, bool *ret)
{
	struct hierarchy_entry *entries;
	struct eas_baseline baseline;
	struct sync_line line;
	size_t n = 0;

	TRY(sync_line_load(tx, rq->device.id, FOLDER_ROOT, &line));
	eas_baseline(rq, &line, &baseline);
	for (size_t i = 0; i < baseline.n && n == 0; i++) {
		struct feed_state st = baseline.is[i]->state;

		TRY(eas_hierarchy_read(rq, tx, &st, &entries, &n));
	}
	*ret = n > 0 || baseline.n == 0;
	return ERR_OK;
}
