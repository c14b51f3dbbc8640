/* Who may see when somebody is busy. */
#include <gateway/mailbox/visible.h>

#include <store/share.h>

/* Has the asker an address in the owner's domain? */
static enum err is_near(struct arena *a, struct store_tx *tx, int64_t asker, struct str address, bool *ret)
{
	struct str *own;
	size_t n;

	*ret = false;
	TRY(account_addresses(a, tx, asker, &own, &n));
	for (size_t i = 0; i < n; i++)
		*ret |= str_ieq(account_domain(own[i]), account_domain(address));
	return ERR_OK;
}

enum err visible_calendar_find(struct arena *a, struct store_tx *tx, int64_t asker, struct str address,
			       struct visible_calendar *ret)
{
	enum err e = account_find(a, tx, address, &ret->owner);
	const struct account *owner = &ret->owner;
	bool near, shared;

	if (e == ERR_INVALID || e == ERR_LIMIT)
		return ERR_NOT_FOUND;
	TRY(e);
	TRY(is_near(a, tx, asker, owner->address, &near));
	TRY(share_exists(tx, owner->id, asker, &shared));
	if (!(near || shared) || !owner->enabled)
		return ERR_NOT_FOUND;
	ret->sees = VISIBILITY_DETAILS;
	if (owner->id == asker || shared)
		return ERR_OK;
	return visibility_of(tx, owner->id, account_domain(owner->address), &ret->sees);
}

enum err visible_group_find(struct arena *a, struct store_tx *tx, int64_t asker, struct str address,
			    struct mail_group *ret)
{
	bool near;

	TRY(mail_group_find(a, tx, address, ret));
	TRY(is_near(a, tx, asker, ret->address, &near));
	return near ? ERR_OK : ERR_NOT_FOUND;
}
