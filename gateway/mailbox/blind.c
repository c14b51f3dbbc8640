/* Blind copies, found at delivery. */
#include <gateway/mailbox/blind.h>

#include <gateway/content/header.h>
#include <gateway/mailbox/intake.h>
#include <gateway/mailbox/send.h>
#include <gateway/mailbox/recipient.h>
#include <store/mail_group.h>

enum { ARENA_BYTES = 4 * 1024 * 1024 };

static const struct str recipient_fields[] = {
	STR_INIT("to"),
	STR_INIT("cc"),
	STR_INIT("resent-to"),
	STR_INIT("resent-cc"),
};

static bool tells_recipients(struct str name)
{
	for (size_t i = 0; i < countof(recipient_fields); i++)
		if (str_ieq(name, recipient_fields[i]))
			return true;
	return false;
}

/* Whom a mail may name to mean the owner: himself, and groups that he is in. */
struct looking {
	struct arena *arena;
	struct store_tx *tx; /* of the directory */
	struct send_author owner;
};

static enum err is_his_group(const struct looking *l, struct str address, bool *ret)
{
	struct mail_group group;
	enum err e = recipient_find_group(l->arena, l->tx, address, &group);

	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	return mail_group_has(l->tx, group.id, l->owner.account, ret);
}

static enum err means_owner(const struct looking *l, const struct header_address *address, bool *ret)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(QUEUE_MAX_ADDRESS);
	const struct header_address bare = { .local = address->local, .domain = address->domain };

	header_address_put(&text, &bare);
	if (buf_status(&text))
		return ERR_OK; /* longer than any of ours */
	*ret = send_is_own(&l->owner, buf_view(&text));
	return *ret ? ERR_OK : is_his_group(l, buf_view(&text), ret);
}

static enum err names_owner(const struct looking *l, struct str field, bool *ret)
{
	struct header_address *list;
	size_t n;

	TRY(header_addresses(l->arena, field, &list, &n));
	for (size_t i = 0; i < n && !*ret; i++)
		TRY(means_owner(l, &list[i], ret));
	return ERR_OK;
}

static enum err is_named(struct looking *l, struct store *s, struct intake *in, bool *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct header_field field;
	struct str header;

	TRY(intake_header(l->arena, in, &header));
	TRY(store_begin(s, STORE_DIRECTORY, STORE_READ, &tx));
	l->tx = tx;
	*ret = false;
	while (!*ret && header_next(&header, &field))
		if (tells_recipients(field.name))
			TRY(names_owner(l, field.raw, ret));
	return ERR_OK;
}

void blind_consider(struct intake *in, struct store *s, int64_t mailbox)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	struct looking l = { .arena = &a };
	bool named = true;

	/* An account's mailbox has its number (store/account.h). */
	if (!(intake_summary(in)->flags & MAIL_LIST) && !send_author_load(&a, s, mailbox, &l.owner) &&
	    is_named(&l, s, in, &named))
		named = true;
	intake_set_blind(in, !named);
}
