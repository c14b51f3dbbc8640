#include "mailbox_fixture.h"

#include <store/blob.h>
#include <store/folder.h>

void mailbox_release(struct mailbox *m)
{
	store_tx_end(&m->tx);
	arena_release(&m->a);
	fixture_release(&m->f);
}

void mailbox_next(struct mailbox *m)
{
	if (m->tx)
		assert_ok(store_commit(&m->tx));
	assert_ok(store_begin(m->f.store, MAILBOX, STORE_WRITE, &m->tx));
}

void mailbox_open(struct mailbox *m)
{
	m->a = ARENA_INIT(1 << 26);
	fixture_open(&m->f, 4);
	assert_ok(store_mailbox_create(m->f.store, MAILBOX));
	mailbox_next(m);
	assert_ok(folder_make_defaults(m->tx));
	assert_ok(folder_by_role(m->tx, FOLDER_INBOX, &m->inbox));
	assert_ok(folder_by_role(m->tx, FOLDER_JUNK, &m->junk));
	mailbox_next(m);
}

struct item mailbox_add(struct mailbox *m, int64_t folder)
{
	struct item_new new = { .folder = folder, .key = 5, .received_ms = 5 };
	struct item made;

	assert_ok(item_add(m->tx, &new, &made));
	return made;
}

int64_t mailbox_blob(struct mailbox *m, struct str octets, unsigned char ret_sha256[ITEM_SHA256_SIZE])
{
	CLEANUP(store_blob_writer_drop) struct store_blob_writer *w = NULL;
	int64_t blob;

	assert_ok(store_commit(&m->tx));
	assert_ok(store_blob_writer_new(m->f.store, MAILBOX, &w));
	assert_ok(store_blob_write(w, octets));
	assert_ok(store_blob_finish(w));
	assert_ok(store_begin(m->f.store, MAILBOX, STORE_WRITE, &m->tx));
	assert_ok(store_blob_attach(m->tx, w, &blob));
	memcpy(ret_sha256, store_blob_writer_sha256(w), ITEM_SHA256_SIZE);
	return blob;
}
