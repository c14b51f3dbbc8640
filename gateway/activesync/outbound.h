/*
 * Text messages that wait in the Outbox for a phone to send them (MS-ASMS 2.2.2.2.2). One phone hears of them: the latest of the
 * account that said EnableOutboundSMS. When another one takes over, it waits until no other can have one of them in its hands: who was
 * told of them before begins that folder anew, and shows by the new key that it has dropped them. Worker threads.
 */
#ifndef GATEWAY_ACTIVESYNC_OUTBOUND_H
#define GATEWAY_ACTIVESYNC_OUTBOUND_H

#include <gateway/activesync/command.h>
#include <gateway/activesync/sync_options.h>
#include <store/folder.h>
#include <store/sync.h>

enum eas_outbound {
	EAS_OUTBOUND_HEARS,     /* it sends them; of every other folder: nothing is withheld */
	EAS_OUTBOUND_WAITS,     /* it is to send them, but another one may still have some */
	EAS_OUTBOUND_HANDS_ON,  /* another one sends them, also those that it brings */
	EAS_OUTBOUND_WITHHOLDS, /* nobody sends those that it brings, but perhaps itself */
};

/* In a transaction of the folder's mailbox. */
enum err eas_outbound_of(const struct eas_request *rq, struct store_tx *tx, enum folder_role role, int64_t folder,
			 enum eas_outbound *ret) MUST_CHECK;
/*
 * The options as they count for the phone: without text messages, where it is not to hear of them. True: but it may have been told of
 * some, by the state, and has to begin anew.
 */
bool eas_outbound_mask(enum eas_outbound outbound, const struct feed_state *st, struct eas_options *o) MUST_CHECK;
/*
 * Of a state that a hold compares with: with the edges that the next Sync will have. *ret_news: that one will tell the phone to begin
 * anew.
 */
enum err eas_outbound_look(const struct eas_request *rq, struct store_tx *tx, int64_t folder,
			   const struct sync_generation *g, struct feed_state *st, bool *ret_news) MUST_CHECK;
/* May the phone have been told of texts, by what is kept of its sync of the folder? */
bool eas_outbound_holds(const struct sync_line *line);
/* After a commit by which another phone may be the one: holds of the account look again. */
void eas_outbound_changed(const struct eas_request *rq);

#endif
