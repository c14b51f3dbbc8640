/*
 * Policies as ActiveSync has them: the document that a phone is given, whether what it has will do, and what the server
 * sees to itself. Pure. Any thread.
 */
#ifndef GATEWAY_ACTIVESYNC_POLICY_H
#define GATEWAY_ACTIVESYNC_POLICY_H

#include <store/device.h>
#include <store/folder.h>
#include <store/policy.h>
#include <wbxml/wbxml.h>

struct eas_options;

/* MS-ASPROV 2.2.2.43: of 12.0 and later, and of 2.5. */
#define EAS_POLICY_TYPE_WBXML S("MS-EAS-Provisioning-WBXML")
#define EAS_POLICY_TYPE_WAP S("MS-WAP-Provisioning-XML")
struct str eas_policy_type(enum eas_version v);

/*
 * The content of Data: EASProvisionDoc, in the schema's order, with the settings that the version knows; for 2.5 the
 * text of a wap-provisioningdoc.
 */
void eas_policy_write(struct wbxml_writer *w, const struct policy *p, enum eas_version v);

/* Has the phone something else than what it should have, or had it for longer than it may? */
bool eas_policy_outdated(const struct policy *p, const struct device *d, enum eas_version v, int64_t now_ms);

/* What the server sees to itself, whatever the phone does. */
struct eas_policy_limits {
	bool no_attachments, no_html;
	uint8_t mail_filter, calendar_filter;        /* the widest FilterType; 0: any */
	bool caps_attachment, caps_text, caps_html;  /* whether the sizes below hold */
	uint32_t max_attachment, max_text, max_html; /* bytes */
};
struct eas_policy_limits eas_policy_limits_of(const struct policy *p);
/* The FilterType that is used where the phone asks for that one. */
uint8_t eas_policy_filter(const struct eas_policy_limits *l, enum folder_class class, uint8_t filter);
/* The options of mail that are used where the phone asks for these: filter, forms of the body, their sizes. */
struct eas_options eas_policy_options(const struct eas_policy_limits *l, enum folder_class class,
				      const struct eas_options *asked);

#endif
