/* A group among the recipients: its people come in its place. */
#include <gateway/outbound/attempt.h>

#include <gateway/mailbox/group_mail.h>
#include <store/rows.h>

static bool names(const struct queue_recipient *list, size_t n, struct str address)
{
	for (size_t i = 0; i < n; i++)
		if (str_ieq(list[i].address, address))
			return true;
	return false;
}

/* Is he a recipient, or was he added with another group of this attempt? */
static bool is_known(const struct attempt *at, struct str address)
{
	bool known = names(at->entry.recipients, at->entry.recipients_n, address);

	for (size_t i = 0; i < at->entry.recipients_n && !known; i++)
		known = names(at->results[i].added, at->results[i].added_n, address);
	return known;
}

/* RFC 3461 5.2.7: that the group was reached is told once, and success of the people no more. */
static unsigned notify_of_people(unsigned notify)
{
	unsigned left = notify & ~(unsigned)QUEUE_NOTIFY_SUCCESS;

	return notify && !left ? QUEUE_NOTIFY_NEVER : left;
}

static enum err add_people(struct attempt *at, size_t i, const struct group_member *people, size_t n)
{
	const struct queue_recipient *group = &at->entry.recipients[i];
	struct rows added = rows_of(at->a, sizeof(struct queue_recipient));

	for (size_t j = 0; j < n; j++) {
		struct queue_recipient *to;

		if (is_known(at, people[j].address))
			continue;
		to = rows_add(&added);
		if (!to)
			return ERR_BUSY;
		*to = (struct queue_recipient){ .address = people[j].address,
						.orcpt = group->orcpt,
						.notify = notify_of_people(group->notify) };
	}
	if (at->entry.recipients_n + at->added_n + added.n > QUEUE_MAX_EXPANDED)
		return ERR_LIMIT;
	at->results[i].added = added.p;
	at->results[i].added_n = added.n;
	at->added_n += added.n;
	return ERR_OK;
}

/* Reports and automatic replies are for who has sent a mail, which no group has: it is a name that somebody has taken. */
static enum err read_people(struct attempt *at, const struct mail_group *group, struct group_member **ret,
			    size_t *ret_n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	if (at->entry.kind != QUEUE_MAIL)
		return ERR_DENIED;
	TRY(store_begin(at->args->service->store, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(group_admits(tx, group, at->entry.account));
	TRY(mail_group_people(at->a, tx, group->id, ret, ret_n));
	return *ret_n ? ERR_OK : ERR_NOT_FOUND;
}

void attempt_expand(struct attempt *at, size_t i, const struct mail_group *group)
{
	static const struct {
		enum err e;
		enum queue_state state;
		struct str status, reply; /* RFC 3463 */
	} outcomes[] = {
		{ ERR_OK, QUEUE_EXPANDED, STR_INIT("2.1.5"), STR_INIT("sent to the members of the group") },
		{ ERR_DENIED, QUEUE_FAILED, STR_INIT("5.7.1"),
		  STR_INIT("the group does not take mail of this sender") },
		{ ERR_NOT_FOUND, QUEUE_FAILED, STR_INIT("5.2.4"), STR_INIT("the group has no members") },
		{ ERR_LIMIT, QUEUE_FAILED, STR_INIT("5.5.3"), STR_INIT("the message has too many recipients") },
	};
	struct attempt_result *r = &at->results[i];
	struct group_member *people;
	size_t n;
	enum err e = read_people(at, group, &people, &n);

	if (!e)
		e = add_people(at, i, people, n);
	r->state = QUEUE_PENDING;
	r->status = S("4.3.0");
	r->reply = str_of(err_text(e));
	for (size_t j = 0; j < countof(outcomes); j++) {
		if (outcomes[j].e != e)
			continue;
		r->state = outcomes[j].state;
		r->status = outcomes[j].status;
		r->reply = outcomes[j].reply;
	}
}
