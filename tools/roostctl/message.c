/* roostctl message list and show. */
#include <tools/roostctl/message.h>

#include <tools/roostctl/folder_path.h>
#include <tools/roostctl/listing.h>
#include <tools/roostctl/runs.h>

#include <gateway/mailbox/message.h>

#include <stdio.h>

enum { PAGE = 100, CHUNK = 64 * 1024, FLAGS_MAX = 128 };

static const struct {
	unsigned flag;
	const char *name;
} flag_names[] = {
	{ ITEM_SEEN, "seen" },           { ITEM_ANSWERED, "answered" }, { ITEM_FLAGGED, "flagged" },
	{ ITEM_FORWARDED, "forwarded" }, { ITEM_DRAFT, "draft" },       { ITEM_DELETED, "deleted" },
};

static const struct column columns[] = {
	{ "id", "ID", 6 },        { "uid", NULL, 0 },     { "received", "RECEIVED", 20 }, { "size", "SIZE", 8 },
	{ "flags", "FLAGS", 12 }, { "from", "FROM", 24 }, { "subject", "SUBJECT", 0 },
};

bool message_id_parse(const char *text, int64_t *ret_id)
{
	if (str_to_i64(str_of(text), ret_id) == ERR_OK && *ret_id > 0)
		return true;
	ctl_say("\"%s\" is not the number of a message (roostctl message list tells them)", text);
	return false;
}

static void put_flags(struct buf *b, unsigned flags)
{
	for (size_t i = 0; i < countof(flag_names); i++)
		if (flags & flag_names[i].flag)
			buf_fmt(b, "%s%s", b->n ? " " : "", flag_names[i].name);
}

static void list_row(struct listing *l, const struct item *item, const struct mail_summary *summary)
{
	struct buf flags = BUF_INIT(FLAGS_MAX);

	put_flags(&flags, item->flags);
	listing_number(l, (uint64_t)item->id);
	listing_number(l, item->uid);
	listing_time(l, item->received_ms);
	listing_number(l, item->size);
	listing_text(l, buf_view(&flags));
	listing_text(l, summary->from_name);
	listing_text(l, summary->subject);
	buf_release(&flags);
}

/* A damaged message keeps its row, so that it can be seen and deleted. */
static enum err list_item(struct store_tx *tx, struct listing *l, const struct item *item)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(CTL_ARENA_MAX);
	struct message m = { 0 };
	enum err e = message_open(&a, tx, item, &m);

	if (!e || e == ERR_CORRUPT || e == ERR_NOT_FOUND) {
		list_row(l, item, &m.summary);
		e = ERR_OK;
	}
	message_close(&m);
	return e;
}

static enum err list_items(struct ctl *c, struct store_tx *tx, struct listing *l, int64_t folder)
{
	struct item *items;
	size_t n = PAGE;

	for (uint32_t after = 0; n == PAGE;) {
		arena_reset(&c->arena);
		TRY(item_list(&c->arena, tx, folder, after, PAGE, &items, &n));
		for (size_t i = 0; i < n; i++) {
			after = items[i].uid;
			TRY(list_item(tx, l, &items[i]));
		}
	}
	return ERR_OK;
}

enum status message_run_list(struct ctl *c, const struct args *args)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	const char *path = args->option[OPTION_FOLDER];
	struct account account;
	struct listing l;
	int64_t folder;
	enum err e;

	if (ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	e = store_begin(c->store, account.mailbox, STORE_READ, &tx);
	if (!e)
		e = folder_path_find(tx, path, &folder);
	if (e == ERR_NOT_FOUND) {
		ctl_say("%s: no such folder", path);
		return STATUS_FAILED;
	}
	if (e)
		return ctl_fail(e, "%s", args->word[0]);
	listing_begin(&l, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_TABLE));
	e = list_items(c, tx, &l, folder);
	listing_end(&l);
	return e ? ctl_fail(e, "the list is not complete") : ctl_flush();
}

static enum err write_octets(const struct mail_source *source)
{
	char chunk[CHUNK];
	size_t got = CHUNK;

	for (uint64_t off = 0; got == CHUNK; off += got) {
		TRY(source->read(source->ctx, off, chunk, CHUNK, &got));
		if (fwrite(chunk, 1, got, stdout) != got)
			return ERR_IO;
	}
	return ERR_OK;
}

static enum err show(struct ctl *c, int64_t mailbox, int64_t id)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(message_close) struct message m = { 0 };
	struct item item;

	TRY(store_begin(c->store, mailbox, STORE_READ, &tx));
	TRY(item_find(&c->arena, tx, id, &item));
	TRY(message_open(&c->arena, tx, &item, &m));
	return write_octets(&m.source);
}

enum status message_run_show(struct ctl *c, const struct args *args)
{
	struct account account;
	int64_t id;
	enum err e;

	if (!message_id_parse(args->word[1], &id))
		return STATUS_MISUSED;
	if (ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	e = show(c, account.mailbox, id);
	return e ? ctl_fail(e, "message %s", args->word[1]) : ctl_flush();
}
