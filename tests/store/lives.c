#include "lives.h"

#include <base/buf.h>

#include <stdlib.h>

static void argument(struct lives *l, const char *name, const char *value)
{
	uint64_t n;

	if (str_to_u64(str_of(value), 1000000000, &n) != ERR_OK)
		fail_msg("%s wants a number", name);
	if (strcmp(name, "--lives") == 0)
		l->n = n;
	else if (strcmp(name, "--first") == 0)
		l->first = n;
	else
		fail_msg("%s: --lives N, --first SEED or --trace", name);
}

void lives_open(struct lives *l, int argc, char **argv, unsigned long lives_by_default)
{
	l->n = lives_by_default;
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--trace") == 0)
			l->trace = true;
		else if (i + 1 < argc)
			argument(l, argv[i], argv[i + 1]), i++;
	l->dir = tmpdir_make();
	clock_fake_init(&l->clock, LIVES_NOW_MS);
	struct store_config config = { .state_dir = l->dir.path, .clock = &l->clock.clock, .max_handles = 4 };
	assert_ok(store_open(&config, &l->store));
	assert_ok(store_mailbox_create(l->store, LIVES_MAILBOX));
	struct store_tx *tx = lives_begin(l, STORE_WRITE);
	assert_ok(folder_make_defaults(tx));
	lives_commit(&tx);
}

void lives_close(struct lives *l)
{
	store_close(&l->store);
	tmpdir_remove(&l->dir);
}

struct store_tx *lives_begin(struct lives *l, enum store_mode mode)
{
	struct store_tx *tx = NULL;

	assert_ok(store_begin(l->store, LIVES_MAILBOX, mode, &tx));
	return tx;
}

void lives_commit(struct store_tx **txp)
{
	assert_ok(store_commit(txp));
}

int64_t lives_folder(struct lives *l)
{
	CLEANUP(buf_release) struct buf name = BUF_INIT(FOLDER_NAME_MAX);
	struct store_tx *tx = lives_begin(l, STORE_WRITE);
	int64_t id;

	buf_fmt(&name, "life %u", ++l->folders);
	struct folder_new f = { .name = buf_view(&name), .class = FOLDER_MAIL };
	assert_ok(folder_create(tx, &f, &id));
	lives_commit(&tx);
	return id;
}

void lives_folder_end(struct lives *l, int64_t folder)
{
	const struct author nobody = AUTHOR_NOBODY;
	struct store_tx *tx = lives_begin(l, STORE_WRITE);
	bool more = true;

	assert_ok(folder_delete(tx, folder, &nobody));
	while (more)
		assert_ok(folder_sweep(tx, 100, &more));
	lives_commit(&tx);
}

struct item lives_add(struct store_tx *tx, const struct lives_item *item)
{
	struct item_new new = { .folder = item->folder,
				.key = item->key,
				.size = (uint64_t)item->content,
				.received_ms = item->tag,
				.flags = item->flags,
				.conversation = item->conversation,
				.by = item->by };
	struct item made;

	assert_ok(item_add(tx, &new, &made));
	return made;
}
