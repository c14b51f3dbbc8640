/* Base64: what the strict decoder takes is what the encoder writes; pieces do not change what the stream decodes. */
#include <base/base64.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void strict_is_the_inverse(struct str in)
{
	struct buf bytes = BUF_INIT(in.n), text = BUF_INIT(in.n + 4);

	if (base64_decode(&bytes, in) == ERR_OK) {
		base64_put(&text, buf_view(&bytes));
		check(str_eq(buf_view(&text), in));
	}
	buf_release(&bytes);
	buf_release(&text);
}

static void stream_is_the_same_in_pieces(struct str in)
{
	struct base64_stream whole_state = { 0 }, pieces_state = { 0 };
	struct buf whole = BUF_INIT(in.n), pieces = BUF_INIT(in.n);

	base64_stream_put(&whole_state, &whole, in);
	for (size_t i = 0; i < in.n; i++)
		base64_stream_put(&pieces_state, &pieces, str_slice(in, i, i + 1));
	check(str_eq(buf_view(&whole), buf_view(&pieces)));
	buf_release(&whole);
	buf_release(&pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = str_from(data, size);

	strict_is_the_inverse(in);
	stream_is_the_same_in_pieces(in);
	return 0;
}
