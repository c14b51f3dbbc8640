/* Changes with the way versions are bounded. */
#include <gateway/activesync/version.h>

/* The newest version up to that number; the oldest where there is none. */
static enum eas_version up_to(unsigned number)
{
	enum eas_version v = EAS_VERSION_MAX_ - 1;

	while (v > EAS_2_5 && number && eas_version_number(v) > number)
		v--;
	return v;
}

struct eas_versions eas_versions_between(unsigned min, unsigned max, unsigned ceiling)
{
	struct eas_versions offered = { EAS_2_5, up_to(max) };

	while (offered.from < EAS_VERSION_MAX_ - 1 && eas_version_number(offered.from) < min)
		offered.from++;
	if (up_to(ceiling) < offered.to)
		offered.to = up_to(ceiling);
	if (offered.from > offered.to)
		offered.from = offered.to;
	return offered;
}

bool eas_version_within(struct eas_versions offered, enum eas_version v)
{
	return v >= offered.from && v <= offered.to;
}
