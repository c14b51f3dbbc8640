/* Answers with octets from blobs. */
#include <gateway/activesync/insert.h>

#include <base/fd.h>
#include <base/mem.h>
#include <store/blob.h>

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { INSERTS_FIRST = 4, PIECE_BYTES = 64 * 1024 };

void eas_inserts_rewind(struct eas_inserts *l, size_t n)
{
	while (l->n && l->v[l->n - 1].at > n) {
		struct eas_insert *last = &l->v[--l->n];

		l->bytes -= last->n;
		store_blob_close(&last->blob);
	}
}

void eas_inserts_release(struct eas_inserts *l)
{
	for (size_t i = 0; i < l->n; i++)
		store_blob_close(&l->v[i].blob);
	free(l->v);
	*l = (struct eas_inserts){ 0 };
}

void eas_inserts_add(struct eas_inserts *l, size_t at, struct store_blob **blob, uint64_t n)
{
	assert(l->n == 0 || at >= l->v[l->n - 1].at);
	if (l->n == l->room) {
		l->room = l->room ? l->room * 2 : INSERTS_FIRST;
		l->v = mem_resize(l->v, l->room * sizeof(*l->v));
	}
	l->v[l->n++] = (struct eas_insert){ at, *blob, n };
	l->bytes += n;
	*blob = NULL;
}

void eas_inserts_move(struct eas_inserts *to, struct eas_inserts *from, size_t at)
{
	for (size_t i = 0; i < from->n; i++)
		eas_inserts_add(to, at + from->v[i].at, &from->v[i].blob, from->v[i].n);
	from->n = 0;
	from->bytes = 0;
}

static enum err copy(int fd, const struct eas_insert *insert, char *piece)
{
	for (uint64_t off = 0; off < insert->n;) {
		uint64_t left = insert->n - off;
		size_t got;

		TRY(store_blob_read(insert->blob, off, piece, left < PIECE_BYTES ? (size_t)left : PIECE_BYTES, &got));
		if (got == 0)
			return ERR_CORRUPT;
		TRY(fd_write_all(fd, str_from(piece, got)));
		off += got;
	}
	return ERR_OK;
}

static enum err write_parts(int fd, const struct eas_inserts *l, struct str doc, char *piece)
{
	size_t done = 0;

	for (size_t i = 0; i < l->n; i++) {
		TRY(fd_write_all(fd, str_slice(doc, done, l->v[i].at)));
		TRY(copy(fd, &l->v[i], piece));
		done = l->v[i].at;
	}
	return fd_write_all(fd, str_slice(doc, done, doc.n));
}

enum err eas_inserts_write(const struct eas_inserts *l, struct str doc, const char *dir, int *ret_fd,
			   uint64_t *ret_size)
{
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	char *piece;
	enum err e;

	if (fd < 0)
		return ERR_IO;
	piece = mem_alloc(PIECE_BYTES);
	e = write_parts(fd, l, doc, piece);
	free(piece);
	if (e) {
		close(fd);
		return e;
	}
	*ret_fd = fd;
	*ret_size = doc.n + l->bytes;
	return ERR_OK;
}
