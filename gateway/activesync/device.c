/* Changes with what is kept of a device at each request. */
#include <gateway/activesync/device.h>

#include <base/utf8.h>
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

static enum err look(struct eas_request *rq, bool *ret_current)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct device d;
	enum err e;

	TRY(store_begin(rq->eas->store, STORE_DIRECTORY, STORE_READ, &tx));
	e = device_find(rq->arena, tx, rq->account, rq->device.text_id, &d);
	*ret_current = e == ERR_OK && is_current(rq, &d);
	if (e == ERR_NOT_FOUND)
		return store_commit(&tx);
	TRY(e);
	rq->device.id = d.id;
	return store_commit(&tx);
}

static enum err enroll(struct eas_request *rq)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct device_info info = { .user_agent = user_agent(rq) };
	struct device d;
	bool is_new;

	TRY(store_begin(rq->eas->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(device_enroll(rq->arena, tx, rq->account, rq->device.text_id, rq->device.type, &d, &is_new));
	TRY(device_set_protocol(tx, d.id, eas_version_number(rq->version)));
	TRY(device_set_info(tx, d.id, &info));
	TRY(store_commit(&tx));
	rq->device.id = d.id;
	return ERR_OK;
}

static enum err partnership(struct eas_request *rq)
{
	bool current;

	TRY(look(rq, &current));
	if (!current)
		return enroll(rq);
	return device_seen(rq->eas->store, rq->device.id);
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
	enum err e;

	if (!device_id_valid(rq->device.text_id)) /* MS-ASCMD_R4828, MS-ASHTTP_R102 */
		return EAS_STATUS_DEVICE_ID_INVALID;
	if (!type_valid(rq->device.type)) /* MS-ASCMD_R4830 */
		return EAS_STATUS_DEVICE_TYPE_INVALID;
	e = partnership(rq);
	return e == ERR_LIMIT ? EAS_STATUS_TOO_MANY_DEVICES /* MS-ASCMD_R4980 */ : eas_status_of_err(e);
}
