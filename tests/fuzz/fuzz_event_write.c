/* Events as phones write them (write_again.h). */
#include "write_again.h"

#include <gateway/activesync/event.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool readable(struct arena *a, struct str octets)
{
	struct cal_series series;

	return cal_series_read(a, octets, &series) == ERR_OK && series.event.start.given;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size >= 2)
		check_write(data, size, event_write, readable);
	return 0;
}
