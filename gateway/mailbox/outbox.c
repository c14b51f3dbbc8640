/* From a mailbox's outbox into the queue. */
#include <gateway/mailbox/outbox.h>

#include <base/fault.h>
#include <base/log.h>
#include <base/mem.h>
#include <store/account.h>
#include <store/outbox.h>

#include <stdlib.h>

enum { COPY_BYTES = 32 * 1024, ARENA_BYTES = 4 * 1024 * 1024, ACCOUNTS_A_STEP = 100 };

/* ---- posting ---- */

static enum err put_blob(void *ctx, struct str octets)
{
	return store_blob_write(ctx, octets);
}

enum err outbox_post(struct store_tx *tx, const struct outbox_letter *l)
{
	CLEANUP(store_blob_writer_drop) struct store_blob_writer *w = NULL;

	TRY(store_blob_writer_new(store_tx_store(tx), store_tx_mailbox(tx), &w));
	TRY(l->write(l->ctx, (struct body_sink){ put_blob, w }));
	TRY(store_blob_finish(w));
	return outbox_add(tx,
			  &(struct outbox_new){
				  .name = l->name, .author = l->author, .recipients = l->to, .recipients_n = l->to_n },
			  w);
}

/* ---- moving ---- */

static enum err next(struct arena *a, struct store *s, int64_t mailbox, int64_t after, struct outbox_message *ret,
		     struct store_blob **ret_body)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(s, mailbox, STORE_READ, &tx));
	TRY(outbox_next(a, tx, after, ret));
	return store_blob_open(tx, ret->blob, ret_body);
}

static enum err take_out(struct store *s, int64_t mailbox, const struct outbox_message *m)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(s, mailbox, STORE_WRITE, &tx));
	TRY(outbox_remove(tx, m));
	return store_commit(&tx);
}

static enum err copy(struct store_blob *body, struct send *out)
{
	char *piece = mem_alloc(COPY_BYTES);
	enum err e = ERR_OK;
	size_t got = 1;

	for (uint64_t off = 0; !e && got > 0; off += got) {
		e = store_blob_read(body, off, piece, COPY_BYTES, &got);
		if (!e && got)
			e = send_put(out, str_from(piece, got));
	}
	free(piece);
	return e ? e : send_finish(out);
}

static enum err queue(struct arena *a, const struct send_service *service, const struct outbox_message *m,
		      struct store_blob *body)
{
	CLEANUP(send_free) struct send *out = NULL;
	const struct send_args args = { .name = m->name,
					.remember_ms = SEND_REMEMBER_MS,
					.recipients = m->recipients,
					.recipients_n = m->recipients_n,
					.flags = QUEUE_SAVE_SENT };
	struct send_author author;
	enum err e = send_known(service, &m->name);

	if (e)
		return e;
	TRY(send_author_load(a, service->store, m->author, &author));
	TRY(send_new_written(service, &author, &out));
	TRY(copy(body, out));
	return send_commit(out, &args, NULL);
}

/* Would it fail for ever? The author's account is gone or disabled, or the queue can't take such a message. */
static bool is_lost(enum err e)
{
	return e == ERR_NOT_FOUND || e == ERR_DENIED || e == ERR_INVALID || e == ERR_LIMIT || e == ERR_CORRUPT;
}

static enum err move_one(struct arena *a, const struct send_service *service, int64_t mailbox, int64_t *after)
{
	CLEANUP(store_blob_close) struct store_blob *body = NULL;
	struct outbox_message m = { 0 };
	enum err e = next(a, service->store, mailbox, *after, &m, &body);

	if (e && m.id == 0)
		return e;
	*after = m.id;
	fault_point("send.outbox.before");
	if (!e)
		e = queue(a, service, &m, body);
	fault_point("send.outbox.after");
	if (is_lost(e))
		log_error("outbox", "mailbox=%lld lost=%lld error=%s", (long long)mailbox, (long long)m.id,
			  log_quote(str_of(err_text(e))).text);
	else if (e && e != ERR_EXISTS)
		return e;
	return take_out(service->store, mailbox, &m);
}

static enum err move_mailbox(const struct send_service *service, int64_t mailbox)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	int64_t after = 0;
	enum err e;

	do {
		arena_reset(&a);
		e = move_one(&a, service, mailbox, &after);
	} while (!e);
	if (e == ERR_NOT_FOUND)
		return ERR_OK;
	log_warn("outbox", "mailbox=%lld left=1 error=%s", (long long)mailbox, log_quote(str_of(err_text(e))).text);
	return e;
}

void outbox_move(const struct send_service *service, int64_t mailbox)
{
	if (move_mailbox(service, mailbox) && service->left)
		service->left(service->ctx);
}

/* ---- what was left ---- */

static enum err next_accounts(struct arena *a, struct store *s, int64_t after, struct account **ret, size_t *ret_n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(s, STORE_DIRECTORY, STORE_READ, &tx));
	return account_list(a, tx, after, ACCOUNTS_A_STEP, ret, ret_n);
}

enum err outbox_move_all(const struct send_service *service, bool (*stop)(void *ctx), void *ctx)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	enum err first = ERR_OK;
	int64_t after = 0;
	size_t n;

	do {
		struct account *list;

		arena_reset(&a);
		TRY(next_accounts(&a, service->store, after, &list, &n));
		for (size_t i = 0; i < n; i++) {
			if (stop && stop(ctx))
				return first;
			enum err e = move_mailbox(service, list[i].mailbox);
			if (!first)
				first = e;
			after = list[i].id;
		}
	} while (n);
	return first;
}
