#include <gateway/mailbox/send.h>

#include <base/fault.h>
#include <base/mem.h>
#include <gateway/mailbox/outgoing.h>
#include <store/account.h>

#include <stdlib.h>

enum {
	COPY_BYTES = 32 * 1024,
	ARENA_BYTES = 16 * 1024 * 1024, /* an entry with all its recipients */
};

/* ---- who sends ---- */

static enum err load_author(struct arena *a, struct store_tx *tx, int64_t id, struct send_author *ret)
{
	struct account account;

	TRY(account_get(a, tx, id, &account));
	if (!account.enabled)
		return ERR_DENIED;
	*ret = (struct send_author){
		.account = account.id, .mailbox = account.mailbox, .address = account.address, .name = account.name
	};
	return account_addresses(a, tx, id, &ret->addresses, &ret->addresses_n);
}

enum err send_author_load(struct arena *a, struct store *s, int64_t account, struct send_author *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(s, STORE_DIRECTORY, STORE_READ, &tx));
	return load_author(a, tx, account, ret);
}

/* The address with its tag taken out is `own`. */
static bool is_tagged(struct str address, struct str own)
{
	size_t plus = str_index(address, '+'), at = str_index(address, '@');

	return plus > 0 && plus < at && plus < own.n && str_ieq(str_slice(address, 0, plus), str_slice(own, 0, plus)) &&
	       str_ieq(str_slice(address, at, address.n), str_slice(own, plus, own.n));
}

bool send_is_own(const struct send_author *author, struct str address)
{
	for (size_t i = 0; i < author->addresses_n; i++)
		if (str_ieq(author->addresses[i], address) || is_tagged(address, author->addresses[i]))
			return true;
	return false;
}

/* ---- the message ---- */

struct send {
	const struct send_service *service;
	const struct send_author *author;
	struct outgoing *out;
};

static struct outgoing_args outgoing_args_of(const struct send_service *service, const struct send_author *author)
{
	return (struct outgoing_args){ .store = service->store,
				       .clock = service->clock,
				       .hostname = service->hostname,
				       .author = author,
				       .max_bytes = service->max_bytes };
}

static enum err new_send(const struct send_service *service, const struct outgoing_args *args, struct send **ret)
{
	struct send *m = mem_alloc(sizeof(*m));

	m->service = service;
	m->author = args->author;
	enum err e = outgoing_new(args, &m->out);
	if (e) {
		send_free(&m);
		return e;
	}
	*ret = m;
	return ERR_OK;
}

enum err send_new(const struct send_service *service, const struct send_author *author, bool refuse_foreign,
		  struct send **ret)
{
	struct outgoing_args args = outgoing_args_of(service, author);

	args.refuse_foreign = refuse_foreign;
	return new_send(service, &args, ret);
}

enum err send_new_written(const struct send_service *service, const struct send_author *author, struct send **ret)
{
	struct outgoing_args args = outgoing_args_of(service, author);

	args.keeps_sender = true;
	return new_send(service, &args, ret);
}

enum err send_look_new(const struct send_service *service, const struct send_author *author, struct send **ret)
{
	struct outgoing_args args = outgoing_args_of(service, author);

	args.look_only = true;
	return new_send(service, &args, ret);
}

static enum err verdict(const struct outgoing_header *h)
{
	if (h->bad_recipient)
		return ERR_INVALID;
	return h->recipients_n ? ERR_OK : ERR_NOT_FOUND;
}

enum err send_look_finish(struct send *m)
{
	TRY(outgoing_finish(m->out));
	return verdict(outgoing_header(m->out));
}

void send_free(struct send **sp)
{
	struct send *m = *sp;

	if (!m)
		return;
	outgoing_free(&m->out);
	free(m);
	*sp = NULL;
}

enum err send_put(struct send *m, struct str octets)
{
	return outgoing_put(m->out, octets);
}

enum err send_finish(struct send *m)
{
	return outgoing_finish(m->out);
}

size_t send_header_recipients(const struct send *m, bool *ret_bad)
{
	*ret_bad = outgoing_header(m->out)->bad_recipient;
	return outgoing_header(m->out)->recipients_n;
}

/* ---- queueing ---- */

static enum err read_entry(struct arena *a, const struct send_service *service, int64_t id, struct queue_entry *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(service->store, STORE_DIRECTORY, STORE_READ, &tx));
	return queue_get(a, tx, id, ret);
}

/* The mailbox comes second. Where it can't now, the queue's thread does it: the message is safe. */
static void settle_now(const struct send_service *service, int64_t id)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	struct queue_entry entry;

	fault_point("send.settle.before");
	if (!read_entry(&a, service, id, &entry) && !entry.settled && entry.blob && !send_settle(service, &entry))
		fault_point("send.settle.after");
	send_wake(service);
}

static enum err add_entry(const struct send_service *service, const struct queue_new *q, struct store_blob_writer *blob,
			  int64_t *ret_id)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	fault_point("send.queue.before");
	TRY(store_begin(service->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(queue_add(tx, q, blob, ret_id));
	TRY(store_commit(&tx));
	fault_point("send.queue.after");
	return ERR_OK;
}

static enum err header_envelope(const struct outgoing_header *h, struct arena *a, struct queue_new *q)
{
	struct queue_recipient *list = arena_array(a, h->recipients_n, sizeof(*list));

	TRY(verdict(h));
	if (!list)
		return ERR_LIMIT;
	for (size_t i = 0; i < h->recipients_n; i++)
		list[i].address = h->recipients[i];
	q->recipients = list;
	q->recipients_n = h->recipients_n;
	return ERR_OK;
}

static enum err queue_message(struct send *m, const struct send_args *args, struct arena *a, int64_t *ret_id)
{
	const struct outgoing_header *h = outgoing_header(m->out);
	int64_t now = clock_wall_ms(m->service->clock);
	struct queue_new q = { .name = args->name,
			       .kind = args->kind ? args->kind : QUEUE_MAIL,
			       .account = m->author->account,
			       .sender = args->sender.p ? args->sender : h->from,
			       .own_header = args->flags & QUEUE_SAVE_SENT ? h->own : STR_EMPTY,
			       .origin = args->origin,
			       .flags = args->flags | h->flags,
			       .envid = args->envid,
			       .ret = args->ret,
			       .source_item = args->source_item,
			       .verb = args->verb,
			       .draft_item = args->draft_item,
			       .expires_ms = now + m->service->expires_ms,
			       .forget_ms = now + args->remember_ms,
			       .recipients = args->recipients,
			       .recipients_n = args->recipients_n };

	if (!args->recipients)
		TRY(header_envelope(h, a, &q));
	return add_entry(m->service, &q, outgoing_blob(m->out), ret_id);
}

enum err send_commit(struct send *m, const struct send_args *args, int64_t *ret_entry)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	int64_t id;
	enum err e = queue_message(m, args, &a, &id);

	if (e && e != ERR_EXISTS)
		return e;
	settle_now(m->service, id);
	if (ret_entry)
		*ret_entry = id;
	return e;
}

static enum err find(const struct send_service *service, const struct queue_name *name, int64_t *ret_id)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(service->store, STORE_DIRECTORY, STORE_READ, &tx));
	return queue_find(tx, name, ret_id);
}

enum err send_known(const struct send_service *service, const struct queue_name *name)
{
	int64_t id;
	enum err e = find(service, name, &id);

	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	settle_now(service, id);
	return ERR_EXISTS;
}

/* ---- what is stored ---- */

static enum err open_stored(const struct send_service *service, const struct send_author *author, int64_t item,
			    struct store_blob **ret)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct item row;

	TRY(store_begin(service->store, author->mailbox, STORE_READ, &tx));
	TRY(item_find(&a, tx, item, &row));
	return row.blob ? store_blob_open(tx, row.blob, ret) : ERR_NOT_FOUND;
}

static enum err put_blob(struct send *m, struct store_blob *blob)
{
	char *piece = mem_alloc(COPY_BYTES);
	enum err e = ERR_OK;
	size_t got = 1;

	for (uint64_t off = 0; !e && got > 0; off += got) {
		e = store_blob_read(blob, off, piece, COPY_BYTES, &got);
		if (!e && got)
			e = send_put(m, str_from(piece, got));
	}
	free(piece);
	return e ? e : send_finish(m);
}

enum err send_stored(const struct send_service *service, const struct send_author *author, int64_t item,
		     const struct send_args *args)
{
	CLEANUP(store_blob_close) struct store_blob *blob = NULL;
	CLEANUP(send_free) struct send *m = NULL;

	TRY(send_known(service, &args->name));
	TRY(open_stored(service, author, item, &blob));
	TRY(send_new(service, author, false, &m));
	TRY(put_blob(m, blob));
	return send_commit(m, args, NULL);
}
