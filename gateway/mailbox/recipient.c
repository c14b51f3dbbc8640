#include <gateway/mailbox/recipient.h>

#include <base/buf.h>
#include <store/mail_group.h>

/* ann+tag@example.test is ann. ERR_NOT_FOUND: there is no tag. Arena memory. */
static enum err without_tag(struct arena *a, struct str address, struct str *ret)
{
	CLEANUP(buf_release) struct buf plain = BUF_INIT(ACCOUNT_ADDRESS_MAX);
	size_t plus = str_index(address, '+'), at = str_index(address, '@');

	if (plus == 0 || plus >= at)
		return ERR_NOT_FOUND;
	buf_str(&plain, str_slice(address, 0, plus));
	buf_str(&plain, str_slice(address, at, address.n));
	if (buf_status(&plain))
		return ERR_NOT_FOUND; /* longer than any of ours */
	return arena_str(a, buf_view(&plain), ret);
}

/* With its tag first: somebody may have that very address. */
enum err recipient_find(struct arena *a, struct store_tx *tx, struct str address, struct account *ret)
{
	enum err e = account_find(a, tx, address, ret);
	struct str plain;

	if (e != ERR_NOT_FOUND)
		return e;
	TRY(without_tag(a, address, &plain));
	return account_find(a, tx, plain, ret);
}

enum err recipient_find_group(struct arena *a, struct store_tx *tx, struct str address, struct mail_group *ret)
{
	enum err e = mail_group_find(a, tx, address, ret);
	struct str plain;

	if (e != ERR_NOT_FOUND)
		return e;
	TRY(without_tag(a, address, &plain));
	return mail_group_find(a, tx, plain, ret);
}
