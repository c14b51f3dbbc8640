/*
 * TIME_ZONE_INFORMATION as phones send it: what is taken has offsets and days that there are, keeps them when it is written, and
 * turns instants to the clock of the wall and back.
 */
#include <gateway/content/timezone.h>

#include <base/base64.h>

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_instants(const struct zone_rules *z)
{
	const int64_t difference =
		INT64_C(60000) * (z->daylight > z->offset ? z->daylight - z->offset : z->offset - z->daylight);

	for (int64_t i = 0; i < 24; i++) {
		const int64_t utc = INT64_C(1767225600000) + i * INT64_C(2629800000);
		/* An hour that comes twice is one of two. */
		int64_t away = zone_to_utc(z, zone_from_utc(z, utc)) - utc;

		assert(away <= difference && away >= -difference);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(buf_release) struct buf said = BUF_INIT(1 << 20), written = BUF_INIT(1000);
	char label[ZONE_LABEL_MAX] = "", other[ZONE_LABEL_MAX];
	struct zone_rules zone, back;
	struct str name;

	base64_put(&said, str_from(data, size));
	if (zone_blob_read(buf_view(&said), &zone, label))
		return 0;
	check_instants(&zone);
	zone_blob_put(&written, &zone);
	assert(zone_blob_read(buf_view(&written), &back, other) == ERR_OK && zone_eq(&zone, &back));
	name = zone_name_of(&zone, STR_EMPTY, str_of(label));
	assert(name.n < ZONE_LABEL_MAX);
	return 0;
}
