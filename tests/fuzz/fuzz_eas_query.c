/*
 * The query of a request, in whatever form. What is read from the base64 form and written again is read the same: the
 * parser neither loses nor invents.
 */
#include <tests/support/eas_query_encode.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_INIT(1 << 20);
	struct buf again = BUF_INIT(16384);
	struct eas_query first, second;

	if (eas_query_parse(&arena, str_from(data, size), &first) == ERR_OK && first.base64) {
		eas_query_encode(&again, &first);
		if (again.n <= 2048 &&
		    (eas_query_parse(&arena, buf_view(&again), &second) != ERR_OK || !eas_query_same(&first, &second)))
			abort();
	}
	buf_release(&again);
	arena_release(&arena);
	return 0;
}
