/* The composer: whatever a mail is made of, our readers find it again, and nothing else. */
#include "compose_sample.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(compose_sample_release) struct compose_sample s;

	compose_sample_make(&s, str_from(data, size));
	compose_sample_check(&s);
	return 0;
}
