#include <gateway/mailbox/group_mail.h>

#include <gateway/mailbox/intake.h>

enum err group_admits(struct store_tx *tx, const struct mail_group *group, int64_t account)
{
	bool in = true, out;

	if (account) {
		if (group->senders == GROUP_SENDERS_MEMBERS)
			TRY(mail_group_has(tx, group->id, account, &in));
		return in ? ERR_OK : ERR_DENIED;
	}
	if (group->senders != GROUP_SENDERS_ANYONE)
		return ERR_DENIED;
	TRY(mail_group_reaches_out(tx, group->id, &out));
	return out ? ERR_DENIED : ERR_OK;
}

/* What a greeting can be and the queue can't keep is left out. */
static struct str origin_of(const struct group_mail *m)
{
	return m->origin.n <= QUEUE_MAX_ORIGIN ? m->origin : S("with LMTP");
}

/*
 * The same mail has the same name, whoever brings it again: an MTA that has lost the answer. Whom it names beside is no part
 * of it, since who was answered for is not named again; `group` is empty for all of them together.
 */
static enum err derive_name(const struct group_mail *m, const struct store_blob_writer *body, struct str group,
			    struct queue_name *ret)
{
	const struct str parts[] = { str_from(store_blob_writer_sha256(body), STORE_BLOB_HASH_SIZE), m->sender, group };

	return queue_name_derive("group", parts, countof(parts), ret);
}

static enum err add_entry(struct store *s, const struct queue_new *q, struct store_blob_writer *body, int64_t *ret_id)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(s, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(queue_add(tx, q, body, ret_id));
	for (size_t i = 0; i < q->recipients_n; i++) {
		const struct queue_recipient *r = &q->recipients[i];

		if (r->state != QUEUE_PENDING)
			TRY(queue_recipient_set(tx, *ret_id, i, r->state, r->status, r->reply));
	}
	return store_commit(&tx);
}

/* ERR_EXISTS: it is there, as *ret_id. */
static enum err queue_list_of(const struct send_service *service, struct intake *in, const struct group_mail *m,
			      struct str group, int64_t *ret_id)
{
	CLEANUP(store_blob_writer_drop) struct store_blob_writer *body = NULL;
	int64_t now = clock_wall_ms(service->clock);
	struct queue_new q = { .kind = QUEUE_MAIL,
			       .sender = m->sender,
			       .origin = origin_of(m),
			       .flags = m->utf8 ? QUEUE_UTF8 : 0,
			       .expires_ms = now + service->expires_ms,
			       .forget_ms = now + GROUP_MAIL_REMEMBER_MS,
			       .recipients = m->list,
			       .recipients_n = m->n };
	bool eight;

	TRY(store_blob_writer_new(service->store, STORE_DIRECTORY, &body));
	TRY(intake_copy(in, m->skip, body, &eight));
	TRY(derive_name(m, body, group, &q.name));
	q.flags |= eight ? QUEUE_8BIT : 0u;
	TRY(add_entry(service->store, &q, body, ret_id));
	send_wake(service);
	return ERR_OK;
}

/* ---- a mail that is known ---- */

static enum err read_known(struct arena *a, struct store *s, int64_t id, struct queue_entry *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	enum err e;

	TRY(store_begin(s, STORE_DIRECTORY, STORE_READ, &tx));
	e = queue_get(a, tx, id, ret);
	return e == ERR_NOT_FOUND ? ERR_BUSY : e; /* forgotten meanwhile: it is taken when it comes again */
}

static bool has_group(const struct queue_entry *known, struct str group)
{
	for (size_t i = 0; i < known->recipients_n; i++)
		if (str_ieq(known->recipients[i].address, group))
			return true;
	return false;
}

/* With those who are answered for; who has brought the mail once for one group may bring it for another. */
static enum err queue_one_group(struct arena *a, const struct send_service *service, struct intake *in,
				const struct group_mail *whole, const struct queue_recipient *group)
{
	struct queue_recipient *list = arena_array(a, whole->n, sizeof(*list));
	struct group_mail m = *whole;
	int64_t id;
	enum err e;

	if (!list)
		return ERR_BUSY;
	m.list = list;
	m.n = 0;
	for (size_t i = 0; i < whole->n; i++)
		if (&whole->list[i] == group || whole->list[i].state != QUEUE_PENDING)
			list[m.n++] = whole->list[i];
	e = queue_list_of(service, in, &m, group->address, &id);
	return e == ERR_EXISTS ? ERR_OK : e;
}

enum err group_mail_queue(struct arena *a, const struct send_service *service, struct intake *in,
			  const struct group_mail *m)
{
	struct queue_entry known;
	int64_t id;
	enum err e = queue_list_of(service, in, m, STR_EMPTY, &id);

	if (e != ERR_EXISTS)
		return e;
	TRY(read_known(a, service->store, id, &known));
	for (size_t i = 0; i < m->n; i++)
		if (m->list[i].state == QUEUE_PENDING && !has_group(&known, m->list[i].address))
			TRY(queue_one_group(a, service, in, m, &m->list[i]));
	return ERR_OK;
}
