/* The PROXY header: fed a byte at a time it is judged as it is whole, and what it takes for itself is all it looks at. */
#include <gateway/net/proxy.h>

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* In a block of its own length, so that a byte past the end is noticed. */
static enum proxy_result parse_copy(const uint8_t *data, size_t n, struct proxy_header *ret)
{
	char *copy = malloc(n ? n : 1);
	enum proxy_result result;

	assert(copy);
	memcpy(copy, data, n);
	result = proxy_parse(str_from(copy, n), ret);
	free(copy);
	return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct proxy_header whole = { 0 }, piece = { 0 };
	enum proxy_result result = parse_copy(data, n, &whole), early = PROXY_NEED_MORE;
	size_t fed = 0;

	while (fed < n && early == PROXY_NEED_MORE)
		early = parse_copy(data, ++fed, &piece);
	assert(early == result);
	if (result == PROXY_DONE) {
		char host[NET_HOST_MAX];

		assert(piece.n == fed && whole.n == fed && whole.source == piece.source);
		assert(!memcmp(&whole.ip, &piece.ip, sizeof(whole.ip)));
		net_ip_host(&whole.ip, host);
	} else if (result == PROXY_NEED_MORE) {
		assert(n < PROXY_V2_MAX_BYTES);
	}
	return 0;
}
