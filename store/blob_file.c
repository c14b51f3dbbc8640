#include <store/blob_file.h>

#include <base/buf.h>
#include <base/fault.h>
#include <base/mem.h>
#include <store/blob.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err put_unique(struct buf *b)
{
	unsigned char unique[BLOB_UNIQUE_SIZE];

	if (getrandom(unique, sizeof(unique), 0) != (ssize_t)sizeof(unique))
		return ERR_IO;
	buf_hex(b, unique, sizeof(unique));
	return ERR_OK;
}

/* The text of b with its NUL; the caller frees. */
static enum err take_text(struct buf *b, char **ret)
{
	size_t n;
	enum err e = buf_take(b, ret, &n);

	buf_release(b);
	return e;
}

static enum err tmp_path(const char *folder, char **ret)
{
	struct buf b = BUF_INIT(PATH_MAX);

	buf_fmt(&b, "%s/tmp/", folder);
	enum err e = put_unique(&b);
	if (e) {
		buf_release(&b);
		return e;
	}
	return take_text(&b, ret);
}

static enum err create_tmp(struct blob_file *f)
{
	CLEANUP(path_free) char *tmp = path_join(f->folder, "tmp");

	TRY(path_make_folder(tmp));
	TRY(tmp_path(f->folder, &f->path));
	f->fd = open(f->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (f->fd >= 0)
		return ERR_OK;
	enum err e = path_errno(errno);
	path_free(&f->path);
	return e;
}

enum err blob_file_create(struct store *s, int64_t mailbox, struct blob_file *ret)
{
	struct blob_file f = { .folder = path_blobs(s, mailbox), .fd = -1 };
	enum err e = create_tmp(&f);

	if (e) {
		blob_file_release(&f, false);
		return e;
	}
	*ret = f;
	return ERR_OK;
}

enum err blob_file_write(struct blob_file *f, struct str octets)
{
	while (octets.n) {
		ssize_t n = fault_point("store.body.write") ? -1 : write(f->fd, octets.p, octets.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return path_errno(errno);
		octets = str_slice(octets, (size_t)n, octets.n);
	}
	return ERR_OK;
}

/* "ab/HASH-UNIQUE" */
static enum err make_name(struct blob_file *f, const unsigned char *sha256)
{
	struct buf b = BUF_INIT(BLOB_NAME_MAX - 1);

	buf_hex(&b, sha256, 1);
	buf_char(&b, '/');
	buf_hex(&b, sha256, STORE_BLOB_HASH_SIZE);
	buf_char(&b, '-');
	enum err e = put_unique(&b);
	if (!e)
		e = buf_status(&b);
	if (!e)
		memcpy(f->name, b.p, b.n); /* what follows is zero */
	buf_release(&b);
	return e;
}

static enum err flush_and_close(struct store *s, struct blob_file *f)
{
	int failed = fault_point("store.body.flush") || fdatasync(f->fd) ? errno : 0;

	store_flushed(s);
	if (close(f->fd) && !failed)
		failed = errno;
	f->fd = -1;
	return path_errno(failed);
}

enum err blob_file_publish(struct store *s, struct blob_file *f, const unsigned char *sha256)
{
	TRY(flush_and_close(s, f));
	TRY(make_name(f, sha256));
	CLEANUP(path_free) char *final = path_join(f->folder, f->name);
	CLEANUP(path_free) char *shelf = mem_cstr_n(final, (size_t)(strrchr(final, '/') - final));
	/* A shelf that another writer made this moment is flushed by him; file systems with a log keep the order. */
	TRY(path_make_folder(shelf));
	if (fault_point("store.body.rename") || rename(f->path, final) != 0)
		return path_errno(errno);
	char *tmp = f->path;
	f->path = final;
	final = tmp;
	store_flushed(s);
	fault_point("store.body.named");
	TRY(path_flush_folder(shelf));
	fault_point("store.body.flushed");
	return ERR_OK;
}

void blob_file_release(struct blob_file *f, bool keep)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	if (f->path && !keep)
		unlink(f->path);
	path_free(&f->path);
	path_free(&f->folder);
}

enum err blob_file_open(struct store *s, int64_t mailbox, struct str name, int *ret_fd, uint64_t *ret_size)
{
	CLEANUP(path_free) char *folder = path_blobs(s, mailbox);
	CLEANUP(path_free) char *text = mem_cstr_n(name.p, name.n);
	CLEANUP(path_free) char *path = path_join(folder, text);
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return path_errno(errno);
	if (fstat(fd, &st) != 0) {
		enum err e = path_errno(errno);

		close(fd);
		return e;
	}
	*ret_fd = fd;
	*ret_size = (uint64_t)st.st_size;
	return ERR_OK;
}
