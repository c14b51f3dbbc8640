/* Changes with the form of Provision requests. */
#include <gateway/activesync/provision_request.h>

#include <gateway/activesync/device_info.h>

enum { CLIENT_STATUS_MIN = 1, CLIENT_STATUS_MAX = 4 }; /* MS-ASPROV_R385 */
enum { WIPE_STATUS_MAX = 255 };                        /* MS-ASPROV 2.2.2.54.3: 1 is success; the others failed */

struct policy_element {
	bool has_type, has_key, has_status;
	struct str type, key;
	uint64_t status;
};

static enum err read_policy(struct wbxml_reader *r, struct policy_element *p)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		if (r->tag == TAG_PROVISION_POLICYTYPE && !p->has_type) {
			p->has_type = true;
			e = wbxml_text(r, &p->type);
		} else if (r->tag == TAG_PROVISION_POLICYKEY && !p->has_key) {
			p->has_key = true;
			e = wbxml_text(r, &p->key);
		} else if (r->tag == TAG_PROVISION_STATUS && !p->has_status) {
			p->has_status = true;
			e = wbxml_u64(r, CLIENT_STATUS_MIN, CLIENT_STATUS_MAX, &p->status);
		} else {
			return ERR_INVALID;
		}
	}
	return e ? ERR_INVALID : ERR_OK;
}

static enum err parse_policy(struct wbxml_reader *r, struct eas_provision *ret)
{
	struct policy_element p = { 0 };
	uint64_t key;

	TRY(read_policy(r, &p));
	if (!p.has_type || p.has_key != p.has_status) /* MS-ASPROV_R604, R311 */
		return ERR_INVALID;
	ret->has_policy = true;
	ret->policy_type = p.type;
	ret->acknowledges = p.has_key;
	ret->status = (unsigned)p.status;
	if (str_to_u64(p.key, UINT32_MAX, &key) == ERR_OK) /* MS-ASPROV_R606 */
		ret->policy_key = (uint32_t)key;
	return ERR_OK;
}

static enum err parse_policies(struct wbxml_reader *r, struct eas_provision *ret)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		if (r->tag != TAG_PROVISION_POLICY || ret->has_policy)
			return ERR_INVALID;
		e = parse_policy(r, ret);
	}
	return e;
}

/* MS-ASPROV_R641, R64502: the acknowledgement of a wipe has a Status, and nothing else. */
static enum err parse_wipe(struct wbxml_reader *r, struct eas_provision *ret, bool account)
{
	struct wbxml_scope in = wbxml_enter(r);
	uint64_t status = 0;
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		if (r->tag != TAG_PROVISION_STATUS || status)
			return ERR_INVALID;
		e = wbxml_u64(r, 1, WIPE_STATUS_MAX, &status);
	}
	if (e || status == 0)
		return ERR_INVALID;
	ret->wipe_status = (unsigned)status;
	ret->wipes_account = account;
	return ERR_OK;
}

static enum err parse_info(struct wbxml_reader *r, struct eas_provision *ret)
{
	enum err e = eas_device_info_parse(r, &ret->info);

	ret->has_info = true;
	ret->info_too_long = e == ERR_LIMIT;
	return e == ERR_LIMIT ? ERR_OK : e;
}

static enum err parse_child(struct wbxml_reader *r, struct eas_provision *ret)
{
	if (r->tag == TAG_SETTINGS_DEVICEINFORMATION && !ret->has_info)
		return parse_info(r, ret);
	if (r->tag == TAG_PROVISION_POLICIES && !ret->has_policy)
		return parse_policies(r, ret);
	if (r->tag == TAG_PROVISION_REMOTEWIPE && !ret->wipe_status)
		return parse_wipe(r, ret, false);
	if (r->tag == TAG_PROVISION_ACCOUNTONLYREMOTEWIPE && !ret->wipe_status)
		return parse_wipe(r, ret, true);
	return ERR_INVALID;
}

enum err eas_provision_parse(struct wbxml_reader *r, const struct wbxml_scope *root, struct eas_provision *ret)
{
	enum err e = ERR_OK;

	*ret = (struct eas_provision){ 0 };
	while (wbxml_child(r, root, &e))
		e = parse_child(r, ret);
	TRY(e);
	return wbxml_done(r);
}
