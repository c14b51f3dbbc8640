/* Blind copies, found at delivery. */
#include <gateway/mailbox/blind.h>

#include <gateway/content/header.h>
#include <gateway/mailbox/intake.h>
#include <gateway/mailbox/send.h>

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

static enum err names_owner(struct arena *a, const struct send_author *owner, struct str field, bool *ret)
{
	struct header_address *list;
	size_t n;

	TRY(header_addresses(a, field, &list, &n));
	for (size_t i = 0; i < n && !*ret; i++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT(QUEUE_MAX_ADDRESS);
		const struct header_address bare = { .local = list[i].local, .domain = list[i].domain };

		header_address_put(&text, &bare);
		*ret = !buf_status(&text) && send_is_own(owner, buf_view(&text));
	}
	return ERR_OK;
}

static enum err is_named(struct arena *a, struct intake *in, const struct send_author *owner, bool *ret)
{
	struct header_field field;
	struct str header;

	TRY(intake_header(a, in, &header));
	*ret = false;
	while (!*ret && header_next(&header, &field))
		if (tells_recipients(field.name))
			TRY(names_owner(a, owner, field.raw, ret));
	return ERR_OK;
}

void blind_consider(struct intake *in, struct store *s, int64_t mailbox)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	struct send_author owner;
	bool named = true;

	/* An account's mailbox has its number (store/account.h). */
	if (!(intake_summary(in)->flags & MAIL_LIST) && !send_author_load(&a, s, mailbox, &owner) &&
	    is_named(&a, in, &owner, &named))
		named = true;
	intake_set_blind(in, !named);
}
