/* Provision. */
#include "provision.h"

#include "fault.h"

static const struct str policy_type = STR_INIT("MS-EAS-Provisioning-WBXML");

void provision_put_device(struct wbxml_writer *w)
{
	wbxml_open(w, TAG_SETTINGS_DEVICEINFORMATION);
	wbxml_open(w, TAG_SETTINGS_SET);
	wbxml_put_text(w, TAG_SETTINGS_MODEL, S("roost-phone"));
	wbxml_put_text(w, TAG_SETTINGS_FRIENDLYNAME, S("a simulated phone"));
	wbxml_put_text(w, TAG_SETTINGS_OS, S("Debian GNU/Linux"));
	wbxml_put_text(w, TAG_SETTINGS_USERAGENT, S("roost-phone/" ROOST_VERSION));
	wbxml_close(w, TAG_SETTINGS_SET);
	wbxml_close(w, TAG_SETTINGS_DEVICEINFORMATION);
}

void provision_ask(struct buf *out, enum eas_version v)
{
	struct wbxml_writer w;

	wbxml_writer_init(&w, out);
	wbxml_open(&w, TAG_PROVISION_PROVISION);
	if (v >= EAS_14_1)
		provision_put_device(&w);
	wbxml_open(&w, TAG_PROVISION_POLICIES);
	wbxml_open(&w, TAG_PROVISION_POLICY);
	wbxml_put_text(&w, TAG_PROVISION_POLICYTYPE, policy_type);
	wbxml_close(&w, TAG_PROVISION_POLICY);
	wbxml_close(&w, TAG_PROVISION_POLICIES);
	wbxml_close(&w, TAG_PROVISION_PROVISION);
	doc_finish(&w);
}

void provision_acknowledge(struct buf *out, struct str temporary_key)
{
	struct wbxml_writer w;

	wbxml_writer_init(&w, out);
	wbxml_open(&w, TAG_PROVISION_PROVISION);
	wbxml_open(&w, TAG_PROVISION_POLICIES);
	wbxml_open(&w, TAG_PROVISION_POLICY);
	wbxml_put_text(&w, TAG_PROVISION_POLICYTYPE, policy_type);
	wbxml_put_text(&w, TAG_PROVISION_POLICYKEY, temporary_key);
	wbxml_put_u64(&w, TAG_PROVISION_STATUS, 1);
	wbxml_close(&w, TAG_PROVISION_POLICY);
	wbxml_close(&w, TAG_PROVISION_POLICIES);
	wbxml_close(&w, TAG_PROVISION_PROVISION);
	doc_finish(&w);
}

static enum err read_data(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = {
		{ TAG_PROVISION_EASPROVISIONDOC, DOC_REQUIRED, doc_ignore, 0 },
	};
	struct provision_reply *r = into;

	r->has_document = true;
	return doc_children(d, rules, countof(rules), into);
}

#define FIELD(name) offsetof(struct provision_reply, name)

static enum err read_policy(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = {
		{ TAG_PROVISION_POLICYTYPE, DOC_REQUIRED | DOC_ORDERED, doc_text, FIELD(policy_type) },
		{ TAG_PROVISION_STATUS, DOC_REQUIRED | DOC_ORDERED, doc_u32, FIELD(policy_status) },
		{ TAG_PROVISION_POLICYKEY, DOC_ORDERED, doc_text, FIELD(policy_key) },
		{ TAG_PROVISION_DATA, DOC_ORDERED, read_data, 0 },
	};
	struct provision_reply *r = into;

	r->has_policy = true;
	return doc_children(d, rules, countof(rules), into);
}

static enum err read_policies(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = { { TAG_PROVISION_POLICY, DOC_REQUIRED, read_policy, 0 } };

	return doc_children(d, rules, countof(rules), into);
}

static enum err read_device(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = {
		{ TAG_SETTINGS_STATUS, DOC_REQUIRED, doc_u32, FIELD(device_status) },
	};

	return doc_children(d, rules, countof(rules), into);
}

enum err provision_parse(struct doc *d, struct str bytes, struct provision_reply *ret)
{
	static const struct doc_rule rules[] = {
		{ TAG_SETTINGS_DEVICEINFORMATION, DOC_ORDERED, read_device, 0 },
		{ TAG_PROVISION_STATUS, DOC_REQUIRED | DOC_ORDERED, doc_u32, FIELD(status) },
		{ TAG_PROVISION_POLICIES, DOC_ORDERED, read_policies, 0 },
		{ TAG_PROVISION_REMOTEWIPE, DOC_ORDERED, doc_present, FIELD(remote_wipe) },
		{ TAG_PROVISION_ACCOUNTONLYREMOTEWIPE, DOC_ORDERED, doc_present, FIELD(account_wipe) },
	};

	*ret = (struct provision_reply){ 0 };
	return doc_parse(d, bytes, TAG_PROVISION_PROVISION, rules, countof(rules), ret);
}

enum err provision_check(struct buf *why, const struct provision_reply *r, bool first_phase, uint32_t *ret_key)
{
	uint64_t key;

	if (r->remote_wipe || r->account_wipe)
		return fault(why, "the server asks to wipe %s", r->remote_wipe ? "the device" : "the account");
	if (r->status != 1 || (r->device_status && r->device_status != 1))
		return fault(why, "Provision status %u, DeviceInformation status %u", r->status, r->device_status);
	if (!r->has_policy || r->policy_status != 1)
		return fault(why, "Provision gives no policy (policy status %u)", r->policy_status);
	if (!str_eq(r->policy_type, policy_type))
		return fault(why, "policy of an unknown type " STR_FMT, STR_ARG(r->policy_type));
	if (r->has_document != first_phase)
		return fault(why, first_phase ? "the policy has no document"
					      : "the acknowledgement's answer repeats the policy");
	if (str_to_u64(r->policy_key, UINT32_MAX, &key) || key == 0)
		return fault(why, "\"" STR_FMT "\" is no policy key", STR_ARG(r->policy_key));
	*ret_key = (uint32_t)key;
	return ERR_OK;
}
