/* Changes with who sends text messages, and with what shows that a phone has none of them. */
#include <gateway/activesync/outbound.h>

#include <gateway/activesync/policy.h>
#include <push/push.h>
#include <store/device.h>
#include <store/text_held.h>

static enum err read_devices(const struct eas_request *rq, struct device **ret, size_t *ret_n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(rq->eas->store, STORE_DIRECTORY, STORE_READ, &tx));
	return device_list(rq->arena, tx, rq->account, ret, ret_n);
}

/* A device that was removed is none: what it had is given up for lost. */
static enum err is_held(const struct eas_request *rq, struct store_tx *tx, int64_t folder, const struct device *list,
			size_t n, bool *ret)
{
	const int64_t since_ms = clock_wall_ms(rq->eas->clock) - EAS_TEXT_HANDOVER_MS;

	*ret = false;
	for (size_t i = 0; i < n && !*ret; i++)
		if (list[i].id != rq->device.id)
			TRY(text_held(tx, folder, list[i].id, rq->device.id, list[i].sends_texts > 0, since_ms, ret));
	return ERR_OK;
}

static bool says_it_sends(const struct eas_request *rq, const struct device *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].id == rq->device.id)
			return list[i].sends_texts > 0;
	return false;
}

enum err eas_outbound_of(const struct eas_request *rq, struct store_tx *tx, enum folder_role role, int64_t folder,
			 enum eas_outbound *ret)
{
	const struct device *sender;
	struct device *list;
	bool held;
	size_t n;

	*ret = EAS_OUTBOUND_HEARS;
	if (role != FOLDER_OUTBOX)
		return ERR_OK;
	*ret = EAS_OUTBOUND_WITHHOLDS;
	if (store_tx_mailbox(tx) != rq->mailbox) /* somebody else's: his phone sends them */
		return ERR_OK;
	TRY(read_devices(rq, &list, &n));
	sender = device_text_sender(list, n);
	if (sender && sender->id == rq->device.id) {
		TRY(is_held(rq, tx, folder, list, n, &held));
		*ret = held ? EAS_OUTBOUND_WAITS : EAS_OUTBOUND_HEARS;
	} else if (sender && !says_it_sends(rq, list, n)) {
		*ret = EAS_OUTBOUND_HANDS_ON;
	}
	return ERR_OK;
}

bool eas_outbound_mask(enum eas_outbound outbound, const struct feed_state *st, struct eas_options *o)
{
	if (outbound == EAS_OUTBOUND_HEARS || !o->texts.asked)
		return false;
	o->texts = (struct eas_text_options){ 0 };
	return !feed_edge_is_above_all(&st->edge[FEED_TEXTS]);
}

enum err eas_outbound_look(const struct eas_request *rq, struct store_tx *tx, int64_t folder,
			   const struct sync_generation *g, struct feed_state *st, bool *ret_news)
{
	struct eas_options o = eas_options_get(str_from(g->options, g->options_n));
	struct folder found;
	enum eas_outbound outbound;
	enum err e;

	*ret_news = false;
	if (!o.texts.asked)
		return ERR_OK;
	e = folder_get(rq->arena, tx, folder, &found);
	if (e == ERR_NOT_FOUND)
		return ERR_OK;
	TRY(e);
	if (found.role != FOLDER_OUTBOX)
		return ERR_OK;
	TRY(eas_outbound_of(rq, tx, found.role, folder, &outbound));
	o = eas_policy_options(&rq->limits, FOLDER_MAIL, &o);
	*ret_news = eas_outbound_mask(outbound, st, &o);
	eas_filters_set(st, &o, clock_wall_ms(rq->eas->clock));
	return ERR_OK;
}

bool eas_outbound_holds(const struct sync_line *line)
{
	for (size_t i = 0; i < SYNC_SLOT_MAX_; i++)
		if (line->slot[i].used && !feed_edge_is_above_all(&line->slot[i].state.edge[FEED_TEXTS]))
			return true;
	return false;
}

void eas_outbound_changed(const struct eas_request *rq)
{
	push_publish(rq->eas->push,
		     &(struct push_change){ .mailbox = rq->mailbox, .folder = PUSH_ANY_FOLDER, .author = 0 }, 1);
}
