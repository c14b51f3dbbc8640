/* The security policy that a phone is given: the default one, which restricts nothing. Pure. Any thread. */
#ifndef GATEWAY_ACTIVESYNC_POLICY_H
#define GATEWAY_ACTIVESYNC_POLICY_H

#include <wbxml/wbxml.h>

/* MS-ASPROV 2.2.2.43; the type of every version that is served. */
#define EAS_POLICY_TYPE S("MS-EAS-Provisioning-WBXML")

/* EASProvisionDoc, in the schema's order, with the settings that the version knows. */
void eas_policy_write(struct wbxml_writer *w, enum eas_version v);

#endif
