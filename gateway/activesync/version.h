/*
 * Which protocol versions a device is offered: those between the bounds of the configuration, at most up to the ceiling
 * that was set for its account or for it alone (store/ceiling.h). Pure; any thread.
 */
#ifndef GATEWAY_ACTIVESYNC_VERSION_H
#define GATEWAY_ACTIVESYNC_VERSION_H

#include <wbxml/codepage.h>

/* From the lowest to the highest, both of them too. */
struct eas_versions {
	enum eas_version from, to;
};

/*
 * Numbers of the configuration, and a ceiling; 0: no bound. Where nothing is left between them the ceiling wins: it is
 * what an administrator said last, of one phone.
 */
struct eas_versions eas_versions_between(unsigned min, unsigned max, unsigned ceiling);
bool eas_version_within(struct eas_versions offered, enum eas_version v);

#endif
