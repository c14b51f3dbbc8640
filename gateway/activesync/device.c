/* Changes with what is kept of a device at each request. */
#include <gateway/activesync/device.h>

#include <base/utf8.h>
#include <gateway/activesync/device_activity.h>
#include <gateway/activesync/outbound.h>
#include <store/device.h>

/* As the store keeps it, so that the same header is not written again; .p NULL where there is nothing to keep. */
static struct str user_agent(const struct eas_request *rq)
{
	struct str ua = http_header(rq->http, "User-Agent");

	return utf8_valid(ua) ? utf8_prefix(ua, DEVICE_TEXT_MAX) : STR_EMPTY;
}

static bool is_current(const struct eas_request *rq, const struct device *d)
{
	struct str ua = user_agent(rq);

	return str_eq(d->type, rq->device.type) && d->protocol == eas_version_number(rq->version) &&
	       (!ua.p || str_eq(d->info.user_agent, ua));
}

/* *ret_current: the row is there, and says what it should. */
static enum err look(struct eas_request *rq, struct eas_standing *s, bool *ret_current)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	enum err e;

	TRY(store_begin(rq->eas->store, STORE_DIRECTORY, STORE_READ, &tx));
	e = device_find(rq->arena, tx, rq->account, rq->device.text_id, &s->device);
	*ret_current = e == ERR_OK && is_current(rq, &s->device);
	if (e == ERR_NOT_FOUND)
		return store_commit(&tx);
	TRY(e);
	TRY(eas_standing_read(rq, tx, s));
	return store_commit(&tx);
}

/* anew: the former partnership ends, so that what was kept for it is foreign. */
static enum err enroll(struct eas_request *rq, struct eas_standing *s, bool anew)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct device_info info = { .user_agent = user_agent(rq) };
	bool is_new;

	TRY(store_begin(rq->eas->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	if (anew) {
		enum err e = device_remove(tx, s->device.id);

		if (e != ERR_NOT_FOUND) /* another request of it was faster */
			TRY(e);
	}
	TRY(device_enroll(rq->arena, tx, rq->account, rq->device.text_id, rq->device.type, &s->device, &is_new));
	TRY(device_set_type(tx, s->device.id, rq->device.type));
	TRY(device_set_protocol(tx, s->device.id, eas_version_number(rq->version)));
	TRY(device_set_info(tx, s->device.id, &info));
	TRY(device_get(rq->arena, tx, s->device.id, &s->device));
	TRY(eas_standing_read(rq, tx, s));
	TRY(eas_standing_keep(tx, s));
	TRY(store_commit(&tx));
	if (anew) /* it may have been the one that sends text messages */
		eas_outbound_changed(rq);
	return ERR_OK;
}

enum err eas_device_keep_info(const struct eas_request *rq, struct store_tx *tx, const struct device_info *info)
{
	struct device_info known = *info;

	if (!wbxml_tag_in(TAG_SETTINGS_ENABLEOUTBOUNDSMS, rq->version)) /* MS-ASCMD_R6514 */
		known.texts = DEVICE_TEXTS_UNSAID;
	return device_set_info(tx, rq->device.id, &known);
}

/* A phone that was wiped, and is not kept out: what it had it has no more. */
static bool begins_anew(const struct eas_standing *s)
{
	return s->device.wipe_done_ms && s->access.level != ACCESS_BLOCK;
}

static enum err partnership(struct eas_request *rq, struct eas_standing *s)
{
	bool current;

	TRY(look(rq, s, &current));
	if (!current)
		TRY(enroll(rq, s, false));
	if (begins_anew(s))
		TRY(enroll(rq, s, true));
	rq->device.id = s->device.id;
	if (current)
		TRY(eas_activity_flush(rq->eas, rq->device.id));
	return eas_standing_note(rq, s);
}

/* The store's bound of a type is of bytes; that it is text which can be shown and logged is asked here. */
static bool type_valid(struct str type)
{
	if (type.n == 0 || type.n > DEVICE_TYPE_MAX)
		return false;
	for (size_t i = 0; i < type.n; i++)
		if (type.p[i] < ' ' || type.p[i] > '~')
			return false;
	return true;
}

unsigned eas_gate_device(struct eas_request *rq)
{
	struct eas_standing s = { 0 };
	enum err e;

	if (!device_id_valid(rq->device.text_id)) /* MS-ASCMD_R4828, MS-ASHTTP_R102 */
		return EAS_STATUS_DEVICE_ID_INVALID;
	if (!type_valid(rq->device.type)) /* MS-ASCMD_R4830 */
		return EAS_STATUS_DEVICE_TYPE_INVALID;
	e = partnership(rq, &s);
	if (e == ERR_LIMIT)
		return EAS_STATUS_TOO_MANY_DEVICES; /* MS-ASCMD_R4980 */
	return e ? eas_status_of_err(e) : eas_standing_judge(rq, &s);
}
