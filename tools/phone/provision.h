/* The Provision command (MS-ASPROV 3.1.5.1): ask for the policy, acknowledge it. Pure. */
#ifndef PHONE_PROVISION_H
#define PHONE_PROVISION_H

#include "doc.h"

struct provision_reply {
	uint32_t status, policy_status, device_status; /* 0: absent */
	bool has_policy, has_document, remote_wipe, account_wipe;
	struct str policy_type, policy_key;
};

/* DeviceInformation, as in Settings. */
void provision_put_device(struct wbxml_writer *w);
/* From 14.1 on with DeviceInformation, before never (MS-ASPROV R368, R608). */
void provision_ask(struct buf *out, enum eas_version v);
void provision_acknowledge(struct buf *out, struct str temporary_key);

enum err provision_parse(struct doc *d, struct str bytes, struct provision_reply *ret) MUST_CHECK;
/* What both phases must hold: status 1, a policy of our type with status 1, and a key (in *ret_key). */
enum err provision_check(struct buf *why, const struct provision_reply *r, bool first_phase,
			 uint32_t *ret_key) MUST_CHECK;

#endif
