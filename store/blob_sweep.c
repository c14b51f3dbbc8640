/* What crashes leave behind of bodies: temporary files, files without a row, rows without an item. */
#include <store/blob.h>

#include <base/mem.h>
#include <store/blob_internal.h>
#include <store/internal.h>
#include <store/rows.h>
#include <store/sql/sql.h>

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	SWEEP_ROWS = 256,                /* of a transaction */
	SWEEP_MEMORY = 16 * 1024 * 1024, /* names of one shelf; what does not fit stays for the next time */
};

enum sweep_stmt { SWEEP_UNREFERENCED, SWEEP_NAMED, SWEEP_STMT_MAX_ };
static const struct sql_def sweep_sql[] = {
	[SWEEP_UNREFERENCED] = { "sweep_unreferenced", "SELECT blob_id FROM blob WHERE mailbox_id = $1 AND refs = 0"
						       " ORDER BY blob_id LIMIT $2" },
	[SWEEP_NAMED] = { "sweep_named", "SELECT 1 FROM blob WHERE mailbox_id = $1 AND file = $2" },
};
static_assert(countof(sweep_sql) == SWEEP_STMT_MAX_, "one text per statement");

struct sweep {
	struct store *store;
	int64_t mailbox;
	char *folder;
	int64_t before_ms; /* files last written before are old enough */
	size_t removed;
	struct arena arena; /* of one shelf */
};

static enum err use(struct store_tx *tx, enum sweep_stmt which, struct sql_stmt **ret)
{
	TRY(sql_use(store_tx_db(tx), &sweep_sql[which], ret));
	sql_bind_i64(*ret, 1, store_tx_mailbox(tx));
	return ERR_OK;
}

/* Rows. */

static enum err unreferenced(struct store_tx *tx, int64_t *blobs, size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	bool row;

	*ret_n = 0;
	TRY(use(tx, SWEEP_UNREFERENCED, &st));
	sql_bind_i64(st, 2, SWEEP_ROWS);
	for (;;) {
		TRY(sql_step(st, &row));
		if (!row)
			return ERR_OK;
		blobs[(*ret_n)++] = sql_i64(st, 0);
	}
}

/* In a write transaction a row without a reference is nobody's: whoever attaches one refers to it before he commits. */
static enum err remove_rows(struct sweep *sw, size_t *ret_n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	int64_t blobs[SWEEP_ROWS];

	TRY(store_begin(sw->store, sw->mailbox, STORE_WRITE, &tx));
	TRY(unreferenced(tx, blobs, ret_n));
	for (size_t i = 0; i < *ret_n; i++)
		TRY(blob_row_delete(tx, blobs[i]));
	TRY(store_commit(&tx));
	sw->removed += *ret_n;
	return ERR_OK;
}

/* Files. */

static bool old_file(const struct sweep *sw, DIR *dir, const char *name)
{
	struct stat st;

	if (fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
		return false;
	return (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000 < sw->before_ms;
}

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

/* Names of the old files of a folder, as "prefix/name". */
static enum err list_old(struct sweep *sw, const char *prefix, struct str **ret, size_t *ret_n)
{
	CLEANUP(path_free) char *path = path_join(sw->folder, prefix);
	CLEANUP(close_dir) DIR *dir = opendir(path);
	struct rows rows = rows_of(&sw->arena, sizeof(**ret));
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (!old_file(sw, dir, entry->d_name))
			continue;
		CLEANUP(path_free) char *name = path_join(prefix, entry->d_name);
		struct str kept;
		struct str *to = rows_add(&rows);
		if (!to || arena_str(&sw->arena, str_of(name), &kept) != ERR_OK)
			break;
		*to = kept;
	}
	*ret = rows.p;
	*ret_n = rows.n;
	return dir || errno == ENOENT ? ERR_OK : path_errno(errno);
}

static enum err is_named(struct store_tx *tx, struct str name, bool *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use(tx, SWEEP_NAMED, &st));
	sql_bind_text(st, 2, name);
	return sql_step(st, ret);
}

/* Leaves those that no row names. */
static enum err keep_unnamed(struct store_tx *tx, struct str *names, size_t *n)
{
	size_t left = 0;

	for (size_t i = 0; i < *n; i++) {
		bool named;

		TRY(is_named(tx, names[i], &named));
		if (!named)
			names[left++] = names[i];
	}
	*n = left;
	return ERR_OK;
}

static enum err unlink_all(struct sweep *sw, const struct str *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		CLEANUP(path_free) char *name = mem_cstr_n(names[i].p, names[i].n);
		CLEANUP(path_free) char *path = path_join(sw->folder, name);

		if (unlink(path) != 0 && errno != ENOENT)
			return path_errno(errno);
		sw->removed++;
	}
	return ERR_OK;
}

/* Most files have their row: they are told apart in a read, so that writers wait only where there is work. */
static enum err sweep_shelf(struct sweep *sw, const char *shelf)
{
	CLEANUP(store_tx_end) struct store_tx *look = NULL;
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct str *names;
	size_t n;

	TRY(list_old(sw, shelf, &names, &n));
	if (n == 0)
		return ERR_OK;
	TRY(store_begin(sw->store, sw->mailbox, STORE_READ, &look));
	TRY(keep_unnamed(look, names, &n));
	store_tx_end(&look);
	if (n == 0)
		return ERR_OK;
	TRY(store_begin(sw->store, sw->mailbox, STORE_WRITE, &tx));
	TRY(keep_unnamed(tx, names, &n));
	return unlink_all(sw, names, n);
}

static enum err sweep_tmp(struct sweep *sw)
{
	struct str *names;
	size_t n;

	TRY(list_old(sw, "tmp", &names, &n));
	return unlink_all(sw, names, n);
}

static enum err sweep_files(struct sweep *sw)
{
	static const char digits[] = "0123456789abcdef";

	TRY(sweep_tmp(sw));
	for (unsigned i = 0; i < 256; i++) {
		const char shelf[] = { digits[i >> 4], digits[i & 15], '\0' };

		arena_reset(&sw->arena);
		TRY(sweep_shelf(sw, shelf));
	}
	return ERR_OK;
}

static enum err sweep_rows(struct sweep *sw)
{
	size_t n;

	do
		TRY(remove_rows(sw, &n));
	while (n == SWEEP_ROWS);
	return ERR_OK;
}

enum err store_blob_sweep(struct store *s, int64_t mailbox, size_t *ret_removed)
{
	struct sweep sw = { .store = s,
			    .mailbox = mailbox,
			    .folder = path_blobs(s, mailbox),
			    .before_ms = clock_wall_ms(s->config.clock) - STORE_BLOB_LEFTOVER_MS,
			    .arena = ARENA_INIT(SWEEP_MEMORY) };
	enum err e = sweep_rows(&sw);

	if (!e)
		e = sweep_files(&sw);
	*ret_removed = sw.removed;
	arena_release(&sw.arena);
	path_free(&sw.folder);
	return e;
}
