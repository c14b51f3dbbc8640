/* Writing a body as a stream: in memory while it is small, else into a file. */
#include <store/blob_internal.h>

#include <base/buf.h>
#include <base/mem.h>
#include <store/blob_file.h>

#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>

struct store_blob_writer {
	struct store *store;
	int64_t mailbox;
	EVP_MD_CTX *hash;
	struct buf small; /* what came so far, while it is small */
	bool spilled;     /* all of it is in the file */
	struct blob_file file;
	enum err failed;
	bool finished, named;
	struct blob_made made;
};

enum err store_blob_writer_new(struct store *s, int64_t mailbox, struct store_blob_writer **ret)
{
	CLEANUP(store_blob_writer_drop) struct store_blob_writer *w = mem_alloc(sizeof(*w));

	w->store = s;
	w->mailbox = mailbox;
	w->small = BUF_INIT(STORE_BLOB_INLINE_MAX);
	w->file.fd = -1;
	w->hash = EVP_MD_CTX_new();
	if (!w->hash || EVP_DigestInit_ex(w->hash, EVP_sha256(), NULL) != 1)
		return ERR_IO;
	*ret = w;
	w = NULL;
	return ERR_OK;
}

static enum err spill(struct store_blob_writer *w)
{
	TRY(blob_file_create(w->store, w->mailbox, &w->file));
	w->spilled = true;
	TRY(blob_file_write(&w->file, buf_view(&w->small)));
	buf_release(&w->small);
	return ERR_OK;
}

static enum err take(struct store_blob_writer *w, struct str octets)
{
	if (EVP_DigestUpdate(w->hash, octets.p, octets.n) != 1)
		return ERR_IO;
	w->made.size += octets.n;
	if (!w->spilled && octets.n > STORE_BLOB_INLINE_MAX - w->small.n)
		TRY(spill(w));
	if (w->spilled)
		return blob_file_write(&w->file, octets);
	buf_put(&w->small, octets.p, octets.n);
	return buf_status(&w->small);
}

enum err store_blob_write(struct store_blob_writer *w, struct str octets)
{
	assert(!w->finished);
	if (!w->failed && octets.n)
		w->failed = take(w, octets);
	return w->failed;
}

static enum err finish(struct store_blob_writer *w)
{
	if (EVP_DigestFinal_ex(w->hash, w->made.sha256, NULL) != 1)
		return ERR_IO;
	if (!w->spilled) {
		w->made.octets = buf_view(&w->small);
		return ERR_OK;
	}
	TRY(blob_file_publish(w->store, &w->file, w->made.sha256));
	w->made.file = w->file.name;
	return ERR_OK;
}

enum err store_blob_finish(struct store_blob_writer *w)
{
	assert(!w->finished);
	if (!w->failed)
		w->failed = finish(w);
	w->finished = w->failed == ERR_OK;
	return w->failed;
}

uint64_t store_blob_writer_size(const struct store_blob_writer *w)
{
	assert(w->finished);
	return w->made.size;
}

const unsigned char *store_blob_writer_sha256(const struct store_blob_writer *w)
{
	assert(w->finished);
	return w->made.sha256;
}

const struct blob_made *blob_writer_made(const struct store_blob_writer *w, int64_t mailbox)
{
	assert(w->finished && !w->named && w->mailbox == mailbox);
	(void)mailbox;
	return &w->made;
}

void blob_writer_named(struct store_blob_writer *w)
{
	w->named = true;
}

void store_blob_writer_drop(struct store_blob_writer **wp)
{
	struct store_blob_writer *w = *wp;

	if (!w)
		return;
	blob_file_release(&w->file, w->named);
	EVP_MD_CTX_free(w->hash);
	buf_release(&w->small);
	free(w);
	*wp = NULL;
}
