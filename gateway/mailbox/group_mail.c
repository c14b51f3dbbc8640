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

static enum err add_entry(struct store *s, const struct queue_new *q, struct store_blob_writer *body)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	int64_t id;

	TRY(store_begin(s, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(queue_add(tx, q, body, &id));
	for (size_t i = 0; i < q->recipients_n; i++) {
		const struct queue_recipient *r = &q->recipients[i];

		if (r->state != QUEUE_PENDING)
			TRY(queue_recipient_set(tx, id, i, r->state, r->status, r->reply));
	}
	return store_commit(&tx);
}

enum err group_mail_queue(const struct send_service *service, struct intake *in, const struct group_mail *m)
{
	CLEANUP(store_blob_writer_drop) struct store_blob_writer *body = NULL;
	int64_t now = clock_wall_ms(service->clock);
	struct queue_new q = { .kind = QUEUE_MAIL,
			       .sender = m->sender,
			       .origin = origin_of(m),
			       .flags = m->utf8 ? QUEUE_UTF8 : 0,
			       .expires_ms = now + service->expires_ms,
			       .forget_ms = now,
			       .recipients = m->list,
			       .recipients_n = m->n };
	bool eight;

	TRY(queue_name_random("group", &q.name));
	TRY(store_blob_writer_new(service->store, STORE_DIRECTORY, &body));
	TRY(intake_copy(in, m->skip, body, &eight));
	q.flags |= eight ? QUEUE_8BIT : 0u;
	TRY(add_entry(service->store, &q, body));
	send_wake(service);
	return ERR_OK;
}
