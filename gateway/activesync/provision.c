/*
 * Provision (MS-ASPROV 3.2.5.1): a phone asks for the policy, gets it with a temporary key, and acknowledges that; or it
 * is told to wipe itself, and acknowledges that.
 */
#include <gateway/activesync/command.h>
#include <gateway/activesync/device.h>
#include <gateway/activesync/device_notice.h>
#include <gateway/activesync/outbound.h>
#include <gateway/activesync/provision_request.h>

/* MS-ASPROV 2.2.2.54.2; a wipe that failed is answered with 2, too. */
enum provision_status {
	PROVISION_OK = 1,
	PROVISION_MALFORMED = 2,
	PROVISION_SERVER = 3,
};
/* Of the policy: MS-ASPROV 2.2.2.54.1. */
enum policy_code {
	CODE_OK = 1,
	CODE_NO_POLICY = 2,
	CODE_UNKNOWN_TYPE = 3,
	CODE_CORRUPT = 4,
	CODE_WRONG_KEY = 5,
};
enum client_status { CLIENT_APPLIED = 1, CLIENT_PARTIAL, CLIENT_REFUSED, CLIENT_EXTERNAL }; /* MS-ASPROV_R385 */
enum info_status { INFO_OK = 1, INFO_INVALID = 5 };                                         /* MS-ASCMD 2.2.3.177.15 */

struct answer {
	unsigned status; /* enum provision_status, or a common one */
	enum policy_code policy;
	uint32_t key;
	struct policy document;
	bool puts_policy;
	enum device_wipe wipe; /* the directive; DEVICE_WIPE_NONE: none */
	bool wiped;            /* what the phone says of its wipe is to be told */
};

/* ---- wipe ---- */

static enum err answer_wipe(struct store_tx *tx, const struct device *d, const struct eas_provision *p,
			    struct answer *a)
{
	bool wipes_account = d->wipe == DEVICE_WIPE_ACCOUNT;

	if (p->wipe_status == 0) { /* MS-ASPROV_R493: whatever it asks for, this is what it is told */
		a->wipe = d->wipe;
		return device_wipe_sent(tx, d->id);
	}
	if (p->wipes_account != wipes_account) {
		a->status = PROVISION_MALFORMED;
		a->wipe = d->wipe;
		return ERR_OK;
	}
	a->wiped = true;
	if (p->wipe_status != DEVICE_WIPE_SUCCEEDED) { /* MS-ASPROV_R665, R701, R66603, R66604 */
		a->status = PROVISION_MALFORMED;
		a->wipe = d->wipe;
	}
	return device_wipe_acknowledge(tx, d, p->wipe_status); /* MS-ASPROV_R663, R66601 */
}

/* ---- policy ---- */

/* In 14.1 and later the first phase tells of the device (MS-ASPROV_R368); what was told before will do. */
static bool lacks_info(const struct eas_request *rq, const struct device *d, const struct eas_provision *p)
{
	return rq->version >= EAS_14_1 && p->has_policy && !p->acknowledges && !p->has_info && d->info.model.n == 0;
}

static enum policy_code code_of_type(const struct eas_request *rq, struct str type)
{
	if (str_eq(type, eas_policy_type(rq->version)))
		return CODE_OK;
	/* There is such a type, but no policy of it for this version (MS-ASPROV_R379, R468). */
	if (str_eq(type, EAS_POLICY_TYPE_WBXML) || str_eq(type, EAS_POLICY_TYPE_WAP))
		return CODE_NO_POLICY;
	return CODE_UNKNOWN_TYPE; /* MS-ASPROV_R380 */
}

/* MS-ASPROV_R659, R660: EAS_STATUS_OK, or why that is too little. */
static unsigned compliance(const struct policy *p, unsigned client_status)
{
	static const struct {
		enum policy_setting allows;
		unsigned status;
	} rules[] = {
		[CLIENT_PARTIAL] = { POLICY_NON_PROVISIONABLE, EAS_STATUS_PARTLY_PROVISIONED }, /* R455, R684 */
		[CLIENT_REFUSED] = { POLICY_NON_PROVISIONABLE, EAS_STATUS_PARTLY_PROVISIONED },
		[CLIENT_EXTERNAL] = { POLICY_EXTERNAL, EAS_STATUS_EXTERNALLY_MANAGED }, /* R461, R687 */
	};

	if (client_status == CLIENT_APPLIED || policy_bool(p, rules[client_status].allows))
		return EAS_STATUS_OK;
	return rules[client_status].status;
}

static enum err offer(struct eas_request *rq, struct store_tx *tx, struct answer *a)
{
	const unsigned protocol = eas_version_number(rq->version);
	const struct device_policy given = { .name = a->document.name,
					     .protocol = protocol,
					     .document = policy_document(&a->document, protocol) };

	return device_policy_offer(tx, rq->device.id, &given, &a->key);
}

static enum err acknowledge(struct eas_request *rq, struct store_tx *tx, const struct eas_provision *p,
			    struct answer *a)
{
	unsigned status = compliance(&a->document, p->status);
	enum err e;

	if (status == EAS_STATUS_OK)
		e = device_policy_acknowledge(tx, rq->device.id, p->policy_key, p->status, &a->key);
	else
		e = device_policy_refuse(tx, rq->device.id, p->policy_key, p->status);
	if (e == ERR_STALE) {
		a->policy = CODE_WRONG_KEY; /* MS-ASPROV_R382, R657, R658 */
		return ERR_OK;
	}
	a->status = status;
	return e;
}

static enum err offer_or_acknowledge(struct eas_request *rq, struct store_tx *tx, const struct eas_provision *p,
				     struct answer *a)
{
	enum err e;

	a->puts_policy = true;
	a->policy = code_of_type(rq, p->policy_type);
	if (a->policy != CODE_OK)
		return ERR_OK;
	e = policy_of_account(rq->arena, tx, rq->account, &a->document);
	if (e == ERR_CORRUPT) {
		a->policy = CODE_CORRUPT; /* MS-ASPROV_R381 */
		return ERR_OK;
	}
	TRY(e);
	return p->acknowledges ? acknowledge(rq, tx, p, a) : offer(rq, tx, a);
}

static enum err apply(struct eas_request *rq, struct store_tx *tx, const struct eas_provision *p,
		      const struct device *d, struct answer *a)
{
	if (device_wipe_pending(d))
		return answer_wipe(tx, d, p, a);
	if (p->wipe_status) { /* again, since the answer was lost; or of a wipe that nobody asked for */
		a->status = d->wipe_done_ms ? PROVISION_OK : PROVISION_MALFORMED;
		return ERR_OK;
	}
	if (lacks_info(rq, d, p)) {
		a->status = EAS_STATUS_DEVICE_INFORMATION_REQUIRED; /* MS-ASCMD_R4954 */
		return ERR_OK;
	}
	if (p->has_info && !p->info_too_long) /* MS-ASPROV_R488 */
		TRY(eas_device_keep_info(rq, tx, &p->info));
	return p->has_policy ? offer_or_acknowledge(rq, tx, p, a) : ERR_OK;
}

static enum err commit(struct eas_request *rq, const struct eas_provision *p, struct device *ret_device,
		       struct answer *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct answer a = { .status = PROVISION_OK, .policy = CODE_OK };

	TRY(store_begin(rq->eas->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(device_get(rq->arena, tx, rq->device.id, ret_device));
	TRY(apply(rq, tx, p, ret_device, &a));
	TRY(store_commit(&tx));
	if (p->info.texts != DEVICE_TEXTS_UNSAID)
		eas_outbound_changed(rq);
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
	if (a->policy == CODE_OK)
		wbxml_put_u64(w, TAG_PROVISION_POLICYKEY, a->key);
	if (a->policy == CODE_OK && !p->acknowledges) /* MS-ASPROV_R209, R601 */
		eas_policy_write(w, &a->document, rq->version);
	wbxml_close(w, TAG_PROVISION_POLICY);
	wbxml_close(w, TAG_PROVISION_POLICIES);
}

static void respond(struct eas_request *rq, const struct eas_provision *p, const struct answer *a)
{
	struct wbxml_writer w;

	eas_writer_begin(rq, &w);
	wbxml_open(&w, TAG_PROVISION_PROVISION);
	if (p->has_info && rq->version >= EAS_14_1 && !a->wipe) { /* MS-ASPROV_R608: earlier ones do not know it here */
		wbxml_open(&w, TAG_SETTINGS_DEVICEINFORMATION);
		wbxml_put_u64(&w, TAG_SETTINGS_STATUS, p->info_too_long ? INFO_INVALID : INFO_OK);
		wbxml_close(&w, TAG_SETTINGS_DEVICEINFORMATION);
	}
	wbxml_put_u64(&w, TAG_PROVISION_STATUS, a->status);
	if (a->puts_policy)
		write_policy(rq, &w, p, a);
	/* MS-ASPROV_R653, R66612; R322, R6903: without children. Behind the Status: iOS wants it so. */
	if (a->wipe)
		wbxml_empty(&w, a->wipe == DEVICE_WIPE_FULL ? TAG_PROVISION_REMOTEWIPE
							    : TAG_PROVISION_ACCOUNTONLYREMOTEWIPE);
	wbxml_close(&w, TAG_PROVISION_PROVISION);
	eas_respond_wbxml(rq, &w);
}

static void log_client_status(struct eas_request *rq, unsigned status)
{
	static const char *const texts[] = { [CLIENT_APPLIED] = "applied",
					     [CLIENT_PARTIAL] = "partial",
					     [CLIENT_REFUSED] = "refused",
					     [CLIENT_EXTERNAL] = "elsewhere" };

	http_log_field(rq->http, "policy", str_of(texts[status]));
}

static void tell_of_wipe(struct eas_request *rq, const struct device *d, unsigned status)
{
	http_log_field(rq->http, "wipe", status == DEVICE_WIPE_SUCCEEDED ? S("done") : S("failed"));
	eas_notice_wiped(rq, d, status);
}

void eas_provision(struct eas_request *rq)
{
	struct eas_provision p;
	struct device d;
	struct answer a;
	enum err e;

	if (eas_provision_parse(&rq->reader, &rq->root, &p) != ERR_OK) {
		eas_respond_malformed(rq, PROVISION_MALFORMED);
		return;
	}
	if (p.acknowledges)
		log_client_status(rq, p.status);
	e = commit(rq, &p, &d, &a);
	if (!e && a.wiped)
		tell_of_wipe(rq, &d, p.wipe_status);
	if (e != ERR_OK)
		eas_respond_status(rq, PROVISION_SERVER); /* MS-ASPROV_R452 */
	else if (a.status >= EAS_STATUS_COMMON_MIN)
		eas_respond_status(rq, a.status);
	else
		respond(rq, &p, &a);
}
