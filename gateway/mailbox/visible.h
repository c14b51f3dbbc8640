/*
 * Whose calendar an account may ask about, and how much of it is shown: that of people of the domains in which it has an
 * address, as in the address book (people.h), and that of whoever shares his calendar with it, from whatever domain. One
 * rule for all protocols that tell when somebody is busy. Needs an open transaction of STORE_DIRECTORY; reads alone.
 */
#ifndef GATEWAY_MAILBOX_VISIBLE_H
#define GATEWAY_MAILBOX_VISIBLE_H

#include <store/account.h>
#include <store/mail_group.h>
#include <store/visibility.h>

struct visible_calendar {
	struct account owner;
	enum visibility sees; /* VISIBILITY_NONE: he is known, his calendar is closed */
};

/* By any of the owner's addresses. Arena memory. ERR_NOT_FOUND: there is nobody, or nobody whom the asker may know of. */
enum err visible_calendar_find(struct arena *a, struct store_tx *tx, int64_t asker, struct str address,
			       struct visible_calendar *ret) MUST_CHECK;

/*
 * A group of the asker's domains, by its address. What is shown of its people is asked of each. Arena memory. ERR_NOT_FOUND:
 * none that the asker may know of.
 */
enum err visible_group_find(struct arena *a, struct store_tx *tx, int64_t asker, struct str address,
			    struct mail_group *ret) MUST_CHECK;

#endif
