/* A Provision request as the phone sends it (MS-ASPROV 2.2.2.44). Pure. */
#ifndef GATEWAY_ACTIVESYNC_PROVISION_REQUEST_H
#define GATEWAY_ACTIVESYNC_PROVISION_REQUEST_H

#include <store/device.h>
#include <wbxml/wbxml.h>

struct eas_provision {
	bool has_info;
	bool info_too_long; /* a value above its limit: none of them is kept */
	struct device_info info;

	bool has_policy;
	struct str policy_type;
	bool acknowledges;   /* the second phase; else the first */
	uint32_t policy_key; /* the second phase; 0: it is no number, and no key of ours */
	unsigned status;     /* the second phase: MS-ASPROV_R385, 1 to 4 */

	unsigned wipe_status; /* 0: no acknowledgement of a wipe; 1: it is done; others: it failed */
	bool wipes_account;   /* of the account alone */
};

/* The children of the root. ERR_INVALID: bad WBXML, or another shape, a policy without its type among them. */
enum err eas_provision_parse(struct wbxml_reader *r, const struct wbxml_scope *root,
			     struct eas_provision *ret) MUST_CHECK;

#endif
