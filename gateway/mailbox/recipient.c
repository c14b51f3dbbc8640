#include <gateway/mailbox/recipient.h>

#include <base/buf.h>

/* ann+tag@example.test is ann. */
static enum err find_without_tag(struct arena *a, struct store_tx *tx, struct str address, struct account *ret)
{
	CLEANUP(buf_release) struct buf plain = BUF_INIT(ACCOUNT_ADDRESS_MAX);
	size_t plus = str_index(address, '+'), at = str_index(address, '@');

	if (plus == 0 || plus >= at)
		return ERR_NOT_FOUND;
	buf_str(&plain, str_slice(address, 0, plus));
	buf_str(&plain, str_slice(address, at, address.n));
	if (buf_status(&plain))
		return ERR_NOT_FOUND; /* longer than any account's */
	return account_find(a, tx, buf_view(&plain), ret);
}

/* With its tag first: somebody may have that very address. */
enum err recipient_find(struct arena *a, struct store_tx *tx, struct str address, struct account *ret)
{
	enum err e = account_find(a, tx, address, ret);

	return e == ERR_NOT_FOUND ? find_without_tag(a, tx, address, ret) : e;
}
