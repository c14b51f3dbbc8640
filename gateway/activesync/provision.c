/* Provision (MS-ASPROV 3.2.5.1): a phone asks for the policy, gets it with a temporary key, and acknowledges that. */
#include <gateway/activesync/command.h>
#include <gateway/activesync/policy.h>
#include <gateway/activesync/provision_request.h>

enum provision_status { PROVISION_OK = 1, PROVISION_MALFORMED = 2 };                 /* MS-ASPROV 2.2.2.54.2 */
enum policy_status { POLICY_OK = 1, POLICY_UNKNOWN_TYPE = 3, POLICY_WRONG_KEY = 5 }; /* 2.2.2.54.1 */
enum info_status { INFO_OK = 1, INFO_INVALID = 5 };                                  /* MS-ASCMD 2.2.3.177.15 */

struct answer {
	unsigned status; /* enum provision_status, or a common one */
	enum policy_status policy;
	uint32_t key;
};

/* In 14.1 and later the first phase tells of the device (MS-ASPROV_R368); what was told before will do. */
static enum err lacks_info(struct eas_request *rq, struct store_tx *tx, const struct eas_provision *p, bool *ret)
{
	struct device d;

	*ret = false;
	if (rq->version < EAS_14_1 || !p->has_policy || p->acknowledges || p->has_info)
		return ERR_OK;
	TRY(device_get(rq->arena, tx, rq->device.id, &d));
	*ret = d.info.model.n == 0;
	return ERR_OK;
}

static enum err offer_or_acknowledge(struct eas_request *rq, struct store_tx *tx, const struct eas_provision *p,
				     struct answer *a)
{
	enum err e;

	if (!str_eq(p->policy_type, EAS_POLICY_TYPE)) {
		a->policy = POLICY_UNKNOWN_TYPE; /* MS-ASPROV_R380 */
		return ERR_OK;
	}
	if (!p->acknowledges)
		return device_policy_offer(tx, rq->device.id, &a->key);
	/* That it was applied in part, or not at all, is no reason to refuse: this policy asks for nothing. */
	e = device_policy_acknowledge(tx, rq->device.id, p->policy_key, &a->key);
	if (e != ERR_STALE)
		return e;
	a->policy = POLICY_WRONG_KEY; /* MS-ASPROV_R382 */
	return ERR_OK;
}

static enum err apply(struct eas_request *rq, struct store_tx *tx, const struct eas_provision *p, struct answer *a)
{
	bool lacks;

	TRY(lacks_info(rq, tx, p, &lacks));
	if (lacks) {
		a->status = EAS_STATUS_DEVICE_INFORMATION_REQUIRED; /* MS-ASCMD_R4954 */
		return ERR_OK;
	}
	if (p->has_info && !p->info_too_long) /* MS-ASPROV_R488 */
		TRY(device_set_info(tx, rq->device.id, &p->info));
	return p->has_policy ? offer_or_acknowledge(rq, tx, p, a) : ERR_OK;
}

static enum err commit(struct eas_request *rq, const struct eas_provision *p, struct answer *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct answer a = { .status = PROVISION_OK, .policy = POLICY_OK };

	TRY(store_begin(rq->eas->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(apply(rq, tx, p, &a));
	TRY(store_commit(&tx));
	*ret = a;
	return ERR_OK;
}

static void write_policy(struct eas_request *rq, struct wbxml_writer *w, const struct eas_provision *p,
			 const struct answer *a)
{
	wbxml_open(w, TAG_PROVISION_POLICIES);
	wbxml_open(w, TAG_PROVISION_POLICY);
	wbxml_put_text(w, TAG_PROVISION_POLICYTYPE, p->policy_type);
	wbxml_put_u64(w, TAG_PROVISION_STATUS, a->policy);
	if (a->policy == POLICY_OK)
		wbxml_put_u64(w, TAG_PROVISION_POLICYKEY, a->key);
	if (a->policy == POLICY_OK && !p->acknowledges) { /* MS-ASPROV_R209, R601 */
		wbxml_open(w, TAG_PROVISION_DATA);
		eas_policy_write(w, rq->version);
		wbxml_close(w, TAG_PROVISION_DATA);
	}
	wbxml_close(w, TAG_PROVISION_POLICY);
	wbxml_close(w, TAG_PROVISION_POLICIES);
}

static void respond(struct eas_request *rq, const struct eas_provision *p, const struct answer *a)
{
	struct wbxml_writer w;

	eas_writer_begin(rq, &w);
	wbxml_open(&w, TAG_PROVISION_PROVISION);
	if (p->has_info && rq->version >= EAS_14_1) { /* MS-ASPROV_R608: earlier ones do not know it here */
		wbxml_open(&w, TAG_SETTINGS_DEVICEINFORMATION);
		wbxml_put_u64(&w, TAG_SETTINGS_STATUS, p->info_too_long ? INFO_INVALID : INFO_OK);
		wbxml_close(&w, TAG_SETTINGS_DEVICEINFORMATION);
	}
	wbxml_put_u64(&w, TAG_PROVISION_STATUS, a->status);
	if (p->has_policy)
		write_policy(rq, &w, p, a);
	wbxml_close(&w, TAG_PROVISION_PROVISION);
	eas_respond_wbxml(rq, &w);
}

static void log_client_status(struct eas_request *rq, unsigned status)
{
	static const char *const texts[] = { [1] = "applied", [2] = "partial", [3] = "refused", [4] = "elsewhere" };

	http_log_field(rq->http, "policy", str_of(texts[status]));
}

void eas_provision(struct eas_request *rq)
{
	struct eas_provision p;
	struct answer a;
	enum err e;

	if (eas_provision_parse(&rq->reader, &rq->root, &p) != ERR_OK) {
		eas_respond_malformed(rq, PROVISION_MALFORMED);
		return;
	}
	if (p.acknowledges)
		log_client_status(rq, p.status);
	e = commit(rq, &p, &a);
	if (e != ERR_OK)
		eas_respond_err(rq, e);
	else if (a.status != PROVISION_OK)
		eas_respond_status(rq, a.status);
	else
		respond(rq, &p, &a);
}
