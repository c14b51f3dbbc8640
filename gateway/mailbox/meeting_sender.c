#include <gateway/mailbox/meeting_sender.h>

#include <gateway/content/header.h>
#include <store/account.h>

/* They write for their users, whom Reply-To names. */
static const struct str services[] = {
	STR_INIT("noreply@email.apple.com"), /* iCloud: ORGANIZER is an address of its own, with the user's as EMAIL */
	STR_INIT("calendar-notification@google.com"),
};

/* The one address of a field; empty: none, or several. */
static enum err only_address(struct arena *a, struct str field, struct str *ret)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(SUMMARY_ADDRESSES_MAX);
	struct header_address *list;
	size_t n;

	*ret = STR_EMPTY;
	TRY(header_addresses(a, field, &list, &n));
	if (n != 1 || list[0].local.n == 0 || list[0].domain.n == 0)
		return ERR_OK;
	buf_fmt(&b, STR_FMT "@" STR_FMT, STR_ARG(list[0].local), STR_ARG(list[0].domain));
	TRY(buf_status(&b));
	return arena_str(a, buf_view(&b), ret);
}

static bool is_service(struct str address)
{
	for (size_t i = 0; i < countof(services); i++)
		if (str_ieq(services[i], address))
			return true;
	return false;
}

static enum err find_account(struct arena *a, struct store *s, struct str address, int64_t *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct account account;

	TRY(store_begin(s, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(account_find(a, tx, address, &account));
	*ret = account.id;
	return ERR_OK;
}

enum err meeting_sender_of(struct arena *a, const struct mail_summary *mail, struct meeting_sender *ret)
{
	unsigned loose = MAIL_FROM_LOOSE;
	struct str address;

	TRY(only_address(a, mail->from, &address));
	if (is_service(address)) {
		TRY(only_address(a, mail->reply_to, &address));
		loose |= MAIL_REPLY_TO_LOOSE;
	}
	if (mail->flags & loose)
		address = STR_EMPTY;
	*ret = (struct meeting_sender){ .address = address };
	return ERR_OK;
}

enum err meeting_sender_find(struct arena *a, struct store *s, struct meeting_sender *sender)
{
	int64_t account;
	enum err e;

	if (sender->address.n == 0)
		return ERR_OK;
	e = find_account(a, s, sender->address, &account);
	if (!e)
		e = send_author_load(a, s, account, &sender->account);
	return e == ERR_NOT_FOUND || e == ERR_DENIED ? ERR_OK : e;
}

bool meeting_sender_is(const struct meeting_sender *sender, struct str address)
{
	return sender->address.n && address.n &&
	       (str_ieq(sender->address, address) || send_is_own(&sender->account, address));
}

bool meeting_sender_rules(const struct meeting_sender *sender, const struct cal_event *stored)
{
	return meeting_sender_is(sender, stored->organizer) || meeting_sender_is(sender, stored->organizer_email) ||
	       meeting_sender_is(sender, stored->organizer_sent_by) || meeting_sender_is(sender, stored->sender);
}
