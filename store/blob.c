/* Rows of bodies: attached, counted, opened for reading. */
#include <store/blob.h>

#include <base/mem.h>
#include <store/blob_file.h>
#include <store/blob_internal.h>
#include <store/blob_shape.h>
#include <store/sql/sql.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum blob_stmt {
	BLOB_FIND,
	BLOB_NUMBER,
	BLOB_INSERT,
	BLOB_INSERT_BODY,
	BLOB_REF,
	BLOB_UNREF,
	BLOB_DELETE_BODY,
	BLOB_DELETE,
	BLOB_GET,
	BLOB_GET_BODY,
	BLOB_STMT_MAX_
};
static const struct sql_def blob_sql[] = {
	[BLOB_FIND] = { "blob_find", "SELECT blob_id FROM blob WHERE mailbox_id = $1 AND sha256 = $2 AND size = $3"
				     " ORDER BY blob_id LIMIT 1" },
	[BLOB_NUMBER] = { "blob_number", "UPDATE mailbox SET last_blob = last_blob + 1 WHERE mailbox_id = $1"
					 " RETURNING last_blob" },
	[BLOB_INSERT] = { "blob_insert", "INSERT INTO blob (mailbox_id, blob_id, size, sha256, refs, file)"
					 " VALUES ($1, $2, $3, $4, 0, $5)" },
	[BLOB_INSERT_BODY] = { "blob_insert_body", "INSERT INTO blob_body (mailbox_id, blob_id, octets)"
						   " VALUES ($1, $2, $3)" },
	[BLOB_REF] = { "blob_ref", "UPDATE blob SET refs = refs + 1 WHERE mailbox_id = $1 AND blob_id = $2" },
	[BLOB_UNREF] = { "blob_unref", "UPDATE blob SET refs = refs - 1 WHERE mailbox_id = $1 AND blob_id = $2"
				       " AND refs > 0 RETURNING refs" },
	[BLOB_DELETE_BODY] = { "blob_delete_body", "DELETE FROM blob_body WHERE mailbox_id = $1 AND blob_id = $2" },
	[BLOB_DELETE] = { "blob_delete", "DELETE FROM blob WHERE mailbox_id = $1 AND blob_id = $2" },
	[BLOB_GET] = { "blob_get", "SELECT size, file FROM blob WHERE mailbox_id = $1 AND blob_id = $2" },
	[BLOB_GET_BODY] = { "blob_get_body", "SELECT octets FROM blob_body WHERE mailbox_id = $1 AND blob_id = $2" },
};
static_assert(countof(blob_sql) == BLOB_STMT_MAX_, "one text per statement");

struct store_blob {
	uint64_t size;
	char *octets; /* of a small one, whole; NULL: in a file */
	int fd;
};

static enum err use(struct store_tx *tx, enum blob_stmt which, struct sql_stmt **ret)
{
	TRY(sql_use(store_tx_db(tx), &blob_sql[which], ret));
	sql_bind_i64(*ret, 1, store_tx_mailbox(tx));
	return ERR_OK;
}

static enum err use_on(struct store_tx *tx, enum blob_stmt which, int64_t blob, struct sql_stmt **ret)
{
	TRY(use(tx, which, ret));
	sql_bind_i64(*ret, 2, blob);
	return ERR_OK;
}

/* Rows. */

enum err store_blob_find(struct store_tx *tx, const unsigned char sha256[STORE_BLOB_HASH_SIZE], uint64_t size,
			 int64_t *ret_blob)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use(tx, BLOB_FIND, &st));
	sql_bind_blob(st, 2, str_from(sha256, STORE_BLOB_HASH_SIZE));
	sql_bind_u64(st, 3, size);
	TRY(sql_one(st));
	*ret_blob = sql_i64(st, 0);
	return ERR_OK;
}

static enum err next_number(struct store_tx *tx, int64_t *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use(tx, BLOB_NUMBER, &st));
	TRY(sql_one(st));
	*ret = sql_i64(st, 0);
	return ERR_OK;
}

static enum err insert_body(struct store_tx *tx, int64_t blob, struct str octets)
{
	struct sql_stmt *st;

	TRY(use_on(tx, BLOB_INSERT_BODY, blob, &st));
	sql_bind_blob(st, 3, octets.n ? octets : S(""));
	return sql_run(st);
}

enum err store_blob_attach(struct store_tx *tx, struct store_blob_writer *w, int64_t *ret_blob)
{
	const struct blob_made *made = blob_writer_made(w, store_tx_mailbox(tx));
	struct sql_stmt *st;
	int64_t blob;

	enum err e = store_blob_find(tx, made->sha256, made->size, &blob);
	if (e == ERR_NOT_FOUND) {
		TRY(next_number(tx, &blob));
		TRY(use_on(tx, BLOB_INSERT, blob, &st));
		sql_bind_u64(st, 3, made->size);
		sql_bind_blob(st, 4, str_from(made->sha256, STORE_BLOB_HASH_SIZE));
		if (made->file)
			sql_bind_text(st, 5, str_of(made->file));
		TRY(sql_run(st));
		if (!made->file)
			TRY(insert_body(tx, blob, made->octets));
		blob_writer_named(w);
	} else if (e) {
		return e;
	}
	*ret_blob = blob;
	return ERR_OK;
}

enum err store_blob_ref(struct store_tx *tx, int64_t blob)
{
	struct sql_stmt *st;

	TRY(use_on(tx, BLOB_REF, blob, &st));
	TRY(sql_run(st));
	return sql_changes(store_tx_db(tx)) ? ERR_OK : ERR_NOT_FOUND;
}

static enum err count_down(struct store_tx *tx, int64_t blob, int64_t *ret_left)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use_on(tx, BLOB_UNREF, blob, &st));
	TRY(sql_one(st));
	*ret_left = sql_i64(st, 0);
	return ERR_OK;
}

enum err blob_row_delete(struct store_tx *tx, int64_t blob)
{
	struct sql_stmt *st;

	if (store_tx_mailbox(tx) != STORE_DIRECTORY) /* the queue's octets are shown to nobody */
		TRY(blob_shape_drop(tx, blob));
	TRY(use_on(tx, BLOB_DELETE_BODY, blob, &st));
	TRY(sql_run(st));
	TRY(use_on(tx, BLOB_DELETE, blob, &st));
	return sql_run(st);
}

enum err store_blob_unref(struct store_tx *tx, int64_t blob)
{
	int64_t left;

	TRY(count_down(tx, blob, &left));
	return left > 0 ? ERR_OK : blob_row_delete(tx, blob);
}

/* Reading. */

static enum err load_body(struct store_tx *tx, int64_t blob, struct store_blob *b)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use_on(tx, BLOB_GET_BODY, blob, &st));
	TRY(sql_one(st));
	struct str octets = sql_str(st, 0);
	if (octets.n != b->size)
		return ERR_CORRUPT;
	b->octets = mem_alloc(octets.n + 1); /* at most STORE_BLOB_INLINE_MAX; never NULL */
	if (octets.n)
		memcpy(b->octets, octets.p, octets.n);
	return ERR_OK;
}

static enum err load_file(struct store_tx *tx, struct str name, struct store_blob *b)
{
	uint64_t size;

	TRY(blob_file_open(store_tx_store(tx), store_tx_mailbox(tx), name, &b->fd, &size));
	return size == b->size ? ERR_OK : ERR_CORRUPT;
}

static enum err load(struct store_tx *tx, int64_t blob, struct store_blob *b)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use_on(tx, BLOB_GET, blob, &st));
	TRY(sql_one(st));
	b->size = sql_u64(st, 0);
	enum err e = sql_is_null(st, 1) ? load_body(tx, blob, b) : load_file(tx, sql_str(st, 1), b);
	return e == ERR_NOT_FOUND ? ERR_CORRUPT : e; /* the row is there, its octets are not */
}

enum err store_blob_open(struct store_tx *tx, int64_t blob, struct store_blob **ret)
{
	CLEANUP(store_blob_close) struct store_blob *b = mem_alloc(sizeof(*b));

	b->fd = -1;
	TRY(load(tx, blob, b));
	*ret = b;
	b = NULL;
	return ERR_OK;
}

void store_blob_close(struct store_blob **bp)
{
	struct store_blob *b = *bp;

	if (!b)
		return;
	if (b->fd >= 0)
		close(b->fd);
	free(b->octets);
	free(b);
	*bp = NULL;
}

uint64_t store_blob_size(const struct store_blob *b)
{
	return b->size;
}

static enum err read_file(const struct store_blob *b, uint64_t off, char *p, size_t n)
{
	while (n) {
		ssize_t got = pread(b->fd, p, n, (off_t)off);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ERR_IO;
		if (got == 0)
			return ERR_CORRUPT; /* somebody cut the file */
		p += got;
		n -= (size_t)got;
		off += (uint64_t)got;
	}
	return ERR_OK;
}

enum err store_blob_read(void *ctx, uint64_t off, void *p, size_t n, size_t *got)
{
	const struct store_blob *b = ctx;

	*got = 0;
	if (off >= b->size)
		return ERR_OK;
	if (n > b->size - off)
		n = (size_t)(b->size - off);
	if (b->octets)
		memcpy(p, b->octets + off, n);
	else
		TRY(read_file(b, off, p, n));
	*got = n;
	return ERR_OK;
}
