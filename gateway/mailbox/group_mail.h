/*
 * Mail to groups of the address book (store/mail_group.h). It goes by the queue, from wherever it comes: a group among the
 * recipients of an entry is replaced by its people there, each once, and from then on each is a recipient as others are. So
 * one whose mailbox is full is tried again, and told of to the sender at last, without a word to the others.
 *
 * An account is proved by its login. What comes in by LMTP has a sender that nothing proves: such mail goes only to groups
 * that anyone may write to, and to none that has people elsewhere, where it would come from us under a name that is not ours.
 */
#ifndef GATEWAY_MAILBOX_GROUP_MAIL_H
#define GATEWAY_MAILBOX_GROUP_MAIL_H

#include <gateway/mailbox/send.h>
#include <store/mail_group.h>

struct intake;

enum {
	GROUP_MAIL_REMEMBER_MS = 7 * 24 * 60 * 60 * 1000
}; /* longer than an MTA tries (RFC 5321 4.5.4.1: four to five days) */

/* account 0: nobody that is proved. ERR_DENIED: it does not take his mail. In a transaction of STORE_DIRECTORY. */
enum err group_admits(struct store_tx *tx, const struct mail_group *group, int64_t account) MUST_CHECK;

struct group_mail {
	uint64_t skip; /* octets of the intake that are not of the message: the trace in front */
	struct str sender, origin;
	bool utf8;                          /* SMTPUTF8 was asked for */
	const struct queue_recipient *list; /* the groups, and who is answered for already, with his state */
	size_t n;
};
/*
 * After intake_finish(): on disk in the queue, and its threads are woken. What the queue has already of this mail, octets and
 * sender, is not put into it again, for GROUP_MAIL_REMEMBER_MS: whoever has lost the answer may ask again, for all of the
 * groups or for some. No transaction may be open.
 */
enum err group_mail_queue(struct arena *a, const struct send_service *service, struct intake *in,
			  const struct group_mail *m) MUST_CHECK;

#endif
