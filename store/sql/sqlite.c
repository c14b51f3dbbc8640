/* The engine seam over SQLite 3.40: with read_ahead.c the only unit that includes sqlite3.h. */
#include <store/sql/sql.h>

#include <base/buf.h>
#include <base/log.h>
#include <base/mem.h>
#include <base/table.h>
#include <store/sql/btree_page.h>
#include <store/sql/read_ahead.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PARAMETERS_MAX = 32, /* $1 … $32 */
	MESSAGE_MAX = 512,
	BUSY_POLL_MS = 2,
};

struct sql_stmt {
	struct sql_db *db;
	const struct sql_def *def;
	sqlite3_stmt *raw;
	int slot[PARAMETERS_MAX + 1]; /* engine's index of $n: the engine numbers names by their first use */
	int bind_rc;                  /* first failed binding, told by the next step */
	unsigned ahead;               /* kinds of trees that its steps read ahead in */
	uint64_t rows;
};

struct sql_db {
	sqlite3 *raw;
	struct table *stmts;   /* address of the sql_def -> sql_stmt */
	bool transaction;      /* as we see it; the engine may have rolled back by itself */
	enum err failed;       /* first failure of a statement since sql_begin() or sql_savepoint() */
	int64_t changes_begin; /* the engine's total when the transaction began */
	uint64_t commits, rows;
	char message[MESSAGE_MAX];
};

/*
 * Each connection would set its page cache aside at once (77 KB); what it uses is enough. Memory statistics take a
 * process-wide lock at every allocation. Connections are never shared, so they need no lock of their own.
 */
static void engine_configure(void)
{
	sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
	sqlite3_initialize();
	read_ahead_install();
}

static enum err constraint_err(int extended)
{
	switch (extended) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
		return ERR_EXISTS;
	case SQLITE_CONSTRAINT_FOREIGNKEY:
		return ERR_NOT_FOUND;
	default:
		return ERR_CORRUPT; /* CHECK and NOT NULL: what we store contradicts our own schema */
	}
}

/* Our SQL is fixed text, so the engine's SQLITE_ERROR ("no such table") means a database of another shape. */
static enum err engine_err(int extended, int system_errno)
{
	switch (extended & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return ERR_OK;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return ERR_DENIED;
	case SQLITE_FULL:
		return ERR_FULL;
	case SQLITE_TOOBIG:
		return ERR_LIMIT;
	case SQLITE_CONSTRAINT:
		return constraint_err(extended);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_ERROR:
		return ERR_CORRUPT;
	case SQLITE_CANTOPEN:
		return system_errno == ENOENT || system_errno == ENOTDIR ? ERR_NOT_FOUND : ERR_IO;
	default:
		return ERR_IO;
	}
}

/* The engine's message is copied at once: the next failing call replaces it. */
static void keep_message(struct sql_db *db, const char *what, int extended, int system_errno)
{
	struct buf b = BUF_INIT(2 * MESSAGE_MAX);

	buf_fmt(&b, "%s: %s (%d, errno %d)", what, db->raw ? sqlite3_errmsg(db->raw) : sqlite3_errstr(extended),
		extended, system_errno);
	size_t n = b.n < MESSAGE_MAX ? b.n : MESSAGE_MAX - 1;
	if (n)
		memcpy(db->message, b.p, n);
	db->message[n] = '\0';
	buf_release(&b);
}

/*
 * What an administrator must see is logged here, where the file and the engine's words are known: callers get an enum
 * and may close the connection. The rest are answers to questions.
 */
static void log_trouble(const struct sql_db *db, enum err e)
{
	const char *path = db->raw ? sqlite3_db_filename(db->raw, NULL) : NULL;

	if (e == ERR_IO || e == ERR_FULL || e == ERR_CORRUPT)
		log_error("database", "file=%s error=%s", log_quote(str_of(path)).text,
			  log_quote(str_of(db->message)).text);
}

/* Every result of the engine ends here. */
static enum err capture(struct sql_db *db, const char *what, int rc)
{
	if (rc == SQLITE_OK || rc == SQLITE_ROW || rc == SQLITE_DONE)
		return ERR_OK;

	int extended = db->raw ? sqlite3_extended_errcode(db->raw) : rc;
	int system_errno = db->raw ? sqlite3_system_errno(db->raw) : 0;
	if ((extended & 0xff) != (rc & 0xff)) /* a failed binding, told late */
		extended = rc;
	enum err e = engine_err(extended, system_errno);
	keep_message(db, what, extended, system_errno);
	log_trouble(db, e);
	if (!db->failed)
		db->failed = e;
	return e;
}

static enum err run_text(struct sql_db *db, const char *text)
{
	return capture(db, "exec", sqlite3_exec(db->raw, text, NULL, NULL, NULL));
}

/*
 * synchronous=FULL: a commit is on disk when it returns. trusted_schema: a planted file runs no code. The cache is
 * small, since many mailboxes are open; temp_store: savepoints keep their undo pages in memory. Column 0 of
 * journal_mode's row tells whether the file system can do WAL.
 *
 * The log is written from its beginning again after each checkpoint (1000 pages), and cut only where it has become twice as
 * long as that: a flush of what makes a file longer writes the file's own blocks too, and takes twice as long.
 */
static const char pragmas[] = "PRAGMA synchronous=FULL; PRAGMA secure_delete=FAST; PRAGMA wal_autocheckpoint=1000;"
			      "PRAGMA journal_size_limit=8388608; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;"
			      "PRAGMA mmap_size=0; PRAGMA cache_size=-512; PRAGMA temp_store=MEMORY;";

static enum err require_wal(struct sql_db *db)
{
	static const struct sql_def wal = { "sql_wal", "PRAGMA journal_mode=WAL" };
	struct sql_stmt *st;

	TRY(sql_use(db, &wal, &st));
	TRY(sql_one(st));
	bool is_wal = str_eq(sql_str(st, 0), S("wal"));
	sql_reset(st);
	return is_wal ? ERR_OK : ERR_UNSUPPORTED;
}

/*
 * The engine would make files that all may read, and password hashes are in one of them. Only with O_EXCL: closing a
 * descriptor of a file that is open already would drop the locks that this process has on it.
 */
static void create_private(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);

	if (fd >= 0)
		close(fd);
}

/*
 * The engine's own timeout looks at the lock ten times a second in the end. Writers of another process that follow each
 * other leave it free for moments only: who looks seldom may never meet one.
 */
static int wait_for_lock(void *unused, int waited)
{
	(void)unused;
	if (waited >= SQL_BUSY_TIMEOUT_MS / BUSY_POLL_MS)
		return 0;
	sqlite3_sleep(BUSY_POLL_MS);
	return 1;
}

static enum err connect(struct sql_db *db, const char *path, unsigned flags)
{
	int mode = SQLITE_OPEN_READWRITE;

	if (flags & SQL_CREATE) {
		mode |= SQLITE_OPEN_CREATE;
		create_private(path);
	}
	TRY(capture(db, "open",
		    sqlite3_open_v2(path, &db->raw, mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL)));
	TRY(capture(db, "busy_handler", sqlite3_busy_handler(db->raw, wait_for_lock, NULL)));
	sqlite3_db_config(db->raw, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	TRY(require_wal(db));
	return run_text(db, pragmas);
}

enum err sql_open(const char *path, unsigned flags, struct sql_db **ret)
{
	static pthread_once_t configured = PTHREAD_ONCE_INIT;

	pthread_once(&configured, engine_configure);

	struct sql_db *db = mem_alloc(sizeof(*db));
	db->stmts = table_new();
	enum err e = connect(db, path, flags);
	if (e) {
		sql_close(&db);
		return e;
	}
	*ret = db;
	return ERR_OK;
}

void sql_close(struct sql_db **dbp)
{
	struct sql_db *db = *dbp;
	size_t at = 0;
	struct str key;
	void *value;

	if (!db)
		return;
	while (table_next(db->stmts, &at, &key, &value)) {
		struct sql_stmt *st = value;

		sqlite3_finalize(st->raw);
		free(st);
	}
	table_free(&db->stmts);
	/* Not _v2, which would leave a zombie where a statement was forgotten instead of telling. */
	int rc = sqlite3_close(db->raw);
	assert(rc == SQLITE_OK);
	(void)rc;
	free(db);
	*dbp = NULL;
}

/* Transactions. */

/*
 * A failed statement ends its transaction. The engine has rolled back by itself after some failures (disk full, I/O):
 * what followed would be committed statement by statement.
 */
static enum err refused(const struct sql_db *db)
{
	return db->transaction ? db->failed : ERR_OK;
}

enum err sql_exec(struct sql_db *db, const char *text)
{
	TRY(refused(db));
	return run_text(db, text);
}

enum err sql_check(struct sql_db *db, bool *ret_sound)
{
	static const struct sql_def check = { "check", "PRAGMA quick_check(1)" };
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(sql_use(db, &check, &st));
	TRY(sql_one(st));
	*ret_sound = str_eq(sql_str(st, 0), S("ok"));
	return ERR_OK;
}

enum err sql_begin(struct sql_db *db, bool write)
{
	assert(!db->transaction && !sql_in_transaction(db));
	db->failed = ERR_OK;
	db->changes_begin = sqlite3_total_changes64(db->raw);
	TRY(run_text(db, write ? "BEGIN IMMEDIATE" : "BEGIN"));
	db->transaction = true;
	return ERR_OK;
}

enum err sql_commit(struct sql_db *db)
{
	enum err e = run_text(db, "COMMIT");

	if (e) {
		sql_rollback(db); /* the engine leaves the transaction open after some failures */
		return e;
	}
	db->transaction = false;
	if (sqlite3_total_changes64(db->raw) != db->changes_begin)
		db->commits++;
	return ERR_OK;
}

void sql_rollback(struct sql_db *db)
{
	/* Fails only where the engine has rolled back by itself. */
	if (sql_in_transaction(db))
		(void)!sqlite3_exec(db->raw, "ROLLBACK", NULL, NULL, NULL);
	assert(!sql_in_transaction(db));
	db->transaction = false;
}

bool sql_in_transaction(const struct sql_db *db)
{
	return !sqlite3_get_autocommit(db->raw);
}

enum err sql_savepoint(struct sql_db *db)
{
	assert(sql_in_transaction(db)); /* alone it would begin one, without the write lock */
	db->failed = ERR_OK;
	return run_text(db, "SAVEPOINT s");
}

enum err sql_savepoint_release(struct sql_db *db)
{
	return run_text(db, "RELEASE s");
}

enum err sql_savepoint_undo(struct sql_db *db)
{
	return run_text(db, "ROLLBACK TO s; RELEASE s");
}

enum err sql_step_begin(struct sql_db *db)
{
	assert(sql_in_transaction(db));
	TRY(refused(db));
	return run_text(db, "SAVEPOINT step");
}

enum err sql_step_keep(struct sql_db *db)
{
	TRY(refused(db));
	return run_text(db, "RELEASE step");
}

enum err sql_step_undo(struct sql_db *db)
{
	/* The engine may have rolled back by itself: then there is no such savepoint, and the transaction is lost. */
	TRY(run_text(db, "ROLLBACK TO step; RELEASE step"));
	db->failed = ERR_OK;
	return ERR_OK;
}

enum err sql_tx_error(const struct sql_db *db)
{
	return db->failed;
}

/* Statements. */

static void map_parameters(struct sql_stmt *st)
{
	int count = sqlite3_bind_parameter_count(st->raw);

	for (int i = 1; i <= count; i++) {
		const char *name = sqlite3_bind_parameter_name(st->raw, i);
		uint64_t n = 0;

		assert(name && name[0] == '$');
		enum err e = str_to_u64(str_of(name + 1), PARAMETERS_MAX, &n);
		assert(e == ERR_OK && n > 0);
		(void)e;
		st->slot[n] = i;
	}
}

static enum err prepare(struct sql_db *db, const struct sql_def *def, struct sql_stmt **ret)
{
	sqlite3_stmt *raw;

	TRY(capture(db, def->name, sqlite3_prepare_v3(db->raw, def->text, -1, SQLITE_PREPARE_PERSISTENT, &raw, NULL)));
	struct sql_stmt *st = mem_alloc(sizeof(*st));
	st->db = db;
	st->def = def;
	st->raw = raw;
	map_parameters(st);
	*ret = st;
	return ERR_OK;
}

enum err sql_use(struct sql_db *db, const struct sql_def *def, struct sql_stmt **ret)
{
	struct str key = str_from(&def, sizeof(def));
	struct sql_stmt *st = table_get(db->stmts, key);

	if (!st) {
		TRY(prepare(db, def, &st));
		table_set(db->stmts, key, st);
	}
	assert(!sqlite3_stmt_busy(st->raw));
	*ret = st;
	return ERR_OK;
}

static int slot(const struct sql_stmt *st, int n)
{
	assert(n > 0 && n <= PARAMETERS_MAX && st->slot[n]);
	return st->slot[n];
}

static void bound(struct sql_stmt *st, int rc)
{
	if (rc != SQLITE_OK && st->bind_rc == SQLITE_OK)
		st->bind_rc = rc;
}

void sql_bind_i64(struct sql_stmt *st, int n, int64_t v)
{
	bound(st, sqlite3_bind_int64(st->raw, slot(st, n), v));
}

void sql_bind_u64(struct sql_stmt *st, int n, uint64_t v)
{
	assert(v <= INT64_MAX);
	sql_bind_i64(st, n, (int64_t)v);
}

void sql_bind_text(struct sql_stmt *st, int n, struct str v)
{
	/* The engine reads a NULL pointer as NULL, not as the empty text. */
	bound(st, sqlite3_bind_text64(st->raw, slot(st, n), v.p ? v.p : "", v.n, SQLITE_STATIC, SQLITE_UTF8));
}

void sql_bind_blob(struct sql_stmt *st, int n, struct str v)
{
	bound(st, sqlite3_bind_blob64(st->raw, slot(st, n), v.p, v.n, SQLITE_STATIC));
}

void sql_bind_null(struct sql_stmt *st, int n)
{
	bound(st, sqlite3_bind_null(st->raw, slot(st, n)));
}

enum err sql_step(struct sql_stmt *st, bool *row)
{
	enum err e = refused(st->db);
	int rc = SQLITE_DONE;

	if (!e) {
		read_ahead_in(st->ahead);
		rc = st->bind_rc ? st->bind_rc : sqlite3_step(st->raw);
		read_ahead_in(0);
		e = capture(st->db, st->def->name, rc);
	}
	*row = rc == SQLITE_ROW;
	if (*row) {
		st->rows++;
		st->db->rows++;
	} else {
		sql_reset(st);
	}
	return e;
}

enum err sql_run(struct sql_stmt *st)
{
	bool row;

	do
		TRY(sql_step(st, &row));
	while (row);
	return ERR_OK;
}

enum err sql_one(struct sql_stmt *st)
{
	bool row;

	TRY(sql_step(st, &row));
	return row ? ERR_OK : ERR_NOT_FOUND;
}

void sql_reset(struct sql_stmt *st)
{
	/* Repeats the error of the step, which has been captured. */
	(void)!sqlite3_reset(st->raw);
	sqlite3_clear_bindings(st->raw);
	st->bind_rc = SQLITE_OK;
	st->ahead = 0;
}

void sql_read_ahead(struct sql_stmt *st, unsigned trees)
{
	_Static_assert(SQL_TREES_INDEX == (int)BTREE_INDEX && SQL_TREES_TABLE == (int)BTREE_TABLE, "one set of kinds");
	st->ahead = trees;
}

int64_t sql_i64(const struct sql_stmt *st, int column)
{
	return sqlite3_column_int64(st->raw, column);
}

uint64_t sql_u64(const struct sql_stmt *st, int column)
{
	int64_t v = sql_i64(st, column);

	return v < 0 ? 0 : (uint64_t)v;
}

struct str sql_str(const struct sql_stmt *st, int column)
{
	/* The pointer first: asking for it may convert, which changes the length. */
	const void *p = sqlite3_column_blob(st->raw, column);

	return str_from(p, (size_t)sqlite3_column_bytes(st->raw, column));
}

bool sql_is_null(const struct sql_stmt *st, int column)
{
	return sqlite3_column_type(st->raw, column) == SQLITE_NULL;
}

int64_t sql_changes(const struct sql_db *db)
{
	return sqlite3_changes64(db->raw);
}

const char *sql_message(const struct sql_db *db)
{
	return db->message;
}

/* Counts. */

uint64_t sql_rows_stepped(const struct sql_db *db, const char *prefix)
{
	size_t at = 0;
	struct str key;
	void *value;
	uint64_t rows = 0;

	while (table_next(db->stmts, &at, &key, &value)) {
		const struct sql_stmt *st = value;

		if (str_starts(str_of(st->def->name), str_of(prefix)))
			rows += st->rows;
	}
	return rows;
}

struct sql_counts sql_counts(const struct sql_db *db)
{
	return (struct sql_counts){ .rows_stepped = db->rows, .commits = db->commits };
}
